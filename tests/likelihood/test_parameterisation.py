"""a0 and sigmak: the likelihood of the lambda0 and sigma they stand for, with exact gradients."""

import numpy as np
import pytest

import scr
from scr.errors import FormulaError
from scr.fit.log_posterior import LogPosterior, starting_points
from scr.fit.pymc_model import COMPILE_MODE, pymc_model
from scr.likelihood import reference
from scr.likelihood.problem import build_problem, value_and_gradient
from scr.model.arrays import ModelArrays
from scr.model.spec import ModelSpec
from scr.posterior.detectability import detection_parameters
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.usage import Usage
from tests.fit.conftest import grid_traps
from tests.likelihood.test_against_reference import make_mask, make_survey, slope

MODELS = {
    "a0": {"a0": "~ lure + sex", "sigma": "~ sex"},
    "sigmak": {"lambda0": "~ lure", "sigmak": "~ sex"},
    "both": {"a0": "~ sex", "sigmak": "~ lure + year", "detection": "hazard_hazard_rate"},
}
LEVELS = {"density": -0.5, "lambda0": -2.0, "a0": 0.5, "sigma": 7.3, "sigmak": -0.5, "z": 1.0}


def make_problem(name, detector="proximity"):
    survey = make_survey(detector, "one without captures", seed=31)
    spec = ModelSpec(density="~ elev + year", **MODELS[name])
    return build_problem(survey, make_mask(survey, seed=32), spec)


def draw_coefficients(design, *, seed):
    rng = np.random.default_rng(seed)
    level = [
        LEVELS.get(name.split(".")[0], 0.0) if name.endswith("Intercept") else 0.0
        for name in design.coefficient_names
    ]
    return np.array(level) + rng.normal(0, 0.3, len(level))


def stated_arrays(problem, theta):
    """lambda0 and sigma of each level by the definitions: km2, and a mean of density by area."""
    design = problem.design
    arrays = design.arrays(theta)
    sigma = np.exp(design.parameter(design.spec.scale_name, theta))
    if design.spec.sigmak is not None:
        mean = [
            np.average(np.exp(log_density[0]), weights=data.cell_area)
            for log_density, data in zip(arrays.log_density, problem.sessions, strict=True)
        ]
        of_level = np.full(len(sigma), np.nan)
        for levels, of_session in zip(design.shape.of_session, mean, strict=True):
            of_level[levels.ravel()] = of_session
        sigma = 1000 * sigma / np.sqrt(of_level)
    intensity = np.exp(design.parameter(design.spec.intensity_name, theta))
    if design.spec.a0 is not None:
        of_level = np.zeros(len(intensity))
        for levels, shapes in zip(
            design.intensity.of_session, design.shape.of_session, strict=True
        ):
            of_level[levels.ravel()] = sigma[shapes.ravel()]
        intensity = intensity / (2 * np.pi * (of_level / 1000) ** 2)
    return ModelArrays(arrays.log_density, intensity, sigma, arrays.z, arrays.log_share)


def plain_value(problem, theta):
    family = problem.design.spec.family
    return reference.log_likelihood(problem.sessions, stated_arrays(problem, theta), family)


@pytest.mark.parametrize("detector", ["proximity", "count"])
@pytest.mark.parametrize("name", MODELS)
def test_value_and_gradient__equal_the_plain_likelihood_of_what_they_stand_for(name, detector):
    problem = make_problem(name, detector)
    for seed in (1, 2):
        theta = draw_coefficients(problem.design, seed=seed)

        value, gradient = value_and_gradient(problem, theta)

        assert value == pytest.approx(plain_value(problem, theta), rel=1e-10)
        expected = [slope(lambda t: plain_value(problem, t), theta, j) for j in range(len(theta))]
        assert gradient == pytest.approx(expected, rel=1e-7, abs=1e-7 * np.abs(expected).max())


@pytest.mark.parametrize("name", MODELS)
def test_pymc_model__has_the_log_posterior_of_the_numpy_path(name):
    target = LogPosterior(make_problem(name))
    model = pymc_model(target.problem, target.prior)
    u = starting_points(target)[0] + 0.1
    contrasts = target.prior_inside.contrasts

    function = model.logp_dlogp_function(ravel_inputs=True, mode=COMPILE_MODE)
    value, gradient = function._pytensor_function(contrasts @ u)

    expected, uphill = target(u)
    assert value == pytest.approx(expected, rel=1e-9)
    np.testing.assert_allclose(contrasts.T @ gradient, uphill, rtol=1e-7, atol=1e-7)


def test_fit_mle__is_the_same_fit_in_other_words():
    # One sigma and one density: three ways of writing two numbers, so the same maximum.
    traps = scr.Traps(**grid_traps(4, 800.0), crs="local")
    mask = scr.build_mask(traps, buffer=2500, spacing=500)
    truth = {"density.Intercept": 0.3, "lambda0.Intercept": -2.6, "sigma.Intercept": 6.4}
    plan = plan_survey(traps, Usage(np.full((16, 5), 2.0)))
    survey, _ = simulate_survey(plan, mask, ModelSpec(), coefficients=truth, seed=5)
    specs = [
        ModelSpec(),
        ModelSpec(a0="~ 1"),
        ModelSpec(sigmak="~ 1"),
        ModelSpec(a0="~ 1", sigmak="~ 1"),
    ]

    fits = [scr.fit_mle(survey, mask, spec) for spec in specs]

    plain = fits[0]
    log_lambda0, log_sigma = plain.point[1:]
    log_a0 = np.log(2 * np.pi * np.exp(log_lambda0) * (np.exp(log_sigma) / 1000) ** 2)
    log_k = np.log(np.exp(log_sigma) / 1000 * np.sqrt(np.exp(plain.point[0])))
    for fit in fits[1:]:
        assert fit.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-8)
        assert fit.problem.design.arrays(fit.point).sigma == pytest.approx(
            np.exp(log_sigma), rel=1e-4
        )
    assert fits[1].point[1] == pytest.approx(log_a0, abs=1e-4)
    assert fits[2].point[2] == pytest.approx(log_k, abs=1e-4)
    table = detection_parameters(fits[3]).set_index("parameter")
    assert table.loc["a0", "median"] == pytest.approx(np.exp(log_a0), rel=1e-4)
    assert table.loc["sigmak", "median"] == pytest.approx(np.exp(log_k), rel=1e-4)
    assert table.loc["lambda0", "median"] == pytest.approx(np.exp(log_lambda0), rel=1e-4)


@pytest.mark.parametrize(
    ("formulas", "word"),
    [
        ({"a0": "~ 1", "lambda0": "~ sex"}, "Give one"),
        ({"sigmak": "~ 1", "sigma": "~ sex"}, "Give one"),
        ({"a0": "~ 1", "detection": "half_normal"}, "hazard_ form"),
    ],
)
def test_model_spec__refuses_a_parameter_beside_what_it_stands_for(formulas, word):
    with pytest.raises(FormulaError, match=word):
        ModelSpec(**formulas)
