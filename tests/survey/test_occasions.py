"""Detections fall in occasions, and never where their trap did not work."""

import numpy as np
import pandas as pd
import pytest

from scr.errors import SurveyError
from scr.io.tables import read_table
from scr.schema import aliases
from scr.survey.deployments import effort_from_deployments
from scr.survey.effort import SessionEffort
from scr.survey.matching import match_rows
from scr.survey.occasion_rule import OccasionRule
from scr.survey.occasions import place_detections
from scr.survey.outside import Detected
from scr.survey.traps import Traps
from scr.survey.usage import Usage

SESSIONS = {"1": Traps(names=["A", "B"], xy=np.array([[0.0, 0.0], [1e3, 0.0]]), crs="local")}


def rows(text, table="detections"):
    header, *lines = [line.split(",") for line in text.split("|")]
    return read_table(pd.DataFrame(lines, columns=header), columns=aliases(table))


def place(seen, effort, *, drop_outside=False, offsets=frozenset(), **rule):
    table = rows(seen)
    detected = Detected(table, match_rows(table, SESSIONS, source="d.csv"), "d.csv")
    rule = OccasionRule(**rule)
    if isinstance(effort, str):
        efforts, offsets, _ = effort_from_deployments(
            rows(effort, "deployments"), SESSIONS, rule=rule, source="dep.csv"
        )
    else:
        efforts = {"1": SessionEffort(Usage(effort=np.array(effort), source="u.csv"))}
    return place_detections(
        detected, efforts, rule=rule, offsets=offsets, drop_outside=drop_outside
    )


def occasions(seen, effort, **more):
    return (place(seen, effort, **more).occasion + 1).tolist()


WHOLE = "trap,start,end|A,2024-05-02,2024-05-09|B,2024-05-02,2024-05-09"
TIMED = "trap,start,end|A,2024-05-02 16:00,2024-05-04 10:00|B,2024-05-02 16:00,2024-05-09 10:00"


def test_place__by_the_day_of_the_wall_clock():
    seen = "individual,trap,datetime|x,A,2024-05-02 23:59|x,A,2024-05-03 00:00|x,B,2024-05-09 23:59"
    assert occasions(seen, WHOLE) == [1, 2, 8]
    assert occasions(seen, WHOLE, days=5) == [1, 1, 2]


def test_place__noon_keeps_a_night_together():
    seen = "individual,trap,datetime|x,B,2024-05-02 22:00|x,B,2024-05-03 04:00|x,B,2024-05-03 13:00"
    assert occasions(seen, TIMED, day_starts="noon") == [1, 1, 2]


def test_place__a_photograph_on_the_evening_of_set_up_counts():
    assert occasions("individual,trap,datetime|x,A,2024-05-02 19:42", TIMED) == [1]


def test_place__a_photograph_at_the_very_end_counts():
    seen = "individual,trap,datetime|x,A,2024-05-04 10:00"
    assert occasions(seen, TIMED) == [3]
    end = "trap,start,end|A,2024-05-02 16:00,2024-05-04 24:00|B,2024-05-02 16:00,2024-05-03 10:00"
    assert occasions(
        "individual,trap,datetime|x,A,2024-05-05 00:00:00|x,A,2024-05-03 07:00", end
    ) == [
        3,
        2,
    ]


def test_place__an_offset_does_not_move_the_day():
    seen = "individual,trap,datetime|x,A,2024-05-03T05:12:00+09:00|x,A,2024-05-02T22:00:00+09:00"
    assert occasions(seen, WHOLE) == [2, 1]


def test_place__utc_is_moved_to_the_clock_of_the_deployments():
    # 20:12 UTC on 2 May is 05:12 on 3 May at +09:00.
    dep = "trap,start,end|A,2024-05-02T16:00+09:00,2024-05-09T10:00+09:00"
    placed = place("individual,trap,datetime|x,A,2024-05-02T20:12:00Z", dep)
    assert (placed.occasion + 1).tolist() == [2]
    assert placed.notes == ("d.csv: times were moved from +00:00 to the deployments' +09:00.",)


def test_place__utc_against_deployments_without_an_offset_is_said():
    placed = place("individual,trap,datetime|x,A,2024-05-03T20:12:00Z", WHOLE)
    assert "marked as UTC" in placed.notes[0]


def test_place__two_clocks_of_the_deployments_leave_it_open():
    dep = "trap,start,end|A,2024-05-02T16:00+09:00,2024-05-09T10:00+09:00"
    dep += "|B,2024-05-02T16:00+10:00,2024-05-09T10:00+10:00"
    with pytest.raises(SurveyError, match=r"\+00:00 from UTC, the deployments at \+09:00, \+10:00"):
        place("individual,trap,datetime|x,A,2024-05-02T20:12:00Z", dep)


def test_place__the_clock_of_the_start_serves_to_the_end():
    dep = "trap,start,end|A,2024-05-02T16:00+09:00,2024-05-09T10:00+10:00"
    placed = place("individual,trap,datetime|x,A,2024-05-02T20:12:00Z", dep)
    assert (placed.occasion + 1).tolist() == [2]


def test_place__a_date_without_a_time_is_within_a_partial_day():
    assert occasions("individual,trap,date|x,A,2024-05-02|x,A,2024-05-04", TIMED) == [1, 3]


def test_place__a_date_and_a_time_column():
    seen = "individual,trap,date,time|x,A,2024-05-02,19:42:00"
    assert occasions(seen, TIMED) == [1]
    with pytest.raises(SurveyError, match="2024-05-02 09:42:00, row 2"):
        place(seen.replace("19:", "09:"), TIMED)


def test_place__numbers_are_taken_as_they_stand():
    assert occasions("individual,trap,occasion|x,B,2", [[1, 0], [1, 1]]) == [2]
    assert occasions("individual,trap,occasion|x,B,2", WHOLE) == [2]


def test_place__one_occasion_needs_no_column():
    assert occasions("individual,trap|x,B", [[12.0], [12.0]]) == [1]


LATE = "individual,trap,datetime|x,A,2024-05-03 01:00|y,A,2024-05-07 21:14"
FAILED = "trap,start,end,problem1_from,problem1_to|A,2024-05-02,2024-05-09,2024-05-07,2024-05-08"


@pytest.mark.parametrize(
    ("seen", "effort", "words"),
    [
        (LATE, TIMED, ["'y' at 'A' on 2024-05-07 21:14, row 3", "3.5 days after",
                       "2024-05-02 16:00 to 2024-05-04 10:00 (row 2) in dep.csv", "drop_outside"]),
        (LATE, FAILED, ["'y' at 'A'", "row 3", "21 hours after the camera worked"]),
        ("individual,trap,datetime|x,A,2024-05-02 15:30", TIMED, ["30 minutes before"]),
        ("individual,trap,date|x,B,2024-05-11", WHOLE, ["2 days after"]),
        ("individual,trap,date|x,B,2024-05-11", FAILED, ["no deployment in dep.csv"]),
        ("individual,trap,occasion|x,A,2", [[1, 0], [1, 1]],
         ["'x' at 'A', row 2", "effort 0 in occasion 2 in u.csv"]),
        ("individual,trap,occasion|x,A,3", [[1, 0], [1, 1]], ["'3'", "row 2", "1 to 2", "u.csv"]),
        ("individual,trap,occasion|x,A,0", [[1, 0], [1, 1]], ["'0'", "row 2"]),
        ("individual,trap,occasion|x,A,1.5", [[1, 0], [1, 1]], ["'1.5'", "row 2"]),
        ("individual,trap,occasion|x,A,", [[1, 0], [1, 1]], ["row 2", "whole numbers"]),
        ("individual,trap|x,A", [[1, 0], [1, 1]], ["no column 'occasion'"]),
        ("individual,trap|x,A", WHOLE, ["no column 'occasion', 'datetime' or 'date'"]),
        ("individual,trap,datetime|x,A,2024-05-02 01:00", [[1, 1], [1, 1]],
         ["gives times", "u.csv numbers its occasions"]),
        ("individual,trap,datetime|Juno,A,|Cino,B,+09:00", WHOLE,
         ["2 detections have no date", "'Juno' at 'A' (row 2)", "'Cino' at 'B' (row 3)"]),
        ("individual,trap,datetime,occasion|x,A,2024-05-03 01:00,1", WHOLE,
         ["occasion disagrees", "row 2", "by its time 2"]),
    ],
)  # fmt: skip
def test_place__names_rows_and_remedy(seen, effort, words):
    with pytest.raises(SurveyError) as caught:
        place(seen, effort)
    assert [word for word in ["d.csv", *words] if word not in str(caught.value)] == []


def test_place__a_date_alone_cannot_be_cut_at_noon():
    with pytest.raises(SurveyError, match=r"d\.csv: row 2 have a date without a time"):
        place("individual,trap,date|x,A,2024-05-03", TIMED, day_starts="noon")


def test_place__dropping_is_asked_for_and_noted():
    placed = place(LATE, TIMED, drop_outside=True)
    assert placed.inside.tolist() == [True, False]
    assert "1 detections outside" in placed.notes[0]
    assert "'y' at 'A' on 2024-05-07 21:14, row 3" in placed.notes[0]
