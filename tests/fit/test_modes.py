from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from scr.fit.checks_of_modes import check_modes, check_other_maxima
from scr.fit.importance import WeightedDraws, sample_about_modes
from scr.fit.log_posterior import LogPosterior
from scr.fit.mode import Mode, find_modes
from scr.fit.modes import ModeMasses, peaks_of, posterior_modes, weigh_modes
from scr.likelihood.problem import build_problem

CENTRES = np.array([[4.0, 1.0], [-4.0, 1.0]])
SCALES = (np.array([[1.0, 0.3], [0.3, 0.5]]), np.array([[0.25, 0.0], [0.0, 1.0]]))
MASS = np.array([0.3, 0.7])


def log_densities(points):
    each = [
        np.log(mass) + multivariate_normal(centre, scale).logpdf(points)
        for mass, centre, scale in zip(MASS, CENTRES, SCALES, strict=True)
    ]
    return logsumexp(np.atleast_2d(np.array(each).T), axis=1)


def value_and_slope(x):
    step = 1e-6 * np.eye(2)
    slope = [(log_densities(x + s) - log_densities(x - s))[0] / 2e-6 for s in step]
    return float(log_densities(x)[0]), np.array(slope)


def mirrored(x):
    return [x * [-1.0, 1.0]]


def both_modes():
    start = np.array([3.0, 0.0])
    return find_modes(value_and_slope, [start], basis=np.eye(2), relabelled=mirrored)


def test_find_modes__finds_the_other_mode_and_puts_the_highest_first():
    modes = both_modes()
    assert len(modes) == 2
    np.testing.assert_allclose([mode.point for mode in modes], CENTRES[::-1], atol=1e-3)
    masses = np.exp([mode.log_mass for mode in modes])
    np.testing.assert_allclose(masses / masses.sum(), MASS[::-1], atol=1e-4)


def test_find_modes__a_relabelling_that_leads_back_is_no_other_mode():
    def one_peak(x):
        return float(-0.5 * (x - 1) @ (x - 1)), 1 - x

    (mode,) = find_modes(one_peak, [np.zeros(2)], basis=np.eye(2), relabelled=mirrored)
    np.testing.assert_allclose(mode.point, 1.0, atol=1e-6)


def test_find_modes__without_labels_is_searched_once():
    def one_peak(x):
        return float(-0.5 * x @ x), -x

    (mode,) = find_modes(one_peak, [np.ones(1)], basis=np.eye(1), relabelled=lambda _: [])
    assert mode.converged


def test_sample_about_modes__weighs_modes_of_other_shape_by_their_mass():
    peaks = peaks_of(both_modes())
    weighted = sample_about_modes(log_densities, peaks, draws=8000, rng=np.random.default_rng(1))
    masses = weigh_modes(peaks, weighted)
    assert weighted.k_hat < 0.5
    np.testing.assert_allclose(masses.mass, MASS[::-1], atol=4 * masses.error)
    assert 0.003 < masses.error < 0.02


def test_sample_about_modes__refits_each_mode_by_its_own_draws():
    # Scales four times too small: the first proposal will not do.
    peaks = tuple(replace(peak, scale=peak.scale / 16) for peak in peaks_of(both_modes()))
    weighted = sample_about_modes(log_densities, peaks, draws=8000, rng=np.random.default_rng(2))
    assert weighted.n_rounds > 1
    masses = weigh_modes(peaks, weighted)
    np.testing.assert_allclose(masses.mass, MASS[::-1], atol=max(0.03, 4 * masses.error))


def test_weigh_modes__standard_error_of_equal_weights_is_that_of_a_share():
    peaks = peaks_of(both_modes())
    points = np.repeat(CENTRES, [40, 60], axis=0)
    even = WeightedDraws(points, np.full(100, -np.log(100)), np.zeros(100), 0.0, 1)
    masses = weigh_modes(peaks, even)
    np.testing.assert_allclose(masses.mass, [0.6, 0.4])
    assert masses.error == pytest.approx(np.sqrt(0.6 * 0.4 / 100))


@pytest.fixture(scope="module")
def target(two_sessions, by_sex):
    return LogPosterior(build_problem(*two_sessions, by_sex))


def test_posterior_modes__there_is_one_where_sexes_are_known(target):
    (mode,) = posterior_modes(target)
    assert mode.converged


def masses_of(error):
    return ModeMasses(peaks_of(both_modes()), MASS[::-1], error)


def test_check_modes__is_told_although_it_passed(target):
    design = target.problem.design
    draws = np.zeros((100, design.n_coefficients))
    draws[:41, design.coefficient_names.index("sigma.sex[T.M]")] = 0.5
    draws[41:, design.coefficient_names.index("sigma.sex[T.M]")] = -0.5
    (check,) = check_modes(target, draws, masses_of(0.01))
    assert check.passed
    assert check.is_told
    assert "2 modes" in check.message
    assert "sigma is largest for F with probability 0.59, M with probability 0.41" in check.message
    assert "Sex is known for" in check.message


def test_check_modes__masses_poorly_known_do_not_pass(target):
    design = target.problem.design
    (check,) = check_modes(target, np.zeros((10, design.n_coefficients)), masses_of(0.1))
    assert not check.passed
    assert "poorly estimated" in check.message
    assert "leave sex out of the formulas" in check.message


def test_check_modes__one_mode_needs_no_words(target):
    assert check_modes(target, np.zeros((1, 9)), None) == ()


@pytest.mark.parametrize(("below", "passed"), [(0.4, False), (5.0, True)])
def test_check_other_maxima__says_how_far_below_the_second_lies(target, below, passed):
    first = posterior_modes(target)[0]
    second = replace(first, value=first.value - below)
    (check,) = check_other_maxima(target, (first, second))
    assert check.passed == passed
    assert check.value == pytest.approx(below)
    assert ("fit_laplace" in check.message) != passed


def test_check_other_maxima__one_maximum_needs_no_words(target):
    assert check_other_maxima(target, (Mode(*[np.zeros(9)] * 6),)) == ()
