"""Deployments: set-up, retrieval and failures of cameras, as periods of work."""

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.io.tables import COUNTING, row_list
from scr.schema import plain
from scr.survey.dates import Moments, read_moments, with_time
from scr.survey.effort import SessionEffort, days_worked, two_at_once, union, without
from scr.survey.matching import match_rows
from scr.survey.occasion_edges import count_occasions, occasion_edges
from scr.survey.occasion_rule import OccasionRule
from scr.survey.suspect_effort import suspect_deployments
from scr.survey.suspect_times import suspect_offsets
from scr.survey.traps import Traps
from scr.survey.usage import Usage

_FAILURE = re.compile(r"(problem|failure|malfunction|gap)(\d*)(from|to|start|end)")
_TIMES = {
    "start": ("starttime", "timestart", "setuptime", "timesetup", "deploymenttime"),
    "end": ("endtime", "timeend", "retrievaltime", "timeretrieval"),
}
"""Columns that hold the time of day where another holds the date."""

_DAY = np.timedelta64(86_400_000_000, "us")
_LONGEST_YEARS = 20


def effort_from_deployments(
    table: pd.DataFrame, sessions: Mapping[str, Traps], *, rule: OccasionRule, source: str
) -> tuple[dict[str, SessionEffort], frozenset[float], tuple[str, ...]]:
    """Effort of each session from set-up, retrieval and failure times.

    Parameters
    ----------
    table
        From ``read_table`` with columns trap, start, end, perhaps session and failure periods
        (problem1_from, problem1_to, ...). Several rows for a trap are a union.
    sessions
        Traps of each session.
    rule
        How time is cut into occasions.
    source
        Name of the table in messages.

    Returns
    -------
    efforts
        By session, traps without a deployment having effort 0.
    offsets
        Offsets from UTC of the times, minutes; empty where none were given.
    notes
        Traps without a deployment, and how dates were read.

    Raises
    ------
    SurveyError
        If a date is missing or cannot be read, an end lies before its start, or a failure lies
        outside its deployment.
    """
    matched = match_rows(table, sessions, source=source)
    failures = _failure_columns(table, source=source)
    columns = {name: table[name] for name in _flat(failures)}
    times, joined = _with_times_beside(table, source=source)
    moments, notes = read_moments(times | columns, source=source, day_first=rule.day_first)
    moments, more = _on_one_clock(table, moments, source=source)
    notes = (*joined, *notes, *more)
    used = _rows_with_dates(table, moments, source=source)
    period = _periods(table, moments, ("start", "end"), source=source)
    spells = [_periods(table, moments, pair, source=source) for pair in failures]
    _check_failures(table, period, spells, used=used, source=source)
    rows: dict[tuple[str, int], list[int]] = {}
    for position in np.flatnonzero(used):
        place = (str(matched["session"].iloc[position]), int(matched["trap"].iloc[position]))
        rows.setdefault(place, []).append(int(position))
    efforts = {}
    for label, traps in sessions.items():
        of_trap = [rows.get((label, k), []) for k in range(len(traps))]
        if not any(of_trap):
            msg = (
                f"{source} has no deployment for session {label!r}. Add the rows, or leave the "
                f"session out of {traps.source}."
            )
            raise SurveyError(msg, kind="session without deployments", source=source)
        own_rows = _flat(of_trap)
        _check_length(table, period, own_rows, source=source)
        _check_begin(table, period, own_rows, rule=rule, source=source)
        working = tuple(
            union([without(period[p], _failures_of(spells, p)) for p in mine]) for mine in of_trap
        )
        usage = _usage(period[own_rows], working, rule=rule, source=source)
        described = tuple(_described(table, mine, source=source) for mine in of_trap)
        own = np.flatnonzero(matched["session"] == label)
        doubts = suspect_deployments(table.iloc[own], matched.iloc[own], period[own], source=source)
        doubts += suspect_offsets(moments["start"].offset[own], table.index[own], source=source)
        two = _two_cameras(table, of_trap, period, spells)
        efforts[label] = SessionEffort(usage, working, described, tuple(doubts), two)
        idle = [str(name) for name, mine in zip(traps.names, of_trap, strict=True) if not mine]
        of_session = f"session {label!r}: " if len(sessions) > 1 else ""
        notes = (*notes, *idle_note(idle, of_session=of_session, missing=f"deployment in {source}"))
    offsets = np.concatenate([moment.offset for moment in moments.values()])
    return efforts, frozenset(np.unique(offsets[~np.isnan(offsets)]).tolist()), notes


def _with_times_beside(
    table: pd.DataFrame, *, source: str
) -> tuple[dict[str, pd.Series], tuple[str, ...]]:
    """Start and end with the times of day that stand in columns beside the dates."""
    cells, notes = {}, []
    for name, called in _TIMES.items():
        cells[name] = table[name]
        beside = [c for c in table.columns if plain(str(c)) in called]
        times = table[beside[0]] if beside else pd.Series(dtype=object)
        if not times.dropna().astype(str).str.match(r"(?:\S+ )?\d{1,2}:\d\d").any():
            continue
        if not table[name].dropna().astype(str).str.contains(r"\d:\d", regex=True).any():
            cells[name] = with_time(table[name], times)
            notes.append(f"{source}: times of {name} are those of the column {beside[0]!r}.")
    return cells, tuple(notes)


def _on_one_clock(
    table: pd.DataFrame, moments: Mapping[str, Moments], *, source: str
) -> tuple[dict[str, Moments], tuple[str, ...]]:
    """Every time of a row on the clock of its start: a camera's clock does not jump in summer."""
    offset = moments["start"].offset
    moved = np.zeros(len(offset), dtype=bool)
    on_clock = {}
    for name, moment in moments.items():
        minutes = np.nan_to_num(offset - moment.offset)
        shift = np.round(minutes * 60_000_000).astype("timedelta64[us]")
        moved |= minutes != 0
        on_clock[name] = Moments(moment.wall + shift, moment.timed, offset)
    if not moved.any():
        return dict(moments), ()
    note = (
        f"{source}: the offset from UTC changes within {row_list(table.index[moved])}; all times "
        "of a row are counted on the clock of its start, as a camera's clock runs on."
    )
    return on_clock, (note,)


def idle_note(idle: Sequence[str], *, of_session: str, missing: str) -> tuple[str, ...]:
    """A note on traps that are given effort 0 because nothing was said of them.

    Parameters
    ----------
    idle
        Names of the traps.
    of_session
        Start of the note, naming the session where there are several.
    missing
        What they lack.
    """
    if not idle:
        return ()
    more = f" and {len(idle) - 10} more" if len(idle) > 10 else ""
    have = "has" if len(idle) == 1 else "have"
    return (f"{of_session}{', '.join(idle[:10])}{more} {have} no {missing}: effort 0.",)


def _flat[T](nested: Iterable[Iterable[T]]) -> list[T]:
    return [item for inner in nested for item in inner]


def _failures_of(spells: list[NDArray[np.datetime64]], position: int) -> NDArray[np.datetime64]:
    """The failures of one row, shape (n, 2)."""
    given = [spell[position] for spell in spells if not np.isnat(spell[position, 0])]
    return np.array(given, dtype="datetime64[us]").reshape(-1, 2)


def _failure_columns(table: pd.DataFrame, *, source: str) -> list[tuple[str, str]]:
    """Pairs of columns with the start and end of a failure."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for column in table.columns:
        match = _FAILURE.fullmatch(plain(str(column)))
        if match:
            side = "from" if match.group(3) in ("from", "start") else "to"
            found.setdefault((match.group(1), match.group(2)), {})[side] = str(column)
    for sides in found.values():
        if len(sides) < 2:
            alone = next(iter(sides.values()))
            msg = (
                f"{source} has a column {alone!r} but not the other end of that failure. "
                "Give both, such as problem1_from and problem1_to."
            )
            raise SurveyError(msg, kind="failure column without its pair", source=source)
    return [(sides["from"], sides["to"]) for sides in found.values()]


def _rows_with_dates(
    table: pd.DataFrame, moments: Mapping[str, Moments], *, source: str
) -> NDArray[np.bool_]:
    """Rows that are deployments; one with neither date stands for a trap never set up."""
    has_start = ~np.isnat(moments["start"].wall)
    has_end = ~np.isnat(moments["end"].wall)
    half = has_start != has_end
    if half.any():
        listed = "; ".join(
            f"{table['trap'].iloc[p]!r} has no {'end' if has_start[p] else 'start'} "
            f"(row {table.index[p]})"
            for p in np.flatnonzero(half)[:10]
        )
        msg = (
            f"{source}: {int(half.sum())} deployments lack a date: {listed}. Give the day, for a "
            "camera that was lost the last day it is known to have worked; leave both blank "
            f"where it was never set up. {COUNTING}"
        )
        raise SurveyError(
            msg, kind="deployment without a date", source=source, rows=table.index[half]
        )
    return has_start


def _periods(
    table: pd.DataFrame, moments: Mapping[str, Moments], names: tuple[str, str], *, source: str
) -> NDArray[np.datetime64]:
    """Start and end of a period in each row, the whole day where no time is given."""
    start, end = moments[names[0]], moments[names[1]]
    until = np.where(end.timed, end.wall, end.wall + _DAY)
    periods = np.column_stack([start.wall, until])
    half = np.isnat(start.wall) != np.isnat(end.wall)
    backwards = ~half & ~np.isnat(start.wall) & (until <= start.wall)
    for bad, fault in ((half, "have only one end"), (backwards, "do not end after they start")):
        if bad.any():
            listed = "; ".join(
                f"{table['trap'].iloc[p]!r} {_cell(table, names[0], p)} to "
                f"{_cell(table, names[1], p)} (row {table.index[p]})"
                for p in np.flatnonzero(bad)[:10]
            )
            msg = (
                f"{source}: {int(bad.sum())} periods {names[0]} to {names[1]} {fault}: {listed}. "
                f"Correct the dates. {COUNTING}"
            )
            kind = "period with one end" if bad is half else "period ends before it starts"
            raise SurveyError(msg, kind=kind, source=source, rows=table.index[bad])
    return periods


def _cell(table: pd.DataFrame, column: str, position: int) -> str:
    cell = table[column].iloc[position]
    return "(blank)" if pd.isna(cell) else str(cell)


def _check_failures(
    table: pd.DataFrame,
    period: NDArray[np.datetime64],
    spells: list[NDArray[np.datetime64]],
    *,
    used: NDArray[np.bool_],
    source: str,
) -> None:
    for spell in spells:
        given = ~np.isnat(spell[:, 0])
        apart = (spell[:, 1] <= period[:, 0]) | (spell[:, 0] >= period[:, 1])
        bad = given & (apart | ~used)
        if bad.any():
            traps = ", ".join(repr(name) for name in table["trap"][bad].iloc[:10])
            msg = (
                f"{source}: the failure of {traps} in {row_list(table.index[bad])} lies outside "
                f"its deployment. Correct the dates of one or the other. {COUNTING}"
            )
            raise SurveyError(
                msg, kind="failure outside its deployment", source=source, rows=table.index[bad]
            )


def _check_length(
    table: pd.DataFrame, period: NDArray[np.datetime64], rows: list[int], *, source: str
) -> None:
    """Raise where a session lasts for decades: a year was mistyped, or a clock had none."""
    own = period[rows]
    if own[:, 1].max() - own[:, 0].min() <= _LONGEST_YEARS * 365.25 * _DAY:
        return
    years = own.astype("datetime64[Y]").astype(np.int64) + 1970  # (n_rows, 2)
    usual = float(np.median(years))
    apart = np.abs(years - usual).max(axis=1)
    far = [rows[p] for p in np.flatnonzero(apart > min(_LONGEST_YEARS / 2, apart.max() - 1))]
    listed = "; ".join(
        f"{table['trap'].iloc[p]!r} {_cell(table, 'start', p)} to {_cell(table, 'end', p)} "
        f"(row {table.index[p]})"
        for p in far[:10]
    )
    msg = (
        f"{source}: deployments of one session reach from {years.min()} to {years.max()}, where "
        f"most are of {usual:.0f}: {listed}. A session is one survey of weeks or months: correct "
        f"the year of these dates, or name sessions. {COUNTING}"
    )
    raise SurveyError(msg, kind="session lasts for decades", source=source, rows=table.index[far])


def _check_begin(
    table: pd.DataFrame,
    period: NDArray[np.datetime64],
    rows: list[int],
    *,
    rule: OccasionRule,
    source: str,
) -> None:
    """Raise where a camera worked before the stated first day: that effort has no occasion."""
    if rule.first_day is None:
        return
    first = rule.start(period[rows, 0].min(), source=source)
    early = [p for p in rows if period[p, 0] < first]
    if not early:
        return
    listed = "; ".join(
        f"{table['trap'].iloc[p]!r} from {_cell(table, 'start', p)} (row {table.index[p]})"
        for p in early[:10]
    )
    noon = ", at noon" if rule.day_starts == "noon" else ""
    msg = (
        f"{source}: {len(early)} deployments begin before the first occasion, which first_day="
        f"{str(rule.first_day)!r} puts on that day{noon}: {listed}. Give an earlier first_day, or "
        f"cut these deployments, and the detections in them, to the days of the survey. {COUNTING}"
    )
    raise SurveyError(
        msg,
        kind="deployment before the first day",
        source=source,
        rows=table.index[sorted(early)],
    )


def _two_cameras(
    table: pd.DataFrame,
    of_trap: Sequence[Sequence[int]],
    period: NDArray[np.datetime64],
    spells: list[NDArray[np.datetime64]],
) -> tuple[NDArray[np.datetime64], ...] | None:
    """Periods in which two cameras of each trap worked; None where cameras have no names."""
    rows = _flat(of_trap)
    if "camera" not in table.columns or table["camera"].iloc[rows].isna().any():
        return None
    found = []
    for mine in of_trap:
        cameras: dict[str, list[NDArray[np.datetime64]]] = {}
        for p in mine:
            name = str(table["camera"].iloc[p]).strip().casefold()
            cameras.setdefault(name, []).append(without(period[p], _failures_of(spells, p)))
        found.append(two_at_once([union(spans) for spans in cameras.values()]))
    return tuple(found)


def _usage(
    periods: NDArray[np.datetime64],
    working: tuple[NDArray[np.datetime64], ...],
    *,
    rule: OccasionRule,
    source: str,
) -> Usage:
    first = rule.start(periods[:, 0].min(), source=source)
    n_occasions = count_occasions(first, periods[:, 1].max(), rule.length)
    edges = occasion_edges(first, n_occasions, rule.length)
    effort = np.array([days_worked(spans, edges=edges) for spans in working])
    return Usage(effort=effort, first_day=first, occasion_days=rule.length, source=source)


def _described(table: pd.DataFrame, rows: list[int], *, source: str) -> str:
    spans = [
        f"{table['start'].iloc[p]} to {table['end'].iloc[p]} (row {table.index[p]})" for p in rows
    ]
    more = f" and {len(spans) - 5} more" if len(spans) > 5 else ""
    return f"{', '.join(spans[:5])}{more} in {source}" if spans else f"no deployment in {source}"
