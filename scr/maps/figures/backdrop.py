"""The user's own layers on a map: relief, water, rivers, roads, borders and towns."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from shapely.geometry.base import BaseGeometry

from scr.io.map_layers import MapLayers
from scr.maps.figures.hillshade import add_hillshade
from scr.maps.figures.labels import Name
from scr.maps.figures.layout import INK, SMALL_PT

_SHADE_AT = 1.2
_CASING = 1.0


@dataclass(frozen=True)
class _Look:
    """How a layer is drawn, what its legend calls it, and the letters of its names."""

    word: str
    zorder: float
    line: dict[str, Any] = field(default_factory=dict)
    fill: str | None = None
    letters: dict[str, Any] = field(default_factory=dict)
    size_pt: float = SMALL_PT - 0.5


_LOOKS = {
    "water": _Look(
        "Water", 1.4, {"color": "#86b4d6", "linewidth": 0.3}, "#cfe2f0",
        {"color": "#2f6690", "style": "italic"},
    ),
    "rivers": _Look(
        "River", 2.0, {"color": "#3f87bd", "linewidth": 0.7}, "#cfe2f0",
        {"color": "#2f6690", "style": "italic"},
    ),
    "roads": _Look(
        "Road", 2.2, {"color": "#8a5a2c", "linewidth": 0.6}, letters={"color": "#6b431d"},
    ),
    "borders": _Look(
        "Border", 2.4, {"color": "#5f4b6b", "linewidth": 0.9, "linestyle": (0, (6, 1.5, 1, 1.5))},
        letters={"color": "#5f4b6b", "style": "italic"},
    ),
    "towns": _Look("Town", 5.5, {"color": INK}, letters={"color": INK}, size_pt=SMALL_PT),
}  # fmt: skip
_TOWN: dict[str, Any] = {"marker": "s", "ms": 2.6, "mfc": INK, "mec": "white", "mew": 0.4}


def add_layers(axes: Axes, layers: MapLayers) -> None:
    """Draw layers over the colours of the cells, from water up to towns.

    Parameters
    ----------
    axes
        The map, its limits set.
    layers
        In its coordinates.
    """
    if layers.relief is not None:
        add_hillshade(axes, layers.relief, zorder=_SHADE_AT)
    window = _window(axes)
    for kind, shape, _ in _shown(layers, window):
        look = _LOOKS[kind]
        if kind == "towns":
            x, y = shapely.get_coordinates(shapely.centroid(shapely.get_parts(shape))).T
            axes.plot(x, y, linestyle="none", zorder=look.zorder, **_TOWN)
            continue
        areas = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
        if look.fill is not None and areas:
            edge = {"facecolor": look.fill, "edgecolor": look.line["color"]}
            width = look.line["linewidth"] if kind == "water" else 0.0
            path = path_of(shapely.MultiPolygon(areas))
            axes.add_patch(PathPatch(path, zorder=look.zorder, linewidth=width, **edge))
            continue
        casing = [withStroke(linewidth=look.line["linewidth"] + _CASING, foreground="#ffffffb0")]
        for line in _lines(shape):
            x, y = shapely.get_coordinates(line).T
            axes.plot(x, y, zorder=look.zorder, path_effects=casing, **look.line)


def layer_handles(
    axes_bounds: tuple[float, float, float, float], layers: MapLayers
) -> list[Artist]:
    """Entries of the legend, one for each layer that the map shows.

    Parameters
    ----------
    axes_bounds
        West, south, east and north of the map.
    layers
        In its coordinates.
    """
    found = {kind for kind, _, _ in _shown(layers, shapely.box(*axes_bounds))}
    return [_handle(kind, look) for kind, look in _LOOKS.items() if kind in found]


def names_of(axes: Axes, layers: MapLayers) -> list[Name]:
    """Names of what the map shows, those of towns first, then of lines and of water.

    Parameters
    ----------
    axes
        The map, its limits set.
    layers
        In its coordinates.
    """
    found = list(_shown(layers, _window(axes)))
    order = ("towns", "rivers", "water", "borders", "roads")
    seen: set[tuple[str, str]] = set()
    names = []
    for kind, shape, name in sorted(found, key=lambda item: order.index(item[0])):
        if not name or (kind, name) in seen:
            continue
        seen.add((kind, name))
        look = _LOOKS[kind]
        place = shapely.centroid(shape) if kind == "towns" else shape
        names.append(Name(name, place, look.size_pt, look.letters))
    return names


def marks_of(axes: Axes, layers: MapLayers, *, reach: float) -> list[BaseGeometry]:
    """Ground of the marks of towns, which no name may cover.

    Parameters
    ----------
    axes, layers
        As for ``names_of``.
    reach
        Half the width of a mark, metres.
    """
    return [
        shapely.box(*(np.array(point) - reach), *(np.array(point) + reach))
        for kind, shape, _ in _shown(layers, _window(axes))
        if kind == "towns"
        for point in shapely.get_coordinates(shapely.centroid(shapely.get_parts(shape))).tolist()
    ]


def lines_of(axes: Axes, layers: MapLayers) -> list[BaseGeometry]:
    """Lines of the layers, which names cover only where there is no other place.

    Parameters
    ----------
    axes, layers
        As for ``names_of``.
    """
    shown = _shown(layers, _window(axes))
    return [line for kind, shape, _ in shown if kind != "towns" for line in _lines(shape)]


def path_of(shape: BaseGeometry) -> Path:
    """A polygon with its holes as one path.

    Parameters
    ----------
    shape
        Polygon or MultiPolygon.
    """
    rings = [
        np.asarray(shapely.get_coordinates(ring))
        for part in shapely.get_parts(shape)
        if part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    ]
    return Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))


def _shown(layers: MapLayers, window: BaseGeometry) -> Iterator[tuple[str, BaseGeometry, str]]:
    """Kind, shape and name of what lies in the window, cut at its edge."""
    for kind, features in layers.features.items():
        for feature in features:
            shape = shapely.intersection(feature.geometry, window)
            if not shape.is_empty:
                yield kind, shape, feature.name


def _lines(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    for part in shapely.get_parts(shape):
        edges = shapely.boundary(part) if part.geom_type == "Polygon" else part
        yield from (line for line in shapely.get_parts(edges) if line.geom_type != "Point")


def _window(axes: Axes) -> BaseGeometry:
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    return shapely.box(west, south, east, north)


def _handle(kind: str, look: _Look) -> Artist:
    if kind == "towns":
        return Line2D([], [], linestyle="none", label=look.word, **_TOWN)
    if kind == "water":
        return Patch(facecolor=look.fill, edgecolor=look.line["color"], lw=0.4, label=look.word)
    return Line2D([], [], label=look.word, **look.line)
