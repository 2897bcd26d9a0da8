"""Effort to the minute over the night of summer time, worked by hand.

In central Europe clocks went from 02:00 to 03:00 on 31 March 2024, from +01:00 to +02:00. The
clock of a camera does not jump: it is read at +01:00 from set-up to retrieval. In autumn, on 27
October, clocks went back from 03:00 to 02:00.
"""

import json

import numpy as np
import pandas as pd
import pytest

from scr.io.camtrap_dp import read_camtrap_dp
from scr.io.tables import read_table
from scr.schema import aliases
from scr.survey.deployments import effort_from_deployments
from scr.survey.formats import survey_from_project
from scr.survey.matching import sessions_of
from scr.survey.occasion_rule import OccasionRule
from scr.survey.traps import Traps

TRAPS = Traps(names=["A", "B"], xy=np.array([[0.0, 0.0], [2e3, 0.0]]), crs="local")
DAY = 24 * 60


def minutes(rows, *, columns="station,start,end", **rule):
    """Minutes of work by station and day, and the notes."""
    table = pd.DataFrame([row.split(",") for row in rows], columns=columns.split(","))
    table = read_table(table, columns=aliases("deployments"))
    sessions = sessions_of(TRAPS, table, pd.DataFrame(), source="d.csv")
    efforts, _, notes = effort_from_deployments(
        table, sessions, rule=OccasionRule(**rule), source="d.csv"
    )
    return efforts["1"].usage.effort * DAY, notes


def test_effort__wall_clock_times_have_24_hours_in_spring():
    # 30 March 16:10 to 24:00 is 7 h 50; 31 March 24 h; 1 April 00:00 to 09:25.
    # B: 31 March 01:30 to 24:00 is 22 h 30; 1 April 00:00 to 03:15.
    worked, _ = minutes(
        ["A,2024-03-30 16:10,2024-04-01 09:25", "B,2024-03-31 01:30,2024-04-01 03:15"]
    )
    hand = [[470, DAY, 565], [0, 22 * 60 + 30, 195]]
    assert worked == pytest.approx(np.array(hand), abs=1e-9)


def test_effort__times_with_offsets_are_put_on_the_clock_of_the_set_up_in_spring():
    # The same two cameras, retrieval written at +02:00: 09:25+02:00 is 08:25 on a clock at +01:00,
    # which makes 505 minutes of 1 April; 03:15+02:00 is 02:15, 135 minutes.
    worked, notes = minutes(
        [
            "A,2024-03-30T16:10+01:00,2024-04-01T09:25+02:00",
            "B,2024-03-31T01:30+01:00,2024-04-01T03:15+02:00",
        ]
    )
    hand = [[470, DAY, 505], [0, 22 * 60 + 30, 135]]
    assert worked == pytest.approx(np.array(hand), abs=1e-9)
    assert any("offset from UTC changes" in note for note in notes)


def test_effort__times_with_offsets_are_put_on_the_clock_of_the_set_up_in_autumn():
    # 26 October 20:45+02:00 to 24:00 is 195 minutes; 27 October 24 h; retrieval at 06:05+01:00 is
    # 07:05 on a clock at +02:00: 425 minutes.
    worked, _ = minutes(["A,2024-10-26T20:45+02:00,2024-10-28T06:05+01:00"])
    assert worked[0] == pytest.approx([195, DAY, 425], abs=1e-9)
    wall, _ = minutes(["A,2024-10-26 20:45,2024-10-28 06:05"])
    assert wall[0] == pytest.approx([195, DAY, 365], abs=1e-9)


def test_effort__a_failure_over_the_night_of_summer_time():
    # A fails 31 March 00:30+01:00 to 04:30+02:00, which is 03:30 on its clock: 180 minutes.
    columns = "station,start,end,problem1_from,problem1_to"
    worked, _ = minutes(
        [
            "A,2024-03-30T16:10+01:00,2024-04-01T09:25+02:00,"
            "2024-03-31T00:30+01:00,2024-03-31T04:30+02:00"
        ],
        columns=columns,
    )
    assert worked[0] == pytest.approx([470, DAY - 180, 505], abs=1e-9)


def test_effort__occasions_from_noon_over_the_night_of_summer_time():
    # Noon to noon: 30 March 16:10 to 31 March 12:00 is 19 h 50; then 24 h less what is after
    # 1 April 09:25, which is 21 h 25.
    worked, _ = minutes(["A,2024-03-30 16:10,2024-04-01 09:25"], day_starts="noon")
    assert worked[0] == pytest.approx([19 * 60 + 50, 21 * 60 + 25], abs=1e-9)


def test_effort__the_length_of_work_is_that_of_coordinated_time_where_offsets_are_given():
    # A conservation law: however days are cut, the minutes add up to the time between two instants.
    start, end = "2024-03-30T16:10+01:00", "2024-04-01T09:25+02:00"
    elapsed = (pd.Timestamp(end) - pd.Timestamp(start)).total_seconds() / 60
    for rule in ({}, {"day_starts": "noon"}, {"days": 2}):
        worked, _ = minutes([f"A,{start},{end}"], **rule)
        assert worked.sum() == pytest.approx(elapsed, abs=1e-9)


def test_read_camtrap_dp__effort_and_occasions_over_the_night_of_summer_time(tmp_path):
    resources = [{"name": n, "path": f"{n}.csv"} for n in ("deployments", "observations")]
    (tmp_path / "datapackage.json").write_text(json.dumps({"resources": resources}))
    (tmp_path / "deployments.csv").write_text(
        "deploymentID,locationID,latitude,longitude,deploymentStart,deploymentEnd\n"
        "d1,A,50.1,4.1,2024-03-30T16:10:00+01:00,2024-04-01T09:25:00+02:00\n"
        "d2,B,50.2,4.1,2024-03-31T03:30:00+02:00,2024-04-01T03:15:00+02:00\n"
    )
    (tmp_path / "observations.csv").write_text(
        "observationID,deploymentID,eventStart,observationType,individualID\n"
        "1,d1,2024-03-31T22:30:00Z,animal,Ana\n"
        "2,d2,2024-03-31T22:30:00Z,animal,Ana\n"
    )
    session = survey_from_project(read_camtrap_dp(tmp_path), to_crs="EPSG:32631").sessions[0]
    # d1 runs at +01:00 as above. d2 was set up after the change and runs at +02:00: 31 March 03:30
    # to 24:00 is 20 h 30, 1 April 195 minutes.
    hand = [[470, DAY, 505], [0, 20 * 60 + 30, 195]]
    assert session.usage.effort * DAY == pytest.approx(np.array(hand), abs=1e-6)
    # One instant is 31 March 23:30 on the clock of d1 and 1 April 00:30 on that of d2.
    assert session.captures.occasion.tolist() == [1, 2]
