import numpy as np
import pandas as pd
import pytest

from scr.survey.bearing import bearing_of, bearing_troubles
from scr.survey.reading import read_survey
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


def test_bearing_of__counts_by_hand():
    # Three animals with 4 detections each, two F and one M, all at two stations; one more alone.
    survey = survey_of(grid(1000.0), n_animals=3, n_each=4, sexes=("F", "M"))
    facts = bearing_of(survey.sessions)
    counts = facts.n_animals, facts.n_detections, facts.n_recaptures, facts.n_at_two
    assert counts == (3, 12, 9, 3)
    assert facts.by_sex.to_numpy().tolist() == [["F", 2, 8], ["M", 1, 4]]
    assert facts.expected_rse == pytest.approx(1 / np.sqrt(3))


def test_bearing_of__nobody_seen():
    nobody = pd.DataFrame({"individual": [], "trap": [], "occasion": []})
    facts = bearing_of(read_survey(nobody, grid(1000.0), usage=3).sessions)
    assert (facts.n_animals, facts.n_recaptures, len(facts.by_sex)) == (0, 0, 0)
    assert facts.expected_rse == np.inf


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
