"""How often the checks of a fit see that a model is wrong, and how often they say so of a true one.

Used by the tests; run as a script it adds to ``validation/fit_checks.csv`` what it lacks, so
that it can be stopped at any time, and writes ``fit_checks.md``.
"""

import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binomtest, kstest

import scr
from scr.posterior.check_statistics import STATISTICS
from scr.posterior.fit_checks import check_fit
from scr.simulate.surveys import plan_survey
from scr.survey.captures import CaptureHistory
from scr.survey.usage import Usage

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "validation" / "fit_checks.csv"
PAGE = FOLDER / "fit_checks.md"

N_SURVEYS, N_TRUE = 40, 200
"""Surveys of each kind in which something is wrong, and of those in which nothing is."""

FIRST_SEED = 17_001
"""Surveys are simulated by this seed and those that follow."""

DRAWS, FIT_DRAWS = 100, 500
"""Draws, each with a replicate, of a check; and of the fit."""

SIDE, SPACING, OCCASIONS = 8, 2000.0, 20
TRUTH = {
    "density.Intercept": float(np.log(0.1)),
    "lambda0.Intercept": float(np.log(0.05)),
    "sigma.Intercept": float(np.log(2000.0)),
}
SPEC = scr.ModelSpec()
"""What is fitted, whatever is true."""

LEVEL = 0.05
RIGHT = "nothing wrong"
"""The kind of survey in which the model is true."""


def planned(seed: int) -> tuple[scr.Survey, scr.HabitatMask]:
    """64 stations 2 km apart, each with a covariate that differs by station.

    Parameters
    ----------
    seed
        Of the covariate.
    """
    axis = SPACING * np.arange(SIDE)
    x, y = np.meshgrid(axis, axis)
    n = SIDE * SIDE
    differs = np.random.default_rng(seed).standard_normal(n)
    traps = scr.Traps(
        names=[f"T{k}" for k in range(n)],
        xy=np.stack([x.ravel(), y.ravel()], axis=1),
        crs="local",
        covariates=pd.DataFrame({"differs": differs}),
    )
    mask = scr.build_mask(traps, buffer=8000, spacing=1000)
    return plan_survey(traps, Usage(np.ones((n, OCCASIONS)))), mask


def simulated(spec: scr.ModelSpec, more: dict[str, float], seed: int) -> scr.Survey:
    """A survey by one model.

    Parameters
    ----------
    spec
        What is true.
    more
        Coefficients beside ``TRUTH``, or in place of them.
    seed
        Seed of the survey and of its stations.
    """
    plan, mask = planned(seed)
    return scr.simulate_survey(plan, mask, spec, coefficients={**TRUTH, **more}, seed=seed)[0]


def with_turnover(seed: int) -> scr.Survey:
    """Half of the animals are there in one half of the survey only.

    Parameters
    ----------
    seed
        Seed of the survey.
    """
    survey = simulated(SPEC, {"density.Intercept": float(np.log(0.14))}, seed)
    session = survey.sessions[0]
    captures = session.captures
    rng = np.random.default_rng(seed)
    stay = rng.integers(0, 4, captures.n_individuals)  # 0 first half, 1 second, 2 and 3 both
    late = captures.occasion >= OCCASIONS // 2
    own = stay[captures.individual]
    kept = (own >= 2) | (late == (own == 1))
    seen, who = np.unique(captures.individual[kept], return_inverse=True)
    history = CaptureHistory(
        individuals=captures.individuals[seen],
        individual=who,
        occasion=captures.occasion[kept],
        trap=captures.trap[kept],
        count=captures.count[kept],
    )
    return replace(survey, sessions=(replace(session, captures=history),))


KINDS: dict[str, tuple[str, Callable[[int], scr.Survey]]] = {
    RIGHT: ("the model is true", lambda seed: simulated(SPEC, {}, seed)),
    "traps differ": (
        "log lambda0 differs by station, normal with sd 0.7",
        lambda seed: simulated(scr.ModelSpec(lambda0="~ differs"), {"lambda0.differs": 0.7}, seed),
    ),
    "learned response": (
        "once photographed at a station an animal is photographed there e times as often",
        lambda seed: simulated(
            scr.ModelSpec(lambda0="~ bk"),
            {"lambda0.bk": 1.0, "lambda0.Intercept": float(np.log(0.035))},
            seed,
        ),
    ),
    "wrong detection function": (
        "hazard_exponential, sigma 1.6 km",
        lambda seed: simulated(
            scr.ModelSpec(detection="hazard_exponential"),
            {"lambda0.Intercept": float(np.log(0.1)), "sigma.Intercept": float(np.log(1600.0))},
            seed,
        ),
    ),
    "animals differ": (
        "log lambda0 differs by animal, normal with sd 1",
        lambda seed: simulated(
            scr.ModelSpec(lambda0="~ individual"), {"lambda0.individual": 1.0}, seed
        ),
    ),
    "turnover": ("half of the animals are there in one half of the survey only", with_turnover),
}
"""What is wrong in each kind, in words, and a survey of it."""


def study(
    n_surveys: int = N_SURVEYS,
    *,
    first_seed: int = FIRST_SEED,
    kinds: tuple[str, ...] = tuple(KINDS),
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Fit the model to surveys of each kind and check it.

    Parameters
    ----------
    n_surveys
        Surveys of each kind.
    first_seed
        Seed of the first of each.
    kinds
        Which kinds.
    draws
        Draws of each check.

    Returns
    -------
    DataFrame
        One row per survey and check: kind, survey (seed), detected, detections, c_hat, check,
        p_value, posterior_p.
    """
    rows = []
    for kind in kinds:
        for seed in range(first_seed, first_seed + n_surveys):
            survey = KINDS[kind][1](seed)
            mask = planned(seed)[1]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", scr.ScrWarning)
                fit = scr.fit_laplace(
                    survey, mask, SPEC, draws=FIT_DRAWS, seed=seed, check_mask=False
                )
            found = check_fit(fit, draws=draws, seed=seed)
            captures = survey.sessions[0].captures
            about = (kind, seed, captures.n_individuals, captures.n_detections, found.c_hat)
            rows += [(*about, c.statistic.name, c.p_value, c.posterior_p) for c in found.checks]
    names = ["kind", "survey", "detected", "detections", "c_hat", "check", "p_value"]
    return pd.DataFrame(rows, columns=[*names, "posterior_p"])


def power(results: pd.DataFrame, *, column: str = "p_value", level: float = LEVEL) -> pd.DataFrame:
    """Share of surveys in which each check has a p-value of at most a level.

    Parameters
    ----------
    results
        From ``study``.
    column
        Which p-value.
    level
        The level.

    Returns
    -------
    DataFrame
        One row per check, one column per kind.
    """
    small = results.assign(small=results[column] <= level)
    table = small.pivot_table(index="check", columns="kind", values="small", aggfunc="mean")
    kinds = [kind for kind in KINDS if kind in table]
    return table.reindex([s.name for s in STATISTICS if s.name in table.index])[kinds]


def add_to(path: Path) -> None:
    """Check the surveys of the page that a file lacks, a round of every kind after the other.

    Parameters
    ----------
    path
        Table of ``study``; each survey is added as soon as it was checked.
    """
    done = pd.read_csv(path)[["kind", "survey"]].drop_duplicates() if path.exists() else None
    found = set() if done is None else set(done.itertuples(index=False, name=None))
    for seed in range(FIRST_SEED, FIRST_SEED + N_TRUE):
        for kind in KINDS:
            is_wanted = kind == RIGHT or seed < FIRST_SEED + N_SURVEYS
            if is_wanted and (kind, seed) not in found:
                rows = study(1, first_seed=seed, kinds=(kind,))
                rows.to_csv(
                    path, mode="a", header=not path.exists(), index=False, float_format="%.6g"
                )


def uniformity(results: pd.DataFrame) -> pd.DataFrame:
    """Whether p-values are uniform where nothing is wrong.

    Parameters
    ----------
    results
        From ``study``.

    Returns
    -------
    DataFrame
        One row per check, of the surveys in which nothing is wrong: small (share of p-values of at
        most 5 %), ks (p-value of Kolmogorov and Smirnov against the uniform), sd and posterior_sd
        (of p-values, and of ordinary posterior predictive ones; 0.289 if uniform).
    """
    own = results[results["kind"] == RIGHT]
    rows = {}
    for check, values in own.groupby("check"):
        p, plain = values["p_value"], values["posterior_p"]
        ks = kstest(p, "uniform").pvalue
        rows[check] = ((p <= LEVEL).mean(), ks, p.std(ddof=0), plain.std(ddof=0))
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["small", "ks", "sd", "plain_sd"])
    return table.reindex([s.name for s in STATISTICS if s.name in table.index])


def best_seen(table: pd.DataFrame, number: "pd.Series[int]") -> str:
    """Which check sees each kind most often, in a sentence.

    Parameters
    ----------
    table
        From ``power``.
    number
        Surveys of each kind.
    """
    told = []
    for kind in table.columns.drop(RIGHT):
        best, share = table[kind].idxmax(), float(table[kind].max())
        seen = binomtest(round(share * number[kind]), int(number[kind])).proportion_ci()
        told.append(f"{kind} by *{best}*, {share:.2f} ({seen.low:.2f} to {seen.high:.2f})")
    return f"Seen most often (95 % interval of the share): {'; '.join(told)}."


def uniform_in_words(found: pd.DataFrame, n_surveys: int) -> str:
    """Which checks have p-values that are not uniform, in a sentence.

    Parameters
    ----------
    found
        From ``uniformity``.
    n_surveys
        Surveys in which nothing is wrong.
    """
    level = LEVEL / len(found)
    apart = found[found["ks"] <= level]
    small = found[(found["ks"] > level) & (found["ks"] <= LEVEL)]
    text = (
        f"With {n_surveys} surveys of {N_TRUE} planned, and {LEVEL} shared among {len(found)} "
        f"tests ({level:.4f} each), "
    )
    text += (
        "the p-values of no check are told from uniform ones."
        if apart.empty
        else f"p-values are not uniform: {', '.join(apart.index)}."
    )
    if len(small):
        listed = ", ".join(
            f"{check} ({row.ks:.3f}; sd {row.sd:.2f}, {row.small:.2f} of them at most {LEVEL})"
            for check, row in small.iterrows()
        )
        text += (
            f" Below {LEVEL} alone: {listed}. An sd below 0.29 means p-values that lie too near to "
            "a half, so that the check says too little rather than too much."
        )
    return text


_INTRODUCTION = """# Does the model fit? What the checks can see

`scr.check_fit(fit)` simulates, for each of some draws of the coefficients, a
survey with as many animals, draws the centres of the animals anew for the data and for the
simulated survey, counts the same things in both, and compares. `check_fit = true` under `[fit]` in
survey.toml puts a table and a figure into the private report, and a verdict into the public one.

| check | what is counted | sides |
|---|---|---|
"""
_METHOD = """
**p-values.** The coefficients were estimated from the same captures, so that a survey lies nearer
to its model than a simulated one does. An ordinary posterior predictive p-value does not allow for
that and keeps near a half. Here what the score of the captures explains is taken off each count, in
the survey and in the simulated ones (Robins, van der Vaart & Ventura 2000), and p-values are
uniform in large samples where the model is true. A p-value up to 0.01 is told as a sign of misfit:
there are a dozen of them, and one in twenty is below 0.05 by chance.

**What it means.** A small p-value says that the model is wrong in this respect, not that density
is. One that is not small says little: see how often each check sees what.

**Overdispersion.** c-hat is the spread of the animals at each station over that which the model has
(Fletcher 2012), never below 1. The private report shows intervals of expected numbers stretched by
its square root on the log scale. That is a rule of thumb, and not a posterior.

**What is refused.** Models in which detection answers to captures of other animals (`k`, `K`),
surveys with removals, with transmitters on animals detected, or with animals known from one side:
what is not simulated is not checked. Where areas or lines are searched, counts at traps are not
expected, and five checks are left.
"""


def page(results: pd.DataFrame) -> str:
    """The page that shows what the study found.

    Parameters
    ----------
    results
        From ``study``.
    """
    lines = [f"| {s.name} | {s.in_words} | {1 + s.two_sided} |" for s in STATISTICS]
    number = results.groupby("kind")["survey"].nunique().reindex(list(KINDS)).dropna().astype(int)
    about = results.groupby("kind")[["detected", "detections", "c_hat"]].mean()
    table, kinds = power(results), [kind for kind in KINDS if kind in number]
    plain = power(results, column="posterior_p")
    text = _INTRODUCTION + "\n".join(lines) + "\n" + _METHOD
    text += (
        "\n## How often they see it\n\nMade by `docs/fit_checks.py` from "
        f"`docs/validation/fit_checks.csv`: surveys of {SIDE * SIDE} stations and {OCCASIONS} days "
        "were simulated, a model with a hazard half-normal and nothing else was fitted to all of "
        f"them by importance sampling, and checked with {DRAWS} draws. A share of 0.5 has a "
        f"standard error of {0.5 / number.iloc[1:].min() ** 0.5:.2f} with {number.iloc[1:].min()} "
        f"surveys, and one of 0.05 of {(0.05 * 0.95 / number[RIGHT]) ** 0.5:.3f} with "
        f"{number[RIGHT]}.\n\n"
        "| kind | what is wrong | surveys | animals | detections | c-hat |\n"
        "|---|---|---|---|---|---|\n"
    )
    for kind in kinds:
        row = about.loc[kind]
        text += (
            f"| {kind} | {KINDS[kind][0]} | {number[kind]} | {row.detected:.0f} "
            f"| {row.detections:.0f} | {row.c_hat:.2f} |\n"
        )
    text += (
        "\nShare of surveys in which each check had a p-value of at most 0.05 (of ordinary "
        "posterior predictive p-values in brackets; one-sided):\n\n"
        f"| check | {' | '.join(kinds)} |\n|---|{'---|' * len(kinds)}\n"
    )
    for check, row in table.iterrows():
        cells = [f"{row[kind]:.2f} ({plain.loc[check, kind]:.2f})" for kind in kinds]
        text += f"| {check} | {' | '.join(cells)} |\n"
    text += f"\n{best_seen(table, number)}\n"
    text += (
        "\nWhere nothing is wrong: p-values against the uniform distribution (Kolmogorov and "
        "Smirnov), and their standard deviation, 0.29 if uniform, beside that of ordinary "
        "posterior predictive ones.\n\n| check | p of the test | sd | sd of the ordinary |\n"
        "|---|---|---|---|\n"
    )
    found = uniformity(results)
    for check, row in found.iterrows():
        text += f"| {check} | {row['ks']:.2f} | {row['sd']:.2f} | {row['plain_sd']:.2f} |\n"
    return f"{text}\n{uniform_in_words(found, number[RIGHT])}\n"


if __name__ == "__main__":
    add_to(RESULTS)
    PAGE.write_text(page(pd.read_csv(RESULTS)), encoding="utf-8")
