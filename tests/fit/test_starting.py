import numpy as np
import pytest

import scr
from scr.errors import FitError
from scr.fit.starting import (
    detections_per_effort,
    named_starting_values,
    spread_of_detections,
    starting_values,
)
from scr.likelihood.problem import animal_terms, build_problem, value_and_gradient
from scr.model.detection import detection_function


def test_spread_of_detections__pools_variance_over_animals(with_captures):
    # Traps 0 and 2 lie 1600 m apart in x, traps 0 and 1 800 m: sum of squares about the two
    # centroids 2 x 800^2 + 2 x 400^2, two degrees of freedom, two axes.
    survey, _ = with_captures(2, [0, 0, 1, 1], [0, 1, 0, 1], [0, 2, 0, 1])

    expected = np.sqrt((2 * 800**2 + 2 * 400**2) / (2 * 2))
    assert spread_of_detections(survey) == pytest.approx(expected)


def test_spread_of_detections__falls_back_on_the_spacing(with_captures):
    survey, _ = with_captures(1, [0, 0], [0, 1], [4, 4])

    assert spread_of_detections(survey) == pytest.approx(800 / 2)


def test_detections_per_effort__of_one_animal_at_one_trap(with_captures):
    # All other traps are too far away to count: two detections in ten days.
    survey, _ = with_captures(1, [0, 0], [0, 1], [12, 12])
    family = detection_function("hazard_half_normal")

    assert detections_per_effort(survey, family, 20.0) == pytest.approx(2 / 10, rel=1e-6)


@pytest.mark.parametrize(
    "spec",
    [
        scr.ModelSpec(),
        scr.ModelSpec(density="~ elev", detection="half_normal"),
        scr.ModelSpec(density="~ elev", detection="hazard_rate"),
        scr.ModelSpec(detection="hazard_exponential"),
    ],
)
def test_starting_values__expect_as_many_animals_as_were_detected(small, spec):
    survey, mask = small
    problem = build_problem(survey, mask, spec)

    theta = starting_values(problem.design, lambda at: value_and_gradient(problem, at))

    _, expected = animal_terms(problem, theta)
    assert expected.sum() == pytest.approx(survey.n_individuals, rel=1e-6)


def test_starting_values__spread_levels_where_there_is_no_intercept(two_sessions):
    survey, mask = two_sessions
    spec = scr.ModelSpec(density="~ 0 + session", sigma="~ 0 + session")
    problem = build_problem(survey, mask, spec)

    theta = starting_values(problem.design, lambda at: value_and_gradient(problem, at))

    for parameter in ("density", "sigma"):
        levels = theta[problem.design.blocks[parameter]]
        assert np.ptp(levels) == pytest.approx(0.0, abs=1e-9)
        assert levels[0] != 0.0


def test_named_starting_values__replaces_by_name_and_refuses_others():
    names = ("density.Intercept", "sigma.Intercept")

    values = named_starting_values({"sigma.Intercept": 7.0}, names, np.array([1.0, 2.0]))

    np.testing.assert_array_equal(values, [1.0, 7.0])
    with pytest.raises(FitError, match=r"'sigma'.*density\.Intercept"):
        named_starting_values({"sigma": 7.0}, names, np.zeros(2))
    with pytest.raises(FitError, match="1 values that are not finite"):
        named_starting_values({"sigma.Intercept": np.nan}, names, np.zeros(2))
