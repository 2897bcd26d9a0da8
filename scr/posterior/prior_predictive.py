"""What the priors expect of a survey before it is made, beside what it brought."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import FitError
from scr.fit.influence import estimates_of
from scr.fit.result import Fit
from scr.likelihood.problem import every_term
from scr.model.joint_prior import JointPrior
from scr.model.latent_names import INDIVIDUAL
from scr.model.priors import Normal
from scr.posterior.expected_counts import expected_detections
from scr.survey.detectors import DETECTORS
from scr.survey.totals import totals_of
from scr.units import REPORTED_DENSITY, per_100_km2

type Floats = NDArray[np.float64]


def prior_draws(prior: JointPrior, n_draws: int, rng: np.random.Generator) -> Floats:
    """Coefficients drawn from their prior, shape (n_draws, n_coefficients).

    Parameters
    ----------
    prior
        The prior.
    n_draws
        Draws.
    rng
        Source of random numbers.
    """
    columns = [
        record.mean + record.sd * rng.standard_normal(n_draws)
        if isinstance(record, Normal)
        else record.mean + record.sd * rng.standard_t(record.df, n_draws)
        for record in prior.records
    ]
    draws = np.linalg.solve(prior.contrasts, np.array(columns)).T
    for j, name in enumerate(prior.names):
        if name.endswith(f".{INDIVIDUAL}"):
            draws[:, j] = np.abs(draws[:, j])
    return draws


def prior_predictive(fit: Fit, *, draws: int = 300, seed: int = 1) -> pd.DataFrame:
    """Animals detected, recaptures, density and sigma by the prior, beside those of the survey.

    Parameters
    ----------
    fit
        A fit with priors.
    draws
        Draws from the prior.
    seed
        Their seed.

    Returns
    -------
    DataFrame
        Columns quantity, lower, median, upper (95 % of the prior predictive distribution), found
        (what the survey brought; for density and sigma the posterior median), above (share of
        the prior predictive above it), unit. Animals detected are Poisson given the coefficients;
        of recaptures it is the number expected, and it is left out where detection changes within
        a session or areas or lines are searched. Private, as it follows from the layout.

    Raises
    ------
    FitError
        If the fit has no priors, or no density.
    """
    if fit.prior is None or fit.spec.number == "conditional":
        what = "priors" if fit.prior is None else "density, as the number of animals is conditional"
        msg = (
            f"The fit has no {what}, and so nothing is expected before the survey. Use "
            "fit_laplace or fit_nuts with number='poisson'."
        )
        raise FitError(msg)
    rng = np.random.default_rng(seed)
    design = fit.problem.design
    thetas = prior_draws(fit.prior, draws, rng)
    with np.errstate(over="ignore"):
        expected = np.array([every_term(fit.problem, theta)[1].sum() for theta in thetas])
        near = estimates_of(design, thetas)
    own = estimates_of(design, fit.draws)
    totals = totals_of(fit.survey)
    sigma, density = np.median(own, axis=0)
    rows = [
        ("animals detected", _poisson(expected, rng), float(fit.survey.n_individuals), ""),
        (
            "density near the stations",
            per_100_km2(1.0) * np.exp(near[:, 1]),
            per_100_km2(float(np.exp(density))),
            REPORTED_DENSITY,
        ),
        ("sigma", np.exp(near[:, 0]), float(np.exp(sigma)), "m"),
    ]
    constant = all(of.shape[2:] == (1, 1) for of in design.intensity.of_session)
    if constant and not DETECTORS[fit.survey.detector].searched:
        detections = np.array([_detections(fit, theta) for theta in thetas])
        again = np.maximum(detections - expected, 0.0)
        rows.insert(1, ("recaptures", again, float(totals.n_recaptures), "expected number"))
    table = []
    for name, values, found, unit in rows:
        known = values[np.isfinite(values)]
        lower, median, upper = np.quantile(known, [0.025, 0.5, 0.975])
        table.append((name, lower, median, upper, found, float((values > found).mean()), unit))
    columns = ["quantity", "lower", "median", "upper", "found", "above", "unit"]
    return pd.DataFrame(table, columns=columns)


def _detections(fit: Fit, theta: Floats) -> float:
    """Detections expected of all animals in all sessions."""
    design = fit.problem.design
    arrays = design.arrays(theta)
    return sum(expected_detections(design, arrays, index) for index in range(len(design.cells)))


def _poisson(mean: Floats, rng: np.random.Generator) -> Floats:
    """Poisson numbers, and their normal approximation where they are very large."""
    large = mean > 1e9
    small = rng.poisson(np.where(large | ~np.isfinite(mean), 0.0, mean)).astype(np.float64)
    return np.where(large, mean, small)
