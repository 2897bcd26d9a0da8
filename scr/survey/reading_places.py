"""Places of detections in what was searched, and fixes of transmitters, from their tables."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.io.crs import LOCAL, WGS84, reproject_points
from scr.io.tables import COUNTING, numbers, read_table, row_list, source_name
from scr.schema import aliases
from scr.survey.captures import CaptureHistory
from scr.survey.detectors import DETECTORS, Detector, Telemetry
from scr.survey.fixes import Fixes
from scr.survey.occasions import Placed
from scr.survey.outside import Detected
from scr.survey.parts import NEAR, outside
from scr.survey.reading_captures import row_counts
from scr.survey.traps import Traps

PLACE = ("x", "y", "lon", "lat")
"""Columns of a place."""

INDEPENDENT = (
    "Fixes are taken as independent of each other: of a transmitter that sends often, keep fixes "
    "far enough apart in time that one does not tell the next. Times are not looked at."
)


class Columns(TypedDict):
    """Names of the columns of detections, and those that there must be, as ``read_table`` takes."""

    columns: dict[str, tuple[str, ...]]
    required: list[str]


def detection_columns(detector: Detector) -> Columns:
    """Columns of detections: those of places where there are any, which then tell the trap.

    Parameters
    ----------
    detector
        What is recorded.
    """
    columns = dict(aliases("detections"))
    if not DETECTORS[detector].searched:
        return Columns(columns=columns, required=["individual", "trap"])
    return Columns(columns=columns | dict(aliases("places")), required=["individual"])


def with_parts(table: pd.DataFrame, traps: Traps, *, source: str) -> pd.DataFrame:
    """The detections with the name of the part in which each lies, where no column says it.

    Parameters
    ----------
    table
        Detections.
    traps
        What was searched, of all sessions.
    source
        Name of the table in messages.

    Raises
    ------
    SurveyError
        If a place lies in no part, or in several.
    """
    if traps.parts is None or "trap" in table.columns:
        return table
    xy = planar_places(table, traps.crs, source=source)
    away = shapely.distance(
        np.array(traps.parts.geoms, dtype=object)[None, :], shapely.points(xy)[:, None]
    )
    if traps.sessions_named and "session" in table.columns:
        mine = table["session"].astype(str).to_numpy()[:, None] == traps.session[None, :]
        away = np.where(mine, away, np.inf)
    number = (away <= NEAR).sum(axis=1)
    if (number != 1).any():
        bad = np.flatnonzero(number != 1)
        listed = "; ".join(
            f"row {table.index[i]} ({'in several' if number[i] else 'in none'}, "
            f"{away[i].min():,.0f} m from {traps.names[away[i].argmin()]!r})"
            for i in bad[:10]
        )
        msg = (
            f"{source} has no column trap, and {len(bad)} places lie in none of the parts that "
            f"were searched, or in several: {listed}. Name the part of each row in a column trap, "
            f"or correct the places. {COUNTING}"
        )
        raise SurveyError(
            msg, kind="detection outside its part", source=source, rows=table.index[bad]
        )
    return table.assign(trap=traps.names[away.argmin(axis=1)])


def place_rows(detected: Detected, placed: Placed, crs: str) -> pd.DataFrame:
    """Rows of the detections that count, with their places, as ``with_places`` takes them.

    Parameters
    ----------
    detected, placed
        The detections and their occasions.
    crs
        Coordinate system of the survey.
    """
    inside = placed.inside
    xy = planar_places(detected.table, crs, source=detected.source)
    table = pd.DataFrame(
        {
            "session": detected.matched["session"],
            "individual": detected.table["individual"].astype(str),
            "occasion": placed.occasion,
            "trap": detected.matched["trap"],
            "count": row_counts(detected),
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )
    return table[inside]


def planar_places(table: pd.DataFrame, crs: str, *, source: str) -> NDArray[np.float64]:
    """Places of the rows of a table, metres, shape (n, 2).

    Parameters
    ----------
    table
        With columns x and y in the system of the survey, or lon and lat.
    crs
        Coordinate system of the survey.
    source
        Name of the table in messages.

    Raises
    ------
    SurveyError
        If there are no such columns, a place is missing, or degrees cannot be converted.
    """
    columns = ("x", "y") if {"x", "y"} <= set(table.columns) else ("lon", "lat")
    if not set(columns) <= set(table.columns):
        msg = (
            f"{source} needs columns x and y (metres, in {crs}) or longitude and latitude. Columns "
            f"found: {', '.join(map(repr, table.columns))}."
        )
        raise SurveyError(msg, kind="no coordinates", source=source)
    xy = np.column_stack([numbers(table, column, source=source) for column in columns])
    bad = ~np.isfinite(xy).all(axis=1)
    if bad.any():
        msg = (
            f"{source}: {' or '.join(columns)} is missing in {row_list(table.index[bad])}. Give "
            f"the place of each row, or leave the row out. {COUNTING}"
        )
        raise SurveyError(msg, kind="blank coordinate", source=source, rows=table.index[bad])
    if columns == ("x", "y"):
        return xy
    if crs == LOCAL:
        msg = (
            f"{source} has longitude and latitude, but the survey is in planar metres without a "
            "place on earth. Give x and y, or the coordinate system of the survey."
        )
        raise SurveyError(msg, kind="local and placed", source=source)
    return reproject_points(xy, WGS84, crs)


def with_places(
    captures: Mapping[str, CaptureHistory],
    rows: pd.DataFrame,
    traps: Mapping[str, Traps],
    *,
    detector: Detector,
    source: str,
) -> dict[str, CaptureHistory]:
    """Capture histories with the places of their detections.

    Parameters
    ----------
    captures
        By session.
    rows
        Rows of the table of detections that count: session, individual, occasion, trap (index),
        count, x and y, with their row numbers as index.
    traps
        Of each session.
    detector
        What is searched.
    source
        Name of the table in messages.

    Raises
    ------
    SurveyError
        If a row counts more than one detection, lies outside its part, or is a second find of an
        animal in an occasion in which it can be found once.
    """
    many = rows.index[rows["count"] > 1]
    if len(many):
        msg = (
            f"{source}: 'count' is more than 1 in {row_list(many)}, but each detection has a place "
            f"of its own. Give one row for each. {COUNTING}"
        )
        raise SurveyError(msg, kind="count with one place", source=source, rows=many)
    twice = rows.index[rows.duplicated(["session", "individual", "occasion"])]
    if DETECTORS[detector].is_binary and len(twice):
        msg = (
            f"{source}: {row_list(twice)} find an animal again in the same occasion, but with "
            f"detector={detector!r} it is found once an occasion at most. Keep the first find of "
            f"each occasion, or use detector={detector.removesuffix('_exclusive')!r}. {COUNTING}"
        )
        raise SurveyError(msg, kind="found twice", source=source, rows=twice)
    result = {}
    for label, history in captures.items():
        mine = rows[rows["session"] == label]
        _check_inside(mine, traps[label], source=source)
        place = {name: i for i, name in enumerate(history.individuals.tolist())}
        who = mine["individual"].map(place).to_numpy(np.int64)
        keys = np.stack([who, mine["occasion"].to_numpy(np.int64), mine["trap"].to_numpy(np.int64)])
        records = {key: r for r, key in enumerate(zip(
            history.individual.tolist(), history.occasion.tolist(), history.trap.tolist(),
            strict=True,
        ))}  # fmt: skip
        record = np.array([records[tuple(key)] for key in keys.T.tolist()], dtype=np.int64)
        order = np.argsort(record, kind="stable")
        result[label] = replace(history, xy=mine[["x", "y"]].to_numpy(np.float64)[order])
    return result


def _check_inside(rows: pd.DataFrame, traps: Traps, *, source: str) -> None:
    if traps.parts is None or not len(rows):
        return
    away = outside(traps.parts, rows["trap"].to_numpy(), rows[["x", "y"]].to_numpy())
    bad = np.flatnonzero(away > NEAR)
    if len(bad):
        listed = "; ".join(
            f"row {rows.index[i]} ({rows['individual'].iloc[i]!r}, {away[i]:,.0f} m from "
            f"{traps.names[rows['trap'].iloc[i]]!r})"
            for i in bad[:10]
        )
        msg = (
            f"{source}: {len(bad)} detections lie outside what was searched: {listed}. Correct "
            "their coordinates, the name of the part or its outline; up to "
            f"{NEAR:g} m is taken as rounding. {COUNTING}"
        )
        raise SurveyError(
            msg, kind="detection outside its part", source=source, rows=rows.index[bad]
        )


def read_fixes(
    given: str | Path | pd.DataFrame | None, sessions: Mapping[str, Traps], *, telemetry: Telemetry
) -> tuple[dict[str, Fixes], tuple[str, ...]]:
    """Fixes of each session, and what to know of them.

    Parameters
    ----------
    given
        Columns individual, x and y (or lon and lat), and session where there are several; others
        are not used. None where there are no fixes.
    sessions
        Traps of each session.
    telemetry
        What the animals have to do with those detected.

    Raises
    ------
    SurveyError
        If a name or a place is missing, or a session is not known.
    """
    if given is None:
        return {}, ()
    source = source_name(given, "table of fixes")
    table = read_table(
        given, columns=aliases("fixes"), required=["individual"], label="table of fixes"
    )
    crs = next(iter(sessions.values())).crs
    xy = planar_places(table, crs, source=source)
    if table["individual"].isna().any():
        blank = table.index[table["individual"].isna()]
        msg = f"{source}: 'individual' is blank in {row_list(blank)}. Name the animal. {COUNTING}"
        raise SurveyError(msg, kind="blank individual", source=source, rows=blank)
    several = len(sessions) > 1
    if several and "session" not in table.columns:
        msg = (
            f"{source} has no column session, but the survey has {len(sessions)} sessions. Add it."
        )
        raise SurveyError(msg, kind="no session column", source=source)
    label = (
        table["session"].astype(str) if several else pd.Series(next(iter(sessions)), table.index)
    )
    unknown = table.index[~label.isin(list(sessions))]
    if len(unknown):
        msg = (
            f"{source}: {row_list(unknown)} are of sessions that the survey has not; it has "
            f"{', '.join(map(repr, sessions))}. Correct or remove them. {COUNTING}"
        )
        raise SurveyError(msg, kind="unknown session", source=source, rows=unknown)
    fixes = {
        name: Fixes(
            table["individual"][label == name].to_numpy(dtype=object),
            xy[(label == name).to_numpy()],
            telemetry,
        )
        for name in sessions
        if (label == name).any()
    }
    n_animals = sum(len(set(one.individual.tolist())) for one in fixes.values())
    note = f"{source}: {len(table)} fixes of {n_animals} animals ({telemetry}). {INDEPENDENT}"
    return fixes, (note,)
