"""In which coordinate system a layer is: told by its file, and held against its coordinates."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from scr.errors import MaskError
from scr.io.crs import LOCAL, crs_text, is_geographic
from scr.io.places import look_like_degrees

_HALF_TURN = 180.0


def check_names_system(layer: gpd.GeoDataFrame | gpd.GeoSeries, crs: str | None, name: str) -> None:
    """Raise where a layer that was read from a file does not say where on earth it lies.

    Parameters
    ----------
    layer
        As it stands in the file.
    crs
        Coordinate system wanted; files without one are right for ``"local"`` alone.
    name
        Name of the file.

    Raises
    ------
    MaskError
        If it names no coordinate system. Taken to be in that of the survey, it would lie elsewhere
        without a word if it were of another zone or datum.
    """
    if layer.crs is not None or crs == LOCAL:
        return
    degrees = look_like_degrees(np.asarray(layer.total_bounds).reshape(2, 2))
    seem = ", and its coordinates look like degrees" if degrees else ""
    there = f", while the survey is in {crs}" if crs else ""
    msg = (
        f"{name} has no coordinate system (a Shapefile without .prj?){seem}{there}. Save it again "
        "with the coordinate system that its coordinates are in."
    )
    raise MaskError(msg, kind="no coordinate system", source=name)


def system_of(layer: gpd.GeoSeries, *, crs: str, name: str) -> str:
    """The coordinate system of a layer, made sure to be one that can lead to ``crs``.

    Parameters
    ----------
    layer
        Its shapes; where it names no system it is taken to be in ``crs``.
    crs
        Planar coordinate system wanted, or ``"local"``.
    name
        Name used in messages.

    Raises
    ------
    MaskError
        If metres are called degrees or degrees would be taken for metres, or one side is
        ``"local"`` and the other is not.
    """
    own = crs_text(layer.crs)
    bounds = np.asarray(layer.total_bounds, dtype=np.float64)
    degrees = bool(np.nanmax(np.abs(bounds), initial=0.0) <= 360.0)
    if own is not None and is_geographic(own) and not degrees:
        if crs == LOCAL:
            return LOCAL
        msg = (
            f"{name} is taken to be in longitude and latitude ({own}), but its coordinates are as "
            f"large as {np.nanmax(np.abs(bounds)):.0f}. GeoJSON without a crs member means "
            f"degrees. Save it again with its coordinate system, as GeoPackage say."
        )
        raise MaskError(msg, kind="metres called degrees", source=name)
    if crs == LOCAL:
        if own is None:
            return LOCAL
        msg = (
            f'{name} is in {own}, but the survey is "local" (without a place on earth), so they '
            "cannot be laid over each other. Name the survey's projected coordinate system "
            "instead, or save the file without one."
        )
        raise MaskError(msg, kind="local and placed", source=name)
    if own is None and look_like_degrees(bounds.reshape(2, 2)):
        msg = (
            f"{name} has no coordinate system (a Shapefile without .prj?), and its coordinates "
            f"look like degrees, while the survey is in {crs}. Save it again with its coordinate "
            "system."
        )
        raise MaskError(msg, kind="no coordinate system", source=name)
    return crs if own is None else own


def across_antimeridian(features: list[BaseGeometry], crs: str) -> list[BaseGeometry]:
    """Features in degrees that reach across 180 degrees, with longitudes that go on beyond it.

    Parameters
    ----------
    features
        Shapes.
    crs
        Their coordinate system; shapes in metres stay as they are.
    """
    west, _, east, _ = shapely.total_bounds(features)
    if not is_geographic(crs) or east - west <= _HALF_TURN:
        return features

    def onward(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(
            [np.where(xy[:, 0] < 0, xy[:, 0] + 2 * _HALF_TURN, xy[:, 0]), xy[:, 1]]
        )

    moved = [shapely.transform(geometry, onward) for geometry in features]
    west, _, east, _ = shapely.total_bounds(moved)
    return moved if 0 < east - west < _HALF_TURN else features
