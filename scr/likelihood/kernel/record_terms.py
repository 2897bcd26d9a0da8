"""log Pr of detection records over runs of cells, beside non-detection, with slopes.

A binary record with effort T adds log(e^{hT} - 1), which with the -hT of the total hazard is
log(1 - e^{-hT}); a binomial one y log(e^h - 1); a Poisson count y log h. With x = hT,
log(e^x - 1) = log x + G(x), G(x) = log((e^x - 1) / x), whose derivative to log x is
x / (1 - e^{-x}) - 1.

Functions that run over cells take slices and numbers alone: handing them the whole of the data
would cost more than their work.
"""

import math

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled_inside, compiled_loop
from scr.likelihood.kernel.curves import LOG_LARGEST_U, per_u
from scr.likelihood.kernel.exponential import exponential, logarithm
from scr.likelihood.kernel.growth import SMALL, TINY, small_growth, small_rise
from scr.likelihood.kernel.packing import EXPONENTIAL, HALF_NORMAL
from scr.likelihood.kernel.probability import FAR, LARGEST_PROBABILITY, per_g
from scr.likelihood.kernel.probability import SMALL as SMALL_PROBABILITY
from scr.likelihood.kernel.reach import FAR_U
from scr.likelihood.kernel.records import Kind, Record

LOG_LARGEST = math.log(LARGEST_PROBABILITY)


@compiled_loop
def log_shape(
    kind: Kind,
    record: Record,
    most_k: float,
    cells: tuple[NDArray[np.float64], NDArray[np.float64]],
    log_k: NDArray[np.float64],
    by_log_sigma: NDArray[np.float64],
    by_z: NDArray[np.float64],
) -> None:
    """Log k(d) over a run of cells, its derivative to log sigma and to z; finite anywhere.

    Parameters
    ----------
    kind, record
        Which record.
    most_k
        Upper bound of k.
    cells
        x and y, metres.
    log_k, by_log_sigma, by_z
        Results; ``by_z`` of length 0 where the shape has no z.
    """
    x, y = cells
    per_square = 1.0 / (record.sigma * record.sigma)
    x0, y0, z = record.x, record.y, record.z
    if kind.shape == HALF_NORMAL:
        for i in range(len(x)):
            dx, dy = x[i] - x0, y[i] - y0
            u = (dx * dx + dy * dy) * per_square
            log_k[i] = -0.5 * u
            by_log_sigma[i] = u
    elif kind.shape == EXPONENTIAL:
        for i in range(len(x)):
            dx, dy = x[i] - x0, y[i] - y0
            u = math.sqrt((dx * dx + dy * dy) * per_square)
            log_k[i] = -u
            by_log_sigma[i] = u
    elif most_k <= FAR_U:
        for i in range(len(x)):
            dx, dy = x[i] - x0, y[i] - y0
            log_ratio = 0.5 * logarithm((dx * dx + dy * dy) * per_square)
            u = exponential(-z * log_ratio)
            s = u * u
            # log of k / u = (1 - exp(-u)) / u
            high = 1 / 9676800 - s * (1 / 479001600 - s * (691 / 15692092416000))
            growth = s * (1 / 24 - s * (1 / 2880 - s * (1 / 181440 - s * high)))
            log_k[i] = -z * log_ratio - 0.5 * u + growth
            slope = (1.0 - u * per_u(u)) / per_u(u)
            by_log_sigma[i] = slope * z
            by_z[i] = -slope * log_ratio
    else:
        for i in range(len(x)):
            dx, dy = x[i] - x0, y[i] - y0
            log_ratio = 0.5 * logarithm(max((dx * dx + dy * dy) * per_square, 1e-300))
            log_u = min(-z * log_ratio, LOG_LARGEST_U)
            u = exponential(log_u)
            rest = exponential(-u)
            # k / u = (1 - exp(-u)) / u, which is 1 far away where k itself may be too small
            near_1 = 1.0 - u * (1 / 2 - u * (1 / 6 - u * (1 / 24)))
            part = near_1 if u < 1e-3 else (1.0 - rest) / u
            log_k[i] = log_u + logarithm(part)
            tail = rest / part
            by_log_sigma[i] = tail * z
            by_z[i] = -tail * log_ratio


@compiled_loop
def add_hazards(
    record: Record,
    is_hazard: int,
    log_h: NDArray[np.float64],
    log_history: NDArray[np.float64],
    slope: NDArray[np.float64],
) -> None:
    """From log k to log h, with y log h added to the history.

    Parameters
    ----------
    record
        Which record.
    is_hazard
        Whether h = lambda0 k; else h = -log(1 - g0 k).
    log_h
        log k, overwritten by log h.
    log_history
        log Pr(history), added to.
    slope
        Result: y times the derivative of log h to log k.
    """
    times, log_intensity = record.times, math.log(record.intensity)
    if is_hazard:
        for i in range(len(log_h)):
            log_h[i] += log_intensity
            log_history[i] += times * log_h[i]
            slope[i] = times
    else:
        for i in range(len(log_h)):
            log_g = min(log_h[i] + log_intensity, LOG_LARGEST)
            g = exponential(log_g)
            series = per_g(min(g, SMALL_PROBABILITY))
            h_by_g = series if g < SMALL_PROBABILITY else -logarithm(1.0 - g) / g
            log_h[i] = log_g + logarithm(h_by_g)
            log_history[i] += times * log_h[i]
            slope[i] = times / ((1.0 - g) * h_by_g)


@compiled_loop
def add_record_growth(
    record: Record,
    most: float,
    log_h: NDArray[np.float64],
    log_history: NDArray[np.float64],
    slope: NDArray[np.float64],
) -> None:
    """Add y (log T + G(hT)), which makes y log h into y log(e^{hT} - 1).

    Parameters
    ----------
    record
        Which record.
    most
        Upper bound of hT.
    log_h
        log h of each cell.
    log_history
        log Pr(history), added to.
    slope
        y times the derivative of log h to log k, multiplied by 1 + G'.
    """
    times, effort = record.times, record.effort
    log_effort = math.log(effort)
    if most < SMALL:
        for i in range(len(log_h)):
            v = effort * exponential(log_h[i])
            log_history[i] += times * (log_effort + small_growth(v))
            slope[i] *= 1.0 + small_rise(v)
    else:
        for i in range(len(log_h)):
            v = effort * exponential(log_h[i])
            near = 1.0 - exponential(-v)
            growth, rise = small_growth(min(v, SMALL)), 1.0 + small_rise(min(v, SMALL))
            large = max(v, SMALL)
            exact = v + logarithm(max(near, SMALL * SMALL) / large)
            log_history[i] += times * (log_effort + (growth if v < SMALL else exact))
            slope[i] *= rise if v < SMALL else v / max(near, SMALL * SMALL)


@compiled_loop
def add_hazard_record(
    record: Record,
    most: float,
    log_k: NDArray[np.float64],
    log_history: NDArray[np.float64],
    slope: NDArray[np.float64],
) -> None:
    """Add y log(e^{hT} - 1), where h = lambda0 k.

    Parameters
    ----------
    record
        Which record.
    most
        Upper bound of hT.
    log_k
        Log k of each cell.
    log_history
        log Pr(history), added to.
    slope
        Result: derivative of the term to log k.
    """
    times = record.times
    log_at_trap = math.log(record.intensity * record.effort)
    if most < TINY:
        for i in range(len(log_k)):
            log_x = log_at_trap + log_k[i]
            v = exponential(log_x)
            s = v * v
            log_history[i] += times * (log_x + 0.5 * v + s * (1 / 24 - s * (1 / 2880)))
            slope[i] = times * (1.0 + 0.5 * v + s * (1 / 12 - s * (1 / 720)))
    elif most < SMALL:
        for i in range(len(log_k)):
            log_x = log_at_trap + log_k[i]
            v = exponential(log_x)
            log_history[i] += times * (log_x + small_growth(v))
            slope[i] = times * (1.0 + small_rise(v))
    else:
        for i in range(len(log_k)):
            log_x = log_at_trap + log_k[i]
            v = exponential(log_x)
            growth, rise = small_growth(min(v, SMALL)), small_rise(min(v, SMALL))
            large = max(v, SMALL)
            near = 1.0 - exponential(-large)
            exact = large + logarithm(near / large)
            log_history[i] += times * (log_x + (growth if v < SMALL else exact))
            slope[i] = times * (1.0 + rise if v < SMALL else large / near)


@compiled_loop
def add_odds(
    record: Record,
    most: float,
    log_k: NDArray[np.float64],
    log_history: NDArray[np.float64],
    slope: NDArray[np.float64],
) -> None:
    """Add y log(e^h - 1) = y log(g / (1 - g)), of records of one occasion each.

    Parameters
    ----------
    record
        Which record.
    most
        Upper bound of g.
    log_k
        Log k of each cell.
    log_history
        log Pr(history), added to.
    slope
        Result: derivative of the term to log k, y / (1 - g).
    """
    times, log_g0 = record.times, math.log(record.intensity)
    if most <= FAR:
        for i in range(len(log_k)):
            log_g = log_g0 + log_k[i]
            g = exponential(log_g)
            h = g * (1.0 + g * (1 / 2 + g * (1 / 3 + g * (1 / 4))))
            log_history[i] += times * (log_g + h)
            slope[i] = times * (1.0 + g * (1.0 + g * (1.0 + g * (1.0 + g))))
    elif most <= SMALL_PROBABILITY:
        for i in range(len(log_k)):
            log_g = log_g0 + log_k[i]
            g = exponential(log_g)
            log_history[i] += times * (log_g + g * per_g(g))
            slope[i] = times / (1.0 - g)
    else:
        for i in range(len(log_k)):
            log_g = min(log_g0 + log_k[i], LOG_LARGEST)
            rest = 1.0 - exponential(log_g)
            log_history[i] += times * (log_g - logarithm(rest))
            slope[i] = times / rest


@compiled_inside
def add_record(
    kind: Kind,
    record: Record,
    most_k: float,
    cells: tuple[NDArray[np.float64], NDArray[np.float64]],
    history: tuple[NDArray[np.float64], NDArray[np.float64]],
    slope: NDArray[np.float64],
    by_log_sigma: NDArray[np.float64],
    by_z: NDArray[np.float64],
) -> None:
    """Add a record's log probability over a run of cells, and note its slopes.

    Parameters
    ----------
    kind, record
        Which record.
    most_k
        Upper bound of k(d).
    cells
        x and y, metres.
    history
        log Pr(history), added to, and room for log k of each cell.
    slope
        Derivative of the term to log k.
    by_log_sigma, by_z
        Derivative of log k to log sigma, and to z where the shape has one (else of length 0).
    """
    log_history, log_k = history
    log_shape(kind, record, most_k, cells, log_k, by_log_sigma, by_z)
    if kind.is_hazard and not kind.is_poisson:
        most = record.intensity * record.effort * most_k
        add_hazard_record(record, most, log_k, log_history, slope)
    elif record.effort == 1.0 and not kind.is_poisson:
        add_odds(record, record.intensity * most_k, log_k, log_history, slope)
    else:
        add_hazards(record, kind.is_hazard, log_k, log_history, slope)
        if not kind.is_poisson:
            most = -math.log1p(-min(record.intensity * most_k, LARGEST_PROBABILITY))
            add_record_growth(record, most * record.effort, log_k, log_history, slope)
