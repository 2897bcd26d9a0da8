"""The map of the page: ground, what stands on it, and stations that can be moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from bokeh.models import (
    ColorBar,
    ColumnDataSource,
    HoverTool,
    LabelSet,
    LinearColorMapper,
    PointDrawTool,
)
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from scr.habitat.cells import cell_side
from scr.layout_page.board import Board
from scr.layout_page.desk import Desk
from scr.maps.figures.hillshade import shadow
from scr.maps.figures.interactive import draw_outlines, empty_map, palette_of
from trap_layouts.layout import Layout

SEEN = "Chance of being photographed"
"""The layer of the present layout."""

DENSITY = "Density assumed, animals per 100 km²"

_INK, _TWO, _ONE, _WATER = "#1a1a1a", "#d1495b", "#ffffff", "#cfe2f0"
_LINES = {
    "rivers": ("#3f87bd", 1.0, "solid"),
    "roads": ("#8a5a2c", 1.2, "solid"),
    "borders": ("#5f4b6b", 1.2, "dashdot"),
}
_SIZE, _MOST_PIXELS = 13, 400


@dataclass(frozen=True, eq=False)
class MapView:
    """What the page changes on its map.

    Parameters
    ----------
    plot
        The map.
    cells
        Source of the picture of cells, None where cells are on no grid.
    mapper
        Its colours.
    bar
        Their key.
    stations
        Source of the stations: columns x, y, name, fill, marker.
    names
        Labels of stations.
    index
        Column and row of each cell, shape (n_cells, 2).
    """

    plot: Any
    cells: Any
    mapper: Any
    bar: Any
    stations: Any
    names: Any
    index: NDArray[np.int64]


def build_map(desk: Desk, board: Board) -> MapView:
    """The map with a layout on it.

    Parameters
    ----------
    desk
        Plan and ground.
    board
        The layout.
    """
    plot = empty_map(desk.plan.crs, by_finger=False)
    plot.min_border_left = 44
    mapper = LinearColorMapper(palette=palette_of("YlGnBu"), low=0, high=1, nan_color="#00000000")
    cells, index = _draw_cells(plot, desk, mapper)
    if desk.layers is not None and desk.layers.relief is not None:
        _draw_relief(plot, desk.layers.relief)
    _draw_layers(plot, desk)
    before = len(plot.renderers)
    draw_outlines(plot, [desk.plan.reserve])
    outlines = plot.renderers[before:]
    for polygon in desk.zones:
        _multi_line(plot, polygon, line_color="#e69f00", line_dash="dashed", line_width=1.5)
    if desk.rules.candidates is not None:
        x, y = desk.rules.candidates.xy.T
        plot.scatter(x, y, size=4, color="#555555", legend_label="places for stations")
    start = plot.scatter(
        *desk.start.xy.T, marker="x", size=7, color="#555555", legend_label="layout at start"
    )
    plot.x_range.renderers = plot.y_range.renderers = [start, *outlines]  # and not what moves
    stations = ColumnDataSource(station_columns(board, desk.fixed))
    drawn = plot.scatter(
        "x", "y", source=stations, size=_SIZE, marker={"field": "marker"}, fill_color="fill",
        line_color=_INK, line_width=1.5, nonselection_fill_alpha=1.0, nonselection_line_alpha=1.0,
        selection_line_color="#0050b3", selection_line_width=4.0,
    )  # fmt: skip
    names = LabelSet(
        x="x", y="y", text="name", source=stations, x_offset=7, y_offset=5, visible=False,
        text_font_size="11px", background_fill_color="white", background_fill_alpha=0.7,
    )  # fmt: skip
    plot.add_layout(names)
    tool = PointDrawTool(
        renderers=[drawn], add=False, drag=True, description="Move stations",
        default_overrides={"name": "", "fill": _TWO, "marker": "circle", "cameras": 2},
    )  # fmt: skip
    plot.add_tools(tool, HoverTool(
        renderers=[drawn], point_policy="follow_mouse",
        tooltips=[("Station", "@name"), ("Cameras", "@cameras")],
    ))  # fmt: skip
    plot.toolbar.active_drag = tool
    plot.toolbar.active_tap = tool
    bar = ColorBar(color_mapper=mapper, title=SEEN, height=10, padding=8)
    plot.add_layout(bar, "below")
    key = plot.legend[0]
    key.click_policy, key.ncols, key.padding, key.border_line_color = "hide", 2, 1, None
    key.label_text_font_size, key.glyph_width, key.spacing, key.label_standoff = "10px", 14, 2, 3
    plot.add_layout(key, "above")
    return MapView(plot, cells, mapper, bar, stations, names, index)


def station_columns(board: Board, fixed: frozenset[str]) -> dict[str, list[Any]]:
    """Columns of the stations' source.

    Parameters
    ----------
    board
        The layout.
    fixed
        Names of stations that stand already.
    """
    layout = board.layout
    names = [str(name) for name in layout.traps.names]
    cameras = [int(number) for number in np.asarray(layout.cameras)]
    return {
        "x": layout.xy[:, 0].tolist(),
        "y": layout.xy[:, 1].tolist(),
        "name": names,
        "cameras": cameras,
        "fill": [_TWO if number == 2 else _ONE for number in cameras],
        "marker": [_marker(name, board, fixed) for name in names],
    }


def show_layer(
    view: MapView, label: str, values: NDArray[np.float64], limits: tuple[float, float]
) -> None:
    """Colour the cells by a layer.

    Parameters
    ----------
    view
        The map.
    label
        Title of the key.
    values
        One for each cell, shape (n_cells,).
    limits
        Of the colours.
    """
    if view.cells is None:
        return
    view.mapper.low, view.mapper.high = limits[0], max(limits[1], limits[0] + 1e-12)
    view.bar.title = label
    view.cells.data = {**view.cells.data, "image": [_grid(view.index, values)]}


def layers_of(desk: Desk) -> Mapping[str, NDArray[np.float64]]:
    """Covariates of the mask that are numbers, by name.

    Parameters
    ----------
    desk
        Plan and ground.
    """
    table = desk.mask.covariates.select_dtypes("number")
    return {str(name): table[name].to_numpy(dtype=np.float64) for name in table.columns}


def same_places(layout: Layout, x: list[float], y: list[float]) -> NDArray[np.bool_]:
    """Whether stations are where a source of the same order has them.

    Parameters
    ----------
    layout
        The stations.
    x, y
        Coordinates of the source.
    """
    return np.asarray((layout.xy == np.column_stack([x, y])).all(axis=1))


def _marker(name: str, board: Board, fixed: frozenset[str]) -> str:
    if name in fixed:
        return "square"
    return "diamond" if name in board.locked else "circle"


def _grid(index: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float32]:
    grid = np.full(tuple(index.max(axis=0)[::-1] + 1), np.nan, dtype=np.float32)
    grid[index[:, 1], index[:, 0]] = values
    return grid


def _draw_cells(
    plot: Any, desk: Desk, mapper: LinearColorMapper
) -> tuple[ColumnDataSource | None, NDArray[np.int64]]:
    mask = desk.mask
    if mask.spacing is None:
        return None, np.zeros((0, 2), dtype=np.int64)
    side = float(cell_side(mask)[0])
    first = mask.xy.min(axis=0)
    index = np.rint((mask.xy - first) / side).astype(np.int64)
    grid = _grid(index, np.zeros(len(mask)))
    (n_rows, n_columns), (x, y) = grid.shape, first - side / 2
    source = ColumnDataSource({
        "image": [grid], "x": [x], "y": [y], "dw": [n_columns * side], "dh": [n_rows * side],
    })  # fmt: skip
    plot.image("image", x="x", y="y", dw="dw", dh="dh", source=source, color_mapper=mapper)
    return source, index


def _draw_relief(plot: Any, relief: Any) -> None:
    every = max(1, -(-max(relief.heights.shape) // _MOST_PIXELS))
    rgba = (255 * shadow(relief)[::every, ::every]).astype(np.uint8)[::-1]
    packed = np.ascontiguousarray(rgba).view(np.uint32).reshape(rgba.shape[:2])
    west, south, east, north = relief.bounds
    plot.image_rgba([packed], x=west, y=south, dw=east - west, dh=north - south)


def _draw_layers(plot: Any, desk: Desk) -> None:
    (west, south), (east, north) = desk.mask.xy.min(axis=0), desk.mask.xy.max(axis=0)
    for polygon in shapely.clip_by_rect(list(desk.plan.exclude), west, south, east, north):
        _patches(plot, polygon, fill_color=None, hatch_pattern="/", hatch_color="#8c8c8c",
                 line_color="#8c8c8c", legend_label="no station here")  # fmt: skip
    features = {} if desk.layers is None else desk.layers.features
    for kind, many in features.items():
        for feature in many:
            if kind in {"water", "rivers"} and feature.geometry.area > 0:
                _patches(plot, feature.geometry, fill_color=_WATER, line_color="#86b4d6")
            elif kind in _LINES:
                colour, width, dash = _LINES[kind]
                _multi_line(plot, feature.geometry, line_color=colour, line_width=width,
                            line_dash=dash, legend_label=kind)  # fmt: skip
            elif kind == "towns":
                point = feature.geometry.centroid
                plot.scatter([point.x], [point.y], marker="square", size=5, color=_INK)
    if desk.rules.network is not None:
        _multi_line(plot, desk.rules.network, line_color="#8a5a2c", line_width=1.2,
                    line_dash="dotted", legend_label="trails and roads")  # fmt: skip


def _multi_line(plot: Any, shape: BaseGeometry, **look: Any) -> None:
    lines = [part if part.length else None for part in _line_parts(shape)]
    corners = [shapely.get_coordinates(line) for line in lines if line is not None]
    plot.multi_line([c[:, 0] for c in corners], [c[:, 1] for c in corners], **look)


def _line_parts(shape: BaseGeometry) -> list[Any]:
    parts = shapely.get_parts(shape)
    polygons = [part for part in parts if part.geom_type == "Polygon"]
    edges = shapely.get_parts(shapely.boundary(polygons)).tolist() if polygons else []
    return [part for part in parts if part.geom_type.startswith("Line")] + edges


def _patches(plot: Any, shape: BaseGeometry, **look: Any) -> None:
    xs, ys = [], []
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            rings = [shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors)]
            xs.append([[ring[:, 0] for ring in rings]])
            ys.append([[ring[:, 1] for ring in rings]])
    if xs:
        plot.multi_polygons(xs, ys, **look)
