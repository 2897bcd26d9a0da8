"""The pairs that the yardsticks count, and one short run."""

from importlib import import_module

import numpy as np
import pytest

from scr.likelihood.problem import value_and_gradient


@pytest.fixture
def pairs(benchmarks_on_path):
    return import_module("pairs")


def test_pairs_within_reach_grow_with_the_tail(pairs):
    simulated = import_module("first_sketch").simulate()
    counts = [
        pairs.pairs_within_reach(simulated, name)
        for name in ("half_normal", "exponential", "hazard_rate")
    ]
    every = len(simulated.traps) * len(simulated.cells)
    assert 0 < counts[0] < counts[1] <= counts[2] == every


def test_the_survey_on_pairs_has_the_value_of_the_lattice(pairs):
    problem = import_module("kernel").problem_of(import_module("first_sketch").simulate())
    theta = pairs.coefficients("hazard_half_normal")
    other = pairs.on_pairs(problem, "hazard_half_normal")
    assert not other.packed.is_lattice
    np.testing.assert_allclose(
        value_and_gradient(other, theta)[0], value_and_gradient(problem, theta)[0], rtol=1e-10
    )


def test_a_short_run_measures_all_three(pairs):
    found = pairs.measure("hazard_exponential", seconds=0.05)
    assert {"sketch", "bare", "package", "pairs"} == set(found)
    assert min(found.values()) > 0.0
