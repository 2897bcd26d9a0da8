"""Detections outside the time that their trap worked, and how far outside they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.survey.dates import Moments
from scr.survey.effort import SessionEffort
from scr.survey.suspect_times import constant_shift

INSTANT = np.timedelta64(1, "us")
"""The shortest time there is."""

_MINUTE = np.timedelta64(60_000_000, "us")
_DAY = np.timedelta64(86_400_000_000, "us")


@dataclass(frozen=True, eq=False)
class Detected:
    """The detections of a survey before they are placed.

    Parameters
    ----------
    table
        From ``read_table``.
    matched
        Session and trap of each row, from ``match_rows``.
    source
        Name of the table in messages.
    """

    table: pd.DataFrame
    matched: pd.DataFrame
    source: str


def rows_with_spans(
    detected: Detected, efforts: Mapping[str, SessionEffort]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.datetime64]]]:
    """Rows of each trap whose periods of work are known, with those periods."""
    sessions = detected.matched["session"].to_numpy()
    traps = detected.matched["trap"].to_numpy(np.int64)
    for label, effort in efforts.items():
        mine = np.flatnonzero(sessions == label)
        if effort.working is None or not len(mine):
            continue
        mine = mine[np.argsort(traps[mine], kind="stable")]
        starts = np.flatnonzero(np.diff(traps[mine])) + 1
        for rows in np.split(mine, starts):
            yield rows, effort.working[traps[rows[0]]]


def during(
    start: NDArray[np.datetime64], until: NDArray[np.datetime64], spans: NDArray[np.datetime64]
) -> NDArray[np.bool_]:
    """Whether periods meet any of the disjoint spans, which are in order."""
    if not len(spans):
        return np.zeros(len(start), dtype=np.bool_)
    last = np.searchsorted(spans[:, 0], until, side="left") - 1
    return np.asarray((last >= 0) & (spans[np.maximum(last, 0), 1] > start), dtype=np.bool_)


def find_faults(
    occasion: NDArray[np.int64],
    detected: Detected,
    efforts: Mapping[str, SessionEffort],
    *,
    moments: Moments | None,
) -> dict[int, str]:
    """Why detections cannot have been, by position of those that cannot."""
    sessions, traps = detected.matched["session"].to_numpy(), detected.matched["trap"].to_numpy()
    sound = np.zeros(len(traps), dtype=np.bool_)
    for label, effort in efforts.items():
        mine = np.flatnonzero(sessions == label)
        usage = effort.usage.effort
        within = mine[(occasion[mine] >= 0) & (occasion[mine] < usage.shape[1])]
        sound[within] = usage[traps[within], occasion[within]] > 0
    if moments is not None:
        until = moments.wall + np.where(moments.timed, INSTANT, _DAY)
        for rows, spans in rows_with_spans(detected, efforts):
            sound[rows] &= during(moments.wall[rows], until[rows], spans)
    return {
        int(p): _why(int(p), int(occasion[p]), efforts[sessions[p]], trap=traps[p], moments=moments)
        for p in np.flatnonzero(~sound)
    }


def _why(
    position: int, occasion: int, effort: SessionEffort, *, trap: int, moments: Moments | None
) -> str:
    usage = effort.usage
    if moments is None or usage.first_day is None:
        return f"effort 0 in occasion {occasion + 1} in {usage.source}"
    moment = moments.wall[position]
    if effort.working is not None:
        apart = _apart(moment, bool(moments.timed[position]), effort.working[trap])
        described = effort.described[trap]
        if apart is not None:
            return f"{apart}deployed {described}" if apart else described
    inside = 0 <= occasion < usage.effort.shape[1]
    day = moment.astype("datetime64[D]")
    why = f"effort 0 on {day}" if inside else f"{day} is no day of the effort"
    return f"{why} in {usage.source}"


def _apart(moment: np.datetime64, timed: bool, spans: NDArray[np.datetime64]) -> str | None:
    """How far a moment, or a whole day, lies from the nearest period of work."""
    until = moment + (INSTANT if timed else _DAY)
    if ((spans[:, 0] < until) & (moment < spans[:, 1])).any():
        return None
    if not len(spans):
        return ""
    late = moment - spans[:, 1]
    early = spans[:, 0] - until
    gap = np.where(late >= INSTANT * 0, late, early)
    nearest = int(np.argmin(gap))
    minutes = float((gap[nearest] + (INSTANT if timed else _DAY)) / _MINUTE)
    if minutes >= 48 * 60:
        size = f"{round(minutes / 1440, 1):g} days"
    else:
        size = f"{minutes / 60:.0f} hours" if minutes >= 120 else f"{minutes:.0f} minutes"
    side = "after" if late[nearest] >= INSTANT * 0 else "before"
    return f"{size} {side} the camera worked; "


def clock_hint(
    faults: Mapping[int, str],
    detected: Detected,
    moments: Moments,
    *,
    efforts: Mapping[str, SessionEffort],
) -> str:
    """Stations where one shift of the clock would bring all times into the deployments."""
    hints = []
    for rows, spans in rows_with_spans(detected, efforts):
        out = np.array([row for row in rows if int(row) in faults], dtype=np.int64)
        shift = constant_shift(moments.wall[out], spans)
        if shift is not None:
            hints.append(f"{detected.table['trap'].iloc[rows[0]]!r} ({shift})")
    if not hints:
        return ""
    return (
        f" The clock may have been off: with one shift all of them would fall inside at "
        f"{', '.join(hints[:10])}."
    )


def list_faults(faults: Mapping[int, str], detected: Detected, cells: pd.Series | None) -> str:
    """Faults as text, the first ten.

    Parameters
    ----------
    faults
        From ``find_faults``.
    detected
        The detections.
    cells
        Their times as they stand in the file.
    """
    table = detected.table
    lines = [
        f"{table['individual'].iloc[p]!r} at {table['trap'].iloc[p]!r}"
        + (f" on {cells.iloc[p]}" if cells is not None else "")
        + f", row {table.index[p]} ({faults[p]})"
        for p in list(faults)[:10]
    ]
    return "; ".join(lines) + (f"; and {len(faults) - 10} more" if len(faults) > 10 else "")
