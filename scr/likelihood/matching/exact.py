"""The sum over matchings of one piece, vertex by vertex, and the probability of each pair.

A table holds a sum for each set of open vertices that already have a partner: bit s of its index
is the vertex in slot s. A vertex that comes takes a partner among the open ones, stays open or has
none; a vertex whose last neighbour has come leaves the table. The way back gives the derivative of
log Z to each table and so the probability of every pair.
"""

import math

import numpy as np

from scr.likelihood.kernel.arrays import Floats, Ints
from scr.likelihood.kernel.compiled import routine
from scr.likelihood.matching.vertex_order import last_steps


@routine
def weight_between(weight: Floats, u: int, v: int) -> float:
    """Weight of the pair of two vertices, 0 where both are of one side."""
    n_left = weight.shape[0]
    if u < n_left <= v:
        return float(weight[u, v - n_left])
    if v < n_left <= u:
        return float(weight[v, u - n_left])
    return 0.0


@routine
def enter(table: Floats, between: Floats, stays: bool) -> Floats:
    """The table with one vertex more: without a partner, or with one of the open vertices."""
    size = len(table)
    result = np.zeros(2 * size if stays else size)
    result[:size] = table
    matched = result[size:] if stays else result
    for slot in range(len(between)):
        w, bit = between[slot], 1 << slot
        if w > 0.0:
            for x in range(size):
                if x & bit:
                    matched[x] += w * table[x ^ bit]
    return result


@routine
def leave(table: Floats, slot: int) -> Floats:
    """The table summed over whether the vertex in a slot has a partner."""
    result = np.empty(len(table) >> 1)
    low = (1 << slot) - 1
    for x in range(len(result)):
        y = ((x & ~low) << 1) | (x & low)
        result[x] = table[y] + table[y | (1 << slot)]
    return result


@routine
def come_back(table: Floats, slot: int) -> Floats:
    """The way back through ``leave``."""
    result = np.empty(2 * len(table))
    low = (1 << slot) - 1
    for x in range(len(table)):
        y = ((x & ~low) << 1) | (x & low)
        result[y] = table[x]
        result[y | (1 << slot)] = table[x]
    return result


@routine
def betweens(weight: Floats, active: Ints, v: int) -> Floats:
    """Weights of a vertex with those that are open."""
    result = np.empty(len(active))
    for s in range(len(active)):
        result[s] = weight_between(weight, active[s], v)
    return result


@routine
def along_order(weight: Floats, order: Ints) -> tuple[float, Floats]:
    """Log Z, and the probability of each pair, shape (n_left, n_right).

    Memory and time grow with 2^width of the order.
    """
    n, last = len(order), last_steps(weight, order)
    slots, n_slots = np.empty((n + 1, n), dtype=np.int64), np.zeros(n + 1, dtype=np.int64)
    scale, log_z, table = np.empty(n), 0.0, np.ones(1)
    tables = [table]
    for t in range(n):
        v, m = order[t], n_slots[t]
        active = slots[t + 1]
        active[:m] = slots[t, :m]
        stays = last[v] > t
        table = enter(table, betweens(weight, slots[t, :m], v), stays)
        if stays:
            active[m] = v
            m += 1
        for s in range(m - 1, -1, -1):
            if last[active[s]] <= t:
                table = leave(table, s)
                active[s : m - 1] = active[s + 1 : m].copy()
                m -= 1
        n_slots[t + 1], scale[t] = m, table.max()
        table /= scale[t]
        log_z += math.log(scale[t])
        tables.append(table)
    back, probability = np.ones(1) / table[0], np.zeros(weight.shape)
    for t in range(n - 1, -1, -1):
        active = slots[t, : n_slots[t]]
        back = step_back(
            weight, order, t, (active, last), (tables[t], back / scale[t]), probability
        )
    return log_z + math.log(table[0]), probability


@routine
def step_back(
    weight: Floats,
    order: Ints,
    t: int,
    state: tuple[Ints, Ints],
    tables: tuple[Floats, Floats],
    probability: Floats,
) -> Floats:
    """Derivative of log Z to the table before a step from that after it; probabilities on the way.

    ``state`` is the open vertices before the step and the last steps; ``tables`` the table before
    the step and the derivative to that after it.
    """
    (active, last), (table, back), v = state, tables, order[t]
    n_left, stays = weight.shape[0], last[v] > t
    for s in range(len(active)):
        if last[active[s]] <= t:
            back = come_back(back, s)
    size = 1 << len(active)
    result = back[:size].copy()
    matched = back[size:] if stays else back
    for s in range(len(active)):
        u, bit, total = active[s], 1 << s, 0.0
        w = weight_between(weight, u, v)
        if w > 0.0:
            for x in range(size):
                if x & bit:
                    result[x ^ bit] += w * matched[x]
                    total += matched[x] * table[x ^ bit]
            probability[min(u, v), max(u, v) - n_left] = w * total
    return result
