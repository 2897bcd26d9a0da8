"""Where an animal's centre can be: the blocks of cells that count in its history.

A block is left out if even the most that it could add, by the nearest point of its box to each
trap and its smallest total hazard, is below a share of 1e-9 / (number of animals and blocks) of
what the best block adds. So log L_i changes by less than 1e-9 / (number of animals).
"""

import math

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled, compiled_inside
from scr.likelihood.kernel.curves import TOLERANCE
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.records import Kind, Record, add_bound
from scr.likelihood.kernel.state import State


@compiled
def block_priors(
    data: Packed, log_weight: NDArray[np.float64], hazard: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Upper bound of the sum of D a exp(-H) over each block, as a logarithm.

    Parameters
    ----------
    data
        The data.
    log_weight, hazard
        As in ``State``.

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
                least = min(least, hazard[field, cell - first])
                for row in range(len(log_weight)):
                    largest = max(largest, log_weight[row, cell])
            result[field, block - first_block] = largest - least + math.log(end - begin)
    return result


@compiled_inside
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


@compiled_inside
def bound_blocks(data: Packed, state: State, option: int, bound: NDArray[np.float64]) -> None:
    """Upper bound of what each block adds to L_i through one class, as a logarithm.

    Parameters
    ----------
    data, state
        The data and parameters.
    option
        Which animal and class.
    bound
        Result, one value per block of the session.
    """
    field = data.option_field[option]
    session = data.field_session[field]
    share = state.log_share[session, data.option_class[option]]
    for block in range(len(bound)):
        bound[block] = share + state.block_prior[field, block]
    kind = Kind(data.shape.item(), data.is_hazard.item(), data.is_poisson.item())
    first, last = data.session_block[session], data.session_block[session + 1]
    x = (data.block_box[0, first:last], data.block_box[1, first:last])
    y = (data.block_box[2, first:last], data.block_box[3, first:last])
    for r in range(data.record_start[option], data.record_start[option + 1]):
        add_bound(kind, record_of(data, state, r), x, y, bound)


@compiled_inside
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
