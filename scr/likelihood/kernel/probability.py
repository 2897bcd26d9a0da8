"""From a probability of detection g to its hazard h = -log(1 - g), by series where g is small."""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled_loop
from scr.likelihood.kernel.exponential import logarithm

LARGEST_PROBABILITY = 1.0 - 1e-15
"""g is held below 1, where its hazard is infinite."""

FAR, SMALL = 1e-4, 0.1
"""Largest g for which 4 and 15 terms of the series of h / g are exact to 1e-16."""


@nb.njit(inline="always", error_model="numpy")
def per_g(g: float) -> float:
    """H / g = -log(1 - g) / g to 1e-16, for g up to ``SMALL``.

    Parameters
    ----------
    g
        Probability of detection.
    """
    high = 1 / 11 + g * (1 / 12 + g * (1 / 13 + g * (1 / 14 + g * (1 / 15))))
    high = 1 / 6 + g * (1 / 7 + g * (1 / 8 + g * (1 / 9 + g * (1 / 10 + g * high))))
    return 1.0 + g * (1 / 2 + g * (1 / 3 + g * (1 / 4 + g * (1 / 5 + g * high))))


@compiled_loop
def hazards(
    g0: float,
    most_k: float,
    k: NDArray[np.float64],
    h: NDArray[np.float64],
    rise: NDArray[np.float64],
) -> None:
    """Hazards h = -log(1 - g), and dh / dg = 1 / (1 - g), with g = g0 k.

    Parameters
    ----------
    g0
        Probability of detection at the trap.
    most_k
        Upper bound of k.
    k
        k(d) of each cell.
    h, rise
        Results.
    """
    if g0 * most_k <= FAR:
        for i in range(len(k)):
            v = g0 * k[i]
            h[i] = v * (1.0 + v * (1 / 2 + v * (1 / 3 + v * (1 / 4))))
            rise[i] = 1.0 + v * (1.0 + v * (1.0 + v * (1.0 + v)))
    elif g0 * most_k <= SMALL:
        for i in range(len(k)):
            v = g0 * k[i]
            h[i] = v * per_g(v)
            rise[i] = 1.0 / (1.0 - v)
    else:
        for i in range(len(k)):
            rest = 1.0 - min(g0 * k[i], LARGEST_PROBABILITY)
            h[i] = -logarithm(rest)
            rise[i] = 1.0 / rest
