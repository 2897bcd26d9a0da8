"""What the interactive map tells of a place: its numbers, its zones, longitude and latitude."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from bokeh.models import ColumnDataSource, CustomJS, CustomJSHover, GlyphRenderer, HoverTool
from numpy.typing import NDArray

from scr.habitat.region import Region
from scr.io.crs import LOCAL, WGS84, reproject_points

_REACH, _INK = 8, "#1a1a1a"
_OFF_STATIONS = """
export default ({plot, discs, reach}, _tool, {vars}) => {
    if (!discs.visible) return true;
    const {x, y} = discs.data_source.data;
    const metres = reach * (plot.x_range.end - plot.x_range.start) / plot.inner_width;
    return !Array.from(x).some((at, i) => Math.hypot(at - vars.x, y[i] - vars.y) <= metres);
};
"""
_DEGREES = "@lon{0.0000}, @lat{0.0000}"


def columns_of_place(
    xy: NDArray[np.float64], crs: str, regions: Sequence[Region]
) -> tuple[dict[str, NDArray[Any]], list[str]]:
    """Longitude, latitude and zone of places, small enough for a page.

    Parameters
    ----------
    xy
        Places, metres, shape (n, 2).
    crs
        Their coordinate system; one without a place on earth gives no longitude.
    regions
        Zones, in the same system.

    Returns
    -------
    tuple
        Columns ``lon``, ``lat`` and ``zone``, and what each number of ``zone`` means; ``zone`` is
        left out where there are no regions.
    """
    columns: dict[str, NDArray[Any]] = {}
    if crs != LOCAL:
        lonlat = reproject_points(xy, crs, WGS84).astype(np.float32)
        columns |= {"lon": lonlat[:, 0], "lat": lonlat[:, 1]}
    if not regions:
        return columns, []
    points = shapely.points(xy)
    inside = np.array([shapely.intersects(region.geometry, points) for region in regions])
    kinds, zone = np.unique(inside, axis=1, return_inverse=True)
    columns["zone"] = zone.reshape(-1).astype(np.uint16)
    names = [
        ", ".join(r.name for r, is_in in zip(regions, kind, strict=True) if is_in) or "none"
        for kind in kinds.T
    ]
    return columns, names


def tip(
    renderer: GlyphRenderer, lines: Sequence[tuple[str, str]], zones: Sequence[str]
) -> HoverTool:
    """The box beside the pointer: what is told of a place, then zone, longitude and latitude.

    Parameters
    ----------
    renderer
        What the pointer has to be on; its source has the columns of ``columns_of_place``.
    lines
        Name and value of each line, in the way of Bokeh's tooltips.
    zones
        From ``columns_of_place``.
    """
    where = []
    if zones:
        where.append(("Zone", "@zone{custom}"))
    if "lon" in renderer.data_source.data:
        where.append(("Longitude, latitude", _DEGREES))
    names = CustomJSHover(args={"names": list(zones)}, code="return names[value];")
    return HoverTool(
        renderers=[renderer],
        tooltips=[*lines, *where],
        formatters={"@zone": names} if zones else {},
        point_policy="follow_mouse",
        show_arrow=False,
    )


def draw_stations(
    plot: Any,
    stations: pd.DataFrame,
    crs: str,
    regions: Sequence[Region],
    *,
    tips: Sequence[HoverTool],
) -> None:
    """Stations as crosses that tell their names and effort. Not for the public.

    Parameters
    ----------
    plot
        The map.
    stations
        Columns x and y, metres, station and effort.
    crs
        Coordinate system of the map.
    regions
        Zones, in that system.
    tips
        Of the cells; on a station they are silent.
    """
    xy = stations[["x", "y"]].to_numpy(dtype=np.float64)
    columns, zones = columns_of_place(xy, crs, regions)
    source = ColumnDataSource({name: stations[name].to_numpy() for name in stations} | columns)
    crosses = plot.scatter(
        "x", "y", source=source, marker="cross", size=7, color=_INK, legend_label="stations"
    )
    # A cross is thin: what answers to the pointer is the disc about it.
    discs = plot.scatter("x", "y", source=source, size=2 * _REACH, fill_alpha=0, line_alpha=0)
    crosses.js_link("visible", discs, "visible")
    plot.add_tools(tip(discs, [("Station", "@station"), ("Effort, days", "@effort")], zones))
    silent = CustomJS(args={"plot": plot, "discs": discs, "reach": _REACH}, code=_OFF_STATIONS)
    for of_cells in tips:
        of_cells.filters = {"$x": silent}
