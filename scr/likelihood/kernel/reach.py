"""How far a trap reaches, and the cells within its reach.

The reach follows from the current parameters. Cells beyond it have k < k*, with k* chosen so that
what is left out changes the log-likelihood by less than 1e-9: the total hazard of any cell changes
by less than (sum of T lambda0) k*, log L_i by no more than that, Lambda by no more than that times
the expected number of animals.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled, compiled_inside, compiled_view
from scr.likelihood.kernel.ordering import BLOCK
from scr.likelihood.kernel.packing import EXPONENTIAL, HALF_NORMAL, HAZARD_RATE, Packed

TOLERANCE = 1e-9
"""Bound on what is left out, in the log-likelihood."""

FAR_U = 0.5
"""Largest u of the hazard rate, k = 1 - exp(-u), for which a short series will do."""


class Runs(NamedTuple):
    """The cells within reach of each curve, as runs of neighbouring blocks of one row.

    Parameters
    ----------
    start
        First run of each curve (and one past the last).
    row, cell, length
        Row of each run, its first cell and the number of its cells.
    most_k
        Largest k(d) that a run can have.
    """

    start: NDArray[np.int64]
    row: NDArray[np.int64]
    cell: NDArray[np.int64]
    length: NDArray[np.int64]
    most_k: NDArray[np.float64]


@compiled
def reach(
    data: Packed,
    intensity: NDArray[np.float64],
    sigma: NDArray[np.float64],
    n_expected: float,
) -> NDArray[np.float64]:
    """Distance beyond which a shape level counts for nothing, metres, shape (n_shape,).

    Parameters
    ----------
    data
        The data.
    intensity, sigma
        Parameters by level.
    n_expected
        Expected number of animals in all sessions.
    """
    largest = 0.0
    for field in range(len(data.field_session)):
        total = 0.0
        for e in range(data.field_start[field], data.field_start[field + 1]):
            total += data.exposure_effort[e] * intensity[data.exposure_intensity[e]]
        largest = max(largest, total)
    k_left_out = 0.5 * TOLERANCE / ((len(data.animal_session) + n_expected) * largest)
    result = np.full(len(sigma), np.inf)
    if k_left_out > 0.0:
        for level in range(len(sigma)):
            if data.shape.item() != HAZARD_RATE:
                result[level] = distance_of(data, min(k_left_out, 0.5), sigma[level], 0.0)
    return result


@compiled_inside
def distance_of(data: Packed, k: float, sigma: float, z: float) -> float:
    """Distance at which k(d) has fallen to some value, metres.

    Parameters
    ----------
    data
        The data, for the shape.
    k
        The value; u = (d / sigma)^-z in its place for the hazard rate.
    sigma, z
        Shape parameters.
    """
    shape = data.shape.item()
    if shape == HALF_NORMAL:
        return sigma * math.sqrt(max(0.0, -2.0 * math.log(k)))
    if shape == EXPONENTIAL:
        return sigma * max(0.0, -math.log(k))
    return sigma * math.exp(-math.log(k) / z)


@compiled_inside
def k_within(shape: int, u: float, z: float) -> float:
    """Upper bound of k(d) from (d / sigma)^2 on, finite anywhere.

    Parameters
    ----------
    shape
        Code of the shape.
    u
        (d / sigma)^2.
    z
        Shape parameter of the hazard rate.
    """
    if shape == HALF_NORMAL:
        return math.exp(-0.5 * u)
    if shape == EXPONENTIAL:
        return math.exp(-math.sqrt(u))
    return min(1.0, math.exp(min(0.0, -0.5 * z * math.log(max(u, 1e-300)))))


@compiled
def runs_within(
    data: Packed,
    sigma: NDArray[np.float64],
    z: NDArray[np.float64],
    reaches: NDArray[np.float64],
) -> Runs:
    """The cells within reach of each curve; none for a lattice.

    Cells near enough to a trap for the long form of the hazard rate are in runs of their own.

    Parameters
    ----------
    data
        The data.
    sigma, z
        Parameters by level.
    reaches
        From ``reach``.
    """
    n_curves = 0 if data.is_separable.item() else len(data.curve_x)
    most = 0
    for curve in range(n_curves):
        first, last = rows_within(data, curve, reaches[data.curve_shape[curve]])
        most += 3 * (last - first)
    runs = Runs(
        np.zeros(n_curves + 1, dtype=np.int64),
        np.empty(most, dtype=np.int64),
        np.empty(most, dtype=np.int64),
        np.empty(most, dtype=np.int64),
        np.empty(most),
    )
    n_runs = 0
    for curve in range(n_curves):
        level = data.curve_shape[curve]
        is_rate = data.shape.item() == HAZARD_RATE
        near = distance_of(data, FAR_U, sigma[level], z[level]) if is_rate else 0.0
        scale = (sigma[level], z[level])
        n_runs = note_runs(data, curve, (reaches[level], near), scale, n_runs, runs)
        runs.start[curve + 1] = n_runs
    return runs


@compiled_inside
def note_runs(
    data: Packed,
    curve: int,
    limits: tuple[float, float],
    scale: tuple[float, float],
    n_runs: int,
    runs: Runs,
) -> int:
    """Note the runs of one curve; returns the number of runs so far.

    Parameters
    ----------
    data
        The data.
    curve
        Which curve.
    limits
        Its reach, and the distance below which cells are near, metres.
    scale
        sigma and z.
    n_runs
        Number of runs before.
    runs
        Added to.
    """
    x, y = data.curve_x[curve], data.curve_y[curve]
    limit, near = limits
    shape = data.shape.item()
    first, last = rows_within(data, curve, limit)
    for row in range(first, last):
        dy = max(data.row_low[row] - y, y - data.row_high[row], 0.0)
        left, right = blocks_within(data, row, x, half_chord(limit, dy))
        inner_left, inner_right = right, right
        if dy < near:
            inner_left, inner_right = blocks_within(data, row, x, half_chord(near, dy))
            inner_left = min(max(inner_left, left), right)
            inner_right = min(max(inner_right, inner_left), right)
        for begin, end in ((left, inner_left), (inner_left, inner_right), (inner_right, right)):
            if begin < end:
                dx = max(data.block_box[0, begin] - x, x - data.block_box[1, end - 1], 0.0)
                u = (dx * dx + dy * dy) / (scale[0] * scale[0])
                runs.row[n_runs] = row
                runs.cell[n_runs] = BLOCK * begin
                runs.length[n_runs] = BLOCK * (end - begin)
                runs.most_k[n_runs] = k_within(shape, u, scale[1])
                n_runs += 1
    return n_runs


@compiled_view
def half_chord(radius: float, away: float) -> float:
    """Half the length of a chord of a circle.

    Parameters
    ----------
    radius
        Of the circle, metres.
    away
        Distance of the chord from its centre, metres.
    """
    return math.sqrt(max(0.0, radius * radius - away * away)) if radius < np.inf else np.inf


@compiled_inside
def rows_within(data: Packed, curve: int, limit: float) -> tuple[int, int]:
    """Rows with cells within a distance of a curve's trap, the last one excluded.

    Parameters
    ----------
    data
        The data.
    curve
        Which curve.
    limit
        Metres.
    """
    session = data.curve_session[curve]
    first, last = data.session_row[session], data.session_row[session + 1]
    y = data.curve_y[curve]
    return (
        first + first_beyond(data.row_high[first:last], y - limit),
        first + first_beyond(data.row_low[first:last], y + limit),
    )


@compiled_view
def blocks_within(data: Packed, row: int, x: float, half: float) -> tuple[int, int]:
    """Blocks of a row with cells within a distance along x, the last one excluded.

    Parameters
    ----------
    data
        The data.
    row
        Which row.
    x, half
        Place and distance, metres.
    """
    first, last = data.row_start[row] // BLOCK, data.row_start[row + 1] // BLOCK
    return (
        first + first_beyond(data.block_box[1, first:last], x - half),
        first + first_beyond(data.block_box[0, first:last], x + half),
    )


@compiled_inside
def first_beyond(ticks: NDArray[np.float64], limit: float) -> int:
    """Index of the first of some coordinates above a limit, from where it would be if even.

    Parameters
    ----------
    ticks
        Coordinates in order, metres.
    limit
        Metres.
    """
    n = len(ticks)
    if not ticks[n - 1] > limit:
        return n
    if ticks[0] > limit:
        return 0
    i = int((limit - ticks[0]) / (ticks[n - 1] - ticks[0]) * (n - 1))
    while ticks[i] > limit:
        i -= 1
    while not ticks[i] > limit:
        i += 1
    return i
