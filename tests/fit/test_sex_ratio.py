"""Sexes whose shares vary over ground: each has a surface of density of its own."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, gammaln

import scr
from scr.errors import FormulaError
from scr.fit.log_posterior import LogPosterior
from scr.fit.natural_scale import plain_estimates
from scr.fit.without import with_animals
from scr.likelihood import reference
from scr.likelihood.centres import detectability
from scr.likelihood.problem import build_problem, log_likelihood, value_and_gradient
from scr.maps.results.written import numbers_of
from scr.posterior.responses import covariate_responses
from scr.report.methods import methods_of
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

SPEC = scr.ModelSpec(density="~ forest", lambda0="~ sex", share="~ forest")
TRUTH = {
    "density.Intercept": -0.3,
    "density.forest": 0.4,
    "lambda0.Intercept": -2.2,
    "lambda0.sex[T.M]": 0.5,
    "sigma.Intercept": 6.2,
    "share.Intercept": -0.2,
    "share.forest": 1.0,
}


@pytest.fixture(scope="module")
def plan():
    """49 traps, and forest that rises to the east."""
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(7) * 900.0, np.arange(7) * 900.0))
    traps = scr.Traps(names=[f"T{k}" for k in range(49)], xy=np.stack([x, y], axis=1), crs="local")
    mask = scr.build_mask(traps, buffer=1800, spacing=600)
    forest = (mask.xy[:, 0] - 2700.0) / 2000.0
    mask = mask.with_covariate("forest", forest)
    return plan_survey(traps, [Usage(np.full((49, 5), 2.0))]), mask


@pytest.fixture(scope="module")
def data(plan):
    survey, _ = scr.simulate_survey(*plan, SPEC, coefficients=TRUTH, seed=2, unknown_sex=0.3)
    return survey, plan[1]


@pytest.fixture(scope="module")
def fit(data):
    return scr.fit_mle(*data, SPEC, check_mask=False)


def named(problem, **others):
    values = TRUTH | others
    return np.array([values.get(name, 0.3) for name in problem.design.coefficient_names])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"number": "binomial"},
        {"sigma": "~ sex + h2"},
        {"sigmak": "~ sex"},
        {"detection": "half_normal", "lambda0": None, "g0": "~ sex"},
    ],
)
def test_value_and_gradient__are_those_of_the_plain_likelihood(data, changes):
    spec = scr.ModelSpec(**{**SPEC.as_dict(), **changes})
    problem = build_problem(*data, spec)
    theta = named(problem, **{"density.Intercept": 0.6, "g0.Intercept": -2.0})
    arrays = problem.design.arrays(theta)
    plain = reference.log_likelihood(problem.sessions, arrays, spec.family, number=spec.number)
    value, gradient = value_and_gradient(problem, theta)
    assert value == pytest.approx(plain, rel=1e-9)
    steps = 1e-5 * np.eye(len(theta))
    rises = [
        value_and_gradient(problem, theta + step)[0] - value_and_gradient(problem, theta - step)[0]
        for step in steps
    ]
    assert gradient == pytest.approx(np.array(rises) / 2e-5, rel=1e-4, abs=1e-4)


def test_log_likelihood__of_known_sexes_is_that_of_two_surveys(plan):
    survey, _ = scr.simulate_survey(*plan, SPEC, coefficients=TRUTH, seed=4)
    mask = plan[1]
    forest = mask.covariates["forest"].to_numpy()
    log_total, logit = -0.3 + 0.4 * forest, -0.2 + 1.0 * forest
    together = log_likelihood(survey, mask, SPEC, coefficients=TRUTH)
    sexes = survey.sessions[0].captures.covariates["sex"].to_numpy()
    apart = -gammaln(len(sexes) + 1)
    for sex, share, log_lambda0 in (("F", expit(-logit), -2.2), ("M", expit(logit), -1.7)):
        is_it = sexes == sex
        assert is_it.sum() > 5
        apart += gammaln(is_it.sum() + 1) + log_likelihood(
            with_animals(survey, (is_it,)),
            mask.with_covariate("log_d", log_total + np.log(share)),
            scr.ModelSpec(density="~ 0 + log_d"),
            coefficients={
                "density.log_d": 1.0,
                "lambda0.Intercept": log_lambda0,
                "sigma.Intercept": 6.2,
            },
        )
    assert together == pytest.approx(apart, rel=1e-10)


def test_share__of_session_covariates_stays_as_it_was(data):
    survey, mask = data
    constant = scr.ModelSpec(density="~ forest", lambda0="~ sex")
    theta = {name: value for name, value in TRUTH.items() if name != "share.forest"}
    by_session = log_likelihood(survey, mask, constant, coefficients=theta)
    in_cells = log_likelihood(survey, mask, SPEC, coefficients=theta | {"share.forest": 0.0})
    assert in_cells == pytest.approx(by_session, rel=1e-12)


def test_build_pymc_model__has_the_same_posterior(data):
    model = scr.build_pymc_model(*data, SPEC)
    target = LogPosterior(build_problem(*data, SPEC))
    theta = named(target.problem)
    contrasts, blocks = target.prior.contrasts @ theta, target.problem.design.blocks
    point = {
        model.rvs_to_values[variable].name: contrasts[blocks[variable.name.partition("_")[0]]]
        for variable in model.free_RVs
    }
    of_model = model.compile_logp(mode="FAST_COMPILE", jacobian=False)(point)
    assert of_model == pytest.approx(target(target.of(theta))[0], rel=1e-9)


def test_simulate_survey__draws_each_sex_by_its_own_surface(plan):
    spec = scr.ModelSpec(density="~ 1", lambda0="~ sex", share="~ forest")
    truth = TRUTH | {"density.Intercept": 5.0}
    del truth["density.forest"]
    truth |= {"lambda0.Intercept": -9.0}
    _, made = scr.simulate_survey(*plan, spec, coefficients=truth, seed=1)
    mask = plan[1]
    males = (made.animals["sex"] == "M").to_numpy()
    of_cell = made.animals["cell"].to_numpy()
    share = expit(-0.2 + 1.0 * mask.covariates["forest"].to_numpy())
    number = np.bincount(of_cell, minlength=len(mask))
    found = np.bincount(of_cell[males], minlength=len(mask))
    expected = number * share
    chi2 = ((found - expected) ** 2 / (expected * (1 - share))).sum()
    assert abs(chi2 - len(mask)) < 4 * np.sqrt(2 * len(mask))


def test_abundance__by_sex_adds_up_and_follows_the_surfaces(data, fit):
    mask = data[1]
    table = scr.abundance(fit, by_sex=True, max_draws=100)
    expected = table[table["estimand"] == "expected N"]
    design, forest = fit.problem.design, mask.covariates["forest"].to_numpy()
    density = np.exp(design.log_density(fit.point, 0))
    of_share = fit.point[design.blocks["share"]]
    share = expit(of_share[0] + of_share[1] * forest)
    males = float((density * share) @ mask.cell_area)
    by_sex = expected.set_index("sex")["mean"]
    assert by_sex["M"] == pytest.approx(males, rel=1e-9)
    assert by_sex["F"] == pytest.approx(float(density @ mask.cell_area) - males, rel=1e-9)
    west = scr.HabitatMask(
        xy=mask.xy[forest < 0],
        cell_area=mask.cell_area[forest < 0],
        crs=mask.crs,
        covariates=mask.covariates[forest < 0].reset_index(drop=True),
    )
    part = scr.abundance(fit, region=west, by_sex=True, max_draws=50)
    there = part[part["estimand"] == "expected N"].set_index("sex")["mean"]
    assert there["M"] == pytest.approx(
        float((density * share * mask.cell_area)[forest < 0].sum()), rel=1e-9
    )
    shown = plain_estimates(fit).set_index("quantity")["estimate"]
    assert shown["share, M"] == pytest.approx(males / (density @ mask.cell_area), rel=1e-6)


def test_detectability__is_averaged_by_the_share_in_each_cell(data, fit):
    design = fit.problem.design
    by_class = detectability(fit.problem, fit.point)[0]
    of_share = fit.point[design.blocks["share"]]
    share = expit(of_share[0] + of_share[1] * data[1].covariates["forest"].to_numpy())
    expected = (1 - share) * by_class[0] + share * by_class[1]
    surface = scr.density_surface(fit)
    assert surface.support["p_dot"].to_numpy() == pytest.approx(expected, rel=1e-9)
    again = scr.density_surface(fit, mask=data[1])
    assert again.support["p_dot"].to_numpy() == pytest.approx(expected, rel=1e-6)


def test_covariate_responses__show_the_share_against_the_mask(fit):
    found = covariate_responses(fit, "share")
    (response,) = found.of
    assert response.covariate == "forest"
    middle = response.table["median"].to_numpy()
    of_share = fit.point[fit.problem.design.blocks["share"]]
    value = response.table["value"].to_numpy()
    assert middle == pytest.approx(expit(of_share[0] + of_share[1] * value), rel=1e-9)


def test_methods_of__tells_that_the_ratio_varied(fit):
    numbers, _ = numbers_of(fit, scr.abundance(fit, max_draws=20), None)
    text = " ".join(methods_of(fit, numbers).paragraphs)
    assert "ratio of the density of M to that of F varied over ground (~ forest)" in text


def test_fit_laplace__agrees_with_maximum_likelihood(data, fit):
    drawn = scr.fit_laplace(*data, SPEC, draws=800, seed=1, check_mask=False)
    assert drawn.k_hat < 0.7
    for name in ("share.forest", "lambda0.sex[T.M]"):
        here, there = drawn.coefficients.loc[name], fit.coefficients.loc[name]
        assert abs(here["estimate"] - there["estimate"]) < there["se"]


def test_share__refuses_what_does_not_go_with_cells(data):
    with pytest.raises(FormulaError, match="has no density over cells"):
        scr.fit_mle(*data, scr.ModelSpec(lambda0="~ sex", share="~ forest", number="conditional"))
    with pytest.raises(FormulaError, match="woods"):
        scr.fit_mle(*data, scr.ModelSpec(lambda0="~ sex", share="~ woods"))
    survey, mask = data
    again = replace(survey.sessions[0], name="2")
    twice = scr.Survey((*survey.sessions, again), detector=survey.detector)
    with pytest.raises(FormulaError, match="do not go together yet"):
        scr.fit_laplace(
            twice, mask, scr.ModelSpec(lambda0="~ sex", share="~ forest + (1 | session)")
        )
