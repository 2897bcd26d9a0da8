"""Estimates at the maximum likelihood coefficients, with the delta method."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scr.errors import FitError
from scr.model.links import expit

if TYPE_CHECKING:
    from scr.fit.result import Fit

_STEP = 1e-4
Z_95 = 1.959963984540054
"""Half the width of a 95 % interval, in standard errors."""

type OfCoefficients = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""A function of the coefficients with values of shape (n_values,)."""


def plug_in_of(fit: "Fit") -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The maximum likelihood estimate and the root of its covariance matrix.

    Parameters
    ----------
    fit
        A maximum likelihood fit.

    Raises
    ------
    FitError
        If it is none.
    """
    if fit.point is None or fit.vcov_root is None:
        msg = f"A fit by {fit.engine} has no estimate to plug in. Use its draws, or fit_mle."
        raise FitError(msg)
    return fit.point, fit.vcov_root


def central_differences(
    function: OfCoefficients, point: NDArray[np.float64], directions: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Derivatives along directions, shape (n_directions, n_values).

    Parameters
    ----------
    function
        A function of the coefficients.
    point
        Coefficients, shape (n_coefficients,).
    directions
        One per column, shape (n_coefficients, n_directions), each about as long as the uncertainty
        of the point: whatever the units of the covariates, a small step is then small.

    Examples
    --------
    >>> central_differences(lambda theta: theta**2, np.array([3.0]), np.eye(1)).round(6)
    array([[6.]])
    """

    def slope(step: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(invalid="ignore"):
            return np.asarray((function(point + step) - function(point - step)) / (2 * _STEP))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.array(list(pool.map(slope, _STEP * directions.T)))


def logit_limits(
    value: NDArray[np.float64], log_se: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ends of 95 % intervals of probabilities, normal on the logit scale.

    Parameters
    ----------
    value, log_se
        Probabilities and standard errors of their logarithm, shape (n_values,).

    Examples
    --------
    >>> low, high = logit_limits(np.array([0.8]), np.array([0.1]))
    >>> low.round(3), high.round(3)
    (array([0.6]), array([0.914]))
    """
    inside = np.clip(value, np.finfo(np.float64).tiny, 1 - np.finfo(np.float64).eps)
    logit = np.log(inside) - np.log1p(-inside)
    reach = Z_95 * log_se / (1 - inside)
    return expit(logit - reach), expit(logit + reach)


def plug_in_log_se(
    value: OfCoefficients,
    point: NDArray[np.float64],
    vcov_root: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Plug-in values and, by the delta method, standard errors of their logarithm.

    .. math:: \mathrm{se}^2 = g^T V g, \quad g = \partial \log f / \partial \theta

    Parameters
    ----------
    value
        A function of the coefficients, more than 0, shape (n_values,).
    point
        Coefficients, shape (n_coefficients,).
    vcov_root
        R of their covariance matrix V = R R', shape (n_coefficients, n_coefficients).

    Returns
    -------
    tuple
        Values and standard errors, each of shape (n_values,). Derivatives are central
        differences, exact to about 1e-8.

    Examples
    --------
    >>> value, se = plug_in_log_se(lambda theta: np.exp(2 * theta), np.zeros(1), np.eye(1))
    >>> value, se.round(6)
    (array([1.]), array([2.]))
    """

    def log_value(theta: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(value(theta)))

    slopes = np.nan_to_num(central_differences(log_value, point, vcov_root))
    return value(point), np.linalg.norm(slopes, axis=0)
