"""Draws of a fit, and plug-in estimates with the delta method."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from scr.fit.result import Fit

_STEP = 1e-4


def thinned(draws: NDArray[np.float64], max_draws: int) -> NDArray[np.float64]:
    """Rows evenly spaced among the draws, all where there are no more than wanted.

    Parameters
    ----------
    draws
        Shape (n_draws, n_coefficients).
    max_draws
        Rows wanted, at least 1.

    Examples
    --------
    >>> thinned(np.arange(10.0)[:, None], 4).ravel()
    array([0., 3., 6., 9.])
    """
    if len(draws) <= max_draws:
        return draws
    rows = np.round(np.linspace(0, len(draws) - 1, max_draws)).astype(np.int64)
    return draws[rows]


def density_block(fit: Fit) -> slice:
    """Where the coefficients of density stand.

    Parameters
    ----------
    fit
        A fitted model.
    """
    return fit.problem.design.blocks["density"]


def method_of(fit: Fit) -> str:
    """How headlines were estimated, in words.

    Parameters
    ----------
    fit
        A fitted model.
    """
    return "maximum likelihood, plug-in" if fit.point is not None else "posterior"


def plug_in_log_se(
    value: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    point: NDArray[np.float64],
    vcov: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Plug-in values and, by the delta method, standard errors of their logarithm.

    .. math:: \mathrm{se}^2 = g^T V g, \quad g = \partial \log f / \partial \theta

    Parameters
    ----------
    value
        A function of the coefficients, more than 0, shape (n_values,).
    point
        Coefficients, shape (n_coefficients,).
    vcov
        Their variances and covariances, shape (n_coefficients, n_coefficients).

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
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = [
            (np.log(value(point + step)) - np.log(value(point - step))) / (2 * _STEP)
            for step in _STEP * np.eye(len(point))
        ]
    gradient = np.nan_to_num(np.stack(slopes, axis=-1))
    variance = np.einsum("...i,ij,...j->...", gradient, vcov, gradient)
    return value(point), np.sqrt(np.maximum(variance, 0.0))
