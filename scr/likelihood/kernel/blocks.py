"""Where an animal's centre can be: the blocks of cells that count in its history.

What a block adds to L_i is at most the sum of D a exp(-H) over its cells times the most that each
record can be in its box, by the nearest point of the box to each trap. Blocks are left out while
these bounds add up to less than 1e-9 / (2 number of animals) of what the best block adds. Those
that one record alone shows to be too far from its trap are not looked at one by one: even if each
of them had the largest sum of D a exp(-H) of all, they would add less than as much again. So
log L_i changes by less than 1e-9 / (number of animals).
"""

import math

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import (
    compiled,
    compiled_inside,
    compiled_loop,
    compiled_search,
    compiled_view,
)
from scr.likelihood.kernel.exponential import exponential
from scr.likelihood.kernel.ordering import BLOCK
from scr.likelihood.kernel.packing import EXPONENTIAL, HALF_NORMAL, Packed
from scr.likelihood.kernel.reach import TOLERANCE, blocks_within, first_beyond, half_chord
from scr.likelihood.kernel.records import Kind, Record, add_bound, log_record_at_trap
from scr.likelihood.kernel.state import State
from scr.likelihood.kernel.window import Candidates

LARGEST_STEP = 8
"""By how much the logarithm of the least bound that counts may be raised."""


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
        Shape (n_fields, most blocks of a session); -inf after those of the field's session.
    """
    most = 0
    for session in range(len(data.session_block) - 1):
        most = max(most, data.session_block[session + 1] - data.session_block[session])
    result = np.full((len(data.field_session), most), -np.inf)
    for field in range(len(data.field_session)):
        session = data.field_session[field]
        first, last = data.session_cell[session], data.session_cell[session + 1]
        for by_class in range(len(log_weight)):
            raise_to_blocks(
                log_weight[by_class, first:last], hazard[field, : last - first], result[field]
            )
    return result


@compiled_search
def raise_to_blocks(
    log_weight: NDArray[np.float64], hazard: NDArray[np.float64], prior: NDArray[np.float64]
) -> None:
    """Raise the bound of each block to what its cells can come to.

    Parameters
    ----------
    log_weight, hazard
        log(D a) and H of each cell.
    prior
        Bound of each block.
    """
    for block in range(len(hazard) // BLOCK):
        most = -np.inf
        for i in range(BLOCK * block, BLOCK * block + BLOCK):
            most = max(most, log_weight[i] - hazard[i])
        prior[block] = max(prior[block], most + math.log(BLOCK))


@compiled_view
def log_budget(data: Packed, animal: int) -> float:
    """Log of what may be left out of L_i, through each class, as a share of it.

    Parameters
    ----------
    data
        The data.
    animal
        Which animal.
    """
    n_options = data.option_start[animal + 1] - data.option_start[animal]
    return math.log(0.5 * TOLERANCE / (len(data.animal_session) * n_options))


@compiled_view
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


@compiled_view
def kind_of(data: Packed) -> Kind:
    """What the detection function and the records are.

    Parameters
    ----------
    data
        The data.
    """
    return Kind(data.shape.item(), data.is_hazard.item(), data.is_poisson.item())


@compiled_view
def block_amid(data: Packed, state: State, option: int) -> int:
    """A block near the middle of an animal's records.

    Parameters
    ----------
    data, state
        The data and parameters.
    option
        Which animal and class.
    """
    total, x, y = 0.0, 0.0, 0.0
    for r in range(data.record_start[option], data.record_start[option + 1]):
        weight = data.record_count[r] / state.sigma[data.record_shape[r]] ** 2
        total += weight
        x += weight * data.record_x[r]
        y += weight * data.record_y[r]
    session = data.field_session[data.option_field[option]]
    first, last = data.session_row[session], data.session_row[session + 1]
    row = first + min(first_beyond(data.row_high[first:last], y / total), last - first - 1)
    begin, end = data.row_start[row] // BLOCK, data.row_start[row + 1] // BLOCK
    return int(begin + min(first_beyond(data.block_box[1, begin:end], x / total), end - begin - 1))


@compiled_view
def steepest(data: Packed, state: State, option: int) -> int:
    """The record that tells most about how far away the animal can live.

    Parameters
    ----------
    data, state
        The data and parameters.
    option
        Which animal and class.
    """
    best, most = data.record_start[option], 0.0
    for r in range(data.record_start[option], data.record_start[option + 1]):
        weight = data.record_count[r] / state.sigma[data.record_shape[r]] ** 2
        if weight > most:
            best, most = r, weight
    return int(best)


@compiled_inside
def farthest(data: Packed, state: State, option: int, least: float) -> tuple[int, float]:
    """A record, and the distance from its trap beyond which no block can add as much as some least.

    Parameters
    ----------
    data, state
        The data and parameters.
    option
        Which animal and class.
    least
        Logarithm of it.

    Returns
    -------
    tuple
        Number of the record, and metres; below 0 where no block can.
    """
    kind, field = kind_of(data), data.option_field[option]
    most = state.log_share[data.field_session[field], data.option_class[option]]
    most += state.highest_prior[field]
    for r in range(data.record_start[option], data.record_start[option + 1]):
        most += log_record_at_trap(kind, record_of(data, state, r))
    r = steepest(data, state, option)
    record = record_of(data, state, r)
    fall = (most - least) / record.times
    if not fall >= 0.0:
        return r, -1.0
    if kind.shape == HALF_NORMAL:
        return r, record.sigma * math.sqrt(2.0 * fall)
    if kind.shape == EXPONENTIAL:
        return r, record.sigma * fall
    return r, record.sigma * math.exp(min(fall / record.z, 600.0))


@compiled_inside
def find_candidates(
    data: Packed, state: State, which: tuple[int, int], least: float, found: Candidates
) -> int:
    """Blocks near enough to an animal's trap, and the most that each can add to L_i.

    Parameters
    ----------
    data, state
        The data and parameters.
    which
        First option of the animal, and the option.
    least
        Logarithm of what a block must be able to add.
    found
        Result: candidates of this option and their bounds.

    Returns
    -------
    int
        How many.
    """
    option, o = which[1], which[1] - which[0]
    field = data.option_field[option]
    session = data.field_session[field]
    share = state.log_share[session, data.option_class[option]]
    prior, first_block = state.block_prior[field], data.session_block[session]
    r, limit = farthest(data, state, option, least)
    x, y = data.record_x[r], data.record_y[r]
    first, last = data.session_row[session], data.session_row[session + 1]
    low = first + first_beyond(data.row_high[first:last], y - limit)
    high = first + first_beyond(data.row_low[first:last], y + limit) if limit >= 0.0 else low
    n = 0
    for row in range(low, high):
        dy = max(data.row_low[row] - y, y - data.row_high[row], 0.0)
        begin, end = blocks_within(data, row, x, half_chord(limit, dy))
        for block in range(begin, end):
            found.block[o, n], found.row[o, n] = block, row
            for side in range(4):
                found.box[side, n] = data.block_box[side, block]
            found.bound[o, n] = share + prior[block - first_block]
            n += 1
    found.n[o] = n
    kind = kind_of(data)
    x_box, y_box = (found.box[0, :n], found.box[1, :n]), (found.box[2, :n], found.box[3, :n])
    for r in range(data.record_start[option], data.record_start[option + 1]):
        add_bound(kind, record_of(data, state, r), x_box, y_box, found.bound[o, :n])
    return n


@compiled_inside
def least_bound(
    bound: NDArray[np.float64], log_best: float, log_left_out: float, room: NDArray[np.float64]
) -> float:
    """The least bound that counts: those below add up to less than may be left out.

    Parameters
    ----------
    bound
        Upper bound of what each candidate adds, as a logarithm.
    log_best
        log of what the best block adds.
    log_left_out
        log of what may be left out, as a share of that.
    room
        Room for a number for each candidate.
    """
    shares_of(bound, log_best, room)
    most = math.exp(log_left_out)
    least = log_left_out - math.log(max(len(bound), 1))
    for _ in range(LARGEST_STEP):
        if sum_below(room, math.exp(least + 1.0)) > most:
            break
        least += 1.0
    return log_best + least


@compiled_loop
def shares_of(bound: NDArray[np.float64], log_best: float, share: NDArray[np.float64]) -> None:
    """Bounds as shares of what the best block adds.

    Parameters
    ----------
    bound, log_best
        As in ``least_bound``.
    share
        Result.
    """
    for i in range(len(bound)):
        share[i] = exponential(bound[i] - log_best)


@compiled_loop
def sum_below(share: NDArray[np.float64], least: float) -> float:
    """Sum of those numbers that are below another.

    Parameters
    ----------
    share, least
        Numbers, and the other.
    """
    total = 0.0
    for i in range(len(share)):
        total += share[i] if share[i] < least else 0.0
    return total
