"""What a record of detection adds to its leading term: G(x) = log((e^x - 1) / x), x = T h.

A binary record with effort T has e^x - 1 beside non-detection, y equal ones (e^x - 1)^y, which is
x^y e^{y G(x)}. The factor e^{y G} is a power series in x with coefficients above 0 and below those
of e^{yx}, so that powers up to N leave out little more than (yx)^(N + 1) / (N + 1)! of it: the
larger the hazard the more are taken, and far from the trap none.
"""

import math

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled_inside, compiled_loop
from scr.likelihood.kernel.exponential import exponential, logarithm

SMALL = 0.3
"""Largest x for which the series of G and its slope, to x^8, are exact to 2e-14."""

TINY = 0.02
"""Largest x for which two terms fewer of these are exact to 1e-15."""

NOTHING = 1e-16
"""Largest x that a factor 1 + x / 2 does not show."""

N_TERMS = 18
UP_TO_3, UP_TO_6, UP_TO_11, UP_TO_17 = 2e-4, 0.017, 0.24, 0.95
"""Largest y x for which so many powers of x are exact to 1e-16."""


@compiled_inside
def log_growth(x: float) -> float:
    """G(x) = log((e^x - 1) / x), for x > 0.

    Parameters
    ----------
    x
        Cumulative hazard.
    """
    if x < SMALL:
        s = x * x
        return x * 0.5 + s * (1 / 24 - s * (1 / 2880 - s * (1 / 181440 - s / 9676800)))
    return x + math.log(-math.expm1(-x) / x)


@compiled_inside
def growth_series(count: float, series: NDArray[np.float64]) -> None:
    """Coefficients of e^{y G(x)} = ((e^x - 1) / x)^y by powers of x.

    Parameters
    ----------
    count
        y.
    series
        Result, shape (2, 18); the second row is room for those of y = 1.

    References
    ----------
    Knuth (1997) The Art of Computer Programming 2, 4.7, equation 9: power of a power series.
    """
    result, of_one = series[0], series[1]
    of_one[0] = 1.0
    for n in range(1, N_TERMS):
        of_one[n] = of_one[n - 1] / (n + 1)
    result[0] = 1.0
    for n in range(1, N_TERMS):
        total = 0.0
        for k in range(1, n + 1):
            total += (k * count - n + k) * of_one[k] * result[n - k]
        result[n] = total / n


@compiled_loop
def multiply_growth(
    at_trap: float,
    counted: tuple[float, NDArray[np.float64]],
    row_k: NDArray[np.float64],
    column_k: NDArray[np.float64],
    values: NDArray[np.float64],
) -> None:
    """Multiply by e^{y G(x)}, x = (T lambda0) (row factor) (column factor).

    Parameters
    ----------
    at_trap
        T lambda0.
    counted
        y, and room for its series.
    row_k, column_k
        Factors of the rows and columns.
    values
        Pr(history), overwritten, shape (n_rows, n_columns).
    """
    count, series = counted
    growth_series(count, series)
    c = series[0]
    c1, c2, c3, c4, c5, c6 = c[1], c[2], c[3], c[4], c[5], c[6]
    c7, c8, c9, c10, c11 = c[7], c[8], c[9], c[10], c[11]
    c12, c13, c14, c15, c16, c17 = c[12], c[13], c[14], c[15], c[16], c[17]
    for row in range(len(values)):
        in_row = at_trap * row_k[row]
        most = in_row * count
        value = values[row]
        if most < NOTHING:
            continue
        if most < UP_TO_3:
            for i in range(len(value)):
                x = in_row * column_k[i]
                value[i] *= 1.0 + x * (c1 + x * (c2 + x * c3))
        elif most < UP_TO_6:
            for i in range(len(value)):
                x = in_row * column_k[i]
                high = c4 + x * (c5 + x * c6)
                value[i] *= 1.0 + x * (c1 + x * (c2 + x * (c3 + x * high)))
        elif most < UP_TO_11:
            for i in range(len(value)):
                x = in_row * column_k[i]
                high = c7 + x * (c8 + x * (c9 + x * (c10 + x * c11)))
                high = c4 + x * (c5 + x * (c6 + x * high))
                value[i] *= 1.0 + x * (c1 + x * (c2 + x * (c3 + x * high)))
        elif most < UP_TO_17:
            for i in range(len(value)):
                x = in_row * column_k[i]
                high = c13 + x * (c14 + x * (c15 + x * (c16 + x * c17)))
                high = c7 + x * (c8 + x * (c9 + x * (c10 + x * (c11 + x * (c12 + x * high)))))
                high = c4 + x * (c5 + x * (c6 + x * high))
                value[i] *= 1.0 + x * (c1 + x * (c2 + x * (c3 + x * high)))
        else:
            for i in range(len(value)):
                x = in_row * column_k[i]
                s = min(x * x, SMALL * SMALL)
                near = x * 0.5 + s * (1 / 24 - s * (1 / 2880 - s * (1 / 181440 - s / 9676800)))
                large = max(x, SMALL)
                exact = large + logarithm((1.0 - exponential(-large)) / large)
                value[i] *= exponential(count * (near if x < SMALL else exact))


@compiled_loop
def weigh_growth(
    at_trap: float,
    of_row: tuple[NDArray[np.float64], NDArray[np.float64]],
    of_column: tuple[NDArray[np.float64], NDArray[np.float64]],
    shares: NDArray[np.float64],
    by_column: NDArray[np.float64],
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
    by_column
        Room for a number per column.
    """
    (row_k, row_u), (k, column_u) = of_row, of_column
    total, total_u = 0.0, 0.0
    by_column[:] = 0.0
    for row in range(len(shares)):
        in_row = at_trap * row_k[row]
        share = shares[row]
        in_total = 0.0
        if in_row < NOTHING:
            continue
        if in_row < TINY:
            for i in range(len(share)):
                x = in_row * k[i]
                s = x * x
                part = share[i] * (0.5 * x + s * (1 / 12 - s * (1 / 720)))
                by_column[i] += part
                in_total += part
        elif in_row < SMALL:
            for i in range(len(share)):
                x = in_row * k[i]
                s = x * x
                slope = 0.5 * x + s * (1 / 12 - s * (1 / 720 - s * (1 / 30240 - s / 1209600)))
                part = share[i] * slope
                by_column[i] += part
                in_total += part
        else:
            for i in range(len(share)):
                x = in_row * k[i]
                s = min(x * x, SMALL * SMALL)
                series = 0.5 * x + s * (1 / 12 - s * (1 / 720 - s * (1 / 30240 - s / 1209600)))
                large = max(x, SMALL)
                exact = large / (1.0 - exponential(-large)) - 1.0
                part = share[i] * (series if x < SMALL else exact)
                by_column[i] += part
                in_total += part
        total += in_total
        total_u += in_total * row_u[row]
    for i in range(len(by_column)):
        total_u += by_column[i] * column_u[i]
    return total, total_u
