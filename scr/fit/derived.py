r"""Density from the animals detected and the probability of detecting them.

.. math:: \hat D = \sum_i 1 / a_i, \qquad a_i = a \sum_m p_{\cdot i}(m)

with a_i the effective sampling area of animals like i. Where coefficients are drawn, each animal
stands for a number of animals detected that is Gamma(1, 1) given the coefficients, together
Gamma(n, 1) where all are alike: the posterior of a Poisson mean under a flat prior of its log.

References
----------
Borchers & Efford (2008) Biometrics 64:377-385; Huggins (1989) Biometrika 76:133-140.
"""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import FitError
from scr.fit.plug_in import Z_95, central_differences
from scr.fit.thinned import thinned
from scr.likelihood.problem import Problem, animal_terms
from scr.units import REPORTED_DENSITY, per_100_km2

if TYPE_CHECKING:
    from scr.fit.result import Fit

_MOST_DRAWS = 1000


def derived_density(fit: "Fit", *, seed: int = 1) -> pd.DataFrame:
    """Density of each session, derived from a likelihood conditional on the number of animals.

    Parameters
    ----------
    fit
        A fit with ``number="conditional"``.
    seed
        Seed of the numbers of animals drawn.

    Returns
    -------
    DataFrame
        Columns session, n_detected, estimate (plug-in, or the median), sd, lower, upper (95 %,
        log-normal after maximum likelihood), unit (animals per 100 km2), n_mask, n_mask_lower and
        n_mask_upper (animals over the area of the mask).

    Raises
    ------
    FitError
        If the fit is of another kind: its density is ``abundance``'s.
    """
    if fit.spec.number != "conditional":
        msg = (
            f"The fit has number={fit.spec.number!r}, so that density was estimated and needs not "
            "be derived. Use scr.abundance or scr.density_surface."
        )
        raise FitError(msg)
    value, sd, lower, upper = (per_100_km2(1.0) * part for part in _limits(fit, seed))
    sessions = fit.survey.sessions
    area = np.array([fit.mask.cell_area[fit.mask.cells_of(s.name)].sum() for s in sessions])
    return pd.DataFrame(
        {
            "session": [session.name for session in sessions],
            "n_detected": [session.captures.n_individuals for session in sessions],
            "estimate": value,
            "sd": sd,
            "lower": lower,
            "upper": upper,
            "unit": REPORTED_DENSITY,
            "n_mask": value * area / per_100_km2(1.0),
            "n_mask_lower": lower * area / per_100_km2(1.0),
            "n_mask_upper": upper * area / per_100_km2(1.0),
        }
    )


def density_by_session(
    problem: Problem,
    theta: NDArray[np.float64],
    detected: NDArray[np.float64] | None = None,
    session_of: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Density per km2 of each session of the survey, sum of n / a over its groups of animals.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).
    detected
        In place of n: animals detected of each group, shape (n_groups,).
    session_of
        In place of those of the problem: session of each group.
    """
    area = animal_terms(problem, theta)[1]  # density is 1 per km2 in this likelihood
    n = detected if detected is not None else _n_detected(problem)
    return np.bincount(problem.session_of if session_of is None else session_of, weights=n / area)


def _n_detected(problem: Problem) -> NDArray[np.float64]:
    return np.array([data.n_animals for data in problem.sessions], dtype=np.float64)


def _limits(fit: "Fit", seed: int) -> tuple[NDArray[np.float64], ...]:
    """Estimate, sd and limits of density per km2, by session."""
    problem, n = fit.problem, _n_detected(fit.problem)
    if fit.point is not None and fit.vcov_root is not None:
        point = fit.point
        value = density_by_session(problem, point)
        area = animal_terms(problem, point)[1]
        slopes = central_differences(
            lambda theta: density_by_session(problem, theta), point, fit.vcov_root
        )
        of_numbers = np.bincount(problem.session_of, weights=n / area**2)
        sd = np.sqrt((slopes**2).sum(axis=0) + of_numbers)
        log_sd = np.sqrt(np.log1p((sd / np.maximum(value, 1e-300)) ** 2))
        return value, sd, value * np.exp(-Z_95 * log_sd), value * np.exp(Z_95 * log_sd)
    rng = np.random.default_rng(seed)
    drawn = [
        density_by_session(problem, theta, rng.gamma(np.maximum(n, 1e-300)))
        for theta in thinned(fit.draws, _MOST_DRAWS)
    ]
    lower, value, upper = np.quantile(drawn, [0.025, 0.5, 0.975], axis=0)
    return value, np.std(drawn, axis=0, ddof=1), lower, upper
