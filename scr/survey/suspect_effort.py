"""Deployments and usage that look wrong."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.io.tables import row_list
from scr.survey.survey import Session
from scr.survey.troubles import Trouble, suspicion

_LONG = 3.0
_LONG_DAYS = 180.0
_APART = np.timedelta64(180, "D")
_ENOUGH = 10
_NEARLY = 0.9
_HALF = 0.5
_FEW = 5
_CAMERAS, _MONTH, _LONGEST_SEASON = 5, 31, 400
SEASONS = "seasons in one session"
"""Kind of trouble that matters only where there are animals."""

_US_PER_DAY = 86_400_000_000
_SEASON = 60 * np.timedelta64(1, "D")
_CAMERA = ("camera", "camera id", "camera_id", "cameraid", "deployment", "deployment_id")


def suspect_deployments(
    table: pd.DataFrame,
    matched: pd.DataFrame,
    period: NDArray[np.datetime64],
    *,
    source: str,
) -> list[Trouble]:
    """Deployments that overlap at a station, or last far longer than the others.

    Parameters
    ----------
    table
        From ``read_table``.
    matched
        Session and trap of each row.
    period
        Start and end of each row, NaT where never set up, shape (n_rows, 2).
    source
        Name of the table.
    """
    used = np.flatnonzero(~np.isnat(period).any(axis=1))
    troubles = _overlaps(table, matched, period, used=used, source=source)
    troubles += _in_future(table, period, used=used, source=source)
    if len(used) < 2:
        return troubles
    apart = _apart_in_time(table, period, used=used, source=source)
    troubles += apart or suspect_seasons(period[used], source=source)
    if len(used) < 3:
        return troubles
    days = (period[used, 1] - period[used, 0]) / np.timedelta64(1, "D")
    usual = float(np.median(days))
    long = used[(days > _LONG * usual) & (days > usual + _LONG_DAYS)]
    if len(long):
        listed = _listed(table, long)
        troubles.append(
            suspicion(
                "deployment very long",
                source,
                table.index[long],
                found=f"{len(long)} deployments last far longer than the usual {usual:.0f} days: "
                f"{listed}",
                remedy="Check the year and the month of their dates.",
            )
        )
    return troubles


def _listed(table: pd.DataFrame, rows: NDArray[np.int64]) -> str:
    return "; ".join(
        f"{table['trap'].iloc[p]!r} {table['start'].iloc[p]} to {table['end'].iloc[p]}"
        for p in rows[:10]
    )


def _in_future(
    table: pd.DataFrame,
    period: NDArray[np.datetime64],
    *,
    used: NDArray[np.int64],
    source: str,
) -> list[Trouble]:
    """Deployments that have not ended yet, by the clock of this computer."""
    tomorrow = np.datetime64("now", "us") + 2 * np.timedelta64(1, "D")
    late = used[period[used, 1] > tomorrow]
    if not len(late):
        return []
    return [
        suspicion(
            "date in the future",
            source,
            table.index[late],
            found=f"{len(late)} deployments end after today: {_listed(table, late)}",
            remedy="Check the year; for cameras still out give the day they were last checked.",
        )
    ]


def _apart_in_time(
    table: pd.DataFrame,
    period: NDArray[np.datetime64],
    *,
    used: NDArray[np.int64],
    source: str,
) -> list[Trouble]:
    """Few deployments that lie half a year or more from all others."""
    order = used[np.argsort(period[used, 0], kind="stable")]
    reach = np.maximum.accumulate(period[order, 1])
    breaks = np.flatnonzero(period[order[1:], 0] - reach[:-1] > _APART) + 1
    groups = np.split(order, breaks)
    largest = max(groups, key=len)
    few = [p for group in groups for p in group if group is not largest]
    if not few or len(used) < _ENOUGH or len(few) > len(used) / 8:
        return []
    rows = np.sort(np.array(few, dtype=np.int64))
    return [
        suspicion(
            "deployment apart in time",
            source,
            table.index[rows],
            found=f"{len(rows)} deployments lie half a year or more from all others of their "
            f"session: {_listed(table, rows)}",
            remedy="Check the year of their dates, or give surveys of two years as two sessions.",
        )
    ]


def suspect_seasons(period: NDArray[np.datetime64], *, source: str) -> list[Trouble]:
    """Two months or more in which no camera of a session worked: two surveys taken for one.

    Parameters
    ----------
    period
        Start and end of work, shape (n, 2).
    source
        Name of the table.
    """
    order = np.argsort(period[:, 0], kind="stable")
    reach = np.maximum.accumulate(period[order, 1])
    starts = period[order[1:], 0]
    gaps = [
        (end, start)
        for end, start in zip(reach[:-1], starts, strict=True)
        if start - end >= _SEASON
    ]
    if not gaps:
        return []
    listed = "; ".join(
        f"{str(end)[:10]} to {str(start)[:10]} ({(start - end) // np.timedelta64(1, 'D')} days)"
        for end, start in gaps[:10]
    )
    return [
        suspicion(
            SEASONS,
            source,
            (),
            found=f"no camera worked from {listed}, yet all is one session of "
            f"{(reach[-1] - period[order[0], 0]) // np.timedelta64(1, 'D')} days, in which animals "
            "are taken to be the same, none born, gone or moved",
            remedy="Add a column 'session' that names each season, here and in the detections; or "
            "leave out one season.",
        )
    ]


def suspect_usage(session: Session, *, others: Iterable[Session] = ()) -> list[Trouble]:
    """Effort that is nothing but the detections: cameras working only where they photographed.

    Parameters
    ----------
    session
        Traps, effort and captures.
    others
        Other sessions; a station that worked in one of them is not left out in this.
    """
    usage, captures, names = session.usage, session.captures, session.traps.names
    worked = usage.effort > 0
    seen = np.zeros_like(worked)
    seen[captures.trap, captures.occasion] = True
    n_worked, n_seen = int(worked.sum()), int((worked & seen).sum())
    idle = ~worked.any(axis=1) & ~np.isin(names, _working(others))
    off = ~worked.any(axis=1)
    remedy = (
        "Give each station all days on which it worked, those without a photograph too; otherwise "
        "the detection rate comes out far too high."
    )
    if n_worked >= _ENOUGH and n_seen >= _NEARLY * n_worked and worked.mean() <= _HALF:
        share = f"{100 * n_seen / n_worked:.0f} %"
        found = (
            f"effort is above 0 on {n_worked} station-occasions of {worked.size:,}, and {n_seen} "
            f"of these ({share}) have a detection: cameras seem to count as working only where "
            "they photographed an animal"
        )
        return [
            suspicion("effort only where detected", usage.source, (), found=found, remedy=remedy)
        ]
    at_all = seen.any(axis=1)
    if idle.sum() >= max(3, len(idle) / 5) and (~off).sum() >= _FEW and at_all[~off].all():
        listed = ", ".join(repr(str(names[k])) for k in np.flatnonzero(idle)[:10])
        found = (
            f"{int(idle.sum())} of {len(idle)} stations have no effort ({listed}), and all "
            f"{int((~off).sum())} that have some detected an animal: stations without a detection "
            "seem to be left out"
        )
        return [
            suspicion("effort only where detected", usage.source, (), found=found, remedy=remedy)
        ]
    return []


def suspect_unit(session: Session) -> list[Trouble]:
    """Effort that seems to be in hours or minutes: more days than the occasions can have.

    Parameters
    ----------
    session
        Traps and effort.
    """
    usage = session.usage
    longest = usage.effort.max(axis=0)
    length = usage.occasion_days if isinstance(usage.occasion_days, int) else _MONTH
    if usage.first_day is not None:
        wrong = longest > _CAMERAS * length
        meant = f"though an occasion is {length} day{'' if length == 1 else 's'} long"
    else:
        wrong = (longest > 1) & (longest.sum() > _LONGEST_SEASON)
        meant = f"which makes {longest.sum():,.0f} days of a season"
    if not wrong.any():
        return []
    listed = ", ".join(str(k + 1) for k in np.flatnonzero(wrong)[:10])
    found = (
        f"effort is up to {longest[wrong].max():g} days in {wrong.sum()} of {len(longest)} "
        f"occasions ({listed}{' ...' if wrong.sum() > 10 else ''}), {meant}: it seems to be in "
        "hours or minutes"
    )
    remedy = (
        "Effort is in days: divide hours by 24. Detection rates are per day, and would be wrong "
        "by as much."
    )
    return [suspicion("effort not in days", usage.source, (), found=found, remedy=remedy)]


def _working(sessions: Iterable[Session]) -> list[str]:
    """Names of the stations that worked in any of some sessions."""
    return [
        str(name)
        for session in sessions
        for name, effort in zip(session.traps.names, session.usage.effort, strict=True)
        if (effort > 0).any()
    ]


def _overlaps(
    table: pd.DataFrame,
    matched: pd.DataFrame,
    period: NDArray[np.datetime64],
    *,
    used: NDArray[np.int64],
    source: str,
) -> list[Trouble]:
    """Deployments of one station that overlap: by the same camera doubtful, by two the union."""
    camera = next((c for c in table.columns if str(c).strip().lower() in _CAMERA), None)
    frame = pd.DataFrame(
        {
            "session": matched["session"].to_numpy()[used],
            "trap": matched["trap"].to_numpy()[used],
            "start": period[used, 0],
            "end": period[used, 1],
            "camera": "" if camera is None else table[camera].fillna("").to_numpy()[used],
            "row": table.index[used],
        }
    ).sort_values(["session", "trap", "start"], kind="stable")
    keys = [frame["session"], frame["trap"]]
    latest = frame["end"].astype("int64").groupby(keys, sort=False).cummax()
    reach = latest.groupby(keys, sort=False).shift()
    last_day = (reach - 1) // _US_PER_DAY  # a camera taken and set again on one day is a service
    again = frame["start"].astype("int64") // _US_PER_DAY < last_day
    if not again.any():
        return []
    doubtful = frame[["session", "trap"]][again].drop_duplicates()
    groups = [
        group
        for _, group in frame.merge(doubtful, on=["session", "trap"]).groupby(["session", "trap"])
    ]
    two = [g for g in groups if camera is not None and len(set(g["camera"])) > 1]
    one = [g for g in groups if not any(g is other for other in two)]
    troubles: list[Trouble] = []
    if two:
        rows = tuple(sorted(int(row) for g in two for row in g["row"]))
        names = table["trap"].loc[list(rows)].unique()
        text = (
            f"{source}: {len(names)} stations had two cameras or more at once ({row_list(rows)}); "
            "effort is the days with at least one of them working."
        )
        troubles.append(Trouble("note", "two cameras", source, rows, text))
    if one:
        rows = tuple(sorted(int(row) for g in one for row in g["row"]))
        names = table["trap"].loc[list(rows)].unique()
        troubles.append(
            suspicion(
                "deployments overlap",
                source,
                rows,
                found=f"deployments of {', '.join(map(repr, names[:10]))} overlap; days are "
                "counted once",
                remedy="Correct the dates, or add a column 'camera' if there were two.",
            )
        )
    return troubles
