import numpy as np
import pytest

from scr.errors import FitError
from scr.fit.plug_in import central_differences, plug_in_log_se, plug_in_of
from scr.model.spec import ModelSpec


def test_central_differences__are_the_derivatives_of_known_functions():
    point = np.array([0.3, -1.2])
    found = central_differences(
        lambda t: np.array([np.exp(t[0] * t[1]), np.sin(t[0])]), point, np.eye(2)
    )
    e = np.exp(point[0] * point[1])
    expected = [[point[1] * e, np.cos(point[0])], [point[0] * e, 0.0]]
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-12)


def test_plug_in_log_se__is_the_spread_of_small_errors():
    point, vcov = np.array([0.5, 1.0]), np.array([[4e-4, 1e-4], [1e-4, 1e-4]])

    def value(theta):
        return np.array([np.exp(theta[0]) + theta[1] ** 2, theta[1]])

    found, log_se = plug_in_log_se(value, point, np.linalg.cholesky(vcov))
    thetas = np.random.default_rng(1).multivariate_normal(point, vcov, 40_000)
    drawn = np.log([value(theta) for theta in thetas])
    np.testing.assert_allclose(found, value(point))
    np.testing.assert_allclose(log_se, drawn.std(axis=0), rtol=0.02)


def test_plug_in_log_se__a_value_of_zero_has_no_error_and_no_warning():
    found, log_se = plug_in_log_se(lambda t: np.array([0.0, t[0]]), np.ones(1), np.eye(1))
    assert found.tolist() == [0.0, 1.0]
    assert log_se == pytest.approx([0.0, 1.0])


def test_plug_in_of__says_where_there_is_no_estimate(make_fit, make_mask, sexed_session):
    fit = make_fit(sexed_session, make_mask(7, 6), ModelSpec(), draws=[[-1.0, -2.0, 7.0]] * 2)
    with pytest.raises(FitError, match="laplace has no estimate"):
        plug_in_of(fit)
