from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from scr.errors import FitError
from scr.model.spec import ModelSpec
from scr.posterior.responses import covariate_responses, parameters_with_covariates
from scr.survey.usage import Usage

TRAPS = [(2500.0, 2500.0), (4500.0, 2500.0), (2500.0, 4500.0)]
THETA = np.array([-1.2, 0.5, -0.8, 0.3, np.log(0.1), 0.4, np.log(900.0), -0.4])
SPEC = ModelSpec(density="~ scale(height) + land", lambda0="~ sex")


@pytest.fixture
def survey_parts(make_mask, make_session):
    mask = make_mask(7, 6)
    rng = np.random.default_rng(4)
    covariates = pd.DataFrame(
        {
            "height": rng.gamma(3, 100, len(mask)),
            "land": np.array(["crop", "forest", "rock"])[np.minimum(2, np.arange(len(mask)) % 4)],
        }
    )
    session = make_session("1", TRAPS, [(0, 0, 0), (0, 1, 1), (1, 2, 2)], sexes=["F", "M"])
    return session, replace(mask, covariates=covariates)


@pytest.fixture
def fit(make_fit, survey_parts):
    draws = THETA + np.random.default_rng(2).normal(0, 0.2, (200, len(THETA)))
    return make_fit(*survey_parts, SPEC, draws=draws)


def test_covariate_responses__density_follows_the_formula_by_hand(fit):
    found = covariate_responses(fit, "density")
    assert found.unit == "animals per 100 km2"
    height, land = found.of
    assert (height.covariate, land.covariate) == ("height", "land")
    over = fit.mask.covariates["height"]
    scaled = (height.table["value"] - over.mean()) / over.std(ddof=1)
    assert height.held == {"land": "rock"}
    names = fit.coefficient_names
    slope = fit.draws[:, [names.index("density.scale(height)")]]
    level = fit.draws[:, [0]] + fit.draws[:, [names.index("density.land[T.rock]")]]
    eta = level + slope * scaled.to_numpy()
    lower, median, upper = 100 * np.exp(np.quantile(eta, [0.025, 0.5, 0.975], axis=0))
    np.testing.assert_allclose(height.table["median"], median, rtol=1e-9)
    np.testing.assert_allclose(height.table["lower"], lower, rtol=1e-9)
    np.testing.assert_allclose(height.table["upper"], upper, rtol=1e-9)


def test_covariate_responses__values_span_the_mask_and_levels_stand_alone(fit):
    height, land = covariate_responses(fit, "density").of
    over = fit.mask.covariates["height"]
    assert height.table["value"].iloc[[0, -1]].tolist() == [over.min(), over.max()]
    assert not height.is_factor
    assert land.is_factor
    assert land.table["value"].tolist() == ["crop", "forest", "rock"]
    assert land.held == {"height": over.median()}


def test_covariate_responses__near_are_the_cells_within_sigma_of_a_trap(fit):
    height = covariate_responses(fit, "density").of[0]
    sigma = np.exp(np.median(fit.draws[:, fit.coefficient_names.index("sigma.Intercept")]))
    gap = np.hypot(*(fit.mask.xy[:, None] - np.array(TRAPS)).transpose(2, 0, 1)).min(axis=1)
    near = fit.mask.covariates["height"][gap <= sigma]
    assert 0 < len(near) < len(fit.mask)
    assert sorted(height.near) == sorted(near)
    assert len(height.values) == len(fit.mask)


def test_covariate_responses__a_detection_parameter_by_sex(fit):
    (sex,) = covariate_responses(fit, "lambda0").of
    assert sex.is_factor
    names = fit.coefficient_names
    males = (
        fit.draws[:, names.index("lambda0.Intercept")]
        + fit.draws[:, names.index("lambda0.sex[T.M]")]
    )
    by_level = sex.table.set_index("value")["median"]
    assert by_level["M"] == pytest.approx(np.exp(np.median(males)))


def test_covariate_responses__maximum_likelihood_is_normal_on_the_link_scale(
    make_fit, survey_parts
):
    vcov = np.diag(np.linspace(0.01, 0.08, len(THETA)))
    vcov[0, 3] = vcov[3, 0] = 0.015
    fit = make_fit(*survey_parts, SPEC, point=THETA, vcov=vcov)
    land = covariate_responses(fit, "density").of[1].table.set_index("value")
    over = fit.mask.covariates["height"]
    names = fit.coefficient_names
    x = np.zeros(len(THETA))
    x[[0, names.index("density.land[T.rock]")]] = 1
    x[names.index("density.scale(height)")] = (over.median() - over.mean()) / over.std(ddof=1)
    eta, se = x @ THETA, np.sqrt(x @ vcov @ x)
    assert land.loc["rock", "median"] == pytest.approx(100 * np.exp(eta))
    assert land.loc["rock", "upper"] == pytest.approx(100 * np.exp(eta + 1.959964 * se))


def test_covariate_responses__no_covariate_or_parameter_is_an_error(fit):
    with pytest.raises(FitError, match="sigma is the same everywhere in this model"):
        covariate_responses(fit, "sigma")
    with pytest.raises(FitError, match=r"no 'g0'\. Name one of 'density', 'lambda0'"):
        covariate_responses(fit, "g0")
    assert parameters_with_covariates(fit) == ("density", "lambda0")


def test_covariate_responses__scale_as_in_the_fit_where_another_formula_varies_by_occasion(
    make_fit, make_mask, make_session
):
    # A station that worked longer has more rows: scale() is over the rows that the fit has.
    session = make_session("1", TRAPS, [(0, 0, 0), (0, 1, 1), (1, 3, 2)])
    effort = session.usage.effort.copy()
    effort[0, 1:] = 0.0
    height = np.array([10.0, 20.0, 90.0])
    session = replace(
        session,
        usage=Usage(effort),
        traps=replace(session.traps, covariates=pd.DataFrame({"height": height})),
    )
    spec = ModelSpec(lambda0="~ scale(height)", sigma="~ T")
    point = np.array([-1.2, np.log(0.1), 0.6, np.log(900.0), 0.1])
    fit = make_fit(session, make_mask(7, 6), spec, point=point, vcov=1e-8 * np.eye(5))
    rows = np.repeat(height, [1, 4, 4])
    table = covariate_responses(fit, "lambda0").of[0].table
    scaled = (table["value"] - rows.mean()) / rows.std(ddof=1)
    np.testing.assert_allclose(table["median"], np.exp(point[1] + 0.6 * scaled), rtol=1e-9)


def test_covariate_responses__units_are_those_of_the_detection_function(
    make_fit, make_mask, make_session
):
    session = make_session("1", TRAPS, [(0, 0, 0), (0, 1, 1), (1, 2, 2)], sexes=["F", "M"])
    spec = ModelSpec(detection="hazard_annular_normal", lambda0="~ sex", z="~ sex")
    point = np.array([-1.2, np.log(0.1), 0.3, np.log(900.0), np.log(1500.0), 0.2, 0.0])
    fit = make_fit(session, make_mask(7, 6), spec, point=point, vcov=1e-8 * np.eye(7))
    assert "at the distance z" in covariate_responses(fit, "lambda0").unit
    found = covariate_responses(fit, "z")
    assert found.unit == "km"
    expected = [1.5, 1.5 * np.exp(0.2)]
    np.testing.assert_allclose(found.of[0].table["median"], expected, rtol=1e-9)
