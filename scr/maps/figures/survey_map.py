"""Where a survey stood: stations by name, the reserve and the cells of the mask."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from shapely import MultiPoint, Point

from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.maps.figures.furniture import (
    add_legend,
    add_north_arrow,
    add_outlines,
    add_scale_bar,
    add_ticks,
    add_traps,
    legend_rows,
    outline_handles,
    trap_handle,
)
from scr.maps.figures.labels import Name, add_names
from scr.maps.figures.layout import Heading, Panels, map_sheet
from scr.maps.figures.plots import bounds_of
from scr.maps.figures.shading import draw_cells
from scr.maps.figures.style import MapStyle
from scr.maps.wording import LETTERS, as_sentence
from scr.survey.detectors import worded
from scr.survey.traps import Traps

_MOST_NAMES, _NAME_PT = 60, 4.5
_MARGIN, _LEAST_MARGIN_M = 0.08, 500.0
_NAMED: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "ms": 5.0,
    "mfc": "none",
    "mec": "#b2182b",
    "mew": 1.0,
}
_CELLS: dict[str, Any] = {
    "linestyle": "none",
    "marker": "s",
    "ms": 4.0,
    "mec": "none",
    "color": "#d9ead3",
}


@rc_context(LETTERS)
def plot_survey(
    traps: Traps,
    mask: HabitatMask | None = None,
    *,
    regions: Sequence[Region] = (),
    marked: Collection[str] = (),
    style: MapStyle | None = None,
) -> Figure:
    """Stations, reserve and mask of a survey. It is private: it shows stations.

    Parameters
    ----------
    traps
        Stations; those of all sessions are drawn. Names are written where there are 60 or fewer and
        there is room, those of ``marked`` first.
    mask
        Cells in which activity centres can lie, or None.
    regions
        Outlines to draw, such as the reserve.
    marked
        Names of stations to ring, such as those with a trouble.
    style
        Subject, banner, width and bounds; stations, cells and outlines if ``bounds`` is left out.

    Returns
    -------
    Figure
        Give it to ``save_figure``.
    """
    style = style or MapStyle()
    outlines = [region.in_crs(traps.crs) for region in regions]
    ringed = np.isin(traps.names.astype(str), list(marked))
    handles = [
        trap_handle(traps.parts),
        *([Line2D([], [], label="With a trouble", **_NAMED)] if ringed.any() else []),
        *([Line2D([], [], label="Habitat mask", **_CELLS)] if mask is not None else []),
        *outline_handles(outlines),
    ]
    sheet = map_sheet(
        style.bounds or _bounds(traps, mask, outlines),
        width_mm=style.width_mm,
        heading=Heading(
            worded("Stations and habitat mask", traps.searched),
            _details(traps, mask, style),
            style.banner,
        ),
        n_legend_lines=legend_rows(handles, style.width_mm),
        among=Panels(bars="none"),
    )
    axes = sheet.map_axes
    if mask is not None:
        level = np.full(len(mask), 0.2)
        draw_cells(axes, mask, level, norm=Normalize(0, 1), cmap="Greens")
    add_outlines(axes, outlines)
    add_traps(axes, traps.xy if traps.parts is None else traps.parts)
    axes.plot(*traps.xy[ringed].T, zorder=6, **_NAMED)
    _write_names(axes, traps, ringed)
    add_ticks(axes, traps.crs)
    add_scale_bar(sheet)
    add_north_arrow(sheet, traps.crs)
    add_legend(sheet, handles, style.width_mm)
    return sheet.figure


def _bounds(
    traps: Traps, mask: HabitatMask | None, outlines: Sequence[Region]
) -> tuple[float, float, float, float]:
    xy = traps.ground
    (west, south), (east, north) = xy.min(axis=0), xy.max(axis=0)
    margin = max(_MARGIN * max(east - west, north - south), _LEAST_MARGIN_M)
    boxes = [(west - margin, south - margin, east + margin, north + margin)]
    if mask is not None:
        boxes.append(bounds_of(mask, outlines))
    boxes += [region.geometry.bounds for region in outlines]
    table = np.array(boxes)
    low, high = table[:, :2].min(axis=0), table[:, 2:].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _write_names(axes: Axes, traps: Traps, ringed: NDArray[np.bool_]) -> None:
    """Names of stations, of many those of the ringed ones alone, each once and with room."""
    few = len(set(traps.names)) <= _MOST_NAMES
    ringed_first = np.argsort(~ringed, kind="stable")
    wanted = ringed_first if few else ringed_first[: ringed.sum()]
    places = {(str(traps.names[k]), tuple(traps.xy[k].tolist())): None for k in wanted}
    names = [Name(name, Point(xy), _NAME_PT) for name, xy in [*places][:_MOST_NAMES]]
    add_names(axes, names, taken=[MultiPoint(traps.xy)])


def _details(traps: Traps, mask: HabitatMask | None, style: MapStyle) -> str:
    what = f"searched {traps.searched}" if traps.searched else "stations"
    parts = [style.subject, f"{len(traps):,} {what}"]
    if len(traps.sessions) > 1:
        parts.append(f"{len(traps.sessions)} sessions")
    if mask is not None:
        parts.append(f"{len(mask):,} cells, {mask.area:,.0f} km²")
    return as_sentence(parts)
