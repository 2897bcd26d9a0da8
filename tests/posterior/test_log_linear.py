import numpy as np
import pytest
from scipy.optimize import minimize

from scr.posterior.log_linear import log_rate, power_of_trend


def test_log_rate__is_the_slope_of_a_poisson_regression():
    years = np.array([2015.0, 2016.2, 2019.0, 2022.5])
    counts = np.array([31.0, 12.0, 0.0, 9.0])

    def deviance(ab):
        mean = np.exp(ab[0] + ab[1] * (years - 2018))
        return (mean - counts * np.log(mean)).sum()

    best = minimize(deviance, [2.0, 0.0], tol=1e-12, method="Nelder-Mead").x
    assert log_rate(counts, years) == pytest.approx(best[1], abs=1e-6)


def test_log_rate__gives_the_slope_of_numbers_that_are_log_linear_and_of_two_sessions():
    years = np.array([2001.0, 2002.5, 2009.0])
    numbers = 7.0 * np.exp(np.multiply.outer(years - 2001, [-0.4, 0.0, 0.25]))
    np.testing.assert_allclose(log_rate(numbers, years), [-0.4, 0.0, 0.25], atol=1e-12)
    two = log_rate(np.array([20.0, 5.0]), np.array([0.0, 2.0]))
    assert two == pytest.approx(np.log(0.25) / 2)


def test_log_rate__ends_without_animals_are_infinite_and_none_at_all_is_no_change():
    years = np.array([0.0, 1.0, 2.0])
    numbers = np.array([[3, 0, 0], [0, 0, 4], [0, 0, 0], [0, 2, 0]]).T
    assert log_rate(numbers, years).tolist() == [-np.inf, np.inf, 0.0, pytest.approx(0, abs=1e-12)]


def test_power_of_trend__is_the_share_of_poisson_series_whose_slope_differs_from_none():
    # Counts of animals that are all detected: the standard error of log N is that of a Poisson.
    rng = np.random.default_rng(5)
    years, first, rate = np.arange(5.0), 60.0, -0.12
    counts = rng.poisson(first * (1 + rate) ** years, (4000, 5)).T.astype(float)
    slope = log_rate(counts, years)
    weight = counts / counts.sum(axis=0)
    middle = (years[:, None] * weight).sum(axis=0)
    se = 1 / np.sqrt((counts * (years[:, None] - middle) ** 2).sum(axis=0))
    shown = np.mean(np.abs(slope) > 1.959964 * se)
    assert power_of_trend(rate, years, rse=first**-0.5) == pytest.approx(shown, abs=0.03)


def test_power_of_trend__without_a_standard_error_is_that_of_chance():
    assert power_of_trend(-0.2, np.arange(3.0), rse=np.inf) == 0.05
