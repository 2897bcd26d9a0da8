"""Daily detections as counts of days, and the coefficients that other programs add."""

import json

import numpy as np
import pytest
from recorded_figures import recorded_models
from reference_surveys import constants, read_reference

import scr
from scr.errors import SurveyError
from scr.survey.captures import CaptureHistory
from scr.survey.collapsed import collapse_days, log_coefficients
from scr.survey.mixed import with_detectors
from scr.survey.survey import Session
from scr.survey.usage import Usage


def test_collapse_days__gives_the_recorded_log_likelihood_of_counts(reference):
    daily, mask = read_reference("tiger_nagarahole", root=reference)
    model = next(
        model
        for model in recorded_models("tiger_nagarahole_count", root=reference)
        if model.detector == "binomial_count"
    )

    collapsed = collapse_days(daily)

    assert collapsed.detector == "binomial_count"
    assert collapsed.sessions[0].usage.effort.shape == (120, 1)
    for coefficients, recorded in model.points:
        value = scr.log_likelihood(collapsed, mask, model.spec, coefficients=coefficients)
        assert value + log_coefficients(collapsed) == pytest.approx(recorded, rel=1e-9)
        of_days = scr.log_likelihood(daily, mask, model.spec, coefficients=coefficients)
        assert value == pytest.approx(of_days, rel=1e-10)
    assert f"{log_coefficients(collapsed):.4f}" in collapsed.notes[-1]


@pytest.mark.parametrize("name", ["stoat_prox", "tiger_nagarahole", "tiger_nagarahole_count"])
def test_log_coefficients__equals_the_recorded_multinomial_coefficient(reference, name):
    record = json.loads((reference / name / "secr_reference.json").read_text(encoding="utf-8"))
    survey, _ = read_reference(name, root=reference)

    assert log_coefficients(survey) == pytest.approx(record["logmultinom"], rel=1e-12)


def small_survey(effort):
    captures = CaptureHistory(
        individuals=["a", "b"],
        individual=[0, 0, 1],
        occasion=[0, 2, 1],
        trap=[0, 0, 1],
        count=[1, 1, 1],
    )
    traps = scr.Traps(names=["A", "B"], xy=np.array([[0.0, 0.0], [500.0, 0.0]]), crs="local")
    usage = Usage(np.array(effort, dtype=float))
    return scr.Survey((Session("1", traps, usage, captures),), "proximity")


def test_collapse_days__adds_up_days_and_detections():
    survey = collapse_days(small_survey([[1, 0, 1], [1, 1, 1]]))

    session = survey.sessions[0]
    assert session.usage.effort.tolist() == [[2.0], [3.0]]
    assert session.captures.count.tolist() == [2, 1]
    # One history of its own each, log 2!; C(2, 2) and C(3, 1) ways to choose the days.
    assert log_coefficients(survey) == pytest.approx(np.log(2 * 3))
    assert log_coefficients(survey) == pytest.approx(constants(survey))


def test_collapse_days__refuses_occasions_that_are_no_days():
    with pytest.raises(SurveyError, match="are not of one day"):
        collapse_days(small_survey([[2, 1, 1], [1, 1, 1]]))
    mixed = with_detectors(small_survey([[1, 1, 1], [1, 1, 1]]), ["proximity", "count", "count"])
    with pytest.raises(SurveyError, match="only detections of 'proximity'"):
        collapse_days(mixed)
