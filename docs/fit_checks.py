"""How often the checks of a fit see that a model is wrong, and how often they say so of a true one.

Used by the tests; run as a script it writes ``validation/fit_checks.csv`` and ``fit_checks.md``.
"""

import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import scr
from scr.posterior.check_statistics import STATISTICS
from scr.posterior.fit_checks import check_fit
from scr.simulate.surveys import plan_survey
from scr.survey.captures import CaptureHistory
from scr.survey.usage import Usage

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "validation" / "fit_checks.csv"
PAGE = FOLDER / "fit_checks.md"

N_SURVEYS, N_TRUE = 25, 60
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
    "true": ("nothing is wrong", lambda seed: simulated(SPEC, {}, seed)),
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


def whole_study() -> pd.DataFrame:
    """The study that the page shows."""
    true = study(N_TRUE, kinds=("true",))
    return pd.concat([true, study(kinds=tuple(KINDS)[1:])], ignore_index=True)
