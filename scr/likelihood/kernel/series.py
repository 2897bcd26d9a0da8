"""What a hazard and a record of detection add to their leading terms, by series where small."""

import math

from scr.likelihood.kernel.compiled import scalar
from scr.likelihood.kernel.fast_math import exponential, logarithm

SMALL = 0.3
"""Largest x for which the series of G and its slope, to x^8, are exact to 2e-14."""

TINY = 0.02
"""Largest x for which two terms fewer of these are exact to 1e-15."""

SMALL_G = 0.1
"""Largest g for which 15 terms of the series of h / g are exact to 1e-16."""

LARGEST_G = 1.0 - 1e-15
"""g is held below 1, where its hazard is infinite."""


@scalar
def per_g(g: float) -> float:
    """H / g = -log(1 - g) / g to 1e-16, for g up to ``SMALL_G``."""
    high = 1 / 11 + g * (1 / 12 + g * (1 / 13 + g * (1 / 14 + g * (1 / 15))))
    high = 1 / 6 + g * (1 / 7 + g * (1 / 8 + g * (1 / 9 + g * (1 / 10 + g * high))))
    return 1.0 + g * (1 / 2 + g * (1 / 3 + g * (1 / 4 + g * (1 / 5 + g * high))))


@scalar
def small_growth(x: float) -> float:
    """G(x) = log((e^x - 1) / x) by its series, for x up to ``SMALL``."""
    s = x * x
    return 0.5 * x + s * (1 / 24 - s * (1 / 2880 - s * (1 / 181440 - s / 9676800)))


@scalar
def small_rise(x: float) -> float:
    """X G'(x) by its series, for x up to ``SMALL``."""
    s = x * x
    return 0.5 * x + s * (1 / 12 - s * (1 / 720 - s * (1 / 30240 - s / 1209600)))


@scalar
def growth(x: float) -> float:
    """G(x) for any x >= 0, without a branch in loops over cells."""
    large = max(x, SMALL)
    exact = large + logarithm((1.0 - exponential(-large)) / large)
    return small_growth(min(x, SMALL)) if x < SMALL else exact


@scalar
def rise(x: float) -> float:
    """X G'(x) for any x >= 0, without a branch in loops over cells."""
    large = max(x, SMALL)
    exact = large / (1.0 - exponential(-large)) - 1.0
    return small_rise(min(x, SMALL)) if x < SMALL else exact


@scalar
def growth_at(x: float) -> float:
    """G(x) of a single number, for bounds."""
    return small_growth(x) if x < SMALL else x + math.log(-math.expm1(-x) / x)
