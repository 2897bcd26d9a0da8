"""Periods of work cut into occasions: the days in each with at least one camera working."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.survey.troubles import Trouble
from scr.survey.usage import Usage

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
    two_cameras
        Periods in which two cameras of each trap worked, where cameras have names; else None.
    """

    usage: Usage
    working: tuple[NDArray[np.datetime64], ...] | None = None
    described: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    two_cameras: tuple[NDArray[np.datetime64], ...] | None = None


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


def two_at_once(cameras: Sequence[NDArray[np.datetime64]]) -> NDArray[np.datetime64]:
    """Periods in which at least two cameras worked.

    Parameters
    ----------
    cameras
        Disjoint periods of each camera, from ``union``, each of shape (n, 2).

    Returns
    -------
    ndarray
        Disjoint periods in order, shape (n, 2), datetime64[us].

    Examples
    --------
    >>> left = np.array([["2024-05-01", "2024-05-06"]], "M8[us]")
    >>> right = np.array([["2024-05-03", "2024-05-09"]], "M8[us]")
    >>> two_at_once([left, right]).astype("M8[D]").tolist()
    [[datetime.date(2024, 5, 3), datetime.date(2024, 5, 6)]]
    """
    none = np.empty((0, 2), dtype="datetime64[us]")
    edges = np.unique(np.concatenate([none, *cameras]))
    number = np.zeros(max(len(edges) - 1, 0), dtype=np.int64)
    for spans in cameras:
        number += ((spans[:, :1] <= edges[:-1]) & (spans[:, 1:] > edges[:-1])).any(axis=0)
    both = number >= 2
    return union([np.column_stack([edges[:-1][both], edges[1:][both]])])


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


def days_worked(
    working: NDArray[np.datetime64], *, edges: NDArray[np.datetime64]
) -> NDArray[np.float64]:
    r"""Effort T of one trap in each occasion.

    .. math:: T_s = \frac{1}{24\,\mathrm{h}} \sum_p |p \cap [t_s,\; t_{s + 1})|

    Parameters
    ----------
    working
        Disjoint periods p from ``union``, shape (n, 2), wall clock.
    edges
        Starts t of the occasions and the end of the last, shape (n_occasions + 1,).

    Returns
    -------
    ndarray
        Days, 0 to the length of the occasion, shape (n_occasions,).

    Examples
    --------
    >>> work = np.array([["2024-05-02T16:00", "2024-05-04T10:00"]], dtype="M8[us]")
    >>> edges = np.array(["2024-05-02", "2024-05-03", "2024-05-04", "2024-05-05"], dtype="M8[us]")
    >>> days_worked(work, edges=edges).round(4)
    array([0.3333, 1.    , 0.4167])
    """
    overlap = np.minimum(working[:, 1:], edges[1:]) - np.maximum(working[:, :1], edges[:-1])
    inside = np.maximum(overlap, np.timedelta64(0, "us")).sum(axis=0)
    return np.asarray(inside / _DAY, dtype=np.float64)


def occasion_of(
    moments: NDArray[np.datetime64], *, edges: NDArray[np.datetime64]
) -> NDArray[np.int64]:
    """Occasion, from 0, in which each moment falls; -1 before them, n_occasions after.

    Parameters
    ----------
    moments
        Wall-clock times, shape (n,).
    edges
        Starts of the occasions and the end of the last, shape (n_occasions + 1,).
    """
    return np.asarray(np.searchsorted(edges, moments, side="right") - 1, dtype=np.int64)
