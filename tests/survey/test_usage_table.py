"""Effort from tables with one column per occasion."""

import numpy as np
import pandas as pd
import pytest

from scr.errors import SurveyError
from scr.io.tables import read_table
from scr.survey.matching import sessions_of
from scr.survey.occasion_rule import OccasionRule
from scr.survey.traps import Traps
from scr.survey.usage_table import effort_from_array, effort_from_table, usage_columns

XY = np.array([[0.0, 0.0], [2e3, 0.0]])
TRAPS = Traps(names=["A", "B"], xy=XY, crs="local")
TWO = Traps(names=["A", "B"], xy=XY, crs="local", session=["n", "s"])


def read(rows, columns, *, traps=TRAPS, **rule):
    table = read_table(pd.DataFrame([row.split(",") for row in rows], columns=columns.split(",")))
    sessions = sessions_of(traps, table, pd.DataFrame(), source="u.csv")
    return effort_from_table(table, sessions, rule=OccasionRule(**rule), source="u.csv")


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("trap,u1,u10,u2,u3,u4,u5,u6,u7,u8,u9", [f"u{i}" for i in range(1, 11)]),
        ("trap,o1,lure", ["o1"]),
        ("trap,2,1", ["1", "2"]),
        ("trap,X2024.05.03,X2024.05.02", ["X2024.05.02", "X2024.05.03"]),
        ("trap,Usage,lure", ["Usage"]),
        ("trap,o2,elevation", []),
        ("trap,2019", []),
    ],
)
def test_usage_columns__are_told_from_covariates(columns, expected):
    assert list(usage_columns(pd.DataFrame(columns=columns.split(",")))) == expected


def test_effort_from_table__follows_the_traps_not_the_rows():
    efforts, notes = read(["B,1,0.5", "A,0,2"], "trap,u1,u2")
    assert efforts["1"].usage.effort.tolist() == [[0.0, 2.0], [1.0, 0.5]]
    assert efforts["1"].usage.first_day is None
    assert notes == ()


def test_effort_from_table__a_trap_without_a_row_has_none():
    efforts, notes = read(["A,1,1"], "trap,u1,u2")
    assert efforts["1"].usage.effort[1].tolist() == [0.0, 0.0]
    assert notes == ("B has no row in u.csv: effort 0.",)


def test_effort_from_table__days_are_summed_to_occasions():
    columns = "trap,2024-05-02,2024-05-03,2024-05-04"
    efforts, _ = read(["A,1,0.25,1", "B,0,1,0"], columns, days=2)
    assert efforts["1"].usage.effort.tolist() == [[1.25, 1.0], [1.0, 0.0]]
    assert efforts["1"].usage.first_day == np.datetime64("2024-05-02")


def test_effort_from_table__sessions_may_differ_in_their_occasions():
    efforts, _ = read(["n,A,1,2,3", "s,B,4,,"], "session,trap,u1,u2,u3", traps=TWO)
    assert efforts["n"].usage.effort.tolist() == [[1, 2, 3]]
    assert efforts["s"].usage.effort.tolist() == [[4]]


def test_effort_from_table__notes_days_longer_than_a_day():
    _, notes = read(["A,2", "B,1"], "trap,2024-05-02")
    assert notes == ("u.csv: some days have more than one day of effort.",)


@pytest.mark.parametrize(
    ("rows", "columns", "more", "words"),
    [
        (["A,1,-1", "B,1,1"], "trap,u1,u2", {}, ["'A' u2 (-1, row 2)", "write 0"]),
        (["A,1,", "B,1,1"], "trap,u1,u2", {}, ["'A' u2 (blank, row 2)", "write 0"]),
        (["A,1,x", "B,1,1"], "trap,u1,u2", {}, ["'u2'", "'x'", "row 2"]),
        (["A,1,1", "A,1,1"], "trap,u1,u2", {}, ["'A'", "rows 2, 3"]),
        (["A,1,1", "B,1,1"], "trap,u1,u3", {}, ["'u3'", "occasion 2"]),
        (["Z,1", "B,1"], "trap,u1", {}, ["'Z' in row 2"]),
        (["A,1,1"], "trap,2024-05-02,2024-05-04", {}, ["'2024-05-04'", "2024-05-03"]),
        (["A,1"], "trap,2024-05-02", {"day_starts": "noon"}, ["noon", "deployments"]),
        (["A,1"], "trap,u1", {"days": 5}, ["occasion_days=5", "numbers its occasions"]),
        (["n,A,1"], "session,trap,u1", {"traps": TWO}, ["session 's'"]),
    ],
)
def test_effort_from_table__names_rows_and_remedy(rows, columns, more, words):
    with pytest.raises(SurveyError) as caught:
        read(rows, columns, **more)
    assert [word for word in ["u.csv", *words] if word not in str(caught.value)] == []


def test_effort_from_array__is_shared_out_by_session():
    sessions = {label: TWO.of_session(label) for label in TWO.sessions}
    efforts = effort_from_array(np.array([[1.0, 2.0], [3.0, 4.0]]), TWO, sessions)
    assert efforts["s"].usage.effort.tolist() == [[3.0, 4.0]]


def test_effort_from_array__needs_a_row_for_each_trap():
    with pytest.raises(SurveyError, match=r"shape \(1, 2\) but there are 2 traps"):
        effort_from_array(np.array([[1.0, 2.0]]), TRAPS, {"1": TRAPS})
