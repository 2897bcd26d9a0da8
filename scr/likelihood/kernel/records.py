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

from scr.likelihood.kernel.compiled import compiled_inside, compiled_loop
from scr.likelihood.kernel.curves import LOG_LARGEST_U
from scr.likelihood.kernel.exponential import exponential, logarithm
from scr.likelihood.kernel.growth import SMALL, log_growth
from scr.likelihood.kernel.hazard import LARGEST_PROBABILITY
from scr.likelihood.kernel.packing import EXPONENTIAL, HALF_NORMAL, HAZARD_RATE

LOG_LARGEST = math.log(LARGEST_PROBABILITY)


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


@compiled_inside
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
def log_shape(
    kind: Kind,
    record: Record,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    log_k: NDArray[np.float64],
    by_log_sigma: NDArray[np.float64],
    by_z: NDArray[np.float64],
) -> None:
    """Log k(d) over a run of cells, its derivative to log sigma and to z; finite anywhere.

    Parameters
    ----------
    kind, record
        Which record.
    x, y
        Cells, metres.
    log_k, by_log_sigma, by_z
        Results; ``by_z`` of length 0 where the shape has no z.
    """
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
    else:
        for i in range(len(x)):
            dx, dy = x[i] - x0, y[i] - y0
            log_ratio = 0.5 * logarithm(max((dx * dx + dy * dy) * per_square, 1e-300))
            log_u = min(-z * log_ratio, LOG_LARGEST_U)
            u = exponential(log_u)
            rest = exponential(-u)
            # k / u = (1 - exp(-u)) / u, which is 1 far away where k itself may be too small
            per_u = 1.0 - u * (1 / 2 - u * (1 / 6 - u * (1 / 24))) if u < 1e-3 else (1.0 - rest) / u
            log_k[i] = log_u + logarithm(per_u)
            tail = rest / per_u
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
            # h / g = -log(1 - g) / g
            series = 1.0 + g * (
                1 / 2 + g * (1 / 3 + g * (1 / 4 + g * (1 / 5 + g * (1 / 6 + g * (1 / 7 + g / 8)))))
            )
            per_g = series if g < 0.01 else -logarithm(1.0 - g) / g
            log_h[i] = log_g + logarithm(per_g)
            log_history[i] += times * log_h[i]
            slope[i] = times / ((1.0 - g) * per_g)


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
            s = v * v
            growth = 0.5 * v + s * (1 / 24 - s * (1 / 2880 - s * (1 / 181440 - s / 9676800)))
            log_history[i] += times * (log_effort + growth)
            slope[i] *= 1.0 + 0.5 * v + s * (1 / 12 - s * (1 / 720 - s * (1 / 30240 - s / 1209600)))
    else:
        for i in range(len(log_h)):
            v = effort * exponential(log_h[i])
            s = min(v * v, SMALL * SMALL)
            near = 1.0 - exponential(-v)
            growth = 0.5 * v + s * (1 / 24 - s * (1 / 2880 - s * (1 / 181440 - s / 9676800)))
            rise = 1.0 + 0.5 * v + s * (1 / 12 - s * (1 / 720 - s * (1 / 30240 - s / 1209600)))
            large = max(v, SMALL)
            exact = v + logarithm(max(near, SMALL * SMALL) / large)
            log_history[i] += times * (log_effort + (growth if v < SMALL else exact))
            slope[i] *= rise if v < SMALL else v / max(near, SMALL * SMALL)


@compiled_loop
def scaled_distances(
    record: Record,
    power: float,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    u: NDArray[np.float64],
) -> None:
    """(d / sigma)^2 for the half-normal and d / sigma for the exponential, where log k = -power u.

    Parameters
    ----------
    record
        Which record.
    power
        1/2 or 1.
    x, y
        Cells, metres.
    u
        Result, which is the derivative of log k to log sigma, too.
    """
    per_square = 1.0 / (record.sigma * record.sigma)
    x0, y0 = record.x, record.y
    for i in range(len(u)):
        dx, dy = x[i] - x0, y[i] - y0
        u[i] = (dx * dx + dy * dy) * per_square
    if power > 0.75:
        for i in range(len(u)):
            u[i] = math.sqrt(u[i])


@compiled_loop
def add_hazard_record(
    record: Record,
    kind: tuple[float, int],
    u: NDArray[np.float64],
    log_history: NDArray[np.float64],
    slope: NDArray[np.float64],
) -> None:
    """Add y log(e^{hT} - 1), or y log h of Poisson counts, where h = lambda0 exp(-power u).

    Parameters
    ----------
    record
        Which record.
    kind
        The power, and whether records are Poisson counts.
    u
        From ``scaled_distances``.
    log_history
        log Pr(history), added to.
    slope
        Result: derivative of the term to log k.
    """
    power, is_poisson = kind
    times, most = record.times, record.intensity * record.effort
    if is_poisson:
        log_at_trap = math.log(record.intensity)
        for i in range(len(u)):
            log_history[i] += times * (log_at_trap - power * u[i])
            slope[i] = times
        return
    log_at_trap = math.log(most)
    if most < SMALL:
        for i in range(len(u)):
            log_x = log_at_trap - power * u[i]
            v = exponential(log_x)
            s = v * v
            growth = 0.5 * v + s * (1 / 24 - s * (1 / 2880 - s * (1 / 181440 - s / 9676800)))
            log_history[i] += times * (log_x + growth)
            rise = 0.5 * v + s * (1 / 12 - s * (1 / 720 - s * (1 / 30240 - s / 1209600)))
            slope[i] = times * (1.0 + rise)
    else:
        for i in range(len(u)):
            log_x = log_at_trap - power * u[i]
            v = exponential(log_x)
            s = min(v * v, SMALL * SMALL)
            growth = 0.5 * v + s * (1 / 24 - s * (1 / 2880 - s * (1 / 181440 - s / 9676800)))
            rise = 0.5 * v + s * (1 / 12 - s * (1 / 720 - s * (1 / 30240 - s / 1209600)))
            large = max(v, SMALL)
            near = 1.0 - exponential(-large)
            exact = large + logarithm(near / large)
            log_history[i] += times * (log_x + (growth if v < SMALL else exact))
            slope[i] = times * (1.0 + rise if v < SMALL else large / near)


@compiled_inside
def add_record(
    kind: Kind,
    record: Record,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
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
    x, y
        Cells, metres.
    history
        log Pr(history), added to, and room for log h.
    slope
        Derivative of the term to log k.
    by_log_sigma, by_z
        Derivative of log k to log sigma, and to z where the shape has one (else of length 0).
    """
    log_history, scratch = history
    if kind.is_hazard and kind.shape != HAZARD_RATE:
        power = 0.5 if kind.shape == HALF_NORMAL else 1.0
        scaled_distances(record, power, x, y, by_log_sigma)
        add_hazard_record(record, (power, kind.is_poisson), by_log_sigma, log_history, slope)
        return
    log_shape(kind, record, x, y, scratch, by_log_sigma, by_z)
    add_hazards(record, kind.is_hazard, scratch, log_history, slope)
    if not kind.is_poisson:
        h = record.intensity
        if not kind.is_hazard:
            h = -math.log1p(-min(h, LARGEST_PROBABILITY))
        add_record_growth(record, h * record.effort, scratch, log_history, slope)
