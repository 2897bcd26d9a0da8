"""Figures for publication: one map to a figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from scr.habitat.cells import cell_side
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.io.whole_files import write_bytes
from scr.maps.furniture import (
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
from scr.maps.layout import COLUMN_WIDTH_MM, Heading, map_sheet
from scr.maps.scales import Limits, colours_of, scale_for
from scr.maps.shading import (
    COLUMN_WORDS,
    add_colour_bar,
    draw_cells,
    label_of,
)
from scr.maps.wording import LETTERS, as_sentence
from scr.posterior.surface import Surface

_MARGIN = 0.03
SAVING: Any = LETTERS | {"svg.fonttype": "none", "svg.hashsalt": "scr", "pdf.fonttype": 42}
_UNDATED: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
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
        Smallest and largest value of the colours; or those of each quantity, from
        ``common_limits`` of several surfaces; from 0 to nearly the largest value if left out.
    bounds
        West, south, east and north of the map, metres; all cells and outlines if left out.
    colours
        Name of a matplotlib colour map; one that colour-blind readers can read if left out.
    """

    subject: str | None = None
    banner: str | None = None
    width_mm: float = COLUMN_WIDTH_MM
    limits: Limits | Mapping[str, Limits] | None = None
    bounds: tuple[float, float, float, float] | None = None
    colours: str | None = None


@rc_context(LETTERS)
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
        handles.append(trap_handle())
    sheet = map_sheet(
        style.bounds or bounds_of(surface.mask, outlines),
        width_mm=style.width_mm,
        heading=heading_of(surface, column, style),
        n_legend_lines=legend_rows(handles, style.width_mm),
    )
    norm = scale_for(surface, column, style.limits)
    colours = colours_of(surface, column, style.colours)
    drawn = draw_cells(sheet.map_axes, surface.mask, values, norm=norm, cmap=colours)
    add_outlines(sheet.map_axes, outlines)
    if traps is not None:
        add_traps(sheet.map_axes, traps)
    add_ticks(sheet.map_axes, surface.mask.crs)
    add_scale_bar(sheet)
    add_north_arrow(sheet, surface.mask.crs)
    add_legend(sheet, handles, style.width_mm)
    label = label_of(surface, column)
    add_colour_bar(sheet.figure, sheet.bars[0], drawn, label=label, values=values)
    return sheet.figure


def save_figure(figure: Figure, path: str | Path, *, dpi: int = 300) -> Path:
    """A figure as PNG, PDF or SVG, by the ending of the name; written whole or not at all.

    One figure gives the same bytes each time. Text in SVG and PDF stays text.

    Parameters
    ----------
    figure
        The figure.
    path
        File to write.
    dpi
        Dots per inch of a PNG.
    """
    ending = Path(path).suffix.lower()
    content = BytesIO()
    with rc_context(SAVING):
        figure.savefig(
            content, format=ending.removeprefix(".") or None, dpi=dpi, metadata=_UNDATED.get(ending)
        )
    return write_bytes(path, content.getbuffer())


def bounds_of(mask: HabitatMask, outlines: Sequence[Region]) -> tuple[float, float, float, float]:
    """West, south, east and north of cells and outlines, with a margin, metres.

    Parameters
    ----------
    mask
        The cells.
    outlines
        Regions, in the coordinates of the mask.
    """
    half = cell_side(mask)[:, None] / 2
    boxes = [(*(mask.xy - half).min(axis=0), *(mask.xy + half).max(axis=0))]
    boxes += [region.geometry.bounds for region in outlines]
    corners = np.array(boxes)
    west, south = corners[:, :2].min(axis=0)
    east, north = corners[:, 2:].max(axis=0)
    margin = _MARGIN * max(east - west, north - south)
    return west - margin, south - margin, east + margin, north + margin


def heading_of(surface: Surface, column: str, style: MapStyle) -> Heading:
    """Estimand, survey, session and method.

    Parameters
    ----------
    surface
        What is drawn.
    column
        Column of its summary.
    style
        Subject and banner.
    """
    method = surface.method if "plug-in" in surface.method else f"posterior {COLUMN_WORDS[column]}"
    session = None if surface.session is None else f"session {surface.session}"
    return Heading(
        title=as_sentence([surface.estimand]),
        details=as_sentence([style.subject, session, method]),
        banner=style.banner,
    )
