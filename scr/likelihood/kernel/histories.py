"""Loops over the pieces of an animal's window that every evaluator shares.

A *piece* is a run of cells of one row that counts: a row of ``pieces`` holds its row, its first
cell, the number of its cells, and where its numbers start in the window.
"""

import math

import numpy as np

from scr.likelihood.kernel.arrays import Floats, Ints
from scr.likelihood.kernel.compiled import stage
from scr.likelihood.kernel.fast_math import exponential
from scr.likelihood.kernel.series import SMALL, growth, rise, small_growth, small_rise


@stage
def largest(values: Floats) -> float:
    """The largest of some numbers."""
    most = -np.inf
    for i in range(len(values)):
        most = values[i] if values[i] > most else most
    return most


@stage
def begin_pieces(
    pieces: Ints, base: int, log_share: float, log_weight: Floats, hazard: Floats, value: Floats
) -> None:
    """log(psi D a) - H in each cell: a history without its records."""
    for p in range(len(pieces)):
        c, n, q = pieces[p, 1], pieces[p, 2], pieces[p, 3]
        v, w, h = value[q : q + n], log_weight[c : c + n], hazard[c - base : c - base + n]
        for i in range(len(v)):
            v[i] = log_share + w[i] - h[i]


@stage
def add_contest(pieces: Ints, base: int, count: float, hazard: Floats, value: Floats) -> None:
    """Y G(H) of occasions in which traps compete for an animal, beside y log(T h)."""
    for p in range(len(pieces)):
        c, n, q = pieces[p, 1] - base, pieces[p, 2], pieces[p, 3]
        v, h = value[q : q + n], hazard[c : c + n]
        if largest(h) > SMALL:
            for i in range(len(v)):
                v[i] += count * growth(h[i])
        else:
            for i in range(len(v)):
                v[i] += count * small_growth(h[i])


@stage
def weigh_contest(
    pieces: Ints, base: int, count: float, hazard: Floats, share: Floats, to_hazard: Floats
) -> None:
    """Gradient of ``add_contest`` to H, weighed by the share of each cell."""
    for p in range(len(pieces)):
        c, n, q = pieces[p, 1] - base, pieces[p, 2], pieces[p, 3]
        s, h, to = share[q : q + n], hazard[c : c + n], to_hazard[c : c + n]
        if largest(h) > SMALL:
            for i in range(len(s)):
                x = h[i] if h[i] > 1e-12 else 1e-12
                to[i] += count * s[i] * (rise(x) / x)
        else:
            for i in range(len(s)):
                x = h[i] if h[i] > 1e-12 else 1e-12
                to[i] += count * s[i] * (small_rise(x) / x)


@stage
def exponentials(values: Floats, top: float) -> float:
    """Replace numbers by exp(value - top); returns their sum."""
    total = 0.0
    for i in range(len(values)):
        values[i] = exponential(values[i] - top)
        total += values[i]
    return total


@stage
def share_pieces(
    pieces: Ints, base: int, scale: float, value: Floats, to_log_weight: Floats, to_hazard: Floats
) -> float:
    """Probabilities of the cells of one option, and the gradient through D a and H."""
    total = 0.0
    for p in range(len(pieces)):
        c, n, q = pieces[p, 1], pieces[p, 2], pieces[p, 3]
        v, w, h = value[q : q + n], to_log_weight[c : c + n], to_hazard[c - base : c - base + n]
        for i in range(len(v)):
            s = v[i] * scale
            v[i] = s
            total += s
            w[i] += s
            h[i] -= s
    return total


@stage
def spread_pieces(pieces: Ints, first: int, scale: float, values: Floats, to: Floats) -> None:
    """Scaled numbers of the cells of some pieces, to the cells of a session."""
    for p in range(len(pieces)):
        c, n, q = pieces[p, 1] - first, pieces[p, 2], pieces[p, 3]
        v, w = values[q : q + n], to[c : c + n]
        for i in range(len(v)):
            w[i] = scale * v[i]


@stage
def copy_pieces(pieces: Ints, first: int, values: Floats, to: Floats) -> None:
    """Numbers of the cells of some pieces, one after the other."""
    for p in range(len(pieces)):
        c, n, q = pieces[p, 1] - first, pieces[p, 2], pieces[p, 3]
        v, w = to[q : q + n], values[c : c + n]
        for i in range(len(v)):
            v[i] = w[i]


@stage
def least_bound(bound: Floats, log_best: float, budget: float, room: Floats) -> float:
    """The least bound that counts: those below add up to less than may be left out."""
    for i in range(len(bound)):
        room[i] = exponential(bound[i] - log_best)
    least, most = budget - math.log(max(len(bound), 1)), math.exp(budget)
    for _ in range(8):
        up, total = math.exp(least + 1.0), 0.0
        for i in range(len(bound)):
            total += room[i] if room[i] < up else 0.0
        if total > most:
            break
        least += 1.0
    return log_best + least
