"""Figures for publication: one map to a figure."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from scr.habitat.cells import cell_side
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.io.whole_files import write_bytes
from scr.maps.figures.furniture import (
    TrapsShown,
    add_legend,
    add_north_arrow,
    add_scale_bar,
    legend_rows,
)
from scr.maps.figures.layout import MM_PER_INCH, PAPER_MM, Heading, map_sheet
from scr.maps.figures.panels import Panel, draw_panel, handles_of
from scr.maps.figures.scales import colours_of, scale_for
from scr.maps.figures.shading import COLUMN_WORDS, add_colour_bar, label_of
from scr.maps.figures.style import MapStyle
from scr.maps.wording import LETTERS, as_sentence
from scr.posterior.surface import Surface

_MARGIN = 0.03
SAVING: Any = LETTERS | {"svg.fonttype": "none", "svg.hashsalt": "scr", "pdf.fonttype": 42}
_UNDATED: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
}


@rc_context(LETTERS)
def plot_surface(
    surface: Surface,
    *,
    column: str | None = None,
    regions: Sequence[Region] = (),
    traps: TrapsShown | None = None,
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
        Coordinates of traps, metres, shape (n_traps, 2), or a GeometryCollection of searched areas
        or lines. A map with traps is not for the public.
    style
        Subject, banner, width and colours.

    Returns
    -------
    Figure
        Give it to ``save_figure``.
    """
    style = style or MapStyle()
    column = column or surface.headline
    outlines = [region.in_crs(surface.mask.crs) for region in regions]
    norm = scale_for(surface, column, style.limits)
    panel = Panel(surface, column, "", traps, norm, colours_of(surface, column, style.colours))
    window = style.bounds or bounds_of(surface.mask, outlines, margin=style.margin)
    handles = handles_of([panel], outlines, style, window=window)
    sheet = map_sheet(
        window,
        width_mm=style.width_mm,
        heading=heading_of(surface, column, style),
        n_legend_lines=legend_rows(handles, style.width_mm),
    )
    drawn = draw_panel(sheet.map_axes, panel, outlines, style)
    add_scale_bar(sheet)
    add_north_arrow(sheet, surface.mask.crs)
    add_legend(sheet, handles, style.width_mm)
    label = label_of(surface, column)
    add_colour_bar(sheet.figure, sheet.bars[0], drawn, label=label, values=panel.values)
    return sheet.figure


def save_figure(
    figure: Figure, path: str | Path, *, dpi: int = 300, paper: Literal["A4"] | None = None
) -> Path:
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
    paper
        ``"A4"`` puts the figure on such a page, upright, with a white rim.
    """
    ending = Path(path).suffix.lower()
    content = BytesIO()
    with rc_context(SAVING):
        figure.savefig(
            content,
            format=ending.removeprefix(".") or None,
            dpi=dpi,
            metadata=_UNDATED.get(ending),
            bbox_inches=None if paper is None else _page(figure, PAPER_MM[paper]),
        )
    return write_bytes(path, content.getbuffer())


def _page(figure: Figure, paper_mm: tuple[float, float]) -> Bbox:
    """A page round a figure, which stands in its middle at the top, inches of the figure."""
    width, height = (mm / MM_PER_INCH for mm in paper_mm)
    wide, high = figure.get_size_inches()
    rim = (width - wide) / 2
    return Bbox.from_bounds(-rim, high + min(rim, height - high) - height, width, height)


def bounds_of(
    mask: HabitatMask, outlines: Sequence[Region], *, margin: float | None = None
) -> tuple[float, float, float, float]:
    """West, south, east and north of cells and outlines, with a margin, metres.

    Parameters
    ----------
    mask
        The cells.
    outlines
        Regions, in the coordinates of the mask.
    margin
        Ground shown round the outlines, or round the cells where there are none, metres; 3 % of
        the width of all if left out or less.
    """
    half = cell_side(mask)[:, None] / 2
    cells = np.array([*(mask.xy - half).min(axis=0), *(mask.xy + half).max(axis=0)])
    regions = [np.array(region.geometry.bounds) for region in outlines]
    whole = _around([cells, *regions])
    rim = _MARGIN * max(whole[2] - whole[0], whole[3] - whole[1])
    boxes = [_grown(whole, rim)]
    if margin is not None:
        boxes.append(_grown(_around(regions or [cells]), margin))
    west, south, east, north = _around(boxes)
    return float(west), float(south), float(east), float(north)


def _around(boxes: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """West, south, east and north of several boxes."""
    corners = np.array(boxes)
    return np.concatenate([corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0)])


def _grown(box: NDArray[np.float64], by: float) -> NDArray[np.float64]:
    return box + by * np.array([-1.0, -1.0, 1.0, 1.0])


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
