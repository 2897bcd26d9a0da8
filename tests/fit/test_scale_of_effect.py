"""Scales of effect: the likelihood, the posterior, fits, and what follows from them."""

import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter
from scipy.stats import norm

import scr
from scr.errors import ConvergenceWarning, FitError
from scr.fit.log_posterior import LogPosterior
from scr.likelihood import reference
from scr.likelihood.problem import build_problem, value_and_gradient
from scr.maps.results.written import numbers_of
from scr.model.default_prior import level_priors
from scr.posterior.responses import covariate_responses, parameters_with_covariates
from scr.report.methods import methods_of
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

SPEC = scr.ModelSpec(density="~ scale_of(forest_250, forest_500, forest_1000, forest_2000)")
THETA = np.array([-0.2, 0.9, -0.6, -1.6, 6.2])


@pytest.fixture(scope="module")
def data():
    """64 traps where forest within 700 m matters."""
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(8) * 800.0, np.arange(8) * 800.0))
    traps = scr.Traps(names=[f"T{k}" for k in range(64)], xy=np.stack([x, y], axis=1), crs="local")
    mask = scr.build_mask(traps, buffer=1600, spacing=800)
    raw = np.random.default_rng(1).standard_normal((220, 220))
    row, column = ((mask.xy + 6000.0) / 100.0).astype(int).T
    for scale in (250, 500, 1000, 2000):
        layer = gaussian_filter(raw, scale / 100.0)[row, column]
        mask = mask.with_covariate(f"forest_{scale}", layer)
    plan = plan_survey(traps, [Usage(np.full((64, 4), 2.0))])
    names = SPEC.coefficient_names(plan, mask)
    truth = dict(zip(names, THETA, strict=True))
    survey, _ = scr.simulate_survey(plan, mask, SPEC, coefficients=truth, seed=2)
    return survey, mask


@pytest.fixture(scope="module")
def fit(data):
    return scr.fit_laplace(*data, SPEC, draws=1000, seed=1, check_mask=False)


def log_density_by_hand(mask):
    """Of THETA, by the columns themselves, a third of the way from 250 to 2000 m."""
    z = mask.covariates[[f"forest_{s}" for s in (250, 500, 1000, 2000)]].to_numpy()
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    spline = CubicSpline(np.arange(4) / 3, z.T, bc_type="natural")
    return -0.2 + 0.9 * spline(1 / (1 + np.exp(0.6)))


def test_log_likelihood__is_the_plain_one_with_an_exact_gradient(data):
    problem = build_problem(*data, SPEC)
    design = problem.design
    assert design.log_density(THETA, 0) == pytest.approx(log_density_by_hand(data[1]), abs=1e-12)
    arrays = design.arrays(THETA)
    plain = reference.log_likelihood(problem.sessions, arrays, SPEC.family)
    value, gradient = value_and_gradient(problem, THETA)
    assert value == pytest.approx(plain, rel=1e-10)
    steps = 1e-5 * np.eye(5)
    rises = [
        value_and_gradient(problem, THETA + step)[0] - value_and_gradient(problem, THETA - step)[0]
        for step in steps
    ]
    assert gradient == pytest.approx(np.array(rises) / 2e-5, rel=1e-5, abs=1e-5)


def test_log_posterior__has_the_prior_that_is_stated(data):
    problem = build_problem(*data, SPEC)
    target = LogPosterior(problem)
    levels = level_priors(problem.design)
    expected = value_and_gradient(problem, THETA)[0]
    expected += norm.logpdf(0.9) + norm.logpdf(-0.6, 0.0, 1.5)
    for j, name in ((0, "density"), (3, "lambda0"), (4, "sigma")):
        expected += norm.logpdf(THETA[j], levels[name].mean, levels[name].sd)
    assert target(target.of(THETA))[0] == pytest.approx(expected, rel=1e-10)


def test_build_pymc_model__has_the_same_posterior(data):
    model = scr.build_pymc_model(*data, SPEC)
    target = LogPosterior(build_problem(*data, SPEC))
    contrasts = target.prior.contrasts @ THETA
    blocks = target.problem.design.blocks
    point = {
        model.rvs_to_values[variable].name: contrasts[blocks[variable.name.partition("_")[0]]]
        for variable in model.free_RVs
    }
    of_model = model.compile_logp(mode="FAST_COMPILE", jacobian=False)(point)
    assert of_model == pytest.approx(target(target.of(THETA))[0], rel=1e-9)


def test_fit_laplace__finds_effect_and_scale(data, fit):
    assert fit.k_hat < 0.7
    low, high = fit.coefficients.loc["density.scale_of(forest)", ["lower", "upper"]]
    assert 0 < low < 0.9 < high
    (check,) = [check for check in fit.checks if check.name == "scale_of_effect"]
    assert check.passed
    assert check.is_told
    assert "Scale of effect of forest: 95 % " in check.message
    assert "scale of effect of forest on density" in repr(fit)
    expected = np.exp(fit.problem.design.log_density(fit.draws, 0)) @ data[1].cell_area
    told = scr.abundance(fit)
    median = told.loc[told["estimand"] == "expected N", "median"].iloc[0]
    assert median == pytest.approx(np.median(expected), rel=0.05)
    surface = scr.density_surface(fit)
    assert surface.summary["mean"].to_numpy() @ data[1].cell_area / 100 == pytest.approx(
        expected.mean(), rel=0.05
    )


def test_fit__predicts_on_other_cells_with_the_constants_of_the_fit(data, fit, tmp_path):
    _, mask = data
    some = np.flatnonzero(mask.xy[:, 0] > 2000)
    part = scr.HabitatMask(
        xy=mask.xy[some],
        cell_area=mask.cell_area[some],
        crs=mask.crs,
        covariates=mask.covariates.iloc[some].reset_index(drop=True),
    )
    design = fit.problem.design
    here = design.log_density(fit.draws[:5], 0)[:, some]
    assert design.predict_log_density(fit.draws[:5], part) == pytest.approx(here, abs=1e-9)
    fit.save(tmp_path / "fit.nc")
    again = scr.load_fit(tmp_path / "fit.nc")
    assert np.array_equal(again.draws, fit.draws)
    assert repr(again) == repr(fit)


def test_fit_laplace__says_when_the_scale_is_not_identified(data):
    survey, mask = data
    rng = np.random.default_rng(3)
    for scale in (250, 500, 1000, 2000):
        mask = mask.with_covariate(f"noise_{scale}", rng.standard_normal(len(mask)))
    spec = scr.ModelSpec(density="~ scale_of(noise_250, noise_500, noise_1000, noise_2000)")
    with pytest.warns(ConvergenceWarning, match="do not identify it"):
        scr.fit_laplace(survey, mask, spec, draws=500, seed=1, check_mask=False)


def test_fit_mle__refuses_scales_of_effect(data):
    with pytest.raises(FitError, match=r"scale_of\(forest\) in the formula of density"):
        scr.fit_mle(*data, SPEC)


def test_methods_of__tells_of_scales(fit):
    numbers, _ = numbers_of(fit, scr.abundance(fit, max_draws=20), None)
    methods = methods_of(fit, numbers)
    text = " ".join(methods.paragraphs)
    assert "The scale at which forest acts on density was estimated between 250 and 2,000 m" in text
    assert "place of its scale of effect (logit) (0 the finest, 1 the coarsest) normal" in text
    assert any(reference.startswith("Chandler R") for reference in methods.references)


def test_parameters_with_covariates__leave_layers_to_maps(data, fit):
    assert parameters_with_covariates(fit) == ()
    survey, mask = data
    mask = mask.with_covariate("east", mask.xy[:, 0] / 1000)
    spec = scr.ModelSpec(density=f"{SPEC.density} + east")
    both = scr.fit_laplace(survey, mask, spec, draws=200, seed=1, check_mask=False)
    (response,) = covariate_responses(both, "density").of
    assert response.covariate == "east"
    assert (response.table["lower"] <= response.table["median"]).all()
