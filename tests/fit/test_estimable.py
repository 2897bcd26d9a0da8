import pytest

import scr
from scr.errors import FitError, SurveyWarning
from scr.fit.estimable import moves_between_traps


@pytest.mark.parametrize("fit", [scr.fit_mle, scr.fit_laplace, scr.fit_nuts])
def test_fit__refuses_a_survey_without_captures(with_captures, fit):
    survey, mask = with_captures(0, [], [], [])

    with pytest.raises(FitError, match="has no detections"):
        fit(survey, mask, scr.ModelSpec())


@pytest.mark.parametrize("fit", [scr.fit_mle, scr.fit_laplace, scr.fit_nuts])
def test_fit__refuses_one_capture(with_captures, fit):
    survey, mask = with_captures(1, [0], [2], [7])

    with pytest.raises(FitError, match=r"one detection.*sigma"):
        fit(survey, mask, scr.ModelSpec())


def test_fit_mle__refuses_animals_that_stay_at_a_trap(with_captures):
    survey, mask = with_captures(2, [0, 0, 1], [0, 1, 2], [3, 3, 9])

    with pytest.raises(FitError, match="None of the 2 animals was detected at more than one"):
        scr.fit_mle(survey, mask, scr.ModelSpec())


def test_fit_laplace__warns_that_sigma_follows_its_prior(with_captures):
    survey, mask = with_captures(2, [0, 0, 1], [0, 1, 2], [3, 3, 9])

    with pytest.warns(SurveyWarning, match="follows its prior"):
        scr.fit_laplace(survey, mask, scr.ModelSpec(), draws=200, check_mask=False)


def test_moves_between_traps__counts_other_traps_of_each_animal(with_captures):
    survey, _ = with_captures(2, [0, 0, 0, 0, 1], [0, 1, 2, 3, 0], [3, 4, 4, 5, 3])

    assert moves_between_traps(survey) == 2
