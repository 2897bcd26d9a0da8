"""Each animal's history by pairs of record and cell, and the gradient through it."""

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.blocks import kind_of, record_of
from scr.likelihood.kernel.compiled import compiled_inside, compiled_loop, compiled_view
from scr.likelihood.kernel.ordering import BLOCK
from scr.likelihood.kernel.packing import HAZARD_RATE, Packed
from scr.likelihood.kernel.reach import k_within
from scr.likelihood.kernel.record_terms import add_record
from scr.likelihood.kernel.records import Kind, Record
from scr.likelihood.kernel.state import Gradient, State
from scr.likelihood.kernel.window import Window


@compiled_inside
def fill(data: Packed, state: State, pieces: tuple[int, int], window: Window) -> None:
    """log(psi D a Pr(history)) over the cells of some pieces of one class.

    Parameters
    ----------
    data, state
        The data and parameters.
    pieces
        Which pieces, the last one excluded.
    window
        Result.
    """
    if pieces[0] == pieces[1]:
        return
    option = window.option[pieces[0]]
    class_, field = data.option_class[option], data.option_field[option]
    session = data.field_session[field]
    share = state.log_share[session, class_]
    log_weight = state.log_weight[class_ if len(state.log_weight) > 1 else 0]
    hazard = state.hazard[field]
    first_cell = data.session_cell[session]
    for p in range(pieces[0], pieces[1]):
        cell, n, start = window.cell[p], window.length[p], window.start[p]
        at = cell - first_cell
        value = window.value[start : start + n]
        begin_history(share, log_weight[cell : cell + n], hazard[at : at + n], value)
        copy_cells(data.cell_x[cell : cell + n], window.x[start : start + n])
        copy_cells(data.cell_y[cell : cell + n], window.y[start : start + n])
    kind = kind_of(data)
    first_record = data.record_start[option]
    for r in range(data.record_start[option + 1] - first_record):
        record = record_of(data, state, first_record + r)
        if kind.shape == HAZARD_RATE:
            for p in range(pieces[0], pieces[1]):
                begin, end = window.start[p], window.start[p] + window.length[p]
                u = square_distance(data.row_low, data.row_high, data.block_box, window, p, record)
                fill_record(
                    kind, (record, r), k_within(kind.shape, u, record.z), (begin, end), window
                )
        else:
            begin = window.start[pieces[0]]
            end = window.start[pieces[1] - 1] + window.length[pieces[1] - 1]
            fill_record(kind, (record, r), 1.0, (begin, end), window)


@compiled_view
def fill_record(
    kind: Kind, which: tuple[Record, int], most_k: float, span: tuple[int, int], window: Window
) -> None:
    """Add one record to the history in some cells.

    Parameters
    ----------
    kind, which
        The record, and its number among those of the animal and class.
    most_k
        Upper bound of k in these cells.
    span
        Place of their first value, and one past the last.
    window
        Result.
    """
    record, r = which
    begin, end = span
    add_record(
        kind,
        record,
        most_k,
        (window.x[begin:end], window.y[begin:end]),
        (window.value[begin:end], window.scratch[: end - begin]),
        window.slope[r, begin:end],
        window.by_log_sigma[r, begin:end],
        window.by_z[r, begin:end],
    )


@compiled_inside
def square_distance(
    row_low: NDArray[np.float64],
    row_high: NDArray[np.float64],
    block_box: NDArray[np.float64],
    window: Window,
    piece: int,
    record: Record,
) -> float:
    """Smallest (d / sigma)^2 that cells of a piece can have to a record's trap.

    Parameters
    ----------
    row_low, row_high, block_box
        As in ``Packed``.
    window, piece
        Which piece.
    record
        The record.
    """
    row, west = window.row[piece], window.cell[piece] // BLOCK
    east = west + window.length[piece] // BLOCK - 1
    dx = max(block_box[0, west] - record.x, record.x - block_box[1, east], 0.0)
    dy = max(row_low[row] - record.y, record.y - row_high[row], 0.0)
    return float((dx * dx + dy * dy) / (record.sigma * record.sigma))


@compiled_loop
def copy_cells(values: NDArray[np.float64], result: NDArray[np.float64]) -> None:
    """Copy numbers.

    Parameters
    ----------
    values, result
        From where and to where.
    """
    for i in range(len(result)):
        result[i] = values[i]


@compiled_loop
def begin_history(
    log_share: float,
    log_weight: NDArray[np.float64],
    hazard: NDArray[np.float64],
    values: NDArray[np.float64],
) -> None:
    """log(psi D a) - H of some cells: an animal never detected.

    Parameters
    ----------
    log_share
        log psi.
    log_weight, hazard
        log(D a) and H of each cell.
    values
        Result.
    """
    for i in range(len(values)):
        values[i] = log_share + log_weight[i] - hazard[i]


@compiled_loop
def add_shares(
    shares: NDArray[np.float64], to_log_weight: NDArray[np.float64], to_hazard: NDArray[np.float64]
) -> float:
    """Add shares of L_i to the gradients of log D and H; returns their sum.

    Parameters
    ----------
    shares
        Of each cell.
    to_log_weight, to_hazard
        Gradients, added to.
    """
    total = 0.0
    for i in range(len(shares)):
        total += shares[i]
        to_log_weight[i] += shares[i]
        to_hazard[i] -= shares[i]
    return total


@compiled_inside
def history_gradient(data: Packed, state: State, window: Window, to: Gradient) -> None:
    """Add the gradient of log L_i of the animal whose window is open.

    Parameters
    ----------
    data, state
        The data and parameters.
    window
        From ``open_window``: each cell's share of L_i.
    to
        Gradient, added to.
    """
    for o in range(len(window.first_piece) - 1):
        first_piece, last_piece = window.first_piece[o], window.first_piece[o + 1]
        if first_piece >= last_piece:
            continue
        option = window.option[first_piece]
        class_, field = data.option_class[option], data.option_field[option]
        session = data.field_session[field]
        first = data.session_cell[session]
        row = class_ if len(to.log_weight) > 1 else 0
        total = 0.0
        for p in range(first_piece, last_piece):
            cell, n, start = window.cell[p], window.length[p], window.start[p]
            total += add_shares(
                window.value[start : start + n],
                to.log_weight[row, cell : cell + n],
                to.hazard[field, cell - first : cell - first + n],
            )
        to.log_share[session, class_] += total
        begin = window.start[first_piece]
        end = window.start[last_piece - 1] + window.length[last_piece - 1]
        shares = window.value[begin:end]
        first_record = data.record_start[option]
        for record in range(first_record, data.record_start[option + 1]):
            r = record - first_record
            slope = window.slope[r, begin:end]
            by_k, by_sigma = weigh(shares, slope, window.by_log_sigma[r, begin:end])
            level = data.record_intensity[record]
            to.intensity[level] += by_k / state.intensity[level]
            to.log_sigma[data.record_shape[record]] += by_sigma
            if window.by_z.shape[1] > 0:
                _, by_z = weigh(shares, slope, window.by_z[r, begin:end])
                to.z[data.record_shape[record]] += by_z


@compiled_loop
def weigh(
    weight: NDArray[np.float64], slope: NDArray[np.float64], by_parameter: NDArray[np.float64]
) -> tuple[float, float]:
    """Derivative of log L_i to log k, and to a parameter of k, through one record and run.

    Parameters
    ----------
    weight
        Share of L_i of each cell.
    slope
        Derivative of the record's term to log k.
    by_parameter
        Derivative of log k to the parameter.
    """
    by_k, through = 0.0, 0.0
    for i in range(len(weight)):
        amount = weight[i] * slope[i]
        by_k += amount
        through += amount * by_parameter[i]
    return by_k, through
