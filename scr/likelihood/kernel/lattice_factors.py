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
    compiled_within,
)
from scr.likelihood.kernel.exponential import exponential
from scr.likelihood.kernel.ordering import STRIDE
from scr.likelihood.kernel.packing import Packed

FOUR = 4
"""Exposures taken at a time."""


class Factors(NamedTuple):
    """k(d) of the exposures of every field as products, four exposures at a time.

    Rows and columns are counted within the session. Outside the box nothing is filled in.

    Parameters
    ----------
    field_start
        First four of each field (and one past the last).
    first_row, last_row, first_column, last_column
        Box of the rows and columns within reach of any of the four, the last ones excluded.
    row_k, row_u
        exp(-dy^2 / 2 sigma^2) and dy^2 / sigma^2, shape (n_fours, 4, most rows of a session).
    column_k, column_ku
        exp(-dx^2 / 2 sigma^2) and its product with dx^2 / sigma^2, shape (n_fours, 4, most columns
        of a session).
    room
        Room for two numbers for each of four.
    """

    field_start: NDArray[np.int64]
    first_row: NDArray[np.int64]
    last_row: NDArray[np.int64]
    first_column: NDArray[np.int64]
    last_column: NDArray[np.int64]
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
    factors = allocate_factors(data)
    if data.is_separable.item():
        fill_factors(data, sigma, reaches, factors)
    return factors


@compiled_within
def fill_factors(
    data: Packed, sigma: NDArray[np.float64], reaches: NDArray[np.float64], factors: Factors
) -> None:
    """Row and column factors of every exposure.

    Parameters
    ----------
    data, sigma, reaches
        As in ``trace_factors``.
    factors
        Result.
    """
    for field in range(len(data.field_session)):
        session = data.field_session[field]
        rows = data.row_low[data.session_row[session] : data.session_row[session + 1]]
        columns = data.column_x[data.session_column[session] : data.session_column[session + 1]]
        for four in range(factors.field_start[field], factors.field_start[field + 1]):
            top, bottom, left, right = len(rows), 0, len(columns), 0
            for place in range(FOUR):
                curve = data.exposure_curve[exposure_of(data, factors, field, four, place)]
                x, y = data.curve_x[curve], data.curve_y[curve]
                limit = reaches[data.curve_shape[curve]]
                top = min(top, first_not_below(rows, y - limit))
                bottom = max(bottom, first_not_below(rows, y + limit))
                left = min(left, first_not_below(columns, x - limit))
                right = max(right, first_not_below(columns, x + limit))
            top, left = min(top, bottom), min(left, right)
            left, right = whole_strides(left, right, len(columns))
            factors.first_row[four], factors.last_row[four] = top, bottom
            factors.first_column[four], factors.last_column[four] = left, right
            for place in range(FOUR):
                curve = data.exposure_curve[exposure_of(data, factors, field, four, place)]
                scale = sigma[data.curve_shape[curve]]
                factor(
                    rows[top:bottom],
                    (data.curve_y[curve], scale),
                    factors.row_k[four, place, top:bottom],
                    factors.row_u[four, place, top:bottom],
                )
                factor(
                    columns[left:right],
                    (data.curve_x[curve], scale),
                    factors.column_k[four, place, left:right],
                    factors.column_ku[four, place, left:right],
                )
                multiply(
                    factors.column_ku[four, place, left:right],
                    factors.column_k[four, place, left:right],
                    factors.column_ku[four, place, left:right],
                )


@compiled
def allocate_factors(data: Packed) -> Factors:
    """Room for the factors of every exposure.

    Parameters
    ----------
    data
        The data.
    """
    n_fields = len(data.field_session)
    field_start = np.zeros(n_fields + 1, dtype=np.int64)
    n_rows, n_columns = 0, 0
    if data.is_separable.item():
        for field in range(n_fields):
            n_exposures = data.field_start[field + 1] - data.field_start[field]
            field_start[field + 1] = field_start[field] + (n_exposures + FOUR - 1) // FOUR
        for session in range(len(data.session_row) - 1):
            n_rows = max(n_rows, data.session_row[session + 1] - data.session_row[session])
            n_columns = max(
                n_columns, data.session_column[session + 1] - data.session_column[session]
            )
    n_fours = field_start[-1]
    return Factors(
        field_start,
        np.empty(n_fours, dtype=np.int64),
        np.empty(n_fours, dtype=np.int64),
        np.empty(n_fours, dtype=np.int64),
        np.empty(n_fours, dtype=np.int64),
        np.empty((n_fours, FOUR, n_rows)),
        np.empty((n_fours, FOUR, n_rows)),
        np.empty((n_fours, FOUR, n_columns)),
        np.empty((n_fours, FOUR, n_columns)),
        np.empty((2, FOUR)),
    )


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


@compiled_within
def exposure_of(data: Packed, factors: Factors, field: int, four: int, place: int) -> int:
    """One of four exposures; the last of the field over again where fewer are left.

    Parameters
    ----------
    data, factors
        The data, and where the fours of each field start.
    field, four, place
        Which field, four and place in it.
    """
    exposure = data.field_start[field] + FOUR * (four - factors.field_start[field]) + place
    return int(min(exposure, data.field_start[field + 1] - 1))


@compiled_inside
def whole_strides(low: int, high: int, n_columns: int) -> tuple[int, int]:
    """A span of columns widened on both sides to a whole number of strides.

    Parameters
    ----------
    low, high
        First column, and one past the last.
    n_columns
        Number of columns, a whole number of strides.
    """
    spare = (low - high) & (STRIDE - 1)
    n = high - low + spare
    low = min(max(low - (spare >> 1), 0), n_columns - n)
    return low, low + n


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
