"""Effort is the days of an occasion in which at least one camera worked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scr.survey.effort import days_worked, occasion_of, union, without
from scr.survey.occasion_edges import count_occasions, occasion_edges


def periods(*pairs):
    return np.array(pairs, dtype="datetime64[us]").reshape(-1, 2)


def test_days_worked__to_the_minute_over_five_day_occasions():
    # Worked 2 May 16:00 to 9 May 10:07. Occasions of 5 days from 2 May 00:00:
    # first 8 h + 4 x 24 h = 104 h, second 2 days + 10 h 7 min = 58 h 7 min, third none.
    days = days_worked(
        periods(["2024-05-02T16:00", "2024-05-09T10:07"]),
        edges=occasion_edges(np.datetime64("2024-05-02", "us"), 3, 5),
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
    days = days_worked(work, edges=occasion_edges(start, n_occasions, length))
    assert days.sum() == pytest.approx(len(minutes) / 1440, rel=1e-12)
    assert (days <= length).all()
    expected = np.bincount([m // (1440 * length) for m in minutes], minlength=n_occasions)
    assert days == pytest.approx(expected / 1440, rel=1e-12)


def test_occasion_of__changes_at_noon():
    moments = np.array(["2024-05-03T11:59", "2024-05-03T12:00"], dtype="datetime64[us]")
    first = np.datetime64("2024-05-02T12:00", "us")
    assert occasion_of(moments, edges=occasion_edges(first, 3, 1)).tolist() == [0, 1]


def test_occasion_of__is_out_of_range_before_and_after():
    edges = np.array(["2024-02-01", "2024-03-01", "2024-04-01"], dtype="datetime64[us]")
    days = ["2024-01-31T23:59", "2024-02-29T23:59", "2024-03-01", "2024-04-01"]
    moments = np.array(days, dtype="datetime64[us]")
    assert occasion_of(moments, edges=edges).tolist() == [-1, 0, 1, 2]
