"""k(d) and its derivatives over the cells within reach of each trap.

The reach follows from the current parameters. Cells beyond it have k < k*, with k* chosen so that
what is left out changes the log-likelihood by less than 1e-9: the total hazard of any cell changes
by less than (sum of T lambda0) k*, log L_i by no more than that, Lambda by no more than that times
the expected number of animals.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled, compiled_inside, compiled_loop
from scr.likelihood.kernel.exponential import exponential, logarithm
from scr.likelihood.kernel.packing import EXPONENTIAL, HALF_NORMAL, Packed

TOLERANCE = 1e-9
"""Bound on what is left out, in the log-likelihood."""

LOG_LARGEST_U = 6.5
"""Largest log u of the hazard rate, k = 1 - exp(-u): above it k is 1 and its slopes are 0."""


class Curves(NamedTuple):
    """k and its slopes, run by run of neighbouring cells.

    Parameters
    ----------
    run_start
        First run of each curve (and one past the last).
    run_cell, run_length, run_value
        First cell, number of cells and place of the first value of each run.
    k, by_log_sigma, by_z
        k, dk / dlog sigma and dk / dz at each cell of each run.
    """

    run_start: NDArray[np.int64]
    run_cell: NDArray[np.int64]
    run_length: NDArray[np.int64]
    run_value: NDArray[np.int64]
    k: NDArray[np.float64]
    by_log_sigma: NDArray[np.float64]
    by_z: NDArray[np.float64]


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
        scales = -math.log(min(k_left_out, 0.5))
        for level in range(len(sigma)):
            if data.shape.item() == HALF_NORMAL:
                result[level] = sigma[level] * math.sqrt(2.0 * scales)
            elif data.shape.item() == EXPONENTIAL:
                result[level] = sigma[level] * scales
    return result


@compiled
def trace(
    data: Packed,
    sigma: NDArray[np.float64],
    z: NDArray[np.float64],
    reaches: NDArray[np.float64],
) -> Curves:
    """K and its slopes for every curve, over the cells within reach; none for a lattice.

    Parameters
    ----------
    data
        The data.
    sigma, z
        Parameters by shape level.
    reaches
        From ``reach``.
    """
    n_curves = 0 if data.is_separable.item() else len(data.curve_x)
    most = 0
    for session in range(len(data.session_row) - 1):
        most = max(most, data.session_row[session + 1] - data.session_row[session])
    run_start = np.zeros(n_curves + 1, dtype=np.int64)
    run_cell = np.empty(n_curves * most, dtype=np.int64)
    run_length = np.empty(n_curves * most, dtype=np.int64)
    run_value = np.empty(n_curves * most, dtype=np.int64)
    n_runs, n_values = 0, 0
    for curve in range(n_curves):
        x, y = data.curve_x[curve], data.curve_y[curve]
        limit = reaches[data.curve_shape[curve]]
        session = data.curve_session[curve]
        for row in range(data.session_row[session], data.session_row[session + 1]):
            dy = max(data.row_low[row] - y, y - data.row_high[row], 0.0)
            if dy > limit:
                continue
            half = math.sqrt(limit * limit - dy * dy) if limit < np.inf else np.inf
            begin, end = data.row_start[row], data.row_start[row + 1]
            in_row = data.cell_x[begin:end]
            first = begin + first_beyond(in_row, x - half)
            last = begin + first_beyond(in_row, x + half)
            if n_runs > run_start[curve] and run_cell[n_runs - 1] + run_length[n_runs - 1] == first:
                run_length[n_runs - 1] += last - first
                n_values += last - first
            elif last > first:
                run_cell[n_runs] = first
                run_length[n_runs] = last - first
                run_value[n_runs] = n_values
                n_values += last - first
                n_runs += 1
        run_start[curve + 1] = n_runs
    curves = Curves(
        run_start,
        run_cell,
        run_length,
        run_value,
        np.empty(n_values),
        np.empty(n_values),
        np.empty(n_values if data.shape.item() > EXPONENTIAL else 0),
    )
    if n_curves > 0:
        fill_curves(data, sigma, z, curves)
    return curves


@compiled_inside
def fill_curves(
    data: Packed, sigma: NDArray[np.float64], z: NDArray[np.float64], curves: Curves
) -> None:
    """K and its slopes over the runs of every curve.

    Parameters
    ----------
    data, sigma, z
        As in ``trace``.
    curves
        Runs; their values are the result.
    """
    shape = data.shape.item()
    run_start, run_cell, run_length, run_value, k, by_log_sigma, by_z = curves
    for curve in range(len(run_start) - 1):
        level = data.curve_shape[curve]
        place = (data.curve_x[curve], data.curve_y[curve], sigma[level])
        if run_start[curve] == run_start[curve + 1]:
            continue
        begin = run_value[run_start[curve]]
        end = begin
        for run in range(run_start[curve], run_start[curve + 1]):
            cell, n, at = run_cell[run], run_length[run], run_value[run]
            end = at + n
            x, y = data.cell_x[cell : cell + n], data.cell_y[cell : cell + n]
            square_distances(x, y, place, by_log_sigma[at:end])
        values, slopes = k[begin:end], by_log_sigma[begin:end]
        if shape == HALF_NORMAL:
            half_normal_curve(values, slopes)
        elif shape == EXPONENTIAL:
            exponential_curve(values, slopes)
        else:
            hazard_rate_curve(z[level], values, slopes, by_z[begin:end])


@compiled_inside
def first_beyond(x: NDArray[np.float64], limit: float) -> int:
    """Index of the first cell of a row with x above a limit, from where it would be if even.

    Parameters
    ----------
    x
        Cells of a row, in order, metres.
    limit
        Metres.
    """
    n = len(x)
    if not x[n - 1] > limit:
        return n
    if x[0] > limit:
        return 0
    i = int((limit - x[0]) / (x[n - 1] - x[0]) * (n - 1))
    while x[i] > limit:
        i -= 1
    while not x[i] > limit:
        i += 1
    return i


@compiled_loop
def square_distances(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    place: tuple[float, float, float],
    result: NDArray[np.float64],
) -> None:
    """d^2 / sigma^2 over a run of cells.

    Parameters
    ----------
    x, y
        Cells, metres.
    place
        Trap coordinates and sigma, metres.
    result
        Where the squares go.
    """
    x0, y0, sigma = place
    per_square = 1.0 / (sigma * sigma)
    for i in range(len(x)):
        dx, dy = x[i] - x0, y[i] - y0
        result[i] = (dx * dx + dy * dy) * per_square


@compiled_loop
def half_normal_curve(k: NDArray[np.float64], by_log_sigma: NDArray[np.float64]) -> None:
    """Half-normal: k = exp(-u / 2), dk / dlog sigma = k u, with u = d^2 / sigma^2.

    Parameters
    ----------
    k
        Result.
    by_log_sigma
        d^2 / sigma^2, replaced by the derivative.
    """
    for i in range(len(k)):
        u = by_log_sigma[i]
        value = exponential(-0.5 * u)
        k[i] = value
        by_log_sigma[i] = value * u


@compiled_loop
def exponential_curve(k: NDArray[np.float64], by_log_sigma: NDArray[np.float64]) -> None:
    """Exponential: k = exp(-u), dk / dlog sigma = k u, with u = d / sigma.

    Parameters
    ----------
    k, by_log_sigma
        As in ``half_normal_curve``.
    """
    for i in range(len(k)):
        u = math.sqrt(by_log_sigma[i])
        value = exponential(-u)
        k[i] = value
        by_log_sigma[i] = value * u


@compiled_loop
def hazard_rate_curve(
    z: float,
    k: NDArray[np.float64],
    by_log_sigma: NDArray[np.float64],
    by_z: NDArray[np.float64],
) -> None:
    """Hazard rate: k = 1 - exp(-u), with u = (d / sigma)^-z.

    dk / dlog sigma = exp(-u) u z, and dk / dz = -exp(-u) u log(d / sigma).

    Parameters
    ----------
    z
        Second shape parameter.
    k, by_log_sigma
        As in ``half_normal_curve``.
    by_z
        dk / dz.
    """
    for i in range(len(k)):
        log_ratio = 0.5 * logarithm(max(by_log_sigma[i], 1e-300))
        u = exponential(min(-z * log_ratio, LOG_LARGEST_U))
        rest = exponential(-u)
        tail = u * rest
        series = u * (1.0 - u * (1 / 2 - u * (1 / 6 - u * (1 / 24))))
        k[i] = series if u < 1e-3 else 1.0 - rest
        by_log_sigma[i] = tail * z
        by_z[i] = -tail * log_ratio
