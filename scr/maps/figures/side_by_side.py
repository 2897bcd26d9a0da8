"""Several maps on one sheet: an estimate with its uncertainty, surfaces on a common scale."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from matplotlib import rc_context
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from scr.errors import ScrError
from scr.habitat.region import Region
from scr.maps.figures.furniture import (
    TrapsShown,
    add_legend,
    add_north_arrow,
    add_scale_bar,
    legend_rows,
)
from scr.maps.figures.layout import INK, SMALL_PT, Heading, Panels, map_sheet
from scr.maps.figures.panels import Panel, draw_panel, handles_of
from scr.maps.figures.plots import bounds_of, heading_of
from scr.maps.figures.scales import colours_of, common_limits, scale_for, wide_limits
from scr.maps.figures.shading import COLUMN_WORDS, add_colour_bar, label_of
from scr.maps.figures.style import MapStyle
from scr.maps.wording import LETTERS, as_sentence
from scr.posterior.surface import Surface

Bounds = tuple[float, float, float, float]
_NARROW_MM = 120.0
_MOST_COLUMNS = 3


@rc_context(LETTERS)
def plot_with_uncertainty(
    surface: Surface,
    *,
    show: Literal["cv", "limits"] = "cv",
    regions: Sequence[Region] = (),
    traps: TrapsShown | None = None,
    style: MapStyle | None = None,
) -> Figure:
    """The estimate beside how uncertain it is: side by side on a page, one below the other else.

    Parameters
    ----------
    surface
        What to draw.
    show
        ``"cv"``: the coefficient of variation beside the estimate. ``"limits"``: the 2.5 % and
        97.5 % quantiles on both sides of it, all on one scale.
    regions
        Outlines to draw, such as the reserve.
    traps
        Coordinates of traps, metres, shape (n_traps, 2). A map with traps is not for the public,
        nor is one of the coefficient of variation: it is least where stations stood.
    style
        Subject, banner, width and colours.

    Returns
    -------
    Figure
        Give it to ``save_figure``.

    Raises
    ------
    ScrError
        If the surface has no limits and they are asked for.
    """
    style = style or MapStyle()
    headline = surface.headline
    columns = ["q2.5", headline, "q97.5"] if show == "limits" else [headline, "cv"]
    missing = [column for column in columns if column not in surface.summary]
    if missing:
        msg = (
            f"The surface of {surface.estimand} has no column {', '.join(missing)}; it has "
            f"{', '.join(map(str, surface.summary.columns))}. Use show='cv', or draws of a "
            "posterior."
        )
        raise ScrError(msg)
    limits = style.limits
    if show == "limits" and limits is None:
        limits = wide_limits([surface])
    named = limits if isinstance(limits, Mapping) else None
    norms = [scale_for(surface, column, named if column == "cv" else limits) for column in columns]
    panels = [
        Panel(
            surface,
            column,
            COLUMN_WORDS[column].capitalize(),
            traps,
            norm,
            colours_of(surface, headline if show == "limits" else column, style.colours),
        )
        for column, norm in zip(columns, norms, strict=True)
    ]
    heading = heading_of(surface, headline, style)
    return _draw(panels, regions, style=style, heading=heading, one_bar=show == "limits")


@rc_context(LETTERS)
def plot_surfaces(
    surfaces: Sequence[Surface],
    *,
    titles: Sequence[str] | None = None,
    column: str | None = None,
    regions: Sequence[Region] = (),
    traps: Sequence[TrapsShown | None] | None = None,
    style: MapStyle | None = None,
) -> Figure:
    """Surfaces of several sessions or models on one sheet, all on one scale of colours.

    Parameters
    ----------
    surfaces
        What to draw, all of one unit.
    titles
        What stands above each map; the session, or the estimand, if left out.
    column
        Column of their summaries; the headline of each if left out.
    regions
        Outlines to draw on each map.
    traps
        Coordinates of the traps of each map, metres, or None. A map with traps is not for the
        public.
    style
        Subject, banner, width, limits and colours. Maps of the same size each have a window of
        their own where the surfaces lie on different ground.

    Returns
    -------
    Figure
        Give it to ``save_figure``.

    Raises
    ------
    ScrError
        If there is no surface, or their units or coordinate systems differ.
    """
    style = style or MapStyle()
    _check_alike(surfaces)
    columns = [column or surface.headline for surface in surfaces]
    norms = _norms(surfaces, columns, style)
    names = titles or _titles(surfaces, columns)
    colours = colours_of(surfaces[0], columns[0], style.colours)
    panels = [
        Panel(surface, name, title, xy, norm, colours)
        for surface, name, title, xy, norm in zip(
            surfaces, columns, names, traps or [None] * len(surfaces), norms, strict=True
        )
    ]
    heading = heading_of(replace(surfaces[0], session=None), columns[0], style)
    estimands = list(dict.fromkeys(surface.estimand for surface in surfaces))
    if len(estimands) > 1:
        both = as_sentence([" and ".join(estimands)])
        heading = Heading(both, style.subject or "", style.banner)
    return _draw(panels, regions, style=style, heading=heading, one_bar=True)


def _norms(surfaces: Sequence[Surface], columns: Sequence[str], style: MapStyle) -> list[Normalize]:
    """One scale for all: of the quantity where it is one, else of all that is drawn."""
    limits = common_limits(surfaces) if style.limits is None else style.limits
    norms = [scale_for(s, name, limits) for s, name in zip(surfaces, columns, strict=True)]
    if isinstance(limits, tuple) or len({(norm.vmin, norm.vmax) for norm in norms}) == 1:
        return norms
    low = min(float(norm.vmin or 0.0) for norm in norms)
    return [Normalize(low, max(float(norm.vmax or 1.0) for norm in norms))] * len(norms)


def _titles(surfaces: Sequence[Surface], columns: Sequence[str]) -> list[str]:
    """The session above each map; what differs, where estimands do."""
    if len({surface.estimand for surface in surfaces}) == 1:
        return [f"Session {s.session}" if s.session else s.estimand.capitalize() for s in surfaces]
    return [
        f"{surface.estimand.capitalize()}, {COLUMN_WORDS[column]}"
        + (f", session {surface.session}" if surface.session else "")
        for surface, column in zip(surfaces, columns, strict=True)
    ]


def _check_alike(surfaces: Sequence[Surface]) -> None:
    units = {surface.unit for surface in surfaces}
    systems = {surface.mask.crs for surface in surfaces}
    if len(units) != 1 or len(systems) != 1:
        msg = (
            f"{len(surfaces)} surfaces with units {sorted(units)} and coordinate systems "
            f"{sorted(systems)} cannot share a scale. Give at least one surface, all of one unit "
            "and one coordinate system."
        )
        raise ScrError(msg)


def _draw(
    panels: Sequence[Panel],
    regions: Sequence[Region],
    *,
    style: MapStyle,
    heading: Heading,
    one_bar: bool,
) -> Figure:
    crs = panels[0].surface.mask.crs
    outlines = [region.in_crs(crs) for region in regions]
    windows, apart = _windows(panels, outlines, style)
    handles = handles_of(panels, outlines, style, window=windows[0])
    n_columns = 1 if style.width_mm < _NARROW_MM else min(len(panels), _MOST_COLUMNS)
    sheet = map_sheet(
        windows,
        width_mm=style.width_mm,
        heading=heading,
        n_legend_lines=legend_rows(handles, style.width_mm),
        among=Panels(len(panels), n_columns, apart=apart, bars="one" if one_bar else "each"),
    )
    for i, (panel, axes) in enumerate(zip(panels, sheet.panels, strict=True)):
        beside = not apart and i % n_columns > 0
        drawn = draw_panel(axes, panel, outlines, style, first=not beside)
        if len(panels) > 1:
            axes.set_title(
                panel.title, size=SMALL_PT + 0.5, color=INK, loc="left", pad=2.0, parse_math=False
            )
        if i == 0 or not one_bar:
            shown = [p for p in panels if one_bar or p is panel]
            column = (
                panel.surface.headline if one_bar and len(_columns(panels)) > 1 else panel.column
            )
            add_colour_bar(
                sheet.figure,
                sheet.bars[0 if one_bar else i],
                drawn,
                label=label_of(panel.surface, column),
                values=np.concatenate([p.values for p in shown]),
            )
    add_scale_bar(sheet)
    add_north_arrow(sheet, crs)
    add_legend(sheet, handles, style.width_mm)
    return sheet.figure


def _columns(panels: Sequence[Panel]) -> set[str]:
    return {panel.column for panel in panels}


def _windows(
    panels: Sequence[Panel], outlines: Sequence[Region], style: MapStyle
) -> tuple[list[Bounds], bool]:
    """Windows on the ground, all of one size, and whether they differ."""
    if style.bounds is not None:
        return [style.bounds] * len(panels), False
    each = [bounds_of(p.surface.mask, outlines, margin=style.margin) for p in panels]
    boxes = np.array(each)
    size = (boxes[:, 2:] - boxes[:, :2]).max(axis=0)
    union = boxes[:, 2:].max(axis=0) - boxes[:, :2].min(axis=0)
    if (union <= 1.5 * size).all():
        low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
        return [(low[0], low[1], high[0], high[1])] * len(panels), False
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    low, high = middle - size / 2, middle + size / 2
    return [(*a, *b) for a, b in zip(low.tolist(), high.tolist(), strict=True)], True
