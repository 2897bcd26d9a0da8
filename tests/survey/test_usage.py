"""Effort is never negative, missing, or nothing at all."""

import numpy as np
import pytest

from scr.errors import SurveyError
from scr.survey.usage import Usage


@pytest.mark.parametrize(
    ("effort", "words"),
    [
        ([[1.0, -0.5]], ["u.csv", "row 1 occasion 2 (-0.5)", "0 or more"]),
        ([[1.0, np.nan]], ["u.csv", "row 1 occasion 2 (nan)"]),
        ([[0.0, 0.0]], ["u.csv", "no trap worked"]),
        ([1.0, 2.0], ["u.csv", "1 dimensions"]),
    ],
)
def test_usage__names_the_fault(effort, words):
    with pytest.raises(SurveyError) as caught:
        Usage(effort=np.array(effort), source="u.csv")
    assert [word for word in words if word not in str(caught.value)] == []


def test_usage__takes_any_real_effort():
    assert Usage(effort=np.array([[0.0, 9.25]])).effort.tolist() == [[0.0, 9.25]]


@pytest.mark.parametrize("length", [0, 1.5, True, "week", -3])
def test_usage__a_length_that_is_none_is_named(length):
    with pytest.raises(SurveyError, match=f"occasion_days={length!r}"):
        Usage(np.ones((2, 3)), occasion_days=length)


def test_usage__months_begin_on_the_first():
    with pytest.raises(SurveyError, match="first begins on 2024-02-02"):
        Usage(np.ones((2, 3)), np.datetime64("2024-02-02", "us"), "month")


def test_usage__edges_and_lengths():
    undated = Usage(np.ones((2, 3)))
    assert undated.edges is None
    assert undated.lengths.tolist() == [1, 1, 1]
    months = Usage(np.ones((2, 2)), np.datetime64("2023-02-01T12:00", "us"), "month")
    assert months.lengths.tolist() == [28, 31]
    assert str(months.edges[-1]) == "2023-04-01T12:00:00.000000"
