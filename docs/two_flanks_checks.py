"""More of surveys of both flanks: sides joined by other means, pairs by draws, and cameras.

Run as a script with the name of a study (``known``, ``pairs``, ``true``, ``cameras``) it writes its
table to ``validation/``; ``two_flanks.py page`` writes the page. Settings were fixed before the
studies were run.
"""

import sys
import warnings
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import two_flanks as study

import scr
from scr.likelihood.partners import pairs_of
from scr.likelihood.problem import build_problem
from scr.posterior.flank_pairs import LEAST_PROBABILITY, flank_pairs
from scr.simulate.sides import session_by_station
from scr.simulate.surveys import plan_survey
from scr.survey.captures import CaptureHistory
from scr.survey.sides import by_type
from scr.survey.survey import Survey
from scr.survey.usage import Usage
from trap_layouts.assumptions import Equipment, assume
from trap_layouts.flanks import flank_information
from trap_layouts.layout import Layout

FOLDER = Path(__file__).parent / "validation"
TABLES = {
    name: FOLDER / f"two_flanks_{name}.csv"
    for name in ("known", "pairs_drawn", "pairs_true", "cameras")
}
SPEC = scr.ModelSpec(lambda0="~ side")

KNOWN_SHARE = 0.80
KNOWN_SEEDS = range(7301, 7351)
KNOWN = {"confirmed.Intercept": 0.0, "library.Intercept": float(np.log(0.3 / 0.7))}
"""Half of the pairs are joined by other means, and 30 % of the animals were known before."""

PAIR_DRAWS = 300
"""Of the posterior of each survey of the study; probabilities are means over 60 of them."""

FAILURES = (0.0, 0.15, 0.3)


def pairs_by_draws() -> None:
    """Reliability of the probabilities of pairs averaged over draws of the posterior.

    Each survey is added to the table as soon as it was fitted, and surveys that are in it are
    passed over, so that the study can be stopped at any time.
    """
    path = TABLES["pairs_drawn"]
    done = pd.read_csv(path)[["share", "survey"]].drop_duplicates() if path.exists() else None
    found = set() if done is None else set(done.itertuples(index=False, name=None))
    for seed, share in product(study.SEEDS, study.SHARES):
        if (share, seed) in found:
            continue
        survey, mask = study.simulated(share, seed)
        with warnings.catch_warnings(action="ignore"):
            fit = scr.fit_laplace(survey, mask, SPEC, draws=PAIR_DRAWS, check_mask=False)
        pairs = flank_pairs(fit, max_draws=60).assign(share=share)
        rows = study.reliability(pairs)
        rows.insert(1, "survey", seed)
        rows.to_csv(path, mode="a", header=not path.exists(), index=False)


def pairs_at_truth() -> pd.DataFrame:
    """The same of the probabilities at the true coefficients, which nobody knows in the field."""
    found = []
    for seed, share in product(study.SEEDS, study.SHARES):
        survey, mask = study.simulated(share, seed)
        problem = build_problem(survey, mask, SPEC)
        theta = np.array([study.TRUTH[name] for name in problem.design.coefficient_names])
        (pairs,) = pairs_of(problem, theta)
        names = survey.sessions[0].captures.individuals
        left, right = np.indices(pairs.log_weight.shape).reshape(2, -1)
        table = pd.DataFrame(
            {
                "left": names[pairs.left[left]],
                "right": names[pairs.right[right]],
                "probability": pairs.probability().ravel(),
            }
        )
        found.append(table[table["probability"] >= LEAST_PROBABILITY].assign(share=share))
    result = study.reliability(pd.concat(found, ignore_index=True))
    result.to_csv(TABLES["pairs_true"], index=False)
    return result


def known_survey(seed: int, how: str) -> tuple[Survey, scr.HabitatMask]:
    """A survey in which sides are joined by other means.

    Parameters
    ----------
    seed
        Of the survey.
    how
        ``"confirmed"``; ``"library"``, whose animals live anywhere; or ``"stations"``: a library
        that a survey of as many days, with two cameras at each of the same stations, had made.
    """
    if how != "stations":
        name = f"{how}.Intercept"
        return study.simulated(KNOWN_SHARE, seed, {name: KNOWN[name]})
    traps = study.stations()
    mask = scr.build_mask(traps, buffer=4 * study.SIGMA, spacing=study.SIGMA / 2)
    rng, days = np.random.default_rng([seed, 19]), study.DAYS
    two = (rng.random((len(traps), days)) >= KNOWN_SHARE).astype(np.float64)
    whole = np.hstack([np.ones_like(two), two])
    plan = plan_survey(traps, Usage(np.ones_like(whole)), detector="count", two_cameras=[whole])
    typed, _ = scr.simulate_survey(by_type(plan), mask, SPEC, coefficients=study.TRUTH, seed=seed)
    session = typed.sessions[0]
    captures, kind = session.captures, session.traps.covariates["flank"].to_numpy()
    before = captures.occasion < days
    library = np.zeros(captures.n_individuals, dtype=np.bool_)
    library[captures.individual[before & (kind[captures.trap] == "both")]] = True
    after = plan_survey(
        traps, Usage(np.ones_like(two)), detector="count", two_cameras=[two]
    ).sessions[0]
    seen, individual = np.unique(captures.individual[~before], return_inverse=True)
    own = by_type(replace(plan, sessions=(after,))).sessions[0]
    place = {name: k for k, name in enumerate(own.traps.names)}
    later = CaptureHistory(
        captures.individuals[seen],
        individual,
        captures.occasion[~before] - days,
        np.array([place[session.traps.names[k]] for k in captures.trap[~before]]),
        captures.count[~before],
    )
    chance = np.stack([np.zeros(len(seen), dtype=np.bool_), library[seen]])
    read = session_by_station(after, replace(own, captures=later), None, chance)
    return replace(plan, sessions=(read,)), mask


def without_known(survey: Survey) -> Survey:
    """The survey whose joined animals are taken for complete ones, and no more is said.

    Parameters
    ----------
    survey
        Of both flanks.
    """
    session = survey.sessions[0]
    sides = session.sides
    assert sides is not None
    plain = replace(sides, known=np.zeros_like(sides.known))
    return replace(survey, sessions=(replace(session, sides=plain),))


def known() -> pd.DataFrame:
    """Fits of surveys in which sides are joined by other means, with and without saying so."""
    rows = []
    for seed in KNOWN_SEEDS:
        for how in ("confirmed", "library", "stations"):
            survey, mask = known_survey(seed, how)
            sides = survey.sessions[0].sides
            for model, data in (("said", survey), ("not said", without_known(survey))):
                with warnings.catch_warnings(action="ignore"):
                    fit = scr.fit_mle(data, mask, SPEC, check_mask=False)
                row = fit.coefficients.loc["density.Intercept"]
                numbers = 100 * np.exp(row[["estimate", "lower", "upper"]].to_numpy())
                name = "library" if how == "stations" else how
                own = fit.coefficients["estimate"].get(f"{name}.Intercept", np.nan)
                se = fit.coefficients["se"].get(f"{name}.Intercept", np.nan)
                rows.append(
                    (seed, how, model, max(sides.n_known), *numbers.round(4), round(row["se"], 4),
                     round(float(own), 4), round(float(se), 4))
                )  # fmt: skip
        columns = ["survey", "how", "model", "known", "density", "lower", "upper", "se", "logit",
                   "logit_se"]  # fmt: skip
        pd.DataFrame(rows, columns=columns).to_csv(TABLES["known"], index=False)
        print(seed, flush=True)
    return pd.DataFrame(rows, columns=columns)


def cameras() -> pd.DataFrame:
    """What a second camera buys at the 60 stations of the study, and what else could be bought."""
    traps = study.stations()
    mask = scr.build_mask(traps, buffer=4 * study.SIGMA, spacing=study.SIGMA / 2)
    spec = scr.ModelSpec(lambda0="~ 0 + side")
    base = study.TRUTH["lambda0.Intercept"]
    truth = {
        "density.Intercept": study.TRUTH["density.Intercept"],
        "lambda0.side[alone]": base,
        "lambda0.side[both]": base + study.TRUTH["lambda0.side[T.both]"],
        "lambda0.side[single]": base + study.TRUTH["lambda0.side[T.single]"],
        "sigma.Intercept": study.TRUTH["sigma.Intercept"],
    }
    rows = []
    half = np.arange(len(traps)) % 2 + 1
    layouts = {
        "one camera at 60 stations": np.full(len(traps), 1),
        "two at every other, one at the rest": half,
        "two cameras at 60 stations": np.full(len(traps), 2),
        "two cameras at 30 of them": np.full(len(traps), 2),
    }
    for failure in FAILURES:
        for name, number in layouts.items():
            layout = Layout(name, traps, number)
            if name.startswith("two cameras at 30"):
                layout = layout.take(np.flatnonzero((np.arange(60) + np.arange(60) // 10) % 2))
            equipment = Equipment(failure=failure)
            plan = assume(
                mask, spec, truth, n_occasions=study.DAYS, equipment=equipment, flank="both"
            )
            found = flank_information(layout, plan)
            rows.append(
                {
                    "failure": failure,
                    "layout": name,
                    "cameras": layout.n_cameras,
                    "animals": round(found.matched.expected, 1),
                    "matched": round(found.matched.rse, 4),
                    "rse": round(found.rse, 4),
                    "rse_error": round(found.rse_error, 4),
                    "one_flank": round(found.one_flank.rse, 4),
                }
            )
            print(rows[-1], flush=True)
    result = pd.DataFrame(rows)
    result.to_csv(TABLES["cameras"], index=False)
    return result


STUDIES = {
    "known": known,
    "pairs": pairs_by_draws,
    "true": pairs_at_truth,
    "cameras": cameras,
}

if __name__ == "__main__":
    for each in sys.argv[1:]:
        STUDIES[each]()
