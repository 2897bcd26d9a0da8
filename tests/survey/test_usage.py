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
