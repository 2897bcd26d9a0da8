"""Dates and times as people write them: one format for a whole file, never guessed row by row."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.io.tables import COUNTING, row_list

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(
    r"(?P<year>\d{4})(?P<mark>[-/.:])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
    r"|(?P<first>\d{1,2})(?P<mark2>[-/.])(?P<second>\d{1,2})(?P=mark2)(?P<year2>\d{4})"
    r"|(?P<day3>\d{1,2})[- ](?P<name>[A-Za-z]{3,9})\.?[- ](?P<year3>\d{4})"
)
_TIME = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d+)?))?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
)
_OFFSET = re.compile(r"\s*(?P<offset>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$", re.IGNORECASE)
_MICROSECONDS_PER_DAY = 86_400_000_000

_Key = tuple[str, int]
"""Column and row of a cell."""


@dataclass(frozen=True, eq=False)
class Moments:
    """A column of dates or date-times on the wall clock that wrote them.

    Parameters
    ----------
    wall
        Wall-clock time; midnight for a date; NaT where blank. Shape (n_rows,).
    timed
        True where a time of day was given, shape (n_rows,).
    offset
        Minutes ahead of UTC, NaN where none was given, shape (n_rows,).
    """

    wall: NDArray[np.datetime64]
    timed: NDArray[np.bool_]
    offset: NDArray[np.float64]

    def at(self, rows: NDArray[np.bool_]) -> "Moments":
        """Those of some rows.

        Parameters
        ----------
        rows
            True for rows to keep, shape (n_rows,).
        """
        return Moments(self.wall[rows], self.timed[rows], self.offset[rows])


@dataclass(frozen=True)
class _Parts:
    """One cell taken apart; ``numbers`` are year, month, day, or two undecided and the year."""

    family: str
    numbers: tuple[int, int, int]
    microseconds: int | None
    offset: float


def read_moments(
    columns: Mapping[str, pd.Series], *, source: str, day_first: bool | None = None
) -> tuple[dict[str, Moments], tuple[str, ...]]:
    """All date columns of one file, in the one format that fits them all.

    Parameters
    ----------
    columns
        Name to cells, as ``read_table`` gives them.
    source
        Name of the file, used in messages.
    day_first
        For dates such as 02/05/2024: True for 2 May, False for 5 February. If left out the file
        must decide it by a number above 12.

    Returns
    -------
    moments
        One for each column. A time of 00:00 throughout the file counts as no time.
    notes
        What was decided.

    Raises
    ------
    SurveyError
        If a cell is no date, formats differ within the file, or day and month cannot be told
        apart.
    """
    cells = {
        (name, int(row)): str(cell)
        for name, series in columns.items()
        for row, cell in zip(series.index, series, strict=True)
        if pd.notna(cell) and not _is_blank(str(cell))
    }
    parts = {key: _take_apart(cell) for key, cell in cells.items()}
    _check_understood(cells, parts, source=source)
    known = {key: part for key, part in parts.items() if part is not None}
    _check_one_family(cells, known, source=source)
    day_first, notes = _decide(cells, known, source=source, day_first=day_first)
    dates = {key: _date(part, day_first=day_first) for key, part in known.items()}
    _check_calendar(cells, dates, source=source)
    zero = bool(known) and all(part.microseconds in (0, None) for part in known.values())
    if zero and any(part.microseconds == 0 for part in known.values()):
        notes = (*notes, f"{source}: every time is 00:00, so dates are read without times.")
    moments = {}
    for name, series in columns.items():
        wall = np.full(len(series), np.datetime64("NaT", "us"), dtype="datetime64[us]")
        timed = np.zeros(len(series), dtype=bool)
        offset = np.full(len(series), np.nan)
        for position, row in enumerate(series.index):
            part, date = known.get((name, row)), dates.get((name, row))
            if part is None or date is None:
                continue
            wall[position] = date + np.timedelta64(part.microseconds or 0, "us")
            timed[position] = part.microseconds is not None and not zero
            offset[position] = part.offset
        moments[name] = Moments(wall, timed, offset)
    _check_offsets(moments, columns, source=source)
    return moments, notes


def header_day(name: str) -> np.datetime64 | None:
    """The day a column of a usage table stands for, or None if its name is no date.

    Parameters
    ----------
    name
        A column name such as ``2024-05-02``; an X before it, as R writes, is passed over.

    Examples
    --------
    >>> header_day("X2024.05.02")
    np.datetime64('2024-05-02')
    """
    part = _take_apart(re.sub(r"^[Xx](?=\d{4})", "", name.strip()))
    if part is None or part.family != "year first" or part.microseconds not in (None, 0):
        return None
    day = _date(part, day_first=True)
    return None if day is None else day.astype("datetime64[D]")


def with_time(date: pd.Series, time: pd.Series | None) -> pd.Series:
    """A date and a time column as one.

    Parameters
    ----------
    date, time
        Cells of the two columns; a missing time leaves the date alone.
    """
    if time is None:
        return date
    bare = date.map(
        lambda cell: re.sub(r"[T ]+0{1,2}:00(:00)?$", "", str(cell)), na_action="ignore"
    )
    joined = bare + " " + time.map(lambda cell: str(cell).split(" ")[-1], na_action="ignore")
    return joined.where(time.notna(), date)


def _is_blank(cell: str) -> bool:
    """Nothing, or an offset alone as some exports leave where a time was missing."""
    return not _OFFSET.sub("", cell.strip()).strip()


def _take_apart(cell: str) -> _Parts | None:
    date = _DATE.match(cell)
    if date is None:
        return None
    rest = cell[date.end() :].lstrip("T ,").strip()
    microseconds = None
    offset = np.nan
    if rest:
        found = _OFFSET.search(rest)
        if found:
            offset = _offset_minutes(found["offset"])
            rest = rest[: found.start()].strip()
        time = _TIME.fullmatch(rest)
        if time is None:
            return None
        microseconds = _time_of_day(time)
        if microseconds is None:
            return None
    if date["year"]:
        family, numbers = "year first", (date["year"], date["month"], date["day"])
    elif date["year2"]:
        family, numbers = "year last", (date["first"], date["second"], date["year2"])
    elif date["name"][:3].lower() in _MONTHS:
        month = _MONTHS.index(date["name"][:3].lower()) + 1
        family, numbers = "month by name", (date["year3"], str(month), date["day3"])
    else:
        return None
    first, second, third = (int(number) for number in numbers)
    return _Parts(family, (first, second, third), microseconds, offset)


def _time_of_day(time: re.Match[str]) -> int | None:
    hour, minute = int(time["hour"]), int(time["minute"])
    second = float((time["second"] or "0").replace(",", "."))
    if time["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if time["half"].lower().startswith("p") else 0)
    total = round((hour * 3600 + minute * 60 + second) * 1_000_000)
    fits = minute < 60 and second < 60 and total <= _MICROSECONDS_PER_DAY
    return total if fits else None


def _offset_minutes(text: str) -> float:
    digits = text.replace(":", "")
    if not digits[1:].isdigit():
        return 0.0
    minutes = int(digits[1:3]) * 60 + int(digits[3:5] or 0)
    return float(-minutes if digits[0] == "-" else minutes)


def _date(part: _Parts, *, day_first: bool) -> np.datetime64 | None:
    year, month, day = part.numbers
    if part.family == "year last":
        first, second, year = part.numbers
        day, month = (first, second) if day_first else (second, first)
    try:
        return np.datetime64(f"{year:04d}-{month:02d}-{day:02d}", "us")
    except ValueError:
        return None


def _check_understood(
    cells: Mapping[_Key, str],
    parts: Mapping[_Key, _Parts | None],
    *,
    source: str,
) -> None:
    bad = [key for key, part in parts.items() if part is None]
    if bad:
        listed = "; ".join(f"{cells[key]!r} ({key[0]}, row {key[1]})" for key in bad[:10])
        msg = (
            f"{source}: {len(bad)} dates cannot be read: {listed}. Write them as 2024-05-31 or "
            f"2024-05-31 14:05, with four digits for the year. {COUNTING}"
        )
        raise SurveyError(msg, kind="unreadable date", source=source, rows=[key[1] for key in bad])


def _check_one_family(
    cells: Mapping[_Key, str], known: Mapping[_Key, _Parts], *, source: str
) -> None:
    groups: dict[str, list[_Key]] = {}
    for key, part in known.items():
        groups.setdefault(part.family, []).append(key)
    if len(groups) > 1:
        listed = "; ".join(
            f"{family}: {cells[keys[0]]!r} in {row_list(sorted({row for _, row in keys}))}"
            for family, keys in groups.items()
        )
        msg = (
            f"{source} writes dates in more than one format: {listed}. A spreadsheet changes some "
            f"cells and not others; write all of them as 2024-05-31. {COUNTING}"
        )
        raise SurveyError(
            msg,
            kind="mixed date formats",
            source=source,
            rows=[row for keys in sorted(groups.values(), key=len)[:-1] for _, row in keys],
        )


def _decide(
    cells: Mapping[_Key, str],
    known: Mapping[_Key, _Parts],
    *,
    source: str,
    day_first: bool | None,
) -> tuple[bool, tuple[str, ...]]:
    """Whether the day comes first in dates that end with the year."""
    last = {key: part.numbers for key, part in known.items() if part.family == "year last"}
    day_ahead = [key for key, numbers in last.items() if numbers[0] > 12]
    month_ahead = [key for key, numbers in last.items() if numbers[1] > 12]
    if (day_ahead and month_ahead) or (
        day_first is not None and (month_ahead if day_first else day_ahead)
    ):
        listed = "; ".join(
            f"{order} in {row_list(sorted({row for _, row in keys}))}, such as {cells[keys[0]]!r}"
            for order, keys in (("day first", day_ahead), ("month first", month_ahead))
            if keys
        )
        given = "" if day_first is None else f" against day_first={day_first}"
        msg = (
            f"{source} has dates that can only be {listed}{given}. One file has one format: "
            f"write all dates as 2024-05-31. {COUNTING}"
        )
        raise SurveyError(
            msg,
            kind="contradicting day and month",
            source=source,
            rows=[row for _, row in min(day_ahead, month_ahead, key=len)],
        )
    open_ = [key for key, numbers in last.items() if numbers[0] != numbers[1]]
    if day_first is not None or not open_:
        return bool(day_first), ()
    if not day_ahead and not month_ahead:
        msg = (
            f"{source}: {cells[open_[0]]!r} in row {open_[0][1]} may be day/month or month/day, "
            f"and no date of the file decides it. Write dates as 2024-05-31, or say "
            f"day_first=True or day_first=False. {COUNTING}"
        )
        raise SurveyError(msg, kind="undecided day and month", source=source)
    proof = (day_ahead or month_ahead)[0]
    order = "day/month/year" if day_ahead else "month/day/year"
    undecided = [key for key in open_ if max(last[key][:2]) <= 12]
    example = cells[undecided[0]] if undecided else cells[proof]
    note = (
        f"{source}: dates such as {example!r} are read as {order}, as {cells[proof]!r} in "
        f"row {proof[1]} shows."
    )
    return bool(day_ahead), (note,)


def _check_calendar(
    cells: Mapping[_Key, str],
    dates: Mapping[_Key, np.datetime64 | None],
    *,
    source: str,
) -> None:
    bad = [key for key, date in dates.items() if date is None]
    if bad:
        listed = "; ".join(f"{cells[key]!r} ({key[0]}, row {key[1]})" for key in bad[:10])
        msg = (
            f"{source}: {len(bad)} dates are not in the calendar: {listed}. "
            f"Correct them. {COUNTING}"
        )
        raise SurveyError(msg, kind="no such day", source=source, rows=[key[1] for key in bad])


def _check_offsets(
    moments: Mapping[str, Moments], columns: Mapping[str, pd.Series], *, source: str
) -> None:
    """Times with and without an offset must not be mixed."""
    with_offset: list[int] = []
    without: list[int] = []
    for name, moment in moments.items():
        rows = np.asarray(columns[name].index)
        with_offset += rows[moment.timed & ~np.isnan(moment.offset)].tolist()
        without += rows[moment.timed & np.isnan(moment.offset)].tolist()
    if with_offset and without:
        msg = (
            f"{source}: times carry an offset from UTC in {row_list(sorted(set(with_offset)))} "
            f"but not in {row_list(sorted(set(without)))}. Write all times on the camera's "
            f"clock, with the offset in all rows or in none. {COUNTING}"
        )
        raise SurveyError(
            msg,
            kind="offset in some rows only",
            source=source,
            rows=sorted((with_offset, without), key=len)[0],
        )
