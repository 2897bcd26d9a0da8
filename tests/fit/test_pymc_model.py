import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest

import scr
from scr.errors import FormulaError
from scr.fit.log_posterior import LogPosterior, starting_points
from scr.fit.pymc_model import COMPILE_MODE, pymc_model
from scr.likelihood.problem import build_problem, value_and_gradient
from scr.model.default_prior import model_prior

SPECS = {
    "constant": scr.ModelSpec(),
    "probability": scr.ModelSpec(density="~ elev", detection="half_normal"),
    "learnt": scr.ModelSpec(lambda0="~ bk + K", sigma="~ b", density="~ elev"),
    "by occasion": scr.ModelSpec(lambda0="~ t"),
    "hazard_rate": scr.ModelSpec(detection="hazard_rate"),
    "exponential": scr.ModelSpec(
        detection="hazard_exponential", priors={"sigma.Intercept": scr.StudentT(6.0, 1.0)}
    ),
}


def numpy_path(survey, mask, spec):
    problem = build_problem(survey, mask, spec)
    return LogPosterior(problem)


def somewhere(target, seed=1):
    start = starting_points(target)[0]
    return start + 0.1 * np.random.default_rng(seed).standard_normal(len(start))


def assert_same(model, target, *, mode=COMPILE_MODE):
    function = model.logp_dlogp_function(ravel_inputs=True, mode=mode)
    u = somewhere(target)
    contrasts = target.prior_inside.contrasts
    value, gradient = function._pytensor_function(contrasts @ u)
    expected, slope = target(u)
    assert value == pytest.approx(expected, rel=1e-9)
    np.testing.assert_allclose(contrasts.T @ gradient, slope, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("name", SPECS)
def test_build_pymc_model__has_the_log_posterior_of_the_numpy_path(small, name):
    spec = SPECS[name]

    assert_same(scr.build_pymc_model(*small, spec), numpy_path(*small, spec))


def test_build_pymc_model__by_sex_in_two_sessions(two_sessions, by_sex):
    assert_same(scr.build_pymc_model(*two_sessions, by_sex), numpy_path(*two_sessions, by_sex))


def test_build_pymc_model__under_numba(small):
    spec = scr.ModelSpec(density="~ elev")

    assert_same(scr.build_pymc_model(*small, spec), numpy_path(*small, spec), mode="NUMBA")


def test_build_pymc_model__names_vectors_and_terms(two_sessions, by_sex):
    model = scr.build_pymc_model(*two_sessions, by_sex)

    assert {"density", "lambda0", "sigma", "share", "captures"} <= set(model.named_vars)
    assert tuple(model.coords["lambda0_term"]) == ("Intercept", "sex[T.M]")


def test_pymc_model__evaluates_the_likelihood_once(small):
    problem = build_problem(*small, scr.ModelSpec())
    model = pymc_model(problem, model_prior(problem.design))

    function = model.logp_dlogp_function(ravel_inputs=True, mode=COMPILE_MODE)

    nodes = function._pytensor_function.maker.fgraph.apply_nodes
    assert sum(type(node.op).__name__ == "SpatialCaptureOp" for node in nodes) == 1


def test_pymc_model__data_are_inputs(small):
    problem = build_problem(*small, scr.ModelSpec())
    model = pymc_model(problem, model_prior(problem.design))

    function = model.logp_dlogp_function(ravel_inputs=True, mode=COMPILE_MODE)

    graph = function._pytensor_function.maker.fgraph
    frozen = [
        variable.data.size
        for variable in graph.variables
        if isinstance(variable, pytensor.graph.basic.Constant) and hasattr(variable.data, "size")
    ]
    assert max(frozen, default=0) < problem.sessions[0].n_cells


def test_spatial_capture__in_a_model_of_ones_own(small):
    # Density as a smooth of the covariate, by hand; the rest constant.
    survey, mask = small
    elevation = mask.covariates["elev"].to_numpy() / 1000
    problem = build_problem(survey, mask, scr.ModelSpec(density="~ elev"))
    with pm.Model() as model:
        intercept, slope = pm.Flat("intercept"), pm.Flat("slope")
        log_lambda0, log_sigma = pm.Flat("log_lambda0"), pm.Flat("log_sigma")
        scr.SpatialCapture(
            "captures",
            survey,
            mask,
            coefficients={"lambda0": log_lambda0, "sigma": log_sigma},
            log_density=intercept + slope * pt.as_tensor(elevation),
        )
    function = model.logp_dlogp_function(ravel_inputs=True, mode=COMPILE_MODE)

    value, gradient = function._pytensor_function(np.array([-0.2, 0.4, -2.5, 6.3]))

    expected, to = value_and_gradient(problem, np.array([-0.2, 0.4 / 1000, -2.5, 6.3]))
    assert value == pytest.approx(expected, rel=1e-9)
    np.testing.assert_allclose(gradient, to * [1, 1e-3, 1, 1], rtol=1e-7, atol=1e-7)


def test_spatial_capture__sessions_pooled_and_given_apart(two_sessions):
    survey, mask = two_sessions
    spec = scr.ModelSpec(density="~ 0 + session", lambda0="~ 0 + session")
    problem = build_problem(survey, mask, spec)
    sizes = [data.n_cells for data in problem.sessions]
    theta = np.array([0.3, -0.1, -2.0, -2.4, 6.3])
    with pm.Model() as model:
        coefficients = {"lambda0": pt.as_tensor(theta[2:4]), "sigma": theta[4]}
        fields = [pt.full((n,), value) for n, value in zip(sizes, theta[:2], strict=True)]
        scr.SpatialCapture(
            "captures", survey, mask, spec=spec, coefficients=coefficients, log_density=fields
        )

    value = model.compile_logp(mode=COMPILE_MODE)({})

    assert value == pytest.approx(value_and_gradient(problem, theta)[0], rel=1e-9)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"coefficients": {"density": 0.0, "lambda0": -2.0}}, "lacks sigma"),
        ({"coefficients": {"density": 0.0, "lambda0": -2.0, "sigma": 6.0, "z": 1.0}}, "has z"),
        (
            {"coefficients": {"density": [0.0, 1.0], "lambda0": -2.0, "sigma": 6.0}},
            r"has shape \(2,\); its formula has 1 terms",
        ),
        (
            {"coefficients": {"lambda0": -2.0, "sigma": 6.0}, "log_density": np.zeros(3)},
            r"log_density has shape \(3,\)",
        ),
        (
            {"coefficients": {"lambda0": -2.0, "sigma": 6.0}, "log_density": [np.zeros(3)]},
            r"lengths \[3\]",
        ),
    ],
)
def test_spatial_capture__refuses_what_does_not_fit(small, changes, told):
    with pm.Model(), pytest.raises(FormulaError, match=told):
        scr.SpatialCapture("captures", *small, **changes)


def test_spatial_capture__has_no_second_derivatives(small):
    model = scr.build_pymc_model(*small, scr.ModelSpec())

    with pytest.raises(Exception, match="no second derivatives"):
        model.compile_d2logp(mode=COMPILE_MODE)
