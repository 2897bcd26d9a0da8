"""Surveys of both flanks: what using all photographs brings, and whether intervals and pairs hold.

Run as a script it writes ``validation/two_flanks.csv``, ``validation/two_flanks_pairs.csv`` and
``two_flanks.md``; with ``page`` after its name the page alone. The settings were fixed before the
first survey was simulated.
"""

import sys
import warnings
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import two_flanks_tables as tables
from scipy.stats import binom

import scr
from scr.posterior.flank_pairs import flank_pairs
from scr.simulate.surveys import plan_survey
from scr.survey.captures import CaptureHistory
from scr.survey.sides import TYPES
from scr.survey.survey import Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage

SEEDS = range(7101, 7201)
"""One for each survey of each share."""

SHARES = (0.40, 0.80, 0.95)
"""Share of station-days with one camera."""

DAYS = 60
SIGMA = 4000.0
TRUTH = {
    "density.Intercept": np.log(0.03),
    "lambda0.Intercept": np.log(0.005),
    "lambda0.side[T.both]": np.log(0.008 / 0.005),
    "lambda0.side[T.single]": np.log(0.001 / 0.005),
    "sigma.Intercept": np.log(SIGMA),
}
"""Like leopards: 3 per 100 km2, sigma 4 km; a single camera shows a left side 0.005 times a day at
the centre of a home range, two cameras both sides at once 0.008 times and one side 0.001 times."""

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "validation" / "two_flanks.csv"
PAIRS = FOLDER / "validation" / "two_flanks_pairs.csv"
PAGE = FOLDER / "two_flanks.md"

BOTH, LEFT, GHOSTS = "both flanks", "left flank alone", "unmatched sides taken for animals"
BINS = (0.001, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
"""Of the probabilities of pairs."""


def stations() -> Traps:
    """Sixty stations over 40 by 20 km."""
    x, y = np.meshgrid(np.linspace(0, 40_000, 10), np.linspace(0, 20_000, 6))
    xy = np.column_stack([x.ravel(), y.ravel()])
    return Traps(names=[f"S{k + 1:02d}" for k in range(len(xy))], xy=xy, crs="local")


def simulated(
    share: float, seed: int, known: Mapping[str, float] = MappingProxyType({})
) -> tuple[Survey, scr.HabitatMask]:
    """One survey, and the mask of all of them.

    Parameters
    ----------
    share
        Share of station-days with one camera.
    seed
        Of the survey.
    known
        Coefficients by which sides are joined by other means.
    """
    traps = stations()
    mask = scr.build_mask(traps, buffer=4 * SIGMA, spacing=SIGMA / 2)
    rng = np.random.default_rng([seed, 19])
    two = (rng.random((len(traps), DAYS)) >= share).astype(np.float64)
    plan = plan_survey(traps, Usage(np.ones_like(two)), detector="count", two_cameras=[two])
    model = scr.ModelSpec(lambda0="~ side")
    survey, _ = scr.simulate_survey(plan, mask, model, coefficients={**TRUTH, **known}, seed=seed)
    return survey, mask


def pooled(survey: Survey, flanks: Collection[str]) -> Survey:
    """An ordinary survey of the records that show some flanks, named as they are.

    Each station is two traps: in the days of two cameras, and in the days of one.

    Parameters
    ----------
    survey
        Of both flanks.
    flanks
        Flanks of the records that are kept.
    """
    session = survey.sessions[0]
    sides, traps, n = session.sides, session.traps, len(session.traps)
    assert sides is not None
    effort = np.concatenate([sides.two, sides.one])
    kept = np.flatnonzero(effort.sum(axis=1) > 0)
    place = np.searchsorted(kept, np.arange(2 * n))
    alone = np.array([type_.cameras == 1 for type_ in TYPES])[sides.type_]
    table = pd.DataFrame(
        {"i": sides.individual, "s": sides.occasion, "k": place[alone * n + sides.trap]}
    ).assign(n=sides.count)
    shown = np.array([type_.flank in flanks for type_ in TYPES])[sides.type_]
    table = table[shown].groupby(["i", "s", "k"], as_index=False)["n"].sum()
    seen, who = np.unique(table["i"], return_inverse=True)
    names = np.array([f"{traps.names[k % n]} {2 - k // n}" for k in kept], dtype=object)
    changed = replace(
        session,
        traps=replace(
            traps,
            names=names,
            xy=traps.xy[kept % n],
            session=traps.session[kept % n],
            covariates=pd.DataFrame({"cameras": [("two", "one")[k // n] for k in kept]}),
            rows=traps.rows[kept % n],
        ),
        usage=replace(session.usage, effort=effort[kept]),
        captures=CaptureHistory(
            session.captures.individuals[seen],
            who.reshape(-1),
            table["s"].to_numpy(),
            table["k"].to_numpy(),
            table["n"].to_numpy(),
        ),
        by_occasion=pd.DataFrame(index=range(len(kept) * effort.shape[1])),
        sides=None,
    )
    return replace(survey, sessions=(changed,))


def study(seeds: range = SEEDS) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fit each survey by maximum likelihood in three ways.

    Parameters
    ----------
    seeds
        One for each survey of each share.

    Returns
    -------
    tuple
        One row per survey and estimator: share, survey, estimator, animals (that it counts),
        density (per 100 km2), lower, upper, se (of log density), seconds are left out. And one row
        per share and bin of probabilities: n, probability (mean) and one_animal (how many are).
    """
    rows, pairs = [], []
    for share in SHARES:
        for seed in seeds:
            survey, mask = simulated(share, seed)
            for name, data, formula in (
                (BOTH, survey, "~ side"),
                (LEFT, pooled(survey, {"both", "left"}), "~ cameras"),
                (GHOSTS, pooled(survey, {"both", "left", "right"}), "~ cameras"),
            ):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", scr.ScrWarning)
                    model = scr.ModelSpec(lambda0=formula)
                    fit = scr.fit_mle(data, mask, model, check_mask=False)
                row = fit.coefficients.loc["density.Intercept"]
                numbers = 100 * np.exp(row[["estimate", "lower", "upper"]].to_numpy())
                n = data.sessions[0].captures.n_individuals
                rows.append((share, seed, name, n, *numbers.round(4), round(row["se"], 4)))
                if name == BOTH:
                    pairs.append(flank_pairs(fit).assign(share=share))
    columns = ["share", "survey", "estimator", "animals", "density", "lower", "upper", "se"]
    return pd.DataFrame(rows, columns=columns), reliability(pd.concat(pairs, ignore_index=True))


def reliability(pairs: pd.DataFrame) -> pd.DataFrame:
    """How many pairs of each probability are one animal.

    Parameters
    ----------
    pairs
        From ``flank_pairs``, with a column share. Simulated sides of one animal share its name.
    """
    stem = pairs[["left", "right"]].apply(lambda names: names.str.replace(r" \(.*", "", regex=True))
    table = pd.DataFrame(
        {
            "share": pairs["share"],
            "bin": pd.cut(pairs["probability"], BINS, include_lowest=True, labels=False),
            "probability": pairs["probability"],
            "one_animal": (stem["left"] == stem["right"]).astype(int),
        }
    )
    found = table.groupby(["share", "bin"]).agg(
        n=("probability", "size"),
        probability=("probability", "mean"),
        one_animal=("one_animal", "sum"),
    )
    return found.reset_index().round({"probability": 4})


def summary(results: pd.DataFrame) -> pd.DataFrame:
    """Error, width and coverage of each estimator, by share.

    Parameters
    ----------
    results
        From ``study``.
    """
    truth = 100 * float(np.exp(TRUTH["density.Intercept"]))
    rows = []
    for (share, estimator), part in results.groupby(["share", "estimator"], sort=False):
        covered = int(((part["lower"] <= truth) & (truth <= part["upper"])).sum())
        error = part["density"] / truth - 1.0
        least, most = map(int, binom(len(part), 0.95).interval(0.999))
        rows.append(
            {
                "share": share,
                "estimator": estimator,
                "bias": error.mean(),
                "bias_se": error.std() / np.sqrt(len(part)),
                "se": part["se"].mean(),
                "width": (part["upper"] - part["lower"]).mean(),
                "covered": covered,
                "n": len(part),
                "least": least,
                "most": most,
            }
        )
    return pd.DataFrame(rows)


def page(results: pd.DataFrame, pairs: pd.DataFrame) -> str:
    """The page on surveys of both flanks.

    Parameters
    ----------
    results, pairs
        From ``study``.
    """
    table = summary(results)
    lines = [TEXT.strip(), "", "## What it brings", ""]
    lines += [
        f"{len(SEEDS)} surveys for each share of station-days with one camera were simulated "
        "(60 stations over 40 by 20 km, 60 days, 3 animals per 100 km2, sigma 4 km; settings in "
        "`docs/two_flanks.py`, fixed beforehand) and fitted by maximum likelihood in three ways. "
        "Error and width are of density; limits hold 99.9 % of a binomial count with probability "
        "0.95.",
        "",
        "| one camera | estimator | error | mean se of log D | mean width | intervals that hold it "
        "| limits |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in table.itertuples():
        lines.append(
            f"| {row.share:.0%} | {row.estimator} | {row.bias:+.1%} (se {row.bias_se:.1%}) | "
            f"{row.se:.3f} | {row.width:.2f} | {row.covered} of {row.n} | {row.least} to "
            f"{row.most} |"
        )
    lines += ["", *_gains(table), "", "## Are the probabilities of pairs right?", ""]
    lines += [
        "Pairs of all these surveys by the probability that was told, and how many were one animal "
        "(expected: the mean probability).",
        "",
        "| one camera | probability | pairs | expected to be one animal | were one animal |",
        "|---|---|---|---|---|",
    ]
    for row in pairs.itertuples():
        low, high = BINS[int(row.bin)], BINS[int(row.bin) + 1]
        share = row.one_animal / row.n
        lines.append(
            f"| {row.share:.0%} | {low:g} to {high:g} | {row.n:,} | {row.probability:.3f} | "
            f"{share:.3f} |"
        )
    sure = pairs[pairs["bin"] >= BINS.index(0.6)]
    drawn = tables.read_drawn()
    of_draws = drawn[drawn["bin"] >= BINS.index(0.6)]
    lines += [
        "",
        f"Of the {sure['n'].sum()} pairs told to be one animal with more than 0.6, "
        f"{(sure['n'] * sure['probability']).sum():.0f} were expected to be and "
        f"{sure['one_animal'].sum()} were: these probabilities are those at the estimate, without "
        "its error. `fit_laplace` and `fit_nuts` average them over draws:",
        "",
        *tables.drawn_section(BINS),
        "",
        f"Above 0.6 there are then {of_draws['n'].sum()} pairs, of which "
        f"{(of_draws['n'] * of_draws['probability']).sum():.0f} were expected to be one animal and "
        f"{of_draws['one_animal'].sum()} were. {tables.misfit_in_words(pairs, drawn)}",
        "",
        "![How often pairs are one animal](images/two_flanks_reliability.png)",
        "",
        "## Sides joined by other means, simulated",
        "",
        *tables.known_section(),
        "",
        "## How good are the sums?",
        "",
        *tables.sums_section(),
        "",
        "## What a second camera buys",
        "",
        *tables.cameras_section(),
    ]
    return "\n".join([*lines, ""])


def _gains(table: pd.DataFrame) -> list[str]:
    said = []
    for share, part in table.groupby("share", sort=False):
        of = part.set_index("estimator")
        gain = 1.0 - of.loc[BOTH, "width"] / of.loc[LEFT, "width"]
        words = "narrower" if gain > 0 else "wider"
        said.append(f"{share:.0%} with one camera: {abs(gain):.0%} {words}")
    return [f"Intervals of both flanks beside those of the left alone: {'; '.join(said)}."]


TEXT = """
# Two flanks: every photograph used, nothing guessed

Made by `docs/two_flanks.py`.

Leopards, tigers, jaguars and ocelots carry another pattern on each side. Where a station has one
camera, or one of two has failed, an animal is known from its left or its right side alone, and
nobody can say whether left-7 and right-3 are one animal. `flank = "left"` throws the right
photographs away; calling the two sides two animals makes animals that there are not. `flank =
"both"` uses every photograph and leaves open which sides belong together: the likelihood sums over
all ways in which left and right animals can be one, each with the weight that places, effort and
sex give it ([model](model.md)).

## From field sheets to a fit

1. **Detections** get a column `flank`: `left`, `right`, or `both` where both sides were seen at
   once. Left and right of one animal at one station within a minute count as both. An animal with
   any record of both sides is *complete*. Give every other left side a name and every other right
   side a name.
2. **Deployments** get a row for each camera, with its name in a column `camera`, so that it is
   known when two cameras of a station worked and when one did. Failures go into `problem1_from`
   and `problem1_to` of that camera. If all cameras worked throughout, a column `cameras` (1 or 2)
   of the stations will do.
3. In `survey.toml`, or in `read_survey`: `flank = "both"`. In the model `lambda0 = "~ side"`: its
   levels are `both` (both sides at once), `single` (one side, while two cameras worked) and
   `alone` (one side, while one camera worked). `flank` (both, left, right) is there too.
4. `scr check` says how many animals are complete, left and right, and how many animals there are
   at least and at most. A photograph of both sides where one camera was dead is refused.
5. `scr fit`, or `fit_mle`, `fit_laplace`, `fit_nuts`, as for any survey.

```python
from scr.posterior.flank_pairs import animals_photographed, flank_pairs

survey = scr.read_survey("detections.csv", traps, usage="deployments.csv", flank="both")
fit = scr.fit_laplace(survey, mask, scr.ModelSpec(lambda0="~ side"))
flank_pairs(fit)           # session, left, right, probability, distance_m; likeliest first
animals_photographed(fit)  # how many different animals the photographs show
```

![Sides that may be one animal](images/two_flanks_pairs.png)

A simulated survey: each animal at the mean place of its photographs, and lines between sides that
may be one animal, the wider the likelier (from 0.1).

`private/flank_pairs.csv` holds the first: look at these photographs again.
`animals_photographed.csv` names no animal and is in `public/` too.

## Sides that are joined by other means

A ruler, a scar, a genetic sample may show later that left-7 and right-3 are one animal. Name them
in the table of identities (`identities = "identities.csv"`: `individual`, `becomes`), and the
animal is complete. The model then has a coefficient `confirmed`, the logit of the share of such
pairs that are recognised, and weighs those that were not by the rest. It holds if that share does
not depend on where an animal lives or how often it was seen, and no pair is joined wrongly. To
state a share in place of estimating it, give the coefficient a narrow prior.

An animal whose sides were both known *before* the survey, from a library, is complete whichever
side was seen now. Write `both` in a column `known_before` of its detections. The model then has a
coefficient `library`, the logit of the share of the population that was known. Mark every animal
that was: one that is not marked is taken for one that was not known.

## What is not used

A left and a right side that have one name in the detections, without a photograph of both at once,
count as two animals that may be one, and a note says so: a name may be no more than an opinion.
Learned responses, transmitters, removed animals,
`number = "binomial"` or `"conditional"`, multi-catch traps and searches do not go with both flanks
and are refused; so is leaving one animal out.

Sums over matchings are exact where at most 12 animals are open at a time along some order of them
at the mode. Wider ones are approximated while the mode is sought and chains run (Bethe), and draws
are reweighted by unbiased estimates of the sum; the check `matchings` says how well that went.
Where all is near all (31 left and 40 right animals, sigma as wide as the stations),
300 draws of `fit_laplace` took 45 s of one processor, with a Pareto k of 0.44.
"""


if __name__ == "__main__":
    if "page" not in sys.argv:
        found = study()
        for each, path in zip(found, (RESULTS, PAIRS), strict=True):
            each.to_csv(path, index=False)
    PAGE.write_text(page(pd.read_csv(RESULTS), pd.read_csv(PAIRS)), encoding="utf-8")
