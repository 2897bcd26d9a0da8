"""log Pr of detection records over runs of cells, beside non-detection, with slopes.

A binary record with effort T adds log(e^{hT} - 1), which with the -hT of the total hazard is
log(1 - e^{-hT}); a binomial one y log(e^h - 1); a Poisson count y log h. With x = hT,
log(e^x - 1) = log x + G(x), G(x) = log((e^x - 1) / x), whose derivative to log x is
x / (1 - e^{-x}) - 1.

Functions that run over cells take slices and numbers alone: handing them the whole of the data
would cost more than their work.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled, compiled_loop
from scr.likelihood.kernel.exponential import exponential
from scr.likelihood.kernel.hazard import LARGEST_PROBABILITY
from scr.likelihood.kernel.packing import EXPONENTIAL, HALF_NORMAL

SMALL = 0.3
"""Largest x for which the series of G and its slope, to x^8, are exact to 2e-14."""


class Kind(NamedTuple):
    """What the detection function and the records are.

    Parameters
    ----------
    shape
        Code of the shape.
    is_hazard
        Whether intensity is lambda0.
    is_poisson
        Whether records are Poisson counts.
    """

    shape: int
    is_hazard: int
    is_poisson: int


class Record(NamedTuple):
    """One record of detection with its parameters.

    Parameters
    ----------
    x, y
        Trap, metres.
    sigma, z
        Shape parameters.
    intensity
        lambda0 or g0.
    times, effort
        Count and effort.
    """

    x: float
    y: float
    sigma: float
    z: float
    intensity: float
    times: float
    effort: float


@compiled
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


@compiled
def log_record_at_trap(kind: Kind, record: Record) -> float:
    """Upper bound of a record's log probability, less count x log k(d).

    h(d) <= k(d) h(0) for hazard and probability forms alike, and G increases.

    Parameters
    ----------
    kind, record
        Which record.
    """
    h = record.intensity
    if not kind.is_hazard:
        h = -math.log1p(-min(h, LARGEST_PROBABILITY))
    if kind.is_poisson:
        return record.times * math.log(h)
    x = h * record.effort
    return record.times * (math.log(x) + log_growth(x))


@compiled_loop
def add_bound(
    kind: Kind,
    record: Record,
    x: tuple[NDArray[np.float64], NDArray[np.float64]],
    y: tuple[NDArray[np.float64], NDArray[np.float64]],
    bound: NDArray[np.float64],
) -> None:
    """Add to each block's bound the most that a record can be in it.

    Parameters
    ----------
    kind, record
        Which record.
    x, y
        Lowest and highest x, and y, of each block, metres.
    bound
        Upper bound of log Pr, added to, shape (n_blocks,).
    """
    low_x, high_x = x
    low_y, high_y = y
    at_trap = log_record_at_trap(kind, record)
    per_square = 1.0 / (record.sigma * record.sigma)
    times = record.times
    for block in range(len(bound)):
        dx = max(low_x[block] - record.x, record.x - high_x[block], 0.0)
        dy = max(low_y[block] - record.y, record.y - high_y[block], 0.0)
        u = (dx * dx + dy * dy) * per_square
        if kind.shape == HALF_NORMAL:
            bound[block] += at_trap - 0.5 * times * u
        elif kind.shape == EXPONENTIAL:
            bound[block] += at_trap - times * math.sqrt(u)
        else:
            log_k = min(0.0, -0.5 * record.z * math.log(max(u, 1e-300)))
            bound[block] += at_trap + times * log_k


@compiled_loop
def add_half_normal_hazard(
    record: Record,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    log_history: NDArray[np.float64],
    slope: NDArray[np.float64],
    by_log_sigma: NDArray[np.float64],
) -> float:
    """The commonest record, hazard_half_normal, by the series of G: no branch in the loop.

    Parameters
    ----------
    record
        Which record.
    x, y
        Cells, metres.
    log_history
        log Pr(history), added to.
    slope
        Derivative of the term to log k.
    by_log_sigma
        Derivative of log k to log sigma.

    Returns
    -------
    float
        Number of cells with x above ``SMALL``, where the series does not hold.
    """
    per_square = 1.0 / (record.sigma * record.sigma)
    at_trap = record.intensity * record.effort
    log_at_trap = math.log(at_trap)
    count = record.times
    n_near = 0.0
    for i in range(len(x)):
        dx, dy = x[i] - record.x, y[i] - record.y
        u = (dx * dx + dy * dy) * per_square
        v = at_trap * exponential(-0.5 * u)
        s = v * v
        growth = 0.5 * v + s * (1 / 24 - s * (1 / 2880 - s * (1 / 181440 - s / 9676800)))
        log_history[i] += count * (log_at_trap - 0.5 * u + growth)
        slope[i] = count * (
            1.0 + 0.5 * v + s * (1 / 12 - s * (1 / 720 - s * (1 / 30240 - s / 1209600)))
        )
        by_log_sigma[i] = u
        n_near += 1.0 if v >= SMALL else 0.0
    return n_near


@compiled
def mend_near_trap(
    record: Record,
    log_history: NDArray[np.float64],
    slope: NDArray[np.float64],
    by_log_sigma: NDArray[np.float64],
) -> None:
    """Put the exact G where ``add_half_normal_hazard`` met an x above ``SMALL``.

    Parameters
    ----------
    record, log_history, slope, by_log_sigma
        As there, after it.
    """
    at_trap = record.intensity * record.effort
    for i in range(len(slope)):
        v = at_trap * math.exp(-0.5 * by_log_sigma[i])
        if v >= SMALL:
            s = v * v
            series = 0.5 * v + s * (1 / 24 - s * (1 / 2880 - s * (1 / 181440 - s / 9676800)))
            log_history[i] += record.times * (log_growth(v) - series)
            slope[i] = record.times * v / -math.expm1(-v)


@compiled
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


@compiled
def log_record(kind: Kind, record: Record, log_k: float) -> tuple[float, float]:
    """A record's log probability and its derivative to log k, at any distance.

    Parameters
    ----------
    kind, record
        Which record.
    log_k
        log k(d).
    """
    log_h, h_slope = math.log(record.intensity) + log_k, 1.0
    h = math.exp(log_h)
    if not kind.is_hazard:
        g = min(h, LARGEST_PROBABILITY)
        if g > 1e-8:
            h = -math.log1p(-g)
            log_h = math.log(h)
            h_slope = g / ((1.0 - g) * h)
        else:
            log_h += 0.5 * g
            h_slope = 1.0 + 0.5 * g
    if kind.is_poisson:
        return record.times * log_h, record.times * h_slope
    x = h * record.effort
    x_slope = 1.0 + 0.5 * x if x < 1e-8 else x / -math.expm1(-x)
    log_term = log_h + math.log(record.effort) + log_growth(x)
    return record.times * log_term, record.times * x_slope * h_slope


@compiled
def add_record(
    kind: Kind,
    record: Record,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    log_history: NDArray[np.float64],
    slope: NDArray[np.float64],
    by_log_sigma: NDArray[np.float64],
    by_z: NDArray[np.float64],
) -> None:
    """Add a record's log probability over a run of cells, and note its slopes.

    Parameters
    ----------
    kind, record
        Which record.
    x, y
        Cells, metres.
    log_history
        log Pr(history), added to.
    slope
        Derivative of the term to log k.
    by_log_sigma, by_z
        Derivative of log k to log sigma, and to z where the shape has one (else of length 0).
    """
    if kind.shape == HALF_NORMAL and kind.is_hazard and not kind.is_poisson:
        n_near = add_half_normal_hazard(record, x, y, log_history, slope, by_log_sigma)
        if n_near > 0.0:
            mend_near_trap(record, log_history, slope, by_log_sigma)
        return
    for i in range(len(x)):
        d = math.sqrt((x[i] - record.x) ** 2 + (y[i] - record.y) ** 2)
        log_k, by_log_sigma[i], to_z = log_shape(kind.shape, d, record.sigma, record.z)
        term, slope[i] = log_record(kind, record, log_k)
        log_history[i] += term
        if len(by_z) > 0:
            by_z[i] = to_z
