"""Sessions that share a distribution: the posterior, its coordinates, fits, and what follows."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import halfnorm, multivariate_normal, multivariate_t, norm

import scr
from scr.errors import FitError, FormulaError, LayoutError
from scr.fit.importance import at_peak
from scr.fit.log_posterior import LogPosterior
from scr.fit.pooled import PooledCoordinates, sd_of
from scr.fit.pooled_proposal import at_pooled_peak
from scr.fit.pooled_start import with_pooled
from scr.fit.pymc_model import COMPILE_MODE
from scr.likelihood import reference
from scr.likelihood.problem import build_problem
from scr.maps.results.written import numbers_of
from scr.model.default_prior import level_priors
from scr.model.pooling import Pool
from scr.report.methods import methods_of
from scr.simulate.session_effects import with_effects_of_sessions
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage
from trap_layouts.assumptions import assume

SPEC = scr.ModelSpec(density="~ (1 | session)", sigma="~ (1 | session)")
NAMES = ("east", "north", "south", "west")
TRUTH = {
    "density.Intercept": -0.5,
    "density.session_sd": 0.7,
    "lambda0.Intercept": -2.5,
    "sigma.Intercept": 6.4,
    "sigma.session_sd": 0.2,
} | dict(zip([f"density.session[{name}]" for name in NAMES], (0.6, 0.1, -0.5, -9.0), strict=True))


@pytest.fixture(scope="module")
def sessions():
    """Four sessions of 16 traps; in the west nobody lives."""
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(4) * 800.0, np.arange(4) * 800.0))
    traps = scr.Traps(
        names=[f"T{k}" for k in range(16)] * 4,
        xy=np.concatenate([np.stack([x + 20_000 * k, y], axis=1) for k in range(4)]),
        session=np.repeat(NAMES, 16),
        crs="local",
    )
    mask = scr.build_mask(traps, buffer=2500, spacing=500)
    plan = plan_survey(traps, [Usage(np.full((16, 4), 2.0))] * 4)
    survey, truth = scr.simulate_survey(plan, mask, SPEC, coefficients=TRUTH, seed=4)
    assert [session.captures.n_individuals for session in survey.sessions][3] == 0
    return survey, mask, truth


@pytest.fixture(scope="module")
def settled(sessions):
    survey, mask, _ = sessions
    return with_pooled(LogPosterior(build_problem(survey, mask, SPEC)))[0]


@pytest.fixture(scope="module")
def fit(sessions):
    survey, mask, _ = sessions
    return scr.fit_laplace(survey, mask, SPEC, draws=2000)


def plain_log_posterior(problem, theta):
    """Sum of the plain likelihood and of densities of scipy."""
    design = problem.design
    value = reference.log_likelihood(problem.sessions, design.arrays(theta), design.spec.family)
    named = dict(zip(design.coefficient_names, theta, strict=True))
    for parameter, level in level_priors(design).items():
        if parameter in design.blocks:
            value += norm.logpdf(named[f"{parameter}.Intercept"], level.mean, level.sd)
    for parameter in ("density", "sigma"):
        sd = named[f"{parameter}.session_sd"]
        value += halfnorm.logpdf(sd)
        value += sum(norm.logpdf(named[f"{parameter}.session[{n}]"], 0.0, sd) for n in NAMES)
    return value


def some_points(settled, n):
    """Coordinates round the mode."""
    rng = np.random.default_rng(2)
    return settled.pooled.start + 0.5 * rng.standard_normal((n, len(settled.pooled.start)))


def test_log_posterior__is_the_plain_one_times_the_volume(settled):
    problem = settled.problem
    for w in some_points(settled, 3):
        theta = settled.coefficients(w)
        steps = 1e-5 * np.eye(len(w))
        columns = [settled.coefficients(w + s) - settled.coefficients(w - s) for s in steps]
        volume = np.linalg.slogdet(np.array(columns) / 2e-5)[1]
        expected = plain_log_posterior(problem, theta) + volume
        assert settled(w)[0] == pytest.approx(expected, rel=1e-8)
        assert settled.of(theta) == pytest.approx(w, abs=1e-9)
    points = some_points(settled, 3)
    assert settled.many(points)[0] == pytest.approx([settled(w)[0] for w in points], rel=1e-12)


def test_log_posterior__has_the_gradient_of_its_value(settled):
    w = some_points(settled, 1)[0]
    for function in (settled, settled.log_likelihood):
        steps = 1e-4 * np.eye(len(w))
        rise = [function(w + step)[0] - function(w - step)[0] for step in steps]
        assert function(w)[1] == pytest.approx(np.array(rise) / 2e-4, abs=2e-5)


def test_pooled_coordinates__make_a_quadratic_posterior_standard_normal_for_any_spread():
    rng = np.random.default_rng(6)
    root = rng.standard_normal((7, 7))
    pools = (Pool("density", 1, slice(2, 5)), Pool("sigma", 6, slice(7, 9)))
    curvature, pull = root @ root.T, rng.standard_normal(7)
    to = PooledCoordinates(pools, curvature, pull, np.zeros(2))

    def log_density(w):
        opened = to.opened(w)
        x = opened.x[to.others]
        sds = sd_of(w[to.sds])
        spread = np.array([1, *[sds[0]] * 3, 1, *[sds[1]] * 2])
        prior = norm.logpdf(x, 0, spread)[[1, 2, 3, 5, 6]].sum()
        return -0.5 * x @ curvature @ x + pull @ x + prior + opened.log_jacobian

    for log_sds in ([-3.0, 1.0], [0.0, 0.0], [2.0, -1.0]):
        w = np.zeros(9)
        w[to.sds] = log_sds
        at_zero = log_density(w)
        w[to.others] = v = rng.standard_normal(7)
        assert log_density(w) - at_zero == pytest.approx(-0.5 * v @ v, abs=1e-9)


def test_with_pooled__finds_standard_deviations_that_integrate_the_effects_out(settled):
    """The normal approximation of their posterior has its top there."""
    sds = sd_of(settled.pooled.initial)
    assert ((sds > 0.05) & (sds < 2.5)).all()
    unchanged = LogPosterior(build_problem(*sessions_alike(settled), scr.ModelSpec()))
    assert with_pooled(unchanged) == (unchanged, None)


def sessions_alike(settled):
    design = settled.problem.design
    return design.survey, design.mask


def test_fit_laplace__pools_sessions_and_gives_one_without_captures_a_density(fit, tmp_path):
    table = fit.coefficients
    assert fit.k_hat < 0.7
    assert all(check.passed for check in fit.checks)
    sds = table.loc[["density.session_sd", "sigma.session_sd"]]
    assert (sds["lower"] > 0).all()
    effects = table.loc[[f"density.session[{name}]" for name in NAMES], "estimate"]
    assert effects.idxmin() == "density.session[west]"
    fit.save(tmp_path / "fit.nc")
    again = scr.load_fit(tmp_path / "fit.nc")
    assert np.array_equal(again.draws, fit.draws)
    theta = fit.draws[:5]
    assert np.array_equal(again.prior.log_density(theta), fit.prior.log_density(theta))
    assert again.priors["density.session_sd"] == scr.Normal(0.0, 1.0)
    assert again.spec.density == "~ (1 | session)"
    by_session = [scr.abundance(fit, session=name)["median"].iloc[0] for name in NAMES]
    assert by_session[3] == min(by_session)
    assert "standard deviation of log sigma among sessions" in repr(fit)


@pytest.mark.filterwarnings("ignore::scr.errors.ConvergenceWarning")  # they are few draws
def test_fit_nuts__agrees_with_importance_sampling(fit, sessions):
    survey, mask, _ = sessions
    other = scr.fit_nuts(
        survey, mask, SPEC, draws=350, tune=150, chains=2, check_mask=False, progress=False
    )
    checks = {check.name: check for check in other.checks}
    assert checks["divergences"].passed
    assert checks["rhat"].value < 1.03
    for name, there in fit.coefficients.iterrows():
        here = other.coefficients.loc[name]
        error = 4 * there["se"] * np.hypot(here["ess_bulk"] ** -0.5, there["ess_bulk"] ** -0.5)
        assert here["estimate"] == pytest.approx(there["estimate"], abs=1.25 * error)


def test_fit_mle__refuses_sessions_that_are_pooled(sessions):
    survey, mask, _ = sessions
    with pytest.raises(FitError, match="the likelihood has no maximum in the standard deviation"):
        scr.fit_mle(survey, mask, SPEC)
    with pytest.raises(FitError, match="Leave sampler out"):
        scr.fit_nuts(survey, mask, SPEC, sampler="pymc")


def test_build_pymc_model__has_the_same_posterior(sessions, settled):
    survey, mask, _ = sessions
    prior = {"density.session_sd": scr.StudentT(0.0, 0.5, 3.0)}
    spec = replace(SPEC, priors=prior)
    model = scr.build_pymc_model(survey, mask, spec)
    target = LogPosterior(build_problem(survey, mask, spec))
    names = target.problem.design.coefficient_names
    theta = settled.coefficients(some_points(settled, 1)[0])
    named = dict(zip(names, theta, strict=True))
    point = {}
    for variable in model.free_RVs:
        parameter, _, what = variable.name.partition("_")
        sd = named.get(f"{parameter}.session_sd")
        effects = [named.get(f"{parameter}.session[{name}]", 0.0) for name in NAMES]
        value = {
            "": [named[f"{parameter}.Intercept"]],
            "contrasts": [named[f"{parameter}.Intercept"]],
            "session_sd": sd,
            "session_offset": np.array(effects) / (sd or 1.0),
        }[what]
        value = np.log(value) if what == "session_sd" else value
        point[model.rvs_to_values[variable].name] = np.asarray(value)
    of_model = model.compile_logp(mode=COMPILE_MODE, jacobian=False)(point)
    # The model's effects are over their standard deviation.
    volume = sum(4 * np.log(named[f"{parameter}.session_sd"]) for parameter in ("density", "sigma"))
    assert of_model == pytest.approx(target(target.of(theta))[0] + volume, rel=1e-9)
    assert model.coords["session"] == NAMES


def test_simulate_survey__draws_effects_that_are_left_out(sessions):
    survey, mask, truth = sessions
    drawn = [truth.coefficients[f"sigma.session[{name}]"] for name in NAMES]
    assert len(set(drawn)) == 4
    assert truth.coefficients["density.session[west]"] == -9.0
    few = {k: v for k, v in TRUTH.items() if "[" not in k} | {"sigma.session[east]": 0.1}
    with pytest.raises(FormulaError, match="1 of the 4 effects"):
        scr.simulate_survey(survey, mask, SPEC, coefficients=few, seed=1)
    pools = (Pool("density", 1, slice(2, 402)),)
    names = (
        "density.Intercept",
        "density.session_sd",
        *(f"density.session[{k}]" for k in range(400)),
    )
    given = {"density.Intercept": 0.0, "density.session_sd": 0.7}
    values = list(with_effects_of_sessions(pools, names, given, seed=3).values())[2:]
    # The standard deviation of 400 normals is known to 3.5 %.
    assert np.std(values) == pytest.approx(0.7, rel=0.12)


def test_model_prior__refuses_a_prior_of_one_session(sessions):
    survey, mask, _ = sessions
    spec = replace(SPEC, priors={"density.session[east]": scr.Normal(0.0, 1.0)})
    with pytest.raises(FormulaError, match=r"Give one for 'density\.session_sd'"):
        scr.fit_laplace(survey, mask, spec)


def test_methods_of__tells_that_sessions_share_a_distribution(fit):
    numbers, _ = numbers_of(fit, scr.abundance(fit, max_draws=20), None)
    methods = methods_of(fit, numbers)
    text = " ".join(methods.paragraphs)
    assert "density ~ (1 | session)" in text
    assert "Sessions differed in density and sigma by effects that share a normal" in text
    assert "standard deviation of sessions normal (mean 0, sd 1), the part above 0" in text
    assert "session[" not in text
    assert any(reference.startswith("Gelman A, Hill J (2007)") for reference in methods.references)


def test_assume__refuses_to_plan_from_sessions_that_are_pooled(fit):
    with pytest.raises(LayoutError, match="a plan is of one survey"):
        assume(fit.mask, fit.spec, fit)


def test_pooled_component__is_a_t_times_normals_given_it():
    rng = np.random.default_rng(8)
    root = rng.standard_normal((4, 4))
    scale, mean = root @ root.T + np.eye(4), rng.standard_normal(4)
    sds = np.array([1])
    peak = at_pooled_peak(at_peak(mean, scale), sds)
    points = peak.draw(40_000, rng)
    of_sds = multivariate_t(mean[sds], scale[np.ix_(sds, sds)], df=peak.df)
    others = [0, 2, 3]
    slope = scale[others, 1] / scale[1, 1]
    given = scale[np.ix_(others, others)] - np.outer(slope, scale[others, 1])
    x = points[:3]
    expected = [
        of_sds.logpdf(p[1])
        + multivariate_normal(mean[others] + slope * (p[1] - mean[1]), given).logpdf(p[others])
        for p in x
    ]
    assert peak.log_density(x) == pytest.approx(expected, rel=1e-10)
    # Draws follow that density: the mean of another density over it is 1.
    wanted = multivariate_normal(mean, 0.8 * scale)
    ratio = np.exp(wanted.logpdf(points) - peak.log_density(points))
    assert ratio.mean() == pytest.approx(1.0, abs=5 * ratio.std() / np.sqrt(len(ratio)))
