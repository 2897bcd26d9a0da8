"""Matchings drawn one left animal after the other, with weights whose mean is Z.

Each left animal takes a free right one, or none, by the weight of the pair times the probability,
by belief propagation, that this right animal has no other partner among those still to come.

References
----------
Liu (2001) Monte Carlo strategies in scientific computing, section 4.1, sequential importance
sampling.
"""

import math

import numpy as np

from scr.likelihood.kernel.arrays import Floats, Ints
from scr.likelihood.kernel.compiled import routine
from scr.likelihood.matching.bethe import messages


@routine
def draw_weighted(weight: Floats, uniform: Floats) -> tuple[Floats, Ints]:
    """Log weights of matchings, and the partner of each left animal (-1 for none).

    Parameters
    ----------
    weight
        Weights of pairs, shape (n_left, n_right).
    uniform
        Uniform numbers, shape (n_draws, n_left).

    Returns
    -------
    tuple
        Shapes (n_draws,) and (n_draws, n_left). The mean of the weights is an unbiased estimate of
        Z; matchings with these weights are draws of a matching.
    """
    n_left, n_right = weight.shape
    to_right, _ = messages(weight)
    after = np.ones((n_left + 1, n_right))  # 1 + sum of w p over the left animals from i on
    for i in range(n_left - 1, -1, -1):
        after[i] = after[i + 1] + weight[i] * to_right[i]
    log_weight = np.zeros(len(uniform))
    partner = np.full(uniform.shape, -1, dtype=np.int64)
    free, chance = np.empty(n_right, dtype=np.bool_), np.empty(n_right)
    for d in range(len(uniform)):
        free[:] = True
        for i in range(n_left):
            total = 1.0
            for j in range(n_right):
                chance[j] = weight[i, j] / after[i + 1, j] if free[j] else 0.0
                total += chance[j]
            wanted = uniform[d, i] * total - 1.0
            log_weight[d] += math.log(total)
            if wanted < 0.0:
                continue
            for j in range(n_right):
                if chance[j] > 0.0:
                    partner[d, i] = j
                    wanted -= chance[j]
                    if wanted < 0.0:
                        break
            j = partner[d, i]
            log_weight[d] += math.log(after[i + 1, j])
            free[j] = False
    return log_weight, partner
