"""The Bethe approximation of the sum over matchings, by damped belief propagation.

Messages are probabilities of having no partner: from left i to right j in the graph without j, and
the reverse. The fixed point is unique, and the derivative of the approximation to log w_ij is the
probability of the pair that its messages give.

References
----------
Bayati, Gamarnik, Katz, Nair & Tetali (2007) STOC 122-127; Chertkov & Yedidia (2013) J. Mach. Learn.
Res. 14:2029-2066.
"""

import math

import numpy as np

from scr.likelihood.kernel.arrays import Floats
from scr.likelihood.kernel.compiled import routine

MOST_ITERATIONS = 5000
TOLERANCE = 1e-10


@routine
def messages(weight: Floats) -> tuple[Floats, Floats]:
    """Messages from left to right and from right to left, each of shape (n_left, n_right)."""
    n_left, n_right = weight.shape
    to_right, to_left, of_right = np.ones(weight.shape), np.ones(weight.shape), np.empty(n_right)
    for _ in range(MOST_ITERATIONS):
        change = 0.0
        of_right[:] = 1.0
        for i in range(n_left):
            of_left = 1.0
            for j in range(n_right):
                of_left += weight[i, j] * to_left[i, j]
            for j in range(n_right):
                if weight[i, j] > 0.0:
                    rest = max(of_left - weight[i, j] * to_left[i, j], 1.0)
                    to_right[i, j] = math.sqrt(to_right[i, j] / rest)
                    of_right[j] += weight[i, j] * to_right[i, j]
        for i in range(n_left):
            for j in range(n_right):
                if weight[i, j] > 0.0:
                    rest = max(of_right[j] - weight[i, j] * to_right[i, j], 1.0)
                    message = math.sqrt(to_left[i, j] / rest)
                    change = max(change, abs(message - to_left[i, j]) / message)
                    to_left[i, j] = message
        if change < TOLERANCE:
            break
    return to_right, to_left


@routine
def bethe(weight: Floats) -> tuple[float, Floats]:
    """Approximate log Z, below the exact one, and probabilities of pairs, (n_left, n_right)."""
    to_right, to_left = messages(weight)
    n_left, n_right = weight.shape
    probability, log_z = np.zeros(weight.shape), 0.0
    of_right = np.ones(n_right)
    for i in range(n_left):
        of_left = 1.0
        for j in range(n_right):
            w = weight[i, j]
            of_left += w * to_left[i, j]
            of_right[j] += w * to_right[i, j]
            both = w * to_right[i, j] * to_left[i, j]
            probability[i, j] = both / (1.0 + both)
            log_z -= math.log1p(both)
        log_z += math.log(of_left)
    return log_z + np.log(of_right).sum(), probability
