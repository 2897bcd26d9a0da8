import numpy as np
import pytest

from scr.fit.mode import find_mode


def quadratic(precision, centre):
    def function(x):
        away = x - centre
        return float(-0.5 * away @ precision @ away), -precision @ away

    return function


def test_find_mode__normal_gives_mean_and_covariance():
    precision = np.array([[4.0, 1.0], [1.0, 3.0]])
    centre = np.array([2.0, -1.0])

    mode = find_mode(quadratic(precision, centre), np.zeros(2), basis=np.eye(2))

    assert mode.converged
    np.testing.assert_allclose(mode.point, centre, atol=1e-8)
    np.testing.assert_allclose(mode.vcov, np.linalg.inv(precision), rtol=1e-6)


def test_find_mode__gamma_on_the_log_scale():
    # log density a x - b exp(x): mode log(a / b), curvature a.
    a, b = 5.0, 2.0

    mode = find_mode(
        lambda x: (float(a * x[0] - b * np.exp(x[0])), a - b * np.exp(x)),
        np.array([-1.0]),
        basis=np.eye(1),
    )

    assert mode.point[0] == pytest.approx(np.log(a / b), abs=1e-5)
    assert mode.vcov[0, 0] == pytest.approx(1 / a, rel=1e-5)


def test_find_mode__curved_valley():
    # Rosenbrock's valley, Comput. J. 3:175 (1960), maximum 0 at (1, 1).
    def valley(x):
        value = -((1 - x[0]) ** 2) - 100 * (x[1] - x[0] ** 2) ** 2
        slope = 200 * (x[1] - x[0] ** 2)
        return float(value), np.array([2 * (1 - x[0]) + 2 * x[0] * slope, -slope])

    mode = find_mode(valley, np.array([-1.2, 1.0]), basis=np.eye(2))

    assert mode.converged
    np.testing.assert_allclose(mode.point, [1.0, 1.0], atol=1e-4)


def test_find_mode__steps_back_from_where_the_density_ends():
    # Exponential with x > 0 in place of its logarithm: log x - x, maximum at 1.
    def function(x):
        if x[0] <= 0:
            return -np.inf, np.zeros(1)
        return float(np.log(x[0]) - x[0]), 1 / x - 1

    mode = find_mode(function, np.array([30.0]), basis=5 * np.eye(1))

    assert mode.point[0] == pytest.approx(1.0, abs=1e-5)


def test_find_mode__says_along_what_the_density_is_flat():
    # Only the sum is told.
    mode = find_mode(
        lambda x: (float(-0.5 * (x[0] + x[1] - 1) ** 2 - 0.5 * x[2] ** 2),
                   np.array([1 - x[0] - x[1], 1 - x[0] - x[1], -x[2]])),
        np.array([3.0, 3.0, 3.0]),
        basis=np.eye(3),
    )  # fmt: skip

    assert not mode.converged
    np.testing.assert_allclose(mode.flat, [np.sqrt(0.5), np.sqrt(0.5), 0.0], atol=1e-6)
