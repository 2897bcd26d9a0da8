"""Searched areas and lines from a layer, in one planar coordinate system."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import GeometryCollection

from scr.errors import SurveyError
from scr.io.bounds import memory_told
from scr.io.columns import covariate_columns
from scr.io.crs import (
    LOCAL,
    crs_text,
    is_geographic,
    middle_of,
    planar_crs,
    reproject_geometry,
    same_crs,
)
from scr.io.layer_systems import system_of
from scr.io.places import Places, check_metres
from scr.io.tables import read_table
from scr.io.vectors import read_layer
from scr.schema import aliases
from scr.survey.parts import KINDS, check_parts, places_of
from scr.survey.traps import Traps

_NEEDLESS = 0.05
"""Metres: corners that were put in to bend long edges are left out where the bend is less."""

_NOT_COVARIATES = ("session", "trap", "x", "y", "lon", "lat", "crs")


@memory_told(SurveyError)
def read_searched(
    source: str | Path | gpd.GeoDataFrame,
    *,
    crs: str | None = None,
    to_crs: str | None = None,
    session: str | None = None,
    name: str | None = None,
) -> Traps:
    """Areas or lines in which animals are looked for, with their names and covariates.

    Parameters
    ----------
    source
        GeoPackage, GeoJSON, KML, KMZ or Shapefile of polygons or of lines, one feature a part,
        with a column trap (name, station, ...), and session where there are several; other columns
        become covariates of the parts.
    crs
        Coordinate system of a layer that names none: ``"local"`` for planar metres without a
        place.
    to_crs
        Projected coordinate system to convert to, needed where coordinates are geographic.
    session, name
        Names of the columns that hold the session and the name of the part, where they are others.

    Returns
    -------
    Traps
        One a part, in the order of the file; their ``xy`` is a place in it.

    Raises
    ------
    SurveyError
        If a part has no name, is of another kind than the others, is empty or crosses itself.
    MaskError
        If the coordinate system is absent, geographic without ``to_crs``, or not in metres.
    """
    layer = source if isinstance(source, gpd.GeoDataFrame) else read_layer(source, crs=crs)
    file_name = "layer of parts" if isinstance(source, gpd.GeoDataFrame) else Path(source).name
    accepted = {key: names for key, names in aliases("traps").items() if names}
    accepted |= {"session": (session,)} if session else {}
    accepted |= {"trap": (name,)} if name else {}
    attributes = pd.DataFrame(layer.drop(columns=layer.geometry.name))
    table = read_table(
        attributes.astype(object), columns=accepted, required=["trap"], label=file_name
    )
    blank = [i + 1 for i, part in enumerate(layer.geometry) if part is None or part.is_empty]
    if blank or table["trap"].isna().any():
        rows = blank or (np.flatnonzero(table["trap"].isna()) + 1).tolist()
        msg = (
            f"{file_name}: row {', '.join(map(str, rows[:10]))} has no "
            f"{'outline' if blank else 'name'}. Draw and name each part that was searched."
        )
        raise SurveyError(msg)
    parts, planar = _planar(layer, crs=crs, to_crs=to_crs, source=file_name)
    searched = "lines" if parts.geoms[0].geom_type in KINDS["lines"] else "areas"
    names = [str(part) for part in table["trap"]]
    check_parts(names, parts, searched=searched, source=file_name)
    xy, rows_of_file = places_of(parts), np.arange(len(names)) + 1
    if planar != LOCAL:
        places = Places(xy, planar, file_name, what="parts", rows=rows_of_file, names=names)
        check_metres(places, error=SurveyError)
    covariates = [column for column in table.columns if column not in _NOT_COVARIATES]
    columns = covariate_columns(table[covariates], {}, source=file_name)
    return Traps(
        names=np.array(names, dtype=object),
        xy=xy,
        crs=planar,
        session=np.array(table.get("session", default=[]), dtype=object),
        covariates=columns.usable,
        source=file_name,
        rows=rows_of_file,
        unusable=columns.faults,
        parts=parts,
    )


def _planar(
    layer: gpd.GeoDataFrame, *, crs: str | None, to_crs: str | None, source: str
) -> tuple[GeometryCollection, str]:
    """Outlines in metres, and their system."""
    own = crs_text(layer.crs) or crs
    if crs is not None and crs.strip().lower() == LOCAL:
        own = system_of(layer.geometry, crs=LOCAL, name=source)
    flat = [shapely.force_2d(part) for part in layer.geometry]
    corners = shapely.get_coordinates(flat)
    lonlat = middle_of(corners) if own is not None and is_geographic(own) else None
    target = planar_crs(to_crs or own, source=source, lonlat=lonlat)
    if own is None or target == LOCAL:
        return GeometryCollection(flat), target
    if same_crs(own, target):
        return GeometryCollection(flat), target
    bent = [reproject_geometry(part, own, target) for part in flat]
    return GeometryCollection([shapely.simplify(part, _NEEDLESS) for part in bent]), target
