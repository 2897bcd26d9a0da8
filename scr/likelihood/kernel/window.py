"""Where an animal's centre can be: the blocks of cells that count in its history.

What a block adds to L_i is at most the sum of D a exp(-H) over its cells times the most that each
record can be in it, by the nearest point of the block to each trap. Blocks are left out while
these bounds add up to less than 1e-9 / (2 number of animals) of what the best block adds. Those
that one record alone shows to be too far from its trap are not looked at one by one: even if each
of them had the largest sum of D a exp(-H) of all, they would add less than as much again. So
log L_i changes by less than 1e-9 / (number of animals).
"""

import math
from typing import NamedTuple

import numpy as np

from scr.likelihood.kernel.arrays import (
    Animals,
    Cells,
    Distances,
    Floats,
    Ints,
    Law,
    Levels,
    Packed,
    Records,
)
from scr.likelihood.kernel.cells import BLOCK
from scr.likelihood.kernel.compiled import stage
from scr.likelihood.kernel.histories import least_bound
from scr.likelihood.kernel.pair_records import level_of
from scr.likelihood.kernel.reach import blocks_within, first_beyond
from scr.likelihood.kernel.series import LARGEST_G, growth_at
from scr.likelihood.kernel.shapes import bound_of, reach_of


class Search(NamedTuple):
    """Blocks that may count for one animal, by option, and the pieces that do.

    Parameters
    ----------
    block, row, bound
        Blocks, their rows, and the log of what each adds at most; shape (n_options, n_blocks).
    side
        Lowest and highest x, lowest and highest y of the blocks of one option.
    n_blocks
        Number of blocks of each option.
    pieces, first_piece
        Pieces, and the first of each option (and one past the last).
    room
        Working space, shape (n_blocks,).
    """

    block: Ints
    row: Ints
    bound: Floats
    side: Floats
    n_blocks: Ints
    pieces: Ints
    first_piece: Ints
    room: Floats


def make_search(packed: Packed) -> Search:
    """Room for the search, for the animal with most options in the largest session.

    Parameters
    ----------
    packed
        Data.
    """
    n_options, n_blocks = packed.n_options, packed.n_cells // BLOCK
    return Search(
        block=np.empty((n_options, n_blocks), dtype=np.int64),
        row=np.empty((n_options, n_blocks), dtype=np.int64),
        bound=np.empty((n_options, n_blocks)),
        side=np.empty((4, n_blocks)),
        n_blocks=np.zeros(n_options, dtype=np.int64),
        pieces=np.empty((n_options * n_blocks + 1, 4), dtype=np.int64),
        first_piece=np.zeros(n_options + 1, dtype=np.int64),
        room=np.empty(n_blocks),
    )


@stage
def hazard_at(law: Law, level: float, log_k: float) -> float:
    """Hazard per day where k has fallen to some value."""
    g = level * math.exp(log_k)
    return g if law.is_hazard else -math.log1p(-min(g, LARGEST_G))


@stage
def log_record_at_trap(law: Law, levels: Levels, records: Records, r: int) -> float:
    """The most that a record can be anywhere: at its trap."""
    h = hazard_at(law, level_of(records, levels, r), 0.0)
    if records.number[r] == 0.0:
        return float(max(0.0, records.linear[r] * h))
    x = h * records.effort[r]
    grown = growth_at(x) if records.grows[r] > 0 else 0.0
    scale = levels[1][records.shape[r]]
    away = bound_of(law.shape, records.away[r] / (scale * scale), levels[2][records.shape[r]])
    return float(records.number[r] * (math.log(x) + grown + away))


@stage
def block_amid(
    cells: Cells,
    rows: tuple[int, int],
    span: tuple[int, int],
    records: Records,
    sigma: Floats,
) -> tuple[int, int]:
    """A block near the middle of an animal's records, and its row."""
    total, x, y = 1e-300, 0.0, 0.0
    for r in range(span[0], span[1]):
        weight = records.number[r] / (sigma[records.shape[r]] * sigma[records.shape[r]])
        total += weight
        x += weight * records.x[r]
        y += weight * records.y[r]
    row = min(first_beyond(cells.row_high, rows[0], rows[1], y / total), rows[1] - 1)
    begin, end = cells.row_block[row], cells.row_block[row + 1]
    return min(first_beyond(cells.box[1], begin, end, x / total), end - 1), row


@stage
def limit_of(
    law: Law,
    most: float,
    needed: float,
    span: tuple[int, int],
    records: Records,
    levels: Levels,
) -> tuple[int, float]:
    """The record that limits most where an animal can be, and the distance to its trap.

    ``most`` and ``needed`` are the logs of what a block adds at most but for the records, and of
    the least that counts. The distance is negative where no block counts.
    """
    heaviest, steepest = 0.0, span[0]
    for r in range(span[0], span[1]):
        most += log_record_at_trap(law, levels, records, r)
        scale = levels[1][records.shape[r]]
        weight = records.number[r] / (scale * scale)
        if weight > heaviest:
            heaviest, steepest = weight, r
    if records.given[steepest] >= 0 or heaviest == 0.0:
        return steepest, np.inf
    fallen, level = (most - needed) / records.number[steepest], records.shape[steepest]
    if fallen < 0.0:
        return steepest, -1.0
    return steepest, levels[1][level] * reach_of(law.shape, -fallen, levels[2][level])


@stage
def find_blocks(
    cells: Cells,
    rows: tuple[int, int],
    place: tuple[float, float, float],
    log_share: float,
    prior: Floats,
    j: int,
    search: Search,
) -> None:
    """Note the blocks within a distance of a trap (x, y, metres) for one option of an animal."""
    n, (x, y, limit) = 0, place
    block, row_of, bound = search.block[j], search.row[j], search.bound[j]
    last = rows[0] if limit < 0.0 else first_beyond(cells.row_low, rows[0], rows[1], y + limit)
    for row in range(first_beyond(cells.row_high, rows[0], rows[1], y - limit), last):
        begin, end = blocks_within(cells, row, x, y, limit)
        for b in range(begin, end):
            block[n], row_of[n] = b, row
            bound[n] = log_share + prior[b - cells.row_block[rows[0]]]
            for k in range(4):
                search.side[k, n] = cells.box[k, b]
            n += 1
    search.n_blocks[j] = n


@stage
def square_gaps(x: float, y: float, side: Floats, squared: Floats) -> None:
    """Squared distance of a place from the nearest point of each block."""
    left, right, bottom, top = side[0], side[1], side[2], side[3]
    for i in range(len(squared)):
        dx = max(left[i] - x, x - right[i], 0.0)
        dy = max(bottom[i] - y, y - top[i], 0.0)
        squared[i] = dx * dx + dy * dy


@stage
def add_bounds(
    law: Law,
    distances: Distances,
    b0: int,
    span: tuple[int, int],
    records: Records,
    levels: Levels,
    j: int,
    search: Search,
) -> None:
    """Add what each record can be at most in each block."""
    m = search.n_blocks[j]
    block, bound, squared = search.block[j, :m], search.bound[j, :m], search.room[:m]
    for r in range(span[0], span[1]):
        level, scale = level_of(records, levels, r), levels[1][records.shape[r]]
        z, per, number = levels[2][records.shape[r]], 1.0 / (scale * scale), records.number[r]
        if records.given[r] >= 0:
            for i in range(m):
                squared[i] = distances.block[records.given[r] // BLOCK + block[i] - b0]
        else:
            square_gaps(records.x[r], records.y[r], search.side, squared)
        if records.linear[r] > 0.0:
            for i in range(m):
                log_k = bound_of(law.shape, squared[i] * per, z)
                bound[i] += records.linear[r] * hazard_at(law, level, log_k)
        elif number > 0.0:
            at_trap = log_record_at_trap(law, levels, records, r)
            for i in range(m):
                bound[i] += at_trap + number * bound_of(law.shape, squared[i] * per, z)


@stage
def add_contest_bounds(
    animals: Animals, o: int, b0: int, ceiling: Floats, block: Ints, bound: Floats
) -> None:
    """Add what each contest can be at most in each block."""
    for e in range(animals.contest[o], animals.contest[o + 1]):
        high, count = ceiling[animals.contest_field[e]], animals.contest_number[e]
        for i in range(len(bound)):
            bound[i] += count * growth_at(max(high[block[i] - b0], 1e-12))


@stage
def gather_pieces(search: Search, n_options: int, log_best: float, budget: float) -> int:
    """Runs of neighbouring blocks that count; returns the number of their cells."""
    n, p = 0, 0
    for j in range(n_options):
        search.first_piece[j] = p
        m = search.n_blocks[j]
        block, row, bound = search.block[j], search.row[j], search.bound[j]
        least = least_bound(bound[:m], log_best, budget, search.room)
        for i in range(m):
            if bound[i] >= least:
                q = p - 1
                before = search.pieces[q]
                follows = p > search.first_piece[j] and before[0] == row[i]
                if follows and before[1] + before[2] == BLOCK * block[i]:
                    before[2] += BLOCK
                else:
                    piece = search.pieces[p]
                    piece[0], piece[1], piece[2], piece[3] = row[i], BLOCK * block[i], BLOCK, n
                    p += 1
                n += BLOCK
    search.first_piece[n_options] = p
    return n
