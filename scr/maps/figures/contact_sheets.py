"""Many animals on a page: where the activity centre of each one may be."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from scr.habitat.region import Region
from scr.io.whole_files import write_bytes
from scr.maps.figures.furniture import (
    TrapsShown,
    add_legend,
    add_north_arrow,
    add_outlines,
    add_scale_bar,
    add_traps,
    legend_rows,
    outline_handles,
    trap_handle,
)
from scr.maps.figures.layout import INK, PAGE_WIDTH_MM, SMALL_PT, Heading, Panels, map_sheet
from scr.maps.figures.plots import SAVING
from scr.maps.figures.shading import add_colour_bar, draw_cells
from scr.maps.figures.style import MapStyle
from scr.maps.wording import LETTERS
from scr.posterior.activity_centres import ActivityCentres
from scr.units import KM2_PER_REPORTED_AREA

PER_PAGE = 12
"""Animals on one page."""

_N_COLUMNS, _DPI = 3, 150
_ROOM = 0.15
_WIDTHS = {0.5: 0.9, 0.95: 0.5}


def contact_sheets(
    centres: ActivityCentres,
    edges: pd.DataFrame,
    *,
    traps: TrapsShown,
    regions: Sequence[Region] = (),
    style: MapStyle | None = None,
) -> Iterator[Figure]:
    """Pages with the activity centres of twelve animals each, all at one scale.

    Parameters
    ----------
    centres
        From ``activity_centres``.
    edges
        Their ``contours``.
    traps
        Coordinates of the stations, metres, shape (n_traps, 2).
    regions
        Outlines to draw, such as the reserve.
    style
        Subject, banner and width.

    Yields
    ------
    Figure
        Each map shows the probability of the place of one centre, with the ground that holds it
        at 50 % and at 95 %, and the stations. Not for the public.
    """
    style = style or MapStyle(width_mm=PAGE_WIDTH_MM)
    boxes = _boxes(edges)
    half = (boxes[:, 2:] - boxes[:, :2]).max() / 2
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    windows = np.column_stack([middle - half, middle + half])
    density = centres.probability / centres.mask.cell_area * KM2_PER_REPORTED_AREA
    norm = Normalize(0.0, float(density.max()))
    n_pages = -(-len(windows) // PER_PAGE)
    for page in range(n_pages):
        rows = np.arange(page * PER_PAGE, min((page + 1) * PER_PAGE, len(windows)))
        number = f", page {page + 1} of {n_pages}" if n_pages > 1 else ""
        yield _page(
            (centres, rows, density, edges),
            windows[rows],
            (traps, [region.in_crs(centres.mask.crs) for region in regions]),
            (style, norm, number),
        )


def save_contact_sheets(pages: Iterator[Figure], path: str | Path) -> Path:
    """Pages as one PDF, written whole or not at all.

    Parameters
    ----------
    pages
        From ``contact_sheets``.
    path
        File to write.
    """
    undated = {"CreationDate": None}
    content = BytesIO()
    with rc_context(SAVING), PdfPages(content, metadata=undated) as pdf:
        for figure in pages:
            pdf.savefig(figure, dpi=_DPI)
    return write_bytes(path, content.getbuffer())


@rc_context(LETTERS)
def _page(
    shown: tuple[ActivityCentres, NDArray[np.int64], NDArray[np.float64], pd.DataFrame],
    windows: NDArray[np.float64],
    ground: tuple[NDArray[np.float64], list[Region]],
    look: tuple[MapStyle, Normalize, str],
) -> Figure:
    centres, rows, density, edges = shown
    traps, outlines = ground
    style, norm, number = look
    handles = [*outline_handles(outlines), trap_handle(traps)]
    several = f"session {centres.session}, " if style.subject is None else f"{style.subject}, "
    sheet = map_sheet(
        [tuple(window) for window in windows.tolist()],
        width_mm=style.width_mm,
        heading=Heading(
            "Activity centres of the animals detected",
            f"{several}{centres.method}; lines hold 50 % and 95 % of the probability{number}",
            style.banner,
        ),
        n_legend_lines=legend_rows(handles, style.width_mm),
        among=Panels(len(rows), _N_COLUMNS, apart=False, bars="one"),
    )
    for row, axes in zip(rows.tolist(), sheet.panels, strict=True):
        drawn = draw_cells(
            axes, centres.mask, density[row], norm=norm, cmap=style.colours or "viridis"
        )
        add_outlines(axes, outlines)
        _add_contours(axes, edges[edges["individual"] == centres.individuals[row]])
        add_traps(axes, traps)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_title(centres.individuals[row], size=SMALL_PT + 0.5, color=INK, loc="left", pad=2)
    add_scale_bar(sheet)
    add_north_arrow(sheet, centres.mask.crs)
    add_legend(sheet, handles, style.width_mm)
    label = "Probability that the centre lies there, animals per 100 km²"
    add_colour_bar(sheet.figure, sheet.bars[0], drawn, label=label, values=density[row])
    return sheet.figure


def _boxes(edges: pd.DataFrame) -> NDArray[np.float64]:
    """Bounds of the largest contour of each animal with room around it."""
    largest = edges.loc[edges["share"] == edges["share"].max(), "geometry"]
    boxes = shapely.bounds(largest.to_numpy())
    room = _ROOM * np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    return np.asarray(boxes + room[:, None] * np.array([-1.0, -1.0, 1.0, 1.0]))


def _add_contours(axes: Axes, edges: pd.DataFrame) -> None:
    for share, geometry in zip(edges["share"], edges["geometry"], strict=True):
        for line in shapely.get_parts(shapely.boundary(geometry)):
            x, y = shapely.get_coordinates(line).T
            axes.plot(x, y, color="white", linewidth=_WIDTHS[share], zorder=4)
