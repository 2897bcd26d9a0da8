"""Troubles of effort and time: deployments, usage, occasions, visits."""

import numpy as np
import pandas as pd
import pytest

import scr
from scr.errors import SurveyError

SEEN = "detections.csv"
SET = "deployments.csv"
USED = "usage.csv"
NEW = 86
"""Row of a detection that is added."""


def seen(**cells):
    """One more detection."""
    row = {"individual": "L01", "station": "K01", "datetime": "2024-06-20 22:00", "sex": "F"}
    return lambda good: good.append(SEEN, **(row | cells))


def put(*rows, **cells):
    """Cells of the deployments."""
    return lambda good: good.set(SET, list(rows), **cells)


def both(*seeds):
    def seed(good):
        for one in seeds:
            one(good)

    return seed


def by_day(good):
    """Usage by day in place of the deployments, as the cameras worked."""
    days = pd.date_range("2024-05-02", "2024-07-15").strftime("%Y-%m-%d")
    names = good.table("stations.csv")["station"]
    table = pd.DataFrame("1", index=range(25), columns=["station", *days])
    table["station"] = names
    table.loc[2, "2024-06-01":"2024-06-05"] = "0"
    good.save(USED, table)
    good.replace("survey.toml", f'deployments = "{SET}"', f'usage = "{USED}"')


def numbered(good):
    """Usage of 25 occasions of three days, and detections by number."""
    by_day(good)
    table = pd.DataFrame(
        "3", index=range(25), columns=["station"] + [f"u{k}" for k in range(1, 26)]
    )
    table["station"] = good.table("stations.csv")["station"]
    good.save(USED, table)
    found = good.table(SEEN)
    day = pd.to_datetime(found["datetime"]) - pd.Timestamp("2024-05-02")
    found.insert(2, "occasion", (day.dt.days // 3 + 1).astype(str))
    good.save(SEEN, found.drop(columns="datetime"))


def usage(*rows, **cells):
    return both(by_day, lambda good: good.set(USED, list(rows), **cells))


def counted(*rows, **cells):
    return both(numbered, lambda good: good.set(SEEN, list(rows), **cells))


def key(line, table="survey"):
    return lambda good: good.key(table, line)


def only_dates(good):
    found = good.table(SEEN)
    good.save(SEEN, found.assign(datetime=found["datetime"].str[:10]))


def lost_column(name, table=SET):
    return lambda good: good.save(table, good.table(table).drop(columns=name))


def with_occasion(good):
    numbered(good)
    good.replace("survey.toml", f'usage = "{USED}"', f'deployments = "{SET}"')
    good.key("survey", "occasion_days = 3")
    found = good.table(SEEN)
    starts = pd.Timestamp("2024-05-02") + pd.to_timedelta(
        3 * found["occasion"].astype(int) - 3, "D"
    )
    found["datetime"] = starts.dt.strftime("%Y-%m-%d 23:59")
    found.loc[[4, 7], "occasion"] = "24"
    good.save(SEEN, found)


def station_lost(good):
    found = good.table(SEEN)
    good.save(SEEN, found[found["station"] != "K25"])
    used = good.table(SET)
    good.save(SET, used[used["station"] != "K25"])


def many_outside(good):
    for k in range(12):
        seen(datetime=f"2024-08-{k + 1:02d} 22:00")(good)


def unseen(station):
    """Nothing detected at a station."""

    def seed(good):
        found = good.table(SEEN)
        good.save(SEEN, found[found["station"] != station])

    return seed


def wrong_clock(good):
    for day in ("2023-05-20 21:00", "2023-06-02 22:00"):
        seen(station="K21", individual="L03", datetime=day)(good)


def reset_clock(good):
    for day in ("2000-01-03 21:00", "2000-02-02 22:00"):
        seen(station="K21", individual="L03", datetime=day)(good)


def offsets(good):
    found = good.table(SEEN)
    found["datetime"] = found["datetime"] + ":00+10:00"
    found.loc[[3, 5], "datetime"] = found["datetime"].str[:19]
    good.save(SEEN, found)


KINDS = {
    "ends before it starts": (
        put(2, 9, end="2024-04-01"),
        ("error", "period ends before it starts", SET, (2, 9), ("K01", "K04", "2024-04-01")),
    ),
    "no retrieval": (
        put(2, 11, end=""),
        ("error", "deployment without a date", SET, (2, 11), ("K01", "K05", "no end", "lost")),
    ),
    "no set-up": (
        put(4, start=""),
        ("error", "deployment without a date", SET, (4,), ("K02", "no start")),
    ),
    "far too long": (
        put(2, end="2025-09-01"),
        ("warning", "deployment very long", SET, (2,), ("K01", "2025-09-01", "year")),
    ),
    "in another year": (
        both(unseen("K21"), put(42, 43, start="2025-05-02", end="2025-07-15")),
        ("warning", "deployment apart in time", SET, (42, 43), ("K21", "2025-05-02", "year")),
    ),
    "two centuries": (
        put(2, 5, end="2224-07-15"),
        ("error", "session lasts for decades", SET, (2, 5), ("2224", "year")),
    ),
    "not yet": (
        lambda good: [good.replace(f, "2024-", "2098-", count=-1) for f in (SET, SEEN)],
        ("warning", "date in the future", SET, tuple(range(2, 52)), ("2098-07-15", "year")),
    ),
    "one camera twice": (
        put(3, 7, camera="A"),
        ("warning", "deployments overlap", SET, (2, 3, 6, 7), ("K01", "K03", "counted once")),
    ),
    "failure outside": (
        put(6, problem1_from="2024-08-01", problem1_to="2024-08-05"),
        ("error", "failure outside its deployment", SET, (6,), ("K03",)),
    ),
    "failure without its end": (
        put(6, problem1_to=""),
        ("error", "period with one end", SET, (6,), ("K03", "2024-06-01", "(blank)")),
    ),
    "failure backwards": (
        put(6, problem1_from="2024-06-05", problem1_to="2024-06-01"),
        ("error", "period ends before it starts", SET, (6,), ("K03", "problem1_from")),
    ),
    "failure column alone": (
        lost_column("problem1_to"),
        ("error", "failure column without its pair", SET, (), ("problem1_from", "problem1_to")),
    ),
    "no column of ends": (
        lost_column("end"),
        ("error", "no usage", SET, (), ("start and end", "'start'")),
    ),
    "unknown station deployed": (
        put(2, 51, station="Q9"),
        ("error", "unknown station", SET, (2, 51), ("'Q9'", "stations.csv")),
    ),
    "blank station deployed": (
        put(8, station=""),
        ("error", "blank station", SET, (8,), ("station",)),
    ),
    "station never set": (station_lost, ("note", "reading", "", (), ("K25", SET, "effort 0"))),
    "detected where never set": (
        both(station_lost, seen(station="K25")),
        ("error", "detection outside effort", SEEN, (NEW,), ("K25", f"no deployment in {SET}")),
    ),
    "before set-up": (
        seen(datetime="2024-05-01 23:00"),
        ("error", "detection outside effort", SEEN, (NEW,), ("K01", "2024-05-01", "before", SET)),
    ),
    "after retrieval": (
        seen(datetime="2024-07-16 00:30"),
        ("error", "detection outside effort", SEEN, (NEW,), ("30 minutes after", "K01", "row 2")),
    ),
    "while it failed": (
        seen(station="K03", datetime="2024-06-03 22:00"),
        ("error", "detection outside effort", SEEN, (NEW,), ("K03", "2024-06-03", SET)),
    ),
    "many outside at once": (
        many_outside,
        ("error", "detection outside effort", SEEN, tuple(range(86, 98)), ("12 det", "2 more")),
    ),
    "year of the clock": (
        wrong_clock,
        ("error", "detection outside effort", SEEN, (86, 87), ("K21", "a year later")),
    ),
    "clock never set": (
        reset_clock,
        ("error", "detection outside effort", SEEN, (86, 87), ("K21", "2000-01-03")),
    ),
    "outside, left out": (
        both(seen(datetime="2024-07-16 00:30"), key("drop_outside = true")),
        ("note", "reading", SEEN, (), (f"row {NEW}", "left out", "drop_outside")),
    ),
    "usage blank": (
        usage(3, 20, **{"2024-05-09": ""}),
        ("error", "usage missing or negative", USED, (3, 20), ("K02", "2024-05-09", "blank")),
    ),
    "usage below 0": (
        usage(3, **{"2024-05-09": "-1"}),
        ("error", "usage missing or negative", USED, (3,), ("K02", "2024-05-09", "-1")),
    ),
    "usage no number": (
        usage(3, 4, **{"2024-05-09": "yes"}),
        ("error", "not a number", USED, (3, 4), ("'yes'", "2024-05-09")),
    ),
    "usage twice": (
        usage(3, station="K01"),
        ("error", "station twice in usage", USED, (3,), ("K01", "2")),
    ),
    "usage of a station unknown": (
        usage(3, 4, station="Q9"),
        ("error", "unknown station", USED, (3, 4), ("'Q9'",)),
    ),
    "a day left out": (
        both(by_day, lost_column("2024-05-09", USED)),
        ("error", "occasion left out", USED, (), ("2024-05-10", "2024-05-09")),
    ),
    "detected on a dead day": (
        both(by_day, seen(station="K03", datetime="2024-06-03 22:00")),
        ("error", "detection outside effort", SEEN, (NEW,), ("effort 0 on 2024-06-03", USED)),
    ),
    "two days in one": (
        usage(3, **{"2024-05-09": "2"}),
        ("note", "reading", USED, (), ("more than one day of effort",)),
    ),
    "no row of usage": (
        both(by_day, station_lost, lambda g: g.save(USED, g.table(USED).iloc[:-1])),
        ("note", "reading", "", (), ("K25", USED, "effort 0")),
    ),
    "usage at noon": (
        both(by_day, key('day_starts = "noon"')),
        ("error", "usage not by day", USED, (), ("noon", "deployments")),
    ),
    "occasions of a numbered usage": (
        both(numbered, key("occasion_days = 7")),
        ("error", "usage not by day", USED, (), ("occasion_days=7",)),
    ),
    "a first day of a numbered usage": (
        both(numbered, key("first_day = 2024-05-02")),
        ("error", "usage not by day", USED, (), ("first_day='2024-05-02'", "Leave first_day")),
    ),
    "days before the first day": (
        both(by_day, key("first_day = 2024-05-04")),
        ("error", "effort before the first day", USED, (), ("2024-05-02", "'2024-05-04'")),
    ),
    "deployments before the first day": (
        both(
            key("first_day = 2024-05-02"),
            lambda good: good.set(SET, [4, 9], start="2024-04-30"),
        ),
        ("error", "deployment before the first day", SET, (4, 9), ("'K02'", "2024-04-30", "row 4")),
    ),
    "a first day of another year": (
        key("first_day = 2022-05-02"),
        ("error", "first day far from the effort", SET, (), ("731 days", "Correct the year")),
    ),
    "an occasion too many": (
        counted(2, 9, occasion="26"),
        ("error", "unknown occasion", SEEN, (2, 9), ("'26'", "1 to 25", USED)),
    ),
    "half an occasion": (
        counted(2, occasion="1.5"),
        ("error", "unknown occasion", SEEN, (2,), ("'1.5'",)),
    ),
    "no occasion": (
        counted(2, occasion=""),
        ("error", "unknown occasion", SEEN, (2,), ("1 to 25",)),
    ),
    "neither time nor occasion": (
        lost_column("datetime", SEEN),
        ("error", "no occasion", SEEN, (), ("'occasion'", "'datetime'")),
    ),
    "occasion against its time": (
        with_occasion,
        ("error", "occasion disagrees with time", SEEN, (6, 9), ("24", "occasion_days")),
    ),
    "a date at noon": (
        both(only_dates, key('day_starts = "noon"')),
        ("error", "date on either side of noon", SEEN, tuple(range(2, 86)), ("noon", "times")),
    ),
    "when is a visit over": (
        key('detector = "count"'),
        ("error", "no interval of independence", SEEN, (), ("independence", "30min")),
    ),
    "visits of dates": (
        both(only_dates, key('detector = "count"\nindependence = "30min"')),
        ("error", "dates without times", SEEN, (), ("30min", "independence")),
    ),
    "an interval for nothing": (
        key('independence = "30min"'),
        ("error", "interval not used", SEEN, (), ("Leave it out",)),
    ),
    "two visits in a day": (
        seen(datetime="2024-05-08 23:10", station="K02"),
        ("note", "reading", SEEN, (), ("85 detections make 84 records",)),
    ),
    "visits merged": (
        both(
            seen(datetime="2024-05-08 22:59", station="K02"),
            key('detector = "count"\nindependence = "30min"'),
        ),
        ("note", "reading", SEEN, (), ("1 of 85 rows", "30min", "merged")),
    ),
    "offset in some rows": (
        offsets,
        ("error", "offset in some rows only", SEEN, (5, 7), ("offset from UTC", "clock")),
    ),
    "counts of part of a day": (
        both(
            put(2, 3, end="2024-06-20 18:00"),
            put(*range(4, 52), end="2024-07-15 18:00"),
            seen(datetime="2024-06-20 02:00"),
            key('detector = "binomial_count"\nindependence = "30min"'),
        ),
        ("error", "count beyond its effort", SET, (), ("K01", "0.75", "whole number")),
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_effort__trouble_is_named(name, expect):
    expect(*KINDS[name])


def test_effort__two_cameras_are_a_union_and_said(good):
    good.set(SET, [3], start="2024-06-01", end="2024-07-20")
    found = good.found()
    note = next(t for t in found.troubles if t.kind == "two cameras")
    assert note.rows == tuple(range(2, 52))
    effort = found.survey.sessions[0].usage.effort.sum(axis=1)
    assert effort[:4].tolist() == [80, 75, 70, 75]


def test_effort__a_photograph_of_two_cameras_is_one_visit(good):
    good.append(SEEN, individual="L01", station="K02", datetime="2024-05-08 22:49", sex="F")
    found = good.found()
    assert found.survey.sessions[0].captures.n_detections == 84
    assert any(t.kind == "row twice" and t.rows == (NEW,) for t in found.of("note"))


def test_effort__is_never_guessed_from_detections(good):
    traps = scr.read_traps(good.path("stations.csv"), crs="EPSG:32652")
    with pytest.raises(SurveyError, match="usage= is missing"):
        scr.read_survey(good.path(SEEN), traps)
    good.replace("survey.toml", f'deployments = "{SET}"\n', "")
    checked = good.checked()
    assert checked.exit_code == 1
    assert "lacks deployments" in checked.output


def test_effort__of_parts_of_days_and_rotation_is_exact(good):
    rows = [f"K{k:02d},2024-05-{k + 1:02d} 18:00,2024-05-{k + 4:02d} 06:00" for k in range(1, 26)]
    good.write(SET, "station,start,end\n" + "\n".join(rows) + "\n")
    good.write(SEEN, "individual,station,datetime\nL01,K01,2024-05-02 19:00\n")
    good.replace("survey.toml", 'lambda0 = "~ sex"', 'lambda0 = "~ 1"')
    effort = good.found().survey.sessions[0].usage.effort
    assert effort[0, :5].tolist() == [0.25, 1, 1, 0.25, 0]
    assert np.allclose(effort.sum(axis=1), 2.5)
