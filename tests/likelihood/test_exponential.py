"""Exponential, power of two and logarithm of the compiled loops against extended precision."""

import numba as nb
import numpy as np
import pytest

from scr.likelihood.kernel.compiled import FAST
from scr.likelihood.kernel.curves import per_u
from scr.likelihood.kernel.exponential import exponential, logarithm, power_of_two
from scr.likelihood.kernel.probability import SMALL, hazards, per_g
from scr.likelihood.kernel.reach import FAR_U
from scr.likelihood.kernel.wide import WIDEST


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
        (power_of_two, np.exp2, -1021.0, 1000.0, 1e-15),
        (logarithm, np.log, 1e-300, 0.9, 1e-15),
        (logarithm, np.log, 1.1, 1e6, 1e-15),
        (per_u, lambda u: -np.expm1(-u) / u, 1e-6, FAR_U, 1e-15),
        (per_g, lambda g: -np.log1p(-g) / g, 1e-6, SMALL, 1e-15),
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
    assert 0 < over(power_of_two)(np.array([-1e9]))[0] < 1e-307


@pytest.mark.parametrize("most", [1e-4, 0.1, 1.0])
def test_hazards__are_those_of_the_probabilities(most):
    g = np.random.default_rng(2).uniform(0, most, 1000)
    h, rise = np.empty_like(g), np.empty_like(g)
    hazards(0.5, 2 * most, 2 * g, h, rise)
    assert h == pytest.approx(-np.log1p(-g), rel=1e-13, abs=1e-15)
    assert rise == pytest.approx(1 / (1 - g), rel=1e-13)


def test_exponential__asks_for_the_widest_vectors():
    run = over(exponential)
    run(np.zeros(3))
    (code,) = run.loop.inspect_llvm().values()
    assert WIDEST in code
