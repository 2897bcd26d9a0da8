"""Intervals from the profile likelihood of a maximum likelihood fit."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import null_space
from scipy.optimize import brentq, minimize
from scipy.stats import chi2

from scr.errors import FitError
from scr.fit.plug_in import plug_in_of
from scr.likelihood.problem import value_and_gradient

if TYPE_CHECKING:
    from scr.fit.result import Fit

_FARTHEST = 100.0
"""Standard errors from the estimate beyond which a limit is not looked for."""

_PRECISION = 1e-4
_HIGHER = 1e-3
_GROWTH = 1.5


def profile_intervals(fit: "Fit", names: Sequence[str], *, level: float) -> pd.DataFrame:
    r"""Limits at which the profile likelihood has fallen by half a quantile of chi-square.

    .. math:: 2\{\ell(\hat\theta) - \max_{\theta: \theta_j = c} \ell(\theta)\} = \chi^2_{1, level}

    Parameters
    ----------
    fit
        A maximum likelihood fit.
    names
        Names of coefficients; all if there are none.
    level
        Confidence, above 0 and below 1.

    Returns
    -------
    DataFrame
        Index the coefficient; columns ``estimate``, ``lower`` and ``upper``, infinite where the
        likelihood does not fall so far within 100 standard errors: the data set no limit.

    Raises
    ------
    FitError
        If the fit is by another engine, a name is no coefficient, the level no share, or the
        likelihood is higher elsewhere than at the estimate.

    References
    ----------
    Venzon & Moolgavkar (1988) Appl. Stat. 37:87-94.
    """
    point, root = plug_in_of(fit)
    known = fit.coefficient_names
    unknown = [name for name in names if name not in known]
    if unknown:
        msg = (
            f"{', '.join(map(repr, unknown))}: no such coefficient. The fit has "
            f"{', '.join(known)}. Give names of these."
        )
        raise FitError(msg)
    if not 0 < level < 1:
        msg = f"level is {level}, but confidence is above 0 and below 1. Give 0.95, say."
        raise FitError(msg)
    chosen = [known.index(name) for name in names or known]
    fall = float(np.sqrt(chi2.ppf(level, 1)))
    sides = [(index, sign) for index in chosen for sign in (-1.0, 1.0)]

    def limit(side: tuple[int, float]) -> float:
        index, sign = side
        steps = _crossing(_root_deviance(fit, index, sign=sign), fall)
        return float(point[index] + sign * steps * np.linalg.norm(root[index]))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        limits = np.array(list(pool.map(limit, sides))).reshape(-1, 2)
    return pd.DataFrame(
        {"estimate": point[chosen], "lower": limits[:, 0], "upper": limits[:, 1]},
        index=pd.Index([known[index] for index in chosen], name="coefficient"),
    )


def _root_deviance(fit: "Fit", index: int, *, sign: float) -> Callable[[float], float]:
    """Root of the deviance of the profile, as a function of the distance in standard errors.

    It is nearly linear. All other coefficients move along directions in which the likelihood is
    about as curved, from where a normal likelihood would have its maximum.
    """
    point, root = plug_in_of(fit)
    along = sign * root[index] / np.linalg.norm(root[index])
    across = root @ null_space(along[None, :])  # (n_coefficients, n_coefficients - 1)
    start = np.zeros(across.shape[1])

    def loss(w: NDArray[np.float64], at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient = value_and_gradient(fit.problem, at + across @ w)
        return (-value, -(across.T @ gradient)) if np.isfinite(value) else (np.inf, 0.0 * w)

    def deviance_root(distance: float) -> float:
        nonlocal start
        at = point + distance * (root @ along)
        if len(start):
            found = minimize(loss, start, args=(at,), jac=True, method="BFGS")
            highest, start = -float(found.fun), found.x
        else:
            highest = value_and_gradient(fit.problem, at)[0]
        if highest > fit.log_likelihood + _HIGHER:
            msg = (
                f"The log-likelihood is {highest - fit.log_likelihood:.3g} higher where "
                f"{fit.coefficient_names[index]} is {at[index]:.4g} than at the estimate, which "
                "is not the maximum. Fit again with starting= near that value."
            )
            raise FitError(msg)
        return float(np.sqrt(max(0.0, 2 * (fit.log_likelihood - highest))))

    return deviance_root


def _crossing(function: Callable[[float], float], height: float) -> float:
    """Where an almost linear function from 0 reaches a height; infinite if it does not."""
    below, above = 0.0, height
    reached = function(above)
    while reached < height:
        below = above
        above *= min(max(1.05 * height / max(reached, 1e-9), _GROWTH / 1.4), 2 * _GROWTH)
        if above > _FARTHEST:
            return np.inf
        reached = function(above)
    return float(brentq(lambda at: function(at) - height, below, above, xtol=_PRECISION))
