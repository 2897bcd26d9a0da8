"""GeoJSON, read as the text that it is: nothing that it names is looked up."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from scr.io.crs import WGS84

_MOST_BYTES = 500_000_000
_SHAPES = {
    "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
    "GeometryCollection",
}  # fmt: skip


def read_geojson(path: Path) -> gpd.GeoDataFrame:
    """Features with their properties.

    Parameters
    ----------
    path
        A file of GeoJSON.

    Returns
    -------
    GeoDataFrame
        One row a feature, in file order, in longitude and latitude unless the file names a
        coordinate system as older GeoJSON does.

    Raises
    ------
    ValueError
        Saying why the text is not GeoJSON.
    """
    if path.stat().st_size > _MOST_BYTES:
        msg = f"it has more than {_MOST_BYTES / 1e6:.0f} MB; save it as GeoPackage"
        raise ValueError(msg)
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
    except RecursionError as error:
        msg = "its lists are too deep within each other"
        raise ValueError(msg) from error
    features = _features(content)
    rows = [_properties(feature) for feature in features]
    shapes = [_shape(feature.get("geometry")) for feature in features]
    table = pd.DataFrame(rows, index=range(len(rows)))
    if "geometry" in table.columns:
        table = table.rename(columns={"geometry": "geometry_1"})
    return gpd.GeoDataFrame(table, geometry=shapes, crs=_crs(content))


def _features(content: Any) -> list[Mapping[str, Any]]:
    kind = content.get("type") if isinstance(content, Mapping) else None
    if kind == "FeatureCollection":
        features = content.get("features")
    elif kind == "Feature":
        features = [content]
    elif kind in _SHAPES:
        features = [{"geometry": content}]
    else:
        msg = f"its type is {kind!r}, and not FeatureCollection"
        raise ValueError(msg)
    if not isinstance(features, list) or not all(isinstance(one, Mapping) for one in features):
        msg = "its features are not a list of features"
        raise ValueError(msg)
    return features


def _properties(feature: Mapping[str, Any]) -> dict[str, Any]:
    given = feature.get("properties") or {}
    if not isinstance(given, Mapping):
        msg = "properties of a feature are not names with values"
        raise ValueError(msg)  # noqa: TRY004
    own = {"id": feature["id"]} if isinstance(feature.get("id"), str) else {}
    inside = (dict, list)
    return own | {
        str(name): json.dumps(value) if isinstance(value, inside) else value
        for name, value in given.items()
    }


def _shape(geometry: Any) -> shapely.Geometry | None:
    if geometry is None:
        return None
    if not isinstance(geometry, Mapping) or geometry.get("type") not in _SHAPES:
        msg = "a geometry is none that GeoJSON has"
        raise ValueError(msg)
    try:
        return shapely.from_geojson(json.dumps(geometry))
    except shapely.errors.GEOSException as error:
        raise ValueError(str(error)) from error


def _crs(content: Mapping[str, Any]) -> Any:
    """The coordinate system that older GeoJSON names; a link to one is not followed."""
    if "crs" not in content:
        return WGS84
    told = content["crs"]
    if told is None:
        return None
    properties = told.get("properties") if isinstance(told, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    if told.get("type") != "name" or not isinstance(name, str):
        msg = f"its crs member is of type {told.get('type')!r}; links are not followed"
        raise ValueError(msg)
    try:
        return WGS84 if "CRS84" in name else pyproj.CRS.from_user_input(name)
    except pyproj.exceptions.CRSError as error:
        msg = f"its coordinate system {name!r} is not known"
        raise ValueError(msg) from error
