"""The record of traps refuses what it cannot hold."""

import numpy as np
import pytest

from scr.errors import SurveyError
from scr.survey.traps import Traps

XY = np.array([[0.0, 0.0], [1000.0, 0.0]])


def test_traps__one_session_where_none_is_named():
    traps = Traps(names=["A", "B"], xy=XY, crs="local")
    assert traps.sessions == ("1",)
    assert not traps.sessions_named


def test_traps__sessions_keep_the_order_of_the_file():
    traps = Traps(names=["A", "A"], xy=XY, crs="local", session=["south", "north"])
    assert traps.sessions == ("south", "north")
    assert traps.of_session("north").xy.tolist() == [[1000.0, 0.0]]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"names": ["A", "A"]}, ["'A'", "rows 2, 3", "new name"]),
        ({"xy": [[0.0, 0.0], [np.nan, 0.0]]}, ["'B' (row 3)", "missing"]),
        ({"xy": XY[:1]}, ["2 traps", "1 coordinates"]),
        ({"names": [], "xy": np.empty((0, 2))}, ["has no traps"]),
    ],
)
def test_traps__names_the_fault(changed, words):
    with pytest.raises(SurveyError) as caught:
        Traps(**({"names": ["A", "B"], "xy": XY, "crs": "local", "source": "s.csv"} | changed))
    assert [word for word in ["s.csv", *words] if word not in str(caught.value)] == []


def test_of_session__names_the_sessions_there_are():
    with pytest.raises(SurveyError, match=r"no traps for session 'x'; it has '1'"):
        Traps(names=["A", "B"], xy=XY, crs="local").of_session("x")
