"""k(d) and its derivatives over a run of cells."""

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled_loop
from scr.likelihood.kernel.exponential import LOG2_E, exponential, logarithm, power_of_two

LOG_LARGEST_U = 6.5
"""Largest log u of the hazard rate, k = 1 - exp(-u): above it k is 1 and its slopes are 0."""

PER_U: tuple[float, ...] = tuple((-1) ** n / math.factorial(n + 1) for n in range(14))
"""Coefficients of (1 - exp(-u)) / u by powers of u."""


@compiled_loop
def half_normal_curve(
    place: tuple[float, float, float],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    k: NDArray[np.float64],
    by_log_sigma: NDArray[np.float64],
) -> None:
    """Half-normal: k = exp(-u / 2), dk / dlog sigma = k u, with u = d^2 / sigma^2.

    Parameters
    ----------
    place
        Trap coordinates and sigma, metres.
    x, y
        Cells, metres.
    k, by_log_sigma
        Results.
    """
    x0, y0, sigma = place
    per_square = 1.0 / (sigma * sigma)
    for i in range(len(k)):
        dx, dy = x[i] - x0, y[i] - y0
        u = (dx * dx + dy * dy) * per_square
        value = power_of_two(-0.5 * LOG2_E * u)
        k[i] = value
        by_log_sigma[i] = value * u


@compiled_loop
def exponential_curve(
    place: tuple[float, float, float],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    k: NDArray[np.float64],
    by_log_sigma: NDArray[np.float64],
) -> None:
    """Exponential: k = exp(-u), dk / dlog sigma = k u, with u = d / sigma.

    Parameters
    ----------
    place, x, y, k, by_log_sigma
        As in ``half_normal_curve``.
    """
    x0, y0, sigma = place
    per_square = 1.0 / (sigma * sigma)
    for i in range(len(k)):
        dx, dy = x[i] - x0, y[i] - y0
        u = math.sqrt((dx * dx + dy * dy) * per_square)
        value = power_of_two(-LOG2_E * u)
        k[i] = value
        by_log_sigma[i] = value * u


@compiled_loop
def hazard_rate_curve(
    place: tuple[float, float, float],
    shape: tuple[float, bool],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    k: NDArray[np.float64],
    by_log_sigma: NDArray[np.float64],
    by_z: NDArray[np.float64],
) -> None:
    """Hazard rate: k = 1 - exp(-u), with u = (d / sigma)^-z.

    dk / dlog sigma = exp(-u) u z, and dk / dz = -exp(-u) u log(d / sigma).

    Parameters
    ----------
    place, x, y, k, by_log_sigma
        As in ``half_normal_curve``.
    shape
        z, and whether u stays below ``FAR_U``.
    by_z
        dk / dz.
    """
    x0, y0, sigma = place
    z, is_far = shape
    per_square = 1.0 / (sigma * sigma)
    if is_far:
        for i in range(len(k)):
            dx, dy = x[i] - x0, y[i] - y0
            log_ratio = 0.5 * logarithm((dx * dx + dy * dy) * per_square)
            u = exponential(-z * log_ratio)
            value = u * per_u(u)
            tail = u * (1.0 - value)
            k[i] = value
            by_log_sigma[i] = tail * z
            by_z[i] = -tail * log_ratio
    else:
        for i in range(len(k)):
            dx, dy = x[i] - x0, y[i] - y0
            log_ratio = 0.5 * logarithm(max((dx * dx + dy * dy) * per_square, 1e-300))
            u = exponential(min(-z * log_ratio, LOG_LARGEST_U))
            rest = exponential(-u)
            tail = u * rest
            series = u * (1.0 - u * (1 / 2 - u * (1 / 6 - u * (1 / 24))))
            k[i] = series if u < 1e-3 else 1.0 - rest
            by_log_sigma[i] = tail * z
            by_z[i] = -tail * log_ratio


@nb.njit(inline="always", error_model="numpy")
def per_u(u: float) -> float:
    """(1 - exp(-u)) / u to 1e-16, for u up to ``FAR_U``.

    Parameters
    ----------
    u
        As in ``hazard_rate_curve``.
    """
    p = PER_U[13]
    p = p * u + PER_U[12]
    p = p * u + PER_U[11]
    p = p * u + PER_U[10]
    p = p * u + PER_U[9]
    p = p * u + PER_U[8]
    p = p * u + PER_U[7]
    p = p * u + PER_U[6]
    p = p * u + PER_U[5]
    p = p * u + PER_U[4]
    p = p * u + PER_U[3]
    p = p * u + PER_U[2]
    p = p * u + PER_U[1]
    return float(p * u + 1.0)
