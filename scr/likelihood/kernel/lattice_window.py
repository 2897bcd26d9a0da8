"""The cells of a lattice that can count in an animal's history.

In each row these lie between two columns. The others are left out as even the most that each could
add is below a share of 1e-9 / (number of animals, cells and classes) of what one cell adds, so
that log L_i changes by less than 1e-9 / (number of animals).
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled, compiled_search
from scr.likelihood.kernel.curves import TOLERANCE
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.records import log_growth
from scr.likelihood.kernel.state import State
from scr.likelihood.kernel.window import Window

GRAIN = 8
"""Spans of columns are widened to multiples of this many cells."""


class Peak(NamedTuple):
    """The quadratic part of an animal's history.

    sum_r y_r log(T_r h_r(m)) = top - curvature |m - (x, y)|^2 / 2 over its records r.

    Parameters
    ----------
    x, y
        Where it is highest, metres.
    top, curvature
        Its height there with log psi added, and its curvature, per square metre.
    growth
        Upper bound of the sum of G over the records.
    """

    x: float
    y: float
    top: float
    curvature: float
    growth: float


@compiled
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
    session = data.field_session[data.option_field[option]]
    top = state.log_share[session, data.option_class[option]]
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
    return Peak(x, y, top, curvature, growth)


@compiled
def choose_cells(data: Packed, state: State, animal: int, window: Window) -> int:
    """Note the cells that can count in an animal's history; returns how many.

    Parameters
    ----------
    data, state
        The data and parameters.
    animal
        Which animal.
    window
        Result: pieces, one for each row with cells that count.
    """
    session = data.animal_session[animal]
    first_option, last_option = data.option_start[animal], data.option_start[animal + 1]
    log_best = -np.inf
    for option in range(first_option, last_option):
        log_best = max(log_best, log_likely_cell(data, state, option))
    n_cells = data.session_first[session + 1] - data.session_first[session]
    n_shares = float(len(data.animal_session)) * n_cells * data.class_field.shape[1]
    limit = log_best + math.log(TOLERANCE / n_shares)
    window.first_piece[:] = 0
    window.n_pieces[0] = 0
    n_values = 0
    for option in range(first_option, last_option):
        n_values = choose_in_rows(data, state, option, limit, n_values, window)
        window.first_piece[option - first_option + 1] = window.n_pieces[0]
    return n_values


@compiled
def choose_in_rows(
    data: Packed, state: State, option: int, limit: float, n_values: int, window: Window
) -> int:
    """Add the pieces of one class; returns the number of values so far.

    Parameters
    ----------
    data, state
        The data and parameters.
    option
        Which animal and class.
    limit
        What a cell must be able to add, as a logarithm.
    n_values
        Number of values before.
    window
        Added to.
    """
    peak = peak_of(data, state, option)
    field, class_ = data.option_field[option], data.option_class[option]
    session = data.field_session[field]
    columns = data.column_x[data.session_column[session] : data.session_column[session + 1]]
    n_columns = len(columns)
    per_metre = 1.0 / (columns[1] - columns[0])
    first_row, first = data.session_row[session], data.session_cell[session]
    log_weight = state.log_weight[class_ if len(state.log_weight) > 1 else 0]
    piece = window.n_pieces[0]
    for row in range(data.session_row[session + 1] - first_row):
        dy = data.row_low[first_row + row] - peak.y
        in_row = peak.top + peak.growth - 0.5 * peak.curvature * dy * dy
        spare = in_row + state.row_prior[field, first_row + row] - limit
        if not spare >= 0.0:
            continue
        half = math.sqrt(2.0 * spare / peak.curvature) * per_metre
        middle = (peak.x - columns[0]) * per_metre
        low = int(min(max(middle - half, 0.0), n_columns))
        high = int(min(max(middle + half + 1.0, 0.0), n_columns))
        at = row * n_columns
        while low < high and (
            in_row
            + log_weight[first + at + low]
            - state.hazard[field, at + low]
            - 0.5 * peak.curvature * (columns[low] - peak.x) ** 2
            < limit
        ):
            low += 1
        while low < high and (
            in_row
            + log_weight[first + at + high - 1]
            - state.hazard[field, at + high - 1]
            - 0.5 * peak.curvature * (columns[high - 1] - peak.x) ** 2
            < limit
        ):
            high -= 1
        if low == high:
            continue
        high = min(high + ((low - high) & (GRAIN - 1)), n_columns)
        window.option[piece] = option
        window.cell[piece] = first + at + low
        window.length[piece] = high - low
        window.start[piece] = n_values
        window.row[piece] = row
        window.column[piece] = low
        piece += 1
        n_values += high - low
    window.n_pieces[0] = piece
    return n_values


@compiled
def log_likely_cell(data: Packed, state: State, option: int) -> float:
    """What some cell adds to L_i, less G, as a logarithm: the best one of a likely row.

    Parameters
    ----------
    data, state
        The data and parameters.
    option
        Which animal and class.
    """
    peak = peak_of(data, state, option)
    field, class_ = data.option_field[option], data.option_class[option]
    session = data.field_session[field]
    best, best_row = -np.inf, data.session_row[session]
    for row in range(data.session_row[session], data.session_row[session + 1]):
        dy = data.row_low[row] - peak.y
        bound = state.row_prior[field, row] - 0.5 * peak.curvature * dy * dy
        if bound > best:
            best, best_row = bound, row
    first, begin = data.session_cell[session], data.row_start[best_row]
    end = data.row_start[best_row + 1]
    dy = data.row_low[best_row] - peak.y
    in_row = peak.top - 0.5 * peak.curvature * dy * dy
    return float(in_row) + highest(
        peak,
        data.cell_x[begin:end],
        state.log_weight[class_ if len(state.log_weight) > 1 else 0, begin:end],
        state.hazard[field, begin - first : end - first],
    )


@compiled_search
def highest(
    peak: Peak,
    x: NDArray[np.float64],
    log_weight: NDArray[np.float64],
    hazard: NDArray[np.float64],
) -> float:
    """Largest log(D a) - H - curvature dx^2 / 2 in a row.

    Parameters
    ----------
    peak
        The quadratic part.
    x
        Cells, metres.
    log_weight, hazard
        log(D a) and H of each.
    """
    most = -np.inf
    for i in range(len(x)):
        dx = x[i] - peak.x
        most = max(most, log_weight[i] - hazard[i] - 0.5 * peak.curvature * dx * dx)
    return most
