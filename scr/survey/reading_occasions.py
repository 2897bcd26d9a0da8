"""Covariates of occasions, and of stations that change with the occasion, from their tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.io.columns import column_fault, with_true_values
from scr.io.tables import COUNTING, natural, numbers, read_table, row_list, source_name
from scr.schema import aliases
from scr.survey.dates import read_moments
from scr.survey.effort import SessionEffort, occasion_of
from scr.survey.matching import check_filled, check_sessions, match_rows
from scr.survey.reading_effort import TableInput
from scr.survey.traps import Traps

_PLACE = ("session", "trap", "occasion", "date")
_NONE, _LISTED = -1, 5
_REMEDY = " Write the true value wherever a station worked."


@dataclass(frozen=True, eq=False)
class Varying:
    """Covariates of one session that change with the occasion, as in ``Session``."""

    occasions: pd.DataFrame = field(default_factory=pd.DataFrame)
    by_occasion: pd.DataFrame = field(default_factory=pd.DataFrame)
    unusable: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Placed:
    """Rows of a table with what they are of: position, session, trap (or -1) and occasion."""

    table: pd.DataFrame
    of: pd.DataFrame
    source: str


def varying_covariates(
    tables: tuple[TableInput | None, TableInput | None],
    sessions: Mapping[str, Traps],
    efforts: Mapping[str, SessionEffort],
    *,
    day_first: bool | None,
) -> tuple[dict[str, Varying], tuple[str, ...]]:
    """Covariates that change with the occasion, of each session.

    Parameters
    ----------
    tables
        That of occasions, and that of stations and occasions; None where there is none.
    sessions
        Traps of each session.
    efforts
        Effort of each session.
    day_first
        As in ``read_survey``.

    Returns
    -------
    varying
        By session.
    notes
        How dates were read, and rows left out.

    Raises
    ------
    SurveyError
        If a session, station or occasion is not known, a row is given twice, or there is none for
        an occasion in which a station worked; names file and rows.
    """
    found = []
    notes: tuple[str, ...] = ()
    kinds = ("occasion covariates", "trap occasion covariates")
    for given, kind in zip(tables, kinds, strict=True):
        columns: dict[str, pd.DataFrame] = {}
        faults: dict[str, str] = {}
        if given is not None:
            placed, told = _read(given, kind, sessions, efforts, day_first=day_first)
            notes += told
            columns, faults = _columns(placed, sessions, efforts, by_trap=kind.startswith("trap"))
        found.append((columns, faults))
    (occasions, of_rain), (by_occasion, of_bait) = found
    nothing = pd.DataFrame()
    return {
        label: Varying(
            occasions.get(label, nothing), by_occasion.get(label, nothing), of_rain | of_bait
        )
        for label in sessions
    }, notes


def _read(
    given: TableInput,
    kind: str,
    sessions: Mapping[str, Traps],
    efforts: Mapping[str, SessionEffort],
    *,
    day_first: bool | None,
) -> tuple[_Placed, tuple[str, ...]]:
    by_trap = kind.startswith("trap")
    label = f"table of {'covariates of stations and occasions' if by_trap else kind}"
    source = source_name(given, label)
    table = read_table(
        given, columns=aliases(kind), required=["trap"] if by_trap else [], label=label
    )
    dated = "date" in table.columns
    if dated == ("occasion" in table.columns):
        msg = (
            f"{source} has {'both' if dated else 'neither'} a column 'occasion' "
            f"{'and' if dated else 'nor'} a column 'date'. Give one of the two."
        )
        raise SurveyError(msg, kind="no occasion", source=source)
    if not set(table.columns) - set(_PLACE):
        msg = f"{source} has no column of a covariate. Add one, or leave the table out."
        raise SurveyError(msg, kind="no covariate", source=source)
    at = _sessions(table, sessions, by_trap=by_trap, dated=dated, source=source)
    notes: tuple[str, ...] = ()
    if dated:
        at, notes = _by_date(table, at, efforts, day_first=day_first, source=source)
    else:
        at["occasion"] = _numbered(table, at["session"], efforts, source=source)
    _check_once(table, at, by_trap=by_trap, source=source)
    return _Placed(table, at, source), notes


def _sessions(
    table: pd.DataFrame,
    sessions: Mapping[str, Traps],
    *,
    by_trap: bool,
    dated: bool,
    source: str,
) -> pd.DataFrame:
    """Session and trap of each row; a day without a session is of every session that has it."""
    rows = np.arange(len(table))
    if by_trap:
        matched = match_rows(table, sessions, source=source)
        return pd.DataFrame(
            {"row": rows, "session": matched["session"].to_numpy(), "trap": matched["trap"].array}
        )
    if "session" in table.columns:
        check_filled(table, "session", source=source)
        check_sessions(table["session"].astype(str), sessions, source=source)
        labels = table["session"].astype(str).to_numpy()
        return pd.DataFrame({"row": rows, "session": labels, "trap": _NONE})
    if len(sessions) > 1 and not dated:
        msg = (
            f"{source} has no column 'session', and there are {len(sessions)} sessions. Add it, "
            "so that each occasion has its own row."
        )
        raise SurveyError(msg, kind="session not told", source=source)
    parts = [pd.DataFrame({"row": rows, "session": label, "trap": _NONE}) for label in sessions]
    return pd.concat(parts, ignore_index=True)


def _numbered(
    table: pd.DataFrame,
    labels: pd.Series,
    efforts: Mapping[str, SessionEffort],
    *,
    source: str,
) -> NDArray[np.int64]:
    """Occasions from 0, by their numbers; here each row is of one session."""
    values = numbers(table, "occasion", source=source)
    last = np.array([efforts[label].usage.effort.shape[1] for label in labels])
    bad = ~((values >= 1) & (values <= last) & (values == np.round(values)))
    if bad.any():
        cells = ", ".join(repr(cell) for cell in table["occasion"][bad].iloc[:10])
        msg = (
            f"{source}: the survey has occasions 1 to {int(last[bad].max())}, and there "
            f"{'is' if bad.sum() == 1 else 'are'} {cells} in {row_list(table.index[bad])}. Correct "
            f"the occasion, or leave these rows out. {COUNTING}"
        )
        raise SurveyError(msg, kind="unknown occasion", source=source, rows=table.index[bad])
    return np.asarray(values - 1, dtype=np.int64)


def _by_date(
    table: pd.DataFrame,
    at: pd.DataFrame,
    efforts: Mapping[str, SessionEffort],
    *,
    day_first: bool | None,
    source: str,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Occasions from 0, by a day of them; days outside the occasions are left out."""
    check_filled(table, "date", source=source)
    read, notes = read_moments({"date": table["date"]}, source=source, day_first=day_first)
    days = read["date"].wall.astype("datetime64[D]").astype("datetime64[us]")
    occasion = np.full(len(at), _NONE)
    for label, rows in at.groupby("session", sort=False)["row"]:
        edges = efforts[str(label)].usage.edges
        if edges is None:
            msg = (
                f"{source} gives dates, but the occasions of the survey are numbered without "
                "dates. Give a column 'occasion' in place of 'date'."
            )
            raise SurveyError(msg, kind="no occasion", source=source)
        start = edges[0] - edges[0].astype("datetime64[D]")  # noon: the day in which it begins
        of_rows = occasion_of(days[rows.to_numpy()] + start, edges=edges)
        occasion[rows.index] = np.where(of_rows < len(edges) - 1, of_rows, _NONE)
    inside = occasion >= 0
    lost = len(table) - at.loc[inside, "row"].nunique()
    if lost:
        notes = (
            *notes,
            f"{source}: {lost} of {len(table)} rows are of days outside the occasions and are "
            "not used.",
        )
    return at.assign(occasion=occasion)[inside], notes


def _check_once(table: pd.DataFrame, at: pd.DataFrame, *, by_trap: bool, source: str) -> None:
    keys = ["session", "trap", "occasion"]
    twice = at[at.duplicated(keys, keep=False)].sort_values([*keys, "row"], kind="stable")
    if not len(twice):
        return
    first = twice.iloc[0]
    same = twice[(twice[keys] == first[keys]).all(axis=1)]["row"].to_numpy()
    of = (
        f"station {table['trap'].iloc[int(first['row'])]!r} and occasion" if by_trap else "occasion"
    )
    rows = table.index[np.unique(twice["row"])]
    msg = (
        f"{source} has more than one row for the same {'station and ' if by_trap else ''}occasion, "
        f"in {row_list(rows)}: {of} {int(first['occasion']) + 1} is in "
        f"{row_list(table.index[same])}. Keep one row for each, such as the mean of its days. "
        f"{COUNTING}"
    )
    raise SurveyError(msg, kind="occasion twice", source=source, rows=rows)


def _columns(
    placed: _Placed,
    sessions: Mapping[str, Traps],
    efforts: Mapping[str, SessionEffort],
    *,
    by_trap: bool,
) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """Covariates of each session in the order of its occasions, and columns that cannot be used."""
    table = placed.table
    names = [str(column) for column in table.columns if column not in _PLACE]
    columns = pd.DataFrame({name: natural(table[name]) for name in names})
    faults = {}
    for name in names:
        fault = column_fault(columns[name], name=name, source=placed.source)
        if fault:
            faults[name] = with_true_values(fault, _REMEDY)
    result = {}
    for label, effort in efforts.items():
        works = effort.usage.effort > 0  # (n_traps, n_occasions)
        needed = (works if by_trap else works.any(axis=0)).reshape(-1)
        mine = placed.of[placed.of["session"] == label]
        place = mine["occasion"].to_numpy()
        if by_trap:
            place = mine["trap"].to_numpy() * works.shape[1] + place
        row = np.full(needed.size, _NONE)
        row[place] = mine["row"].to_numpy()
        _check_all(
            np.flatnonzero((row < 0) & needed),
            works.shape[1],
            sessions[label].names.tolist() if by_trap else None,
            session=f" of session {label!r}" if len(efforts) > 1 else "",
            source=placed.source,
        )
        used = columns.iloc[row[needed]]
        for name in names:
            empty = used.index[used[name].isna()]
            if len(empty) and name not in faults:
                faults[name] = (
                    f"{placed.source}: {name} is empty in {row_list(empty)}.{_REMEDY} {COUNTING}"
                )
        positions = np.where(row < 0, len(columns), row)
        padded = pd.concat([columns, columns.iloc[:0].reindex([_NONE])])
        result[label] = padded.iloc[positions].reset_index(drop=True)
    return result, faults


def _check_all(
    missing: NDArray[np.int64],
    n_occasions: int,
    names: Sequence[str] | None,
    *,
    session: str,
    source: str,
) -> None:
    """Raise where there is no row for an occasion, or station and occasion, with effort."""
    if not len(missing):
        return
    trap, occasion = np.divmod(missing, n_occasions)
    told = []
    for one in np.unique(trap)[:_LISTED]:
        mine = occasion[trap == one] + 1
        more = f" and {len(mine) - 10} more" if len(mine) > 10 else ""
        noun = "occasion" if len(mine) == 1 else "occasions"
        of = "" if names is None else f"station {str(names[one])!r}, "
        told.append(f"{of}{noun} {', '.join(map(str, mine[:10]))}{more}")
    n_more = len(np.unique(trap)) - len(told)
    told += [f"{n_more} more stations"] if n_more else []
    msg = (
        f"{source} has no row for {'; '.join(told)}{session}, where "
        f"{'stations' if names is None else 'the station'} worked. Add the rows; none is needed "
        "where effort is 0."
    )
    raise SurveyError(msg, kind="occasion without covariates", source=source)
