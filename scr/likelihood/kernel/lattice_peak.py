"""The quadratic part of an animal's history on a lattice, and a cell where the animal may live."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import (
    compiled_inside,
    compiled_loop,
    compiled_search,
    compiled_within,
)
from scr.likelihood.kernel.growth import log_growth
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.state import State
from scr.likelihood.kernel.window import Window, largest

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
    log_undetected, most_undetected
        log(D a) - H there, and the largest of any cell.
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
    most_undetected: float


@compiled_within
def peak_of(data: Packed, state: State, option: int, window: Window) -> Peak:
    """The quadratic part of an animal's records under one class.

    Parameters
    ----------
    data, state
        The data and parameters.
    option
        Which animal and class.
    window
        Room for a number for each row and for each column.
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
    rows = slice(data.session_row[session], data.session_row[session + 1])
    columns = slice(data.session_column[session], data.session_column[session + 1])
    of_rows, of_columns = data.row_low[rows], data.column_x[columns]
    row_prior = state.row_prior[field, rows]
    row = likeliest((y, curvature), of_rows, row_prior, window.row_bound[: len(of_rows)])
    log_weight = state.log_weight[class_ if len(state.log_weight) > 1 else 0]
    column_prior = window.by_column[: len(of_columns)]
    in_field = row * len(of_columns)
    in_session = data.session_cell[session] + in_field
    subtract(
        log_weight[in_session : in_session + len(of_columns)],
        state.hazard[field, in_field : in_field + len(of_columns)],
        column_prior,
    )
    place = window.column_k[0, : len(of_columns)]
    column = likeliest((x, curvature), of_columns, column_prior, place)
    in_row = 0.5 * curvature * (of_rows[row] - y) ** 2
    in_column = 0.5 * curvature * (of_columns[column] - x) ** 2
    return Peak(
        x, y, top, curvature, growth, row, column, in_row, in_column, column_prior[column],
        largest(row_prior),
    )  # fmt: skip


@compiled_inside
def likeliest(
    about: tuple[float, float],
    ticks: NDArray[np.float64],
    prior: NDArray[np.float64],
    bound: NDArray[np.float64],
) -> int:
    """The row or column with the largest bound, less G.

    Parameters
    ----------
    about
        Coordinate of the peak, metres, and its curvature.
    ticks
        Coordinates of the rows or columns, metres.
    prior
        Largest log(D a) - H of each row, or that of a row's cells.
    bound
        Room for a number each.
    """
    most = bound_all(about, ticks, prior, bound)
    first = 0
    while bound[first] != most and first < len(bound) - 1:
        first += 1
    return first


@compiled_search
def bound_all(
    about: tuple[float, float],
    ticks: NDArray[np.float64],
    prior: NDArray[np.float64],
    bound: NDArray[np.float64],
) -> float:
    """Log(D a) - H less what the quadratic part has fallen; returns the largest.

    Parameters
    ----------
    about, ticks, prior
        As in ``likeliest``.
    bound
        Result.
    """
    place, curvature = about
    most = -np.inf
    for i in range(len(ticks)):
        away = ticks[i] - place
        value = prior[i] - 0.5 * curvature * away * away
        bound[i] = value
        most = max(most, value)
    return most


@compiled_loop
def subtract(
    one: NDArray[np.float64], other: NDArray[np.float64], difference: NDArray[np.float64]
) -> None:
    """Differences of numbers, one by one.

    Parameters
    ----------
    one, other
        The numbers.
    difference
        Result.
    """
    for i in range(len(difference)):
        difference[i] = one[i] - other[i]


@compiled_within
def find_anchor(
    data: Packed, state: State, animal: int, window: Window
) -> tuple[float, float, bool]:
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
        The height, what the cell adds at least, as a logarithm, and whether all products stay
        within what floating-point numbers can hold.
    """
    first, last = data.option_start[animal], data.option_start[animal + 1]
    best, anchor, least, most = -np.inf, 0.0, np.inf, -np.inf
    in_range = True
    for option in range(first, last):
        peak = peak_of(data, state, option, window)
        keep_peak(peak, window.peak[option - first])
        height = peak.top - peak.in_row - peak.in_column
        if height + peak.log_undetected > best:
            best, anchor = height + peak.log_undetected, height
        least, most = min(least, height), max(most, height)
        in_range &= (
            max(peak.in_row, peak.in_column, peak.growth) < LARGEST_LOG
            and abs(peak.log_undetected) < LARGEST_LOG
            and peak.most_undetected < LARGEST_LOG
        )
    return anchor, best, bool(in_range and most - least < LARGEST_LOG)


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
    place[10] = peak.most_undetected


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
        place[7], place[8], place[9], place[10],
    )  # fmt: skip
