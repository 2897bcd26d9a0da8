"""What a record of detection adds to its leading term: G(x) = log((e^x - 1) / x), x = T h.

A binary record with effort T has e^x - 1 beside non-detection, y equal ones (e^x - 1)^y, which is
x^y e^{y G(x)}.
"""

import math

import numba as nb

from scr.likelihood.kernel.compiled import compiled_inside

SMALL = 0.3
"""Largest x for which the series of G and its slope, to x^8, are exact to 2e-14."""

TINY = 0.02
"""Largest x for which two terms fewer of these are exact to 1e-15."""


@nb.njit(inline="always", error_model="numpy")
def small_growth(x: float) -> float:
    """G(x) by its series, for x up to ``SMALL``.

    Parameters
    ----------
    x
        Cumulative hazard.
    """
    s = x * x
    return 0.5 * x + s * (1 / 24 - s * (1 / 2880 - s * (1 / 181440 - s / 9676800)))


@nb.njit(inline="always", error_model="numpy")
def small_rise(x: float) -> float:
    """X G'(x) by its series, for x up to ``SMALL``.

    Parameters
    ----------
    x
        Cumulative hazard.
    """
    s = x * x
    return 0.5 * x + s * (1 / 12 - s * (1 / 720 - s * (1 / 30240 - s / 1209600)))


@compiled_inside
def log_growth(x: float) -> float:
    """G(x) = log((e^x - 1) / x), for x > 0.

    Parameters
    ----------
    x
        Cumulative hazard.
    """
    if x < SMALL:
        return small_growth(x)
    return x + math.log(-math.expm1(-x) / x)
