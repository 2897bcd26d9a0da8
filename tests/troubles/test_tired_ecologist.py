"""Wrong files of a tired ecologist that gave a wrong number without a word."""

import numpy as np
import pandas as pd
import pytest

SEEN, PLACES = "detections.csv", "stations.csv"
COUNTS = 'detector = "count"\nindependence = "{}"'


def spreadsheet_numbers(good):
    """Animals called 1, 2, ...; in every second row as the numbers that a spreadsheet made."""
    table = good.table(SEEN)
    numbers = {name: str(k) for k, name in enumerate(sorted(set(table["individual"])), start=1)}
    names = table["individual"].map(numbers)
    good.save(
        SEEN, table.assign(individual=names.where(np.arange(len(table)) % 2 == 0, names + ".0"))
    )


def young(*names):
    def seed(good):
        for row, name in enumerate(names, start=2):
            good.set(SEEN, [row], individual=good.table(SEEN)["individual"][row - 2] + name)

    return seed


def usage_of(change):
    """Effort in a usage table of numbered days, in place of deployments."""

    def seed(good):
        table = good.table(PLACES)
        for day in range(1, 76):
            table[f"u{day}"] = change(day)
        good.save("usage.csv", table)
        good.replace("survey.toml", 'deployments = "deployments.csv"', 'usage = "usage.csv"')
        seen = good.table(SEEN)
        days = (pd.to_datetime(seen["datetime"]) - pd.Timestamp("2024-05-02")).dt.days + 1
        good.save(SEEN, seen.drop(columns="datetime").assign(occasion=days))

    return seed


def dated_hours(good):
    """Effort in hours under headers that are days."""
    table = good.table(PLACES)
    for day in pd.date_range("2024-05-02", "2024-07-15"):
        table[f"{day:%Y-%m-%d}"] = "24"
    good.save("usage.csv", table)
    good.replace("survey.toml", 'deployments = "deployments.csv"', 'usage = "usage.csv"')


def copies(minutes, *, independence="30min"):
    """All rows again, by a clock that is ahead."""

    def seed(good):
        good.key("survey", COUNTS.format(independence))
        table = good.table(SEEN)
        again = pd.to_datetime(table["datetime"]) + pd.Timedelta(minutes=minutes)
        good.save(
            SEEN, pd.concat([table, table.assign(datetime=again.dt.strftime("%Y-%m-%d %H:%M"))])
        )

    return seed


WRONG = {
    "names that are numbers": (
        spreadsheet_numbers,
        ("warning", "names alike", SEEN, None, ("'3' and '3.0'", "If they are one animal")),
    ),
    "an animal and its cub": (
        young(" (cub)", " + 2 cubs", " & juv."),
        ("warning", "several animals in one cell", SEEN, (2, 3, 4), ("(cub)'", "its young")),
    ),
    "effort in hours": (
        usage_of(lambda day: "24"),
        ("warning", "effort not in days", "usage.csv", (), ("24 days in 75 of 75", "1,800 days")),
    ),
    "effort of three days in minutes": (
        usage_of(lambda day: "1440" if day < 4 else "1"),
        ("warning", "effort not in days", "usage.csv", (), ("1440 days in 3 of 75", "(1, 2, 3)")),
    ),
    "effort in hours of days with dates": (
        dated_hours,
        ("warning", "effort not in days", "usage.csv", (), ("an occasion is 1 day long", "by 24")),
    ),
    "two exports an hour apart": (
        copies(60),
        ("warning", "copies by another clock", SEEN, None, ("exactly 60 minutes",)),
    ),
    "two exports by clocks eight hours apart": (
        copies(480),
        ("warning", "copies by another clock", SEEN, None, ("exactly 480 minutes",)),
    ),
    "an export twice where each row counts": (
        copies(0, independence="0min"),
        ("warning", "row twice", SEEN, tuple(range(86, 170)), ("84 rows repeat", "Each counts")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_files__are_told_with_the_remedy(name, expect):
    expect(*WRONG[name])


def weekly(good):
    """Eleven weeks, in days of effort each."""
    usage_of(lambda day: "7")(good)
    table = good.table("usage.csv")
    good.save("usage.csv", table[[c for c in table if c[0] != "u" or int(c[1:]) <= 11]])
    seen = good.table(SEEN)
    weeks = (pd.to_numeric(seen["occasion"]) - 1) // 7 + 1
    good.save(SEEN, seen.assign(occasion=weeks))


def bursts(good):
    """Photographs every few minutes at one camera."""
    good.key("survey", COUNTS.format("30min"))
    table = good.table(SEEN)
    more = [
        table.assign(datetime=(pd.to_datetime(table["datetime"]) + pd.Timedelta(minutes=m))
                     .dt.strftime("%Y-%m-%d %H:%M"))
        for m in (1, 2, 3, 5, 8)
    ]  # fmt: skip
    good.save(SEEN, pd.concat([table, *more]))


def names_with_points(good):
    table = good.table(SEEN)
    good.save(SEEN, table.assign(individual="L" + table["individual"].str[2:] + ".1"))


@pytest.mark.parametrize("seed", [weekly, bursts, names_with_points])
def test_right_files__raise_no_alarm(seed, good):
    seed(good)
    found = good.found()
    assert (found.of("error"), found.of("warning")) == ([], []), found.text
