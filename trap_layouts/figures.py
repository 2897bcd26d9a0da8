"""Figures of layouts: maps side by side with their criteria, one layout alone, the trade-off."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.patheffects import withStroke
from matplotlib_scalebar.scalebar import ScaleBar
from numpy.typing import NDArray
from shapely import get_parts

from scr.habitat.region import Region
from scr.io.crs import LOCAL
from scr.maps.figures.backdrop import add_layers, path_of
from scr.maps.figures.furniture import add_outlines, add_ticks, add_traps, crs_name
from scr.maps.figures.plots import save_figure
from scr.maps.figures.shading import draw_cells
from scr.maps.wording import LETTERS
from scr.survey.detectors import DETECTORS
from trap_layouts.assumptions import Assumptions
from trap_layouts.comparison import Comparison
from trap_layouts.criteria_in_words import IN_PER_CENT, shown_value, words_of
from trap_layouts.layout import Layout
from trap_layouts.sided_plan import exposure_of
from trap_layouts.surroundings import Surroundings

INK = "#1a1a1a"
ACCENT = "#b2182b"
_COLOURS = "viridis"
_EXCLUDED: dict[str, Any] = {
    "facecolor": "none",
    "edgecolor": "#777777",
    "linewidth": 0.3,
    "hatch": "//////",
}
_TRAIL: dict[str, Any] = {"color": "#8a5a2c", "linewidth": 0.6}
_DPI = 200
_SMALL, _TEXT, _TITLE = 6.5, 7.5, 9.0
_COLUMNS = 3
_PANEL_WIDTH = 2.4


@rc_context(LETTERS)
def draw_comparison(
    comparison: Comparison,
    path: str | Path | None = None,
    *,
    title: str | None = None,
    around: Surroundings | None = None,
) -> Figure:
    """Maps of all layouts, best first, and their criterion with its uncertainty.

    Parameters
    ----------
    comparison
        From ``compare``.
    path
        File to write, PNG, PDF or SVG by its ending.
    title
        Stands above.
    around
        Ground that is excluded, trails and layers, from ``surroundings_of`` of the plan.

    Returns
    -------
    Figure
        Each map shows the probability that an animal living there is detected, stations, and the
        reserve, all at one scale.
    """
    ranked = comparison.table.index.tolist()
    by_name = {layout.name: layout for layout in comparison.layouts}
    window = _window(comparison)
    height = _PANEL_WIDTH * (window[3] - window[1]) / (window[2] - window[0])
    n_rows = -(-(len(ranked) + 1) // _COLUMNS)
    figure = Figure(
        figsize=(_COLUMNS * _PANEL_WIDTH + 0.9, n_rows * (height + 0.72) + 0.6),
        layout="constrained",
        facecolor="white",
    )
    panels = figure.subplots(n_rows, _COLUMNS, squeeze=False).reshape(-1)
    maps, captions = panels[: len(ranked)], {}
    for number, (axes, name) in enumerate(zip(maps, ranked, strict=True)):
        row = comparison.table.loc[name]
        shown = _draw_map(
            axes,
            by_name[name],
            comparison.assumptions,
            comparison.reserve,
            window=window,
            around=around or Surroundings(),
        )
        axes.set_title(f"{number + 1}. {name}", size=_TITLE, weight="bold", loc="left", color=INK)
        of_what = DETECTORS[comparison.assumptions.detector].searched
        captions[axes] = _caption(row, comparison.by, of_what)
        axes.set_xlabel(captions[axes], size=_SMALL, color=INK)
        if number == 0:
            _furniture(axes, by_name[name].crs)
    for axes in panels[len(ranked) + 1 :]:
        axes.set_axis_off()
    _draw_ranking(panels[len(ranked)], comparison)
    bar = figure.colorbar(shown, ax=maps.tolist(), shrink=0.5, aspect=30, pad=0.01)
    bar.set_label("probability of being detected", size=_TEXT)
    bar.ax.tick_params(labelsize=_SMALL)
    if title:
        figure.suptitle(title, size=_TITLE + 1, weight="bold", color=INK)
    crs = comparison.layouts[0].crs
    figure.draw_without_rendering()  # the maps have their size now, by which degrees are chosen
    for number, axes in enumerate(maps):
        add_ticks(axes, crs, first=number % _COLUMNS == 0)
        below = f"\n{crs_name(crs)}" if number == 0 else ""
        axes.set_xlabel(captions[axes] + below, size=_SMALL, color=INK)
    return _saved(figure, path)


@rc_context(LETTERS)
def draw_layout(
    layout: Layout,
    assumptions: Assumptions,
    path: str | Path | None = None,
    *,
    reserve: Region | None = None,
    candidates: Layout | None = None,
    title: str | None = None,
    around: Surroundings | None = None,
) -> Figure:
    """One layout on the probability of detection, with the candidates it was chosen from.

    Parameters
    ----------
    layout
        The stations.
    assumptions
        What the survey is planned under.
    path
        File to write.
    reserve
        Its outline.
    candidates
        Drawn as fine dots.
    title
        Stands above.
    around
        Ground that is excluded, trails and layers, from ``surroundings_of`` of the plan.
    """
    window = _bounds(layout.traps.ground, reserve)
    height = 5.0 * (window[3] - window[1]) / (window[2] - window[0])
    figure = Figure(figsize=(6.0, height + 0.6), layout="constrained", facecolor="white")
    axes = figure.subplots()
    shown = _draw_map(
        axes, layout, assumptions, reserve, window=window, around=around or Surroundings()
    )
    if candidates is not None:
        axes.plot(*candidates.xy.T, ".", ms=1.6, color="#d0d0d0", zorder=2, label="candidates")
    axes.set_title(title or layout.name, size=_TITLE, weight="bold", loc="left", color=INK)
    axes.legend(loc="upper right", fontsize=_SMALL, framealpha=0.9)
    _furniture(axes, layout.crs)
    bar = figure.colorbar(shown, ax=axes, shrink=0.6)
    bar.set_label("probability of being detected", size=_TEXT)
    bar.ax.tick_params(labelsize=_SMALL)
    figure.draw_without_rendering()  # the map has its size now, by which degrees are chosen
    add_ticks(axes, layout.crs)
    return _saved(figure, path)


@rc_context(LETTERS)
def draw_trade_off(front: pd.DataFrame, path: str | Path | None = None) -> Figure:
    """Cost against relative standard error.

    Parameters
    ----------
    front
        From ``trade_off``: columns ``cost``, ``stations``, ``rule_rse`` and perhaps ``rse``.
    path
        File to write.
    """
    figure = Figure(figsize=(4.2, 3.0), layout="constrained", facecolor="white")
    axes = figure.subplots()
    for column, style, label in (
        ("rse", "o-", "expected information"),
        ("rule_rse", "s--", "rule of thumb"),
    ):
        if column in front.columns:
            colour = ACCENT if column == "rse" else "#777777"
            axes.plot(front["cost"], 100 * front[column], style, ms=4, color=colour, label=label)
    anchor = "rse" if "rse" in front.columns else "rule_rse"
    for row in front.to_dict("records"):
        axes.annotate(
            f"{row['stations']:.0f}",
            (row["cost"], 100 * row[anchor]),
            textcoords="offset points",
            xytext=(3, 4),
            size=_SMALL,
        )
    axes.set_xlabel("cost (number of stations beside each point)", size=_TEXT)
    axes.set_ylabel("RSE of N in the reserve, %", size=_TEXT)
    axes.tick_params(labelsize=_SMALL)
    axes.legend(fontsize=_SMALL, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return _saved(figure, path)


def _saved(figure: Figure, path: str | Path | None) -> Figure:
    if path is not None:
        save_figure(figure, path, dpi=_DPI)
    return figure


def _draw_map(
    axes: Axes,
    layout: Layout,
    assumptions: Assumptions,
    reserve: Region | None,
    *,
    window: tuple[float, float, float, float],
    around: Surroundings,
) -> ScalarMappable:
    middle = assumptions.centre()
    exposed = exposure_of(layout, middle)
    seen = np.average(exposed.detectability, axis=0, weights=exposed.animals.sum(axis=1))
    axes.set(xlim=window[::2], ylim=window[1::2])
    mapped: ScalarMappable = draw_cells(
        axes, assumptions.mask, seen, norm=Normalize(0, 1), cmap=_COLOURS
    )
    if around.layers is not None:
        add_layers(axes, around.layers)
    ground = shapely.intersection(shapely.union_all(list(around.exclude)), shapely.box(*window))
    if ground.area:
        axes.add_patch(PathPatch(path_of(ground), zorder=1.5, label="excluded", **_EXCLUDED))
    lines = [] if around.network is None else get_parts(around.network)
    for number, line in enumerate(lines):
        label = "" if number else "trails and roads"
        axes.plot(*shapely.get_coordinates(line).T, zorder=2.2, label=label or None, **_TRAIL)
    if reserve is not None:
        add_outlines(axes, [reserve])
    _draw_stations(axes, layout)
    axes.set(xlim=window[::2], ylim=window[1::2], aspect="equal", xticks=[], yticks=[])
    return mapped


def _draw_stations(axes: Axes, layout: Layout) -> None:
    """Stations by the number of cameras, or what is searched."""
    if layout.traps.parts is not None:
        add_traps(axes, layout.traps.parts)
        return
    cameras = np.asarray(layout.cameras)
    for number, face in ((1, "#e69f00"), (2, "white")):
        some = layout.xy[cameras == number]
        if len(some):
            label = f"{number} camera{'s' if number > 1 else ''}"
            axes.plot(*some.T, "o", ms=3.2, mfc=face, mec=INK, mew=0.7, zorder=5, label=label)


def _draw_ranking(axes: Axes, comparison: Comparison) -> None:
    """The criterion of each layout with its interval or Monte Carlo error."""
    table, by = comparison.table, comparison.by
    y = np.arange(len(table))[::-1]
    scale = 100.0 if by in IN_PER_CENT else 1.0
    value = scale * table[by].to_numpy()
    if f"{by}.lower" in table.columns:
        low, high = (scale * table[f"{by}.{end}"].to_numpy() for end in ("lower", "upper"))
        note = "95 % over parameters"
    else:
        error = scale * table["rse_error"].to_numpy() if by == "rse" else np.zeros(len(table))
        low, high = value - 2 * error, value + 2 * error
        note = "2 Monte Carlo errors"
    axes.hlines(y, low, high, color=INK, lw=1.2)
    axes.plot(value, y, "o", ms=5, color=ACCENT)
    if by == "rse":
        axes.plot(scale * table["rule_rse"], y, "|", ms=8, mew=1.4, color="#777777")
        note += "; grey: rule of thumb"
    for i, name in enumerate(table.index):
        axes.annotate(
            f"{i + 1}. {name}",
            xy=(0.02, y[i] + 0.18),
            xycoords=("axes fraction", "data"),
            size=_TEXT,
            color=INK,
        )
    axes.set_yticks([])
    axes.set_ylim(-0.5, len(table) - 0.3)
    axes.tick_params(axis="x", labelsize=_SMALL)
    axes.set_title(words_of(by), size=_TEXT, loc="left", color=INK)
    axes.set_xlabel(note, size=_SMALL)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.grid(axis="x", lw=0.3, color="#cccccc")


def _caption(row: pd.Series, by: str, searched: str) -> str:
    stations = f"{row['stations']:.0f} {searched or 'stations'}"
    parts = [stations if searched else f"{stations}, {row['cameras']:.0f} cameras"]
    if "cost" in row.index:
        parts[0] += f", cost {row['cost']:,.0f}"
    second = f"E[n] {row['animals']:.1f}, E[r] {row['recaptures']:.0f}"
    if "rse" in row.index:
        second += f", RSE {100 * row['rse']:.1f} %"
    if by not in {"rse", "animals", "recaptures", "cost"}:
        second += f"\n{words_of(by)} {shown_value(by, row[by])}"
    return "\n".join([*parts, second])


def _window(comparison: Comparison) -> tuple[float, float, float, float]:
    everything = np.concatenate([layout.traps.ground for layout in comparison.layouts])
    return _bounds(everything, comparison.reserve)


def _bounds(xy: NDArray[np.float64], reserve: Region | None) -> tuple[float, float, float, float]:
    west, south = xy.min(axis=0)
    east, north = xy.max(axis=0)
    if reserve is not None:
        edges = reserve.geometry.bounds
        west, south = min(west, edges[0]), min(south, edges[1])
        east, north = max(east, edges[2]), max(north, edges[3])
    margin = 0.06 * max(east - west, north - south)
    return west - margin, south - margin, east + margin, north + margin


def _furniture(axes: Axes, crs: str) -> None:
    axes.add_artist(
        ScaleBar(
            1.0,
            "m",
            location="upper left",
            length_fraction=0.3,
            box_alpha=0.8,
            font_properties={"size": _SMALL},
        )
    )
    light = [withStroke(linewidth=1.6, foreground="white")]
    arrow = {"arrowstyle": "-|>", "color": INK, "lw": 0.8, "path_effects": light}
    axes.annotate(
        "",
        xy=(0.95, 0.15),
        xytext=(0.95, 0.05),
        xycoords="axes fraction",
        arrowprops=arrow,
        zorder=5,
    )
    label = "y" if crs == LOCAL else "N"
    axes.annotate(
        label,
        xy=(0.95, 0.155),
        xycoords="axes fraction",
        ha="center",
        va="bottom",
        size=_SMALL,
        path_effects=light,
    )
