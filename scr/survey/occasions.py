"""Detections placed in occasions, and checked against the effort of their trap."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.io.tables import COUNTING, numbers, row_list
from scr.survey.dates import Moments, read_moments, with_time
from scr.survey.effort import SessionEffort, occasion_of
from scr.survey.occasion_rule import OccasionRule
from scr.survey.outside import (
    INSTANT,
    Detected,
    clock_hint,
    during,
    find_faults,
    list_faults,
    rows_with_spans,
)
from scr.survey.suspect_times import SUMMER_TIME, hours_from_utc

_MINUTE = np.timedelta64(60_000_000, "us")
_DAY = np.timedelta64(86_400_000_000, "us")


@dataclass(frozen=True, eq=False)
class Placed:
    """Detections with their occasion.

    Parameters
    ----------
    occasion
        From 0, shape (n_rows,).
    inside
        False for rows outside the time their trap worked, shape (n_rows,).
    moments
        Their times, or None where only occasions are numbered.
    notes
        How dates were read, and rows that were left out.
    """

    occasion: NDArray[np.int64]
    inside: NDArray[np.bool_]
    moments: Moments | None
    notes: tuple[str, ...]


def place_detections(
    detected: Detected,
    efforts: Mapping[str, SessionEffort],
    *,
    rule: OccasionRule,
    offsets: frozenset[float],
    drop_outside: bool,
) -> Placed:
    """The occasion of each detection.

    Parameters
    ----------
    detected
        The detections.
    efforts
        Effort of each session.
    rule
        How time was cut into occasions.
    offsets
        Offsets from UTC in the deployments, minutes.
    drop_outside
        True to leave out, with a note, detections outside the time their trap worked.

    Raises
    ------
    SurveyError
        If there is neither a time nor an occasion, one is blank or cannot be read, or a trap was
        not working and ``drop_outside`` is False.
    """
    table, source = detected.table, detected.source
    dated = all(effort.usage.first_day is not None for effort in efforts.values())
    cells = time_cells(table)
    notes: tuple[str, ...] = ()
    moments = None
    if cells is not None and (dated or not cells.isna().any()):
        moments, notes = _moments(detected, cells, rule=rule)
    if cells is None or moments is None or not dated:
        occasion = _numbered(detected, efforts, has_times=cells is not None)
    else:
        moments, more = _on_camera_clock(moments, offsets, source=source)
        notes = (*notes, *more)
        moments = _before_end(moments, detected, efforts)
        occasion = _by_time(moments, detected, efforts)
        _check_agrees(occasion, detected)
    faults = find_faults(occasion, detected, efforts, moments=moments if dated else None)
    inside = ~np.isin(np.arange(len(table)), list(faults))
    if faults:
        listed = list_faults(faults, detected, cells)
        hint = "" if moments is None else clock_hint(faults, detected, moments, efforts=efforts)
        n = len(faults)
        if not drop_outside:
            msg = (
                f"{source}: {n} detection{'s' if n > 1 else ''} fall{'' if n > 1 else 's'} "
                f"outside the time the trap worked: {listed}.{hint} A trap that detected an animal "
                "was working: correct the deployment or the usage of that day, the name of the "
                "trap, or the time of the detection; drop_outside=True leaves such rows out and "
                f"notes it. {COUNTING}"
            )
            raise SurveyError(
                msg, kind="detection outside effort", source=source, rows=table.index[~inside]
            )
        notes = (*notes, f"{source}: {n} detections outside the time the trap worked were left "
                         f"out, as drop_outside=True asks: {listed}.")  # fmt: skip
    return Placed(occasion, inside, moments, notes)


def time_cells(table: pd.DataFrame) -> pd.Series | None:
    """Cells that hold the time of each detection, or None where there are none.

    Parameters
    ----------
    table
        Detections from ``read_table``.
    """
    half = table.get("am_pm")
    time = table.get("time")
    if "datetime" in table.columns:
        timed = table["datetime"].dropna().astype(str).str.contains(r"\d:\d", regex=True).any()
        return with_time(table["datetime"], None if timed else time, half)
    if "date" in table.columns:
        return with_time(table["date"], time, half)
    return None


def _moments(
    detected: Detected, cells: pd.Series, *, rule: OccasionRule
) -> tuple[Moments, tuple[str, ...]]:
    table, source = detected.table, detected.source
    read, notes = read_moments({"datetime": cells}, source=source, day_first=rule.day_first)
    moments = read["datetime"]
    blank = np.isnat(moments.wall)
    if blank.any():
        listed = "; ".join(
            f"{table['individual'].iloc[p]!r} at {table['trap'].iloc[p]!r} (row {table.index[p]})"
            for p in np.flatnonzero(blank)[:10]
        )
        msg = (
            f"{source}: {int(blank.sum())} detections have no date: {listed}. "
            f"Fill in the times, or remove the rows. {COUNTING}"
        )
        raise SurveyError(msg, kind="no date-time", source=source, rows=table.index[blank])
    return moments, notes


def _numbered(
    detected: Detected, efforts: Mapping[str, SessionEffort], *, has_times: bool
) -> NDArray[np.int64]:
    """Occasions as the table numbers them, from 0."""
    table, source = detected.table, detected.source
    effort_source = next(iter(efforts.values())).usage.source
    if "occasion" not in table.columns:
        if all(effort.usage.effort.shape[1] == 1 for effort in efforts.values()):
            return np.zeros(len(table), dtype=np.int64)
        lack = (
            f"gives times, but {effort_source} numbers its occasions without dates"
            if has_times
            else "has no column 'occasion', 'datetime' or 'date'"
        )
        msg = (
            f"{source} {lack}. Add a column 'occasion', or give times here and deployments "
            "(start, end) or a usage table with dates as usage=."
        )
        raise SurveyError(msg, kind="no occasion", source=source)
    values = numbers(table, "occasion", source=source)
    last = np.array([efforts[s].usage.effort.shape[1] for s in detected.matched["session"]])
    bad = ~((values >= 1) & (values <= last) & (values == np.round(values)))
    if bad.any():
        cells = ", ".join(repr(cell) for cell in table["occasion"][bad].iloc[:10])
        msg = (
            f"{source}: {int(bad.sum())} occasions ({cells}) in {row_list(table.index[bad])} are "
            f"not whole numbers from 1 to {int(last[bad].max(initial=0))}, the occasions of "
            f"{effort_source}. Correct them, or give effort for all occasions. {COUNTING}"
        )
        raise SurveyError(msg, kind="unknown occasion", source=source, rows=table.index[bad])
    return np.asarray(values - 1, dtype=np.int64)


def _on_camera_clock(
    moments: Moments, offsets: frozenset[float], *, source: str
) -> tuple[Moments, tuple[str, ...]]:
    """Times on the clock of the deployments, where both say how far they are from UTC."""
    own = set(np.unique(moments.offset[~np.isnan(moments.offset)]).tolist())
    if not own:
        return moments, ()
    if not offsets:
        if max(own) - min(own) > SUMMER_TIME:
            msg = (
                f"{source} has times at {hours_from_utc(own)} from UTC. Write all of them on the "
                "camera's clock, or give the offset of the cameras in the deployments too."
            )
            raise SurveyError(msg, kind="unknown clock", source=source)
        if own == {0.0}:
            note = (
                f"{source}: times are marked as UTC; days are counted by that clock. "
                "Where the cameras ran on local time, write local times."
            )
            return moments, (note,)
        return moments, ()
    if own <= offsets:
        return moments, ()
    if len(offsets) > 1:
        msg = (
            f"{source} has times at {hours_from_utc(own)} from UTC, the deployments at "
            f"{hours_from_utc(offsets)}. Write the detections on the camera's clock, as the "
            "deployments are."
        )
        raise SurveyError(msg, kind="unknown clock", source=source)
    target = next(iter(offsets))
    shift = np.round((target - moments.offset) * 60_000_000).astype("timedelta64[us]")
    moved = Moments(moments.wall + shift, moments.timed, np.full(len(shift), target))
    note = (
        f"{source}: times were moved from {hours_from_utc(own)} to the deployments' "
        f"{hours_from_utc(offsets)}."
    )
    return moved, (note,)


def _before_end(
    moments: Moments, detected: Detected, efforts: Mapping[str, SessionEffort]
) -> Moments:
    """A photograph at the very end of a deployment belongs to the moment before it."""
    wall = moments.wall.copy()
    for rows, spans in rows_with_spans(detected, efforts):
        outside = ~during(wall[rows], wall[rows] + INSTANT, spans)
        at_end = outside & np.isin(wall[rows], spans[:, 1]) & moments.timed[rows]
        wall[rows[at_end]] -= INSTANT
    return Moments(wall, moments.timed, moments.offset)


def _by_time(
    moments: Moments, detected: Detected, efforts: Mapping[str, SessionEffort]
) -> NDArray[np.int64]:
    occasion = np.zeros(len(detected.table), dtype=np.int64)
    for label, effort in efforts.items():
        edges = effort.usage.edges
        mine = (detected.matched["session"] == label).to_numpy()
        if edges is None or not mine.any():
            continue
        at_noon = edges[0] != edges[0].astype("datetime64[D]")
        if at_noon and not moments.timed[mine].all():
            rows = detected.table.index[mine & ~moments.timed]
            msg = (
                f"{detected.source}: {row_list(rows)} have a date without a time, which does not "
                f'say on which side of noon it was. Add times, or use day_starts="midnight". '
                f"{COUNTING}"
            )
            raise SurveyError(
                msg, kind="date on either side of noon", source=detected.source, rows=rows
            )
        occasion[mine] = occasion_of(moments.wall[mine], edges=edges)
    return occasion


def _check_agrees(occasion: NDArray[np.int64], detected: Detected) -> None:
    """Where the table numbers occasions too, they must be those of the times."""
    table = detected.table
    if "occasion" not in table.columns:
        return
    given = numbers(table, "occasion", source=detected.source)
    differ = ~np.isnan(given) & (given != occasion + 1)
    if differ.any():
        first = int(np.flatnonzero(differ)[0])
        msg = (
            f"{detected.source}: the occasion disagrees with the time in "
            f"{row_list(table.index[differ])}; in the first it is {given[first]:g}, by its time "
            f"{occasion[first] + 1}. Remove the column 'occasion', or set occasion_days and "
            f"day_starts as it was made. {COUNTING}"
        )
        raise SurveyError(
            msg,
            kind="occasion disagrees with time",
            source=detected.source,
            rows=table.index[differ],
        )
