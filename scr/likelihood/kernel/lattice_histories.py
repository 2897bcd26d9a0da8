"""Each animal's history on a lattice: log L_i over its box.

With x = T h, a record of detection beside non-detection is x e^{G(x)} (``growth``), and for the
half-normal hazard log x is quadratic in the place of the centre. So the quadratic parts of all
records of an animal are one, about one point, and its exponential is a factor by row times a factor
by column; only e^{y G} is left to work out record by record.
"""

import math

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import (
    compiled_loop,
    compiled_view,
    compiled_within,
)
from scr.likelihood.kernel.exponential import exponential
from scr.likelihood.kernel.growth import log_growth
from scr.likelihood.kernel.lattice_factors import factor, lattice_of, multiply
from scr.likelihood.kernel.lattice_growth import NOTHING, add_growth, bound_growth
from scr.likelihood.kernel.lattice_peak import find_anchor, kept_peak
from scr.likelihood.kernel.lattice_window import (
    SHARE_OF_FAR,
    Box,
    box_of,
    box_values,
    budget,
    choose_box,
    distance_to_far,
    fall,
    look_near,
    note_box,
    sum_row,
)
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.state import State
from scr.likelihood.kernel.window import Window, divide, largest, share_out, total_of

T2, T3, T4, T5, T6, T7, T8, T9, T10 = (1.0 / math.factorial(n) for n in range(2, 11))
UP_TO_6, UP_TO_10 = 0.024, 0.2
"""Largest g for which so many powers give exp(g) to 1e-15."""


@compiled_within
def open_lattice_window(data: Packed, state: State, animal: int, window: Window) -> float:
    """Choose and fill the boxes of an animal; returns log L_i and leaves each cell's share of it.

    Parameters
    ----------
    data, state
        The data and parameters.
    animal
        Which animal.
    window
        Result.
    """
    window.n_pieces[0] = 0
    window.first_piece[:] = 0
    first, last = data.option_start[animal], data.option_start[animal + 1]
    anchor, likeliest, in_range = find_anchor(data, state, animal, window)
    n_values = 0
    if not in_range:
        for option in range(first, last):
            n_values = fill_by_logarithms(data, state, (first, option), n_values, window)
        values = window.value[:n_values]
        return share_out(values, largest(values))
    share, least = budget(data, animal), 0.0
    for option in range(first, last):
        heights = (anchor, likeliest)
        least = max(least, trace_peak(data, state, (first, option), heights, share, window))
    most = (1.0 - SHARE_OF_FAR) * share * least
    for option in range(first, last):
        n_values = fill_by_products(data, state, (first, option), most, n_values, window)
    total = total_of(window.value[:n_values])
    divide(window.value[:n_values], total)
    return float(anchor + math.log(total))


@compiled_within
def trace_peak(
    data: Packed,
    state: State,
    which: tuple[int, int],
    heights: tuple[float, float],
    share: float,
    window: Window,
) -> float:
    """Row and column factors of the quadratic part; returns what the likeliest row adds.

    Parameters
    ----------
    data, state
        The data and parameters.
    which
        First option of the animal, and the option.
    heights
        Height by which they are divided, and a lower bound of L_i, as logarithms.
    share
        Share of L_i that may be left out.
    window
        Result: ``box``, ``row_k`` and ``column_k``.
    """
    first, option = which
    anchor, likeliest = heights
    peak = kept_peak(window.peak[option - first])
    session = data.field_session[data.option_field[option]]
    rows = data.row_low[data.session_row[session] : data.session_row[session + 1]]
    columns = data.column_x[data.session_column[session] : data.session_column[session + 1]]
    distance = distance_to_far(
        peak.top + peak.growth + peak.most_undetected - likeliest,
        len(rows) * len(columns),
        SHARE_OF_FAR * share,
        peak.curvature,
    )
    box = look_near(rows, columns, (peak.x, peak.y), distance, window.box[option - first])
    near_rows = slice(box.first_row, box.last_row)
    near_columns = slice(box.first_column, box.last_column)
    row_k = window.row_k[option - first, near_rows]
    column_k = window.column_k[option - first, near_columns]
    fall(rows[near_rows], (peak.y, peak.curvature), peak.top - peak.in_column - anchor, row_k)
    fall(columns[near_columns], (peak.x, peak.curvature), peak.in_column, column_k)
    if not box.first_row <= peak.row < box.last_row:
        return 0.0
    likely_row = undetected_by(data, state, option)[peak.row, near_columns]
    return float(row_k[peak.row - box.first_row] * sum_row(likely_row, column_k))


@compiled_view
def undetected_by(data: Packed, state: State, option: int) -> NDArray[np.float64]:
    """D a exp(-H) of the class of an option, shape (n_rows, n_columns).

    Parameters
    ----------
    data, state
        The data and parameters.
    option
        Which animal and class.
    """
    class_, field = data.option_class[option], data.option_field[option]
    row = class_ if len(state.log_weight) > 1 else 0
    return lattice_of(data, data.field_session[field], state.undetected[row, field])


@compiled_within
def fill_by_products(
    data: Packed,
    state: State,
    which: tuple[int, int],
    most_left_out: float,
    n_values: int,
    window: Window,
) -> int:
    """Psi D a Pr(history) over the box of one class; returns the number of values so far.

    Parameters
    ----------
    data, state
        The data and parameters.
    which
        First option of the animal, and the option.
    most_left_out
        What the cells near the peak but outside the box may add.
    n_values
        Number of values before.
    window
        With the box of cells near the peak; result.
    """
    first, option = which
    o = option - first
    near = box_of(window.box[o])
    if near.first_row >= near.last_row or near.first_column >= near.last_column:
        window.box[o] = 0
        return note_box(data, which, n_values, window)
    first_row = data.session_row[data.field_session[data.option_field[option]]]
    row_most = state.row_most[data.option_field[option], first_row:]
    near_rows = slice(near.first_row, near.last_row)
    bound = window.row_bound[near_rows]
    multiply(window.row_k[o, near_rows], row_most[near_rows], bound)
    column_k = window.column_k[o, near.first_column : near.last_column]
    growth = kept_peak(window.peak[o]).growth
    choose_box(bound, column_k, most_left_out * math.exp(-growth), window.box[o])
    at = note_box(data, which, n_values, window)
    if at == n_values:
        return at
    box = box_of(window.box[o])
    rows, columns = slice(box.first_row, box.last_row), slice(box.first_column, box.last_column)
    values, row_growth = box_values(box, window.value[n_values:at]), window.row_bound[rows]
    row_growth[:] = 0.0
    if not data.is_poisson.item():
        values[:] = 0.0
        start = data.record_start[first]
        for r in range(data.record_start[option], data.record_start[option + 1]):
            trace_record(data, state, r, box, (r - start, window))
            at_trap = state.intensity[data.record_intensity[r]] * data.record_effort[r]
            record_k = (
                window.record_row_k[r - start, rows],
                window.record_column_k[r - start, columns],
            )
            bound_growth(at_trap, data.record_count[r], record_k[0], row_growth)
            add_growth(at_trap, data.record_count[r], record_k[0], record_k[1], values)
    of_row = (window.row_k[o, rows], row_growth)
    fill_box(undetected_by(data, state, option), box, of_row, window.column_k[o, columns], values)
    return at


@compiled_loop
def fill_box(
    undetected: NDArray[np.float64],
    box: Box,
    of_row: tuple[NDArray[np.float64], NDArray[np.float64]],
    column_k: NDArray[np.float64],
    values: NDArray[np.float64],
) -> None:
    """D a exp(-H) times the row and column factors of the quadratic part times e^{sum of y G}.

    Parameters
    ----------
    undetected
        D a exp(-H), shape (n_rows, n_columns).
    box
        Which rows and columns.
    of_row
        Factor of each row of the box, and an upper bound of the sum of y G in it.
    column_k
        Factors of the columns of the box.
    values
        Sum of y G in each cell of the box, replaced by the result; where its bound does not show it
        is not read.
    """
    row_k, row_growth = of_row
    for row in range(len(values)):
        in_row, most, value = row_k[row], row_growth[row], values[row]
        here = undetected[box.first_row + row, box.first_column : box.last_column]
        if most < NOTHING:
            for i in range(len(value)):
                value[i] = here[i] * in_row * column_k[i]
        elif most < UP_TO_6:
            for i in range(len(value)):
                g = value[i]
                high = T3 + g * (T4 + g * (T5 + g * T6))
                grown = 1.0 + g * (1.0 + g * (T2 + g * high))
                value[i] = here[i] * in_row * column_k[i] * grown
        elif most < UP_TO_10:
            for i in range(len(value)):
                g = value[i]
                high = T6 + g * (T7 + g * (T8 + g * (T9 + g * T10)))
                grown = 1.0 + g * (1.0 + g * (T2 + g * (T3 + g * (T4 + g * (T5 + g * high)))))
                value[i] = here[i] * in_row * column_k[i] * grown
        else:
            for i in range(len(value)):
                value[i] = here[i] * in_row * column_k[i] * exponential(value[i])


@compiled_within
def trace_record(data: Packed, state: State, r: int, box: Box, place: tuple[int, Window]) -> None:
    """Row and column factors of one record over a box.

    Parameters
    ----------
    data, state
        The data and parameters.
    r
        Number of the record.
    box
        Rows and columns.
    place
        Number of the record among those of the animal, and the window they go to.
    """
    n, window = place
    session = data.curve_session[data.record_curve[r]]
    row, column = data.session_row[session], data.session_column[session]
    sigma = state.sigma[data.record_shape[r]]
    factor(
        data.row_low[row + box.first_row : row + box.last_row],
        (data.record_y[r], sigma),
        window.record_row_k[n, box.first_row : box.last_row],
        window.record_row_u[n, box.first_row : box.last_row],
    )
    factor(
        data.column_x[column + box.first_column : column + box.last_column],
        (data.record_x[r], sigma),
        window.record_column_k[n, box.first_column : box.last_column],
        window.record_column_u[n, box.first_column : box.last_column],
    )


@compiled_within
def fill_by_logarithms(
    data: Packed, state: State, which: tuple[int, int], n_values: int, window: Window
) -> int:
    """log(psi D a Pr(history)) over all cells, where products could be too large or too small.

    Parameters
    ----------
    data, state, which, n_values, window
        As in ``fill_by_products``.
    """
    first, option = which
    peak = kept_peak(window.peak[option - first])
    class_, field = data.option_class[option], data.option_field[option]
    session = data.field_session[field]
    n_rows = data.session_row[session + 1] - data.session_row[session]
    n_columns = data.session_column[session + 1] - data.session_column[session]
    place = window.box[option - first]
    place[0], place[1], place[2], place[3] = 0, n_rows, 0, n_columns
    at, box = note_box(data, which, n_values, window), box_of(place)
    values = box_values(box, window.value[n_values:at])
    start = data.record_start[first]
    records = range(data.record_start[option], data.record_start[option + 1])
    for r in records:
        trace_record(data, state, r, box, (r - start, window))
    log_weight = state.log_weight[class_ if len(state.log_weight) > 1 else 0]
    weights = lattice_of(data, session, log_weight[data.session_cell[session] :])
    hazards = lattice_of(data, session, state.hazard[field])
    for row in range(n_rows):
        dy = data.row_low[data.session_row[session] + row] - peak.y
        for column in range(n_columns):
            dx = data.column_x[data.session_column[session] + column] - peak.x
            value = peak.top - 0.5 * peak.curvature * (dx * dx + dy * dy)
            if not data.is_poisson.item():
                for r in records:
                    x = state.intensity[data.record_intensity[r]] * data.record_effort[r]
                    x *= window.record_row_k[r - start, row]
                    x *= window.record_column_k[r - start, column]
                    value += data.record_count[r] * log_growth(x)
            value += weights[row, column] - hazards[row, column]
            values[row, column] = value
    return at
