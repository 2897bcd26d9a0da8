"""Where an animal's centre can be: the blocks of cells that count in its history.

A block is left out if even the most that it could add, by the nearest point of its box to each
trap and its smallest total hazard, is below a share of 1e-9 / (number of animals and blocks) of
what the best block adds. So log L_i changes by less than 1e-9 / (number of animals).
"""

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.curves import TOLERANCE
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.records import distance_to_block, log_record_at_trap, log_shape_bound
from scr.likelihood.kernel.state import State


@nb.njit(nogil=True, cache=True, error_model="numpy")
def block_priors(data: Packed, state: State) -> NDArray[np.float64]:
    """Upper bound of the sum of D a exp(-H) over each block, as a logarithm.

    Parameters
    ----------
    data, state
        The data and parameters.

    Returns
    -------
    NDArray
        Shape (n_fields, most blocks of a session).
    """
    most = 0
    for session in range(len(data.session_block) - 1):
        most = max(most, data.session_block[session + 1] - data.session_block[session])
    result = np.empty((len(data.field_session), most))
    for field in range(len(data.field_session)):
        session = data.field_session[field]
        first = data.session_cell[session]
        first_block = data.session_block[session]
        for block in range(first_block, data.session_block[session + 1]):
            begin, end = data.block_start[block], data.block_start[block + 1]
            largest, least = -np.inf, np.inf
            for cell in range(begin, end):
                least = min(least, state.hazard[field, cell - first])
                for row in range(len(state.log_weight)):
                    largest = max(largest, state.log_weight[row, cell])
            result[field, block - first_block] = largest - least + math.log(end - begin)
    return result


@nb.njit(nogil=True, cache=True, error_model="numpy")
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
    shape = data.shape.item()
    first = data.session_block[session]
    for record in range(data.record_start[option], data.record_start[option + 1]):
        level = data.record_shape[record]
        at_trap = log_record_at_trap(data, record, state.intensity)
        count, x, y = data.record_count[record], data.record_x[record], data.record_y[record]
        for block in range(len(bound)):
            d = distance_to_block(data, first + block, x, y)
            bound[block] += at_trap + count * log_shape_bound(
                shape, d, state.sigma[level], state.z[level]
            )


@nb.njit(nogil=True, cache=True, error_model="numpy")
def cut_off(data: Packed, session: int, log_best: float) -> float:
    """Bound below which a block is left out, as a logarithm.

    Parameters
    ----------
    data
        The data.
    session
        Where the animal was seen.
    log_best
        log of what the best block adds to L_i.
    """
    n_blocks = data.session_block[session + 1] - data.session_block[session]
    n_classes = data.class_field.shape[1]
    n_animals = len(data.animal_session)
    return log_best + math.log(TOLERANCE / (n_animals * n_blocks * n_classes))
