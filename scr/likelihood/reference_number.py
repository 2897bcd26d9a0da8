"""The probability of the number of animals detected, in plain NumPy."""

import numpy as np
from scipy.special import gammaln
from scipy.stats import poisson

from scr.model.number import Number


def log_number(number: Number, n: int, *, expected: float, living: float) -> float:
    r"""Log Pr(n): Poisson about Lambda, binomial out of N with probability Lambda / N, or none.

    Parameters
    ----------
    number
        What is said of the number of animals.
    n
        Animals detected.
    expected
        :math:`\Lambda`, those expected to be.
    living
        :math:`N = a \sum_m D_m`, those that live there; not rounded.
    """
    if number == "conditional":
        return 0.0
    if number == "poisson":
        return float(poisson.logpmf(n, expected))
    p = expected / living
    ways = gammaln(living + 1) - gammaln(n + 1) - gammaln(living - n + 1)
    return float(ways + n * np.log(p) + (living - n) * np.log1p(-p))
