"""The gradient through each animal's history on a lattice.

Log k is quadratic in the place of the centre, so that its derivative to sigma needs no more than
the sums of an animal's shares by row and by column.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled_inside, compiled_loop, compiled_within
from scr.likelihood.kernel.lattice_factors import lattice_of
from scr.likelihood.kernel.lattice_growth import weigh_growth
from scr.likelihood.kernel.lattice_peak import kept_peak
from scr.likelihood.kernel.lattice_window import Box, box_of, box_values
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.state import Gradient, State
from scr.likelihood.kernel.window import Window


class Moments(NamedTuple):
    """Sums of shares over an animal's cells, about the top of its quadratic.

    Parameters
    ----------
    total, x, y, square
        Sum of the shares, of shares x dx, x dy, and x (dx^2 + dy^2).
    """

    total: float
    x: float
    y: float
    square: float


@compiled_within
def lattice_history_gradient(data: Packed, state: State, window: Window, to: Gradient) -> None:
    """Add the gradient of log L_i of the animal whose window is open.

    Parameters
    ----------
    data, state
        The data and parameters.
    window
        With each cell's share of L_i.
    to
        Gradient, added to.
    """
    n_values = 0
    for o in range(len(window.first_piece) - 1):
        if window.first_piece[o] >= window.first_piece[o + 1]:
            continue
        option = window.option[window.first_piece[o]]
        box = box_of(window.box[o])
        at = n_values + (box.last_row - box.first_row) * (box.last_column - box.first_column)
        shares = box_values(box, window.value[n_values:at])
        n_values = at
        peak = kept_peak(window.peak[o])
        moments = spread(data, option, box, shares, (peak.x, peak.y, window), to)
        session = data.field_session[data.option_field[option]]
        to.log_share[session, data.option_class[option]] += moments.total
        rows, columns = slice(box.first_row, box.last_row), slice(box.first_column, box.last_column)
        for r in range(data.record_start[option], data.record_start[option + 1]):
            level, shape = data.record_intensity[r], data.record_shape[r]
            ax, ay = peak.x - data.record_x[r], peak.y - data.record_y[r]
            by_k = moments.total
            by_u = (
                moments.square
                + 2.0 * (ax * moments.x + ay * moments.y)
                + (ax * ax + ay * ay) * moments.total
            ) / state.sigma[shape] ** 2
            if not data.is_poisson.item():
                n = r - data.record_start[option - o]
                total, total_u = weigh_growth(
                    state.intensity[level] * data.record_effort[r],
                    (window.record_row_k[n, rows], window.record_row_u[n, rows]),
                    (window.record_column_k[n, columns], window.record_column_u[n, columns]),
                    shares,
                )
                by_k += total
                by_u += total_u
            to.intensity[level] += data.record_count[r] * by_k / state.intensity[level]
            to.log_sigma[shape] += data.record_count[r] * by_u


@compiled_within
def spread(
    data: Packed,
    option: int,
    box: Box,
    shares: NDArray[np.float64],
    about: tuple[float, float, Window],
    to: Gradient,
) -> Moments:
    """Add each cell's share of L_i to the gradient to log(D a) - H, and sum its moments.

    Parameters
    ----------
    data
        The data.
    option
        Which animal and class.
    box, shares
        Its cells and their shares.
    about
        Point about which moments are taken, metres, and the window, for its working memory.
    to
        Gradient, added to.
    """
    x, y, window = about
    class_, field = data.option_class[option], data.option_field[option]
    session = data.field_session[field]
    row = class_ if len(to.log_weight) > 1 else 0
    rows, columns = slice(box.first_row, box.last_row), slice(box.first_column, box.last_column)
    by_row, by_column = window.row_bound[rows], window.by_column[columns]
    to_cells = lattice_of(data, session, to.log_undetected[row, field])
    add_shares(shares, box, to_cells, by_row, by_column)
    y_of = data.row_low[data.session_row[session] + box.first_row :]
    x_of = data.column_x[data.session_column[session] + box.first_column :]
    total, sum_y, square_y = moments_of(by_row, y_of, y)
    _, sum_x, square_x = moments_of(by_column, x_of, x)
    return Moments(total, sum_x, sum_y, square_x + square_y)


@compiled_loop
def add_shares(
    shares: NDArray[np.float64],
    box: Box,
    to_cells: NDArray[np.float64],
    by_row: NDArray[np.float64],
    by_column: NDArray[np.float64],
) -> None:
    """Add shares to the gradient to log(D a) - H, and sum them by row and by column.

    Parameters
    ----------
    shares
        Shares of L_i, over the box.
    box
        Its rows and columns.
    to_cells
        Gradient, added to, shape (n_rows, n_columns).
    by_row, by_column
        Sums.
    """
    by_column[:] = 0.0
    for row in range(len(shares)):
        share = shares[row]
        here = to_cells[row + box.first_row, box.first_column : box.last_column]
        in_row = 0.0
        for i in range(len(share)):
            value = share[i]
            here[i] += value
            by_column[i] += value
            in_row += value
        by_row[row] = in_row


@compiled_inside
def undetected_gradient(data: Packed, to: Gradient) -> None:
    """Pass the gradient to log(D a) - H on to log D and to H.

    Parameters
    ----------
    data
        The data.
    to
        Gradient: that to ``log_undetected`` is read, those to ``log_weight`` and ``hazard`` are
        added to.
    """
    for row in range(len(to.log_undetected)):
        for field in range(len(data.field_session)):
            session = data.field_session[field]
            first, last = data.session_cell[session], data.session_cell[session + 1]
            pass_on(
                to.log_undetected[row, field, : last - first],
                to.log_weight[row, first:last],
                to.hazard[field, : last - first],
            )


@compiled_loop
def pass_on(
    shares: NDArray[np.float64], to_log_weight: NDArray[np.float64], to_hazard: NDArray[np.float64]
) -> None:
    """Add shares to one gradient and take them from another.

    Parameters
    ----------
    shares
        Shares of L_i, summed over animals.
    to_log_weight, to_hazard
        Gradients to log D and H, added to.
    """
    for i in range(len(shares)):
        to_log_weight[i] += shares[i]
        to_hazard[i] -= shares[i]


@compiled_loop
def moments_of(
    weight: NDArray[np.float64], ticks: NDArray[np.float64], about: float
) -> tuple[float, float, float]:
    """Sums of weights, of weights times distance, and of weights times squared distance.

    Parameters
    ----------
    weight
        Of each row or column.
    ticks
        Their coordinates, metres.
    about
        Coordinate from which distances are measured, metres.
    """
    total, first, second = 0.0, 0.0, 0.0
    for i in range(len(weight)):
        away = ticks[i] - about
        total += weight[i]
        first += weight[i] * away
        second += weight[i] * away * away
    return total, first, second
