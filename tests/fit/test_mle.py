import numpy as np
import pytest
from reference_surveys import GOLDEN, read_reference

import scr
from scr.errors import ConvergenceWarning
from scr.fit.mle import mode_checks
from scr.fit.mode import Mode
from scr.likelihood.problem import value_and_gradient
from scr.survey.survey import Session
from scr.survey.usage import Usage


@pytest.fixture(scope="module")
def leopards():
    return read_reference("leopard_like", root=GOLDEN)


@pytest.mark.parametrize("density", ["~ 1", "~ elev"])
def test_fit_mle__takes_few_evaluations(leopards, density):
    fit = scr.fit_mle(*leopards, scr.ModelSpec(density=density), check_mask=False)

    assert fit.sample_stats.attrs["n_evaluations"] <= 40


def test_fit_mle__gradient_is_zero_and_vcov_is_the_inverse_information(small):
    survey, mask = small
    fit = scr.fit_mle(survey, mask, scr.ModelSpec(), check_mask=False)

    _, gradient = value_and_gradient(fit.problem, fit.point)
    np.testing.assert_allclose(gradient @ np.linalg.cholesky(fit.vcov), 0.0, atol=1e-4)
    # Second differences of the values alone.
    step = 1e-3
    unit = step * np.eye(3)

    def value(theta):
        return value_and_gradient(fit.problem, theta)[0]

    at = fit.point
    hessian = [
        [
            value(at + a + b) - value(at + a - b) - value(at - a + b) + value(at - a - b)
            for a in unit
        ]
        for b in unit
    ]
    information = -np.array(hessian) / (4 * step**2)
    np.testing.assert_allclose(fit.vcov @ information, np.eye(3), atol=1e-3)


def test_fit_mle__table_is_that_of_the_normal(small):
    fit = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)

    se = np.sqrt(np.diag(fit.vcov))
    table = fit.coefficients
    np.testing.assert_allclose(table["upper"] - table["lower"], 2 * 1.959964 * se, rtol=1e-6)
    assert fit.aic == pytest.approx(-2 * fit.log_likelihood + 6)


def test_fit_mle__does_not_depend_on_where_it_starts(small):
    spec = scr.ModelSpec(density="~ elev")
    first = scr.fit_mle(*small, spec, check_mask=False)

    other = scr.fit_mle(
        *small,
        spec,
        starting={"sigma.Intercept": 7.3, "lambda0.Intercept": -5.0, "density.Intercept": 2.0},
        check_mask=False,
    )

    assert other.log_likelihood == pytest.approx(first.log_likelihood, abs=1e-8)
    se = np.sqrt(np.diag(first.vcov))
    np.testing.assert_allclose((other.point - first.point) / se, 0.0, atol=1e-3)


def test_fit_mle__does_not_depend_on_the_unit_of_a_covariate(small):
    survey, mask = small
    in_km = mask.with_covariate("elev", mask.covariates["elev"].to_numpy() / 1000 - 1.5)

    metres = scr.fit_mle(survey, mask, scr.ModelSpec(density="~ elev"), check_mask=False)
    centred = scr.fit_mle(survey, in_km, scr.ModelSpec(density="~ elev"), check_mask=False)

    assert metres.log_likelihood == pytest.approx(centred.log_likelihood, abs=1e-7)
    per_metre = metres.coefficients.loc["density.elev"]
    per_km = centred.coefficients.loc["density.elev"]
    assert per_metre["estimate"] * 1000 == pytest.approx(per_km["estimate"], abs=1e-3)
    assert per_metre["se"] * 1000 == pytest.approx(per_km["se"], rel=1e-3)


def test_fit_mle__warns_at_a_boundary(with_captures):
    # Every animal is detected at its trap on every occasion and nowhere near it but once: the
    # probability at distance zero runs to one.
    animals = np.repeat([0, 1, 2], 5)
    survey, _ = with_captures(
        3,
        [*animals, 0, 1, 2],
        [*np.tile(np.arange(5), 3), 0, 1, 2],
        [*np.repeat([6, 12, 18], 5), 7, 13, 17],
    )
    session = survey.sessions[0]
    daily = Usage(np.ones((25, 5)))
    survey = scr.Survey((Session("1", session.traps, daily, session.captures),))
    at_traps = scr.HabitatMask(session.traps.xy, 0.64, "local", spacing=800.0)

    with pytest.warns(ConvergenceWarning, match=r"boundary|evaluations"):
        scr.fit_mle(survey, at_traps, scr.ModelSpec(detection="half_normal"), check_mask=False)


def test_mode_checks__name_the_number_and_the_coefficients():
    mode = Mode(
        point=np.zeros(2),
        value=0.0,
        vcov=np.eye(2),
        gain=0.3,
        flat=np.array([0.0, 0.9]),
        n_evaluations=99,
    )

    convergence, boundary = mode_checks(mode, ("density.Intercept", "g0.Intercept"))

    assert not convergence.passed
    assert "0.3" in convergence.message
    assert "starting=" in convergence.message
    assert not boundary.passed
    assert "g0.Intercept" in boundary.message
    assert "density.Intercept" not in boundary.message
