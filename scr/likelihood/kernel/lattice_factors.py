"""The half-normal hazard on a lattice: a factor by column times a factor by row.

exp(-d^2 / 2 sigma^2) = exp(-dx^2 / 2 sigma^2) exp(-dy^2 / 2 sigma^2), so that a trap needs as many
exponentials as there are columns and rows within its reach, not cells, and nothing is stored by
pair of trap and cell. Traps are taken four at a time, over the box of cells that any of them
reaches.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import (
    compiled,
    compiled_inside,
    compiled_loop,
    compiled_view,
)
from scr.likelihood.kernel.exponential import exponential
from scr.likelihood.kernel.packing import Packed

FOUR = 4
"""Exposures taken at a time."""

SPAN = 8
"""Columns that loops take at once: boxes have whole spans of them, as every lattice has."""


class Factors(NamedTuple):
    """k(d) of the exposures of every field as products, four exposures at a time.

    Rows and columns are counted within the session. There are factors for the rows and columns of
    the box of each four alone, those of the four one after the other (``of_four``).

    Parameters
    ----------
    field_start
        First four of each field (and one past the last).
    box
        Of each four: first row within reach of any of them, one past the last, first column and
        one past the last, shape (n_fours, 4).
    row_start, column_start
        Number of rows and of columns of all boxes before each four (and of all).
    row_k, row_u
        exp(-dy^2 / 2 sigma^2) and dy^2 / sigma^2, length 4 times the rows of all boxes.
    column_k, column_ku
        exp(-dx^2 / 2 sigma^2) and its product with dx^2 / sigma^2, length 4 times the columns of
        all boxes.
    room
        Room for two numbers for each of four.
    """

    field_start: NDArray[np.int64]
    box: NDArray[np.int64]
    row_start: NDArray[np.int64]
    column_start: NDArray[np.int64]
    row_k: NDArray[np.float64]
    row_u: NDArray[np.float64]
    column_k: NDArray[np.float64]
    column_ku: NDArray[np.float64]
    room: NDArray[np.float64]


@compiled
def trace_factors(
    data: Packed, sigma: NDArray[np.float64], reaches: NDArray[np.float64]
) -> Factors:
    """Row and column factors of every exposure; none where the hazard is not separable.

    Parameters
    ----------
    data
        The data.
    sigma
        By shape level, metres.
    reaches
        From ``reach``.
    """
    field_start = np.zeros(len(data.field_session) + 1, dtype=np.int64)
    if data.is_separable.item():
        for field in range(len(data.field_session)):
            n_exposures = data.field_start[field + 1] - data.field_start[field]
            field_start[field + 1] = field_start[field] + (n_exposures + FOUR - 1) // FOUR
    n_fours = field_start[-1]
    box = np.empty((n_fours, 4), dtype=np.int64)
    row_start = np.zeros(n_fours + 1, dtype=np.int64)
    column_start = np.zeros(n_fours + 1, dtype=np.int64)
    find_boxes(data, reaches, field_start, box)
    for four in range(n_fours):
        row_start[four + 1] = row_start[four] + box[four, 1] - box[four, 0]
        column_start[four + 1] = column_start[four] + box[four, 3] - box[four, 2]
    n_rows, n_columns = FOUR * row_start[-1], FOUR * column_start[-1]
    factors = Factors(
        field_start,
        box,
        row_start,
        column_start,
        np.empty(n_rows),
        np.empty(n_rows),
        np.empty(n_columns),
        np.empty(n_columns),
        np.empty((2, FOUR)),
    )
    fill_factors(data, sigma, factors)
    return factors


@compiled_inside
def find_boxes(
    data: Packed,
    reaches: NDArray[np.float64],
    field_start: NDArray[np.int64],
    box: NDArray[np.int64],
) -> None:
    """The rows and columns within reach of any of four exposures.

    Parameters
    ----------
    data, reaches
        As in ``trace_factors``.
    field_start
        As in ``Factors``.
    box
        Result, as in ``Factors``.
    """
    for field in range(len(field_start) - 1):
        session = data.field_session[field]
        rows = data.row_low[data.session_row[session] : data.session_row[session + 1]]
        columns = data.column_x[data.session_column[session] : data.session_column[session + 1]]
        for four in range(field_start[field], field_start[field + 1]):
            top, bottom, left, right = np.inf, -np.inf, np.inf, -np.inf
            for place in range(FOUR):
                curve = data.exposure_curve[exposure_of(data, field_start, field, four, place)]
                x, y = data.curve_x[curve], data.curve_y[curve]
                limit = reaches[data.curve_shape[curve]]
                top, bottom = min(top, y - limit), max(bottom, y + limit)
                left, right = min(left, x - limit), max(right, x + limit)
            box[four, 0], box[four, 1] = first_not_below(rows, top), first_not_below(rows, bottom)
            first, last = first_not_below(columns, left), first_not_below(columns, right)
            box[four, 2], box[four, 3] = whole_spans(first, last)


@compiled_inside
def fill_factors(data: Packed, sigma: NDArray[np.float64], factors: Factors) -> None:
    """Row and column factors of every exposure.

    Parameters
    ----------
    data, sigma
        As in ``trace_factors``.
    factors
        With boxes; result.
    """
    for field in range(len(factors.field_start) - 1):
        session = data.field_session[field]
        rows = data.row_low[data.session_row[session] : data.session_row[session + 1]]
        columns = data.column_x[data.session_column[session] : data.session_column[session + 1]]
        for four in range(factors.field_start[field], factors.field_start[field + 1]):
            box = factors.box[four]
            row_k, row_u = (
                of_four(factors.row_k, factors.row_start, four),
                of_four(factors.row_u, factors.row_start, four),
            )
            column_k = of_four(factors.column_k, factors.column_start, four)
            column_ku = of_four(factors.column_ku, factors.column_start, four)
            for place in range(FOUR):
                e = exposure_of(data, factors.field_start, field, four, place)
                curve = data.exposure_curve[e]
                scale = sigma[data.curve_shape[curve]]
                factor(
                    rows[box[0] : box[1]], (data.curve_y[curve], scale), row_k[place], row_u[place]
                )
                about = (data.curve_x[curve], scale)
                factor(columns[box[2] : box[3]], about, column_k[place], column_ku[place])
                multiply(column_ku[place], column_k[place], column_ku[place])


@compiled_view
def of_four(
    values: NDArray[np.float64], start: NDArray[np.int64], four: int
) -> NDArray[np.float64]:
    """Factors of the rows or columns of four exposures, shape (4, n).

    Parameters
    ----------
    values
        Of all fours.
    start
        Number of rows or columns before each four.
    four
        Which four.
    """
    n = start[four + 1] - start[four]
    return values[FOUR * start[four] : FOUR * start[four + 1]].reshape((FOUR, n))


@compiled_inside
def first_not_below(ticks: NDArray[np.float64], place: float) -> int:
    """The first of some rows or columns that is not below a place, by halving.

    Parameters
    ----------
    ticks
        Their coordinates, in order, metres.
    place
        Coordinate, metres.
    """
    first, last = 0, len(ticks)
    while first < last:
        middle = (first + last) >> 1
        if ticks[middle] < place:
            first = middle + 1
        else:
            last = middle
    return first


@compiled_inside
def exposure_of(
    data: Packed, field_start: NDArray[np.int64], field: int, four: int, place: int
) -> int:
    """One of four exposures; the last of the field over again where fewer are left.

    Parameters
    ----------
    data, field_start
        The data, and where the fours of each field start.
    field, four, place
        Which field, four and place in it.
    """
    exposure = data.field_start[field] + FOUR * (four - field_start[field]) + place
    return int(min(exposure, data.field_start[field + 1] - 1))


@compiled_inside
def whole_spans(first: int, last: int) -> tuple[int, int]:
    """Columns widened on both sides to whole spans; none stays none.

    Parameters
    ----------
    first, last
        First column, and one past the last.
    """
    if first >= last:
        return 0, 0
    return first // SPAN * SPAN, (last + SPAN - 1) // SPAN * SPAN


@compiled_loop
def factor(
    ticks: NDArray[np.float64],
    about: tuple[float, float],
    k: NDArray[np.float64],
    u: NDArray[np.float64],
) -> None:
    """exp(-u / 2) and u = (distance / sigma)^2 along one axis.

    Parameters
    ----------
    ticks
        Coordinates of the columns or rows, metres.
    about
        Coordinate of the trap, and sigma, metres.
    k, u
        Results.
    """
    place, sigma = about
    per_square = 1.0 / (sigma * sigma)
    for i in range(len(ticks)):
        away = ticks[i] - place
        square = away * away * per_square
        u[i] = square
        k[i] = exponential(-0.5 * square)


@compiled_loop
def multiply(
    one: NDArray[np.float64], other: NDArray[np.float64], product: NDArray[np.float64]
) -> None:
    """Products of numbers, one by one.

    Parameters
    ----------
    one, other
        The numbers.
    product
        Result.
    """
    for i in range(len(product)):
        product[i] = one[i] * other[i]


@compiled_view
def lattice_of(data: Packed, session: int, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cells of a session as rows and columns.

    Parameters
    ----------
    data
        The data.
    session
        Which session.
    values
        Of its cells, in packed order; there may be more behind them.
    """
    n_rows = data.session_row[session + 1] - data.session_row[session]
    n_columns = data.session_column[session + 1] - data.session_column[session]
    return values[: n_rows * n_columns].reshape((n_rows, n_columns))
