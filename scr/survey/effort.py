"""Periods of work cut into occasions: the days in each with at least one camera working."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scr.survey.troubles import Trouble
from scr.survey.usage import Usage

DayStarts = Literal["midnight", "noon"]
"""Where a day begins: noon keeps the night of an animal together."""

_DAY = np.timedelta64(86_400_000_000, "us")


@dataclass(frozen=True, eq=False)
class SessionEffort:
    """Effort of one session, with the periods it came from where they are known.

    Parameters
    ----------
    usage
        Effort, days, one row per trap.
    working
        Periods in which each trap worked, from ``union``; None where a table gave the effort.
    described
        For each trap its deployments as they stand in the file, for messages.
    troubles
        Deployments that look wrong.
    """

    usage: Usage
    working: tuple[NDArray[np.datetime64], ...] | None = None
    described: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()


def union(periods: Sequence[NDArray[np.datetime64]]) -> NDArray[np.datetime64]:
    """Periods in which at least one of several cameras worked.

    Parameters
    ----------
    periods
        Arrays of start and end (end not included), each of shape (n, 2).

    Returns
    -------
    ndarray
        Disjoint periods in order, shape (n, 2), datetime64[us].

    Examples
    --------
    >>> days = np.array([["2024-05-01", "2024-05-04"], ["2024-05-03", "2024-05-06"]], "M8[us]")
    >>> union([days]).astype("M8[D]").tolist()
    [[datetime.date(2024, 5, 1), datetime.date(2024, 5, 6)]]
    """
    whole = [np.asarray(p, dtype="datetime64[us]").reshape(-1, 2) for p in periods]
    rows = np.concatenate([*whole, np.empty((0, 2), dtype="datetime64[us]")])
    rows = rows[rows[:, 1] > rows[:, 0]]
    merged: list[list[np.datetime64]] = []
    for start, end in rows[np.argsort(rows[:, 0], kind="stable")]:
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return np.array(merged, dtype="datetime64[us]").reshape(-1, 2)


def without(
    period: NDArray[np.datetime64], failures: NDArray[np.datetime64]
) -> NDArray[np.datetime64]:
    """What is left of one camera's deployment when its failures are taken out.

    Parameters
    ----------
    period
        Start and end, shape (2,).
    failures
        Start and end of each failure, shape (n, 2); they may overlap or reach beyond the period.

    Returns
    -------
    ndarray
        Disjoint periods in order, shape (n, 2), datetime64[us].
    """
    start, end = np.asarray(period, dtype="datetime64[us]")
    left = []
    for gap_start, gap_end in union([failures]):
        if gap_start > start:
            left.append([start, min(gap_start, end)])
        start = max(start, gap_end)
    left.append([start, end])
    return union([np.array(left, dtype="datetime64[us]")])


def first_moment(earliest: np.datetime64, day_starts: DayStarts) -> np.datetime64:
    """Start of the first occasion: midnight of the first set-up day, or the noon before set-up.

    Parameters
    ----------
    earliest
        First set-up of the session.
    day_starts
        ``"midnight"`` or ``"noon"``. A camera set up before noon starts at the noon of the day
        before, so that no effort is lost.

    Examples
    --------
    >>> first_moment(np.datetime64("2024-05-02T16:00"), "noon")
    np.datetime64('2024-05-02T12:00:00.000000')
    """
    half = np.timedelta64(12 if day_starts == "noon" else 0, "h")
    day = np.datetime64(np.datetime64(earliest, "us") - half, "D")
    return np.datetime64(day, "us") + half


def count_occasions(first: np.datetime64, last: np.datetime64, occasion_days: int) -> int:
    """Occasions from the first moment to the last end, a partial last one included.

    Parameters
    ----------
    first
        Start of the first occasion.
    last
        End of the last period of work.
    occasion_days
        Length of an occasion, whole days.
    """
    return int(-(-(last - first) // (occasion_days * _DAY)))


def days_worked(
    working: NDArray[np.datetime64],
    *,
    first: np.datetime64,
    occasion_days: int,
    n_occasions: int,
) -> NDArray[np.float64]:
    r"""Effort T of one trap in each occasion.

    .. math:: T_s = \frac{1}{24\,\mathrm{h}} \sum_p |p \cap [t_0 + sL,\; t_0 + (s + 1)L)|

    Parameters
    ----------
    working
        Disjoint periods p from ``union``, shape (n, 2), wall clock.
    first
        Start of the first occasion, t_0.
    occasion_days
        Length of an occasion L, whole days.
    n_occasions
        Number of occasions.

    Returns
    -------
    ndarray
        Days, 0 to L, shape (n_occasions,).

    Examples
    --------
    >>> work = np.array([["2024-05-02T16:00", "2024-05-04T10:00"]], dtype="M8[us]")
    >>> days_worked(
    ...     work, first=np.datetime64("2024-05-02", "us"), occasion_days=1, n_occasions=3
    ... ).round(4)
    array([0.3333, 1.    , 0.4167])
    """
    start = first + np.arange(n_occasions) * (occasion_days * _DAY)  # (n_occasions,)
    end = start + occasion_days * _DAY
    overlap = np.minimum(working[:, 1:], end) - np.maximum(working[:, :1], start)
    inside = np.maximum(overlap, np.timedelta64(0, "us")).sum(axis=0)
    return np.asarray(inside / _DAY, dtype=np.float64)


def occasion_of(
    moments: NDArray[np.datetime64], *, first: np.datetime64, occasion_days: int
) -> NDArray[np.int64]:
    """Occasion, from 0, in which each moment falls; negative before the first.

    Parameters
    ----------
    moments
        Wall-clock times, shape (n,).
    first
        Start of the first occasion.
    occasion_days
        Length of an occasion, whole days.
    """
    return np.asarray((moments - first) // (occasion_days * _DAY), dtype=np.int64)
