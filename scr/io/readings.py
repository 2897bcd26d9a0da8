"""Readings of x and y: kilometres, feet, exchanged, a sign turned, another UTM zone."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from scr.errors import MaskError
from scr.io.crs import LOCAL, WGS84, is_geographic, reproject_points, utm_zone

_ZONES_TRIED = (0, -1, 1, -2, 2)

type Reading = tuple[str, NDArray[np.float64]]
"""In words, to follow "With", and the coordinates that it gives."""


def planar_readings(xy: NDArray[np.float64]) -> Iterator[Reading]:
    """Readings of x and y that need no coordinate system.

    Parameters
    ----------
    xy
        Coordinates, shape (n, 2).

    Yields
    ------
    tuple
        In words, and coordinates in metres.
    """
    yield "x and y exchanged", xy[:, ::-1]
    yield "x and y taken as kilometres", xy * 1000
    yield "x and y taken as feet", xy * 0.3048


def degree_readings(xy: NDArray[np.float64], crs: str) -> Iterator[Reading]:
    """Readings of longitude and latitude, of which planar coordinates were made.

    Parameters
    ----------
    xy
        Coordinates in ``crs``, shape (n, 2).
    crs
        Projected coordinate system.

    Yields
    ------
    tuple
        In words, and coordinates in ``crs``.
    """
    lonlat = converted(xy, WGS84, from_crs=crs)
    if lonlat is None:
        return
    lon, lat = lonlat.T
    for told, degrees in (
        ("longitude and latitude exchanged", (lat, lon)),
        ("the sign of longitude turned", (-lon, lat)),
        ("the sign of latitude turned", (lon, -lat)),
        ("both signs turned", (-lon, -lat)),
        ("longitude and latitude exchanged and a sign turned", (-lat, lon)),
        ("longitude and latitude exchanged and a sign turned", (lat, -lon)),
    ):
        turned = converted(np.column_stack(degrees), crs, from_crs=WGS84)
        if turned is not None:
            yield told, turned


def readings(xy: NDArray[np.float64], crs: str, *, near: str | None = None) -> Iterator[Reading]:
    """Readings of planar coordinates, by what people mistake them for.

    Parameters
    ----------
    xy
        Coordinates in ``crs``, shape (n, 2).
    crs
        Planar coordinate system.
    near
        UTM zone of the place where they should lie, so that zones round it are tried too.

    Yields
    ------
    tuple
        In words, and coordinates in ``crs``.
    """
    yield from planar_readings(xy)
    if crs == LOCAL:
        return
    yield from degree_readings(xy, crs)
    for zone in zones_round(near) if near else ():
        if zone != crs:
            meant = converted(xy, crs, from_crs=zone)
            if meant is not None:
                yield f"x and y taken as {zone} in place of {crs}", meant


def zones_round(zone: str) -> Iterator[str]:
    """A UTM zone and its neighbours, in both hemispheres.

    Parameters
    ----------
    zone
        From ``utm_zone``.

    Examples
    --------
    >>> list(zones_round("EPSG:32660"))[:4]
    ['EPSG:32660', 'EPSG:32760', 'EPSG:32659', 'EPSG:32759']
    """
    code = int(zone.removeprefix("EPSG:"))
    number, north = code % 100, code < 32700
    for step in _ZONES_TRIED:
        lon = ((number + step - 1) % 60) * 6.0 - 177.0
        for sign in (1, -1):
            yield utm_zone(lon, float(sign if north else -sign))


def converted(xy: NDArray[np.float64], to_crs: str, *, from_crs: str) -> NDArray[np.float64] | None:
    """Coordinates in another system; None where some have none there.

    Parameters
    ----------
    xy
        Coordinates, shape (n, 2).
    to_crs, from_crs
        Coordinate systems.
    """
    if is_geographic(from_crs) and (np.abs(xy[:, 1]) > 90).any():
        return None
    try:
        return reproject_points(xy, from_crs, to_crs)
    except MaskError:
        return None
