import numpy as np
import pandas as pd
import pytest

from scr.survey.bearing import bearing_troubles, expected_rse
from scr.survey.reading import read_survey
from scr.survey.totals import totals_of
from scr.survey.traps import Traps


def grid(step, n=5):
    x, y = np.meshgrid(np.arange(n) * step, np.arange(n) * step)
    xy = np.column_stack([x.ravel(), y.ravel()]).astype(float)
    return Traps(names=[str(k) for k in range(n * n)], xy=xy, crs="local")


def survey_of(traps, n_animals=8, n_each=5, sexes=("F", "M")):
    """Animals that alternate between two neighbouring stations."""
    rows = [
        (f"x{i}", str(2 * i + j % 2), j + 1, sexes[i % len(sexes)])
        for i in range(n_animals)
        for j in range(n_each)
    ]
    seen = pd.DataFrame(rows, columns=["individual", "trap", "occasion", "sex"])
    return read_survey(seen, traps, usage=10)


def kinds(survey, sigma, **choices):
    return [trouble.kind for trouble in bearing_troubles(survey, sigma, **choices)]


def test_expected_rse__is_that_of_the_fewer_of_animals_and_recaptures():
    assert expected_rse(totals_of(survey_of(grid(1000.0), n_animals=3, n_each=4))) == (
        pytest.approx(1 / np.sqrt(3))
    )
    nobody = pd.DataFrame({"individual": [], "trap": [], "occasion": []})
    assert expected_rse(totals_of(read_survey(nobody, grid(1000.0), usage=3))) == np.inf


def test_bearing_troubles__sound_data_have_none():
    assert kinds(survey_of(grid(1500.0)), 1000.0, by_sex=True) == []


def test_bearing_troubles__few_data_are_told_with_the_error_to_expect():
    (trouble,) = bearing_troubles(survey_of(grid(1500.0), n_animals=4), 1000.0)
    assert trouble.kind == "few data"
    for words in ("4 animals", "16 recaptures", "50 %"):
        assert words in trouble.found
    assert "20 recaptures" in trouble.remedy
    single = survey_of(grid(1500.0), n_animals=4, n_each=1)
    assert "cannot be told apart" in bearing_troubles(single, 1000.0)[0].found


def test_bearing_troubles__a_sex_with_few_animals_is_told_where_the_model_uses_sex():
    survey = survey_of(grid(1500.0), sexes=("F", "F", "F", "M"))
    assert kinds(survey, 1000.0, by_sex=True) == ["few of a sex"]
    assert kinds(survey, 1000.0) == []


def test_bearing_troubles__an_array_smaller_than_a_home_range():
    # 4 km across; a home range of sigma 1 km is 4.9 km across.
    (trouble,) = bearing_troubles(survey_of(grid(1000.0)), 1000.0)
    assert trouble.kind == "array too small"
    assert "4 km across, 4.0 times sigma" in trouble.found
    assert kinds(survey_of(grid(1250.0)), 1000.0) == []


def test_bearing_troubles__stations_that_a_home_range_fits_between():
    # On a square grid the widest hole has radius step / sqrt(2); 2.45 sigma fit from 3.46 km on.
    assert kinds(survey_of(grid(3400.0)), 1000.0) == []
    (trouble,) = bearing_troubles(survey_of(grid(3500.0)), 1000.0)
    assert trouble.kind == "array too sparse"
    assert "3.5 km apart" in trouble.found
    assert "1.5 to 2 km" in trouble.remedy
