"""Days that columns of a usage table are called by, in every form that dates are read in."""

import re
from collections.abc import Sequence

import numpy as np

from scr.errors import SurveyError
from scr.survey.date_parts import DAY_NUMBER, Parts, day_of, take_apart

_DAY = np.timedelta64(1, "D")
_AS_R_WRITES = re.compile(r"[Xx](?=\d)")


def day_headers(
    names: Sequence[str], *, day_first: bool | None = None, source: str = ""
) -> dict[str, np.datetime64]:
    """The day that each column stands for, those left out whose name is no date.

    Where the year comes last, a number above 12 tells the day from the month, or else the order
    in which the columns are days that follow each other.

    Parameters
    ----------
    names
        Names of columns, such as ``2024-05-02``, ``02/05/2024``, ``2 May 2024`` or ``45414``; an X
        before them, as R writes, is passed over. Day numbers need two columns or more.
    day_first
        For names such as 02/05/2024: True for 2 May, False for 5 February.
    source
        Name of the table; without it undecided days are taken as they come, day first.

    Returns
    -------
    dict
        Name to day, in order of days.

    Raises
    ------
    SurveyError
        If day and month cannot be told apart, or a day is not in the calendar.

    Examples
    --------
    >>> list(day_headers(["trap", "X2024.05.02", "lure"]).values())
    [np.datetime64('2024-05-02')]
    >>> [str(day) for day in day_headers(["01/05/2024", "02/05/2024"]).values()]
    ['2024-05-01', '2024-05-02']
    """
    parts = {name: part for name in names if (part := _parts(name)) is not None}
    if [part.family for part in parts.values()] == [DAY_NUMBER]:
        return {}
    first = _day_first(parts, day_first, source=source)
    days = {name: day_of(part, day_first=first) for name, part in parts.items()}
    none = [name for name, day in days.items() if day is None]
    if none and source:
        msg = (
            f"{source}: columns {', '.join(map(repr, none[:10]))} are called by days that are not "
            "in the calendar. Correct their names."
        )
        raise SurveyError(msg, kind="no such day", source=source)
    found = {name: day.astype("datetime64[D]") for name, day in days.items() if day is not None}
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _parts(name: str) -> Parts | None:
    """A name taken apart, or None if it is no date without a time."""
    bare = _AS_R_WRITES.sub("", name.strip(), count=1)
    if re.search(r"[A-Za-z]", bare):
        bare = re.sub(r"(?<=[\dA-Za-z])\.(?=[\dA-Za-z])", " ", bare)
    part = take_apart(bare)
    return part if part is not None and part.microseconds in (None, 0) else None


def _day_first(parts: dict[str, Parts], given: bool | None, *, source: str) -> bool:
    """Whether the day comes first in names that end with the year."""
    last = {name: part for name, part in parts.items() if part.family == "year last"}
    day_ahead = [name for name, part in last.items() if part.numbers[0] > 12]
    month_ahead = [name for name, part in last.items() if part.numbers[1] > 12]
    orders = [
        first
        for first, against in ((True, month_ahead), (False, day_ahead))
        if not against and given in (None, first)
    ]
    if not last or len(orders) == 1 or not source:
        return orders[0] if orders else True
    following = [first for first in orders if _follow(last, day_first=first)]
    if len(following) == 1:
        return following[0]
    if not orders:
        found = f"columns {(day_ahead or month_ahead)[0]!r} and {(month_ahead or day_ahead)[0]!r}"
        msg = (
            f"{source}: {found} are called by days of which one can only be day/month and the "
            "other month/day, or which contradict day_first. Call all days as 2024-05-31."
        )
        raise SurveyError(msg, kind="contradicting day and month", source=source)
    name = next(iter(last))
    msg = (
        f"{source}: the column {name!r} may be day/month or month/day, and no column decides it. "
        "Call days as 2024-05-31, or say day_first=True or day_first=False."
    )
    raise SurveyError(msg, kind="undecided day and month", source=source)


def _follow(parts: dict[str, Parts], *, day_first: bool) -> bool:
    """Whether days follow each other without a gap."""
    days = [day_of(part, day_first=day_first) for part in parts.values()]
    there = np.sort(np.array([day for day in days if day is not None], dtype="datetime64[D]"))
    return len(there) == len(parts) > 1 and bool((np.diff(there) == _DAY).all())
