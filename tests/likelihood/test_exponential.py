"""Exponential, logarithm and series of the compiled loops against extended precision."""

from decimal import Decimal, localcontext

import numba as nb
import numpy as np
import pytest

from scr.likelihood.kernel.compiled import FAST
from scr.likelihood.kernel.fast_math import exponential, logarithm
from scr.likelihood.kernel.pairs import hazards
from scr.likelihood.kernel.series import SMALL_G, growth, per_g, rise


def over(function):
    """The function over many numbers, in a loop as those of the kernel are."""

    @nb.njit(fastmath=FAST, error_model="numpy")
    def loop(x, result):
        for i in range(len(x)):
            result[i] = function(x[i])

    def run(x):
        result = np.empty_like(x)
        loop(x, result)
        return result

    run.loop = loop
    return run


@pytest.mark.parametrize(
    ("function", "exact", "low", "high", "error"),
    [
        (exponential, np.exp, -1.0, 1.0, 1e-15),
        (exponential, np.exp, -40.0, 40.0, 4e-15),
        (exponential, np.exp, -708.0, 709.0, 1e-13),
        (logarithm, np.log, 1e-300, 0.9, 1e-15),
        (logarithm, np.log, 1.1, 1e6, 1e-15),
        (per_g, lambda g: -np.log1p(-g) / g, 1e-6, SMALL_G, 1e-15),
    ],
)
def test_functions__are_as_exact_as_they_say(function, exact, low, high, error):
    x = np.random.default_rng(1).uniform(low, high, 20_000)
    wanted = exact(x.astype(np.longdouble))
    assert np.abs(over(function)(x) / wanted - 1).max() < error


def test_exponential__is_next_to_nothing_and_never_zero_far_below():
    found = over(exponential)(np.array([-1e300, -np.inf, -709.0, 0.0]))
    assert (found[:3] > 0).all()
    assert (found[:3] < 1e-307).all()
    assert found[3] == 1.0


@pytest.mark.parametrize("most", [1e-4, 0.1, 1.0])
def test_hazards__are_those_of_the_probabilities(most):
    g = np.random.default_rng(2).uniform(0, most, 1000)
    h, rise = np.zeros_like(g), np.empty_like(g)
    hazards(most, 3.0, g / most, h, rise)
    assert h == pytest.approx(-3.0 * np.log1p(-g), rel=1e-13, abs=1e-15)
    assert rise == pytest.approx(3.0 / (1 - g), rel=1e-13)


def growth_and_rise(x):
    """G(x) = log((e^x - 1) / x) and x G'(x), to fifty digits."""
    with localcontext() as context:
        context.prec = 50
        x = Decimal(float(x))
        return float(((x.exp() - 1) / x).ln()), float(x / (1 - (-x).exp()) - 1)


def test_growth_and_rise__are_exact_to_the_last_digits():
    x = np.array([1e-13, 1e-6, 9e-4, 0.019, 0.03, 0.19, 0.2999, 0.3, 0.99, 1.2, 6.0, 40.0, 600.0])
    expected, slope = np.array([growth_and_rise(value) for value in x]).T
    assert over(growth)(x) == pytest.approx(expected, rel=3e-14)
    assert over(rise)(x) == pytest.approx(slope, rel=3e-14)
