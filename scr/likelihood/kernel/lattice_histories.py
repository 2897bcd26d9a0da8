"""Each animal's history on a lattice: log L_i over its window, and the gradient through it.

With x = T h, a record of detection beside non-detection adds log x + G(x) (``records``), and for
the half-normal hazard log x is quadratic in the place of the centre. So the quadratic parts of all
records of an animal are one, about one point; only G is left to work out record by record.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled, compiled_loop
from scr.likelihood.kernel.lattice import Factors
from scr.likelihood.kernel.lattice_window import Peak, peak_of
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.records import SMALL, log_growth
from scr.likelihood.kernel.state import Gradient, State
from scr.likelihood.kernel.window import Window

TINY = 0.02
"""Largest x for which two terms fewer of the series are exact to 1e-15."""


@compiled
def fill_lattice_window(data: Packed, state: State, factors: Factors, window: Window) -> None:
    """log(psi D a Pr(history)) over the cells of a window.

    Parameters
    ----------
    data, state, factors
        The data and parameters, and k as products.
    window
        From ``choose_cells``; ``value`` is the result.
    """
    for piece in range(window.n_pieces[0]):
        option = window.option[piece]
        if piece == 0 or option != window.option[piece - 1]:
            peak = peak_of(data, state, option)
        class_, field = data.option_class[option], data.option_field[option]
        session = data.field_session[field]
        cell, n, start = window.cell[piece], window.length[piece], window.start[piece]
        at = cell - data.session_cell[session]
        dy = data.row_low[data.session_row[session] + window.row[piece]] - peak.y
        add_quadratic(
            peak,
            peak.top - 0.5 * peak.curvature * dy * dy,
            data.cell_x[cell : cell + n],
            state.log_weight[class_ if len(state.log_weight) > 1 else 0, cell : cell + n],
            state.hazard[field, at : at + n],
            window.value[start : start + n],
        )
    if data.is_poisson.item():
        return
    for o in range(len(window.first_piece) - 1):
        first_piece, last_piece = window.first_piece[o], window.first_piece[o + 1]
        if first_piece >= last_piece:
            continue
        option = window.option[first_piece]
        for r in range(data.record_start[option], data.record_start[option + 1]):
            curve, count = data.record_curve[r], data.record_count[r]
            at_trap = state.intensity[data.record_intensity[r]] * data.record_effort[r]
            first_row, last_row = factors.first_row[curve], factors.last_row[curve]
            first_column, last_column = factors.first_column[curve], factors.last_column[curve]
            for piece in range(first_piece, last_piece):
                row, column = window.row[piece], window.column[piece]
                low = max(column, first_column)
                n = min(column + window.length[piece], last_column) - low
                if row < first_row or row >= last_row or n <= 0:
                    continue
                start = window.start[piece] + low - column
                add_growth(
                    at_trap * factors.row_k[curve, row],
                    count,
                    factors.column_k[curve, low : low + n],
                    window.value[start : start + n],
                )


@compiled_loop
def add_quadratic(
    peak: Peak,
    in_row: float,
    x: NDArray[np.float64],
    log_weight: NDArray[np.float64],
    hazard: NDArray[np.float64],
    values: NDArray[np.float64],
) -> None:
    """log(psi D a) - H + sum_r y_r log(T_r h_r) over some columns of a row.

    Parameters
    ----------
    peak
        The quadratic part.
    in_row
        Its height in the row, less its fall along it.
    x
        Cells, metres.
    log_weight, hazard
        log(D a) and H of each.
    values
        Result.
    """
    half = 0.5 * peak.curvature
    for i in range(len(x)):
        dx = x[i] - peak.x
        values[i] = in_row + log_weight[i] - hazard[i] - half * dx * dx


@compiled_loop
def add_growth(
    in_row: float, count: float, k: NDArray[np.float64], values: NDArray[np.float64]
) -> None:
    """Add y G(x) over some columns of a row.

    Parameters
    ----------
    in_row
        x of each cell, less its column factor.
    count
        y, the number of equal records.
    k
        Column factors.
    values
        log Pr(history), added to.
    """
    if in_row < TINY:
        for i in range(len(k)):
            x = in_row * k[i]
            s = x * x
            values[i] += count * (0.5 * x + s * (1 / 24 - s * (1 / 2880)))
    elif in_row < SMALL:
        for i in range(len(k)):
            x = in_row * k[i]
            s = x * x
            values[i] += count * (
                0.5 * x + s * (1 / 24 - s * (1 / 2880 - s * (1 / 181440 - s / 9676800)))
            )
    else:
        for i in range(len(k)):
            values[i] += count * log_growth(in_row * k[i])


@compiled_loop
def weigh_growth(
    in_row: float,
    shares: NDArray[np.float64],
    k: NDArray[np.float64],
    u: NDArray[np.float64],
) -> tuple[float, float]:
    """Sum of share x G', and of share x G' x u, with G' the derivative of G to log x.

    Parameters
    ----------
    in_row
        x of each cell, less its column factor.
    shares
        Each cell's share of L_i.
    k, u
        Column factors, and (dx / sigma)^2.
    """
    total, total_u = 0.0, 0.0
    if in_row < TINY:
        for i in range(len(k)):
            x = in_row * k[i]
            s = x * x
            part = shares[i] * (0.5 * x + s * (1 / 12 - s * (1 / 720)))
            total += part
            total_u += part * u[i]
    elif in_row < SMALL:
        for i in range(len(k)):
            x = in_row * k[i]
            s = x * x
            part = shares[i] * (
                0.5 * x + s * (1 / 12 - s * (1 / 720 - s * (1 / 30240 - s / 1209600)))
            )
            total += part
            total_u += part * u[i]
    else:
        for i in range(len(k)):
            x = in_row * k[i]
            slope = 0.5 * x if x < 1e-8 else x / -math.expm1(-x) - 1.0
            total += shares[i] * slope
            total_u += shares[i] * slope * u[i]
    return total, total_u


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


@compiled
def lattice_history_gradient(
    data: Packed, state: State, factors: Factors, window: Window, to: Gradient
) -> None:
    """Add the gradient of log L_i of the animal whose window is open.

    Parameters
    ----------
    data, state, factors
        The data and parameters, and k as products.
    window
        With each cell's share of L_i.
    to
        Gradient, added to.
    """
    for o in range(len(window.first_piece) - 1):
        first_piece, last_piece = window.first_piece[o], window.first_piece[o + 1]
        if first_piece >= last_piece:
            continue
        option = window.option[first_piece]
        peak = peak_of(data, state, option)
        moments = spread_shares(data, (first_piece, last_piece), (peak.x, peak.y), window, to)
        session = data.field_session[data.option_field[option]]
        to.log_share[session, data.option_class[option]] += moments.total
        for r in range(data.record_start[option], data.record_start[option + 1]):
            level, shape = data.record_intensity[r], data.record_shape[r]
            per_square = 1.0 / state.sigma[shape] ** 2
            ax, ay = peak.x - data.record_x[r], peak.y - data.record_y[r]
            by_k = moments.total
            by_u = per_square * (
                moments.square
                + 2.0 * (ax * moments.x + ay * moments.y)
                + (ax * ax + ay * ay) * moments.total
            )
            if not data.is_poisson.item():
                curve = data.record_curve[r]
                at_trap = state.intensity[level] * data.record_effort[r]
                first_row, last_row = factors.first_row[curve], factors.last_row[curve]
                first_column, last_column = factors.first_column[curve], factors.last_column[curve]
                for piece in range(first_piece, last_piece):
                    row, column = window.row[piece], window.column[piece]
                    low = max(column, first_column)
                    n = min(column + window.length[piece], last_column) - low
                    if row < first_row or row >= last_row or n <= 0:
                        continue
                    start = window.start[piece] + low - column
                    total, total_u = weigh_growth(
                        at_trap * factors.row_k[curve, row],
                        window.value[start : start + n],
                        factors.column_k[curve, low : low + n],
                        factors.column_u[curve, low : low + n],
                    )
                    by_k += total
                    by_u += total_u + total * factors.row_u[curve, row]
            to.intensity[level] += data.record_count[r] * by_k / state.intensity[level]
            to.log_sigma[shape] += data.record_count[r] * by_u


@compiled_loop
def spread_shares(
    data: Packed,
    pieces: tuple[int, int],
    about: tuple[float, float],
    window: Window,
    to: Gradient,
) -> Moments:
    """Add each cell's share of L_i to the gradients of log D and H, and sum its moments.

    Parameters
    ----------
    data
        The data.
    pieces
        First piece of the animal and class, and one past the last.
    about
        Point about which moments are taken, metres.
    window
        With each cell's share of L_i.
    to
        Gradient, added to.
    """
    option = window.option[pieces[0]]
    class_, field = data.option_class[option], data.option_field[option]
    session = data.field_session[field]
    first, first_row = data.session_cell[session], data.session_row[session]
    row = class_ if len(to.log_weight) > 1 else 0
    total, sum_x, sum_y, square = 0.0, 0.0, 0.0, 0.0
    for piece in range(pieces[0], pieces[1]):
        cell, n, start = window.cell[piece], window.length[piece], window.start[piece]
        shares = window.value[start : start + n]
        to_weight = to.log_weight[row, cell : cell + n]
        to_hazard = to.hazard[field, cell - first : cell - first + n]
        x = data.cell_x[cell : cell + n]
        dy = data.row_low[first_row + window.row[piece]] - about[1]
        in_row, in_row_x, in_row_square = 0.0, 0.0, 0.0
        for i in range(n):
            share, dx = shares[i], x[i] - about[0]
            to_weight[i] += share
            to_hazard[i] -= share
            in_row += share
            in_row_x += share * dx
            in_row_square += share * dx * dx
        total += in_row
        sum_x += in_row_x
        sum_y += in_row * dy
        square += in_row_square + in_row * dy * dy
    return Moments(total, sum_x, sum_y, square)
