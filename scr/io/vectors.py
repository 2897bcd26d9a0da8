"""Polygons, lines and points from GeoPackage, GeoJSON, KML and Shapefile."""

import warnings
from pathlib import Path
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from scr.errors import MaskError, MaskWarning, ScrError, SurveyError
from scr.io.crs import (
    WGS84,
    crs_text,
    is_geographic,
    middle_of,
    reproject_geometry,
    reproject_points,
)
from scr.io.kml import KML, read_kml
from scr.io.layer_systems import across_antimeridian, check_names_system, system_of
from scr.io.local_files import local_file
from scr.io.places import Places, check_metres
from scr.io.vector_door import open_layers
from scr.units import M2_PER_KM2

_FARTHEST_M = 1e8
_TRIFLE = 1e-3

LAYERS = (".gpkg", ".geojson", ".json", ".shp", *KML)
"""Endings of the files that hold points, lines or polygons."""

type Layer = gpd.GeoDataFrame | gpd.GeoSeries | BaseGeometry
"""A GeoPandas table, or a shapely geometry already in the coordinate system asked for."""

type VectorInput = str | Path | Layer
"""The same, or a file."""


def read_polygon(
    given: VectorInput, *, crs: str, source: str | None = None, warn_overlap: bool = False
) -> BaseGeometry:
    """One polygon, or multipolygon, from all polygons of a file.

    Parameters
    ----------
    given
        File, GeoPandas table, or geometry. A bare geometry, or a table that names no coordinate
        system, is taken to be in ``crs``; a file has to name its own.
    crs
        Coordinate system of the result, planar; ``"local"`` takes coordinates as they are.
    source
        Name used in messages; the file's name if left out.
    warn_overlap
        Whether to warn of features that cover the same ground.

    Returns
    -------
    shapely geometry
        Polygon or MultiPolygon in ``crs``; holes are kept, overlapping features are joined.

    Raises
    ------
    MaskError
        If there is no polygon, one is empty, crosses itself or is otherwise invalid, a file names
        no coordinate system, the coordinates are degrees or kilometres where metres are meant, or
        one side is ``"local"``.
    """
    name, features, own_crs = _features(given, crs=crs, source=source)
    kinds = {kind for geometry in features for kind in _kinds(geometry)}
    areal = [g for g in features if _kinds(g) & {"Polygon", "MultiPolygon"}]
    if len(areal) < len(features) or not features:
        found = ", ".join(sorted(kinds)) or "no feature"
        msg = (
            f"{name} must hold polygons only; found {found} in {len(features)} features. "
            "Draw the area as a closed polygon, or name the file that holds it."
        )
        raise MaskError(msg, kind="no polygon", source=name)
    if not isinstance(given, BaseGeometry):
        _check_places(features, name, own_crs)
    _check_valid(features, name, (own_crs, crs))
    flat = across_antimeridian([shapely.force_2d(geometry) for geometry in features], own_crs)
    if warn_overlap:
        _warn_overlap(flat, name, (own_crs, crs))
    polygon = reproject_geometry(shapely.union_all(flat), own_crs, crs)
    return cast("BaseGeometry", polygon)


def read_lines_or_any(given: VectorInput, *, crs: str, source: str | None = None) -> BaseGeometry:
    """All features of a file as one geometry: roads, rivers, villages, edges.

    Parameters
    ----------
    given, crs, source
        As in ``read_polygon``; points, lines and polygons are all taken.

    Raises
    ------
    MaskError
        If there is no feature, a polygon is invalid, or a file names no coordinate system.
    """
    name, features, own_crs = _features(given, crs=crs, source=source)
    if not features:
        msg = f"{name} has no feature with a geometry. Name a file with points, lines or polygons."
        raise MaskError(msg)
    if not isinstance(given, BaseGeometry):
        _check_places(features, name, own_crs)
    areal = [g for g in features if _kinds(g) & {"Polygon", "MultiPolygon"}]
    _check_valid(areal, name, (own_crs, crs))
    flat = across_antimeridian([shapely.force_2d(geometry) for geometry in features], own_crs)
    return reproject_geometry(shapely.union_all(flat), own_crs, crs)


def vector_place(layer: Layer) -> tuple[str | None, tuple[float, float] | None]:
    """Coordinate system of a layer, and the middle of it where that is in degrees.

    Parameters
    ----------
    layer
        GeoPandas table or geometry; a bare geometry has no coordinate system.

    Returns
    -------
    crs
        ``"EPSG:<code>"`` or WKT, or None.
    lonlat
        Longitude and latitude of the middle of its extent, or None.
    """
    if isinstance(layer, BaseGeometry):
        return None, None
    own = crs_text(layer.crs)
    if own is None or not is_geographic(own):
        return own, None
    middle = middle_of(shapely.get_coordinates(layer.geometry.to_numpy()))
    return own, middle if middle is not None and abs(middle[1]) <= 90 else None


def read_layer(path: str | Path, *, crs: str | None) -> gpd.GeoDataFrame:
    """A layer with its attributes, as it stands in the file.

    Parameters
    ----------
    path
        GeoPackage, GeoJSON, KML, KMZ or Shapefile.
    crs
        Coordinate system wanted; files that name none are right for ``"local"`` alone.

    Raises
    ------
    MaskError
        If the file cannot be read, has several layers, or names no coordinate system.
    """
    layer = _read_file(Path(path), MaskError)
    check_names_system(layer, crs, Path(path).name)
    return layer


def read_points(path: str | Path) -> tuple[pd.DataFrame, str | None]:
    """The attributes of a point layer with its coordinates as columns x and y.

    Parameters
    ----------
    path
        GeoPackage, GeoJSON, KML, KMZ or Shapefile with one point a feature.

    Returns
    -------
    table
        One row per feature in file order. x and y come from the geometry, and replace attributes
        of these names; they are NaN where a feature has no geometry.
    crs
        ``"EPSG:<code>"`` or WKT, geographic or projected; None if the file names none.

    Raises
    ------
    SurveyError
        If the file cannot be read, or features are not single points.
    """
    frame = _read_file(Path(path), SurveyError)
    geometry = frame.geometry.to_numpy()
    single = np.array([g is not None and len(shapely.get_parts(g)) == 1 for g in geometry])
    geometry = np.array(
        [shapely.get_parts(g)[0] if one else g for g, one in zip(geometry, single, strict=True)],
        dtype=object,
    )
    wrong = [
        f"{geometry[i].geom_type} in row {i + 1}"
        for i in range(len(geometry))
        if geometry[i] is not None and not geometry[i].is_empty and geometry[i].geom_type != "Point"
    ]
    if wrong:
        msg = (
            f"{Path(path).name}: {len(wrong)} of {len(geometry)} features are not single points: "
            f"{', '.join(wrong[:10])}. Give one point for each trap."
        )
        raise SurveyError(msg)
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    table["x"] = shapely.get_x(geometry)
    table["y"] = shapely.get_y(geometry)
    return table, crs_text(frame.crs)


def _kinds(geometry: BaseGeometry) -> set[str]:
    """Geometry types inside a feature; collections count by their parts."""
    return {part.geom_type for part in shapely.get_parts(geometry)}


def _read_file(path: Path, error: type[ScrError]) -> gpd.GeoDataFrame:
    whole = local_file(path, error)
    if path.suffix.lower() in KML:
        return read_kml(path, error)
    try:
        frame, spatial = open_layers(whole)
    except Exception as failure:  # a damaged file raises whatever the library happens to
        msg = (
            f"{path.name} cannot be read as a vector file ({failure}). "
            "Give a GeoPackage, GeoJSON, KML or Shapefile (with its .shx, .dbf and .prj files)."
        )
        raise error(msg, kind="unreadable vector file", source=path.name) from failure
    if len(spatial) > 1:
        msg = (
            f"{path.name} has {len(spatial)} layers: {', '.join(spatial[:10])}. "
            "Save the one that is meant to a file of its own."
        )
        raise error(msg, kind="several layers", source=path.name)
    if not isinstance(frame, gpd.GeoDataFrame):
        msg = f"{path.name} is a table without geometry. Give a layer of points or polygons."
        raise error(msg)
    return frame


def _features(
    given: VectorInput, *, crs: str, source: str | None
) -> tuple[str, list[BaseGeometry], str]:
    """Name, geometries that are not empty, and their coordinate system."""
    if isinstance(given, BaseGeometry):
        name = source or "the geometry given"
        features = [given]
    else:
        if isinstance(given, str | Path):
            name = source or Path(given).name
            series = read_layer(given, crs=crs).geometry
        else:
            name = source or "the table given"
            series = given.geometry
        features = list(series)
        crs = system_of(series, crs=crs, name=name)
    empty = [i + 1 for i, g in enumerate(features) if g is None or g.is_empty]
    if empty:
        msg = (
            f"{name}: {len(empty)} of {len(features)} features are empty: row "
            f"{', '.join(map(str, empty[:10]))}. Draw them, or delete them from the file."
        )
        raise MaskError(msg, kind="feature without a shape", source=name, rows=empty)
    away = [
        i + 1
        for i, geometry in enumerate(features)
        if not (np.abs(shapely.get_coordinates(geometry)) <= _FARTHEST_M).all()
    ]
    if away:
        msg = (
            f"{name}: {len(away)} of {len(features)} features have corners beyond {_FARTHEST_M:g}, "
            f"which are no place on earth: row {', '.join(map(str, away[:10]))}. Draw them again."
        )
        raise MaskError(msg, kind="no place on earth", source=name, rows=away)
    return name, features, crs


def _check_places(features: list[BaseGeometry], name: str, crs: str) -> None:
    """Raise where features are in degrees, kilometres or exchanged, and said to be in metres."""
    if is_geographic(crs):
        return
    corners = shapely.bounds(np.array(features, dtype=object)).reshape(-1, 2)
    rows = np.repeat(np.arange(len(features)) + 1, 2)
    places = Places(
        corners, crs, name, what="corners of features", rows=rows,
        if_degrees=f"If they are longitude and latitude, save the layer again as {WGS84}, so that "
        "it names the system it is in.",
    )  # fmt: skip
    check_metres(places, error=MaskError, whole=True)


def _warn_overlap(features: list[BaseGeometry], name: str, crs: tuple[str, str]) -> None:
    """Warn of features that cover the same ground, with their rows and the area."""
    first, second = shapely.STRtree(features).query(features, predicate="intersects")
    pairs = [(i, j) for i, j in zip(first, second, strict=True) if i < j]
    found = []
    for i, j in pairs:
        shared = shapely.intersection(features[i], features[j])
        if shapely.area(shared) > _TRIFLE * min(features[i].area, features[j].area):
            area = reproject_geometry(shared, *crs).area / M2_PER_KM2
            found.append(f"rows {i + 1} and {j + 1} by {area:.4g} km2")
    if found:
        more = f" and {len(found) - 10} more" if len(found) > 10 else ""
        msg = (
            f"{name}: features cover the same ground, {'; '.join(found[:10])}{more}. It is counted "
            "once. Check whether one of them is a copy, or an older boundary."
        )
        warnings.warn(msg, MaskWarning, stacklevel=4)


def _check_valid(features: list[BaseGeometry], name: str, crs: tuple[str, str]) -> None:
    """Raise for polygons that cross themselves, with row, place and area in the planar system."""
    own_crs, planar = crs
    faults, rows = [], []
    for i, geometry in enumerate(features):
        if shapely.is_valid(geometry):
            continue
        reason = shapely.is_valid_reason(geometry).replace("[", " at (").replace("]", ")")
        # Corner by corner: cutting long edges would repair the ring on the way.
        shape = shapely.transform(geometry, lambda xy: reproject_points(xy, own_crs, planar))
        before, after = shape.area / M2_PER_KM2, shapely.make_valid(shape).area / M2_PER_KM2
        rows.append(i + 1)
        faults.append(
            f"row {i + 1}: {reason}; its corners in order enclose {before:.4g} km2, an automatic "
            f"repair {after:.4g} km2"
        )
    if faults:
        msg = (
            f"{name}: {len(faults)} of {len(features)} polygons are invalid: "
            f"{' | '.join(faults[:10])}. What was meant cannot be known from the file, so it is "
            "not repaired. Correct the order of the corners there and save the file again."
        )
        raise MaskError(msg, kind="invalid polygon", source=name, rows=rows)
