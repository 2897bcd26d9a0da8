"""Effort from a table with one column per occasion."""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.io.tables import COUNTING, numbers, row_list
from scr.survey.day_headers import day_headers
from scr.survey.deployments import idle_note
from scr.survey.effort import SessionEffort, occasion_of
from scr.survey.matching import match_rows
from scr.survey.occasion_edges import count_occasions, occasion_edges
from scr.survey.occasion_rule import OccasionRule
from scr.survey.suspect_effort import suspect_seasons
from scr.survey.traps import Traps
from scr.survey.troubles import Trouble
from scr.survey.usage import Usage

_NUMBERED = re.compile(r"(u|o|usage|effort|occasion)?[ _.]?0*(\d{1,6})", re.IGNORECASE)
_SINGLE = ("usage", "effort")


def usage_columns(
    table: pd.DataFrame, *, day_first: bool | None = None, source: str = ""
) -> dict[str, int | np.datetime64]:
    """Columns of a table that hold effort, in order of their occasions.

    Parameters
    ----------
    table
        From ``read_table``. Columns u1, u2, ... or o1, o2, ... or 1, 2, ..., or dates
        (2024-05-02, ...), or one column ``usage`` or ``effort``.
    day_first, source
        As in ``day_headers``.

    Returns
    -------
    dict
        Column to occasion (from 1) or day.

    Examples
    --------
    >>> usage_columns(pd.DataFrame(columns=["trap", "u2", "u1", "lure"]))
    {'u1': 1, 'u2': 2}
    """
    names = [str(column) for column in table.columns]
    days = day_headers(names, day_first=day_first, source=source)
    if days:
        return dict(days)
    by_prefix: dict[str, dict[str, int]] = {}
    for name in names:
        match = _NUMBERED.fullmatch(name)
        if match:
            by_prefix.setdefault((match.group(1) or "").lower(), {})[name] = int(match.group(2))
    for prefix, found in by_prefix.items():
        complete = sorted(found.values()) == list(range(1, len(found) + 1))
        if complete or (prefix and 1 in found.values()):
            return dict(sorted(found.items(), key=lambda item: item[1]))
    return next(({name: 1} for name in names if name.lower() in _SINGLE), {})


def effort_from_table(
    table: pd.DataFrame, sessions: Mapping[str, Traps], *, rule: OccasionRule, source: str
) -> tuple[dict[str, SessionEffort], tuple[str, ...]]:
    """Effort of each session from a table with one row per trap and one column per occasion.

    Parameters
    ----------
    table
        From ``read_table`` with a column trap, perhaps session, and those of ``usage_columns``.
        Columns blank for all traps of a session are no occasions of it. Columns named by days
        are summed to the occasions of the rule.
    sessions
        Traps of each session.
    rule
        How time is cut into occasions.
    source
        Name of the table in messages.

    Returns
    -------
    efforts
        By session, traps without a row having effort 0.
    notes
        Traps without a row, and days with more than one day of effort.

    Raises
    ------
    SurveyError
        If a trap has two rows, an occasion is left out, or a value is missing, negative or no
        number.
    """
    columns = usage_columns(table, day_first=rule.day_first, source=source)
    dated = _check_columns(columns, rule=rule, source=source)
    matched = match_rows(table, sessions, source=source)
    _check_once(table, matched, source=source)
    values = np.column_stack([numbers(table, column, source=source) for column in columns])
    efforts: dict[str, SessionEffort] = {}
    notes: tuple[str, ...] = ()
    for label, traps in sessions.items():
        rows = np.flatnonzero(matched["session"] == label)
        kept = _own_occasions(values[rows], dated=dated)
        if not len(rows) or kept.stop == kept.start:
            msg = (
                f"{source} has no effort for session {label!r}. Add a row for each of its traps, "
                f"or leave the session out of {traps.source}."
            )
            raise SurveyError(msg, kind="session without usage", source=source)
        own = values[rows, kept]
        _check_values(own, table.iloc[rows], list(columns)[kept], source=source)
        effort = np.zeros((len(traps), own.shape[1]))
        effort[matched["trap"].iloc[rows]] = own
        first = None
        if dated:
            first = np.datetime64(list(columns.values())[kept.start], "us")
            if (effort > 1).any():
                notes = (*notes, f"{source}: some days have more than one day of effort.")
            first, effort = _summed(effort, first, rule=rule, source=source)
        usage = Usage(effort=effort, first_day=first, occasion_days=rule.length, source=source)
        efforts[label] = SessionEffort(usage, troubles=_seasons(usage))
        idle = np.setdiff1d(np.arange(len(traps)), matched["trap"].iloc[rows])
        of_session = f"session {label!r}: " if len(sessions) > 1 else ""
        names = [str(traps.names[k]) for k in idle]
        notes = (*notes, *idle_note(names, of_session=of_session, missing=f"row in {source}"))
    return efforts, tuple(dict.fromkeys(notes))


def effort_from_array(
    effort: NDArray[np.float64], traps: Traps, sessions: Mapping[str, Traps]
) -> dict[str, SessionEffort]:
    """Effort of each session from one array over all traps.

    Parameters
    ----------
    effort
        Days worked, shape (n_traps, n_occasions), in trap order.
    traps
        Traps of all sessions.
    sessions
        Traps of each session.

    Raises
    ------
    SurveyError
        If there is not one row for each trap.
    """
    effort = np.asarray(effort, dtype=np.float64)
    if effort.ndim != 2 or len(effort) != len(traps):
        msg = (
            f"usage has shape {effort.shape} but there are {len(traps)} traps. Give one row per "
            "trap, in trap order, and one column per occasion; use 0 where not working."
        )
        raise SurveyError(msg)
    if not traps.sessions_named:
        return {label: SessionEffort(Usage(effort=effort)) for label in sessions}
    return {
        label: SessionEffort(Usage(effort=effort[traps.session == label])) for label in sessions
    }


def check_numbered(rule: OccasionRule, *, source: str) -> None:
    """Raise where effort by numbered occasions is to be cut by days or by the calendar.

    Parameters
    ----------
    rule
        How time is to be cut into occasions.
    source
        Name of the effort in messages.

    Raises
    ------
    SurveyError
        If a length or a first day was given.
    """
    given: dict[str, object] = {}
    if rule.days != 1:
        given["occasion_days"] = rule.days
    if rule.first_day is not None:
        given["first_day"] = str(rule.first_day)
    if given:
        msg = (
            f"{' and '.join(f'{name}={value!r}' for name, value in given.items())} was given, but "
            f"{source} numbers its occasions. Leave {' and '.join(given)} out; the effort of each "
            "occasion is taken as it stands."
        )
        raise SurveyError(msg, kind="usage not by day", source=source)


def _check_columns(
    columns: Mapping[str, int | np.datetime64], *, rule: OccasionRule, source: str
) -> bool:
    """Whether columns are days; they must follow each other without a gap."""
    keys = list(columns.values())
    dated = isinstance(keys[0], np.datetime64)
    if dated and rule.day_starts == "noon":
        msg = (
            f"{source} gives effort by calendar day, which cannot be cut at noon. "
            'Give deployments with times, or use day_starts="midnight".'
        )
        raise SurveyError(msg, kind="usage not by day", source=source)
    if not dated:
        check_numbered(rule, source=source)
    first = keys[0]
    expected = (
        [first + np.timedelta64(step, "D") for step in range(len(keys))]
        if isinstance(first, np.datetime64)
        else list(range(1, len(keys) + 1))
    )
    wrong = [(name, want) for (name, key), want in zip(columns.items(), expected, strict=True)
             if key != want]  # fmt: skip
    if wrong:
        name, want = wrong[0]
        msg = (
            f"{source}: column {name!r} stands where {'the day' if dated else 'occasion'} {want} "
            "was expected. Give every occasion once, with 0 where no trap worked."
        )
        raise SurveyError(msg, kind="occasion left out", source=source)
    return dated


def _check_once(table: pd.DataFrame, matched: pd.DataFrame, *, source: str) -> None:
    twice = matched.duplicated(keep=False)
    if twice.any():
        names = ", ".join(map(repr, table["trap"][twice].unique()[:10]))
        msg = (
            f"{source} has more than one row for {names} ({row_list(table.index[twice])}). "
            f"Give one row per trap: add the days of several cameras that did not overlap, or "
            f"give deployments instead. {COUNTING}"
        )
        raise SurveyError(
            msg,
            kind="station twice in usage",
            source=source,
            rows=table.index[matched.duplicated()],
        )


def _own_occasions(values: NDArray[np.float64], *, dated: bool) -> slice:
    """The occasions of a session: not those at the ends that are blank for all its traps."""
    filled = np.flatnonzero(~np.isnan(values).all(axis=0))
    if not len(filled):
        return slice(0, 0)
    return slice(int(filled[0]) if dated else 0, int(filled[-1]) + 1)


def _check_values(
    values: NDArray[np.float64], table: pd.DataFrame, columns: list[str], *, source: str
) -> None:
    bad = np.argwhere(~np.isfinite(values) | (values < 0))
    if len(bad):
        listed = "; ".join(
            f"{table['trap'].iloc[i]!r} {columns[j]} "
            f"({'blank' if np.isnan(values[i, j]) else f'{values[i, j]:g}'}, row {table.index[i]})"
            for i, j in bad[:10]
        )
        msg = (
            f"{source}: {len(bad)} values of usage are negative or missing: {listed}. Effort is "
            f"days worked, 0 or more; write 0 where a trap was not working. {COUNTING}"
        )
        raise SurveyError(
            msg,
            kind="usage missing or negative",
            source=source,
            rows=table.index[np.unique(bad[:, 0])],
        )


def _seasons(usage: Usage) -> tuple[Trouble, ...]:
    """Seasons taken for one session, where occasions are dated."""
    edges = usage.edges
    if edges is None:
        return ()
    worked = usage.effort.sum(axis=0) > 0
    period = np.column_stack([edges[:-1], edges[1:]])[worked]
    return tuple(suspect_seasons(period, source=usage.source))


def _summed(
    effort: NDArray[np.float64], first: np.datetime64, *, rule: OccasionRule, source: str
) -> tuple[np.datetime64, NDArray[np.float64]]:
    """Start of the first occasion, and daily effort summed to occasions, the last perhaps short."""
    start = rule.start(first, source=source)
    if first < start:
        msg = (
            f"{source}: its first day is {str(first)[:10]}, before the first occasion, which "
            f"first_day={str(rule.first_day)!r} puts on that day. Give an earlier first_day, or "
            "remove the columns of the days before it."
        )
        raise SurveyError(msg, kind="effort before the first day", source=source)
    days = first + np.arange(effort.shape[1]) * np.timedelta64(1, "D")
    n_occasions = count_occasions(start, days[-1] + np.timedelta64(1, "D"), rule.length)
    occasion = occasion_of(days, edges=occasion_edges(start, n_occasions, rule.length))
    summed = np.zeros((n_occasions, len(effort)))
    np.add.at(summed, occasion, effort.T)
    return start, summed.T
