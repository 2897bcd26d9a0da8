"""Each animal's history: log L_i over its window, and the gradient through it."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled, compiled_loop
from scr.likelihood.kernel.exponential import exponential
from scr.likelihood.kernel.packing import HAZARD_RATE, Packed
from scr.likelihood.kernel.records import Kind, Record, add_bound, add_record
from scr.likelihood.kernel.state import Gradient, State
from scr.likelihood.kernel.window import cut_off


class Window(NamedTuple):
    """The cells that count in one animal's history, and what they add.

    Parameters
    ----------
    option, cell, length, start
        Of each piece, a run of cells for one class: the option, its first cell, the number of
        cells, and the place of its first value.
    n_pieces
        How many of them, shape (1,).
    first_piece
        First piece of each of the animal's classes (and one past the last).
    x, y
        Cells, metres, piece after piece.
    value
        log(psi D a Pr(history)) of each cell; in the end its share of L_i.
    slope, by_log_sigma, by_z
        Of each record and cell: derivative of its term to log k, and of log k to log sigma and
        to z; shape (n_records, n_values), ``by_z`` of length 0 where the shape has no z.
    """

    option: NDArray[np.int64]
    cell: NDArray[np.int64]
    length: NDArray[np.int64]
    start: NDArray[np.int64]
    n_pieces: NDArray[np.int64]
    first_piece: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    value: NDArray[np.float64]
    slope: NDArray[np.float64]
    by_log_sigma: NDArray[np.float64]
    by_z: NDArray[np.float64]


@compiled
def allocate_window(data: Packed) -> Window:
    """Room for the largest window.

    Parameters
    ----------
    data
        The data.
    """
    n_cells, n_blocks, n_records, n_options = 0, 0, 1, 1
    for session in range(len(data.session_cell) - 1):
        n_cells = max(n_cells, data.session_cell[session + 1] - data.session_cell[session])
        n_blocks = max(n_blocks, data.session_block[session + 1] - data.session_block[session])
    for option in range(len(data.option_class)):
        n_records = max(n_records, data.record_start[option + 1] - data.record_start[option])
    for animal in range(len(data.animal_session)):
        n_options = max(n_options, data.option_start[animal + 1] - data.option_start[animal])
    n_values = n_options * n_cells
    return Window(
        np.empty(n_options * n_blocks, dtype=np.int64),
        np.empty(n_options * n_blocks, dtype=np.int64),
        np.empty(n_options * n_blocks, dtype=np.int64),
        np.empty(n_options * n_blocks, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
        np.zeros(n_options + 1, dtype=np.int64),
        np.empty(n_values),
        np.empty(n_values),
        np.empty(n_values),
        np.empty((n_records, n_values)),
        np.empty((n_records, n_values)),
        np.empty((n_records, n_values if data.shape.item() == HAZARD_RATE else 0)),
    )


@compiled
def open_window(
    data: Packed, state: State, animal: int, prior: NDArray[np.float64], window: Window
) -> float:
    """Fill the window of an animal; returns log L_i and leaves each cell's share of it.

    L_i = sum over classes u and cells m of psi_u D_m a Pr(y_i | m, u).

    Parameters
    ----------
    data, state
        The data and parameters.
    animal
        Which animal.
    prior
        From ``block_priors``.
    window
        Result.
    """
    session = data.animal_session[animal]
    first_block = data.session_block[session]
    n_blocks = data.session_block[session + 1] - first_block
    first_option = data.option_start[animal]
    n_options = data.option_start[animal + 1] - first_option
    window.first_piece[:] = 0
    bound = np.empty((n_options, n_blocks))
    for o in range(n_options):
        bound_blocks(data, state, first_option + o, prior, bound[o])
    best = np.argmax(bound)
    begin = first_block + best % n_blocks
    window.n_pieces[0] = 0
    n_best = add_piece(data, window, first_option + best // n_blocks, begin, begin + 1, 0)
    fill(data, state, 0, 1, window)
    limit = cut_off(data, session, log_sum_exp(window.value[:n_best]))
    window.n_pieces[0] = 0
    n_values = 0
    for o in range(n_options):
        first_piece = window.n_pieces[0]
        block = 0
        while block < n_blocks:
            begin = block
            while block < n_blocks and bound[o, block] >= limit:
                block += 1
            if block > begin:
                n_values += add_piece(
                    data,
                    window,
                    first_option + o,
                    first_block + begin,
                    first_block + block,
                    n_values,
                )
            block += 1
        window.first_piece[o + 1] = window.n_pieces[0]
        fill(data, state, first_piece, window.n_pieces[0], window)
    values = window.value[:n_values]
    log_likelihood = log_sum_exp(values)
    share_out(values, log_likelihood)
    return log_likelihood


@compiled
def bound_blocks(
    data: Packed, state: State, option: int, prior: NDArray[np.float64], bound: NDArray[np.float64]
) -> None:
    """Upper bound of what each block adds to L_i through one class, as a logarithm.

    Parameters
    ----------
    data, state
        The data and parameters.
    option
        Which animal and class.
    prior
        From ``block_priors``.
    bound
        Result, one value per block of the session.
    """
    field = data.option_field[option]
    session = data.field_session[field]
    share = state.log_share[session, data.option_class[option]]
    for block in range(len(bound)):
        bound[block] = share + prior[field, block]
    kind = Kind(data.shape.item(), data.is_hazard.item(), data.is_poisson.item())
    first, last = data.session_block[session], data.session_block[session + 1]
    x = (data.block_box[0, first:last], data.block_box[1, first:last])
    y = (data.block_box[2, first:last], data.block_box[3, first:last])
    for r in range(data.record_start[option], data.record_start[option + 1]):
        add_bound(kind, record_of(data, state, r), x, y, bound)


@compiled
def record_of(data: Packed, state: State, r: int) -> Record:
    """A record of detection with the parameters that hold for it.

    Parameters
    ----------
    data, state
        The data and parameters.
    r
        Number of the record.
    """
    level = data.record_shape[r]
    return Record(
        data.record_x[r],
        data.record_y[r],
        state.sigma[level],
        state.z[level],
        state.intensity[data.record_intensity[r]],
        data.record_count[r],
        data.record_effort[r],
    )


@compiled
def add_piece(
    data: Packed, window: Window, option: int, first_block: int, last_block: int, start: int
) -> int:
    """Note neighbouring blocks as one piece; returns the number of its cells.

    Parameters
    ----------
    data, window
        The data, and where to note it.
    option
        Which animal and class.
    first_block, last_block
        The blocks, the last one excluded.
    start
        Place of the first value.
    """
    piece = window.n_pieces[0]
    cell = data.block_start[first_block]
    length = data.block_start[last_block] - cell
    window.option[piece] = option
    window.cell[piece] = cell
    window.length[piece] = length
    window.start[piece] = start
    window.n_pieces[0] = piece + 1
    return int(length)


@compiled
def fill(data: Packed, state: State, first_piece: int, last_piece: int, window: Window) -> None:
    """log(psi D a Pr(history)) over the cells of some pieces of one class.

    Parameters
    ----------
    data, state
        The data and parameters.
    first_piece, last_piece
        Which pieces, the last one excluded.
    window
        Result.
    """
    if first_piece == last_piece:
        return
    option = window.option[first_piece]
    class_, field = data.option_class[option], data.option_field[option]
    session = data.field_session[field]
    first = data.session_cell[session]
    log_weight = state.log_weight[class_ if len(state.log_weight) > 1 else 0]
    share = state.log_share[session, class_]
    kind = Kind(data.shape.item(), data.is_hazard.item(), data.is_poisson.item())
    for p in range(first_piece, last_piece):
        cell, n, start = window.cell[p], window.length[p], window.start[p]
        for i in range(n):
            hazard = state.hazard[field, cell + i - first]
            window.value[start + i] = share + log_weight[cell + i] - hazard
            window.x[start + i] = data.cell_x[cell + i]
            window.y[start + i] = data.cell_y[cell + i]
    begin = window.start[first_piece]
    end = window.start[last_piece - 1] + window.length[last_piece - 1]
    x, y, value = window.x[begin:end], window.y[begin:end], window.value[begin:end]
    first_record = data.record_start[option]
    for r in range(data.record_start[option + 1] - first_record):
        add_record(
            kind,
            record_of(data, state, first_record + r),
            x,
            y,
            value,
            window.slope[r, begin:end],
            window.by_log_sigma[r, begin:end],
            window.by_z[r, begin:end],
        )


@compiled_loop
def share_out(values: NDArray[np.float64], log_total: float) -> None:
    """Turn logarithms into shares of their total.

    Parameters
    ----------
    values
        Logarithms, overwritten.
    log_total
        log of the sum of their exponentials.
    """
    for i in range(len(values)):
        values[i] = exponential(values[i] - log_total)


@compiled
def log_sum_exp(values: NDArray[np.float64]) -> float:
    """Log of the sum of exponentials; -inf where all are.

    Parameters
    ----------
    values
        Logarithms.
    """
    most = values.max()
    if most == -np.inf:
        return float(most)
    return float(most + math.log(sum_exp(values, most)))


@compiled_loop
def sum_exp(values: NDArray[np.float64], most: float) -> float:
    """Sum of the exponentials of some logarithms less their largest.

    Parameters
    ----------
    values
        Logarithms.
    most
        The largest of them.
    """
    total = 0.0
    for i in range(len(values)):
        total += exponential(values[i] - most)
    return total


@compiled
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
            for i in range(n):
                weight = window.value[start + i]
                total += weight
                to.log_weight[row, cell + i] += weight
                to.hazard[field, cell + i - first] -= weight
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
