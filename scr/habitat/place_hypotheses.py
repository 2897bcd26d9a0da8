"""What coordinates may have been meant, where stations do not lie in their reserve."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from scr.errors import MaskError
from scr.habitat.region import Region
from scr.io.crs import LOCAL, reproject_points, utm_zone
from scr.survey.traps import Traps

_WGS84 = "EPSG:4326"
_MOST = 0.9
_ZONES_TRIED = (0, -1, 1, -2, 2)


@dataclass(frozen=True)
class PlaceHypothesis:
    """A reading of the coordinates under which stations lie in the reserve.

    Parameters
    ----------
    told
        In words, to follow "With".
    inside
        Stations that then lie inside, of those asked for, shape (n,).
    """

    told: str
    inside: NDArray[np.bool_]


def explain_places(traps: Traps, region: Region, rows: NDArray[np.int64]) -> PlaceHypothesis | None:
    """The reading of coordinates that puts most of some stations into a region.

    Exchanged coordinates, signs of longitude and latitude, kilometres for metres, and the UTM zones
    and hemispheres round the region are tried, in this order.

    Parameters
    ----------
    traps
        All stations.
    region
        Where they should lie.
    rows
        Indices of the stations that do not.

    Returns
    -------
    PlaceHypothesis or None
        None if none puts nine tenths of them inside.
    """
    geometry = region.in_crs(traps.crs).geometry
    shapely.prepare(geometry)
    best: PlaceHypothesis | None = None
    for told, xy in _readings(traps.xy[rows], traps.crs, region):
        inside = shapely.intersects_xy(geometry, xy[:, 0], xy[:, 1])
        if inside.mean() >= _MOST and (best is None or inside.sum() > best.inside.sum()):
            best = PlaceHypothesis(told, inside)
    return best


def _readings(
    xy: NDArray[np.float64], crs: str, region: Region
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """In words, and the coordinates in ``crs`` that the stations would have."""
    yield "x and y exchanged", xy[:, ::-1]
    yield "x and y taken as kilometres", xy * 1000
    yield "x and y taken as feet", xy * 0.3048
    if crs == LOCAL:
        return
    lonlat = _converted(xy, crs, _WGS84)
    if lonlat is not None:
        lon, lat = lonlat.T
        for told, degrees in (
            ("longitude and latitude exchanged", (lat, lon)),
            ("the sign of longitude turned", (-lon, lat)),
            ("the sign of latitude turned", (lon, -lat)),
            ("both signs turned", (-lon, -lat)),
            ("longitude and latitude exchanged and a sign turned", (-lat, lon)),
            ("longitude and latitude exchanged and a sign turned", (lat, -lon)),
        ):
            turned = _converted(np.column_stack(degrees), _WGS84, crs)
            if turned is not None:
                yield told, turned
    for zone in _zones(region):
        if zone != crs:
            meant = _converted(xy, zone, crs)
            if meant is not None:
                yield f"x and y taken as {zone} in place of {crs}", meant


def _converted(xy: NDArray[np.float64], from_crs: str, to_crs: str) -> NDArray[np.float64] | None:
    if from_crs == _WGS84 and (np.abs(xy[:, 1]) > 90).any():
        return None
    try:
        return reproject_points(xy, from_crs, to_crs)
    except MaskError:
        return None


def _zones(region: Region) -> Iterator[str]:
    """UTM zones round the middle of a region, both hemispheres."""
    west, south, east, north = region.geometry.bounds
    middle = np.array([[(west + east) / 2, (south + north) / 2]])
    lonlat = _converted(middle, region.crs, _WGS84)
    if lonlat is None:
        return
    lon, lat = lonlat[0]
    for step in _ZONES_TRIED:
        for sign in (1, -1):
            yield utm_zone(float((lon + 6 * step + 180) % 360 - 180), float(sign * lat))
