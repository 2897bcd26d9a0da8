"""Which left and right animals are one, given the coefficients: probabilities, and draws."""

from hashlib import sha256
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.arrays import Packed
from scr.likelihood.kernel.evaluate import find_sides
from scr.likelihood.kernel.sides import WIDEST, count_cells, weigh_pairs
from scr.likelihood.matching.gibbs import N_STARTS, N_SWEEPS, draw_matching
from scr.likelihood.matching.sequential import draw_weighted
from scr.likelihood.matching.whole import sum_matchings, usable_weights
from scr.likelihood.problem import Problem, parameters_of

N_DRAWS = 1000
"""Weighted matchings that give probabilities of pairs where they cannot be summed."""

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]


class Pairs(NamedTuple):
    """Left and right animals of one session, and how they weigh as pairs.

    Parameters
    ----------
    left, right
        Animals over all sessions.
    log_weight
        Log of L_ij / (L_i0 L_0j), shape (n_left, n_right).
    of_left, of_right
        Probabilities of classes and packed cells where an animal has no partner, shape (n_left or
        n_right, n_classes, n_cells).
    over, top
        As ``kernel.sides.weigh_pairs`` gives them.
    """

    left: Ints
    right: Ints
    log_weight: Floats
    of_left: Floats
    of_right: Floats
    over: Floats
    top: float

    def probability(self) -> Floats:
        """Probability that each pair is one animal, shape (n_left, n_right)."""
        _, found, is_exact = sum_matchings(self.log_weight, WIDEST)
        if is_exact:
            return found
        weight = usable_weights(self.log_weight)
        rng = np.random.default_rng(1)
        log_weight, partner = draw_weighted(weight, rng.random((N_DRAWS, len(self.left))))
        share = np.exp(log_weight - log_weight.max())
        found = np.zeros_like(weight)
        draw, i = np.nonzero(partner >= 0)
        np.add.at(found, (i, partner[draw, i]), share[draw])
        return np.asarray(found / share.sum())

    def partners(self, rng: np.random.Generator) -> Ints:
        """A draw: row among the right animals of each left one's partner, -1 for none.

        Parameters
        ----------
        rng
            Random numbers.
        """
        n = len(self.left)
        if n == 0 or len(self.right) == 0:
            return np.full(n, -1, dtype=np.int64)
        weight = usable_weights(self.log_weight)
        first, sweeps = rng.random((N_STARTS, n + 1)), rng.random((N_SWEEPS, 3, n))
        return draw_matching(weight, first, sweeps)

    def counted(self) -> tuple[Floats, Floats, Floats]:
        """Probabilities of cells once partners are summed over, of left, right and ones alone.

        Returns
        -------
        tuple
            Those of each left and of each right animal, each summing to 1, and those of each right
            animal with no partner, summing to the probability of that; shapes as ``of_left`` and
            ``of_right``.
        """
        p = self.probability()
        left, right, _ = count_cells(
            self.of_left, self.of_right, self.over, self.log_weight, p, self.top
        )
        alone = (1.0 - p.sum(axis=0))[:, None, None] * self.of_right
        return left, right, alone


def pairs_of(problem: Problem, theta: Floats) -> list[Pairs]:
    """Left and right animals of each session; empty where animals are known from both sides.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).
    """
    if problem.packed.sides is None:
        return []
    return weighed(problem.packed, find_sides(problem.packed, parameters_of(problem, theta))[2])


def weighed(packed: Packed, sessions: list[tuple[Floats, Floats, Floats]]) -> list[Pairs]:
    """The same from what ``kernel.evaluate.find_sides`` has found.

    Parameters
    ----------
    packed
        Data.
    sessions
        Left and right probabilities and the ground of each session.
    """
    sides, found = packed.sides, []
    if sides is None:
        return []
    animal = np.flatnonzero(sides.row >= 0)  # rows are numbered in the order of animals
    for s, (left, right, ground) in enumerate(sessions):
        log_weight, over, top = weigh_pairs(left, right, ground)
        of_left, of_right = animal[sides.left[s]], animal[sides.right[s]]
        found.append(Pairs(of_left, of_right, log_weight, left, right, over, top))
    return found


def generator_of(numbers: Floats) -> np.random.Generator:
    """A generator that follows from some numbers alone.

    Parameters
    ----------
    numbers
        Random numbers, or parameters.
    """
    digest = sha256(np.ascontiguousarray(numbers).tobytes()).digest()
    return np.random.default_rng(np.frombuffer(digest[:16], dtype=np.uint32))
