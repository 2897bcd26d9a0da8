"""Where the animals detected can live: entries of cell and class, partners summed over or drawn."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.arrays import Parameters
from scr.likelihood.kernel.evaluate import find_sides
from scr.likelihood.partners import Pairs, generator_of, weighed
from scr.likelihood.problem import Problem, parameters_of


class Centres(NamedTuple):
    """Cells in which each animal detected can live, given the coefficients.

    Parameters
    ----------
    animal
        Animal over all sessions, in order.
    session
        Its session.
    cell
        Cell within the session's cells.
    class_
        Class.
    probability
        Of cell and class; sums to 1 over those of an animal.
    start
        First entry of each animal (and one past the last).
    """

    animal: NDArray[np.int64]
    session: NDArray[np.int64]
    cell: NDArray[np.int64]
    class_: NDArray[np.int64]
    probability: NDArray[np.float64]
    start: NDArray[np.int64]


def find(
    problem: Problem, theta: NDArray[np.float64], *, once: bool = False
) -> tuple[Centres, NDArray[np.float64]]:
    """Centres, and the total hazards that were summed on the way.

    Partners of animals known from one side are summed over; with ``once`` a centre of two animals
    is that of the left one alone.
    """
    found, hazard, pairs = find_alone(problem, theta)
    for each in pairs:
        left, right, alone = each.counted()
        found = _replaced(problem, found, each.left, left)
        found = _replaced(problem, found, each.right, alone if once else right)
    return found, hazard


def find_alone(
    problem: Problem, theta: NDArray[np.float64]
) -> tuple[Centres, NDArray[np.float64], list[Pairs]]:
    """Centres of animals without partners, total hazards, and left and right animals."""
    packed = problem.packed
    parameters: Parameters = parameters_of(problem, theta)
    found, hazard, sides = find_sides(packed, parameters)
    start = np.append(0, found.end).astype(np.int64)
    animal = np.repeat(np.arange(packed.n_animals), np.diff(start))
    session = packed.animals.session[animal]
    cell = found.cell - packed.sessions.first[session]
    centres = Centres(animal, session, cell, found.class_, found.probability, start)
    return centres, hazard, weighed(packed, sides)


def _replaced(
    problem: Problem,
    found: Centres,
    animals: NDArray[np.int64],
    probability: NDArray[np.float64],
) -> Centres:
    """Centres with other probabilities of some animals, shape (n, n_classes, n_cells packed)."""
    if len(animals) == 0:
        return found
    packed, row = problem.packed, np.full(problem.packed.n_animals, -1)
    row[animals] = np.arange(len(animals))
    entry = np.flatnonzero(row[found.animal] >= 0)
    s = found.session[entry]
    cell, place = packed.cell_and_place
    where = np.empty(len(cell), dtype=np.int64)
    where[cell] = place
    packed_cell = where[packed.sessions.first[s] + found.cell[entry]] - packed.sessions.cell[s]
    changed = found.probability.copy()
    changed[entry] = probability[row[found.animal[entry]], found.class_[entry], packed_cell]
    return found._replace(probability=changed)


def with_partners(
    problem: Problem, found: Centres, pairs: list[Pairs], uniform: NDArray[np.float64]
) -> tuple[Centres, NDArray[np.int64]]:
    """Centres given a matching that is drawn, and the animals that are one with another."""
    rng, hidden = generator_of(uniform), []
    for each in pairs:
        partner = each.partners(rng)
        matched = np.flatnonzero(partner >= 0)
        both = each.of_left[matched] * each.over[partner[matched]]
        found = _replaced(problem, found, each.left[matched], both)
        hidden.append(each.right[partner[matched]])
    return found, np.concatenate([np.zeros(0, dtype=np.int64), *hidden])
