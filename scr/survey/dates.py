"""Dates and times as people write them: one format for a whole file, never guessed row by row."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.io.clock import read_iso
from scr.io.tables import COUNTING, row_list
from scr.survey.date_parts import DAY_NUMBER, Parts, day_of, is_blank, take_apart

_HALF = r"(?i)[ap]\.?\s?m\.?\s*$"
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
    moments = _all_iso(columns)
    notes: tuple[str, ...] = ()
    if moments is None:
        moments, notes = _any_format(columns, source=source, day_first=day_first)
    timed = [m for m in moments.values() if m.timed.any()]
    if timed and all((m.wall == m.wall.astype("datetime64[D]"))[m.timed].all() for m in timed):
        moments = {
            name: Moments(m.wall, np.zeros(len(m.wall), dtype=bool), m.offset)
            for name, m in moments.items()
        }
        notes = (*notes, f"{source}: every time is 00:00, so dates are read without times.")
    _check_offsets(moments, columns, source=source)
    return moments, notes


def _all_iso(columns: Mapping[str, pd.Series]) -> dict[str, Moments] | None:
    """Columns written as 2024-05-31T14:05:00+09:00 throughout, or None: no cell is looked at alone.

    Millions of rows are read so; the result is that of ``_any_format``.
    """
    moments = {}
    for name, series in columns.items():
        read = read_iso(series)
        if read is None:
            return None
        moments[name] = Moments(*read)
    return moments


def _any_format(
    columns: Mapping[str, pd.Series], *, source: str, day_first: bool | None
) -> tuple[dict[str, Moments], tuple[str, ...]]:
    """Columns in whatever one format they are in, and what was decided about it."""
    cells = {
        (name, int(row)): str(cell)
        for name, series in columns.items()
        for row, cell in zip(series.index, series, strict=True)
        if pd.notna(cell) and not is_blank(str(cell))
    }
    parts = {key: take_apart(cell) for key, cell in cells.items()}
    _check_understood(cells, parts, source=source)
    known = {key: part for key, part in parts.items() if part is not None}
    _check_one_family(cells, known, source=source)
    day_first, notes = _decide(cells, known, source=source, day_first=day_first)
    if any(part.family == DAY_NUMBER for part in known.values()):
        key = next(iter(known))
        day = day_of(known[key], day_first=True)
        notes = (
            *notes,
            f"{source}: dates are a spreadsheet's day numbers, counted from 30 December 1899: "
            f"{cells[key]!r} in row {key[1]} is {str(day)[:10]}.",
        )
    dates = {key: day_of(part, day_first=day_first) for key, part in known.items()}
    _check_calendar(cells, dates, source=source)
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
            timed[position] = part.microseconds is not None
            offset[position] = part.offset
        moments[name] = Moments(wall, timed, offset)
    return moments, notes


def with_time(date: pd.Series, time: pd.Series | None, half: pd.Series | None = None) -> pd.Series:
    """A date, a time and perhaps AM or PM, each in a column of its own, as one.

    Parameters
    ----------
    date, time
        Cells of the two columns; a missing time leaves the date alone. A date before the time, as
        a spreadsheet puts there, is passed over.
    half
        AM or PM of each time; put after a time that does not tell it itself.
    """
    if time is None and half is None:
        return date
    nothing = [None] * len(date)
    cells = zip(
        date, nothing if time is None else time, nothing if half is None else half, strict=True
    )
    joined = [_joined(*cell) for cell in cells]
    return pd.Series(joined, index=date.index, dtype=object)


def _joined(date: object, time: object, half: object) -> object:
    if pd.isna(date):  # type: ignore[call-overload]
        return date
    text = str(date)
    if not pd.isna(time):  # type: ignore[call-overload]
        clock = re.sub(r"^[^\s:]+[T ]+(?=\d{1,2}:)", "", str(time))
        text = re.sub(r"(?<![T ])[T ]+0{1,2}:00(:00)?$", "", text) + f" {clock}"
    told = pd.isna(half) or ":" not in text or re.search(_HALF, text)  # type: ignore[call-overload]
    return text if told else f"{text} {half}"


def _check_understood(
    cells: Mapping[_Key, str],
    parts: Mapping[_Key, Parts | None],
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
    cells: Mapping[_Key, str], known: Mapping[_Key, Parts], *, source: str
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
    known: Mapping[_Key, Parts],
    *,
    source: str,
    day_first: bool | None,
) -> tuple[bool, tuple[str, ...]]:
    """Whether the day comes first in dates that end with the year."""
    last = {key: part.numbers for key, part in known.items() if part.family == "year last"}
    day_ahead = [key for key, numbers in last.items() if numbers[0] > 12]
    month_ahead = [key for key, numbers in last.items() if numbers[1] > 12]
    against = min(day_ahead, month_ahead, key=len)
    if day_first is not None:
        against = month_ahead if day_first else day_ahead
    if against:
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
            rows=[row for _, row in against],
        )
    open_ = [key for key, numbers in last.items() if numbers[0] != numbers[1]]
    if day_first is not None or not open_:
        return bool(day_first), ()
    if not day_ahead and not month_ahead:
        day, month = (_in_words(known[open_[0]], day_first=first) for first in (True, False))
        msg = (
            f"{source}: {cells[open_[0]]!r} in row {open_[0][1]} may be {day} (day/month) or "
            f"{month} (month/day), and no date of the file decides it. Write dates as "
            f"2024-05-31, or say day_first=True or day_first=False. {COUNTING}"
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


def _in_words(part: Parts, *, day_first: bool) -> str:
    day = day_of(part, day_first=day_first)
    if day is None:
        return "no day"
    date = day.astype("datetime64[D]").item()
    return f"{date.day} {date:%B %Y}"


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
