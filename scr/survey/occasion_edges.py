"""Where occasions begin and end: so many days each, or the weeks and months of the calendar."""

import numpy as np
from numpy.typing import NDArray

from scr.survey.reading_defaults import DayStarts, OccasionLength

_DAY = np.timedelta64(86_400_000_000, "us")
_MONDAY = np.datetime64("1970-01-05", "D")


def day_offset(day_starts: DayStarts) -> np.timedelta64:
    """How long after midnight a day begins.

    Parameters
    ----------
    day_starts
        ``"midnight"`` or ``"noon"``.
    """
    return np.timedelta64(12 if day_starts == "noon" else 0, "h")


def first_moment(
    earliest: np.datetime64, day_starts: DayStarts, length: OccasionLength = 1
) -> np.datetime64:
    """Start of the first occasion: on the first set-up day, or on its Monday or first of the month.

    Parameters
    ----------
    earliest
        First set-up of the session.
    day_starts
        ``"midnight"`` or ``"noon"``. A camera set up before noon starts at the noon of the day
        before, so that no effort is lost.
    length
        Whole days, ``"week"`` or ``"month"``.

    Examples
    --------
    >>> first_moment(np.datetime64("2024-05-02T16:00"), "noon")
    np.datetime64('2024-05-02T12:00:00.000000')
    >>> first_moment(np.datetime64("2024-05-02T16:00"), "midnight", "week")
    np.datetime64('2024-04-29T00:00:00.000000')
    """
    offset = day_offset(day_starts)
    day = np.datetime64(np.datetime64(earliest, "us") - offset, "D")
    if length == "week":
        day -= (day - _MONDAY) % np.timedelta64(7, "D")
    elif length == "month":
        day = day.astype("datetime64[M]").astype("datetime64[D]")
    return np.datetime64(day, "us") + offset


def count_occasions(first: np.datetime64, last: np.datetime64, length: int | str) -> int:
    """Occasions from the first moment to the last end, a partial last one included.

    Parameters
    ----------
    first
        Start of the first occasion.
    last
        End of the last period of work.
    length
        Whole days, or ``"month"``.
    """
    if length != "month":
        return int(-(-(last - first) // (int(length) * _DAY)))
    offset = first - first.astype("datetime64[M]").astype("datetime64[us]")
    final = (last - offset - np.timedelta64(1, "us")).astype("datetime64[M]")
    return int((final - first.astype("datetime64[M]")) / np.timedelta64(1, "M")) + 1


def occasion_edges(
    first: np.datetime64, n_occasions: int, length: int | str
) -> NDArray[np.datetime64]:
    """Where each occasion begins, and the end of the last.

    Parameters
    ----------
    first
        Start of the first occasion; of months, on the first of one.
    n_occasions
        Number of occasions.
    length
        Whole days, or ``"month"``.

    Returns
    -------
    ndarray
        Shape (n_occasions + 1,), datetime64[us].

    Examples
    --------
    >>> edges = occasion_edges(np.datetime64("2024-02-01", "us"), 2, "month")
    >>> edges.astype("M8[D]").astype(str).tolist()
    ['2024-02-01', '2024-03-01', '2024-04-01']
    """
    steps = np.arange(n_occasions + 1)
    if length != "month":
        return np.asarray(first + steps * (int(length) * _DAY), dtype="datetime64[us]")
    month = first.astype("datetime64[M]")
    offset = first - month.astype("datetime64[us]")
    return np.asarray((month + steps).astype("datetime64[us]") + offset)
