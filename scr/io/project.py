"""What the reader of a camera-trap format gives: plain tables in the standard columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scr.errors import SurveyError
from scr.io.tables import row_list


@dataclass(frozen=True, eq=False)
class ProjectTables:
    """Tables of one project, with the columns of ``scr.schema.TABLES``.

    Parameters
    ----------
    form
        Name of the format.
    traps
        Columns trap, and x and y or lon and lat; perhaps session and covariates.
    usage
        Deployments (trap, start, end, ...) or a usage table (trap, u1, u2, ...).
    detections
        Columns individual, trap, and datetime or occasion; perhaps session, sex and others.
    crs
        Coordinate system of x and y where the format tells it.
    notes
        What reading decided or left out, and why.
    mask
        Cells of a habitat mask, x, y and area_km2, where the format has them.
    """

    form: str
    traps: pd.DataFrame
    usage: pd.DataFrame
    detections: pd.DataFrame
    crs: str | None = None
    notes: tuple[str, ...] = ()
    mask: pd.DataFrame | None = None


def named_table(table: pd.DataFrame, source: str) -> pd.DataFrame:
    """A table that knows its file: messages name it and count rows as the file does.

    Parameters
    ----------
    table
        Any table; its index is kept where it is called ``row``.
    source
        Name of the file.
    """
    frame = table.copy()
    if frame.index.name != "row":
        frame.index = pd.RangeIndex(2, len(frame) + 2, name="row")
    frame.attrs["source"] = source
    return frame


def of_session(places: pd.DataFrame, label: str, *, source: str) -> pd.DataFrame:
    """Stations of a session that the order of the files tells, and no column of theirs.

    Parameters
    ----------
    places
        Stations, with their covariates.
    label
        The session.
    source
        Name of the file.

    Returns
    -------
    DataFrame
        With a column session.

    Raises
    ------
    SurveyError
        If a covariate has that name and says otherwise: neither of the two may be lost.
    """
    own = places.get("session")
    if own is not None and not (own.isna() | (own.astype(str) == label)).all():
        rows = places.index[(own.notna() & (own.astype(str) != label)).to_numpy()]
        msg = (
            f"{source} has a covariate 'session' that is {own[rows[0]]!r} in {row_list(rows[:1])}, "
            f"where the session of this file is {label!r}. Give that column another name, or one "
            "file for each session."
        )
        raise SurveyError(msg, kind="column twice", source=source, rows=rows)
    return places.assign(session=label)


def require_columns(table: pd.DataFrame, needed: Sequence[str], *, source: str, form: str) -> None:
    """Raise where a format's table lacks columns that it must have.

    Parameters
    ----------
    table
        The table.
    needed
        Names.
    source
        Name of the file.
    form
        Name of the format.

    Raises
    ------
    SurveyError
        Naming the columns absent and those found.
    """
    absent = [name for name in needed if name not in table.columns]
    if absent:
        msg = (
            f"{source} lacks {', '.join(map(repr, absent))}, which {form} has. Columns found: "
            f"{', '.join(map(repr, table.columns)) or 'none'}. Export the package again, or give "
            "plain tables of stations, deployments and detections."
        )
        raise SurveyError(msg, kind="column missing", source=source)


def one_species(
    table: pd.DataFrame, column: str, *, species: str | None, source: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows of one species, which has to be named where there are several.

    Parameters
    ----------
    table
        Detections with names of animals.
    column
        Column of the species.
    species
        The one wanted, in any case; or None.
    source
        Name of the file.

    Returns
    -------
    table
        Its rows.
    notes
        How many rows of other species were left out.

    Raises
    ------
    SurveyError
        If it is not there, or several are and none is named.
    """
    if column not in table.columns or not len(table):
        return table, ()
    names = table[column].fillna("(blank)").astype(str)
    rows = names.value_counts()
    found = sorted(rows.index)
    listed = ", ".join(f"{name!r} ({rows[name]})" for name in found[:10])
    if species is None:
        if len(found) > 1:
            msg = (
                f"{source} names animals of {len(found)} species, with so many rows: {listed}. "
                f"Say which is meant, as species={found[0]!r}."
            )
            raise SurveyError(msg, kind="several species", source=source)
        return table, ()
    keep = (names.str.casefold() == species.casefold()).to_numpy(dtype=np.bool_)
    if not keep.any():
        msg = (
            f"{source} has no named animal of species {species!r}; there are "
            f"{listed}. Correct species."
        )
        raise SurveyError(msg, kind="species not found", source=source)
    left = int((~keep).sum())
    notes = (
        (f"{source}: {left} rows of other species than {species} are left out.",) if left else ()
    )
    return table[keep], notes


def unidentified_note(
    table: pd.DataFrame, named: pd.Series, *, source: str, what: str
) -> tuple[str, ...]:
    """A note on rows that name no animal.

    Parameters
    ----------
    table
        Rows of animals.
    named
        True where an animal is named.
    source
        Name of the file.
    what
        The column that would name it.
    """
    left = table.index[~named.to_numpy(dtype=np.bool_)]
    if not len(left):
        return ()
    none = "" if named.any() else " No animal is named at all, so there is nothing to recapture."
    return (f"{source}: {len(left):,} rows without {what} are left out ({row_list(left)}).{none}",)
