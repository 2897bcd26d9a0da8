"""The half-normal hazard on a lattice: a factor by column times a factor by row.

exp(-d^2 / 2 sigma^2) = exp(-dx^2 / 2 sigma^2) exp(-dy^2 / 2 sigma^2), so that a trap needs as many
exponentials as there are columns and rows within its reach, not cells, and nothing is stored by
pair of trap and cell.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled, compiled_loop, compiled_search
from scr.likelihood.kernel.exponential import exponential
from scr.likelihood.kernel.ordering import STRIDE
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.state import Gradient


class Factors(NamedTuple):
    """k(d) of each curve as a product, over the columns and rows within reach.

    Rows and columns are counted within the session. Beyond reach nothing is filled in.

    Parameters
    ----------
    first_row, last_row, first_column, last_column
        Rows and columns within reach, the last ones excluded.
    row_k, row_u
        exp(-dy^2 / 2 sigma^2) and dy^2 / sigma^2, shape (n_curves, most rows of a session).
    column_k, column_u
        The same of dx, shape (n_curves, most columns of a session).
    from_column, to_column
        Columns within reach in each row, the last one excluded, shape (n_curves, most rows).
    """

    first_row: NDArray[np.int64]
    last_row: NDArray[np.int64]
    first_column: NDArray[np.int64]
    last_column: NDArray[np.int64]
    row_k: NDArray[np.float64]
    row_u: NDArray[np.float64]
    column_k: NDArray[np.float64]
    column_u: NDArray[np.float64]
    from_column: NDArray[np.int64]
    to_column: NDArray[np.int64]


@compiled
def trace_factors(
    data: Packed, sigma: NDArray[np.float64], reaches: NDArray[np.float64]
) -> Factors:
    """Row and column factors of every curve; none where the hazard is not separable.

    Parameters
    ----------
    data
        The data.
    sigma
        By shape level, metres.
    reaches
        From ``reach``.
    """
    n_curves = len(data.curve_x) if data.is_separable.item() else 0
    n_rows, n_columns = 0, 0
    for session in range(len(data.session_row) - 1):
        n_rows = max(n_rows, data.session_row[session + 1] - data.session_row[session])
        n_columns = max(n_columns, data.session_column[session + 1] - data.session_column[session])
    factors = Factors(
        np.empty(n_curves, dtype=np.int64),
        np.empty(n_curves, dtype=np.int64),
        np.empty(n_curves, dtype=np.int64),
        np.empty(n_curves, dtype=np.int64),
        np.empty((n_curves, n_rows)),
        np.empty((n_curves, n_rows)),
        np.empty((n_curves, n_columns)),
        np.empty((n_curves, n_columns)),
        np.empty((n_curves, n_rows), dtype=np.int64),
        np.empty((n_curves, n_rows), dtype=np.int64),
    )
    for curve in range(n_curves):
        session, level = data.curve_session[curve], data.curve_shape[curve]
        x, y, limit = data.curve_x[curve], data.curve_y[curve], reaches[level]
        rows = data.row_low[data.session_row[session] : data.session_row[session + 1]]
        columns = data.column_x[data.session_column[session] : data.session_column[session + 1]]
        top = np.searchsorted(rows, y - limit)
        bottom = np.searchsorted(rows, y + limit, side="right")
        first, last = span_rows(
            (x, y, limit),
            rows[top:bottom],
            columns,
            factors.from_column[curve, top:bottom],
            factors.to_column[curve, top:bottom],
        )
        factors.first_row[curve], factors.last_row[curve] = top, bottom
        factors.first_column[curve], factors.last_column[curve] = first, last
        factor(
            rows[top:bottom],
            y,
            sigma[level],
            factors.row_k[curve, top:bottom],
            factors.row_u[curve, top:bottom],
        )
        factor(
            columns[first:last],
            x,
            sigma[level],
            factors.column_k[curve, first:last],
            factors.column_u[curve, first:last],
        )
    return factors


@compiled_loop
def factor(
    ticks: NDArray[np.float64],
    place: float,
    sigma: float,
    k: NDArray[np.float64],
    u: NDArray[np.float64],
) -> None:
    """exp(-u / 2) and u = (distance / sigma)^2 along one axis.

    Parameters
    ----------
    ticks
        Coordinates of the columns or rows, metres.
    place
        Coordinate of the trap.
    sigma
        Metres.
    k, u
        Results.
    """
    per_square = 1.0 / (sigma * sigma)
    for i in range(len(ticks)):
        away = ticks[i] - place
        square = away * away * per_square
        u[i] = square
        k[i] = exponential(-0.5 * square)


@compiled
def span_rows(
    disc: tuple[float, float, float],
    rows: NDArray[np.float64],
    columns: NDArray[np.float64],
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
) -> tuple[int, int]:
    """Columns within reach in each row, widened to whole strides; returns the widest span.

    Parameters
    ----------
    disc
        x and y of the trap, and reach, metres.
    rows, columns
        y of the rows within reach; x of the columns, evenly spaced, a whole number of strides.
    begin, end
        Results: first column of each row, and one past the last.
    """
    x, y, limit = disc
    n_columns = len(columns)
    per_metre = 1.0 / (columns[1] - columns[0])
    middle = (x - columns[0]) * per_metre
    first, last = n_columns, 0
    for row in range(len(rows)):
        dy = rows[row] - y
        half = min(math.sqrt(max(limit * limit - dy * dy, 0.0)) * per_metre, n_columns)
        low = int(min(max(middle - half, 0.0), n_columns))
        high = int(min(max(middle + half + 1.0, 0.0), n_columns))
        begin[row], end[row] = whole_strides(low, high, n_columns)
        first, last = min(first, begin[row]), max(last, end[row])
    return min(first, last), last


@compiled
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


@compiled
def add_lattice_hazard(
    data: Packed,
    factors: Factors,
    intensity: NDArray[np.float64],
    field: int,
    hazard: NDArray[np.float64],
) -> None:
    """H(m) = sum_k T_k lambda0 (row factor) (column factor) of one field, added to ``hazard``.

    Parameters
    ----------
    data, factors
        The data, and k as products.
    intensity
        lambda0 by level.
    field
        Which field.
    hazard
        Added to, for the cells of the field's session, shape (n_cells,).
    """
    session = data.field_session[field]
    n_columns = data.session_column[session + 1] - data.session_column[session]
    lattice = hazard.reshape((len(hazard) // n_columns, n_columns))
    for e in range(data.field_start[field], data.field_start[field + 1]):
        curve = data.exposure_curve[e]
        add_product(
            data.exposure_effort[e] * intensity[data.exposure_intensity[e]],
            (factors.first_row[curve], factors.last_row[curve]),
            (factors.from_column[curve], factors.to_column[curve]),
            (factors.row_k[curve], factors.column_k[curve]),
            lattice,
        )


@compiled_loop
def add_product(
    weight: float,
    rows: tuple[int, int],
    columns: tuple[NDArray[np.int64], NDArray[np.int64]],
    k: tuple[NDArray[np.float64], NDArray[np.float64]],
    lattice: NDArray[np.float64],
) -> None:
    """Add weight x row factor x column factor to the cells within reach of a trap.

    Parameters
    ----------
    weight
        T lambda0.
    rows
        First row, and one past the last.
    columns
        First column of each row, and one past the last.
    k
        Factors of all rows and columns.
    lattice
        Added to, shape (n_rows, n_columns).
    """
    begin, end = columns
    row_k, column_k = k
    for row in range(rows[0], rows[1]):
        in_row = weight * row_k[row]
        h, by_column = lattice[row, begin[row] : end[row]], column_k[begin[row] : end[row]]
        for i in range(len(h)):
            h[i] += in_row * by_column[i]


@compiled
def lattice_hazard_gradient(
    data: Packed,
    factors: Factors,
    intensity: NDArray[np.float64],
    field: int,
    to: Gradient,
) -> None:
    """Add to the gradients what comes through the total hazard of one field.

    Parameters
    ----------
    data, factors, intensity, field
        As in ``add_lattice_hazard``.
    to
        Gradient: that to H is read, those to intensity and log sigma are added to.
    """
    session = data.field_session[field]
    n_columns = data.session_column[session + 1] - data.session_column[session]
    n_cells = data.session_cell[session + 1] - data.session_cell[session]
    lattice = to.hazard[field, :n_cells].reshape((n_cells // n_columns, n_columns))
    for e in range(data.field_start[field], data.field_start[field + 1]):
        effort, level = data.exposure_effort[e], data.exposure_intensity[e]
        curve = data.exposure_curve[e]
        by_k, by_log_sigma = weigh_product(
            lattice,
            (factors.first_row[curve], factors.last_row[curve]),
            (factors.from_column[curve], factors.to_column[curve]),
            (factors.row_k[curve], factors.column_k[curve]),
            (factors.row_u[curve], factors.column_u[curve]),
        )
        to.intensity[level] += effort * by_k
        to.log_sigma[data.curve_shape[curve]] += effort * intensity[level] * by_log_sigma


@compiled_loop
def weigh_product(
    lattice: NDArray[np.float64],
    rows: tuple[int, int],
    columns: tuple[NDArray[np.int64], NDArray[np.int64]],
    k: tuple[NDArray[np.float64], NDArray[np.float64]],
    u: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> tuple[float, float]:
    """Sums of w k and of w dk / dlog sigma = w k u over the cells within reach of a trap.

    Parameters
    ----------
    lattice
        Weights w, shape (n_rows, n_columns).
    rows, columns, k
        As in ``add_product``.
    u
        dy^2 / sigma^2 of all rows, and dx^2 / sigma^2 of all columns.
    """
    begin, end = columns
    (row_k, column_k), (row_u, column_u) = k, u
    by_k, by_log_sigma = 0.0, 0.0
    for row in range(rows[0], rows[1]):
        weight = lattice[row, begin[row] : end[row]]
        by_column, u_of_column = column_k[begin[row] : end[row]], column_u[begin[row] : end[row]]
        in_row, in_row_u = 0.0, 0.0
        for i in range(len(weight)):
            part = weight[i] * by_column[i]
            in_row += part
            in_row_u += part * u_of_column[i]
        by_k += row_k[row] * in_row
        by_log_sigma += row_k[row] * (in_row_u + row_u[row] * in_row)
    return by_k, by_log_sigma


@compiled_search
def row_priors(
    data: Packed, log_weight: NDArray[np.float64], hazard: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Largest log(D a) - H in the cells of each row, by field.

    Parameters
    ----------
    data
        The data.
    log_weight, hazard
        As in ``State``.
    """
    result = np.full((len(data.field_session), len(data.row_low)), -np.inf)
    for field in range(len(data.field_session)):
        session = data.field_session[field]
        first = data.session_cell[session]
        for row in range(data.session_row[session], data.session_row[session + 1]):
            begin, end = data.row_start[row], data.row_start[row + 1]
            h = hazard[field, begin - first : end - first]
            for by_class in range(len(log_weight)):
                weight = log_weight[by_class, begin:end]
                most = -np.inf
                for i in range(len(h)):
                    most = max(most, weight[i] - h[i])
                result[field, row] = max(result[field, row], most)
    return result
