"""The simulated survey whose realised density is drawn."""

from importlib import import_module


def test_a_survey_of_many_animals():
    survey, mask, spec = import_module("realised").survey_of(40, 100)
    assert len(mask) == 1600
    assert 60 < survey.n_individuals < 140
    assert spec.density == "~ z"
