"""One file has one date format, and what cannot be decided is refused."""

import numpy as np
import pandas as pd
import pytest

from scr.errors import SurveyError
from scr.survey.dates import read_moments, with_time
from scr.survey.day_headers import day_headers


def cells(*texts):
    return pd.Series(list(texts), index=range(2, len(texts) + 2), dtype=object)


def wall(*texts, **more):
    moments, _ = read_moments({"day": cells(*texts)}, source="d.csv", **more)
    return moments["day"].wall.astype(str).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-02", "2024-05-02T00:00:00.000000"),
        ("2024/5/2 7:08", "2024-05-02T07:08:00.000000"),
        ("2024:05:02 19:42:10", "2024-05-02T19:42:10.000000"),
        ("2024-05-02T05:12:00+09:00", "2024-05-02T05:12:00.000000"),
        ("2024-05-02T05:12:00.250Z", "2024-05-02T05:12:00.250000"),
        ("16.07.2024 9:30 PM", "2024-07-16T21:30:00.000000"),
        ("16/07/2024 12:05 am", "2024-07-16T00:05:00.000000"),
        ("2-May-2024", "2024-05-02T00:00:00.000000"),
        ("2 September 2024 24:00", "2024-09-03T00:00:00.000000"),
    ],
)
def test_read_moments__reads_what_people_write(text, expected):
    assert wall(text) == [expected]


def test_read_moments__keeps_the_wall_clock_and_its_offset():
    moments, _ = read_moments(
        {"t": cells("2024-05-20T05:12:00+09:00", "2024-05-20 05:12 -0330")}, source="d.csv"
    )
    assert (moments["t"].wall == np.datetime64("2024-05-20T05:12")).all()
    assert moments["t"].offset.tolist() == [540.0, -210.0]


def test_read_moments__a_number_above_12_decides_for_all_columns():
    moments, notes = read_moments(
        {"start": cells("02/05/2024", "03/05/2024"), "end": cells("16/07/2024", "01/08/2024")},
        source="deployments.csv",
    )
    assert moments["start"].wall.astype("M8[D]").astype(str).tolist() == [
        "2024-05-02",
        "2024-05-03",
    ]
    assert "'02/05/2024'" in notes[0]
    assert "'16/07/2024'" in notes[0]


def test_read_moments__month_first_is_found_too():
    assert wall("05/02/2024", "07/16/2024") == [
        "2024-05-02T00:00:00.000000",
        "2024-07-16T00:00:00.000000",
    ]


def test_read_moments__refuses_what_cannot_be_decided():
    with pytest.raises(SurveyError, match=r"d\.csv: '02/05/2024' in row 2 may be.*day_first=True"):
        wall("02/05/2024", "03/06/2024")


@pytest.mark.parametrize(("day_first", "month"), [(True, "05"), (False, "02")])
def test_read_moments__the_caller_may_decide(day_first, month):
    assert wall("02/05/2024", day_first=day_first)[0].split("-")[1] == month


@pytest.mark.parametrize(
    ("texts", "more", "words"),
    [
        (["16/07/2024", "07/16/2024"], {}, ["row 2", "row 3", "One file has one format"]),
        (["07/16/2024"], {"day_first": True}, ["'07/16/2024'", "day_first=True"]),
        (["2024-05-02", "16/07/2024"], {}, ["more than one format", "row 2", "row 3"]),
        (["2024-05-02", "45414"], {}, ["more than one format", "'45414' in row 3", "2024-05-31"]),
        (["2/5/24"], {}, ["'2/5/24'", "four digits"]),
        (["2024-02-30"], {}, ["'2024-02-30' (day, row 2)", "not in the calendar"]),
        (["2024-05-02 25:10"], {}, ["'2024-05-02 25:10'"]),
        (["2024-05-02T05:12Z", "2024-05-02 05:12"], {}, ["offset", "row 2", "row 3"]),
    ],
)
def test_read_moments__names_rows_and_remedy(texts, more, words):
    with pytest.raises(SurveyError) as caught:
        wall(*texts, **more)
    assert [word for word in ["d.csv", *words] if word not in str(caught.value)] == []


def test_read_moments__an_offset_alone_is_blank():
    moments, _ = read_moments({"t": cells("+09:00", None, "2024-05-02 01:00+09:00")}, source="d")
    assert np.isnat(moments["t"].wall).tolist() == [True, True, False]


def test_read_moments__midnight_throughout_is_no_time():
    moments, notes = read_moments(
        {"t": cells("2024-05-02 00:00:00", "2024-05-03 0:00")}, source="d"
    )
    assert not moments["t"].timed.any()
    assert "every time is 00:00" in notes[0]


def test_read_moments__midnight_among_times_is_a_time():
    moments, notes = read_moments({"t": cells("2024-05-02 00:00", "2024-05-03 07:00")}, source="d")
    assert moments["t"].timed.all()
    assert notes == ()


@pytest.mark.parametrize("name", ["u1", "2024", "usage", "2/2024", "2024-13-01"])
def test_day_headers__has_no_other_names(name):
    assert day_headers([name]) == {}


def test_with_time__joins_a_date_and_a_time():
    joined = with_time(cells("2024-05-02 00:00:00", "2024-05-03"), cells("19:42", None))
    assert joined.tolist() == ["2024-05-02 19:42", "2024-05-03"]


def test_read_moments__day_numbers_of_a_spreadsheet():
    # 1 January 2000 is day 36526 in every spreadsheet; a quarter of a day is six hours.
    moments, notes = read_moments({"day": cells("36526", "36527.25")}, source="d.csv")
    assert moments["day"].wall.astype("M8[s]").astype(str).tolist() == [
        "2000-01-01T00:00:00",
        "2000-01-02T06:00:00",
    ]
    assert moments["day"].timed.tolist() == [False, True]
    assert "'36526' in row 2 is 2000-01-01" in notes[0]


def test_read_moments__long_files_are_read_as_short_ones_are():
    texts = ["2024-05-02T04:05:06Z", "2024-05-02 04:05+09:30", "2024-05-02 04:05:06.5Z"]
    quick = read_moments({"day": cells(*texts)}, source="d.csv")[0]["day"]
    slow = read_moments({"day": cells(*texts, "2024-5-2 4:05 +01")}, source="d.csv")[0]["day"]
    assert (quick.wall == slow.wall[:3]).all()
    assert (quick.offset == slow.offset[:3]).all()
    assert quick.offset.tolist() == [0, 570, 0]
    assert quick.timed.tolist() == [True] * 3
    assert quick.wall.astype(str).tolist() == [
        "2024-05-02T04:05:06.000000",
        "2024-05-02T04:05:00.000000",
        "2024-05-02T04:05:06.500000",
    ]
