"""Figures for publication: one map to a figure, and the detection function."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from scr.habitat.cells import cell_side
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.maps.furniture import (
    add_north_arrow,
    add_outline,
    add_scale_bar,
    add_ticks,
    outline_handles,
)
from scr.maps.grid import grid_of
from scr.maps.layout import COLUMN_WIDTH_MM, INK, SMALL_PT, TEXT_PT, Heading, Sheet, map_sheet
from scr.maps.writing import written_whole
from scr.posterior.footprint import take_cells
from scr.posterior.surface import Surface

_MARGIN, _ROOM = 0.03, 0.25
_CLIPPED_SHARE, _MUCH_LESS = 0.002, 0.7
_COLOURS = {"cv": "cividis", "sd": "cividis"}
_COLUMN_WORDS = {
    "median": "median",
    "mean": "mean",
    "sd": "standard deviation",
    "cv": "coefficient of variation",
    "q2.5": "2.5 % quantile",
    "q25": "25 % quantile",
    "q75": "75 % quantile",
    "q97.5": "97.5 % quantile",
}


@dataclass(frozen=True, eq=False)
class MapStyle:
    """How a map is drawn.

    Parameters
    ----------
    subject
        What the survey is called; put on the second line.
    banner
        Text stamped on the figure, such as ``"SIMULATED"``.
    width_mm
        Width of the figure, millimetres: 85 for a column, 174 for a page.
    limits
        Smallest and largest value of the colours; from 0 to nearly the largest value if left out.
    bounds
        West, south, east and north of the map, metres; all cells and outlines if left out.
    colours
        Name of a matplotlib colour map; one that colour-blind readers can read if left out.
    """

    subject: str | None = None
    banner: str | None = None
    width_mm: float = COLUMN_WIDTH_MM
    limits: tuple[float, float] | None = None
    bounds: tuple[float, float, float, float] | None = None
    colours: str | None = None


def plot_surface(
    surface: Surface,
    *,
    column: str | None = None,
    regions: Sequence[Region] = (),
    traps: NDArray[np.float64] | None = None,
    style: MapStyle | None = None,
) -> Figure:
    """A map for publication: colours, outlines, scale bar, north arrow and colour bar.

    Parameters
    ----------
    surface
        What to draw.
    column
        Column of its summary; its headline if left out.
    regions
        Outlines to draw, such as the reserve.
    traps
        Coordinates of traps, metres, shape (n_traps, 2). A map with traps is not for the public.
    style
        Subject, banner, width and colours.

    Returns
    -------
    Figure
        Give it to ``save_figure``.
    """
    style = style or MapStyle()
    column = column or surface.headline
    values = surface.summary[column].to_numpy()
    outlines = [region.in_crs(surface.mask.crs) for region in regions]
    handles: list[Line2D] = outline_handles(outlines)
    if traps is not None:
        handles.append(Line2D([], [], label="Camera stations", **_trap_style()))
    sheet = map_sheet(
        style.bounds or _bounds(surface.mask, outlines),
        width_mm=style.width_mm,
        heading=_heading(surface, column, style),
        n_legend_lines=_legend_rows(handles, style.width_mm),
    )
    norm = _norm(values, style.limits, clip=surface.estimand == "realised density")
    colours = style.colours or _COLOURS.get(column, "viridis")
    drawn = _draw_cells(sheet.map_axes, surface.mask, values, norm=norm, cmap=colours)
    for i, region in enumerate(outlines):
        add_outline(sheet.map_axes, region.geometry, number=i)
    if traps is not None:
        sheet.map_axes.plot(traps[:, 0], traps[:, 1], zorder=5, **_trap_style())
    add_ticks(sheet.map_axes, surface.mask.crs)
    add_scale_bar(sheet)
    add_north_arrow(sheet, surface.mask.crs)
    _add_legend(sheet, handles, style.width_mm)
    _add_colour_bar(sheet, drawn, _label(surface, column), above=np.nanmax(values) > norm.vmax)
    return sheet.figure


def bounds_of_mass(surface: Surface, *, share: float = 0.999) -> tuple[float, float, float, float]:
    """Where nearly all of a surface's mean lies, with room around it, as ``MapStyle.bounds``.

    Parameters
    ----------
    surface
        The map of one activity centre, say.
    share
        Share of the sum of mean x area to show.
    """
    mass = (surface.summary["mean"] * surface.mask.cell_area).to_numpy()
    order = np.argsort(mass)[::-1]
    n_shown = int(np.searchsorted(np.cumsum(mass[order]), share * mass.sum())) + 1
    west, south, east, north = _bounds(take_cells(surface.mask, order[:n_shown]), ())
    room = _ROOM * max(east - west, north - south)
    return west - room, south - room, east + room, north + room


def save_figure(figure: Figure, path: str | Path, *, dpi: int = 300) -> Path:
    """A figure as PNG, PDF or SVG, by the ending of the name; written whole or not at all.

    Parameters
    ----------
    figure
        The figure.
    path
        File to write.
    dpi
        Dots per inch of a PNG.
    """
    with written_whole(path) as draft:
        figure.savefig(draft, dpi=dpi)
    return Path(path)


def _bounds(mask: HabitatMask, outlines: Sequence[Region]) -> tuple[float, float, float, float]:
    half = cell_side(mask)[:, None] / 2
    boxes = [(*(mask.xy - half).min(axis=0), *(mask.xy + half).max(axis=0))]
    boxes += [region.geometry.bounds for region in outlines]
    corners = np.array(boxes)
    west, south = corners[:, :2].min(axis=0)
    east, north = corners[:, 2:].max(axis=0)
    margin = _MARGIN * max(east - west, north - south)
    return west - margin, south - margin, east + margin, north + margin


def _norm(
    values: NDArray[np.float64], limits: tuple[float, float] | None, *, clip: bool
) -> Normalize:
    if limits is not None:
        return Normalize(*limits)
    finite = values[np.isfinite(values)]
    if len(finite) == 0 or finite.max() <= 0:
        return Normalize(0.0, 1.0)
    top, nearly = float(finite.max()), float(np.quantile(finite, 1 - _CLIPPED_SHARE))
    return Normalize(0.0, nearly if clip and 0 < nearly < _MUCH_LESS * top else top)


def _draw_cells(
    axes: Axes, mask: HabitatMask, values: NDArray[np.float64], *, norm: Normalize, cmap: str
) -> Any:
    axes.set_facecolor("#ededed")
    if mask.spacing is None:
        half = cell_side(mask)[:, None, None] / 2
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        squares = PolyCollection(mask.xy[:, None, :] + half * corners, norm=norm, cmap=cmap)
        squares.set_array(values)
        return axes.add_collection(squares)
    grid = grid_of(mask)
    west, south, east, north = grid.bounds
    limits = axes.get_xlim(), axes.get_ylim()
    image = axes.imshow(
        grid.filled(values),
        extent=(west, east, south, north),
        norm=norm,
        cmap=cmap,
        interpolation="nearest",
        aspect="auto",
    )
    axes.set(xlim=limits[0], ylim=limits[1])
    return image


def _trap_style() -> dict[str, Any]:
    return {
        "linestyle": "none",
        "marker": "o",
        "markersize": 2.4,
        "markeredgewidth": 0.5,
        "markerfacecolor": "white",
        "markeredgecolor": INK,
    }


def _legend_columns(handles: Sequence[Line2D], width_mm: float) -> int:
    longest = max((len(str(handle.get_label())) for handle in handles), default=1)
    return max(1, min(len(handles), int((width_mm - 14) / (1.3 * longest + 10))))


def _legend_rows(handles: Sequence[Line2D], width_mm: float) -> int:
    return -(-len(handles) // _legend_columns(handles, width_mm)) if handles else 0


def _add_legend(sheet: Sheet, handles: Sequence[Line2D], width_mm: float) -> None:
    if sheet.legend_axes is not None:
        sheet.legend_axes.legend(
            handles=list(handles),
            loc="center left",
            ncols=_legend_columns(handles, width_mm),
            bbox_to_anchor=(0.0, 0.5),
            borderaxespad=0.0,
            borderpad=0.0,
            frameon=False,
            fontsize=TEXT_PT,
            handlelength=2.2,
            labelspacing=0.3,
        )


def _add_colour_bar(sheet: Sheet, drawn: Any, label: str, *, above: bool) -> None:
    bar = sheet.figure.colorbar(
        drawn,
        cax=sheet.colour_axes,
        orientation="horizontal",
        extend="max" if above else "neither",
        ticks=MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]),
    )
    bar.set_label(label, size=TEXT_PT, labelpad=1.5)
    bar.ax.tick_params(labelsize=SMALL_PT, length=2, width=0.5, pad=1.5)
    bar.outline.set_linewidth(0.5)


def _label(surface: Surface, column: str) -> str:
    if column == "cv":
        return "Coefficient of variation"
    unit = surface.unit.replace("km2", "km²")
    words = "" if column == surface.headline else f", {_COLUMN_WORDS[column]}"
    return f"{unit[0].upper()}{unit[1:]}{words}"


def _heading(surface: Surface, column: str, style: MapStyle) -> Heading:
    method = surface.method if "plug-in" in surface.method else f"posterior {_COLUMN_WORDS[column]}"
    parts = [] if style.subject is None else [style.subject]
    if surface.session is not None:
        parts.append(f"session {surface.session}")
    details = ", ".join([*parts, method])
    return Heading(
        title=f"{surface.estimand[0].upper()}{surface.estimand[1:]}",
        details=f"{details[0].upper()}{details[1:]}",
        banner=style.banner,
    )
