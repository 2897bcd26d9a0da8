"""Lines of longitude and latitude on a map, with their degrees at its edges."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from scr.io.crs import WGS84, reproject_points
from scr.maps.figures.layout import INK, MM_PER_INCH

_STEPS_MINUTES = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1800)
_MM_APART = (13.5, 12.0)
"""Least distance of lines of longitude, and of latitude."""

_FROM_CORNER_MM = 3.2
"""Nearer to a corner a longitude is not written: it would reach beyond the map."""

_N_POINTS = 101
_LINE: dict[str, Any] = {"color": INK, "linewidth": 0.3, "alpha": 0.35, "zorder": 1.8}


def add_graticule(axes: Axes, crs: str) -> None:
    """Draw lines of longitude and latitude, and label them below and on the left.

    Parameters
    ----------
    axes
        The map, its limits and its place on the sheet set.
    crs
        Planar coordinate system with a place on earth.
    """
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    along = np.linspace(0.0, 1.0, _N_POINTS)
    x, y = west + along * (east - west), south + along * (north - south)
    sides = [(x, np.full_like(x, edge)) for edge in (south, north)]
    sides += [(np.full_like(y, edge), y) for edge in (west, east)]
    lonlat = reproject_points(np.concatenate([np.column_stack(side) for side in sides]), crs, WGS84)
    lon, lat = lonlat.T
    lon = np.degrees(np.unwrap(np.radians(lon - lon[0]))) + lon[0]
    box = axes.get_window_extent()
    size_mm = np.array([box.width, box.height]) / _dpi(axes) * MM_PER_INCH
    meridians = _values(lon, size_mm[0], _MM_APART[0])
    parallels = _values(lat, size_mm[1], _MM_APART[1])
    lats = np.linspace(max(lat.min() - 1, -89.9), min(lat.max() + 1, 89.9), _N_POINTS)
    lons = np.linspace(lon.min() - 1, lon.max() + 1, _N_POINTS)
    rim = _FROM_CORNER_MM * (east - west) / size_mm[0]
    marks: dict[str, list[tuple[float, str]]] = {"x": [], "y": []}
    for value in meridians:
        line = reproject_points(np.column_stack([np.full_like(lats, value), lats]), WGS84, crs)
        axes.plot(*line.T, **_LINE)
        at = float(np.interp(south, line[:, 1], line[:, 0]))
        if west + rim <= at <= east - rim:
            marks["x"].append((at, degrees_in_words(value, "EW")))
    for value in parallels:
        line = reproject_points(np.column_stack([lons, np.full_like(lons, value)]), WGS84, crs)
        axes.plot(*line.T, **_LINE)
        at = float(np.interp(west, line[:, 0], line[:, 1]))
        if south <= at <= north:
            marks["y"].append((at, degrees_in_words(value, "NS")))
    axes.set(xlim=(west, east), ylim=(south, north))
    axes.set_xticks([at for at, _ in marks["x"]], [text for _, text in marks["x"]])
    axes.set_yticks([at for at, _ in marks["y"]], [text for _, text in marks["y"]])


def degrees_in_words(degrees: float, sides: str) -> str:
    """Degrees and minutes, with the side of the equator or of Greenwich.

    Parameters
    ----------
    degrees
        Longitude or latitude.
    sides
        Letters for positive and negative, ``"EW"`` or ``"NS"``.

    Examples
    --------
    >>> degrees_in_words(130.5, "EW"), degrees_in_words(-7.0, "NS"), degrees_in_words(-181.0, "EW")
    ('130°30′E', '7°S', '179°E')
    """
    if sides == "EW":
        degrees = (degrees + 180.0) % 360.0 - 180.0
    minutes = round(abs(degrees) * 60)
    whole, rest = divmod(minutes, 60)
    side = "" if minutes == 0 else sides[0] if degrees > 0 else sides[1]
    return f"{whole}°{f'{rest:02d}′' if rest else ''}{side}"


def _values(values: NDArray[np.float64], size_mm: float, apart_mm: float) -> NDArray[np.float64]:
    """Round values of which as many lie on the map as there is room for."""
    low, high = float(values.min()), float(values.max())
    most = max(1.0, size_mm / apart_mm)
    step = next(
        (m / 60 for m in _STEPS_MINUTES if (high - low) / (m / 60) <= most), _STEPS_MINUTES[-1] / 60
    )
    return step * np.arange(np.ceil(low / step), np.floor(high / step) + 1)


def _dpi(axes: Axes) -> float:
    figure = axes.get_figure(root=True)
    return 100.0 if figure is None else figure.dpi
