"""Layouts read from and written to CSV, GeoPackage, GeoJSON and GPX."""

from io import BytesIO
from pathlib import Path

import geopandas as gpd
import gpxpy
import gpxpy.gpx
import numpy as np
import pandas as pd

from scr.errors import LayoutError, MaskError, SurveyError
from scr.io.cells import csv_of
from scr.io.crs import LOCAL, WGS84, reproject_points
from scr.io.gpx import read_gpx
from scr.io.whole_files import write_bytes
from scr.survey.detectors import DETECTORS
from scr.survey.reading_searched import read_searched
from scr.survey.reading_traps import read_traps_in
from scr.survey.traps import Traps
from trap_layouts.assumptions import PlannedDetector
from trap_layouts.layout import Layout

FORMATS = (".csv", ".gpkg", ".geojson", ".gpx")
_CAMERAS = "cameras"


def read_layout(
    path: str | Path,
    *,
    crs: str | None = None,
    to_crs: str | None = None,
    name: str | None = None,
    detector: PlannedDetector = "proximity",
) -> Layout:
    """Read the stations of a layout.

    Parameters
    ----------
    path
        What ``scr.read_traps`` reads, and perhaps a column cameras: a table with station, x, y (or
        longitude, latitude); a GeoPackage, GeoJSON, KML, KMZ or Shapefile of points; or GPX
        waypoints.
    crs
        Coordinate system of x and y. Layers and GPX carry their own.
    to_crs
        Planar coordinate system wanted; needed where coordinates are in degrees. x and y, and
        layers that name no system, are taken to be in it where ``crs`` is left out.
    name
        Name of the layout; that of the file without its ending if left out.
    detector
        Where it searches areas or lines, the file is what ``scr.read_searched`` reads: their
        outlines, in place of stations.

    Raises
    ------
    LayoutError
        If there is no coordinate system, a value cannot be read, stations coincide, or
        coordinates are refused by ``scr.read_traps`` or ``scr.read_searched``, in the same words.

    Examples
    --------
    >>> read_layout("stations.csv")
    Traceback (most recent call last):
    scr.errors.LayoutError: stations.csv does not exist. ...
    """
    path = Path(path)
    if not path.exists():
        msg = f"{path} does not exist. Check the name of the layout's file."
        raise LayoutError(msg)
    try:
        if DETECTORS[detector].searched:
            traps = read_searched(path, crs=crs or to_crs, to_crs=to_crs)
        else:
            source = _waypoints(path) if path.suffix.lower() == ".gpx" else path
            traps = read_traps_in(source, crs=crs, to_crs=to_crs)
    except (SurveyError, MaskError) as error:
        raise LayoutError(
            str(error), kind=error.kind, source=error.source, rows=error.rows
        ) from error
    cameras = None
    covariates = traps.covariates
    if _CAMERAS in covariates.columns:
        cameras = pd.to_numeric(covariates[_CAMERAS], errors="coerce").fillna(0).to_numpy()
        covariates = covariates.drop(columns=[_CAMERAS])
    plain = Traps(
        traps.names,
        traps.xy,
        traps.crs,
        traps.session,
        covariates,
        source=path.name,
        unusable=traps.unusable,
        parts=traps.parts,
    )
    return Layout(name or path.stem, plain, cameras)


def _waypoints(path: Path) -> pd.DataFrame:
    """Stations with the cameras that ``write_layout`` tells in the description."""
    table = read_gpx(path, descriptions=True)
    numbers = [_cameras_told(text) for text in table.pop("description")]
    table["trap"] = [name or f"{i + 1:03d}" for i, name in enumerate(table["trap"])]
    return table.assign(cameras=numbers) if all(numbers) else table


def _cameras_told(description: str) -> str:
    words = description.split()
    return words[0] if len(words) == 2 and words[1].startswith("camera") else ""


def write_layout(layout: Layout, path: str | Path) -> Path:
    """Write the stations of a layout; the ending of the name says in which format.

    Parameters
    ----------
    layout
        The stations.
    path
        A .csv (x and y in metres), .gpkg, .geojson or .gpx file; the last two are in longitude and
        latitude, as their standards ask. A file of this name is replaced.

    Raises
    ------
    LayoutError
        If the ending is none of these, or coordinates are local and the format needs a place.
    """
    path = Path(path)
    return write_bytes(path, layout_as(layout, path.suffix.lower()))


def layout_as(layout: Layout, ending: str) -> bytes:
    """Content of the file that ``write_layout`` writes.

    Parameters
    ----------
    layout
        The stations.
    ending
        One of ``FORMATS``.

    Raises
    ------
    LayoutError
        As ``write_layout``.
    """
    name = f"{layout.name}{ending}"
    if ending not in FORMATS:
        msg = f"{name}: layouts are written as {', '.join(FORMATS)}. Use one of these endings."
        raise LayoutError(msg)
    if ending in {".geojson", ".gpx"} and layout.crs == LOCAL:
        msg = (
            f"{name}: layout {layout.name!r} is in local coordinates, and {ending} needs "
            "longitude and latitude. Write a .csv or .gpkg, or give the layout a crs."
        )
        raise LayoutError(msg)
    table = pd.DataFrame({"station": layout.traps.names.astype(str)})
    if ending == ".csv":
        table["x"], table["y"] = layout.xy.T.round(1)
    table[_CAMERAS] = np.asarray(layout.cameras)
    table = table.join(layout.traps.covariates)
    if ending == ".csv":
        return csv_of(table).encode("utf-8")
    return _gpx(layout).encode("utf-8") if ending == ".gpx" else _layer(table, layout, ending)


def _layer(table: pd.DataFrame, layout: Layout, ending: str) -> bytes:
    crs = None if layout.crs == LOCAL else layout.crs
    points = gpd.points_from_xy(layout.xy[:, 0], layout.xy[:, 1])
    frame = gpd.GeoDataFrame(table, geometry=points, crs=crs)
    content = BytesIO()
    if ending == ".geojson":
        frame.to_crs(WGS84).to_file(
            content, driver="GeoJSON", RFC7946="YES", COORDINATE_PRECISION=7
        )
    else:
        frame.to_file(content, driver="GPKG", layer="stations")
    return content.getvalue()


def _gpx(layout: Layout) -> str:
    lonlat = reproject_points(layout.xy, layout.crs, WGS84)
    document = gpxpy.gpx.GPX()
    document.name = layout.name
    cameras = np.asarray(layout.cameras)
    for station, (lon, lat), number in zip(layout.traps.names, lonlat, cameras, strict=True):
        point = gpxpy.gpx.GPXWaypoint(
            latitude=round(float(lat), 7),
            longitude=round(float(lon), 7),
            name=str(station),
            description=f"{number} camera{'s' if number > 1 else ''}",
        )
        document.waypoints.append(point)
    return str(document.to_xml())
