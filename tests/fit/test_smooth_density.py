"""Smooth terms of density: the posterior, fits by all engines, and what follows from them."""

import numpy as np
import pytest
from scipy.stats import halfnorm, norm

import scr
from scr.errors import FitError, FormulaError
from scr.fit.log_posterior import LogPosterior
from scr.fit.pooled_start import with_pooled
from scr.fit.pymc_model import COMPILE_MODE
from scr.habitat.mask import HabitatMask
from scr.likelihood import reference
from scr.likelihood.problem import build_problem
from scr.maps.results.written import numbers_of
from scr.model.default_prior import level_priors
from scr.posterior.responses import covariate_responses, parameters_with_covariates
from scr.report.methods import methods_of
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

HILL = scr.ModelSpec(density="~ hill")
SPLINE = scr.ModelSpec(density="~ s(x, y, k=12)")
BOTH = scr.ModelSpec(density="~ s(forest, k=6) + gp(x, y, k=10)")
TRUTH = {
    "density.Intercept": -0.6,
    "density.hill": 3.0,
    "lambda0.Intercept": -1.5,
    "sigma.Intercept": 6.2,
}


@pytest.fixture(scope="module")
def data():
    """A hill of density in the north-east of 36 traps."""
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(6) * 800.0, np.arange(6) * 800.0))
    traps = scr.Traps(names=[f"T{k}" for k in range(36)], xy=np.stack([x, y], axis=1), crs="local")
    mask = scr.build_mask(traps, buffer=1600, spacing=800)
    hill = np.exp(-((mask.xy - [3200.0, 3000.0]) ** 2).sum(axis=1) / 2 / 1500.0**2)
    forest = np.random.default_rng(1).uniform(size=len(mask))
    mask = mask.with_covariate("hill", hill).with_covariate("forest", forest)
    plan = plan_survey(traps, [Usage(np.full((36, 4), 2.0))])
    survey, _ = scr.simulate_survey(plan, mask, HILL, coefficients=TRUTH, seed=7)
    return survey, mask


@pytest.fixture(scope="module")
def settled(data):
    return with_pooled(LogPosterior(build_problem(*data, BOTH)))[0]


@pytest.fixture(scope="module")
def fit(data):
    return scr.fit_laplace(*data, SPLINE, draws=1000, seed=1)


def some_points(settled, n):
    rng = np.random.default_rng(2)
    return settled.pooled.start + 0.4 * rng.standard_normal((n, len(settled.pooled.start)))


def plain_log_posterior(problem, theta):
    """Sum of the plain likelihood and of densities of scipy."""
    design = problem.design
    value = reference.log_likelihood(problem.sessions, design.arrays(theta), design.spec.family)
    named = dict(zip(design.coefficient_names, theta, strict=True))
    levels = level_priors(design)
    for parameter in ("lambda0", "sigma"):
        level = levels[parameter]
        value += norm.logpdf(named[f"{parameter}.Intercept"], level.mean, level.sd)
    of_line = LogPosterior(problem).prior
    at = [of_line.names.index(f"density.{name}") for name in ("Intercept", "s(forest)[forest]")]
    for j in at:
        value += of_line.records[j].log_density(of_line.contrasts[j] @ theta)
    for pool in design.pools:
        sd = theta[pool.sd]
        value += halfnorm.logpdf(sd)
        effects = theta[pool.effects]
        if pool.length is None:
            value += norm.logpdf(effects, 0.0, sd).sum()
        else:
            middle = np.log(pool.spectrum.typical)
            value += norm.logpdf(theta[pool.length], middle, 0.5)
            variance = np.exp(pool.spectrum.log_variance(theta[pool.length]))
            value += norm.logpdf(effects, 0.0, sd * np.sqrt(variance)).sum()
    return float(value)


def test_log_posterior__is_the_plain_one_times_the_volume(settled):
    problem = settled.problem
    for w in some_points(settled, 2):
        theta = settled.coefficients(w)
        steps = 1e-5 * np.eye(len(w))
        columns = [settled.coefficients(w + s) - settled.coefficients(w - s) for s in steps]
        volume = np.linalg.slogdet(np.array(columns) / 2e-5)[1]
        to_coefficients = np.linalg.slogdet(settled.coordinates.to_coefficients)[1]
        expected = plain_log_posterior(problem, theta) + volume - to_coefficients
        assert settled(w)[0] == pytest.approx(expected, rel=1e-7)
        assert settled.of(theta) == pytest.approx(w, abs=1e-8)


def test_log_posterior__has_the_gradient_of_its_value(settled):
    w = some_points(settled, 1)[0]
    for function in (settled, settled.log_likelihood):
        steps = 1e-4 * np.eye(len(w))
        rise = [function(w + step)[0] - function(w - step)[0] for step in steps]
        assert function(w)[1] == pytest.approx(np.array(rise) / 2e-4, abs=1e-4)


def test_build_pymc_model__has_the_same_posterior(data, settled):
    model = scr.build_pymc_model(*data, BOTH)
    design = settled.problem.design
    theta = settled.coefficients(some_points(settled, 1)[0])
    prior = LogPosterior(settled.problem).prior
    contrasts = prior.contrasts @ theta
    point, volume = {}, 0.0
    for variable in model.free_RVs:
        name = variable.name
        block = design.blocks[name.partition("_")[0]]
        pools = {f"density_{pool.term}": pool for pool in design.pools}
        found = [(name.removeprefix(f"{key}_"), p) for key, p in pools.items() if key in name]
        if found:
            what, pool = found[0]
            scale = theta[pool.sd] * np.exp(pool.log_relative(theta))
            value = {
                "sd": np.log(theta[pool.sd]),
                "log_length": theta[[pool.length or 0]],
                "offset": theta[pool.effects] / scale,
            }[what]
            volume += np.log(scale).sum() if what == "offset" else 0.0
        else:
            value = contrasts[block][: design.fixed(name.partition("_")[0]).stop]
        point[model.rvs_to_values[variable].name] = np.asarray(value)
    of_model = model.compile_logp(mode=COMPILE_MODE, jacobian=False)(point)
    target = LogPosterior(settled.problem)
    assert of_model == pytest.approx(target(target.of(theta))[0] + volume, rel=1e-9)
    assert model.coords["gp(x, y)"] == tuple(f"basis {j + 1}" for j in range(10))


def test_fit_laplace__finds_the_hill(data, fit):
    survey, mask = data
    assert fit.k_hat < 0.7
    assert all(check.passed for check in fit.checks)
    density = np.exp(fit.problem.design.log_density(fit.draws, 0))
    truth = np.exp(-0.6 + 3.0 * mask.covariates["hill"].to_numpy())
    assert np.corrcoef(np.median(density, axis=0), truth)[0, 1] > 0.6
    assert fit.coefficients.loc["density.s(x, y)[sd]", "lower"] > 0
    assert "standard deviation of log density by s(x, y)" in repr(fit)
    expected = density @ mask.cell_area
    told = scr.abundance(fit)
    assert told.loc[told["estimand"] == "expected N", "median"].iloc[0] == pytest.approx(
        np.median(expected), rel=0.05
    )
    assert survey.n_individuals > 20


def test_fit__predicts_on_other_cells_with_the_basis_of_the_fit(data, fit, tmp_path):
    _, mask = data
    some = np.flatnonzero(mask.xy[:, 0] > 2000)
    part = HabitatMask(
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
    assert np.array_equal(
        again.prior.log_density(fit.draws[:5]), fit.prior.log_density(fit.draws[:5])
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::scr.errors.ConvergenceWarning")  # they are few draws
def test_fit_nuts__agrees_with_importance_sampling(data, fit):
    other = scr.fit_nuts(
        *data, SPLINE, draws=150, tune=150, chains=2, check_mask=False, progress=False
    )
    checks = {check.name: check for check in other.checks}
    assert checks["divergences"].passed
    assert checks["rhat"].value < 1.06
    for name, there in fit.coefficients.iterrows():
        here = other.coefficients.loc[name]
        error = 4 * there["se"] * np.hypot(here["ess_bulk"] ** -0.5, there["ess_bulk"] ** -0.5)
        assert here["estimate"] == pytest.approx(there["estimate"], abs=1.25 * error)


def test_fit_mle__refuses_smooths(data):
    with pytest.raises(FitError, match=r"s\(x, y\) in the formula of density, and the likelihood"):
        scr.fit_mle(*data, SPLINE)
    with pytest.raises(FitError, match="Leave sampler out"):
        scr.fit_nuts(*data, SPLINE, sampler="pymc")


def test_model_prior__refuses_a_prior_of_one_basis_function(data):
    name = "density.s(x, y)[basis 1]"
    spec = scr.ModelSpec(density="~ s(x, y)", priors={name: scr.Normal(0.0, 1.0)})
    with pytest.raises(FormulaError, match=r"Give one for 'density\.s\(x, y\)\[sd\]'"):
        scr.fit_laplace(*data, spec)


def test_methods_of__names_the_basis_and_what_was_estimated(data, fit):
    numbers, _ = numbers_of(fit, scr.abundance(fit, max_draws=20), None)
    methods = methods_of(fit, numbers)
    text = " ".join(methods.paragraphs)
    assert "a low-rank thin plate spline of x and y with 12 knots, s(x, y)" in text
    assert "standard deviation of s(x, y) normal (mean 0, sd 1), the part above 0" in text
    assert "basis 1" not in text
    assert any(reference.startswith("Ruppert D") for reference in methods.references)


def test_covariate_responses__draw_curves_of_one_covariate_and_leave_places_to_maps(data, fit):
    assert parameters_with_covariates(fit) == ()
    curve = scr.fit_laplace(
        *data, scr.ModelSpec(density="~ s(forest, k=6) + s(x, y, k=8)"), draws=300, check_mask=False
    )
    found = covariate_responses(curve, "density")
    assert [response.covariate for response in found.of] == ["forest"]
    assert set(found.of[0].held) == {"x", "y"}
    assert (found.of[0].table["lower"] <= found.of[0].table["median"]).all()


def test_simulate_survey__draws_effects_of_smooths(data):
    survey, mask = data
    spec = scr.ModelSpec(density="~ gp(x, y, k=10)")
    given = {
        "density.Intercept": -1.5,
        "density.gp(x, y)[sd]": 0.8,
        "density.gp(x, y)[log_length]": float(np.log(1500.0)),
        "lambda0.Intercept": -2.0,
        "sigma.Intercept": 6.2,
    }
    _, truth = scr.simulate_survey(survey, mask, spec, coefficients=given, seed=1)
    drawn = [truth.coefficients[f"density.gp(x, y)[basis {j}]"] for j in range(1, 11)]
    assert len(set(drawn)) == 10
