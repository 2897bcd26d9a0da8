"""Shapes of the detection functions in plain NumPy, by their logarithms."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincc, gammaln, log_ndtr

from scr.model.detection import DetectionFunction

Array = NDArray[np.float64]

LARGE = 40.0
"""From here on exp(x) - 1 is exp(x), and 1 - exp(-x) is 1, in double precision."""


def log_k(distance: Array, family: DetectionFunction, *, sigma: float, z: float) -> Array:
    """Log of the shape of a detection function, without underflow at large distances.

    Parameters
    ----------
    distance
        Metres.
    family
        Detection function.
    sigma
        Metres.
    z
        Second shape parameter, where the family has one.
    """
    with np.errstate(divide="ignore"):
        return np.asarray(_LOG_K[family.shape](distance, sigma, z))


def _log_hazard_rate(distance: Array, sigma: float, z: float) -> Array:
    log_u = np.minimum(-z * np.log(distance / sigma), np.log(LARGE))  # u = (d / sigma)^-z
    u = np.exp(log_u)
    return np.asarray(log_u + log_ratio(-np.expm1(-u), u))


def _log_cumulative_lognormal(distance: Array, sigma: float, z: float) -> Array:
    v = np.log1p((z / sigma) ** 2)
    return np.asarray(log_ndtr(-(np.log(distance / sigma) + v / 2) / np.sqrt(v)))


def _log_cumulative_gamma(distance: Array, sigma: float, z: float) -> Array:
    x = z * np.asarray(distance) / sigma
    upper = gammaincc(z, x)
    # Far out by the asymptotic series of 6.5.32 in Abramowitz & Stegun, where the tail underflows.
    far = np.maximum(x, 600.0)
    terms = np.cumprod([(z - n) / far for n in range(1, 30)], axis=0)
    tail = (z - 1) * np.log(far) - far - gammaln(z) + np.log1p(terms.sum(axis=0))
    return np.asarray(np.where(x < 600.0, np.log(np.maximum(upper, 1e-300)), tail))


_LOG_K: dict[str, Callable[[Array, float, float], Array]] = {
    "half_normal": lambda d, sigma, _: -0.5 * (d / sigma) ** 2,
    "exponential": lambda d, sigma, _: -d / sigma,
    "hazard_rate": _log_hazard_rate,
    "variable_power": lambda d, sigma, z: -((d / sigma) ** z),
    "annular_normal": lambda d, sigma, z: -0.5 * ((d - z) / sigma) ** 2,
    "w_exponential": lambda d, sigma, z: -np.maximum(d - z, 0.0) / sigma,
    "cumulative_lognormal": _log_cumulative_lognormal,
    "cumulative_gamma": _log_cumulative_gamma,
    "compound_half_normal": lambda d, sigma, _: -0.5 * (d / sigma) ** 2,
}


def log_ratio(numerator: Array, x: Array) -> Array:
    """Log(numerator / x) of a function that is x for small x: 0 where x underflows.

    Parameters
    ----------
    numerator, x
        Any shape.
    """
    ratio = np.ones_like(x)
    np.divide(numerator, x, out=ratio, where=x > 0)
    return np.log(ratio)
