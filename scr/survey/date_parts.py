"""One date or date-time as text, taken apart."""

import re
from dataclasses import dataclass
from datetime import date as date_of
from datetime import timedelta

import numpy as np

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(
    r"(?P<year>\d{4})(?P<mark>[-/.:])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
    r"|(?P<first>\d{1,2})(?P<mark2>[-/.])(?P<second>\d{1,2})(?P=mark2)(?P<year2>\d{4})"
    r"|(?P<day3>\d{1,2})[- ](?P<name>[A-Za-z]{3,9})\.?[- ](?P<year3>\d{4})"
)
_TIME = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d+)?))?"
    r"\s*(?P<half>[AaPp]\.?\s?[Mm]\.?)?"
)
_OFFSET = re.compile(r"(?P<offset>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$", re.IGNORECASE)
_DAY_NUMBER = re.compile(r"[2-8]\d{4}(?:\.\d+)?")
_DAY_ZERO = date_of(1899, 12, 30)
_MICROSECONDS_PER_DAY = 86_400_000_000
DAY_NUMBER = "day number"
"""Family of dates that a spreadsheet shows as days since 30 December 1899."""
_LONGEST = 100


@dataclass(frozen=True)
class Parts:
    """One cell taken apart; ``numbers`` are year, month, day, or two undecided and the year."""

    family: str
    numbers: tuple[int, int, int]
    microseconds: int | None
    offset: float


def is_blank(cell: str) -> bool:
    """Nothing, or an offset alone as some exports leave where a time was missing."""
    if len(cell) > _LONGEST:
        return not cell.strip()
    return not _OFFSET.sub("", cell.strip()).strip()


def take_apart(cell: str) -> Parts | None:
    """The parts of a date with or without a time, or None if it is no such thing.

    Parameters
    ----------
    cell
        Text without spaces around it.
    """
    if _DAY_NUMBER.fullmatch(cell):
        return _from_day_number(cell)
    date = _DATE.match(cell) if len(cell) <= _LONGEST else None
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
    return Parts(family, (first, second, third), microseconds, offset)


def _from_day_number(cell: str) -> Parts:
    """A spreadsheet's day number, the part after the point being the time of day."""
    whole, _, fraction = cell.partition(".")
    day = _DAY_ZERO + timedelta(days=int(whole))
    seconds = round(float(f"0.{fraction}") * 86_400) if fraction else 0
    time = min(seconds, 86_399) * 1_000_000 if fraction else None
    return Parts(DAY_NUMBER, (day.year, day.month, day.day), time, np.nan)


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


def day_of(part: Parts, *, day_first: bool) -> np.datetime64 | None:
    """Midnight of a day, or None if the calendar has no such day.

    Parameters
    ----------
    part
        A cell taken apart.
    day_first
        Whether the day stands before the month where the year comes last.
    """
    year, month, day = part.numbers
    if part.family == "year last":
        first, second, year = part.numbers
        day, month = (first, second) if day_first else (second, first)
    try:
        return np.datetime64(f"{year:04d}-{month:02d}-{day:02d}", "us")
    except ValueError:
        return None
