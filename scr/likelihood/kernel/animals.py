"""log L_i of every animal and its gradient: cells that count, the history in them, their shares."""

import math
from typing import Any, NamedTuple

import numpy as np

from scr.likelihood.kernel.arrays import (
    Animals,
    Cells,
    Distances,
    Floats,
    Ints,
    Law,
    Levels,
    Records,
    Sessions,
)
from scr.likelihood.kernel.cells import BLOCK
from scr.likelihood.kernel.compiled import scalar, stage
from scr.likelihood.kernel.evaluators import add_records, weigh_records
from scr.likelihood.kernel.histories import (
    add_contest,
    begin_pieces,
    copy_pieces,
    exponentials,
    largest,
    share_pieces,
    spread_pieces,
    weigh_contest,
)
from scr.likelihood.kernel.reach import TOLERANCE
from scr.likelihood.kernel.window import (
    Search,
    add_bounds,
    add_contest_bounds,
    block_amid,
    find_blocks,
    gather_pieces,
    limit_of,
)

PROMISING = 3.0
"""By how much the log of a bound must be above what was found for the block to be looked at."""


class Ground(NamedTuple):
    """What follows from the parameters before any animal is looked at.

    Parameters
    ----------
    log_share
        log psi, shape (n_sessions, n_classes).
    log_weight
        log(D a) in packed order, shape (1 or n_classes, n_cells of all sessions).
    hazard
        H of each field, shape (n_fields, n_cells).
    prior, ceiling
        Bounds of each block, from ``bound_blocks``.
    """

    log_share: Floats
    log_weight: Floats
    hazard: Floats
    prior: Floats
    ceiling: Floats


class Model(NamedTuple):
    """Data and parameters, as the stages of this module take them.

    ``kind`` is the evaluator. ``sided`` is the row of each animal known from one side (-1 for
    others, empty where there are no sides) and probabilities of classes and cells by row.
    """

    kind: Any
    law: Law
    cells: Cells
    distances: Distances
    sessions: Sessions
    animals: Animals
    records: Records
    levels: Levels
    ground: Ground
    sided: tuple[Ints, Floats]


class Centres(NamedTuple):
    """Where animals can be, kept where it is asked for.

    Parameters
    ----------
    end
        One past the last kept cell of each animal, shape (n_animals,).
    cell, class_, probability
        Cell, class and probability, animal after animal; of length 0 where not asked for.
    """

    end: Ints
    cell: Ints
    class_: Ints
    probability: Floats


@stage
def fill(model: Model, s: int, o: int, pieces: Ints, value: Floats) -> None:
    """log(psi D a Pr(y_i | m, u)) in each cell of the pieces of one option."""
    animals, ground = model.animals, model.ground
    u, base = animals.class_[o], model.sessions.cell[s]
    log_weight = ground.log_weight[min(u, len(ground.log_weight) - 1)]
    hazard = ground.hazard[animals.field[o]]
    begin_pieces(pieces, base, ground.log_share[s, u], log_weight, hazard, value)
    span = (animals.record[o], animals.record[o + 1])
    add_records(model.kind, s, span, model.records, model.levels, pieces, value)
    for e in range(animals.contest[o], animals.contest[o + 1]):
        field = animals.contest_field[e]
        add_contest(pieces, base, animals.contest_number[e], ground.hazard[field], value)


@stage
def look(
    model: Model, s: int, o: int, place: tuple[int, int], search: Search, value: Floats
) -> float:
    """Log of what one block of a row adds to L_i; ``place`` is block and row."""
    piece = search.pieces[0]
    piece[0], piece[1], piece[2], piece[3] = place[1], BLOCK * place[0], BLOCK, 0
    fill(model, s, o, search.pieces[:1], value)
    top = largest(value[:BLOCK])
    return top + math.log(exponentials(value[:BLOCK], top))


@stage
def open_window(model: Model, a: int, search: Search, value: Floats) -> int:
    """Choose the cells that count for one animal; returns their number."""
    law, cells, animals, records = model.law, model.cells, model.animals, model.records
    levels, ground = model.levels, model.ground
    s, first, last = animals.session[a], animals.start[a], animals.start[a + 1]
    rows = (model.sessions.row[s], model.sessions.row[s + 1])
    b0, b1 = cells.row_block[rows[0]], cells.row_block[rows[1]]
    budget = math.log(0.5 * TOLERANCE / (len(animals.session) * (last - first)))
    log_best, top_bound = -np.inf, -np.inf
    for o in range(first, last):  # the block amid the records
        span = (animals.record[o], animals.record[o + 1])
        place = block_amid(cells, rows, span, records, levels[1])
        log_best = max(log_best, look(model, s, o, place, search, value))
    for o in range(first, last):  # the most promising block, if it may be much better
        j, field, span = o - first, animals.field[o], (animals.record[o], animals.record[o + 1])
        most = ground.log_share[s, animals.class_[o]] + largest(ground.prior[field])
        for e in range(animals.contest[o], animals.contest[o + 1]):  # G(H) is below H
            high = largest(ground.ceiling[animals.contest_field[e]])
            most += animals.contest_number[e] * high
        needed = log_best + budget - math.log(b1 - b0)
        r, limit = limit_of(law, most, needed, span, records, levels)
        prior, log_share = ground.prior[field], ground.log_share[s, animals.class_[o]]
        place_r = (records.x[r], records.y[r], limit)
        find_blocks(cells, rows, place_r, log_share, prior, j, search)
        add_bounds(law, model.distances, b0, span, records, levels, j, search)
        block, bound = search.block[j, : search.n_blocks[j]], search.bound[j, : search.n_blocks[j]]
        add_contest_bounds(animals, o, b0, ground.ceiling, block, bound)
        best = 0
        for i in range(len(bound)):
            best = i if bound[i] > bound[best] else best
        if len(bound) > 0 and bound[best] > max(top_bound, log_best + PROMISING):
            top_bound = bound[best]
            place = (block[best], search.row[j, best])
            log_best = max(log_best, look(model, s, o, place, search, value))
    return gather_pieces(search, last - first, log_best, budget)


@stage
def sum_animals(
    model: Model,
    begin: int,
    with_gradient: bool,
    search: Search,
    value: Floats,
    log_animal: Floats,
    to: tuple[Floats, Floats, Floats, Floats, Floats, Floats],
    kept: Centres,
) -> int:
    """Log L_i of each animal, its gradient and where it can be.

    ``to`` is the gradient to intensity, log sigma, z, log psi, log(D a) and H, added to. Centres
    are kept instead of a gradient, while there is room. Returns the animal to go on with when
    there is no more, else the number of animals. The gradient of animals known from one side is
    left to ``weigh_sided``.
    """
    sessions, animals, ground, sided = model.sessions, model.animals, model.ground, model.sided
    at = 0
    for a in range(begin, len(log_animal)):
        s, first, last = animals.session[a], animals.start[a], animals.start[a + 1]
        base = sessions.cell[s]
        n = open_window(model, a, search, value)
        if len(kept.cell) > 0 and at + n > len(kept.cell):
            return a
        for o in range(first, last):
            mine = pieces_of(search, o - first)
            if len(mine) > 0:
                fill(model, s, o, mine, value)
        top = largest(value[:n])
        total = exponentials(value[:n], top)
        log_animal[a] = top + math.log(total)
        is_sided = len(sided[0]) > 0 and sided[0][a] >= 0
        for o in range(first, last if is_sided else first):
            of_class = sided[1][sided[0][a], animals.class_[o]]
            spread_pieces(pieces_of(search, o - first), base, 1.0 / total, value, of_class)
        for o in range(first, last if with_gradient and not is_sided else first):
            u, mine = animals.class_[o], pieces_of(search, o - first)
            if len(mine) > 0:
                to_weight, to_hazard = to[4][min(u, len(to[4]) - 1)], to[5][animals.field[o]]
                to[3][s, u] += share_pieces(mine, base, 1.0 / total, value, to_weight, to_hazard)
                for e in range(animals.contest[o], animals.contest[o + 1]):
                    g, count = animals.contest_field[e], animals.contest_number[e]
                    weigh_contest(mine, base, count, ground.hazard[g], value, to[5][g])
                span, by = (animals.record[o], animals.record[o + 1]), (to[0], to[1], to[2])
                weigh_records(model.kind, s, span, model.records, model.levels, mine, value, by)
        if len(kept.cell) > 0:
            at = keep(animals, model.cells, (first, last), 1.0 / total, search, value, kept, at)
            kept.end[a] = at
    return len(log_animal)


@stage
def weigh_sided(
    model: Model, search: Search, value: Floats, to: tuple[Floats, Floats, Floats]
) -> None:
    """Gradient through the records of animals known from one side.

    Their numbers in ``model.sided`` are what each class and cell counts once partners are summed
    over; ``to`` is the gradient to intensity, log sigma and z, added to.
    """
    sessions, animals, sided = model.sessions, model.animals, model.sided
    for a in range(len(animals.session)):
        if sided[0][a] < 0:
            continue
        s, first, last = animals.session[a], animals.start[a], animals.start[a + 1]
        open_window(model, a, search, value)
        for o in range(first, last):
            mine = pieces_of(search, o - first)
            if len(mine) > 0:
                copy_pieces(mine, sessions.cell[s], sided[1][sided[0][a], animals.class_[o]], value)
                span = (animals.record[o], animals.record[o + 1])
                weigh_records(model.kind, s, span, model.records, model.levels, mine, value, to)


@scalar
def pieces_of(search: Search, j: int) -> Ints:
    """The pieces of one option of an animal."""
    return search.pieces[search.first_piece[j] : search.first_piece[j + 1]]


@stage
def keep(
    animals: Animals,
    cells: Cells,
    options: tuple[int, int],
    scale: float,
    search: Search,
    value: Floats,
    kept: Centres,
    at: int,
) -> int:
    """Keep the probabilities of the cells of one animal; returns where the next begins."""
    for o in range(options[0], options[1]):
        pieces = pieces_of(search, o - options[0])
        for p in range(len(pieces)):
            cell, n, q = pieces[p, 1], pieces[p, 2], pieces[p, 3]
            for i in range(n):
                if value[q + i] > 0.0 and cells.order[cell + i] >= 0:
                    kept.cell[at] = cells.order[cell + i]
                    kept.class_[at] = animals.class_[o]
                    kept.probability[at] = value[q + i] * scale
                    at += 1
    return at
