"""Detection functions with a second parameter against the plain likelihood."""

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import digamma as scipy_digamma

from scr.likelihood.kernel.incomplete_gamma import digamma, gamma_tail
from scr.likelihood.problem import build_problem, value_and_gradient
from scr.model.detection import detection_function
from scr.model.spec import ModelSpec
from tests.likelihood.test_against_reference import make_mask, make_survey, plain_value, slope

FAMILIES = {
    "hazard_annular_normal": 6.8,
    "hazard_cumulative_lognormal": 6.8,
    "cumulative_gamma": 1.2,
    "hazard_cumulative_gamma": 1.2,
    "compound_half_normal": 0.8,
}
"""And a usual log z."""


def make_problem(family, detector):
    survey = make_survey(detector, "one without captures", seed=41)
    name = detection_function(family).intensity_name
    formulas = {name: "~ lure + sex", "sigma": "~ sex", "z": "~ year"}
    spec = ModelSpec(density="~ elev", detection=family, **formulas)
    return build_problem(survey, make_mask(survey, seed=42), spec)


def draw_coefficients(problem, family, *, seed):
    level = {"density": -0.5, "lambda0": -2.0, "g0": -2.0, "sigma": 7.3, "z": FAMILIES[family]}
    rng = np.random.default_rng(seed)
    names = problem.design.coefficient_names
    at = [level.get(name.split(".")[0], 0.0) * name.endswith("Intercept") for name in names]
    return np.array(at) + rng.normal(0, 0.3, len(names))


@pytest.mark.parametrize("detector", ["proximity", "count", "binomial_count"])
@pytest.mark.parametrize("family", FAMILIES)
def test_value_and_gradient__equal_the_plain_likelihood(family, detector):
    problem = make_problem(family, detector)
    for seed in (1, 2, 3):
        theta = draw_coefficients(problem, family, seed=seed)

        value, gradient = value_and_gradient(problem, theta)

        assert value == pytest.approx(plain_value(problem, theta), rel=1e-10)
        expected = [slope(lambda t: plain_value(problem, t), theta, j) for j in range(len(theta))]
        assert gradient == pytest.approx(expected, rel=1e-7, abs=1e-7 * np.abs(expected).max())


def test_compound_half_normal__is_the_half_normal_of_as_many_more_chances():
    family = detection_function("compound_half_normal")
    distance = np.linspace(0.0, 5000.0, 11)
    once = detection_function("half_normal").hazard(distance, 0.2, 1000.0, 1.0)

    assert family.hazard(distance, 0.2, 1000.0, 2.5) == pytest.approx(2.5 * once)
    g = -np.expm1(-family.hazard(0.0, 0.2, 1000.0, 3.0))
    assert g == pytest.approx(1 - 0.8**3)


def test_cumulative_gamma__has_the_mean_sigma():
    family = detection_function("hazard_cumulative_gamma")
    tail = integrate.quad(lambda d: family.k(d, 800.0, 3.7), 0, np.inf, epsabs=1e-9)[0]
    assert tail == pytest.approx(800.0, rel=1e-9)  # the integral of a tail is the mean
    within = integrate.quad(lambda d: d * family.k(d, 800.0, 4.0), 0, 20_000)[0]
    squares = integrate.quad(lambda d: d**3 * family.k(d, 800.0, 4.0), 0, 20_000)[0]
    assert family.spread == pytest.approx(np.sqrt(squares / within / 2) / 800.0, rel=1e-8)


@pytest.mark.parametrize("a", [0.01, 0.5, 1.0, 3.7, 30.0, 900.0])
def test_gamma_tail__is_the_tail_of_the_distribution_and_its_slopes(a):
    # mpmath's tail with 40 digits, differentiated: largest relative difference 2.3e-12 over 121
    # places; here by SciPy's log tail, and its differences, to what these are worth.
    for u in (1e-6, 0.3, 0.95, 1.0, 1.05, 1.0 + 1 / a, 2.5):
        x = a * u
        log_q, by_log_x, by_a = gamma_tail(a, x)

        assert log_q == pytest.approx(stats.gamma.logsf(x, a), rel=1e-11, abs=1e-13)
        density = x * np.exp(stats.gamma.logpdf(x, a) - stats.gamma.logsf(x, a))
        assert by_log_x == pytest.approx(density, rel=1e-10)
        step = 1e-4 * a
        ends = [stats.gamma.logsf(x, a + k * step) for k in (-2, -1, 1, 2)]
        differences = (8 * (ends[2] - ends[1]) - (ends[3] - ends[0])) / (12 * step)
        assert by_a == pytest.approx(differences, rel=1e-7, abs=1e-9 / a)
    assert digamma(a) == pytest.approx(scipy_digamma(a), rel=1e-13)
