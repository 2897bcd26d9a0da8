"""Each animal's history by pairs of record and cell, and the gradient through it."""

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.blocks import bound_blocks, cut_off, record_of
from scr.likelihood.kernel.compiled import compiled_inside, compiled_loop
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.records import Kind, add_record
from scr.likelihood.kernel.state import Gradient, State
from scr.likelihood.kernel.window import Window, largest_of, log_sum_exp


@compiled_inside
def choose_blocks(data: Packed, state: State, animal: int, window: Window) -> int:
    """Note the cells that can count in an animal's history and fill them; returns how many.

    Parameters
    ----------
    data, state
        The data and parameters.
    animal
        Which animal.
    window
        Result: pieces, runs of neighbouring blocks; ``value`` holds log(psi D a Pr(history)).
    """
    session = data.animal_session[animal]
    first_block = data.session_block[session]
    n_blocks = data.session_block[session + 1] - first_block
    first_option = data.option_start[animal]
    n_options = data.option_start[animal + 1] - first_option
    window.first_piece[:] = 0
    highest, best_option, best_block = -np.inf, first_option, first_block
    for o in range(n_options):
        bound = window.bound[o, :n_blocks]
        bound_blocks(data, state, first_option + o, bound)
        block = largest_of(bound)
        if bound[block] > highest:
            highest, best_option, best_block = bound[block], first_option + o, first_block + block
    window.n_pieces[0] = 0
    n_best = add_piece(data, window, best_option, best_block, best_block + 1, 0)
    fill(data, state, 0, 1, window)
    limit = cut_off(data, session, log_sum_exp(window.value[:n_best]))
    window.n_pieces[0] = 0
    n_values = 0
    for o in range(n_options):
        first_piece = window.n_pieces[0]
        block = 0
        while block < n_blocks:
            begin = block
            while block < n_blocks and window.bound[o, block] >= limit:
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
    return n_values


@compiled_inside
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


@compiled_inside
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
        begin_history(
            share,
            log_weight[cell : cell + n],
            state.hazard[field, cell - first : cell - first + n],
            window.value[start : start + n],
        )
        copy_cells(data.cell_x[cell : cell + n], window.x[start : start + n])
        copy_cells(data.cell_y[cell : cell + n], window.y[start : start + n])
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
            (value, window.scratch[begin:end]),
            window.slope[r, begin:end],
            window.by_log_sigma[r, begin:end],
            window.by_z[r, begin:end],
        )


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
