"""Log-likelihoods that secr recorded at given coefficients."""

import json

import pytest
from recorded_figures import recorded_models
from reference_surveys import constants, read_reference

import scr
from scr.likelihood.problem import build_problem
from scr.likelihood.reference import log_likelihood as plain_log_likelihood

NUMBER_OF_MODELS = {
    "captdata": 8,
    "stoat": 8,
    "stoat_prox": 3,
    "tiger_nagarahole": 7,
    "tiger_nagarahole_count": 3,
    "leopard_like": 2,
}


@pytest.mark.parametrize("name", NUMBER_OF_MODELS)
def test_log_likelihood__equals_recorded_points(reference, name):
    models = recorded_models(name, root=reference)

    assert len(models) == NUMBER_OF_MODELS[name]
    for model in models:
        survey, mask = read_reference(name, detector=model.detector, root=reference)
        for coefficients, recorded in model.points:
            value = scr.log_likelihood(survey, mask, model.spec, coefficients=coefficients)
            assert value + constants(survey) == pytest.approx(recorded, rel=1e-9), model.label


@pytest.mark.parametrize("name", [name for name in NUMBER_OF_MODELS if name != "captdata"])
def test_plain_log_likelihood__equals_recorded_points(reference, name):
    for model in recorded_models(name, root=reference):
        survey, mask = read_reference(name, detector=model.detector, root=reference)
        problem = build_problem(survey, mask, model.spec)
        coefficients, recorded = model.points[0]
        theta = [coefficients[term] for term in problem.design.coefficient_names]
        arrays = problem.design.arrays(theta)
        number = model.spec.number
        value = plain_log_likelihood(problem.sessions, arrays, model.spec.family, number=number)
        assert value + constants(survey) == pytest.approx(recorded, rel=1e-12), model.label


def test_log_likelihood__of_a_large_survey_equals_recorded_points(reference):
    (model,) = recorded_models("large", root=reference)
    survey, mask = read_reference("large", root=reference)

    for coefficients, recorded in model.points:
        value = scr.log_likelihood(survey, mask, model.spec, coefficients=coefficients)
        # Recorded to eight decimals, without the multinomial coefficient.
        assert value + constants(survey) == pytest.approx(recorded, abs=3e-8)


@pytest.mark.parametrize("name", ["stoat_prox", "tiger_nagarahole", "tiger_nagarahole_count"])
def test_constants__equal_the_recorded_multinomial_coefficient(reference, name):
    record = json.loads((reference / name / "secr_reference.json").read_text(encoding="utf-8"))
    survey, _ = read_reference(name, root=reference)

    assert constants(survey) == pytest.approx(record["logmultinom"], rel=1e-12)
