"""Surveys cut by weeks, by months and from a stated first day, against tables by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

import scr
from scr.errors import SurveyError
from scr.survey.secr_files import write_secr

# From 30 January 12:00 to 2 March 06:00, and the whole days 10 to 14 February.
WINTER = [("01", "2024-01-30 12:00", "2024-03-02 06:00"), ("02", "2024-02-10", "2024-02-14")]
# The whole days Thursday 2 to Monday 6 May, and 3 to 8 May.
MAY = [("01", "2024-05-02", "2024-05-06"), ("02", "2024-05-03", "2024-05-08")]


def table(rows, *columns):
    return pd.DataFrame(rows, columns=columns, dtype=object)


def read(deployments, times, **choices):
    traps = scr.Traps(["01", "02"], [[0.0, 0.0], [2000.0, 0.0]], "local")
    seen = [(f"L{i}", "01", time) for i, time in enumerate(times)]
    return scr.read_survey(
        table(seen, "individual", "trap", "datetime"),
        traps,
        usage=table(deployments, "trap", "start", "end"),
        **choices,
    )


def cut(survey):
    """Effort and the occasion of each animal."""
    session = survey.sessions[0]
    return session.usage.effort.tolist(), session.captures.occasion.tolist()


def test_months__partial_days_and_the_last_month_cut_short():
    times = ["2024-01-31 23:59", "2024-02-01 00:00", "2024-02-29 23:59", "2024-03-01 00:00"]
    survey = read(WINTER, times, occasion_days="month")
    effort, occasion = cut(survey)
    # 30 January 12:00 to midnight of the 31st; all 29 days of February; 1 March and 6 hours.
    assert effort == [[1.5, 29.0, 1.25], [0.0, 5.0, 0.0]]
    assert occasion == [0, 1, 1, 2]
    usage = survey.sessions[0].usage
    assert usage.lengths.tolist() == [31, 29, 31]
    assert usage.first_day == np.datetime64("2024-01-01")


def test_months__from_noon():
    # Set up before noon of the first: the night before belongs to January.
    work = [
        ("01", "2024-02-01 09:00", "2024-03-01 13:00"),
        ("02", "2024-02-10 00:00", "2024-02-10 06:00"),
    ]
    times = ["2024-02-01 11:59", "2024-02-01 12:00", "2024-03-01 11:59", "2024-03-01 12:00"]
    effort, occasion = cut(read(work, times, occasion_days="month", day_starts="noon"))
    assert effort == [[3 / 24, 29.0, 1 / 24], [0.0, 6 / 24, 0.0]]
    assert occasion == [0, 1, 1, 2]


def test_weeks__begin_on_monday():
    times = ["2024-05-05 23:59", "2024-05-06 00:00"]
    survey = read(MAY, times, occasion_days="week")
    assert cut(survey) == ([[4.0, 1.0], [3.0, 3.0]], [0, 1])
    usage = survey.sessions[0].usage
    assert (usage.first_day, usage.occasion_days) == (np.datetime64("2024-04-29"), 7)


def test_weeks__change_at_noon_of_monday():
    work = [("01", "2024-05-04 12:00", "2024-05-06 18:00"), MAY[1]]
    times = ["2024-05-06 11:59", "2024-05-06 12:00"]
    effort, occasion = cut(read(work, times, occasion_days="week", day_starts="noon"))
    assert effort == [[2.0, 0.25], [3.5, 2.5]]
    assert occasion == [0, 1]


@pytest.mark.parametrize("first_day", ["2024-05-01", date(2024, 5, 1)])
@pytest.mark.parametrize(
    ("days", "effort", "occasion"),
    [
        (4, [[3.0, 2.0], [2.0, 4.0]], [0, 1]),
        (5, [[4.0, 1.0], [3.0, 3.0]], [0, 0]),
        (1, [[0, 1, 1, 1, 1, 1, 0, 0], [0, 0, 1, 1, 1, 1, 1, 1]], [3, 4]),
    ],
)
def test_first_day__occasions_are_counted_from_it(first_day, days, effort, occasion):
    survey = read(
        MAY, ["2024-05-04 23:59", "2024-05-05 00:00"], occasion_days=days, first_day=first_day
    )
    assert cut(survey) == (effort, occasion)


def test_first_day__deployments_before_it_are_named():
    with pytest.raises(SurveyError) as error:
        read(MAY, [], first_day="2024-05-03")
    assert error.value.rows == (2,)
    for words in ("'01' from 2024-05-02 (row 2)", "'2024-05-03'", "earlier first_day"):
        assert words in str(error.value)


def test_first_day__at_noon_a_day_that_begins_at_midnight_is_before_it():
    with pytest.raises(SurveyError, match="at noon: '01'"):
        read(MAY, [], first_day="2024-05-02", day_starts="noon")


def test_first_day__of_another_year_is_refused():
    with pytest.raises(SurveyError, match=r"lies 366 days before .*Correct the year"):
        read(MAY, [], first_day="2023-05-02")


def by_day(days, **choices):
    traps = scr.Traps(["01"], [[0.0, 0.0]], "local")
    columns = [str(day) for day in np.arange(*days, dtype="datetime64[D]")]
    usage = table([("01", *["1"] * len(columns))], "trap", *columns)
    seen = table([("L1", "01", columns[-1])], "individual", "trap", "date")
    return scr.read_survey(seen, traps, usage=usage, **choices)


@pytest.mark.parametrize(
    ("choices", "effort"),
    [
        ({"occasion_days": "month"}, [2, 29, 3]),
        ({"occasion_days": "week"}, [6, 7, 7, 7, 7]),
        ({"occasion_days": 20, "first_day": "2024-01-20"}, [10, 20, 4]),
        ({"occasion_days": 20}, [20, 14]),
    ],
)
def test_usage_by_day__is_summed_to_the_same_occasions(choices, effort):
    # Tuesday 30 January to Sunday 3 March.
    survey = by_day(("2024-01-30", "2024-03-04"), **choices)
    assert cut(survey) == ([effort], [len(effort) - 1])


def test_usage_by_day__before_the_first_day_is_refused():
    with pytest.raises(SurveyError, match="its first day is 2024-01-30, before"):
        by_day(("2024-01-30", "2024-02-04"), first_day="2024-02-01")


@pytest.mark.parametrize("choices", [{"occasion_days": "month"}, {"first_day": "2024-05-01"}])
@pytest.mark.parametrize("usage", [5, np.ones((1, 5))])
def test_numbered_occasions__have_no_calendar(usage, choices):
    traps = scr.Traps(["01"], [[0.0, 0.0]], "local")
    seen = table([("L1", "01", 2)], "individual", "trap", "occasion")
    with pytest.raises(SurveyError, match=r"numbers its occasions\. Leave"):
        scr.read_survey(seen, traps, usage=usage, **choices)


def test_months__of_two_years_are_sessions_of_their_own():
    traps = scr.Traps(["01", "01"], [[0.0, 0.0], [0.0, 0.0]], "local", session=["2023", "2024"])
    work = [("2023", "01", "2023-02-10", "2023-03-05"), ("2024", "01", "2024-02-10", "2024-03-05")]
    seen = table([("L1", "01", "2023-03-01 02:00"), ("L2", "01", "2024-02-29 02:00")],
                 "individual", "trap", "datetime")  # fmt: skip
    survey = scr.read_survey(
        seen, traps, usage=table(work, "session", "trap", "start", "end"), occasion_days="month"
    )
    assert [s.usage.effort.tolist() for s in survey.sessions] == [[[19, 5]], [[20, 5]]]
    assert [s.captures.occasion.tolist() for s in survey.sessions] == [[1], [0]]


def test_months__are_written_for_secr_with_their_own_effort(tmp_path):
    survey = read(WINTER, ["2024-02-29 23:59"], occasion_days="month")
    captures, traps = write_secr(survey, tmp_path)
    assert captures.read_text().splitlines()[1].split()[1:4] == ["L0", "2", "01"]
    assert traps.read_text().splitlines()[1] == "01 0 0 1.5 29 1.25"
