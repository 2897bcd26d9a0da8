"""A small map in a corner that shows where the large one lies."""

from collections.abc import Sequence

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from scr.io.crs import WGS84, reproject_geometry
from scr.maps.figures.backdrop import path_of
from scr.maps.figures.layout import INK, MM_PER_INCH

_SHARE, _LEAST_MM, _MOST_MM, _AWAY_MM = 0.26, 13.0, 28.0, 1.2
_TIMES_WIDER, _LEAST_REACH, _LEAST_MARK_MM = 9.0, 3.0, 1.0
_SEA, _LAND, _RED = "#e4eef5", "#bdbdbd", "#c1272d"


def add_locator(
    axes: Axes, land: Sequence[BaseGeometry], crs: str, *, shown: NDArray[np.float64]
) -> BaseGeometry | None:
    """Draw the land far round a map, with a red frame where the map is, in its emptiest corner.

    Parameters
    ----------
    axes
        The map, its limits and its place on the sheet set.
    land
        Polygons, longitude and latitude.
    crs
        Planar coordinate system of the map.
    shown
        Places that the small map should not hide, such as the cells, shape (n, 2).

    Returns
    -------
    shapely geometry or None
        Ground that it covers, in the coordinates of the map; None where there is no land to show.
    """
    figure = axes.get_figure(root=True)
    if figure is None or not land:
        return None
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    frame = reproject_geometry(shapely.box(west, south, east, north), crs, WGS84)
    low, high = _reach(frame, land)
    middle = np.radians((low[1] + high[1]) / 2)
    upright = float((high[1] - low[1]) / ((high[0] - low[0]) * np.cos(middle)))
    box = axes.get_position()
    size = np.array([box.width, box.height]) * figure.get_size_inches() * MM_PER_INCH
    width = float(np.clip(_SHARE * size[0], _LEAST_MM, _MOST_MM)) / max(1.0, upright) ** 0.5
    part = np.array([width, width * upright]) / size
    corner = _emptiest(axes, shown, part, away=_AWAY_MM / size)
    place = box.x0 + corner[0] * box.width, box.y0 + corner[1] * box.height
    inset = figure.add_axes((*place, part[0] * box.width, part[1] * box.height), zorder=8)
    inset.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), xticks=[], yticks=[])
    inset.set_facecolor(_SEA)
    for spine in inset.spines.values():
        spine.set(linewidth=0.5, color=INK)
    for polygon in land:
        cut = shapely.intersection(shapely.make_valid(polygon), shapely.box(*low, *high))
        if cut.area > 0:
            look = {"facecolor": _LAND, "edgecolor": "white", "linewidth": 0.4}
            inset.add_patch(PathPatch(path_of(cut), **look))
    _mark(inset, frame, per_mm=(high - low) / np.array([width, width * upright]))
    ground = np.array([west, south]) + corner * [east - west, north - south]
    return shapely.box(*ground, *(ground + part * [east - west, north - south]))


def _reach(
    frame: BaseGeometry, land: Sequence[BaseGeometry]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Corners of the small map: nine times as wide as the large one, where land is given."""
    bounds = np.array(frame.bounds)
    middle, half = (bounds[:2] + bounds[2:]) / 2, (bounds[2:] - bounds[:2]) / 2
    half = np.full(2, max(_TIMES_WIDER * float(half.max()), _LEAST_REACH))
    half[0] /= np.cos(np.radians(middle[1]))
    given = np.array(shapely.total_bounds(np.array(land, dtype=object)))
    low, high = np.maximum(middle - half, given[:2]), np.minimum(middle + half, given[2:])
    return np.minimum(low, bounds[:2]), np.maximum(high, bounds[2:])


def _emptiest(
    axes: Axes, shown: NDArray[np.float64], part: NDArray[np.float64], *, away: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Lower left of the corner with the fewest places, as shares of the map."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    places = (shown - [west, south]) / [east - west, north - south]
    corners = [
        np.array([x, y])
        for x in (1 - part[0] - away[0], away[0])
        for y in (away[1], 1 - part[1] - away[1])
    ]
    hidden = [
        int(((places >= corner - away) & (places <= corner + part + away)).all(axis=1).sum())
        for corner in corners
    ]
    return corners[int(np.argmin(hidden))]


def _mark(inset: Axes, frame: BaseGeometry, *, per_mm: NDArray[np.float64]) -> None:
    west, south, east, north = frame.bounds
    middle = np.array([(west + east) / 2, (south + north) / 2])
    size = np.maximum([east - west, north - south], _LEAST_MARK_MM * per_mm)
    x, y = middle - size / 2
    mark = Rectangle((x, y), *size, facecolor="none", edgecolor=_RED, linewidth=1.0)
    inset.add_patch(mark)
