"""The box of a lattice in which an animal's centre can be.

On a lattice what a cell adds to L_i is D a exp(-H), a factor by row, a factor by column and e^{y G}
of each record, which is at most its value at the trap. So what the cells outside a box add is at
most a sum over its rows, of the largest D a exp(-H) in each, times a sum over columns. The box is
as small as keeps that sum below a share of 1e-9 / (2 n_animals) of what one row adds, and log L_i
changes by less than 1e-9 / (2 n_animals).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import (
    compiled_inside,
    compiled_loop,
    compiled_view,
    compiled_within,
)
from scr.likelihood.kernel.exponential import exponential
from scr.likelihood.kernel.lattice_factors import whole_strides
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.reach import TOLERANCE
from scr.likelihood.kernel.window import Window, total_of


class Box(NamedTuple):
    """Rows and columns of a session's lattice, the last ones excluded."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@compiled_loop
def fall(
    ticks: NDArray[np.float64], about: tuple[float, float], top: float, k: NDArray[np.float64]
) -> float:
    """Factor exp(top - curvature d^2 / 2) along one axis; returns the sum.

    Parameters
    ----------
    ticks
        Coordinates of the columns or rows, metres.
    about
        Coordinate of the peak, metres, and its curvature.
    top
        Logarithm of the factor at the peak.
    k
        Result.
    """
    place, curvature = about
    total = 0.0
    for i in range(len(ticks)):
        away = ticks[i] - place
        value = exponential(top - 0.5 * curvature * away * away)
        k[i] = value
        total += value
    return total


@compiled_loop
def sum_row(undetected: NDArray[np.float64], column_k: NDArray[np.float64]) -> float:
    """Sum of D a exp(-H) times the column factor over a row.

    Parameters
    ----------
    undetected, column_k
        Of each column.
    """
    total = 0.0
    for i in range(len(column_k)):
        total += undetected[i] * column_k[i]
    return total


@compiled_inside
def choose_box(
    row_bound: NDArray[np.float64], column_k: NDArray[np.float64], most_left_out: float
) -> Box:
    """The smallest box, nearly, outside which the products add up to less than a bound.

    Parameters
    ----------
    row_bound
        Row factor times the largest D a exp(-H) of the row.
    column_k
        Column factor.
    most_left_out
        The bound.

    Returns
    -------
    Box
        Its columns widened to whole strides.
    """
    quarter, in_columns = 0.25 * most_left_out, total_of(column_k)
    first_row, last_row = trim(row_bound, quarter / in_columns)
    in_rows = total_of(row_bound[first_row:last_row])
    if in_rows * in_columns <= 0.5 * most_left_out:
        return Box(0, 0, 0, 0)
    first_column, last_column = trim(column_k, quarter / in_rows)
    first_column, last_column = whole_strides(first_column, last_column, len(column_k))
    return Box(first_row, last_row, first_column, last_column)


@compiled_inside
def trim(values: NDArray[np.float64], most: float) -> tuple[int, int]:
    """The range of numbers that is left when both ends are cut until they add up to a bound.

    Parameters
    ----------
    values
        Numbers, none below 0.
    most
        The bound of either end.
    """
    first, last = 0, len(values)
    total = values[0]
    while total <= most and first < last - 1:
        first += 1
        total += values[first]
    total = values[last - 1]
    while total <= most and last > first + 1:
        last -= 1
        total += values[last - 1]
    return first, last


@compiled_within
def budget(data: Packed, animal: int) -> float:
    """Share of L_i that the cells outside an animal's box may have, of each class.

    Parameters
    ----------
    data
        The data.
    animal
        Which animal.
    """
    n_options = data.option_start[animal + 1] - data.option_start[animal]
    return float(0.5 * TOLERANCE / (len(data.animal_session) * n_options))


@compiled_view
def box_values(box: Box, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of the cells of a box as rows and columns.

    Parameters
    ----------
    box
        The box.
    values
        Row by row.
    """
    return values.reshape((box.last_row - box.first_row, box.last_column - box.first_column))


@compiled_within
def note_box(data: Packed, which: tuple[int, int], box: Box, n_values: int, window: Window) -> int:
    """Note a box as pieces, one for each row; returns the number of values so far.

    Parameters
    ----------
    data
        The data.
    which
        First option of the animal, and the option.
    box
        Its rows and columns.
    n_values
        Number of values before.
    window
        Added to.
    """
    first, option = which
    session = data.field_session[data.option_field[option]]
    n_columns = data.session_column[session + 1] - data.session_column[session]
    length = box.last_column - box.first_column
    piece, at = window.n_pieces[0], n_values
    for row in range(box.first_row, box.last_row):
        window.option[piece] = option
        window.cell[piece] = data.session_cell[session] + row * n_columns + box.first_column
        window.length[piece] = length
        window.start[piece] = at
        at += length
        piece += 1
    window.n_pieces[0] = piece
    window.first_piece[option - first + 1 :] = piece
    place = window.box[option - first]
    place[0], place[1] = box.first_row, box.last_row
    place[2], place[3] = box.first_column, box.last_column
    return int(at)


@compiled_within
def box_of(window: Window, o: int) -> Box:
    """The box of one of an animal's classes.

    Parameters
    ----------
    window
        Where it was noted.
    o
        Which of the animal's classes.
    """
    place = window.box[o]
    return Box(place[0], place[1], place[2], place[3])
