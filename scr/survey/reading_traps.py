"""Traps from a table or a point layer, in one planar coordinate system."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.io.bounds import memory_told
from scr.io.columns import covariate_columns
from scr.io.crs import (
    LOCAL,
    WGS84,
    is_geographic,
    middle_of,
    parse_crs,
    planar_crs,
    reproject_points,
    same_crs,
)
from scr.io.gpx import read_gpx
from scr.io.places import Places, check_metres, check_true_to_scale, short_name
from scr.io.rasters import Nodata
from scr.io.rounded import check_not_rounded
from scr.io.tables import COUNTING, numbers, read_table, row_list, source_name
from scr.io.vectors import LAYERS, read_points
from scr.schema import aliases
from scr.survey.apart import check_one_place, check_zone_column
from scr.survey.columns_agree import check_columns_agree
from scr.survey.reading_systems import planar_by_system, systems_told
from scr.survey.traps import Traps
from scr.survey.usage_table import usage_columns

_NO_NODATA: Mapping[str, Nodata] = MappingProxyType({})
_FARTHEST_M = 1e8
_MOST_DEGREES = 360.0
_CONVERTED = (
    "If they are longitude and latitude name their columns so, and they are converted; for metres "
    'from an origin of your own give crs="local".'
)
_NOT_COVARIATES = ("session", "trap", "x", "y", "lon", "lat", "crs")


@memory_told(SurveyError)
def read_traps(
    source: str | Path | pd.DataFrame,
    *,
    crs: str | None = None,
    to_crs: str | None = None,
    session: str | None = None,
    name: str | None = None,
    nodata: Mapping[str, Nodata] | None = None,
) -> Traps:
    """Trap names and coordinates, with trap covariates.

    Parameters
    ----------
    source
        CSV or table with columns trap (or station), x and y, or longitude and latitude, and
        session where there are several; or a GeoPackage, GeoJSON, KML, KMZ or Shapefile
        of points, or waypoints (GPX).
        ``scr.schema.TABLES["traps"]`` lists all names that are read. Columns of usage
        (u1, u2, ...) are left out; every other column becomes a trap covariate.
    crs
        Coordinate system of the coordinates: ``"EPSG:32652"`` or the like, or ``"local"`` for
        planar metres without a place. A layer carries its own; a column crs tells that of each
        row.
    to_crs
        Projected coordinate system to convert to, needed where coordinates are geographic, or in
        several systems (UTM zones).
    session, name
        Names of the columns that hold the session and the trap's name, where they are others
        than those listed.
    nodata
        Values of covariates that mean no data, by column; NaN if all others are data.

    Returns
    -------
    Traps
        In file order. A column that is a number in nearly all rows and text in a few, or that
        holds a code such as -999, is kept, but a model that names it gets an error.

    Raises
    ------
    SurveyError
        If a name or coordinate is missing or not a number, or a name occurs twice in a session.
    MaskError
        If the coordinate system is absent, geographic without ``to_crs``, or not in metres.

    Examples
    --------
    >>> table = pd.DataFrame({"station": ["001", "002"], "x": [0, 3000], "y": [0, 0]})
    >>> list(read_traps(table, crs="local").names)
    ['001', '002']
    """
    return _read(source, crs=crs, to_crs=to_crs, session=session, name=name, nodata=nodata or {})


def read_traps_in(
    source: str | Path | pd.DataFrame, *, crs: str | None = None, to_crs: str | None = None
) -> Traps:
    """Traps as ``read_traps`` reads them, x and y without a system being taken to be in ``to_crs``.

    Parameters
    ----------
    source, crs, to_crs
        As in ``read_traps``.

    Raises
    ------
    SurveyError, MaskError
        As ``read_traps``.
    """
    return _read(source, crs=crs, to_crs=to_crs, otherwise=to_crs)


def _read(
    source: str | Path | pd.DataFrame,
    *,
    crs: str | None,
    to_crs: str | None,
    session: str | None = None,
    name: str | None = None,
    otherwise: str | None = None,
    nodata: Mapping[str, Nodata] = _NO_NODATA,
) -> Traps:
    layer_crs = None
    file_name = source_name(source, "trap table")
    if isinstance(source, str | Path) and Path(source).suffix.lower() in LAYERS:
        source, layer_crs = read_points(source)
    elif isinstance(source, str | Path) and Path(source).suffix.lower() == ".gpx":
        source = read_gpx(source)
    accepted: dict[str, tuple[str, ...]] = dict(aliases("traps"))
    accepted |= {"session": (session,)} if session else {}
    accepted |= {"trap": (name,)} if name else {}
    table = read_table(source, columns=_preferred(accepted), required=["trap"], label="trap table")
    if session and "session" not in table.columns:
        msg = f"{file_name} has no column {session!r} for the session. Correct session=."
        raise SurveyError(msg, kind="no session column", source=file_name)
    check_columns_agree(table, accepted, source=file_name)
    degrees = _in_degrees(table, source=file_name)
    xy = _coordinates(table, degrees=degrees, source=file_name)
    told = None
    if layer_crs is None:
        crs, told = systems_told(table, crs, degrees=degrees, source=file_name)
    given_crs = _agreed_crs(crs, layer_crs, degrees=degrees, source=file_name) or otherwise
    geographic = degrees or (given_crs is not None and is_geographic(given_crs))
    geographic &= told is None
    if geographic and (np.abs(xy) > _MOST_DEGREES).any():
        msg = (
            f"{file_name} is taken to be in longitude and latitude ({given_crs}), but its "
            f"coordinates are as large as {np.abs(xy).max():.0f}, as metres are. Correct crs=; "
            "GeoJSON without a crs member means degrees: save it again with its coordinate system."
        )
        raise SurveyError(msg, kind="metres called degrees", source=file_name)
    _check_names(table, xy, unit="degrees" if geographic else "m", source=file_name)
    if not geographic:
        check_not_rounded(table, ("x", "y"), source=file_name, error=SurveyError)
    if_degrees = "" if otherwise is None or crs is not None else _CONVERTED

    def in_metres(
        rows: pd.DataFrame, xy: NDArray[np.float64], system: str | None
    ) -> tuple[NDArray[np.float64], str]:
        return _planar(rows, xy, crs=system, to_crs=to_crs, source=file_name, if_degrees=if_degrees)

    planar_xy, planar = (
        in_metres(table, xy, given_crs)
        if told is None
        else planar_by_system(table, xy, told, in_metres, to_crs=to_crs, source=file_name)
    )
    covariates = [
        column
        for column in table.columns
        if column not in _NOT_COVARIATES and column not in usage_columns(table)
    ]
    columns = covariate_columns(table[covariates], nodata, source=file_name)
    traps = Traps(
        names=np.array(table["trap"], dtype=object),
        xy=planar_xy,
        crs=planar,
        session=np.array(table.get("session", default=[]), dtype=object),
        covariates=columns.usable,
        source=file_name,
        rows=table.index.to_numpy(np.int64),
        unusable=columns.faults,
    )
    check_one_place(traps)
    return traps


def _preferred(accepted: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Columns the caller named come before the usual names."""
    return {inside: names for inside, names in accepted.items() if names}


def _in_degrees(table: pd.DataFrame, *, source: str) -> bool:
    """Whether coordinates are in columns of longitude and latitude."""
    has = {column for column in ("x", "y", "lon", "lat") if column in table.columns}
    if {"x", "y"} <= has:
        return False
    if {"lon", "lat"} <= has:
        return True
    found = ", ".join(map(repr, table.columns))
    msg = (
        f"{source} needs columns x and y (metres) or longitude and latitude (degrees). "
        f"Columns found: {found}. Rename the columns that hold the coordinates."
    )
    raise SurveyError(msg, kind="no coordinates", source=source)


def _coordinates(table: pd.DataFrame, *, degrees: bool, source: str) -> NDArray[np.float64]:
    columns = ("lon", "lat") if degrees else ("x", "y")
    xy = np.column_stack([numbers(table, column, source=source) for column in columns])
    bad = ~np.isfinite(xy).all(axis=1)
    if bad.any():
        listed = "; ".join(
            f"{trap!r} (row {row})"
            for row, trap in list(table["trap"][bad].fillna("").items())[:10]
        )
        msg = (
            f"{source}: {int(bad.sum())} traps have coordinates that are missing or not finite: "
            f"{listed}. Fill in {columns[0]} and {columns[1]}, or remove the rows. {COUNTING}"
        )
        raise SurveyError(msg, kind="blank coordinate", source=source, rows=table.index[bad])
    away = (np.abs(xy) > _FARTHEST_M).any(axis=1) & (not degrees)
    if away.any():
        msg = (
            f"{source}: {row_list(table.index[away])} have coordinates beyond {_FARTHEST_M:g}, "
            f"which are no metres on earth. Correct x and y; a decimal comma or a thousands mark "
            f"may have been lost. {COUNTING}"
        )
        raise SurveyError(msg, kind="no place on earth", source=source, rows=table.index[away])
    if degrees and ((np.abs(xy[:, 0]) > 180) | (np.abs(xy[:, 1]) > 90)).any():
        out = (np.abs(xy[:, 0]) > 180) | (np.abs(xy[:, 1]) > 90)
        msg = (
            f"{source}: longitude must lie within 180 and latitude within 90 degrees of zero, "
            f"but {row_list(table.index[out])} do not. Check whether the two columns were "
            f"exchanged, or name columns of metres x and y. {COUNTING}"
        )
        raise SurveyError(msg, kind="degrees out of range", source=source, rows=table.index[out])
    return xy


def _check_names(table: pd.DataFrame, xy: NDArray[np.float64], *, unit: str, source: str) -> None:
    for column in ("trap", "session"):
        if column in table.columns and table[column].isna().any():
            blank = table.index[table[column].isna()]
            what = "station" if column == "trap" else column
            msg = (
                f"{source}: the {what} is blank in {row_list(blank)}. "
                f"Fill it in, or remove the rows. {COUNTING}"
            )
            raise SurveyError(msg, kind=f"blank {what}", source=source, rows=blank)
    keys = [column for column in ("session", "trap") if column in table.columns]
    place = pd.DataFrame(xy, index=table.index)
    lines = []
    for key, group in table[table.duplicated(keys, keep=False)].groupby(keys, sort=False):
        points = place.loc[group.index].to_numpy()
        apart = float(np.hypot(*(points - points[0]).T).max())
        where = "; ".join(f"({x:.10g}, {y:.10g})" for x, y in points[:10])
        of_session = f" of session {key[0]!r}" if len(keys) > 1 else ""
        lines.append(
            f"{key[-1]!r}{of_session} in {row_list(group.index)} at {where}, "
            f"{apart:.6g} {unit} apart"
        )
    if lines:
        msg = (
            f"{source}: {len(lines)} trap names occur more than once: {'. '.join(lines[:10])}. "
            "A name stands for one place. Give a camera that was moved a new name for each place "
            "and split its deployment there, or remove the repeated row (several cameras of one "
            f"station are rows of the deployments). {COUNTING}"
        )
        raise SurveyError(
            msg, kind="station twice", source=source, rows=table.index[table.duplicated(keys)]
        )


def _agreed_crs(
    crs: str | None, layer_crs: str | None, *, degrees: bool, source: str
) -> str | None:
    """The coordinate system of the coordinates as they stand in the file."""
    if crs is not None and crs.strip().lower() == LOCAL:
        crs = LOCAL
    if crs is not None and crs != LOCAL:
        parse_crs(crs, source=source)
    if layer_crs is not None:
        if crs is not None and not same_crs(crs, layer_crs):
            msg = (
                f"{source} is in {short_name(layer_crs)}, but crs={crs!r} was given. Leave crs "
                f"out, and give to_crs={crs!r} to convert the coordinates."
            )
            raise SurveyError(msg, kind="wrong coordinate system", source=source)
        return layer_crs
    if degrees and crs is None:
        return WGS84
    if degrees and crs is not None and not is_geographic(crs):
        msg = (
            f"{source} has columns of longitude and latitude, but crs={crs!r} is in metres. "
            f"Leave crs out and give to_crs={crs!r} to convert them, or name the columns x and y."
        )
        raise SurveyError(msg, kind="wrong coordinate system", source=source)
    return crs


def _planar(
    table: pd.DataFrame,
    xy: NDArray[np.float64],
    *,
    crs: str | None,
    to_crs: str | None,
    source: str,
    if_degrees: str,
) -> tuple[NDArray[np.float64], str]:
    """Coordinates in metres and their system, held against what that is meant for."""
    geographic = crs is not None and is_geographic(crs)
    names = [str(name) for name in table["trap"]]
    rows = table.index.to_numpy(np.int64)

    def check(xy: NDArray[np.float64], crs: str, *, chosen: bool | None = None) -> None:
        places = Places(
            xy, crs, source, what="stations", rows=rows, names=names, if_degrees=if_degrees
        )
        if chosen is not True:
            check_metres(places, error=SurveyError)
        if chosen is not None:
            check_true_to_scale(places, error=SurveyError, chosen=chosen, from_degrees=geographic)

    if to_crs is None:
        planar = planar_crs(crs, source=source, lonlat=middle_of(xy) if geographic else None)
        check(xy, planar, chosen=False)
        check_zone_column(table, planar, source=source)
        return xy, planar
    if crs is None:
        msg = (
            f"{source} has no coordinate system to convert to {to_crs} from. "
            "Name that of the file as crs=."
        )
        raise SurveyError(msg, kind="no coordinate system", source=source)
    target = planar_crs(to_crs, source=f"to_crs for {source}", lonlat=None)
    if not geographic and crs != LOCAL:
        check(xy, crs)
        check_zone_column(table, crs, source=source)
    converted = reproject_points(xy, crs, target)
    check(converted, target, chosen=not same_crs(crs, target))
    return converted, target
