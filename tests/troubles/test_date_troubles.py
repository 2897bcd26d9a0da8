"""Troubles of dates and clocks: one format for a file, found from the file as a whole."""

import pandas as pd
import pytest

SEEN = "detections.csv"
SET = "deployments.csv"
ALL_SET = tuple(range(2, 52))
ALL_SEEN = tuple(range(2, 86))


def put(*rows, **cells):
    """Cells of the detections."""
    return lambda good: good.set(SEEN, list(rows), **cells)


def deployed(*rows, **cells):
    """Cells of the deployments."""
    return lambda good: good.set(SET, list(rows), **cells)


def both(*seeds):
    def seed(good):
        for one in seeds:
            one(good)

    return seed


def key(line):
    return lambda good: good.key("survey", line)


def written(table, pattern, columns):
    """Dates of a file in another format."""

    def seed(good):
        frame = good.table(table)
        for column in columns:
            days = pd.to_datetime(frame[column].where(frame[column] != ""))
            frame[column] = days.dt.strftime(pattern).fillna("")
        good.save(table, frame)

    return seed


def set_dates(pattern):
    return written(SET, pattern, ["start", "end", "problem1_from", "problem1_to"])


def seen_dates(pattern):
    return written(SEEN, pattern, ["datetime"])


def early_days(good):
    """Deployments of which no date decides between day and month."""
    good.set(SET, [], start="")
    table = good.table(SET)
    good.save(SET, table.assign(start="02/05/2024", end="11/07/2024").drop(
        columns=["problem1_from", "problem1_to"]))  # fmt: skip


def day_numbers(good):
    table = good.table(SET)
    for column in ("start", "end", "problem1_from", "problem1_to"):
        days = pd.to_datetime(table[column].where(table[column] != ""))
        numbers = (days - pd.Timestamp("1899-12-30")).dt.days.astype("Int64")
        table[column] = numbers.astype("string").fillna("")
    good.save(SET, table)


def of_1904(good):
    """Times of one station on the calendar of 1904, four years and a day too early."""
    table = good.table(SEEN)
    mine = table["station"] == "K07"
    days = pd.to_datetime(table["datetime"][mine]) - pd.Timedelta(days=1462)
    table.loc[mine, "datetime"] = days.dt.strftime("%Y-%m-%d %H:%M")
    good.save(SEEN, table)


def half_a_day_off(good):
    table = good.table(SEEN)
    mine = table["station"] == "K07"
    days = pd.to_datetime(table["datetime"][mine]) - pd.Timedelta(hours=12)
    table.loc[mine, "datetime"] = days.dt.strftime("%Y-%m-%d %H:%M")
    good.save(SEEN, table)


def zoned(good):
    """Deployments at +10:00, detections at +09:00 and +11:00."""
    table = good.table(SET).drop(columns=["problem1_from", "problem1_to"])
    table["start"] += "T00:00:00+10:00"
    table["end"] = ["2024-07-15T23:00:00+10:00"] * 25 + ["2024-07-15T23:00:00+10:00"] * 25
    table.loc[3, ["start", "end"]] = ["2024-05-02T00:00:00+08:00", "2024-07-15T23:00:00+08:00"]
    good.save(SET, table)
    found = good.table(SEEN)
    good.save(SEEN, found.assign(datetime=found["datetime"].str.replace(" ", "T") + ":00+11:00"))


def in_utc(good):
    found = good.table(SEEN)
    good.save(SEEN, found.assign(datetime=found["datetime"].str.replace(" ", "T") + ":00Z"))


def summer_time(good):
    table = good.table(SET).drop(columns=["problem1_from", "problem1_to"])
    table["start"] += "T00:00:00+10:00"
    table["end"] += "T22:00:00+11:00"
    good.save(SET, table)


def midnight(good):
    found = good.table(SEEN)
    good.save(SEEN, found.assign(datetime=found["datetime"].str[:10] + " 00:00"))


OUT = "detection outside effort"
KINDS = {
    "no date": (
        put(4, 9, datetime="last week"),
        ("error", "unreadable date", SEEN, (4, 9), ("'last week'", "2024-05-31 14:05")),
    ),
    "a year of two digits": (
        put(4, 9, datetime="07/05/24 21:00"),
        ("error", "unreadable date", SEEN, (4, 9), ("'07/05/24 21:00'", "four digits")),
    ),
    "no such day": (
        put(4, 9, datetime="2024-06-31 21:00"),
        ("error", "no such day", SEEN, (4, 9), ("'2024-06-31 21:00'", "calendar")),
    ),
    "no such time": (
        put(4, datetime="2024-06-30 25:00"),
        ("error", "unreadable date", SEEN, (4,), ("'2024-06-30 25:00'",)),
    ),
    "blank": (
        put(4, 9, datetime=""),
        ("error", "no date-time", SEEN, (4, 9), ("'L09' at 'K14'", "Fill in")),
    ),
    "an offset without its time": (
        put(4, datetime="+10:00"),
        ("error", "no date-time", SEEN, (4,), ("'L09' at 'K14'",)),
    ),
    "two formats in the detections": (
        put(4, 9, datetime="13/05/2024 21:00"),
        ("error", "mixed date formats", SEEN, (4, 9), ("'13/05/2024 21:00'", "2024-05-31")),
    ),
    "two formats in the deployments": (
        deployed(4, 9, end="15/07/2024"),
        ("error", "mixed date formats", SET, (4, 9), ("'15/07/2024'", "spreadsheet")),
    ),
    "months by name among numbers": (
        deployed(4, end="15 Jul 2024"),
        ("error", "mixed date formats", SET, (4,), ("'15 Jul 2024'", "month by name")),
    ),
    "a day number among dates": (
        deployed(4, end="45488"),
        ("error", "mixed date formats", SET, (4,), ("'45488'", "day number")),
    ),
    "day and month both ways": (
        both(set_dates("%d/%m/%Y"), deployed(4, 9, end="07/15/2024")),
        ("error", "contradicting day and month", SET, (4, 9), ("day first", "month first")),
    ),
    "day or month": (
        early_days,
        ("error", "undecided day and month", SET, (), ("2 May", "5 February", "day_first")),
    ),
    "day_first against the file": (
        both(set_dates("%d/%m/%Y"), key("day_first = false")),
        ("error", "contradicting day and month", SET, None, ("day_first=False", "15/07/2024")),
    ),
    "decided by the file": (
        set_dates("%d/%m/%Y"),
        ("note", "reading", SET, (), ("day/month/year", "'15/07/2024'")),
    ),
    "a spreadsheet's day numbers": (
        day_numbers,
        ("note", "reading", SET, (), ("day numbers", "'45414' in row 2 is 2024-05-02")),
    ),
    "every time midnight": (
        midnight,
        ("note", "reading", SEEN, (), ("every time is 00:00",)),
    ),
    "twelve hours off": (
        half_a_day_off,
        ("warning", "clock off at a station", SEEN, None, ("'K07'", "12 hours")),
    ),
    "the calendar of 1904": (
        of_1904,
        ("error", OUT, SEEN, None, ("'K07'", "1904")),
    ),
    "marked as UTC": (
        in_utc,
        ("note", "reading", SEEN, (), ("UTC", "local times")),
    ),
    "clocks of two zones": (
        zoned,
        ("error", "unknown clock", SEEN, (), ("+11:00", "+08:00, +10:00", "camera's clock")),
    ),
    "a change to summer time": (
        summer_time,
        ("note", "reading", SET, (), ("offset from UTC changes", "clock of its start")),
    ),
    "offsets in some deployments": (
        deployed(4, end="2024-07-15T10:00:00+10:00", start="2024-05-02T10:00:00"),
        ("error", "offset in some rows only", SET, (4,), ("offset from UTC",)),
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_date__trouble_is_named(name, expect):
    expect(*KINDS[name])


@pytest.mark.parametrize("pattern", ["%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%d %b %Y", "%m/%d/%Y"])
def test_date__any_one_format_gives_the_same_survey(good, pattern):
    wanted = good.found().survey.sessions[0]
    set_dates(pattern)(good)
    seen_dates(pattern + " %H:%M")(good)
    found = good.found()
    assert (found.of("error"), found.of("warning")) == ([], [])
    session = found.survey.sessions[0]
    assert (session.usage.effort == wanted.usage.effort).all()
    assert (session.captures.occasion == wanted.captures.occasion).all()
