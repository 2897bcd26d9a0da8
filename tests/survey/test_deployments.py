"""Deployments become effort: hand-worked, to the minute."""

import numpy as np
import pandas as pd
import pytest

from scr.errors import SurveyError
from scr.io.tables import read_table
from scr.schema import aliases
from scr.survey.deployments import effort_from_deployments
from scr.survey.matching import sessions_of
from scr.survey.occasion_rule import OccasionRule
from scr.survey.traps import Traps

TRAPS = Traps(names=["A", "B", "C"], xy=np.array([[0.0, 0.0], [2e3, 0.0], [4e3, 0.0]]), crs="local")


def read(rows, *, columns="station,start,end", traps=TRAPS, **rule):
    table = pd.DataFrame([row.split(",") for row in rows], columns=columns.split(","))
    table = read_table(table, columns=aliases("deployments"))
    sessions = sessions_of(traps, table, pd.DataFrame(), source="d.csv")
    return effort_from_deployments(table, sessions, rule=OccasionRule(**rule), source="d.csv")


def effort(rows, **more):
    return read(rows, **more)[0]["1"].usage.effort


def test_effort__hand_worked_table_to_the_minute():
    # Occasions of 5 days from midnight of 2 May, the first set-up; last end 13 May 06:30, so the
    # third occasion (12 to 16 May) is partial and stays.
    # A: 2 May 16:00 to 13 May 06:30, failed 4 May 10:00 to 6 May 22:15.
    #    first: 2 May 8 h, 3 May 24 h, 4 May 10 h, 6 May 1 h 45 min = 43 h 45 min
    #    second (7 to 11 May) 120 h; third: 12 May 24 h, 13 May 6 h 30 min = 30 h 30 min
    # B: two cameras, 3 May 12:00 to 5 May 12:00 and 5 May 00:00 to 8 May 00:00; the union is
    #    3 May 12:00 to 8 May 00:00: 3 May 12 h, 4 to 6 May 72 h = 84 h; 7 May 24 h; none.
    # C: never set up.
    columns = "station,start,end,problem1_from,problem1_to"
    result = effort(
        [
            "A,2024-05-02 16:00,2024-05-13 06:30,2024-05-04 10:00,2024-05-06 22:15",
            "B,2024-05-03 12:00,2024-05-05 12:00,,",
            "B,2024-05-05 00:00,2024-05-08 00:00,,",
            "C,,,,",
        ],
        columns=columns,
        days=5,
    )
    hours = np.array([[43.75, 120.0, 30.5], [84.0, 24.0, 0.0], [0.0, 0.0, 0.0]])
    assert result == pytest.approx(hours / 24, rel=1e-14)


def test_effort__dates_count_whole_at_both_ends():
    result = effort(["A,2024-05-02,2024-05-04", "B,2024-05-03,2024-05-03"])
    assert result.tolist() == [[1, 1, 1], [0, 1, 0], [0, 0, 0]]


def test_effort__a_failure_given_by_dates_takes_whole_days():
    columns = "station,start,end,Problem1_from,Problem1_to,Problem2_from,Problem2_to"
    result = effort(["A,2024-05-02,2024-05-06,2024-05-03,2024-05-04,,"], columns=columns)
    assert result[0].tolist() == [1, 0, 0, 1, 1]


def test_effort__another_camera_covers_a_failure():
    columns = "station,start,end,problem1_from,problem1_to"
    rows = ["A,2024-05-02,2024-05-06,2024-05-03,2024-05-05", "A,2024-05-04,2024-05-06,,"]
    assert effort(rows, columns=columns)[0].tolist() == [1, 0, 1, 1, 1]


def test_effort__noon_starts_with_the_first_set_up():
    result = effort(["A,2024-05-02 16:00,2024-05-04 10:00"], day_starts="noon")
    assert result[0] == pytest.approx([20 / 24, 22 / 24])


def test_effort__noon_keeps_the_morning_of_a_first_day():
    # Two whole days, cut at noon, are a half, a whole and a half.
    result = effort(["A,2024-05-02,2024-05-03"], day_starts="noon")
    assert result[0].tolist() == [0.5, 1.0, 0.5]


def test_effort__a_gap_of_all_cameras_is_an_occasion_without_effort():
    result = effort(["A,2024-05-02,2024-05-03", "B,2024-05-05,2024-05-05"])
    assert result.sum(axis=0).tolist() == [1, 1, 0, 1]


def test_effort__a_clock_has_24_hours_on_the_night_of_summer_time():
    # 31 March 2024, Europe: the wall clock is taken as the camera's, which does not jump.
    assert effort(["A,2024-03-30 12:00,2024-03-31 12:00"])[0].tolist() == [0.5, 0.5]


def test_effort__sessions_have_their_own_first_day():
    efforts, _, _ = read(
        ["2023,A,2023-06-01,2023-06-02", "2024,A,2024-05-02,2024-05-04"],
        columns="session,station,start,end",
    )
    assert list(efforts) == ["2023", "2024"]
    assert efforts["2023"].usage.first_day == np.datetime64("2023-06-01")
    assert efforts["2024"].usage.effort.shape == (3, 3)


def test_effort__notes_traps_without_a_deployment():
    _, _, notes = read(["A,2024-05-02,2024-05-04"])
    assert notes == ("B, C have no deployment in d.csv: effort 0.",)


def test_effort__returns_the_offsets_of_its_times():
    _, offsets, _ = read(["A,2024-05-02T16:00+09:00,2024-05-04T10:00+09:00"])
    assert offsets == frozenset({540.0})


@pytest.mark.parametrize(
    ("rows", "more", "words"),
    [
        (["A,2024-05-02,2024-05-01"], {}, ["'A' 2024-05-02 to 2024-05-01 (row 2)"]),
        (["A,2024-05-02 10:00,2024-05-02 10:00"], {}, ["do not end after they start"]),
        (["A,2024-05-02,", "B,,2024-05-02"], {}, ["'A' has no end (row 2)", "'B' has no start"]),
        (["Z,2024-05-02,2024-05-03"], {}, ["'Z' in row 2", "add the traps"]),
        (["A,May 2nd,2024-05-03"], {}, ["'May 2nd' (start, row 2)"]),
        (["A,02/05/2024,03/05/2024"], {}, ["'02/05/2024'", "day_first"]),
        (
            ["A,2024-05-02,2024-05-03,2023-05-02,2023-05-03"],
            {"columns": "station,start,end,problem1_from,problem1_to"},
            ["failure of 'A' in row 2", "outside its deployment"],
        ),
        (
            ["A,2024-05-02,2024-05-03,2024-05-02,"],
            {"columns": "station,start,end,problem1_from,problem1_to"},
            ["only one end", "row 2"],
        ),
        (
            ["A,2024-05-02,2024-05-03,2024-05-02"],
            {"columns": "station,start,end,problem1_from"},
            ["'problem1_from'", "problem1_to"],
        ),
    ],
)
def test_effort__names_rows_and_remedy(rows, more, words):
    with pytest.raises(SurveyError) as caught:
        read(rows, **more)
    assert [word for word in ["d.csv", *words] if word not in str(caught.value)] == []


def test_effort__names_a_session_that_has_none():
    traps = Traps(names=["A", "B"], xy=TRAPS.xy[:2], crs="local", session=["n", "s"])
    with pytest.raises(SurveyError, match=r"d\.csv has no deployment for session 's'"):
        read(["n,A,2024-05-02,2024-05-03"], columns="session,station,start,end", traps=traps)


@pytest.mark.parametrize("rule", [{"days": 0}, {"days": 1.5}, {"day_starts": "dusk"}])
def test_occasion_rule__refuses_what_is_no_occasion(rule):
    with pytest.raises(SurveyError, match=next(iter(rule))):
        OccasionRule(**rule)
