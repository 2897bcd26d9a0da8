"""Where stations may stand, and moving them there: reserve, access, slope, spacing, fixed ones."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from scr.errors import LayoutError, MaskWarning
from scr.habitat.region import Region
from scr.io.crs import same_crs
from scr.io.rasters import RasterBand, read_band
from scr.io.vectors import read_lines_or_any
from trap_layouts.layout import Layout, make_layout, require_same_crs

Points = NDArray[np.float64]


def allowed_area(reserve: Region, *, exclude: Sequence[BaseGeometry] = ()) -> BaseGeometry:
    """The reserve less the exclusions.

    Parameters
    ----------
    reserve
        Where stations may stand.
    exclude
        Polygons in the reserve's coordinates: water, villages, land mines.

    Raises
    ------
    LayoutError
        If nothing is left.
    """
    area = shapely.difference(reserve.geometry, shapely.union_all(list(exclude)))
    if area.is_empty or area.area <= 0:
        msg = (
            f"The exclusions cover all of {reserve.name}: no station could stand anywhere. "
            "Check that they are in the same coordinate system and not the reserve itself."
        )
        raise LayoutError(msg)
    return area


def warn_lost(polygon: BaseGeometry, reserve: Region, *, source: str, buffer: float) -> None:
    """Warn of an exclusion that excludes nothing.

    Parameters
    ----------
    polygon
        Where no station may stand, in the reserve's coordinates.
    reserve
        The reserve.
    source
        What the polygon is called in the warning.
    buffer
        How far round stations animals live that could be seen, metres.

    Warns
    -----
    MaskWarning
        If it lies further from the reserve than that.
    """
    away = float(shapely.distance(polygon, reserve.geometry))
    if away <= buffer:
        return
    msg = (
        f"{source} lies {away / 1000:,.0f} km from {reserve.name}: it keeps no station away. Check "
        "its coordinates, or leave it out."
    )
    warnings.warn(msg, MaskWarning, stacklevel=3)


def candidates_from_raster(
    path: str | Path,
    area: BaseGeometry,
    *,
    crs: str,
    least: float = -np.inf,
    most: float = np.inf,
    every: int = 1,
) -> Points:
    """Centres of raster cells within an area whose value lies in a range.

    Parameters
    ----------
    path
        A raster in ``crs``: suitability, or 1 where a camera could stand.
    area
        Polygon in which stations may stand.
    crs
        Coordinate system of the area.
    least, most
        Range of values, both ends kept. Cells without data are left out.
    every
        Takes each so many-th row and column only.

    Raises
    ------
    LayoutError
        If the raster is in another coordinate system, or no cell is left.
    """
    band = _band_in(path, crs)
    rows, columns = (np.arange(every // 2, size, every) for size in band.values.shape)
    column, row = np.meshgrid(columns, rows)
    x = band.transform.c + band.transform.a * (column.ravel() + 0.5)
    y = band.transform.f + band.transform.e * (row.ravel() + 0.5)
    value = band.values[row.ravel(), column.ravel()]
    shapely.prepare(area)
    keep = (value >= least) & (value <= most) & shapely.intersects_xy(area, x, y)
    if not keep.any():
        msg = (
            f"{band.source}: no cell with a value from {least:g} to {most:g} lies where stations "
            "may stand. Widen the range, or check that raster and reserve overlap."
        )
        raise LayoutError(msg)
    return np.stack([x[keep], y[keep]], axis=1)


def within_slope(xy: Points, elevation: str | Path, *, crs: str, most_degrees: float) -> Points:
    """The points where the ground is not steeper than a limit.

    Parameters
    ----------
    xy
        Metres, shape (n, 2).
    elevation
        Raster of elevation in metres, in ``crs``.
    crs
        Coordinate system of the points.
    most_degrees
        Steepest slope at which a station can be set up. Slope is that of the raster's cells;
        points off the raster, or without data, are left out.

    References
    ----------
    Horn (1981) Proc. IEEE 69:14-47 weights the neighbours; here plain central differences.
    """
    band = _band_in(elevation, crs)
    height = np.abs(band.transform.e)
    down, across = np.gradient(band.values, height, band.transform.a)
    slope = np.degrees(np.arctan(np.hypot(down, across)))
    column = np.floor((xy[:, 0] - band.transform.c) / band.transform.a).astype(np.int64)
    row = np.floor((xy[:, 1] - band.transform.f) / band.transform.e).astype(np.int64)
    n_rows, n_columns = slope.shape
    on = (row >= 0) & (row < n_rows) & (column >= 0) & (column < n_columns)
    value = np.full(len(xy), np.inf)
    value[on] = slope[row[on], column[on]]
    return xy[value <= most_degrees]


def _band_in(path: str | Path, crs: str) -> RasterBand:
    band = read_band(path)
    if band.crs is not None and not same_crs(band.crs, crs):
        msg = (
            f"{band.source} is in {band.crs}, but stations are placed in {crs}. Reproject the "
            f"raster first (gdalwarp -t_srs {crs})."
        )
        raise LayoutError(msg)
    return band


def read_network(path: str | Path, *, crs: str) -> BaseGeometry:
    """Trails, roads or rivers of a file.

    Parameters
    ----------
    path
        GeoPackage, GeoJSON or Shapefile.
    crs
        Planar coordinate system wanted.

    Raises
    ------
    MaskError
        If there is no feature, or no coordinate system.
    """
    return read_lines_or_any(path, crs=crs)


def snap(xy: Points, network: BaseGeometry, *, reach: float) -> Points:
    """Points moved to the nearest place on a trail or road; those too far from one are left out.

    Parameters
    ----------
    xy
        Metres, shape (n, 2).
    network
        Lines, in the same coordinates.
    reach
        Furthest that a station may be moved, metres.

    Examples
    --------
    >>> road = shapely.LineString([(0, 0), (5000, 0)])
    >>> snap(np.array([[1000.0, 300.0], [2000.0, 900.0]]), road, reach=500.0).tolist()
    [[1000.0, 0.0]]
    """
    lines = shapely.shortest_line(network, shapely.points(xy))
    near = shapely.length(lines) <= reach
    return np.asarray(shapely.get_coordinates(shapely.get_point(lines[near], 0)))


def within_reach(xy: Points, network: BaseGeometry, *, reach: float) -> Points:
    """The points that stand within reach of a trail or road.

    Parameters
    ----------
    xy
        Metres, shape (n, 2).
    network
        Lines, in the same coordinates.
    reach
        Furthest that anyone walks from it, metres.
    """
    return np.asarray(xy[shapely.distance(network, shapely.points(xy)) <= reach])


def spaced(xy: Points, *, least: float, fixed: Points | None = None) -> Points:
    """The points, taken in order, that keep a distance from those taken before.

    Parameters
    ----------
    xy
        Metres, shape (n, 2).
    least
        Least distance between stations, metres.
    fixed
        Stations that stand already; they come first in the result, and are all kept.

    Examples
    --------
    >>> spaced(np.array([[0.0, 0.0], [10.0, 0.0], [600.0, 0.0]]), least=500.0).tolist()
    [[0.0, 0.0], [600.0, 0.0]]
    """
    kept = [] if fixed is None else [np.asarray(point) for point in fixed]
    for point in xy:
        if not kept or np.hypot(*(np.array(kept) - point).T).min() >= least - 1e-9:
            kept.append(point)
    return np.array(kept).reshape(-1, 2)


def place(
    name: str,
    xy: Points,
    *,
    reserve: Region,
    exclude: Sequence[BaseGeometry] = (),
    network: BaseGeometry | None = None,
    reach: float = 500.0,
    snapped: bool = True,
    least: float = 0.0,
    fixed: Layout | None = None,
    cameras: int = 2,
) -> Layout:
    """A layout from a pattern, where the ground allows it.

    Parameters
    ----------
    name
        Name of the layout.
    xy
        The pattern, metres, shape (n, 2).
    reserve, exclude
        Where stations may stand.
    network
        Trails or roads: stations are moved to them, or those within reach are kept.
    reach
        Furthest from the network, metres.
    snapped
        Whether to move stations to the network.
    least
        Least distance between stations, metres.
    fixed
        Stations that stand already, kept wherever they are.
    cameras
        Cameras at each station.

    Raises
    ------
    LayoutError
        If no station is left, or the fixed ones are in another coordinate system.
    """
    area = allowed_area(reserve, exclude=exclude)
    if network is not None:
        move = snap if snapped else within_reach
        xy = move(np.asarray(xy, dtype=np.float64), network, reach=reach)
    xy = xy[shapely.intersects_xy(area, xy[:, 0], xy[:, 1])]
    if fixed is not None:
        require_same_crs([fixed], reserve.crs, of="the reserve")
    kept = spaced(xy, least=max(least, 1.0), fixed=None if fixed is None else fixed.xy)
    return make_layout(name, kept, crs=reserve.crs, cameras=cameras)
