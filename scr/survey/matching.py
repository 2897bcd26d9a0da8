"""Rows of a table matched to the sessions and traps they name."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from scr.errors import SurveyError
from scr.io.tables import COUNTING, row_list
from scr.shown import counted
from scr.survey.name_likeness import likeness
from scr.survey.traps import Traps


def sessions_of(
    traps: Traps, usage: pd.DataFrame | None, detections: pd.DataFrame, *, source: str
) -> dict[str, Traps]:
    """The sessions of a survey, each with its traps.

    Sessions come from the traps. Where the traps name none they serve in every session of the
    usage; where that names none either there is one session, called as the detections call it.

    Parameters
    ----------
    traps
        Traps of all sessions.
    usage, detections
        Tables with a column ``session`` or without.
    source
        Name of the detections in messages.

    Raises
    ------
    SurveyError
        If only the detections name several sessions: one without detections would be lost.
    """
    if traps.sessions_named:
        return {label: traps.of_session(label) for label in traps.sessions}
    labels = ["1"]
    if usage is not None and "session" in usage.columns:
        labels = [str(label) for label in usage["session"].dropna().unique()]
    elif "session" in detections.columns and len(detections):
        labels = [str(label) for label in detections["session"].dropna().unique()]
        if len(labels) > 1:
            msg = (
                f"{source} names {len(labels)} sessions, {_listed(labels)}, but neither "
                f"{traps.source} nor the usage has a column 'session'. Add it there, so that a "
                "session without detections counts too."
            )
            raise SurveyError(msg, kind="sessions only in detections", source=source)
    return {label: _in_session(traps, label) for label in labels or ["1"]}


def match_rows(table: pd.DataFrame, sessions: Mapping[str, Traps], *, source: str) -> pd.DataFrame:
    """Session and trap of each row.

    Parameters
    ----------
    table
        From ``read_table``, with a column ``trap`` and perhaps ``session``.
    sessions
        Traps of each session.
    source
        Name of the table in messages.

    Returns
    -------
    DataFrame
        Columns ``session`` (label) and ``trap`` (index in the session's traps), indexed as the
        table is.

    Raises
    ------
    SurveyError
        If a trap or session is blank or not known, or a trap's session cannot be told.
    """
    check_filled(table, "trap", source=source)
    names = table["trap"].astype(str)
    if "session" in table.columns:
        check_filled(table, "session", source=source)
        labels = table["session"].astype(str)
        check_sessions(labels, sessions, source=source)
    else:
        labels = _inferred(names, sessions, source=source)
    places = {
        (label, str(name)): index
        for label, traps in sessions.items()
        for index, name in enumerate(traps.names)
    }
    found = [places.get(key, -1) for key in zip(labels, names, strict=True)]
    matched = pd.DataFrame({"session": labels, "trap": np.array(found, dtype=np.int64)})
    unknown = matched["trap"] < 0
    if unknown.any():
        rows = names[unknown].index
        msg = _unknown_traps(names[unknown], labels[unknown], sessions, source=source)
        raise SurveyError(msg, kind="unknown station", source=source, rows=rows)
    return matched


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(repr(name) for name in names[:10]) + more


def _in_session(traps: Traps, label: str) -> Traps:
    return Traps(
        names=traps.names,
        xy=traps.xy,
        crs=traps.crs,
        session=np.full(len(traps), label, dtype=object),
        covariates=traps.covariates,
        source=traps.source,
        rows=traps.rows,
        unusable=traps.unusable,
        parts=traps.parts,
    )


def check_filled(table: pd.DataFrame, column: str, *, source: str) -> None:
    """Raise where cells of a column are blank.

    Parameters
    ----------
    table
        From ``read_table``.
    column
        Its name.
    source
        Name of the table in messages.

    Raises
    ------
    SurveyError
        Naming the rows.
    """
    blank = table.index[table[column].isna()]
    if len(blank):
        what = "station" if column == "trap" else column
        msg = (
            f"{source}: the {what} is blank in {row_list(blank)}. "
            f"Fill it in, or remove the rows. {COUNTING}"
        )
        raise SurveyError(msg, kind=f"blank {what}", source=source, rows=blank)


def check_sessions(labels: pd.Series, sessions: Mapping[str, Traps], *, source: str) -> None:
    """Raise where rows name sessions that are not known.

    Parameters
    ----------
    labels
        Session of each row.
    sessions
        Traps of each session.
    source
        Name of the table in messages.

    Raises
    ------
    SurveyError
        Naming the rows, and the sessions there are.
    """
    unknown = labels[~labels.isin(list(sessions))]
    if len(unknown):
        traps = next(iter(sessions.values())).source
        named = [str(label) for label in unknown.unique()]
        msg = (
            f"{source}: {row_list(unknown.index)} name sessions without traps: {_listed(named)}. "
            f"Sessions known from {traps} and the usage: {_listed(list(sessions))}. Correct the "
            f"session, or add its traps. {COUNTING}"
        )
        raise SurveyError(msg, kind="unknown session", source=source, rows=unknown.index)


def _inferred(names: pd.Series, sessions: Mapping[str, Traps], *, source: str) -> pd.Series:
    """Session of each row from its trap, where the table has no session column."""
    if len(sessions) == 1:
        return pd.Series(next(iter(sessions)), index=names.index, dtype=object)
    homes: dict[str, list[str]] = {}
    for label, traps in sessions.items():
        for name in traps.names:
            homes.setdefault(str(name), []).append(label)
    several = names[[len(homes.get(str(name), ())) > 1 for name in names]]
    if len(several):
        msg = (
            f"{source} has no column 'session', and trap {several.iloc[0]!r} "
            f"({row_list(several.index)}) stands in sessions "
            f"{_listed(homes[str(several.iloc[0])])}. Add a column 'session'. {COUNTING}"
        )
        raise SurveyError(msg, kind="session not told", source=source, rows=several.index)
    found = [homes.get(str(name), [next(iter(sessions))])[0] for name in names]
    return pd.Series(found, index=names.index, dtype=object)


def _unknown_traps(
    names: pd.Series, labels: pd.Series, sessions: Mapping[str, Traps], *, source: str
) -> str:
    by_name: dict[str, list[int]] = {}
    for row, name in zip(names.index, names, strict=True):
        by_name.setdefault(str(name), []).append(int(row))
    known = sorted({str(name) for traps in sessions.values() for name in traps.names})
    alike: dict[str, str] = {}
    for spelling in (_unpadded, str.casefold, _bare, likeness):
        spelled = {spelling(name): name for name in known}
        for name in by_name:
            if name not in alike and spelling(name) in spelled:
                alike[name] = spelled[spelling(name)]
    listed = "; ".join(
        f"{name!r} in {row_list(rows)}" + (f" (known: {alike[name]!r})" if name in alike else "")
        for name, rows in list(by_name.items())[:10]
    )
    traps = next(iter(sessions.values())).source
    elsewhere = set(by_name) & set(known)
    hint = ""
    if elsewhere:
        hint = " Some of them stand in another session: correct the session column."
    elif any(_unpadded(name) == _unpadded(other) for name, other in alike.items()):
        hint = (
            " They equal known names once leading zeros are put back: a spreadsheet removed the "
            "zeros; format the column as text there and write the names again."
        )
    of = f" of session {_listed(sorted(set(labels.astype(str))))}" if len(sessions) > 1 else ""
    return (
        f"{source}: {counted(len(by_name), 'name')} in the station (trap) column"
        f"{f', in {len(names)} rows,' if len(names) > 1 else ''} "
        f"{'is' if len(by_name) == 1 else 'are'} not in {traps}{of}: {listed}.{hint} Names are "
        "matched exactly, case included. Correct "
        f"them, or add the traps with their coordinates. {COUNTING}"
    )


def _unpadded(name: str) -> str:
    return name.lstrip("0") if name.strip("0").isdigit() or name.isdigit() else name


def _bare(name: str) -> str:
    return "".join(mark for mark in name.casefold() if mark.isalnum())
