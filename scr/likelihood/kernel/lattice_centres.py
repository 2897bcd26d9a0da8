"""Draws of centres on a lattice, by products instead of exponentials.

For the half-normal hazard the weight of a cell is D a exp(-H), times a factor of its column and one
of its row, times the growth ((e^x - 1) / x)^y of each record, x = T h. The first is one array for
all animals, so that a cell costs two multiplications where ``open_window`` needs an exponential.
Growth is seldom much above 1: a cell is drawn without it and kept with the probability of its
growth by the most that growth can be, or another one is drawn.
"""

import math

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled, compiled_loop
from scr.likelihood.kernel.exponential import exponential
from scr.likelihood.kernel.lattice import Factors
from scr.likelihood.kernel.lattice_window import Peak, log_likely_cell, peak_of
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.records import SMALL, log_growth
from scr.likelihood.kernel.state import State
from scr.likelihood.kernel.window import Window

LEFT_OUT = 1e-7
"""Largest probability, for one animal, of all cells that a draw does not look at."""

MOST_GROWTH = 1.5
"""Logarithm of the most growth for which cells are drawn without it."""

LEAST_LOG = -600.0
"""Logarithm of weights that are as good as none: holes, and numbers too small to be fast."""

LARGEST_GROWTH = 100.0
"""Logarithm of the most growth that products are trusted with."""

LEAST, MOST = 1e-200, 1e200
"""Sums of weights between which products have lost nothing to underflow or overflow."""


@compiled
def field_weights(data: Packed, state: State) -> NDArray[np.float64]:
    """D a exp(-H) of each field, over its session's cells in packed order.

    Parameters
    ----------
    data, state
        The data and parameters.

    Returns
    -------
    NDArray
        Shape (1 or n_classes, n_fields, most cells); empty where the cells are no lattice.
    """
    if not data.is_separable.item():
        return np.empty((0, 0, 0))
    weights = np.zeros((len(state.log_weight), *state.hazard.shape))
    for row in range(len(state.log_weight)):
        for field in range(len(data.field_session)):
            session = data.field_session[field]
            first, last = data.session_cell[session], data.session_cell[session + 1]
            never_caught(
                state.log_weight[row, first:last],
                state.hazard[field, : last - first],
                weights[row, field, : last - first],
            )
    return weights


@compiled_loop
def never_caught(
    log_weight: NDArray[np.float64], hazard: NDArray[np.float64], weights: NDArray[np.float64]
) -> None:
    """D a exp(-H).

    Parameters
    ----------
    log_weight, hazard
        log(D a) and H of each cell.
    weights
        Result.
    """
    for i in range(len(hazard)):
        log_value = log_weight[i] - hazard[i]
        weights[i] = exponential(log_value) if log_value > LEAST_LOG else 0.0


@compiled
def weigh_lattice(
    data: Packed,
    state: State,
    factors: Factors,
    weights: NDArray[np.float64],
    animal: int,
    window: Window,
) -> tuple[float, float]:
    """Weights of the cells that count for an animal, up to a factor.

    Parameters
    ----------
    data, state, factors
        The data and parameters, and k as products.
    weights
        From ``field_weights``.
    animal
        Which animal.
    window
        Result: pieces and ``value``.

    Returns
    -------
    total
        Sum of the weights. Where it is not between ``LEAST`` and ``MOST``, products do not do.
    most
        Logarithm of the most by which growth can multiply a weight; 0 where they have it already.
    """
    session = data.animal_session[animal]
    options = range(data.option_start[animal], data.option_start[animal + 1])
    log_best, top, most = -np.inf, -np.inf, 0.0
    for option in options:
        log_best = max(log_best, log_likely_cell(data, state, option))
        peak = peak_of(data, state, option)
        top, most = max(top, peak.top), max(most, peak.growth)
    if not most < LARGEST_GROWTH:
        return 0.0, 0.0
    n_cells = data.session_first[session + 1] - data.session_first[session]
    limit = log_best + math.log(LEFT_OUT / (n_cells * len(options)))
    window.n_pieces[0] = 0
    n_values, total = 0, 0.0
    for option in options:
        first_piece, peak = window.n_pieces[0], peak_of(data, state, option)
        n_values = span_rows(data, state, (option, peak, limit), n_values, window)
        row = data.option_class[option] if len(state.log_weight) > 1 else 0
        cells = weights[row, data.option_field[option]]
        pieces = (first_piece, window.n_pieces[0])
        total += weigh_pieces(data, cells, (option, pieces, top), peak, window)
        if most > MOST_GROWTH:
            total += grow(data, state, factors, (option, pieces), window)
    return total, 0.0 if most > MOST_GROWTH else most


@compiled
def span_rows(
    data: Packed, state: State, of: tuple[int, Peak, float], n_values: int, window: Window
) -> int:
    """Add a piece for each row with cells that can count; returns the number of values so far.

    Parameters
    ----------
    data, state
        The data and parameters.
    of
        The option, its quadratic part, and what a cell must be able to add, as a logarithm.
    n_values
        Number of values before.
    window
        Added to.
    """
    option, peak, limit = of
    field = data.option_field[option]
    session = data.field_session[field]
    columns = data.column_x[data.session_column[session] : data.session_column[session + 1]]
    n_columns, per_metre = len(columns), 1.0 / (columns[1] - columns[0])
    middle, reach = (peak.x - columns[0]) * per_metre, 2.0 / peak.curvature * per_metre**2
    first_row, first = data.session_row[session], data.session_cell[session]
    piece = window.n_pieces[0]
    for row in range(data.session_row[session + 1] - first_row):
        dy = data.row_low[first_row + row] - peak.y
        spare = peak.top + peak.growth - 0.5 * peak.curvature * dy * dy - limit
        spare += state.row_prior[field, first_row + row]
        if not spare >= 0.0:
            continue
        half = math.sqrt(spare * reach)
        low = int(min(max(middle - half, 0.0), n_columns))
        high = int(min(max(middle + half + 1.0, 0.0), n_columns))
        if low >= high:
            continue
        window.option[piece] = option
        window.cell[piece] = first + row * n_columns + low
        window.length[piece] = high - low
        window.start[piece] = n_values
        window.row[piece] = row
        window.column[piece] = low
        piece += 1
        n_values += high - low
    window.n_pieces[0] = piece
    return n_values


@compiled
def log_growth_at(data: Packed, state: State, option: int, cell: int) -> float:
    """Logarithm of the growth of all records of an animal under one class, in one cell.

    Parameters
    ----------
    data, state
        The data and parameters.
    option
        Which animal and class.
    cell
        Packed cell.
    """
    total = 0.0
    for r in range(data.record_start[option], data.record_start[option + 1]):
        dx, dy = data.cell_x[cell] - data.record_x[r], data.cell_y[cell] - data.record_y[r]
        k = math.exp(-0.5 * (dx * dx + dy * dy) / state.sigma[data.record_shape[r]] ** 2)
        at_trap = state.intensity[data.record_intensity[r]] * data.record_effort[r]
        total += data.record_count[r] * log_growth(at_trap * k)
    return total


@compiled_loop
def weigh_pieces(
    data: Packed,
    cells: NDArray[np.float64],
    of: tuple[int, tuple[int, int], float],
    peak: Peak,
    window: Window,
) -> float:
    """Weights without growth of the pieces of one class; returns their sum.

    Parameters
    ----------
    data
        The data.
    cells
        D a exp(-H) of the class.
    of
        The option; its first piece and one past the last; the logarithm all weights are divided by.
    peak
        The quadratic part of the option.
    window
        Its pieces; ``value`` is the result.
    """
    option, pieces, top = of
    session = data.field_session[data.option_field[option]]
    columns = data.column_x[data.session_column[session] : data.session_column[session + 1]]
    first_cell, first_row = data.session_cell[session], data.session_row[session]
    in_column = np.empty(len(columns))
    fall(columns, peak.x, peak.curvature, in_column)
    total = 0.0
    for piece in range(pieces[0], pieces[1]):
        dy = data.row_low[first_row + window.row[piece]] - peak.y
        in_row = math.exp(peak.top - top - 0.5 * peak.curvature * dy * dy)
        begin, n, start = window.cell[piece] - first_cell, window.length[piece], window.start[piece]
        column = window.column[piece]
        of_cells, of_columns = cells[begin : begin + n], in_column[column : column + n]
        values = window.value[start : start + n]
        for i in range(n):
            value = in_row * of_cells[i] * of_columns[i]
            values[i] = value
            total += value
    return total


@compiled
def grow(
    data: Packed,
    state: State,
    factors: Factors,
    of: tuple[int, tuple[int, int]],
    window: Window,
) -> float:
    """Multiply the weights of one class by ((e^x - 1) / x)^y for each record; returns what it adds.

    Parameters
    ----------
    data, state, factors
        The data and parameters, and k as products.
    of
        The option; its first piece and one past the last.
    window
        Its pieces; ``value`` is multiplied.
    """
    option, pieces = of
    added = 0.0
    for r in range(data.record_start[option], data.record_start[option + 1]):
        curve, count = data.record_curve[r], data.record_count[r]
        at_trap = state.intensity[data.record_intensity[r]] * data.record_effort[r]
        first_row, last_row = factors.first_row[curve], factors.last_row[curve]
        first_column, last_column = factors.first_column[curve], factors.last_column[curve]
        for piece in range(pieces[0], pieces[1]):
            row, column = window.row[piece], window.column[piece]
            low = max(column, first_column)
            n = min(column + window.length[piece], last_column) - low
            if row < first_row or row >= last_row or n <= 0:
                continue
            start = window.start[piece] + low - column
            added += multiply_growth(
                at_trap * factors.row_k[curve, row],
                count,
                factors.column_k[curve, low : low + n],
                window.value[start : start + n],
            )
    return added


@compiled_loop
def fall(
    columns: NDArray[np.float64], x: float, curvature: float, result: NDArray[np.float64]
) -> None:
    """exp(-curvature dx^2 / 2) of each column.

    Parameters
    ----------
    columns
        x of the columns, metres.
    x, curvature
        Of the quadratic part.
    result
        Result.
    """
    half = 0.5 * curvature
    for i in range(len(columns)):
        dx = columns[i] - x
        result[i] = exponential(-half * dx * dx)


@compiled_loop
def multiply_growth(
    in_row: float, count: float, k: NDArray[np.float64], values: NDArray[np.float64]
) -> float:
    """Multiply by ((e^x - 1) / x)^y over some columns of a row; returns what the sum grows by.

    Parameters
    ----------
    in_row
        x of each cell, less its column factor.
    count
        y, the number of equal records.
    k
        Column factors.
    values
        Weights, multiplied.
    """
    added = 0.0
    if in_row < SMALL:
        for i in range(len(k)):
            x = in_row * k[i]
            s = x * x
            log_factor = 0.5 * x + s * (1 / 24 - s * (1 / 2880 - s * (1 / 181440 - s / 9676800)))
            more = values[i] * (exponential(count * log_factor) - 1.0)
            values[i] += more
            added += more
    else:
        for i in range(len(k)):
            more = values[i] * (math.exp(count * log_growth(in_row * k[i])) - 1.0)
            values[i] += more
            added += more
    return added
