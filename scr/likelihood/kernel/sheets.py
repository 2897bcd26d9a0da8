"""Total hazard over pairs of trap and cell, and the way back from it to the parameters.

A *sheet* sums T k(d), or T h of a probability, over the cells within reach of exposures that have
the same parameters and the same field, and its derivatives beside it. So k is worked out once for
each pair and not kept, and the gradient through H takes a look at each cell of each sheet, not at
each pair again.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled, compiled_inside, compiled_loop
from scr.likelihood.kernel.curves import exponential_curve, half_normal_curve, hazard_rate_curve
from scr.likelihood.kernel.packing import EXPONENTIAL, HALF_NORMAL, HAZARD_RATE, Packed
from scr.likelihood.kernel.probability import hazards
from scr.likelihood.kernel.reach import FAR_U, Runs
from scr.likelihood.kernel.sheet_layout import Layout, lay_out
from scr.likelihood.kernel.state import Gradient
from scr.likelihood.kernel.wide import widest_vectors

N_ROOMS = 5
"""Numbers for each cell that one run of one curve needs at a time."""


class Sheets(NamedTuple):
    """Sums over exposures with the same field and parameters.

    Parameters
    ----------
    layout
        Exposures and cells of each sheet.
    hazard
        Sum of T k; for a probability, sum of T h.
    by_log_sigma, by_z
        Its derivatives to log sigma and z; for a probability, as multiples of g0. ``by_z`` of
        length 0 where the shape has no z.
    by_intensity
        For a probability, derivative of the sum of T h to g0; else of length 0.
    """

    layout: Layout
    hazard: NDArray[np.float64]
    by_log_sigma: NDArray[np.float64]
    by_z: NDArray[np.float64]
    by_intensity: NDArray[np.float64]


@compiled
def sum_sheets(
    data: Packed,
    runs: Runs,
    intensity: NDArray[np.float64],
    sigma: NDArray[np.float64],
    z: NDArray[np.float64],
) -> Sheets:
    """The sheets of all fields; none for a lattice.

    Parameters
    ----------
    data, runs
        The data, and the cells within reach of each curve.
    intensity, sigma, z
        Parameters by level.
    """
    layout = lay_out(data, runs)
    n = layout.row_value[layout.row_start[layout.n_sheets[0]]]
    sheets = Sheets(
        layout,
        np.zeros(n),
        np.zeros(n),
        np.zeros(n if data.shape.item() == HAZARD_RATE else 0),
        np.zeros(0 if data.is_hazard.item() else n),
    )
    longest = 0
    for run in range(runs.start[-1]):
        longest = max(longest, runs.length[run])
    room = np.empty((N_ROOMS, longest))
    for curve in range(len(runs.start) - 1):
        if data.curve_start[curve] < data.curve_start[curve + 1]:
            add_curve(data, curve, runs, (intensity, sigma, z), room, sheets)
    return sheets


@compiled_inside
def add_curve(
    data: Packed,
    curve: int,
    runs: Runs,
    parameters: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    room: NDArray[np.float64],
    sheets: Sheets,
) -> None:
    """Add the exposures of one curve to their sheets.

    Parameters
    ----------
    data, curve, runs
        The data, which curve, and the cells within reach.
    parameters
        Intensity, sigma and z by level.
    room
        Working memory.
    sheets
        Added to.
    """
    intensity, sigma, z = parameters
    level = data.curve_shape[curve]
    place = (data.curve_x[curve], data.curve_y[curve], sigma[level])
    layout = sheets.layout
    for run in range(runs.start[curve], runs.start[curve + 1]):
        cell, n, most_k = runs.cell[run], runs.length[run], runs.most_k[run]
        x, y = data.cell_x[cell : cell + n], data.cell_y[cell : cell + n]
        k, by_log_sigma, by_z = room[0, :n], room[1, :n], room[2, :n]
        if data.shape.item() == HALF_NORMAL:
            half_normal_curve(place, x, y, k, by_log_sigma)
        elif data.shape.item() == EXPONENTIAL:
            exponential_curve(place, x, y, k, by_log_sigma)
        else:
            hazard_rate_curve(place, (z[level], most_k <= FAR_U), x, y, k, by_log_sigma, by_z)
        for i in range(data.curve_start[curve], data.curve_start[curve + 1]):
            e = data.curve_exposure[i]
            effort, g0 = data.exposure_effort[e], intensity[data.exposure_intensity[e]]
            sheet = layout.of_exposure[e]
            row = layout.row_start[sheet] + runs.row[run] - layout.first_row[sheet]
            at = layout.row_value[row] + cell - layout.row_cell[row]
            total, through = sheets.hazard[at : at + n], sheets.by_log_sigma[at : at + n]
            if data.is_hazard.item():
                add_two(effort, (k, by_log_sigma), total, through)
                if len(sheets.by_z) > 0:
                    add(effort, by_z, sheets.by_z[at : at + n])
            else:
                h, rise = room[3, :n], room[4, :n]
                hazards(g0, most_k, k, h, rise)
                add(effort, h, total)
                by_intensity = sheets.by_intensity[at : at + n]
                add_two_weighed(effort, rise, (k, by_log_sigma), by_intensity, through)
                if len(sheets.by_z) > 0:
                    add_weighed(effort, rise, by_z, sheets.by_z[at : at + n])


@compiled_loop
def add(factor: float, values: NDArray[np.float64], result: NDArray[np.float64]) -> None:
    """Add a multiple of some numbers.

    Parameters
    ----------
    factor, values
        The multiple, and the numbers.
    result
        Added to.
    """
    widest_vectors()
    for i in range(len(values)):
        result[i] += factor * values[i]


@compiled_loop
def add_two(
    effort: float,
    values: tuple[NDArray[np.float64], NDArray[np.float64]],
    first: NDArray[np.float64],
    second: NDArray[np.float64],
) -> None:
    """Add effort times two rows of numbers.

    Parameters
    ----------
    effort, values
        T, and numbers.
    first, second
        Added to.
    """
    widest_vectors()
    of_first, of_second = values
    for i in range(len(of_first)):
        first[i] += effort * of_first[i]
        second[i] += effort * of_second[i]


@compiled_loop
def add_weighed(
    effort: float,
    rise: NDArray[np.float64],
    values: NDArray[np.float64],
    result: NDArray[np.float64],
) -> None:
    """Add effort times dh / dg times some numbers.

    Parameters
    ----------
    effort, rise, values
        T, dh / dg, and numbers.
    result
        Added to.
    """
    widest_vectors()
    for i in range(len(values)):
        result[i] += effort * rise[i] * values[i]


@compiled_loop
def add_two_weighed(
    effort: float,
    rise: NDArray[np.float64],
    values: tuple[NDArray[np.float64], NDArray[np.float64]],
    first: NDArray[np.float64],
    second: NDArray[np.float64],
) -> None:
    """Add effort times dh / dg times two rows of numbers.

    Parameters
    ----------
    effort, rise, values
        T, dh / dg, and numbers.
    first, second
        Added to.
    """
    widest_vectors()
    of_first, of_second = values
    for i in range(len(of_first)):
        weight = effort * rise[i]
        first[i] += weight * of_first[i]
        second[i] += weight * of_second[i]


@compiled
def total_hazards(
    data: Packed, sheets: Sheets, intensity: NDArray[np.float64], hazard: NDArray[np.float64]
) -> None:
    """H(m) = sum_k T_k h_k(m) of every field, from its sheets.

    Parameters
    ----------
    data, sheets
        The data, and the sums.
    intensity
        lambda0 or g0 by level.
    hazard
        Added to, shape (n_fields, most cells).
    """
    layout = sheets.layout
    for sheet in range(layout.n_sheets[0]):
        field = layout.field[sheet]
        first = data.session_cell[data.field_session[field]]
        level = intensity[layout.intensity[sheet]] if data.is_hazard.item() else 1.0
        for row in range(layout.row_start[sheet], layout.row_start[sheet + 1]):
            begin, end = layout.row_value[row], layout.row_value[row + 1]
            cell = layout.row_cell[row] - first
            add(level, sheets.hazard[begin:end], hazard[field, cell : cell + end - begin])


@compiled
def sheets_gradient(
    data: Packed, sheets: Sheets, intensity: NDArray[np.float64], to: Gradient
) -> None:
    """Add to the gradients what comes through the total hazards.

    Parameters
    ----------
    data, sheets, intensity
        As in ``total_hazards``.
    to
        Gradient: that to H is read, those to intensity, log sigma and z are added to.
    """
    layout = sheets.layout
    by_intensity = sheets.hazard if data.is_hazard.item() else sheets.by_intensity
    for sheet in range(layout.n_sheets[0]):
        field, level, shape = layout.field[sheet], layout.intensity[sheet], layout.shape[sheet]
        first = data.session_cell[data.field_session[field]]
        for row in range(layout.row_start[sheet], layout.row_start[sheet + 1]):
            begin, end = layout.row_value[row], layout.row_value[row + 1]
            cell = layout.row_cell[row] - first
            weight = to.hazard[field, cell : cell + end - begin]
            to.intensity[level] += product(weight, by_intensity[begin:end])
            through = product(weight, sheets.by_log_sigma[begin:end])
            to.log_sigma[shape] += intensity[level] * through
            if len(sheets.by_z) > 0:
                to.z[shape] += intensity[level] * product(weight, sheets.by_z[begin:end])


@compiled_loop
def product(weight: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """Sum of products of numbers.

    Parameters
    ----------
    weight, values
        Numbers.
    """
    widest_vectors()
    total = 0.0
    for i in range(len(weight)):
        total += weight[i] * values[i]
    return total
