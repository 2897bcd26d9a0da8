"""Simulate surveys from known coefficients, fit them, and count how often intervals hold the truth.

Used by the slow test and by ``validation.py``.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.stats import binom

import scr
from scr.simulate.surveys import plan_survey
from scr.survey.detectors import Detector
from scr.survey.usage import Usage

N_SURVEYS = 50
TRUTH = {
    "density.Intercept": -2.3,
    "density.elev": 0.5,
    "lambda0.Intercept": -3.2,
    "lambda0.sex[T.M]": 0.3,
    "sigma.Intercept": 7.3,
    "sigma.sex[T.M]": 0.5,
    "share.Intercept": -0.4,
}
"""Log D per km2, log lambda0 per day, log sigma in metres, logit of the share of males."""

SPEC = scr.ModelSpec(
    density="~ elev",
    lambda0="~ sex",
    sigma="~ sex",
    priors={name: scr.Normal(value, 3.0) for name, value in TRUTH.items()},
)
"""The model; its priors are so wide that intervals are those of the data."""


@dataclass(frozen=True)
class Case:
    """What is simulated and fitted: model, coefficients and detector."""

    spec: scr.ModelSpec = SPEC
    truth: Mapping[str, float] = field(default_factory=lambda: TRUTH)
    detector: Detector = "proximity"


def case_of(effects: Mapping[str, float], *, detector: Detector) -> Case:
    """A model of lambda0 with effects of occasions and responses.

    Parameters
    ----------
    effects
        Coefficient of each term of lambda0.
    detector
        As in ``plan_survey``.
    """
    effects = {f"lambda0.{term}": value for term, value in effects.items()}
    truth = {
        "density.Intercept": -2.0,
        "lambda0.Intercept": -3.2,
        **effects,
        "sigma.Intercept": 7.5,
    }
    formula = "~ " + " + ".join(name.removeprefix("lambda0.") for name in effects)
    priors = {name: scr.Normal(value, 3.0) for name, value in truth.items()}
    return Case(scr.ModelSpec(lambda0=formula, priors=priors), truth, detector)


WITHIN_SESSION = {
    "cameras, learnt at the station": case_of({"bk": 0.8, "T": -0.1}, detector="proximity"),
    "multi-catch, learnt everywhere": case_of({"b": -0.6}, detector="multi"),
}
"""Models whose detection changes within a session."""


def case_of_animals(effects: Mapping[str, float], **formulas: str) -> Case:
    """A model of counts whose animals differ in ways that no data name.

    Parameters
    ----------
    effects
        Coefficients beside the intercepts.
    **formulas
        Formulas of ``ModelSpec``.
    """
    truth = {"density.Intercept": -2.0, "lambda0.Intercept": -3.5, "sigma.Intercept": 7.3}
    truth |= effects
    priors = {name: scr.Normal(value, 3.0) for name, value in truth.items()}
    return Case(scr.ModelSpec(priors=priors, **formulas), truth, "count")


LATENT = {
    "two latent groups": case_of_animals(
        {"lambda0.h2[T.2]": 1.6, "pmix.Intercept": -0.5}, lambda0="~ h2"
    ),
    "an effect of each animal": case_of_animals(
        {"lambda0.individual": 0.7}, lambda0="~ individual"
    ),
}
"""Models whose animals differ in ways that no data name."""


def planned(detector: Detector = "proximity") -> tuple[scr.Survey, scr.HabitatMask]:
    """49 camera traps 2 km apart with uneven effort, and a mask with a covariate.

    Parameters
    ----------
    detector
        As in ``plan_survey``.
    """
    rng = np.random.default_rng(2024)
    axis = np.arange(7) * 2000.0
    x, y = np.meshgrid(axis, axis)
    traps = scr.Traps(
        names=np.array([f"T{k + 1}" for k in range(x.size)], dtype=object),
        xy=np.stack([x.ravel(), y.ravel()], axis=1),
        crs="local",
    )
    effort = rng.uniform(4.0, 7.0, (len(traps), 8))
    effort[rng.random(effort.shape) < 0.1] = 0.0  # failures
    survey = plan_survey(traps, Usage(effort), detector=detector)
    mask = scr.build_mask(traps, buffer=9000, spacing=600)
    elevation = np.sin(mask.xy[:, 0] / 4000) + np.cos(mask.xy[:, 1] / 5000)
    return survey, mask.with_covariate("elev", elevation)


def study(
    n_surveys: int = N_SURVEYS, *, first_seed: int = 1, case: Case | None = None
) -> pd.DataFrame:
    """Fit simulated surveys by Laplace importance sampling.

    Parameters
    ----------
    n_surveys
        How many.
    first_seed
        Seed of the first; the others follow.
    case
        What is simulated; the model by sex and elevation if left out.

    Returns
    -------
    DataFrame
        One row per survey and quantity: survey, quantity, truth, median, lower, upper. Besides
        the coefficients, realised N in the mask, which differs between surveys.
    """
    case = case or Case()
    plan, mask = planned(case.detector)
    rows = []
    for seed in range(first_seed, first_seed + n_surveys):
        survey, truth = scr.simulate_survey(
            plan, mask, case.spec, coefficients=case.truth, seed=seed, unknown_sex=0.2
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", scr.ScrWarning)
            fit = scr.fit_laplace(survey, mask, case.spec, draws=2000, seed=seed, check_mask=False)
            n = scr.abundance(fit, seed=seed)
        for name, row in fit.coefficients.iterrows():
            rows.append((seed, name, case.truth[name], row["estimate"], row["lower"], row["upper"]))
        realised = n[n["estimand"] == "realised N"].iloc[0]
        rows.append(
            (seed, "realised N", float(len(truth.animals)), *realised[["median", "lower", "upper"]])
        )
    return pd.DataFrame(rows, columns=["survey", "quantity", "truth", "median", "lower", "upper"])


def coverage(results: pd.DataFrame) -> pd.DataFrame:
    """Coverage and error of each quantity.

    Parameters
    ----------
    results
        From ``study``.

    Returns
    -------
    DataFrame
        One row per quantity: surveys, covered, least and most (99.9 % limits of a binomial with
        probability 0.95), error (mean of median less truth) and its standard error.
    """
    rows = []
    for quantity, group in results.groupby("quantity", sort=False):
        covered = (group["lower"] <= group["truth"]) & (group["truth"] <= group["upper"])
        error = group["median"] - group["truth"]
        n = len(group)
        least, most = binom(n, 0.95).interval(0.999)
        rows.append(
            (quantity, n, covered.sum(), least, most, error.mean(), error.std() / np.sqrt(n))
        )
    names = ["quantity", "surveys", "covered", "least", "most", "error", "error_se"]
    return pd.DataFrame(rows, columns=names).set_index("quantity")
