"""Which cells count in an animal's history over pairs, and the history in these."""

import math

import numpy as np

from scr.likelihood.kernel.blocks import block_amid, find_candidates, least_bound, log_budget
from scr.likelihood.kernel.compiled import compiled_inside, compiled_view
from scr.likelihood.kernel.histories import fill
from scr.likelihood.kernel.ordering import BLOCK
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.state import State
from scr.likelihood.kernel.window import Window, largest_of, log_sum_exp

LEAST_GAIN = 3.0
"""By how much another block must promise to be better, for it to be looked at, as a logarithm."""

LARGEST_LOG = 600.0
"""Logarithms of what blocks add may be above that of the best one by this much."""


@compiled_inside
def choose_blocks(
    data: Packed, state: State, animal: int, window: Window
) -> tuple[int, float, bool]:
    """Note the cells that can count in an animal's history and fill them.

    Parameters
    ----------
    data, state
        The data and parameters.
    animal
        Which animal.
    window
        Result: pieces, runs of neighbouring blocks; ``value`` holds log(psi D a Pr(history)).

    Returns
    -------
    tuple
        Number of values, log of what the best block adds, and whether no value is so much above
        it that its exponential could be too large.
    """
    session = data.animal_session[animal]
    first, last = data.option_start[animal], data.option_start[animal + 1]
    found = window.candidates
    log_best = -np.inf
    for option in range(first, last):
        log_best = max(log_best, log_of_block(data, state, option, window))
    budget = log_budget(data, animal)
    n_blocks = data.session_block[session + 1] - data.session_block[session]
    highest, best_option, best_block = -np.inf, first, -1
    for option in range(first, last):
        least = log_best + budget - math.log(n_blocks)
        n = find_candidates(data, state, (first, option), least, found)
        best = largest_of(found.bound[option - first, :n])
        if n > 0 and found.bound[option - first, best] > highest:
            highest, best_option = found.bound[option - first, best], option
            best_block = found.block[option - first, best]
    if highest - log_best > LEAST_GAIN:
        log_best = max(log_best, log_of_this_block(data, state, best_option, best_block, window))
    window.n_pieces[0] = 0
    window.first_piece[:] = 0
    n_values = 0
    for option in range(first, last):
        n_values = fill_blocks(data, state, (first, option), (log_best, budget), n_values, window)
    return n_values, log_best, bool(highest - log_best < LARGEST_LOG)


@compiled_view
def log_of_block(data: Packed, state: State, option: int, window: Window) -> float:
    """Log of what a block amid an animal's records adds to L_i.

    Parameters
    ----------
    data, state
        The data and parameters.
    option
        Which animal and class.
    window
        Working memory.
    """
    return log_of_this_block(data, state, option, block_amid(data, state, option), window)


@compiled_inside
def log_of_this_block(data: Packed, state: State, option: int, block: int, window: Window) -> float:
    """Log of what one block adds to L_i.

    Parameters
    ----------
    data, state, option, window
        As in ``log_of_block``.
    block
        Which block.
    """
    session = data.field_session[data.option_field[option]]
    row = data.session_row[session]
    window.n_pieces[0] = 0
    note_piece(window, (option, row_of(data, row, block)), block, block + 1, 0)
    fill(data, state, (0, 1), window)
    return log_sum_exp(window.value[:BLOCK])


@compiled_inside
def row_of(data: Packed, first_row: int, block: int) -> int:
    """Row of a block, by halving.

    Parameters
    ----------
    data
        The data.
    first_row
        First row of its session.
    block
        Which block.
    """
    low, high = first_row, len(data.row_low)
    while high - low > 1:
        middle = (low + high) >> 1
        if data.row_start[middle] <= BLOCK * block:
            low = middle
        else:
            high = middle
    return low


@compiled_inside
def fill_blocks(
    data: Packed,
    state: State,
    which: tuple[int, int],
    limits: tuple[float, float],
    n_values: int,
    window: Window,
) -> int:
    """Note and fill the candidates of one class that count; returns the number of values so far.

    Parameters
    ----------
    data, state
        The data and parameters.
    which
        First option of the animal, and the option.
    limits
        log of what the best block adds, and of what may be left out as a share of it.
    n_values
        Number of values before.
    window
        Result.
    """
    option, o = which[1], which[1] - which[0]
    found = window.candidates
    n = found.n[o]
    bound, candidate, rows = found.bound[o, :n], found.block[o, :n], found.row[o, :n]
    least = least_bound(bound, limits[0], limits[1], found.share[:n])
    first_piece = window.n_pieces[0]
    i = 0
    while i < n:
        if bound[i] < least:
            i += 1
            continue
        begin, end, row = candidate[i], candidate[i], rows[i]
        while i < n and bound[i] >= least and candidate[i] == end and rows[i] == row:
            end += 1
            i += 1
        n_values = note_piece(window, (option, row), begin, end, n_values)
    window.first_piece[o + 1] = window.n_pieces[0]
    fill(data, state, (first_piece, window.n_pieces[0]), window)
    return n_values


@compiled_view
def note_piece(
    window: Window, which: tuple[int, int], first_block: int, last_block: int, start: int
) -> int:
    """Note neighbouring blocks of a row as one piece; returns the number of values so far.

    Parameters
    ----------
    window
        Where to note it.
    which
        Animal and class, and the row.
    first_block, last_block
        The blocks, the last one excluded.
    start
        Place of the first value.
    """
    piece = window.n_pieces[0]
    window.option[piece], window.row[piece] = which
    window.cell[piece] = BLOCK * first_block
    window.length[piece] = BLOCK * (last_block - first_block)
    window.start[piece] = start
    window.n_pieces[0] = piece + 1
    return int(start + window.length[piece])
