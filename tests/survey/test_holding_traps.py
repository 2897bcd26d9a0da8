"""Traps that keep an animal: suspected where cameras would see it twice, and those of one."""

import numpy as np
import pandas as pd
import pytest

import scr
from scr.errors import SurveyError, SurveyWarning

TRAPS = pd.DataFrame({"station": ["A", "B"], "x": [0, 3000], "y": [0, 0]})


def seen(n_animals, *, at_once=False):
    """Each animal in five of ten occasions at A and in the five others at B: 25 / 10 expected."""
    rows = [
        (f"x{i}", "AB"[s % 2], s + 1)
        for i in range(n_animals)
        for s in range(10)
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["individual", "trap", "occasion"])
    if at_once:
        table.loc[1, "occasion"] = 1
    return table


def read(table, *, usage=10, **more):
    return scr.read_survey(table, scr.read_traps(TRAPS, crs="local"), usage=usage, **more)


def test_suspect_holding__none_together_where_some_are_expected_is_told():
    with pytest.warns(SurveyWarning, match="in 40 records no animal is at two.*about 10 such") as w:
        read(seen(4))
    assert "detector='multi'" in str(w[0].message)
    assert "detector='single'" in str(w[0].message)


@pytest.mark.filterwarnings("ignore:usage")
@pytest.mark.parametrize(
    ("table", "more"),
    [
        (seen(1), {}),  # 2.5 expected: too few to tell
        (seen(4, at_once=True), {}),
        (seen(4), {"detector": "multi"}),
        (seen(4), {"detector": "count"}),
        (seen(4), {"usage": np.tile([[1, 0], [0, 1]], (1, 5))}),  # never at work together
    ],
)
def test_suspect_holding__is_silent_otherwise(table, more):
    assert "traps may hold animals" not in read(table, **more).doubts


def test_read_survey__single_catch_is_fitted_as_multi_with_a_note():
    table = seen(1)
    survey = read(table, detector="single")
    assert any("lambda0" in note and "not to be interpreted" in note for note in survey.notes)
    mask = scr.build_mask(survey.sessions[0].traps, buffer=6000, spacing=1000)
    theta = {"density.Intercept": -3.0, "lambda0.Intercept": -1.0, "sigma.Intercept": 7.5}
    one, other = (
        scr.log_likelihood(data, mask, scr.ModelSpec(), coefficients=theta)
        for data in (survey, read(table, detector="multi"))
    )
    assert one == other


def test_read_survey__two_animals_in_a_trap_of_one_are_named():
    with pytest.raises(SurveyError, match=r"'x0', 'x1' at 'A', occasion 1; .*detector='multi'"):
        read(seen(2), detector="single")


def test_read_survey__an_unknown_detector_is_told():
    with pytest.raises(SurveyError, match=r"detector='pitfall' is not known.*'single'"):
        read(seen(1), detector="pitfall")
