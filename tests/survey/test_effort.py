"""Effort is the days of an occasion in which at least one camera worked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scr.survey.effort import (
    count_occasions,
    days_worked,
    first_moment,
    occasion_of,
    union,
    without,
)


def periods(*pairs):
    return np.array(pairs, dtype="datetime64[us]").reshape(-1, 2)


def test_days_worked__to_the_minute_over_five_day_occasions():
    # Worked 2 May 16:00 to 9 May 10:07. Occasions of 5 days from 2 May 00:00:
    # first 8 h + 4 x 24 h = 104 h, second 2 days + 10 h 7 min = 58 h 7 min, third none.
    days = days_worked(
        periods(["2024-05-02T16:00", "2024-05-09T10:07"]),
        first=np.datetime64("2024-05-02", "us"),
        occasion_days=5,
        n_occasions=3,
    )
    assert days == pytest.approx([104 / 24, (58 + 7 / 60) / 24, 0.0], rel=1e-15)


def test_union__two_cameras_at_once_count_once():
    both = union([periods(["2024-05-02", "2024-05-05"]), periods(["2024-05-04", "2024-05-08"])])
    assert both.astype("M8[D]").astype(str).tolist() == [["2024-05-02", "2024-05-08"]]


def test_union__of_nothing_is_nothing():
    assert union([]).shape == (0, 2)


@pytest.mark.parametrize(
    ("failures", "left"),
    [
        ([], [("01", "10")]),
        ([("03", "05")], [("01", "03"), ("05", "10")]),
        ([("03", "05"), ("04", "07")], [("01", "03"), ("07", "10")]),
        ([("08", "20")], [("01", "08")]),
        ([("01", "10")], []),
    ],
)
def test_without__takes_failures_out(failures, left):
    gaps = periods(*[(f"2024-05-{a}", f"2024-05-{b}") for a, b in failures])
    result = without(periods(["2024-05-01", "2024-05-10"])[0], gaps)
    expected = periods(*[(f"2024-05-{a}", f"2024-05-{b}") for a, b in left])
    assert (result == expected).all()
    assert result.shape == expected.shape


@given(
    st.lists(st.tuples(st.integers(0, 30000), st.integers(1, 9000)), min_size=1, max_size=6),
    st.integers(1, 9),
)
def test_days_worked__all_time_is_in_some_occasion(spans, length):
    # The minutes of all cameras, counted one by one, must be shared out without loss.
    start = np.datetime64("2024-05-02", "us")
    minute = np.timedelta64(1, "m")
    work = union([periods((start + a * minute, start + (a + n) * minute)) for a, n in spans])
    minutes = {m for a, n in spans for m in range(a, a + n)}
    n_occasions = count_occasions(start, work[-1, 1], length)
    days = days_worked(work, first=start, occasion_days=length, n_occasions=n_occasions)
    assert days.sum() == pytest.approx(len(minutes) / 1440, rel=1e-12)
    assert (days <= length).all()
    expected = np.bincount([m // (1440 * length) for m in minutes], minlength=n_occasions)
    assert days == pytest.approx(expected / 1440, rel=1e-12)


@pytest.mark.parametrize(
    ("set_up", "starts", "expected"),
    [
        ("2024-05-02T16:00", "midnight", "2024-05-02T00:00"),
        ("2024-05-02T16:00", "noon", "2024-05-02T12:00"),
        ("2024-05-02T12:00", "noon", "2024-05-02T12:00"),
        ("2024-05-02T09:00", "noon", "2024-05-01T12:00"),
    ],
)
def test_first_moment__is_the_last_start_of_a_day_before_set_up(set_up, starts, expected):
    assert first_moment(np.datetime64(set_up), starts) == np.datetime64(expected)


@pytest.mark.parametrize(
    ("last", "days", "expected"),
    [("2024-05-12", 5, 2), ("2024-05-12T00:01", 5, 3), ("2024-05-03", 1, 1)],
)
def test_count_occasions__a_partial_last_one_stays(last, days, expected):
    first = np.datetime64("2024-05-02", "us")
    assert count_occasions(first, np.datetime64(last, "us"), days) == expected


def test_occasion_of__changes_at_noon():
    moments = np.array(["2024-05-03T11:59", "2024-05-03T12:00"], dtype="datetime64[us]")
    first = np.datetime64("2024-05-02T12:00", "us")
    assert occasion_of(moments, first=first, occasion_days=1).tolist() == [0, 1]
