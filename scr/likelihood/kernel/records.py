"""log Pr of detection records over runs of cells, beside non-detection, with slopes.

A binary record with effort T adds log(e^{hT} - 1), which with the -hT of the total hazard is
log(1 - e^{-hT}); a binomial one y log(e^h - 1); a Poisson count y log h. With x = hT,
log(e^x - 1) = log x + G(x), G(x) = log((e^x - 1) / x), whose derivative to log x is
x / (1 - e^{-x}) - 1.
"""

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.exponential import FAST, exponential
from scr.likelihood.kernel.hazard import LARGEST_PROBABILITY
from scr.likelihood.kernel.packing import EXPONENTIAL, HALF_NORMAL, Packed
from scr.likelihood.kernel.state import State

SMALL = 0.3
"""Largest x for which the series of G and its slope, to x^8, are exact to 2e-14."""


@nb.njit(nogil=True, cache=True, error_model="numpy")
def log_growth(x: float) -> float:
    """G(x) = log((e^x - 1) / x), for x > 0.

    Parameters
    ----------
    x
        Cumulative hazard.
    """
    if x < SMALL:
        s = x * x
        return x * 0.5 + s * (1 / 24 - s * (1 / 2880 - s * (1 / 181440 - s / 9676800)))
    return x + math.log(-math.expm1(-x) / x)


@nb.njit(nogil=True, cache=True, error_model="numpy")
def log_shape_bound(shape: int, d: float, sigma: float, z: float) -> float:
    """Upper bound of log k(d), tight for large d.

    Parameters
    ----------
    shape
        Code of the shape.
    d, sigma, z
        Distance and scale, metres; second shape parameter.
    """
    if shape == HALF_NORMAL:
        return float(-0.5 * (d / sigma) ** 2)
    if shape == EXPONENTIAL:
        return float(-d / sigma)
    return min(0.0, -z * math.log(max(d, 1e-150) / sigma))


@nb.njit(nogil=True, cache=True, error_model="numpy")
def log_record_at_trap(data: Packed, record: int, intensity: NDArray[np.float64]) -> float:
    """Upper bound of a record's log probability, less count x log k(d).

    h(d) <= k(d) h(0) for hazard and probability forms alike, and G increases.

    Parameters
    ----------
    data
        The data.
    record
        Which record.
    intensity
        lambda0 or g0 by level.
    """
    h = intensity[data.record_intensity[record]]
    if not data.is_hazard.item():
        h = -math.log1p(-min(h, LARGEST_PROBABILITY))
    if data.is_poisson.item():
        return float(data.record_count[record] * math.log(h))
    x = h * data.record_effort[record]
    return float(data.record_count[record] * (math.log(x) + log_growth(x)))


@nb.njit(nogil=True, cache=True, error_model="numpy", fastmath=FAST)
def add_half_normal_hazard(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    place: tuple[float, float, float],
    amount: tuple[float, float, float],
    log_history: NDArray[np.float64],
    slopes: NDArray[np.float64],
) -> None:
    """The commonest record, hazard_half_normal with x below ``SMALL``: no branch in the loop.

    Parameters
    ----------
    x, y
        Cells, metres.
    place
        Trap coordinates and sigma, metres.
    amount
        Count, lambda0 T and its logarithm.
    log_history
        log Pr(history), added to.
    slopes
        Derivative of the term to log k, and of log k to log sigma and z, shape (3, n_cells).
    """
    x0, y0, sigma = place
    count, at_trap, log_at_trap = amount
    per_square = 1.0 / (sigma * sigma)
    for i in range(len(x)):
        dx, dy = x[i] - x0, y[i] - y0
        u = (dx * dx + dy * dy) * per_square
        v = at_trap * exponential(-0.5 * u)
        s = v * v
        log_history[i] += count * (
            log_at_trap
            - 0.5 * u
            + 0.5 * v
            + s * (1 / 24 - s * (1 / 2880 - s * (1 / 181440 - s / 9676800)))
        )
        slopes[0, i] = count * (
            1.0 + 0.5 * v + s * (1 / 12 - s * (1 / 720 - s * (1 / 30240 - s / 1209600)))
        )
        slopes[1, i] = u
        slopes[2, i] = 0.0


@nb.njit(nogil=True, cache=True, error_model="numpy")
def log_shape(shape: int, d: float, sigma: float, z: float) -> tuple[float, float, float]:
    """Log k(d), its derivative to log sigma and to z; finite at any distance.

    Parameters
    ----------
    shape
        Code of the shape.
    d, sigma, z
        Distance and scale, metres; second shape parameter.
    """
    if shape == HALF_NORMAL:
        u = (d / sigma) ** 2
        return -0.5 * u, u, 0.0
    if shape == EXPONENTIAL:
        return -d / sigma, d / sigma, 0.0
    log_ratio = math.log(max(d, 1e-150)) - math.log(sigma)
    log_u = -z * log_ratio
    if log_u < -34.0:
        return log_u, z, -log_ratio
    u = math.exp(min(log_u, 700.0))
    k = -math.expm1(-u)
    tail = u * math.exp(-u) / k
    return math.log(k), tail * z, -tail * log_ratio


@nb.njit(nogil=True, cache=True, error_model="numpy")
def log_record(
    data: Packed, log_k: float, intensity: float, count: float, effort: float
) -> tuple[float, float]:
    """A record's log probability and its derivative to log k, at any distance.

    Parameters
    ----------
    data
        The data.
    log_k
        log k(d).
    intensity
        lambda0 or g0.
    count, effort
        Of the record.
    """
    log_h, h_slope = math.log(intensity) + log_k, 1.0
    h = math.exp(log_h)
    if not data.is_hazard.item():
        g = min(h, LARGEST_PROBABILITY)
        if g > 1e-8:
            h = -math.log1p(-g)
            log_h = math.log(h)
            h_slope = g / ((1.0 - g) * h)
        else:
            log_h += 0.5 * g
            h_slope = 1.0 + 0.5 * g
    if data.is_poisson.item():
        return count * log_h, count * h_slope
    x = h * effort
    log_slope = 1.0 + 0.5 * x if x < 1e-8 else x / -math.expm1(-x)
    return count * (log_h + math.log(effort) + log_growth(x)), count * log_slope * h_slope


@nb.njit(nogil=True, cache=True, error_model="numpy")
def add_record(
    data: Packed,
    state: State,
    record: int,
    block: int,
    log_history: NDArray[np.float64],
    slopes: NDArray[np.float64],
) -> None:
    """Add a record's log probability over the cells of a block, and note its slopes.

    Parameters
    ----------
    data, state
        The data and parameters.
    record, block
        Which of them.
    log_history
        log Pr(history) over the block, added to.
    slopes
        Derivative of the term to log k, and of log k to log sigma and z, shape (3, n_cells).
    """
    level = data.record_shape[record]
    intensity, sigma, z = (
        state.intensity[data.record_intensity[record]],
        state.sigma[level],
        state.z[level],
    )
    begin, end = data.block_start[block], data.block_start[block + 1]
    x, y = data.cell_x[begin:end], data.cell_y[begin:end]
    x0, y0 = data.record_x[record], data.record_y[record]
    count, effort = data.record_count[record], data.record_effort[record]
    shape = data.shape.item()
    if shape == HALF_NORMAL and data.is_hazard.item() and not data.is_poisson.item():
        at_trap = intensity * effort
        nearest = distance_to_block(data, block, x0, y0)
        if at_trap * math.exp(log_shape_bound(shape, nearest, sigma, z)) < SMALL:
            amount = (count, at_trap, math.log(at_trap))
            add_half_normal_hazard(x, y, (x0, y0, sigma), amount, log_history, slopes)
            return
    for i in range(end - begin):
        d = math.sqrt((x[i] - x0) ** 2 + (y[i] - y0) ** 2)
        log_k, slopes[1, i], slopes[2, i] = log_shape(shape, d, sigma, z)
        term, slopes[0, i] = log_record(data, log_k, intensity, count, effort)
        log_history[i] += term


@nb.njit(nogil=True, cache=True, error_model="numpy")
def distance_to_block(data: Packed, block: int, x: float, y: float) -> float:
    """Distance from a place to the nearest point of a block's box, metres.

    Parameters
    ----------
    data
        The data.
    block
        Which block.
    x, y
        The place, metres.
    """
    box = data.block_box[block]
    dx = max(box[0] - x, x - box[1], 0.0)
    dy = max(box[2] - y, y - box[3], 0.0)
    return math.sqrt(dx * dx + dy * dy)
