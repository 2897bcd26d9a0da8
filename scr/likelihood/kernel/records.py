"""Records of detection, and the most that one can be in a block of cells."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled_inside, compiled_loop
from scr.likelihood.kernel.growth import log_growth
from scr.likelihood.kernel.packing import EXPONENTIAL, HALF_NORMAL
from scr.likelihood.kernel.probability import LARGEST_PROBABILITY


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
