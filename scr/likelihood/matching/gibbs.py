"""A walk among matchings: partners drawn anew given all others, and swaps of two partners."""

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.arrays import Floats, Ints
from scr.likelihood.kernel.compiled import routine
from scr.likelihood.matching.sequential import draw_weighted

N_STARTS = 32
"""Weighted matchings from which the first one of a walk is drawn."""

N_SWEEPS = 10
"""Sweeps that follow."""


@routine
def walk(weight: Floats, uniform: Floats, partner: Ints) -> None:
    """Sweeps over the left animals; ``partner`` is changed in place.

    Parameters
    ----------
    weight
        Weights of pairs, shape (n_left, n_right).
    uniform
        Uniform numbers, shape (n_sweeps, 3, n_left).
    partner
        Partner of each left animal, -1 for none, shape (n_left,).
    """
    n_left, n_right = weight.shape
    free = np.ones(n_right, dtype=np.bool_)
    for i in range(n_left):
        if partner[i] >= 0:
            free[partner[i]] = False
    for t in range(len(uniform)):
        for i in range(n_left):
            if partner[i] >= 0:
                free[partner[i]] = True
            partner[i] = choose(weight[i], free, uniform[t, 0, i])
            if partner[i] >= 0:
                free[partner[i]] = False
        for i in range(n_left):
            k = min(int(uniform[t, 1, i] * n_left), n_left - 1)
            here, there = partner[i], partner[k]
            if i == k or here == there:
                continue
            now = weight_of(weight[i], here) * weight_of(weight[k], there)
            then = weight_of(weight[i], there) * weight_of(weight[k], here)
            if uniform[t, 2, i] * now < then:
                partner[i], partner[k] = there, here


@routine
def choose(weight: Floats, free: NDArray[np.bool_], uniform: float) -> int:
    """A partner among the free ones, -1 for none."""
    total = 1.0
    for j in range(len(weight)):
        total += weight[j] if free[j] else 0.0
    wanted, found = uniform * total - 1.0, -1
    if wanted < 0.0:
        return found
    for j in range(len(weight)):
        if free[j] and weight[j] > 0.0:
            found = j
            wanted -= weight[j]
            if wanted < 0.0:
                break
    return found


@routine
def weight_of(weight: Floats, partner: int) -> float:
    """Weight of having a partner, 1 for none."""
    return weight[partner] if partner >= 0 else 1.0


@routine
def draw_matching(weight: Floats, first: Floats, sweeps: Floats) -> Ints:
    """One matching: the partner of each left animal, -1 for none, shape (n_left,).

    Parameters
    ----------
    weight
        Weights of pairs, shape (n_left, n_right).
    first
        Uniform numbers, shape (n_starts, n_left + 1): of weighted matchings, and to choose one.
    sweeps
        Uniform numbers, shape (n_sweeps, 3, n_left).
    """
    log_weight, partners = draw_weighted(weight, first[:, :-1].copy())
    share = np.cumsum(np.exp(log_weight - log_weight.max()))
    chosen = min(np.searchsorted(share, first[0, -1] * share[-1]), len(share) - 1)
    partner: Ints = partners[chosen].copy()
    walk(weight, sweeps, partner)
    return partner
