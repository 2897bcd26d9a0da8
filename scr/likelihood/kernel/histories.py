"""Each animal's history: log L_i over its window, and the gradient through it."""

import math
from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.records import add_record
from scr.likelihood.kernel.state import Gradient, State
from scr.likelihood.kernel.window import bound_blocks, cut_off


class Window(NamedTuple):
    """The cells that count in one animal's history, and what they add.

    Parameters
    ----------
    option, block, start
        Option and block of each piece, and the place of its first value.
    n_pieces
        How many of them, shape (1,).
    value
        log(psi D a Pr(history)) of each cell; in the end its share of L_i.
    slopes
        Of each record and cell: derivative of its term to log k, and of log k to log sigma and
        to z; shape (n_records, 3, n_values).
    """

    option: NDArray[np.int64]
    block: NDArray[np.int64]
    start: NDArray[np.int64]
    n_pieces: NDArray[np.int64]
    value: NDArray[np.float64]
    slopes: NDArray[np.float64]


@nb.njit(nogil=True, cache=True, error_model="numpy")
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
    return Window(
        np.empty(n_options * n_blocks, dtype=np.int64),
        np.empty(n_options * n_blocks, dtype=np.int64),
        np.empty(n_options * n_blocks, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
        np.empty(n_options * n_cells),
        np.empty((n_records, 3, n_options * n_cells)),
    )


@nb.njit(nogil=True, cache=True, error_model="numpy")
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
    bound = np.empty((n_options, n_blocks))
    for o in range(n_options):
        bound_blocks(data, state, first_option + o, prior, bound[o])
    best = np.argmax(bound)
    n_best = fill(
        data, state, first_option + best // n_blocks, first_block + best % n_blocks, 0, window
    )
    limit = cut_off(data, session, log_sum_exp(window.value[:n_best]))
    n_pieces, n_values = 0, 0
    for o in range(n_options):
        for block in range(n_blocks):
            if bound[o, block] >= limit:
                window.option[n_pieces] = first_option + o
                window.block[n_pieces] = first_block + block
                window.start[n_pieces] = n_values
                n_values += fill(
                    data, state, first_option + o, first_block + block, n_values, window
                )
                n_pieces += 1
    window.n_pieces[0] = n_pieces
    values = window.value[:n_values]
    log_likelihood = log_sum_exp(values)
    for i in range(n_values):
        values[i] = math.exp(values[i] - log_likelihood)
    return log_likelihood


@nb.njit(nogil=True, cache=True, error_model="numpy")
def fill(data: Packed, state: State, option: int, block: int, start: int, window: Window) -> int:
    """One piece of a window: log(psi D a Pr(history)) over the cells of a block.

    Parameters
    ----------
    data, state
        The data and parameters.
    option, block
        Which animal and class, and which block.
    start
        Place of the first value in the window.
    window
        Result.

    Returns
    -------
    int
        Number of cells.
    """
    class_, field = data.option_class[option], data.option_field[option]
    session = data.field_session[field]
    first = data.session_cell[session]
    row = class_ if len(state.log_weight) > 1 else 0
    begin = data.block_start[block]
    n = data.block_start[block + 1] - begin
    result = window.value[start : start + n]
    share = state.log_share[session, class_]
    for i in range(n):
        result[i] = (
            share + state.log_weight[row, begin + i] - state.hazard[field, begin + i - first]
        )
    first_record = data.record_start[option]
    for record in range(first_record, data.record_start[option + 1]):
        slopes = window.slopes[record - first_record, :, start : start + n]
        add_record(data, state, record, block, result, slopes)
    return int(n)


@nb.njit(nogil=True, cache=True, error_model="numpy")
def log_sum_exp(values: NDArray[np.float64]) -> float:
    """Log of the sum of exponentials; -inf where all are.

    Parameters
    ----------
    values
        Logarithms.
    """
    most = values.max()
    if most == -np.inf:
        return most
    total = 0.0
    for value in values:
        total += math.exp(value - most)
    return most + math.log(total)


@nb.njit(nogil=True, cache=True, error_model="numpy")
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
    for piece in range(window.n_pieces[0]):
        option, block, start = window.option[piece], window.block[piece], window.start[piece]
        class_, field = data.option_class[option], data.option_field[option]
        session = data.field_session[field]
        begin = data.block_start[block]
        n = data.block_start[block + 1] - begin
        weight = window.value[start : start + n]
        row = class_ if len(to.log_weight) > 1 else 0
        first = data.session_cell[session]
        total = 0.0
        for i in range(n):
            total += weight[i]
            to.log_weight[row, begin + i] += weight[i]
            to.hazard[field, begin + i - first] -= weight[i]
        to.log_share[session, class_] += total
        first_record = data.record_start[option]
        for record in range(first_record, data.record_start[option + 1]):
            slopes = window.slopes[record - first_record, :, start : start + n]
            by_k, by_sigma, by_z = weigh(weight, slopes)
            level = data.record_intensity[record]
            to.intensity[level] += by_k / state.intensity[level]
            to.log_sigma[data.record_shape[record]] += by_sigma
            to.z[data.record_shape[record]] += by_z


@nb.njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})
def weigh(weight: NDArray[np.float64], slopes: NDArray[np.float64]) -> tuple[float, float, float]:
    """Derivative of log L_i to log intensity, log sigma and z, through one record and block.

    Parameters
    ----------
    weight
        Share of L_i of each cell.
    slopes
        Shape (3, n_cells), as in ``Window``.
    """
    by_k, by_sigma, by_z = 0.0, 0.0, 0.0
    for i in range(len(weight)):
        amount = weight[i] * slopes[0, i]
        by_k += amount
        by_sigma += amount * slopes[1, i]
        by_z += amount * slopes[2, i]
    return by_k, by_sigma, by_z
