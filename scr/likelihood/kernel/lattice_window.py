"""The box of a lattice in which an animal's centre can be.

On a lattice what a cell adds to L_i is D a exp(-H), a factor by row, a factor by column and e^{y G}
of each record, which is at most its value at the trap. So what the cells outside a box add is at
most a sum over its rows, of the largest D a exp(-H) in each, times a sum over columns. The box is
as small as keeps that sum below a share of 1e-9 / (2 n_animals) of what one row adds, and log L_i
changes by less than 1e-9 / (2 n_animals). A tenth of the share is for the cells that are not even
looked at, far from the top of the quadratic part.
"""

import math
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
from scr.likelihood.kernel.lattice_factors import first_not_below, whole_spans
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.reach import TOLERANCE
from scr.likelihood.kernel.window import Window, total_of

SHARE_OF_FAR = 0.1
"""Share of what may be left out that is for cells not even looked at."""


class Box(NamedTuple):
    """Rows and columns of a session's lattice, the last ones excluded."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@compiled_loop
def fall(
    ticks: NDArray[np.float64], about: tuple[float, float], top: float, k: NDArray[np.float64]
) -> None:
    """Factor exp(top - curvature d^2 / 2) along one axis.

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
    for i in range(len(ticks)):
        away = ticks[i] - place
        k[i] = exponential(top - 0.5 * curvature * away * away)


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


@compiled_within
def look_near(
    rows: NDArray[np.float64],
    columns: NDArray[np.float64],
    about: tuple[float, float],
    distance: float,
    place: NDArray[np.int64],
) -> Box:
    """Note the box of rows and columns within a distance of a point, of whole spans of columns.

    Parameters
    ----------
    rows, columns
        Their coordinates, metres.
    about
        x and y, metres.
    distance
        Metres.
    place
        Result: the box, as ``box_of`` reads it.
    """
    x, y = about
    place[0], place[1] = first_not_below(rows, y - distance), first_not_below(rows, y + distance)
    left, right = first_not_below(columns, x - distance), first_not_below(columns, x + distance)
    place[2], place[3] = whole_spans(left, right)
    return box_of(place)


@compiled_within
def choose_box(
    row_bound: NDArray[np.float64],
    column_k: NDArray[np.float64],
    most_left_out: float,
    place: NDArray[np.int64],
) -> None:
    """Narrow a box, nearly as far as what the products left out add up to stays below a bound.

    Parameters
    ----------
    row_bound
        Row factor times the largest D a exp(-H) of the row, of the rows of the box.
    column_k
        Column factor of its columns.
    most_left_out
        The bound.
    place
        The box, as ``box_of`` reads it, of whole spans of columns.
    """
    quarter, in_columns = 0.25 * most_left_out, total_of(column_k)
    top, bottom = trim(row_bound, quarter / in_columns)
    in_rows = total_of(row_bound[top:bottom])
    if in_rows * in_columns <= 2.0 * quarter:
        place[:] = 0
        return
    left, right = trim(column_k, quarter / in_rows)
    first_row, first_column = place[0], place[2]
    place[0], place[1] = first_row + top, first_row + bottom
    left, right = whole_spans(left, right)
    place[2], place[3] = first_column + left, first_column + right


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


@compiled_within
def distance_to_far(excess: float, n_cells: int, share: float, curvature: float) -> float:
    """Distance from the top of the quadratic part beyond which cells need not be looked at, metres.

    Parameters
    ----------
    excess
        Logarithm of an upper bound of what a cell at the top adds, less that of a lower bound of
        L_i.
    n_cells
        Cells of the session.
    share
        Share of L_i that all cells beyond may have.
    curvature
        Of the quadratic part, per square metre.
    """
    fallen = excess + math.log(n_cells / share)
    return math.sqrt(2.0 * max(fallen, 0.0) / curvature)


@compiled_within
def note_box(data: Packed, which: tuple[int, int], n_values: int, window: Window) -> int:
    """Note a box as pieces, one for each row; returns the number of values so far.

    Parameters
    ----------
    data
        The data.
    which
        First option of the animal, and the option.
    n_values
        Number of values before.
    window
        With the box; added to.
    """
    first, option = which
    session = data.field_session[data.option_field[option]]
    n_columns = data.session_column[session + 1] - data.session_column[session]
    box = box_of(window.box[option - first])
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
    return int(at)


@compiled_inside
def box_of(place: NDArray[np.int64]) -> Box:
    """The box noted somewhere.

    Parameters
    ----------
    place
        First row, and one past the last; first column, and one past the last.
    """
    return Box(place[0], place[1], place[2], place[3])


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
