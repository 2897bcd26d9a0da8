"""Places drawn in Google Earth: KML, and KMZ, which is KML in a zip."""

import math
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from scr.errors import ScrError
from scr.io.archives import open_archive
from scr.io.crs import WGS84
from scr.io.xml_text import parsed_xml

KML = (".kml", ".kmz")
"""Endings of their names."""

_MOST_BYTES = 100_000_000


def read_kml(path: Path, error: type[ScrError]) -> gpd.GeoDataFrame:
    """Placemarks with their names, extended data and geometries, in longitude and latitude.

    Nothing outside the file is opened: links to other files and to the network are refused, and
    pictures in a KMZ are left where they are.

    Parameters
    ----------
    path
        A .kml or .kmz file.
    error
        Class of the errors raised.

    Returns
    -------
    GeoDataFrame
        One row for each placemark, in file order; column ``name`` and one for each name in the
        extended data. A placemark without point, line or polygon has no geometry.

    Raises
    ------
    ScrError
        If the file is no KML, is larger than 100 MB when unpacked, defines entities, or has a
        network link or no placemark.
    """
    content = _content(path, error)
    try:
        root = parsed_xml(content)
        rows, shapes = _placemarks(root)
    except (ValueError, LookupError, shapely.errors.ShapelyError) as fault:
        msg = (
            f"{path.name} cannot be read as KML ({fault}). Save the places again from Google Earth "
            "as KML or KMZ, or give a GeoPackage."
        )
        raise error(msg, kind="unreadable vector file", source=path.name) from fault
    links = [element for element in root.iter() if _tag(element) == "NetworkLink"]
    if links:
        msg = (
            f"{path.name} holds {len(links)} network links, which are not followed: what they lead "
            "to is not in the file. Open it in Google Earth and save the places themselves."
        )
        raise error(msg, kind="network link", source=path.name)
    if not rows:
        msg = f"{path.name} has no placemark. Save the points or polygons that are meant into it."
        raise error(msg, kind="empty file", source=path.name)
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=WGS84)


def _content(path: Path, error: type[ScrError]) -> bytes:
    """The KML text, never more than the limit, whatever the sizes in the zip say."""
    name = path.name
    try:
        if zipfile.is_zipfile(path):
            names, opened = open_archive(path, error=error)
            texts = [member for member in names if member.lower().endswith(".kml")]
            if not texts:
                msg = f"{path.name} holds no .kml file. Save the places again as KMZ."
                raise error(msg, kind="unreadable vector file", source=path.name)
            name = f"{path.name}, {texts[0]}"
            with opened(texts[0]) as file:
                content = file.read(_MOST_BYTES + 1)
        else:
            with path.open("rb") as plain:
                content = plain.read(_MOST_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError) as fault:
        msg = f"{path.name} cannot be unpacked ({fault}). Save the places again as KML."
        raise error(msg, kind="unreadable vector file", source=path.name) from fault
    if len(content) > _MOST_BYTES:
        msg = (
            f"{name} is larger than {_MOST_BYTES / 1e6:.0f} MB, which no drawing of places is. "
            "Save the points or polygons alone, as KML or GeoPackage."
        )
        raise error(msg, kind="file too large", source=path.name)
    return content


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _placemarks(
    root: ElementTree.Element,
) -> tuple[list[dict[str, str | None]], list[BaseGeometry | None]]:
    rows, shapes = [], []
    for placemark in root.iter():
        if _tag(placemark) != "Placemark":
            continue
        row: dict[str, str | None] = {"name": None}
        for child in placemark:
            if _tag(child) == "name":
                row["name"] = (child.text or "").strip() or None
        for key, value in _extended(placemark):
            row.setdefault(key, value)
        rows.append(row)
        parts = list(_shapes(placemark))
        shapes.append(_joined(parts))
    return rows, shapes


def _extended(placemark: ElementTree.Element) -> Iterator[tuple[str, str | None]]:
    """Names and values of the extended data, of both kinds."""
    for element in placemark.iter():
        name = element.get("name")
        if not name or name == "geometry":
            continue
        if _tag(element) == "SimpleData":
            yield name, (element.text or "").strip() or None
        elif _tag(element) == "Data":
            values = [child.text or "" for child in element if _tag(child) == "value"]
            yield name, "".join(values).strip() or None


def _shapes(placemark: ElementTree.Element) -> Iterator[BaseGeometry]:
    of_polygons = {
        id(ring)
        for polygon in placemark.iter()
        if _tag(polygon) == "Polygon"
        for ring in polygon.iter()
        if _tag(ring) == "LinearRing"
    }
    for element in placemark.iter():
        kind = _tag(element)
        if kind == "Point":
            yield shapely.Point(_corners(element)[0])
        elif kind == "LineString" or (kind == "LinearRing" and id(element) not in of_polygons):
            yield shapely.LineString(_corners(element))
        elif kind == "Polygon":
            outer = [b for b in element if _tag(b) == "outerBoundaryIs"]
            inner = [b for b in element if _tag(b) == "innerBoundaryIs"]
            yield shapely.Polygon(_corners(outer[0]), [_corners(hole) for hole in inner])


def _corners(element: ElementTree.Element) -> list[tuple[float, float]]:
    """Longitudes and latitudes of the first list of coordinates within an element."""
    text = next((e.text for e in element.iter() if _tag(e) == "coordinates" and e.text), "")
    found = []
    for corner in text.split():
        lon, lat = (float(number) for number in corner.split(",")[:2])
        if not (math.isfinite(lon) and math.isfinite(lat)):
            msg = f"{corner!r} is no longitude and latitude"
            raise ValueError(msg)
        found.append((lon, lat))
    if not found:
        msg = f"a {_tag(element)} has no coordinates"
        raise ValueError(msg)
    return found


def _joined(parts: list[BaseGeometry]) -> BaseGeometry | None:
    if len(parts) <= 1:
        return parts[0] if parts else None
    kinds = {part.geom_type for part in parts}
    if kinds == {"Polygon"}:
        return shapely.MultiPolygon(parts)
    return shapely.GeometryCollection(parts)
