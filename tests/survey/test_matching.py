"""Rows find their session and trap by name, exactly."""

import numpy as np
import pandas as pd
import pytest

from scr.errors import SurveyError
from scr.io.tables import read_table
from scr.survey.matching import match_rows, sessions_of
from scr.survey.traps import Traps


def traps(names, session=()):
    xy = np.column_stack([np.arange(len(names)) * 1e3, np.zeros(len(names))])
    return Traps(names=names, xy=xy, crs="local", session=list(session), source="stations.csv")


def rows(**columns):
    return read_table(pd.DataFrame(columns, dtype=object))


ONE = {"1": traps(["001", "007", "C21"])}
TWO = {
    "n": traps(["A", "B"], ["n", "n"]),
    "s": traps(["B", "C"], ["s", "s"]),
}


def test_match_rows__gives_indices_within_the_session():
    matched = match_rows(rows(session=["s", "n"], trap=["B", "B"]), TWO, source="d.csv")
    assert matched["session"].tolist() == ["s", "n"]
    assert matched["trap"].tolist() == [0, 1]


def test_match_rows__a_trap_of_one_session_tells_it():
    matched = match_rows(rows(trap=["C", "A"]), TWO, source="d.csv")
    assert matched["session"].tolist() == ["s", "n"]


@pytest.mark.parametrize(
    ("table", "sessions", "words"),
    [
        ({"trap": ["7", "1"]}, ONE, ["'7' in row 2 (known: '007')", "zeros", "as text"]),
        ({"trap": ["c21"]}, ONE, ["'c21' in row 2 (known: 'C21')", "case included"]),
        ({"trap": ["X9"]}, ONE, ["'X9' in row 2", "add the traps", "stations.csv"]),
        ({"trap": ["001", None], "note": ["", "x"]}, ONE, ["the station is blank in row 3"]),
        ({"trap": ["B"]}, TWO, ["no column 'session'", "'n', 's'", "row 2"]),
        ({"trap": ["C"], "session": ["n"]}, TWO, ["'C' in row 2", "another session"]),
        ({"trap": ["C"], "session": ["w"]}, TWO, ["row 2", "'w'", "'n', 's'"]),
        ({"trap": ["C"], "session": [None]}, TWO, ["the session is blank in row 2"]),
    ],
)
def test_match_rows__names_rows_and_remedy(table, sessions, words):
    with pytest.raises(SurveyError) as caught:
        match_rows(rows(**table), sessions, source="d.csv")
    assert [word for word in ["d.csv", *words] if word not in str(caught.value)] == []


def test_sessions_of__come_from_the_traps():
    both = traps(["A", "A"], ["n", "s"])
    assert list(sessions_of(both, None, rows(session=["s"]), source="d.csv")) == ["n", "s"]


def test_sessions_of__traps_without_a_session_serve_in_each_of_the_usage():
    usage = rows(session=["2023", "2024"], trap=["A", "A"])
    sessions = sessions_of(traps(["A", "B"]), usage, rows(session=["2024"]), source="d.csv")
    assert list(sessions) == ["2023", "2024"]
    assert sessions["2023"].names.tolist() == ["A", "B"]
    assert sessions["2023"].sessions == ("2023",)


def test_sessions_of__the_detections_may_name_the_only_one():
    assert list(sessions_of(traps(["A"]), None, rows(session=["w", "w"]), source="d.csv")) == ["w"]


def test_sessions_of__refuses_several_that_only_detections_name():
    with pytest.raises(SurveyError, match=r"d\.csv names 2 sessions.*stations\.csv"):
        sessions_of(traps(["A"]), None, rows(session=["v", "w"]), source="d.csv")
