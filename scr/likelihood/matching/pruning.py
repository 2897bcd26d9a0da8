"""Pairs that cannot matter, by a bound on the probability that they are one animal."""

import numpy as np

from scr.likelihood.kernel.arrays import Floats
from scr.likelihood.kernel.compiled import routine


@routine
def sums_without(values: Floats, result: Floats) -> None:
    """1 and the sum of all other values, for each; added up, as differences would round."""
    n, before = len(values), 1.0
    for j in range(n):
        result[j] = before
        before += values[j]
    after = 0.0
    for j in range(n - 1, -1, -1):
        result[j] += after
        after += values[j]


@routine
def bound_pairs(weight: Floats) -> Floats:
    """The most that the probability of each pair can be, shape (n_left, n_right).

    P(ij) = w_ij p_i(G) p_j(G - i), with p the probability of having no partner in a graph, and
    1 / (1 + sum of its weights) <= p; one level further that bounds p from above.
    """
    n_left, n_right = weight.shape
    least = np.empty((n_left, n_right))  # of 1 / p of right j without i, then of left i without j
    column, row, others = np.empty(n_left), np.empty(n_left), np.empty(n_left)
    for j in range(n_right):
        for i in range(n_left):
            column[i] = weight[i, j]
        sums_without(column, others)
        for i in range(n_left):
            least[i, j] = others[i]
    for i in range(n_left):
        row[i] = 1.0
        for j in range(n_right):
            row[i] += weight[i, j] / least[i, j]
    beside = np.empty(n_right)
    for i in range(n_left):
        sums_without(weight[i], beside)
        for j in range(n_right):
            least[i, j] = beside[j]
    bound = np.empty((n_left, n_right))
    for j in range(n_right):
        for i in range(n_left):
            column[i] = weight[i, j] / least[i, j]
        sums_without(column, others)
        for i in range(n_left):
            w = weight[i, j]
            bound[i, j] = min(w / (row[i] * others[i]), w / (1.0 + w))
    return bound


@routine
def prune(weight: Floats, budget: float) -> Floats:
    """Weights with the least pairs set to 0, while their bounds add up to less than a budget.

    Log Z changes by less than -log(1 - budget).
    """
    bound = bound_pairs(weight).reshape(-1)
    kept = weight.copy()
    flat, total = kept.reshape(-1), 0.0
    for place in np.argsort(bound):
        total += bound[place]
        if total >= budget:
            break
        flat[place] = 0.0
    return kept
