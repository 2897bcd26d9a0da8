"""What a map carries beside its colours: scale bar, north arrow, outlines, stations, legend."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib_scalebar.scalebar import ScaleBar
from numpy.typing import NDArray
from shapely import GeometryCollection, get_coordinates, get_parts

from scr.habitat.region import Region
from scr.io.crs import LOCAL, parse_crs
from scr.maps.figures.graticule import add_graticule
from scr.maps.figures.layout import INK, MM_PER_INCH, SMALL_PT, TEXT_PT, Sheet
from scr.maps.wording import as_written, text_width

_M_PER_KM = 1000.0
_BESIDE_MM, _HANDLE_MM, _CORNER_MM = 14.0, 10.0, 3.5
_ALONE_WIDTH, _BROAD_WIDTH, _DASH = 0.8, 2.0, 3.0
_ZONES = ("#ffffff", "#f0e442", "#56b4e9", "#e69f00", "#cc79a7")
"""Light colours that are told apart by colour-blind readers (Okabe & Ito)."""


def add_scale_bar(sheet: Sheet) -> None:
    """A scale bar in the strip, on the left.

    Parameters
    ----------
    sheet
        The sheet of a map.
    """
    sheet.strip_axes.set_aspect("equal")
    sheet.strip_axes.add_artist(
        ScaleBar(
            1.0,
            "m",
            length_fraction=0.3,
            width_fraction=0.08,
            location="center left",
            pad=0.0,
            border_pad=0.0,
            sep=2.0,
            frameon=False,
            color=INK,
            scale_loc="bottom",
            font_properties={"size": TEXT_PT},
        )
    )


def add_north_arrow(sheet: Sheet, crs: str) -> None:
    """An arrow to the north of the grid in the strip, on the right.

    Parameters
    ----------
    sheet
        The sheet of a map.
    crs
        Coordinate system; a local one has no north, and its arrow names the y axis.
    """
    axes = sheet.strip_axes
    width, height = axes.get_xlim()[1], axes.get_ylim()[1]
    x, half = width - 0.3 * height, 0.2 * height
    tip, low, notch = 0.92 * height, 0.22 * height, 0.36 * height
    for side, colour in ((-1, INK), (1, "white")):
        corners = [(x, tip), (x + side * half, low), (x, notch)]
        axes.add_patch(Polygon(corners, closed=True, facecolor=colour, edgecolor=INK, lw=0.5))
    label = "y" if crs == LOCAL else "N"
    axes.text(x - 1.6 * half, 0.55 * height, label, ha="right", va="center", size=TEXT_PT)


def add_outlines(axes: Axes, regions: Sequence[Region]) -> None:
    """Outlines of regions, each to be told where several run along one line.

    The largest is a broad dark line on a light edge; the others are dashes of light colours on a
    dark edge no broader than it, so that along a common border one shows within the other.

    Parameters
    ----------
    axes
        The map.
    regions
        Regions, in the coordinates of the map.
    """
    styles = _outline_styles(regions)
    order = sorted(range(len(regions)), key=lambda i: -regions[i].area_km2)
    for layer, edge in enumerate((True, False)):  # all edges first: none hides a line
        for i in order:
            style = styles[i]
            below = {"color": style.edge, "linewidth": style.edge_width, "linestyle": "-"}
            for part in get_parts(regions[i].geometry):
                for ring in (part.exterior, *part.interiors):
                    x, y = ring.xy
                    drawn = below if edge else style.line
                    axes.plot(x, y, zorder=4 + layer / 10, **drawn)


def outline_handles(regions: Sequence[Region]) -> list[Line2D]:
    """Entries of the legend, one for each region.

    Parameters
    ----------
    regions
        Regions in the order drawn.
    """
    return [
        Line2D(
            [],
            [],
            label=region.name,
            **style.line,
            path_effects=[withStroke(linewidth=style.edge_width, foreground=style.edge)],
        )
        for region, style in zip(regions, _outline_styles(regions), strict=True)
    ]


type TrapsShown = NDArray[np.float64] | GeometryCollection
"""Coordinates of stations, or outlines of searched areas or lines."""

_SEARCHED: dict[str, Any] = {"color": INK, "linewidth": 0.8, "solid_joinstyle": "round"}


@dataclass(frozen=True)
class _OutlineStyle:
    """A line, and the edge on which it stands."""

    line: dict[str, Any]
    edge: str
    edge_width: float


def _outline_styles(regions: Sequence[Region]) -> list[_OutlineStyle]:
    """One for each region: the largest dark and broad, the others in light colours."""
    if not regions:
        return []
    largest = max(range(len(regions)), key=lambda i: regions[i].area_km2)
    broad = _ALONE_WIDTH if len(regions) == 1 else _BROAD_WIDTH
    styles, number = [], 0
    for i in range(len(regions)):
        if i == largest:
            line = {"color": INK, "linewidth": broad, "linestyle": "-"}
            styles.append(_OutlineStyle(line, "white", broad + 1.0))
            continue
        # Dashes begin apart, so that of two zones along one line both are seen.
        dashes = (_DASH * (number % 2), (_DASH, _DASH))
        line = {"color": _ZONES[number % len(_ZONES)], "linewidth": 0.9, "linestyle": dashes}
        styles.append(_OutlineStyle(line, INK, _BROAD_WIDTH - 0.2))
        number += 1
    return styles


def add_ticks(axes: Axes, crs: str, *, first: bool = True) -> None:
    """Longitude and latitude at the edges, and the name of the projection.

    A local survey, which has no place on earth, has kilometres.

    Parameters
    ----------
    axes
        The map.
    crs
        Coordinate system.
    first
        False for a map that has another to its left, where latitudes and the projection stand.
    """
    if crs == LOCAL:
        _add_kilometres(axes)
    else:
        add_graticule(axes, crs)
    south, north_edge = axes.get_ylim()
    height_mm = axes.get_window_extent().height / axes.figure.dpi * MM_PER_INCH
    lowest = south + (north_edge - south) * min(0.2, _CORNER_MM / height_mm)
    labels = dict(zip(axes.get_yticks(), axes.get_yticklabels(), strict=True))
    kept = {at: text.get_text() for at, text in labels.items() if lowest <= at <= north_edge}
    axes.set_yticks([*kept], [*kept.values()])
    axes.tick_params(labelsize=SMALL_PT, length=2, width=0.5, pad=1.5, color=INK)
    axes.tick_params(axis="y", labelrotation=90, labelleft=first)
    for label in axes.get_yticklabels():
        label.set_verticalalignment("center")
    for spine in axes.spines.values():
        spine.set(linewidth=0.5, color=INK)
    unit = "x and y in km, " if crs == LOCAL else ""
    if first:
        axes.set_xlabel(f"{unit}{crs_name(crs)}", size=SMALL_PT, labelpad=1.5)


def _add_kilometres(axes: Axes) -> None:
    """Ticks few enough to be read."""
    in_km = FuncFormatter(lambda metres, _: f"{metres / _M_PER_KM:g}")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(in_km)


def crs_name(crs: str) -> str:
    """A coordinate system in few words.

    Parameters
    ----------
    crs
        Authority code, WKT or ``"local"``.

    Examples
    --------
    >>> crs_name("EPSG:32652")
    'WGS 84 / UTM zone 52N'
    >>> crs_name("local")
    'local coordinates'
    >>> crs_name("+proj=tmerc +lon_0=24 +ellps=WGS84 +units=m")
    'Transverse Mercator about longitude 24'
    """
    if crs == LOCAL:
        return "local coordinates"
    parsed = parse_crs(crs, source="crs")
    if parsed.name == "unknown" and parsed.coordinate_operation is not None:
        operation = parsed.coordinate_operation
        origin = [p.value for p in operation.params if p.name.startswith("Longitude of ")]
        about = f" about longitude {origin[0]:g}" if origin else ""
        return operation.method_name + about
    return str(parsed.name)


def add_traps(axes: Axes, traps: TrapsShown) -> None:
    """Stations as small white circles, or the outlines of what was searched.

    A map with these is not for the public.

    Parameters
    ----------
    axes
        The map.
    traps
        Coordinates, metres, shape (n_traps, 2), or the searched areas or lines.
    """
    if isinstance(traps, GeometryCollection):
        lines = [part.boundary if part.area else part for part in traps.geoms]
        for line in (piece for part in lines for piece in get_parts(part)):
            xy = get_coordinates(line)
            axes.plot(xy[:, 0], xy[:, 1], zorder=5, **_SEARCHED)
        return
    axes.plot(traps[:, 0], traps[:, 1], zorder=5, **_trap_style())


def trap_handle(traps: TrapsShown | None = None) -> Line2D:
    """Entry of the legend for the stations, or for what was searched.

    Parameters
    ----------
    traps
        As in ``add_traps``; stations if left out.
    """
    if isinstance(traps, GeometryCollection):
        what = "Searched areas" if traps.area else "Searched lines"
        return Line2D([], [], label=what, **_SEARCHED)
    return Line2D([], [], label="Stations", **_trap_style())


def _trap_style() -> dict[str, Any]:
    return {
        "linestyle": "none",
        "marker": "o",
        "markersize": 2.4,
        "markeredgewidth": 0.5,
        "markerfacecolor": "white",
        "markeredgecolor": INK,
    }


def legend_rows(handles: Sequence[Artist], width_mm: float) -> int:
    """Lines that a legend takes.

    Parameters
    ----------
    handles
        Its entries.
    width_mm
        Width of the figure.
    """
    return -(-len(handles) // _legend_columns(handles, width_mm)) if handles else 0


def _legend_columns(handles: Sequence[Artist], width_mm: float) -> int:
    """As many columns as there is room for, each as wide as its longest entry."""
    widths = [text_width(str(h.get_label()), TEXT_PT) + _HANDLE_MM for h in handles]
    for n_columns in range(len(widths), 1, -1):
        columns = np.array_split(widths, n_columns)
        if sum(float(column.max()) for column in columns) <= width_mm - _BESIDE_MM:
            return n_columns
    return 1


def add_legend(sheet: Sheet, handles: Sequence[Artist], width_mm: float) -> None:
    """The legend in its place on the sheet, if there is one.

    Parameters
    ----------
    sheet
        The sheet of a map.
    handles
        Entries.
    width_mm
        Width of the figure.
    """
    if sheet.legend_axes is not None:
        legend = sheet.legend_axes.legend(
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
            columnspacing=1.0,
        )
        as_written(legend.get_texts())
