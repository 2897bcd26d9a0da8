"""Poisson, binomial and conditional likelihoods against the plain one."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom, poisson

import scr
from scr.errors import FormulaError
from scr.fit.derived import density_by_session
from scr.fit.log_posterior import LogPosterior, starting_points
from scr.fit.pymc_model import COMPILE_MODE, pymc_model
from scr.likelihood import reference
from scr.likelihood.kernel.number import number_terms
from scr.likelihood.problem import build_problem, every_term, value_and_gradient
from scr.model.spec import ModelSpec
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session
from tests.likelihood.test_against_reference import (
    draw_coefficients,
    make_mask,
    make_survey,
    slope,
)


def make_problem(number, detector="proximity", *, sexes=True):
    survey = make_survey(detector, "one without captures", seed=51)
    density = "~ 1" if number == "conditional" else "~ elev + year"
    spec = ModelSpec(density=density, lambda0="~ lure + sex" if sexes else "~ lure", number=number)
    return build_problem(survey, make_mask(survey, seed=52), spec)


def plain_value(problem, theta):
    design = problem.design
    arrays, number = design.arrays(theta), design.spec.number
    return reference.log_likelihood(problem.sessions, arrays, design.spec.family, number=number)


@pytest.mark.parametrize("detector", ["proximity", "count", "binomial_count"])
@pytest.mark.parametrize("number", ["binomial", "conditional"])
def test_value_and_gradient__equal_the_plain_likelihood(number, detector):
    problem = make_problem(number, detector)
    target = LogPosterior(problem, has_prior=False)
    for seed in (1, 2, 3):
        theta = draw_coefficients(problem.design, seed=seed)

        value, gradient = value_and_gradient(problem, theta)

        assert value == pytest.approx(plain_value(problem, theta), rel=1e-10)
        assert target.many(target.of(theta)[None])[0] == pytest.approx([value], rel=1e-10)
        expected = [slope(lambda t: plain_value(problem, t), theta, j) for j in range(len(theta))]
        assert gradient == pytest.approx(expected, rel=1e-7, abs=1e-7 * np.abs(expected).max())


@pytest.mark.parametrize("number", ["binomial", "conditional"])
def test_pymc_model__has_the_log_posterior_of_the_numpy_path(number):
    target = LogPosterior(make_problem(number))
    model = pymc_model(target.problem, target.prior)
    u = starting_points(target)[0] + 0.1
    contrasts = target.prior_inside.contrasts

    function = model.logp_dlogp_function(ravel_inputs=True, mode=COMPILE_MODE)
    value, gradient = function._pytensor_function(contrasts @ u)

    expected, uphill = target(u)
    assert value == pytest.approx(expected, rel=1e-9)
    np.testing.assert_allclose(contrasts.T @ gradient, uphill, rtol=1e-7, atol=1e-7)


def test_number_terms__are_the_probabilities_of_the_number_detected():
    n, expected, living = np.array([7.0]), np.array([6.0]), np.array([20.0])
    # Beside sum log L_i, of which n log Lambda is the part that says an animal was detected.
    common = n * np.log(expected)
    log_factorial = np.log(5040.0)

    of_poisson, *_ = number_terms("poisson", n, expected, living)
    of_binomial, *_ = number_terms("binomial", n, expected, living)
    conditional, *_ = number_terms("conditional", n, expected, living)

    assert of_poisson + common - log_factorial == pytest.approx(poisson(6.0).logpmf(7))
    assert of_binomial + common - log_factorial == pytest.approx(binom(20, 0.3).logpmf(7))
    assert conditional + common == pytest.approx(0.0)
    assert number_terms("binomial", n, expected, np.array([6.9]))[0] == -np.inf


def test_log_likelihood__conditional_is_poisson_without_the_probability_of_n():
    problems = {name: make_problem(name) for name in ("poisson", "conditional")}
    theta = draw_coefficients(problems["conditional"].design, seed=4)
    full = np.concatenate([[0.3, 0.0, 0.0], theta])

    log_animal, expected, _ = every_term(problems["poisson"], full)

    n = np.array([data.n_animals for data in problems["poisson"].sessions])
    given_n = log_animal.sum() - (n * np.log(expected)).sum()
    assert value_and_gradient(problems["conditional"], theta)[0] == pytest.approx(
        given_n, rel=1e-12
    )


def survey_with_weights(*, missing=False, seed=53):
    survey = make_survey("proximity", "one session", seed=seed)
    session = survey.sessions[0]
    weight = [20.0, 31.0, 20.0, 27.5, None if missing else 22.0]
    captures = CaptureHistory(
        individuals=session.captures.individuals,
        individual=session.captures.individual,
        occasion=session.captures.occasion,
        trap=session.captures.trap,
        count=session.captures.count,
        covariates=session.captures.covariates.assign(weight=weight),
    )
    session = Session("s0", session.traps, session.usage, captures)
    return scr.Survey((session,), "proximity")


def one_mask(survey):
    return replace(make_mask(survey, seed=54), session=None)


def test_log_likelihood__with_weight_holds_each_animal_against_its_like():
    survey = survey_with_weights()
    mask = one_mask(survey)
    spec = ModelSpec(lambda0="~ weight", number="conditional")
    at = {"lambda0.Intercept": -3.0, "lambda0.weight": 0.04, "sigma.Intercept": 7.2}

    found = scr.log_likelihood(survey, mask, spec, coefficients=at)

    captures, expected = survey.sessions[0].captures, 0.0
    plain = build_problem(survey, mask, ModelSpec())
    for animal, weight in enumerate(captures.covariates["weight"]):
        theta = np.array([0.0, -3.0 + 0.04 * weight, 7.2])
        log_animal, detected, _ = every_term(plain, theta)
        expected += log_animal[animal] - np.log(detected[0])
    assert found == pytest.approx(expected, rel=1e-12)


def test_derived_density__is_the_sum_over_animals_of_one_over_their_area():
    survey = survey_with_weights()
    mask = one_mask(survey)
    spec = ModelSpec(lambda0="~ weight", number="conditional")
    problem = build_problem(survey, mask, spec)
    theta = np.array([-3.0, 0.04, 7.2])
    plain = build_problem(survey, mask, ModelSpec())

    areas = [
        every_term(plain, np.array([0.0, -3.0 + 0.04 * weight, 7.2]))[1][0]
        for weight in survey.sessions[0].captures.covariates["weight"]
    ]
    found = density_by_session(problem, theta)

    assert found == pytest.approx([np.sum(1 / np.array(areas))], rel=1e-12)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lambda0": "~ weight"}, "number='conditional'"),
        ({"lambda0": "~ weight + k", "number": "conditional"}, "cannot yet name k"),
        ({"density": "~ elev", "number": "conditional"}, "no formula"),
        ({"number": "exact"}, "is not known"),
    ],
)
def test_build_problem__refuses_what_a_number_cannot_carry(options, words):
    survey = survey_with_weights()
    with pytest.raises(FormulaError, match=words):
        build_problem(survey, one_mask(survey), ModelSpec(**options))


def test_build_problem__names_animals_without_a_weight():
    survey = survey_with_weights(missing=True)
    spec = ModelSpec(lambda0="~ weight", number="conditional")
    with pytest.raises(FormulaError, match=r"1 animals lack a value of weight: 's0-4'"):
        build_problem(survey, one_mask(survey), spec)
