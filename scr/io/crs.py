"""Coordinate systems: the one door through which every coordinate comes in.

All distances and areas in the package are planar, so a coordinate system has to be projected, in
metres, and true to scale where the animals are.
"""

from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry.base import BaseGeometry

from scr.errors import MaskError

LOCAL = "local"
"""The name for planar metres without a place on earth."""

WGS84 = "EPSG:4326"
"""Longitude and latitude as GPS receivers give them."""

_LONGEST_EDGE_PARTS = 2000
_WEB_MERCATOR = "Popular Visualisation Pseudo Mercator"


def planar_crs(crs: str | None, *, source: str, lonlat: tuple[float, float] | None = None) -> str:
    """The coordinate system in one spelling, checked to be planar and in metres.

    Parameters
    ----------
    crs
        An authority code (``"EPSG:32652"``), WKT, a PROJ string, or ``"local"``.
    source
        Name of the file or argument, used in messages.
    lonlat
        A place in the study area, degrees, so that an error can name the UTM zone to use.

    Returns
    -------
    str
        ``"EPSG:<code>"`` where there is one, else WKT, or ``"local"``.

    Raises
    ------
    MaskError
        If there is none, it is not known, in degrees, not in metres, or Web Mercator.

    Examples
    --------
    >>> planar_crs("epsg:32652", source="stations.csv")
    'EPSG:32652'
    """
    use = (
        f"Use the UTM zone of the study area, {utm_zone(*lonlat)}"
        if lonlat is not None
        else "Use the UTM zone of the study area, such as EPSG:32652"
    )
    if crs is None or not str(crs).strip():
        msg = (
            f"{source} has no coordinate system. Distances need a projected one in metres. "
            f'{use}, as crs=, or crs="local" for planar metres without a place.'
        )
        raise MaskError(msg, kind="no coordinate system", source=source)
    if str(crs).strip().lower() == LOCAL:
        return LOCAL
    parsed = parse_crs(str(crs), source=source)
    if parsed.is_geographic:
        msg = (
            f"{source} is in longitude and latitude ({parsed.name}). "
            f"Distances need a projected coordinate system in metres. {use}."
        )
        raise MaskError(msg, kind="system in degrees", source=source)
    if not parsed.is_projected:
        msg = (
            f"{source}: {parsed.name} is not a projected coordinate system. "
            f'{use}, or crs="local" for planar metres without a place.'
        )
        raise MaskError(msg, kind="system not projected", source=source)
    factors = [axis.unit_conversion_factor for axis in parsed.axis_info[:2]]
    if any(abs(factor - 1.0) > 1e-9 for factor in factors):
        unit = parsed.axis_info[0].unit_name
        msg = (
            f"{source}: {parsed.name} is in {unit}, but metres are needed. {use}, as to_crs= to "
            "convert to."
        )
        raise MaskError(msg, kind="system not in metres", source=source)
    operation = parsed.coordinate_operation
    if operation is not None and operation.method_name == _WEB_MERCATOR:
        msg = (
            f"{source}: {parsed.name} is a system for web maps; its metres are too long by "
            f"1 / cos(latitude), so that distances and areas would be wrong. {use}."
        )
        raise MaskError(msg, kind="system of web maps", source=source)
    return _spelling(parsed)


def parse_crs(crs: str, *, source: str) -> CRS:
    """Any coordinate system, geographic or projected, without its vertical part.

    Parameters
    ----------
    crs
        An authority code, WKT or a PROJ string.
    source
        Name of the file or argument, used in messages.

    Raises
    ------
    MaskError
        If it cannot be understood.
    """
    try:
        parsed = CRS.from_user_input(crs)
    except CRSError as error:
        msg = (
            f"{source}: the coordinate system {crs!r} is not known. "
            'Give an authority code such as "EPSG:32652", WKT, or "local".'
        )
        raise MaskError(msg, kind="coordinate system not known", source=source) from error
    return parsed.sub_crs_list[0] if parsed.is_compound else parsed


def crs_text(crs: object) -> str | None:
    """The spelling of a coordinate system that a library attached to a file.

    Parameters
    ----------
    crs
        A pyproj or rasterio coordinate system, or None.

    Returns
    -------
    str or None
        ``"EPSG:<code>"`` where there is one, else WKT; None if there is none.
    """
    if crs is None or not str(crs):
        return None
    parsed = CRS.from_user_input(crs)
    return _spelling(parsed.sub_crs_list[0] if parsed.is_compound else parsed)


def _spelling(crs: CRS) -> str:
    authority = crs.to_authority(min_confidence=90)
    if authority is not None:
        return f"{authority[0]}:{authority[1]}"
    wkt: str = crs.to_wkt()
    return wkt


def is_geographic(crs: str) -> bool:
    """Whether a coordinate system is in longitude and latitude.

    Parameters
    ----------
    crs
        Any coordinate system, or ``"local"``.
    """
    if crs == LOCAL:
        return False
    return bool(parse_crs(crs, source="crs").is_geographic)


def utm_zone(lon: float, lat: float) -> str:
    """The UTM zone of a place on WGS 84, with the exceptions of Norway and Svalbard.

    Parameters
    ----------
    lon
        Longitude, degrees, -180 to 180.
    lat
        Latitude, degrees, -90 to 90.

    Examples
    --------
    >>> utm_zone(131.0, 43.0), utm_zone(31.5, -24.0)
    ('EPSG:32652', 'EPSG:32736')
    """
    zone = int((lon + 180.0) % 360.0 // 6.0) + 1
    if 56.0 <= lat < 64.0 and 3.0 <= lon < 12.0:
        zone = 32
    if 72.0 <= lat < 84.0 and 0.0 <= lon < 42.0:
        zone = 31 + 2 * int(np.searchsorted([9.0, 21.0, 33.0], lon, side="right"))
    return f"EPSG:{32600 + zone if lat >= 0 else 32700 + zone}"


def same_crs(a: str, b: str) -> bool:
    """Whether two coordinate systems are one, whatever their spelling.

    Parameters
    ----------
    a, b
        Authority codes, WKT, PROJ strings or ``"local"``.

    Examples
    --------
    >>> same_crs("EPSG:32652", "epsg:32652"), same_crs("EPSG:32652", "local")
    (True, False)
    """
    if a == b:
        return True
    if LOCAL in (a.strip().lower(), b.strip().lower()):
        return a.strip().lower() == b.strip().lower()
    return bool(
        parse_crs(a, source="crs").equals(parse_crs(b, source="crs"), ignore_axis_order=True)
    )


@lru_cache(maxsize=64)
def _transformer(from_crs: str, to_crs: str) -> Transformer:
    return Transformer.from_crs(
        parse_crs(from_crs, source="crs"), parse_crs(to_crs, source="crs"), always_xy=True
    )


def reproject_points(xy: NDArray[np.float64], from_crs: str, to_crs: str) -> NDArray[np.float64]:
    """Coordinates in another system; x (east, longitude) comes first in both.

    Parameters
    ----------
    xy
        Coordinates, shape (n, 2); rows with NaN stay NaN.
    from_crs, to_crs
        Coordinate systems, geographic or projected.

    Returns
    -------
    ndarray
        Shape (n, 2).

    Raises
    ------
    MaskError
        If one of them is ``"local"`` and the other not, or a place has no coordinates in the
        second (a latitude above 90, or longitude and latitude exchanged).
    """
    points = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    if same_crs(from_crs, to_crs):
        return points.copy()
    if LOCAL in (from_crs, to_crs):
        msg = (
            'Coordinates are "local" (without a place on earth) on one side and '
            f"{to_crs if from_crs == LOCAL else from_crs} on the other, so they cannot be "
            "brought together. Name the same projected coordinate system for both."
        )
        raise MaskError(msg)
    try:
        x, y = _transformer(from_crs, to_crs).transform(points[:, 0], points[:, 1])
    except ProjError as fault:
        msg = (
            f"There is no way from {from_crs} to {to_crs}: one of them is incomplete or of another "
            "planet. Save the file with the coordinate system of the study area."
        )
        raise MaskError(msg) from fault
    result = np.column_stack([x, y]).astype(np.float64)
    given = np.isfinite(points).all(axis=1)
    lost = np.flatnonzero(given & ~np.isfinite(result).all(axis=1))
    if len(lost):
        listed = "; ".join(
            f"({points[i, 0]:.6g}, {points[i, 1]:.6g}) in row {i + 1}" for i in lost[:10]
        )
        msg = (
            f"{len(lost)} of {len(points)} coordinates cannot be converted from {from_crs} to "
            f"{to_crs}: {listed}. Check that longitude and latitude were not exchanged and that "
            "the coordinate system named is the one of the file."
        )
        raise MaskError(msg)
    result[~given] = np.nan
    return result


def reproject_geometry(geometry: BaseGeometry, from_crs: str, to_crs: str) -> BaseGeometry:
    """A geometry in another system, long edges cut first so that they bend with the projection.

    Parameters
    ----------
    geometry
        Any shapely geometry.
    from_crs, to_crs
        As in ``reproject_points``.
    """
    if same_crs(from_crs, to_crs):
        return geometry
    west, south, east, north = geometry.bounds
    longest = max(east - west, north - south) / _LONGEST_EDGE_PARTS
    cut = shapely.segmentize(geometry, longest) if longest > 0 else geometry
    return shapely.transform(cut, lambda xy: reproject_points(xy, from_crs, to_crs))


def middle_of(lonlat: NDArray[np.float64]) -> tuple[float, float] | None:
    """Longitude and latitude of the middle of some places, on whichever side of 180 they lie.

    Parameters
    ----------
    lonlat
        Degrees, shape (n, 2); rows that are not finite are left out.

    Returns
    -------
    tuple or None
        Longitude from -180 to 180; None where no place is finite.

    Examples
    --------
    >>> middle_of(np.array([[179.0, -16.0], [-179.0, -17.0]]))
    (-180.0, -16.5)
    """
    places = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
    places = places[np.isfinite(places).all(axis=1)]
    if len(places) == 0:
        return None
    lon = np.unique(places[:, 0] % 360.0)
    gaps = np.diff(np.append(lon, lon[0] + 360.0))
    first = (int(np.argmax(gaps)) + 1) % len(lon)
    width = 360.0 - float(gaps.max())
    middle = (float(lon[first]) + width / 2 + 180.0) % 360.0 - 180.0
    return round(middle, 9), float(places[:, 1].min() + places[:, 1].max()) / 2


def zone_of(xy: NDArray[np.float64], crs: str) -> str | None:
    """The UTM zone in which the middle of some places lies.

    Parameters
    ----------
    xy
        Coordinates in ``crs``, shape (n, 2).
    crs
        Any coordinate system.

    Returns
    -------
    str or None
        None for local coordinates, or where they are no place on earth.
    """
    if crs == LOCAL:
        return None
    try:
        middle = middle_of(reproject_points(xy, crs, WGS84))
    except MaskError:
        return None
    return None if middle is None or abs(middle[1]) > 90.0 else utm_zone(*middle)
