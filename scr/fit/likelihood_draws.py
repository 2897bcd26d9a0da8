"""Draws of the coefficients of a maximum likelihood fit, from the likelihood itself."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from scr.fit.checks import Check
from scr.fit.drawing import Drawn
from scr.fit.importance import resample, sample_about_modes
from scr.fit.log_posterior import LogPosterior
from scr.fit.mode import Mode
from scr.fit.modes import peaks_of

K_HAT_LIMIT = 0.7
"""Pareto k above which the draws do not stand for the likelihood."""

_N_DRAWS = 2000
_N_PROPOSED = 1000
_LEVEL = 0.999
_FARTHEST = 6.0
_LEAST_EFFECTIVE = 100


def likelihood_draws(target: LogPosterior, modes: Sequence[Mode], seed: int) -> Drawn:
    r"""Draws with a density that is the likelihood, by importance sampling about its maxima.

    Priors are flat on the link scales. So that this has a finite integral, points are left out
    whose likelihood is below the maximum by more than half the 99.9 % quantile of
    :math:`\chi^2_p`, or that lie more than 6 from it along a coordinate (a linear predictor
    changed by a factor of 400). Where a search ended at no maximum, or weights leave few draws,
    draws are those of the normal distribution about the estimate, and the check says so.

    Parameters
    ----------
    target
        The log-likelihood.
    modes
        Its maxima, the highest first.
    seed
        Seed of all random numbers.
    """
    highest = modes[0]
    rng = np.random.default_rng(seed)
    n = len(highest.point)
    if not highest.converged:
        return _normal(target, highest, rng, "the search did not end at a maximum")
    lowest = highest.value - chi2.ppf(_LEVEL, n) / 2
    near = [mode for mode in modes if mode.value > lowest]

    def log_densities(points: NDArray[np.float64]) -> NDArray[np.float64]:
        away = np.min([np.abs(points - mode.point).max(axis=1) for mode in near], axis=0)
        values = np.full(len(points), -np.inf)
        inside = away <= _FARTHEST
        values[inside] = target.many(points[inside])[0]
        return np.where(values >= lowest, values, -np.inf)

    weighted = sample_about_modes(log_densities, peaks_of(near), draws=_N_PROPOSED, rng=rng)
    k_hat, effective = weighted.k_hat, weighted.effective
    if not np.isfinite(weighted.log_weight).any() or effective < _LEAST_EFFECTIVE:
        return _normal(target, highest, rng, "too few of its draws are effective")
    drawn = target.coefficients(weighted.points[resample(weighted, _N_DRAWS, rng)])
    passed = k_hat <= K_HAT_LIMIT
    told = f"Draws from the likelihood have Pareto k {k_hat:.2f} and {effective:.0f} are effective"
    if not passed:
        told += (
            f"; above {K_HAT_LIMIT} they do not reach its tails, and intervals of realised N and "
            "of sums of zones are rough. Use fit_laplace or fit_nuts"
        )
    return Drawn(drawn, (Check("draws", k_hat, K_HAT_LIMIT, passed, told + "."),))


def _normal(target: LogPosterior, mode: Mode, rng: np.random.Generator, why: str) -> Drawn:
    root = np.linalg.cholesky(mode.vcov)
    drawn = mode.point + rng.standard_normal((_N_DRAWS, len(mode.point))) @ root.T
    message = (
        f"The likelihood could not be drawn from: {why}. Draws are those of the normal "
        "distribution about the estimate, and intervals of realised N and of sums of zones can be "
        "far too narrow or too wide. Use fit_laplace or fit_nuts."
    )
    check = Check("draws", np.nan, K_HAT_LIMIT, passed=False, message=message)
    return Drawn(target.coefficients(drawn), (check,))
