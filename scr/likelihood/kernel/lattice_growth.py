"""What records add to their leading terms over the cells of a box: y G(x), and its slope.

With b_2k the Bernoulli numbers, G(x) = x / 2 + sum_k b_2k x^2k / (2k (2k)!). x = T h is T lambda0
times a factor by row and one by column, neither above 1, so that how many terms are taken is
settled row by row: the larger T lambda0 times the row's factor the more, and far from the trap
none.

References
----------
Abramowitz & Stegun (1972) Handbook of Mathematical Functions, 23.1.1 (x / (e^x - 1) by Bernoulli
numbers; integrated here).
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import bernoulli

from scr.likelihood.kernel.compiled import compiled_loop
from scr.likelihood.kernel.exponential import exponential, logarithm

G2, G4, G6, G8, G10, G12, G14, G16, G18 = (
    float(bernoulli(n)[n]) / (n * math.factorial(n)) for n in range(2, 20, 2)
)
"""Coefficients of G by even powers of x: 1 / 24, -1 / 2880, 1 / 181440, ..."""

S2, S4, S6, S8, S10, S12, S14, S16, S18 = (
    float(bernoulli(n)[n]) / math.factorial(n) for n in range(2, 20, 2)
)
"""Coefficients of x G'(x) by even powers of x: 1 / 12, -1 / 720, 1 / 30240, ..."""

NOTHING = 1e-16
"""Largest x that a factor 1 + x / 2 does not show."""

UP_TO_2, UP_TO_4, UP_TO_8, UP_TO_18 = 1e-3, 0.02, 0.2, 1.0
"""Largest x for which powers so high give G and its slope to 3e-15."""


@compiled_loop
def bound_growth(
    at_trap: float, count: float, row_k: NDArray[np.float64], row_growth: NDArray[np.float64]
) -> None:
    """Add an upper bound of y G in each row: G grows with x, and is below x / 2 + x^2 / 24.

    Parameters
    ----------
    at_trap
        T lambda0.
    count
        y.
    row_k
        Factors of the rows.
    row_growth
        Added to.
    """
    for row in range(len(row_k)):
        x = at_trap * row_k[row]
        row_growth[row] += count * x * (0.5 + x * G2)


@compiled_loop
def add_growth(
    at_trap: float,
    count: float,
    row_k: NDArray[np.float64],
    column_k: NDArray[np.float64],
    growth: NDArray[np.float64],
) -> None:
    """Add y G(x), x = (T lambda0) (row factor) (column factor).

    Parameters
    ----------
    at_trap
        T lambda0.
    count
        y.
    row_k, column_k
        Factors of the rows and columns.
    growth
        Added to, shape (n_rows, n_columns).
    """
    c1, c2, c4, c6, c8 = 0.5 * count, G2 * count, G4 * count, G6 * count, G8 * count
    for row in range(len(growth)):
        in_row = at_trap * row_k[row]
        if count * in_row < NOTHING:
            continue
        here = growth[row]
        if in_row < UP_TO_2:
            for i in range(len(here)):
                x = in_row * column_k[i]
                here[i] += x * (c1 + x * c2)
        elif in_row < UP_TO_4:
            for i in range(len(here)):
                x = in_row * column_k[i]
                here[i] += x * (c1 + x * (c2 + x * x * c4))
        elif in_row < UP_TO_8:
            for i in range(len(here)):
                x = in_row * column_k[i]
                s = x * x
                here[i] += x * c1 + s * (c2 + s * (c4 + s * (c6 + s * c8)))
        elif in_row < UP_TO_18:
            for i in range(len(here)):
                x = in_row * column_k[i]
                s = x * x
                high = G10 + s * (G12 + s * (G14 + s * (G16 + s * G18)))
                here[i] += x * c1 + s * (c2 + s * (c4 + s * (c6 + s * (c8 + s * count * high))))
        else:
            for i in range(len(here)):
                x = in_row * column_k[i]
                s = min(x * x, UP_TO_18 * UP_TO_18)
                high = G10 + s * (G12 + s * (G14 + s * (G16 + s * G18)))
                near = x * 0.5 + s * (G2 + s * (G4 + s * (G6 + s * (G8 + s * high))))
                large = max(x, UP_TO_18)
                exact = large + logarithm((1.0 - exponential(-large)) / large)
                here[i] += count * (near if x < UP_TO_18 else exact)


@compiled_loop
def weigh_growth(
    at_trap: float,
    of_row: tuple[NDArray[np.float64], NDArray[np.float64]],
    of_column: tuple[NDArray[np.float64], NDArray[np.float64]],
    shares: NDArray[np.float64],
) -> tuple[float, float]:
    """Sum of share x G', and of share x G' x u, with G' the derivative of G to log x.

    Parameters
    ----------
    at_trap
        T lambda0.
    of_row, of_column
        k, and (dy / sigma)^2 or (dx / sigma)^2, of the rows and columns.
    shares
        Each cell's share of L_i, shape (n_rows, n_columns).
    """
    (row_k, row_u), (k, u) = of_row, of_column
    total, total_u = 0.0, 0.0
    for row in range(len(shares)):
        in_row = at_trap * row_k[row]
        if in_row < NOTHING:
            continue
        share = shares[row]
        in_total, in_u = 0.0, 0.0
        if in_row < UP_TO_2:
            for i in range(len(share)):
                x = in_row * k[i]
                part = share[i] * x * (0.5 + x * S2)
                in_total += part
                in_u += part * u[i]
        elif in_row < UP_TO_4:
            for i in range(len(share)):
                x = in_row * k[i]
                part = share[i] * x * (0.5 + x * (S2 + x * x * S4))
                in_total += part
                in_u += part * u[i]
        elif in_row < UP_TO_8:
            for i in range(len(share)):
                x = in_row * k[i]
                s = x * x
                part = share[i] * (0.5 * x + s * (S2 + s * (S4 + s * (S6 + s * S8))))
                in_total += part
                in_u += part * u[i]
        else:
            for i in range(len(share)):
                x = in_row * k[i]
                s = min(x * x, UP_TO_18 * UP_TO_18)
                high = S10 + s * (S12 + s * (S14 + s * (S16 + s * S18)))
                near = x * 0.5 + s * (S2 + s * (S4 + s * (S6 + s * (S8 + s * high))))
                large = max(x, UP_TO_18)
                exact = large / (1.0 - exponential(-large)) - 1.0
                part = share[i] * (near if x < UP_TO_18 else exact)
                in_total += part
                in_u += part * u[i]
        total += in_total
        total_u += in_u + in_total * row_u[row]
    return total, total_u
