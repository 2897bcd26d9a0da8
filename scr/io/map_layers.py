"""Layers that stand on maps beside the colours: relief, water, rivers, roads, borders, towns."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from scr.errors import MaskError
from scr.io.crs import LOCAL, WGS84, reproject_geometry
from scr.io.layer_systems import system_of
from scr.io.relief import Bounds, Relief, read_relief
from scr.io.vectors import read_layer

_AREAS, _LINES = ("Polygon", "MultiPolygon"), ("LineString", "MultiLineString", "LinearRing")
_POINTS = ("Point", "MultiPoint")
_FAR_DEGREES, _FINEST_DEGREES = 25.0, 0.02

SHAPES: Mapping[str, tuple[str, ...]] = {
    "water": _AREAS,
    "rivers": (*_LINES, *_AREAS),
    "roads": _LINES,
    "borders": (*_LINES, *_AREAS),
    "towns": (*_POINTS, *_AREAS),
}
"""What layers there are, from the lowest to the highest, and the shapes that each may hold."""

_IN_WORDS = {_AREAS: "polygons", _LINES: "lines"}


@dataclass(frozen=True, eq=False)
class Feature:
    """One thing on a map.

    Parameters
    ----------
    geometry
        Its shape, in the coordinates of the layers that it belongs to.
    name
        What is written beside it; empty where it has no name.
    """

    geometry: BaseGeometry
    name: str = ""


@dataclass(frozen=True, eq=False)
class MapLayers:
    """What stands on maps beside the colours.

    Parameters
    ----------
    crs
        Planar coordinate system of all but the locator.
    features
        Features of each layer of ``SHAPES`` that there is.
    relief
        Heights, or None.
    locator
        Land of the small map that shows where the large one lies, longitude and latitude.
    """

    crs: str
    features: Mapping[str, tuple[Feature, ...]]
    relief: Relief | None = None
    locator: tuple[BaseGeometry, ...] = ()


@dataclass(frozen=True, eq=False)
class MapLook:
    """What the maps of a survey look like.

    Parameters
    ----------
    layers
        What stands on them beside the colours, or None.
    size
        Of the sheet: ``"column"`` or ``"page"`` of a journal, or ``"A4"``.
    margin
        Ground shown round the outlines, or round the cells where there are none, metres.
    """

    layers: MapLayers | None = None
    size: Literal["column", "page", "A4"] = "column"
    margin: float | None = None


def read_map_layers(
    files: Mapping[str, Path],
    *,
    crs: str,
    around: Bounds,
    relief: Path | None = None,
    locator: Path | None = None,
    label: str = "name",
) -> MapLayers:
    """Read the layers that maps show under and over the colours.

    Parameters
    ----------
    files
        GeoPackage, GeoJSON, KML or Shapefile for each layer of ``SHAPES`` that is wanted: polygons
        of water; lines of rivers, roads and borders (rivers and borders may be polygons); points
        of towns. Features are in the order of their importance: where two names would touch, the
        first is written.
    crs
        Planar coordinate system of the maps.
    around
        West, south, east and north of what maps may show, metres.
    relief
        Raster of heights, or None.
    locator
        Polygons of land far round the survey, such as countries, for a small map that shows where
        the large one lies; or None.
    label
        Column with the names; in any case, and layers may lack it.

    Raises
    ------
    MaskError
        If a file cannot be read, names no coordinate system, or holds other shapes than its layer
        needs; or if there is a relief or locator and the survey has no place on earth.
    """
    if crs == LOCAL and (relief is not None or locator is not None):
        msg = (
            f'Coordinates are "local", without a place on earth, so that {(relief or locator)} '
            "cannot be laid under them. Give the survey its coordinate system, or leave out relief "
            "and locator."
        )
        raise MaskError(msg)
    features = {
        kind: _features(path, kind, crs=crs, around=around, label=label)
        for kind in SHAPES
        if (path := files.get(kind)) is not None
    }
    land = () if locator is None else _land(locator, crs=crs, around=around)
    heights = None if relief is None else read_relief(relief, crs=crs, around=around)
    return MapLayers(crs, features, heights, land)


def _features(
    path: Path, kind: str, *, crs: str, around: Bounds, label: str
) -> tuple[Feature, ...]:
    """Features of a file, cut at what maps may show, in the coordinates of the map."""
    there = _layer(path, kind, crs=crs)
    own = system_of(there.geometry, crs=crs, name=path.name)
    window = reproject_geometry(shapely.box(*around), crs, own)
    shapes = shapely.clip_by_rect(shapely.force_2d(there.geometry.to_numpy()), *window.bounds)
    return tuple(
        Feature(reproject_geometry(shape, own, crs), name)
        for shape, name in zip(shapes, _names(there, label), strict=True)
        if not shape.is_empty
    )


def _layer(path: Path, kind: str, *, crs: str) -> gpd.GeoDataFrame:
    """Features that have a shape, all of those that the layer may hold."""
    layer = read_layer(path, crs=crs)
    there = layer[~(layer.geometry.isna() | layer.geometry.is_empty)]
    wanted = SHAPES.get(kind, _AREAS)
    wrong = [
        f"{shape} in row {row + 1}"
        for row, shape in zip(there.index, there.geometry.geom_type, strict=True)
        if shape not in wanted
    ]
    if wrong or not len(there):
        needed = _IN_WORDS.get(wanted, "lines or polygons" if kind != "towns" else "points")
        found = ", ".join(wrong[:5]) if wrong else "no feature"
        msg = (
            f"{path.name} has {found}. On a map {kind} needs {needed}. Name the file "
            "that holds them, or leave the layer out."
        )
        raise MaskError(msg, kind="other shapes", source=path.name)
    return there


def _land(path: Path, *, crs: str, around: Bounds) -> tuple[BaseGeometry, ...]:
    """Land far round the middle of the survey, longitude and latitude, with few corners."""
    middle = shapely.box(*around).centroid
    lon, lat = reproject_geometry(middle, crs, WGS84).coords[0]
    west, east = lon - _FAR_DEGREES, lon + _FAR_DEGREES
    far = (west, max(lat - _FAR_DEGREES, -90.0), east, min(lat + _FAR_DEGREES, 90.0))
    land = _layer(path, "locator", crs=crs).to_crs(WGS84).geometry.to_numpy()
    cut = shapely.clip_by_rect(land, *far)
    simple = shapely.simplify(cut, _FINEST_DEGREES)
    return tuple(shape for shape in simple if not shape.is_empty)


def _names(layer: gpd.GeoDataFrame, label: str) -> list[str]:
    columns = [column for column in layer.columns if str(column).casefold() == label.casefold()]
    if not columns:
        return [""] * len(layer)
    return ["" if pd.isna(value) else str(value) for value in layer[columns[0]]]
