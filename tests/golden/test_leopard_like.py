"""Figures that secr recorded for leopard_like, which a bare clone has too."""

import pytest
from recorded_figures import recorded_models
from reference_surveys import GOLDEN, constants, read_reference

import scr

MODELS = recorded_models("leopard_like", root=GOLDEN)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.label)
def test_log_likelihood__equals_recorded_points(model):
    survey, mask = read_reference(model.survey, root=GOLDEN)

    for coefficients, recorded in model.points:
        value = scr.log_likelihood(survey, mask, model.spec, coefficients=coefficients)
        assert value + constants(survey) == pytest.approx(recorded, rel=1e-9)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.label)
def test_fit_mle__equals_recorded_fit(model):
    survey, mask = read_reference(model.survey, root=GOLDEN)

    fit = scr.fit_mle(survey, mask, model.spec, progress=False)

    assert fit.log_likelihood + constants(survey) == pytest.approx(model.log_likelihood, abs=1e-6)
    for name, (estimate, se) in model.estimates.items():
        row = fit.coefficients.loc[name]
        assert row["estimate"] == pytest.approx(estimate, abs=0.02 * se)
        assert row["se"] == pytest.approx(se, rel=0.02)
