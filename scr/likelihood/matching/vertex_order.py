"""Pieces of a graph of pairs, and an order of their vertices in which few are open at a time.

Vertices are the left animals, then the right ones. A vertex is *open* from its own step to that of
its last neighbour; the *width* of an order is the most that are open at once.
"""

import numpy as np

from scr.likelihood.kernel.arrays import Floats, Ints
from scr.likelihood.kernel.compiled import routine

N_STARTS = 6
"""Vertices from which an order is tried."""


@routine
def pieces_of(weight: Floats) -> tuple[Ints, Ints, int]:
    """Piece of each left and of each right animal, and the number of pieces."""
    n_left, n_right = weight.shape
    left, right = np.full(n_left, -1, dtype=np.int64), np.full(n_right, -1, dtype=np.int64)
    waiting, n = np.empty(n_left + n_right, dtype=np.int64), 0
    for first in range(n_left):
        if left[first] >= 0:
            continue
        left[first], waiting[0], m = n, first, 1
        while m > 0:
            m -= 1
            v = waiting[m]
            if v < n_left:
                for j in range(n_right):
                    if weight[v, j] > 0.0 and right[j] < 0:
                        right[j], waiting[m] = n, n_left + j
                        m += 1
            else:
                for i in range(n_left):
                    if weight[i, v - n_left] > 0.0 and left[i] < 0:
                        left[i], waiting[m] = n, i
                        m += 1
        n += 1
    return left, right, n


@routine
def last_steps(weight: Floats, order: Ints) -> Ints:
    """Step of the last neighbour of each vertex; 0 where it has none."""
    n_left, n_right = weight.shape
    step, last = np.empty(len(order), dtype=np.int64), np.zeros(len(order), dtype=np.int64)
    for t in range(len(order)):
        step[order[t]] = t
    for i in range(n_left):
        for j in range(n_right):
            if weight[i, j] > 0.0:
                last[i] = max(last[i], step[n_left + j])
                last[n_left + j] = max(last[n_left + j], step[i])
    return last


@routine
def width_of(weight: Floats, order: Ints) -> int:
    """The most vertices that are open at once."""
    last = last_steps(weight, order)
    widest, n_open = 0, 0
    closing = np.zeros(len(order), dtype=np.int64)
    for t in range(len(order)):
        if last[order[t]] > t:
            n_open += 1
            closing[last[order[t]]] += 1
        widest = max(widest, n_open)
        n_open -= closing[t]
    return widest


@routine
def greedy_order(weight: Floats, start: int) -> Ints:
    """From a vertex on, next the one that opens least and closes most."""
    n_left, n_right = weight.shape
    n = n_left + n_right
    linked = np.zeros((n, n), dtype=np.bool_)
    waiting = np.zeros(n, dtype=np.int64)  # neighbours still to come
    for i in range(n_left):
        for j in range(n_right):
            if weight[i, j] > 0.0:
                linked[i, n_left + j] = linked[n_left + j, i] = True
                waiting[i] += 1
                waiting[n_left + j] += 1
    done, order, v = np.zeros(n, dtype=np.bool_), np.empty(n, dtype=np.int64), start
    for t in range(n):
        if t > 0:
            best, v = np.inf, -1
            for c in range(n):
                if done[c]:
                    continue
                opened, touched = (1 if waiting[c] > 0 else 0), 0
                for u in range(n):
                    if done[u] and linked[u, c]:
                        touched += 1
                        opened -= 1 if waiting[u] == 1 else 0
                score = 1e4 * opened + waiting[c] - 0.01 * touched + (5e3 if touched == 0 else 0.0)
                if score < best:
                    best, v = score, c
        done[v], order[t] = True, v
        for u in range(n):
            if linked[u, v]:
                waiting[u] -= 1
    return order


@routine
def find_order(weight: Floats) -> tuple[Ints, int]:
    """The narrowest of a few orders, and its width."""
    n_left, n_right = weight.shape
    n = n_left + n_right
    order = np.arange(n)
    if n_right < n_left:
        order = (order + n_left) % n
    least = width_of(weight, order)
    for s in range(min(n, N_STARTS)):
        other = greedy_order(weight, s * n // min(n, N_STARTS))
        width = width_of(weight, other)
        if width < least:
            order, least = other, width
    return order, least
