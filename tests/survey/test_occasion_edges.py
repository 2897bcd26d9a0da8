"""Where occasions begin and end."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scr.survey.occasion_edges import count_occasions, first_moment, occasion_edges


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


@pytest.mark.parametrize(
    ("set_up", "starts", "length", "expected"),
    [
        ("2024-05-02T16:00", "midnight", "week", "2024-04-29T00:00"),
        ("2024-04-29T00:00", "midnight", "week", "2024-04-29T00:00"),
        ("2024-04-28T23:59", "midnight", "week", "2024-04-22T00:00"),
        ("2024-04-29T09:00", "noon", "week", "2024-04-22T12:00"),
        ("2024-04-29T12:00", "noon", "week", "2024-04-29T12:00"),
        ("1969-12-31T10:00", "midnight", "week", "1969-12-29T00:00"),
        ("2024-05-02T16:00", "midnight", "month", "2024-05-01T00:00"),
        ("2024-05-01T09:00", "noon", "month", "2024-04-01T12:00"),
    ],
)
def test_first_moment__weeks_begin_on_monday_and_months_on_the_first(
    set_up, starts, length, expected
):
    assert first_moment(np.datetime64(set_up), starts, length) == np.datetime64(expected)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2024-01-01", "2024-02-01", 1),
        ("2024-01-01", "2024-02-01T00:01", 2),
        ("2023-12-01T12:00", "2024-02-01T12:00", 2),
        ("2023-12-01T12:00", "2024-02-01T12:01", 3),
    ],
)
def test_count_occasions__of_months(first, last, expected):
    first, last = np.datetime64(first, "us"), np.datetime64(last, "us")
    assert count_occasions(first, last, "month") == expected


def test_occasion_edges__months_from_noon_over_a_leap_day():
    edges = occasion_edges(np.datetime64("2023-12-01T12:00", "us"), 3, "month")
    assert edges.astype("M8[h]").astype(str).tolist() == [
        "2023-12-01T12", "2024-01-01T12", "2024-02-01T12", "2024-03-01T12"
    ]  # fmt: skip


@given(
    st.integers(0, 10_000_000),
    st.integers(1, 2_000_000),
    st.sampled_from(["midnight", "noon"]),
    st.sampled_from([1, 5, 7, "month"]),
)
def test_occasion_edges__hold_all_work_and_none_to_spare(minute, duration, starts, length):
    start = np.datetime64("2010-01-01", "us") + np.timedelta64(minute, "m")
    end = start + np.timedelta64(duration, "m")
    first = first_moment(start, starts, length)
    edges = occasion_edges(first, count_occasions(first, end, length), length)
    assert edges[0] <= start < edges[1]
    assert edges[-2] < end <= edges[-1]
