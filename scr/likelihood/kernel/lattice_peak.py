"""The quadratic part of an animal's history on a lattice, and a cell where the animal may live."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled_inside, compiled_search, compiled_within
from scr.likelihood.kernel.growth import log_growth
from scr.likelihood.kernel.lattice_factors import lattice_of
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.state import State
from scr.likelihood.kernel.window import Window

LARGEST_LOG = 200.0
"""Logarithms of the factors of a product may differ from 0 by this much."""


class Peak(NamedTuple):
    """The quadratic part of an animal's history under one class.

    log psi + sum_r y_r log(T_r h_r(m)) = top - curvature |m - (x, y)|^2 / 2 over its records r.

    Parameters
    ----------
    x, y
        Where it is highest, metres.
    top, curvature
        Its height there, and its curvature, per square metre.
    growth
        Upper bound of the sum of y G over the records.
    row, column
        A cell where the animal is likely to live.
    in_row, in_column
        How far the quadratic part has fallen there along rows and along columns.
    log_undetected
        log(D a) - H there.
    """

    x: float
    y: float
    top: float
    curvature: float
    growth: float
    row: int
    column: int
    in_row: float
    in_column: float
    log_undetected: float


@compiled_within
def peak_of(data: Packed, state: State, option: int) -> Peak:
    """The quadratic part of an animal's records under one class.

    Parameters
    ----------
    data, state
        The data and parameters.
    option
        Which animal and class.
    """
    curvature, x, y, growth = 0.0, 0.0, 0.0, 0.0
    field, class_ = data.option_field[option], data.option_class[option]
    session = data.field_session[field]
    top = state.log_share[session, class_]
    records = range(data.record_start[option], data.record_start[option + 1])
    for r in records:
        per_square = data.record_count[r] / state.sigma[data.record_shape[r]] ** 2
        curvature += per_square
        x += per_square * data.record_x[r]
        y += per_square * data.record_y[r]
    x, y = x / curvature, y / curvature
    for r in records:
        count = data.record_count[r]
        away = (data.record_x[r] - x) ** 2 + (data.record_y[r] - y) ** 2
        hazard = state.intensity[data.record_intensity[r]]
        if not data.is_poisson.item():
            hazard *= data.record_effort[r]
            growth += count * log_growth(hazard)
        top += count * (math.log(hazard) - 0.5 * away / state.sigma[data.record_shape[r]] ** 2)
    first_row, last_row = data.session_row[session], data.session_row[session + 1]
    row = likely_row(
        (y, curvature), data.row_low[first_row:last_row], state.row_prior[field, first_row:last_row]
    )
    columns = data.column_x[data.session_column[session] : data.session_column[session + 1]]
    log_weight = state.log_weight[class_ if len(state.log_weight) > 1 else 0]
    column, log_undetected = likely_column(
        (x, curvature),
        columns,
        lattice_of(data, session, log_weight[data.session_cell[session] :])[row],
        lattice_of(data, session, state.hazard[field])[row],
    )
    in_row = 0.5 * curvature * (data.row_low[first_row + row] - y) ** 2
    in_column = 0.5 * curvature * (columns[column] - x) ** 2
    return Peak(x, y, top, curvature, growth, row, column, in_row, in_column, log_undetected)


@compiled_inside
def likely_row(
    about: tuple[float, float], rows: NDArray[np.float64], row_prior: NDArray[np.float64]
) -> int:
    """The row with the largest bound.

    Parameters
    ----------
    about
        y of the peak, metres, and its curvature.
    rows
        y of the rows, metres.
    row_prior
        As in ``State``, of these rows.
    """
    y, curvature = about
    best, result = -np.inf, 0
    for row in range(len(rows)):
        bound = row_prior[row] - 0.5 * curvature * (rows[row] - y) ** 2
        if bound > best:
            best, result = bound, row
    return result


@compiled_inside
def likely_column(
    about: tuple[float, float],
    columns: NDArray[np.float64],
    log_weight: NDArray[np.float64],
    hazard: NDArray[np.float64],
) -> tuple[int, float]:
    """The column of the best cell of a row, less G, and log(D a) - H there.

    Parameters
    ----------
    about
        x of the peak, metres, and its curvature.
    columns
        x of the columns, metres.
    log_weight, hazard
        log(D a) and H of the row's cells.
    """
    x, curvature = about
    best, column = -np.inf, 0
    for i in range(len(columns)):
        value = log_weight[i] - hazard[i] - 0.5 * curvature * (columns[i] - x) ** 2
        if value > best:
            best, column = value, i
    return column, log_weight[column] - hazard[column]


@compiled_within
def find_anchor(data: Packed, state: State, animal: int, window: Window) -> tuple[float, bool]:
    """Height of the quadratic part in a likely cell, by which all are divided.

    Parameters
    ----------
    data, state
        The data and parameters.
    animal
        Which animal.
    window
        Result: the peak of each class.

    Returns
    -------
    tuple
        The height, and whether all products stay within what floating-point numbers can hold.
    """
    first, last = data.option_start[animal], data.option_start[animal + 1]
    best, anchor, least, most = -np.inf, 0.0, np.inf, -np.inf
    in_range = True
    for option in range(first, last):
        peak = peak_of(data, state, option)
        keep_peak(peak, window.peak[option - first])
        height = peak.top - peak.in_row - peak.in_column
        if height + peak.log_undetected > best:
            best, anchor = height + peak.log_undetected, height
        least, most = min(least, height), max(most, height)
        field = data.option_field[option]
        session = data.field_session[field]
        highest = largest_prior(
            state.row_prior[field, data.session_row[session] : data.session_row[session + 1]]
        )
        in_range &= (
            max(peak.in_row, peak.in_column, peak.growth) < LARGEST_LOG
            and abs(peak.log_undetected) < LARGEST_LOG
            and highest < LARGEST_LOG
        )
    return anchor, bool(in_range and most - least < LARGEST_LOG)


@compiled_inside
def keep_peak(peak: Peak, place: NDArray[np.float64]) -> None:
    """Put a peak where ``kept_peak`` finds it.

    Parameters
    ----------
    peak
        The quadratic part.
    place
        Numbers, overwritten.
    """
    place[0], place[1], place[2], place[3] = peak.x, peak.y, peak.top, peak.curvature
    place[4], place[5], place[6] = peak.growth, peak.row, peak.column
    place[7], place[8], place[9] = peak.in_row, peak.in_column, peak.log_undetected


@compiled_inside
def kept_peak(place: NDArray[np.float64]) -> Peak:
    """The peak that ``keep_peak`` put somewhere.

    Parameters
    ----------
    place
        Numbers.
    """
    return Peak(
        place[0], place[1], place[2], place[3], place[4], int(place[5]), int(place[6]),
        place[7], place[8], place[9],
    )  # fmt: skip


@compiled_search
def largest_prior(row_prior: NDArray[np.float64]) -> float:
    """The largest bound of all rows.

    Parameters
    ----------
    row_prior
        As in ``State``.
    """
    most = -np.inf
    for row in range(len(row_prior)):
        most = max(most, row_prior[row])
    return most
