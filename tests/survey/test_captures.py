"""Capture histories hold one record for each animal, occasion and trap."""

import numpy as np
import pytest

from scr.errors import SurveyError
from scr.survey.captures import CaptureHistory

GOOD = {
    "individuals": ["a", "b"],
    "individual": [0, 1],
    "occasion": [0, 0],
    "trap": [3, 3],
    "count": [2, 1],
}


def test_captures__counts_animals_and_detections():
    captures = CaptureHistory(**GOOD)
    assert (captures.n_individuals, captures.n_detections) == (2, 3)


def test_captures__may_be_empty():
    empty = np.array([], dtype=int)
    captures = CaptureHistory(
        individuals=[], individual=empty, occasion=empty, trap=empty, count=empty
    )
    assert captures.n_individuals == 0


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"individuals": ["a", "a"]}, "named twice"),
        ({"individuals": ["a", "b", "c"]}, "'c'"),
        ({"individual": [0, 2]}, "outside 0..1"),
        ({"count": [1, 0]}, "Record 2 counts 0"),
        ({"individuals": ["a"], "individual": [0, 0]}, "same animal, occasion and trap"),
        ({"trap": [3]}, "lengths"),
    ],
)
def test_captures__names_the_fault(changed, word):
    with pytest.raises(SurveyError, match=word):
        CaptureHistory(**(GOOD | changed))
