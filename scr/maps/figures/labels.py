"""Names on a map, placed so that none touches another."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from scr.maps.figures.layout import INK, MM_PER_INCH
from scr.maps.wording import text_width

_HEIGHT_OF_LETTERS, _MM_PER_POINT = 1.15, MM_PER_INCH / 72
_AWAY_MM, _ROOM_MM, _OFF_LINE_MM = 1.3, 0.35, 0.9
_ALONG = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9)
_HALO = 1.3


@dataclass(frozen=True, eq=False)
class Name:
    """A name, and what it belongs to.

    Parameters
    ----------
    text
        What is written.
    geometry
        Point, line or polygon, in the coordinates of the map.
    size_pt
        Size of the letters, points.
    look
        Colour and style of the letters.
    """

    text: str
    geometry: BaseGeometry
    size_pt: float
    look: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Place:
    """Middle of a name on the map, millimetres from its lower left corner, and its turn."""

    x: float
    y: float
    degrees: float = 0.0


def add_names(
    axes: Axes,
    names: Sequence[Name],
    *,
    taken: Sequence[BaseGeometry] = (),
    better_free: Sequence[BaseGeometry] = (),
    zorder: float = 7.0,
) -> list[str]:
    """Write names where there is room; those without any are left out.

    Points have their name beside them, lines along them, polygons within.

    Parameters
    ----------
    axes
        The map, its limits and its place on the sheet set.
    names
        In the order of their importance: the first has the first choice.
    taken
        What no name may cover, in the coordinates of the map.
    better_free
        What a name covers only where there is no better place: lines, and ground of interest.
    zorder
        Where names stand among what is drawn.

    Returns
    -------
    list
        The names written.
    """
    sheet = _OnSheet.of(axes)
    window = shapely.box(0.0, 0.0, *sheet.size)
    used = [sheet.in_mm(shape) for shape in taken]
    spared = [sheet.in_mm(shape) for shape in better_free]
    written = []
    for name in names:
        shape = shapely.intersection(sheet.in_mm(name.geometry), window)
        if shape.is_empty:
            continue
        free = [
            (place, box)
            for place in _places(name, shape)
            if (box := _box(name, place)).within(window)
            and not any(box.intersects(other) for other in used)
        ]
        if not free:
            continue
        place, box = min(free, key=lambda found: _hidden(found[1], spared))
        used.append(box)
        written.append(name.text)
        _write(axes, name, place, sheet, zorder)
    return written


@dataclass(frozen=True, eq=False)
class _OnSheet:
    """From the coordinates of a map to millimetres on the sheet."""

    corner: NDArray[np.float64]
    per_mm: NDArray[np.float64]
    size: tuple[float, float]

    @classmethod
    def of(cls, axes: Axes) -> "_OnSheet":
        box = axes.get_window_extent()
        figure = axes.get_figure(root=True)
        dpi = 100.0 if figure is None else figure.dpi
        size = np.array([box.width, box.height]) / dpi * MM_PER_INCH
        (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
        per_mm = np.array([east - west, north - south]) / size
        return cls(np.array([west, south]), per_mm, (float(size[0]), float(size[1])))

    def in_mm(self, shape: BaseGeometry) -> BaseGeometry:
        return shapely.transform(shape, lambda xy: (xy - self.corner) / self.per_mm)

    def on_map(self, place: _Place) -> tuple[float, float]:
        x, y = self.corner + np.array([place.x, place.y]) * self.per_mm
        return float(x), float(y)


def _places(name: Name, shape: BaseGeometry) -> Iterable[_Place]:
    """Where a name may stand, the best places first."""
    kind = shape.geom_type
    if kind in {"Point", "MultiPoint"}:
        return _beside(name, shapely.get_parts(shape)[0])
    shape = shapely.line_merge(shape) if kind == "MultiLineString" else shape
    largest = max(shapely.get_parts(shape), key=lambda part: part.area or part.length)
    if largest.geom_type == "Polygon":
        middle = shapely.point_on_surface(largest)
        return [_Place(middle.x, middle.y), _Place(*largest.centroid.coords[0])]
    return _along(name, largest) if largest.length > _width(name) else []


def _beside(name: Name, point: BaseGeometry) -> Iterator[_Place]:
    """Right, left, above, below, then the corners."""
    half = _width(name) / 2, _height(name) / 2
    for right, up in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)):
        slant = 0.75 if right and up else 1.0
        yield _Place(
            point.x + right * (half[0] + slant * _AWAY_MM),
            point.y + up * (half[1] + slant * _AWAY_MM),
        )


def _along(name: Name, line: BaseGeometry) -> Iterator[_Place]:
    """On both sides of the line, as it runs over the length of the name; read from the left."""
    half = _width(name) / 2
    off = _OFF_LINE_MM + _height(name) / 2
    for share in _ALONG:
        at = float(np.clip(share * line.length, half, line.length - half))
        first, last = (
            np.array(shapely.line_interpolate_point(line, at + step).coords[0])
            for step in (-half, half)
        )
        dx, dy = last - first
        if dx < 0:
            dx, dy = -dx, -dy
        length = float(np.hypot(dx, dy))
        if length < half:
            continue  # the line winds too much for a name
        middle = (first + last) / 2
        for side in (1.0, -1.0):
            x, y = middle + side * off * np.array([-dy, dx]) / length
            yield _Place(float(x), float(y), float(np.degrees(np.arctan2(dy, dx))))


def _box(name: Name, place: _Place) -> BaseGeometry:
    """Ground that a name covers, upright: that of a slanting one is a little too large."""
    half = _width(name) / 2 + _ROOM_MM, _height(name) / 2 + _ROOM_MM
    box = shapely.box(place.x - half[0], place.y - half[1], place.x + half[0], place.y + half[1])
    return shapely.envelope(affinity.rotate(box, place.degrees))


def _hidden(box: BaseGeometry, shapes: Sequence[BaseGeometry]) -> float:
    """How much of lines and ground a name covers, millimetres and their squares."""
    cut = shapely.intersection(box, np.array(shapes, dtype=object))
    return float(shapely.length(cut).sum() + shapely.area(cut).sum())


def _width(name: Name) -> float:
    return text_width(name.text, name.size_pt)


def _height(name: Name) -> float:
    return _HEIGHT_OF_LETTERS * name.size_pt * _MM_PER_POINT


def _write(axes: Axes, name: Name, place: _Place, sheet: _OnSheet, zorder: float) -> None:
    axes.text(
        *sheet.on_map(place),
        name.text,
        size=name.size_pt,
        rotation=place.degrees,
        rotation_mode="anchor",
        ha="center",
        va="center",
        zorder=zorder,
        path_effects=[withStroke(linewidth=_HALO, foreground="white")],
        **{"color": INK, **name.look},
    )
