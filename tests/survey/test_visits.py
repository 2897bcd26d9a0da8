"""Photographs close in time are one visit."""

import numpy as np
import pandas as pd
import pytest

from scr.errors import SurveyError
from scr.survey.dates import Moments
from scr.survey.visits import IndependenceRule, independent_visits, merge_records


def visits(rows, interval, *, timed=True):
    frame = pd.DataFrame([row.split() for row in rows], columns=["individual", "trap", "time"])
    frame["session"] = "1"
    wall = np.array([f"2024-05-02T{time}" for time in frame["time"]], dtype="datetime64[us]")
    moments = Moments(wall, np.full(len(wall), timed), np.full(len(wall), np.nan))
    rule = IndependenceRule(interval)
    return independent_visits(frame, moments, rule=rule, source="d.csv").tolist()


def test_independent_visits__are_counted_from_the_last_that_counted():
    # 07:00 counts; 07:20 and 07:29 fall within 30 minutes of it; 07:30 is 30 minutes later;
    # 07:50 is within 30 minutes of 07:30.
    rows = ["x A 07:30", "x A 07:00", "x A 07:29", "x A 07:20", "x A 07:50"]
    assert visits(rows, "30min") == [True, True, False, False, False]


def test_independent_visits__other_animals_and_traps_do_not_matter():
    assert visits(["x A 07:00", "y A 07:01", "x B 07:02"], "1h") == [True, True, True]


def test_independent_visits__zero_counts_every_row():
    assert visits(["x A 07:00", "x A 07:00"], "0min") == [True, True]


def test_independent_visits__must_be_stated():
    with pytest.raises(SurveyError, match=r'd\.csv has times.*independence="30min"'):
        visits(["x A 07:00"], None)


def test_independent_visits__dates_alone_cannot_tell_minutes():
    with pytest.raises(SurveyError, match="dates without times"):
        visits(["x A 00:00"], "30min", timed=False)
    assert visits(["x A 00:00", "x A 00:00"], "1d", timed=False) == [True, False]


@pytest.mark.parametrize("interval", ["half an hour", "-5min", "30", ""])
def test_independence_rule__refuses_what_is_no_interval(interval):
    with pytest.raises(SurveyError, match=r"independence=.*30min"):
        IndependenceRule(interval)


def test_merge_records__presence_or_sum():
    frame = pd.DataFrame(
        {
            "session": "1",
            "individual": ["x", "y", "x"],
            "occasion": 0,
            "trap": 1,
            "count": [1, 1, 4],
        }
    )
    assert merge_records(frame, binary=True)["count"].tolist() == [1, 1]
    assert merge_records(frame, binary=False)["count"].tolist() == [5, 1]
