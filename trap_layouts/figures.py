"""Figures of layouts: maps side by side with their criteria, one layout alone, the trade-off."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib_scalebar.scalebar import ScaleBar
from numpy.typing import NDArray
from shapely import get_parts

from scr.habitat.cells import cell_side
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.io.crs import LOCAL
from scr.maps.figures.furniture import add_traps
from scr.maps.figures.plots import save_figure
from scr.maps.wording import LETTERS
from scr.survey.detectors import DETECTORS
from trap_layouts.assumptions import Assumptions
from trap_layouts.comparison import Comparison
from trap_layouts.layout import Layout
from trap_layouts.sided_plan import exposure_of

INK = "#1a1a1a"
ACCENT = "#b2182b"
_COLOURS = "YlGnBu"
_DPI = 200
_SMALL, _TEXT, _TITLE = 6.5, 7.5, 9.0
_COLUMNS = 3
_PANEL_WIDTH = 2.4
_LABELS = {
    "rse": "RSE of N in the reserve",
    "rule_rse": "RSE of density (rule of thumb)",
    "animals": "animals detected, E[n]",
    "recaptures": "recaptures, E[r]",
    "cost": "cost",
    "power": "power to detect the change",
}


@rc_context(LETTERS)
def draw_comparison(
    comparison: Comparison, path: str | Path | None = None, *, title: str | None = None
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
    maps = panels[: len(ranked)]
    for number, (axes, name) in enumerate(zip(maps, ranked, strict=True)):
        row = comparison.table.loc[name]
        _draw_map(axes, by_name[name], comparison.assumptions, comparison.reserve, window=window)
        axes.set_title(f"{number + 1}. {name}", size=_TITLE, weight="bold", loc="left", color=INK)
        of_what = DETECTORS[comparison.assumptions.detector].searched
        axes.set_xlabel(_caption(row, comparison.by, of_what), size=_SMALL, color=INK)
        if number == 0:
            _furniture(axes, by_name[name].crs)
    for axes in panels[len(ranked) + 1 :]:
        axes.set_axis_off()
    _draw_ranking(panels[len(ranked)], comparison)
    shown = ScalarMappable(Normalize(0, 1), _COLOURS)
    bar = figure.colorbar(shown, ax=maps.tolist(), shrink=0.5, aspect=30, pad=0.01)
    bar.set_label("probability that an animal living here is detected", size=_TEXT)
    bar.ax.tick_params(labelsize=_SMALL)
    if title:
        figure.suptitle(title, size=_TITLE + 1, weight="bold", color=INK)
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
    """
    window = _bounds(layout.traps.ground, reserve)
    height = 5.0 * (window[3] - window[1]) / (window[2] - window[0])
    figure = Figure(figsize=(6.0, height + 0.6), layout="constrained", facecolor="white")
    axes = figure.subplots()
    _draw_map(axes, layout, assumptions, reserve, window=window)
    if candidates is not None:
        axes.plot(*candidates.xy.T, ".", ms=1.6, color="#777777", zorder=2, label="candidates")
    axes.set_title(title or layout.name, size=_TITLE, weight="bold", loc="left", color=INK)
    axes.legend(loc="upper right", fontsize=_SMALL, framealpha=0.9)
    _furniture(axes, layout.crs)
    bar = figure.colorbar(ScalarMappable(Normalize(0, 1), _COLOURS), ax=axes, shrink=0.6)
    bar.set_label("probability that an animal living here is detected", size=_TEXT)
    bar.ax.tick_params(labelsize=_SMALL)
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
) -> None:
    middle = assumptions.centre()
    exposed = exposure_of(layout, middle)
    seen = np.average(exposed.detectability, axis=0, weights=exposed.animals.sum(axis=1))
    _draw_cells(axes, assumptions.mask, seen)
    if reserve is not None:
        for part in get_parts(reserve.geometry):
            for ring in (part.exterior, *part.interiors):
                axes.plot(*ring.xy, color="white", lw=2.0, zorder=3)
                axes.plot(*ring.xy, color=INK, lw=0.8, zorder=3)
    _draw_stations(axes, layout)
    axes.set_xlim(window[0], window[2])
    axes.set_ylim(window[1], window[3])
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor("#dde6ea")


def _draw_stations(axes: Axes, layout: Layout) -> None:
    """Stations by the number of cameras, or what is searched."""
    if layout.traps.parts is not None:
        add_traps(axes, layout.traps.parts)
        return
    cameras = np.asarray(layout.cameras)
    for number, face in ((1, "white"), (2, ACCENT)):
        some = layout.xy[cameras == number]
        if len(some):
            label = f"{number} camera{'s' if number > 1 else ''}"
            axes.plot(*some.T, "o", ms=3.2, mfc=face, mec=INK, mew=0.5, zorder=4, label=label)


def _draw_cells(axes: Axes, mask: HabitatMask, values: NDArray[np.float64]) -> None:
    if mask.spacing is None:
        x, y = mask.xy.T
        axes.scatter(x, y, c=values, s=3.0, marker="s", cmap=_COLOURS, vmin=0, vmax=1)
        return
    side = float(cell_side(mask)[0])
    first = mask.xy.min(axis=0)
    index = np.rint((mask.xy - first) / side).astype(np.int64)
    grid = np.full(tuple(index.max(axis=0)[::-1] + 1), np.nan)
    grid[index[:, 1], index[:, 0]] = values
    x0, y0 = first - side / 2
    n_rows, n_columns = grid.shape
    axes.imshow(
        grid,
        origin="lower",
        extent=(x0, x0 + n_columns * side, y0, y0 + n_rows * side),
        cmap=_COLOURS,
        vmin=0,
        vmax=1,
        interpolation="nearest",
        zorder=1,
    )


def _draw_ranking(axes: Axes, comparison: Comparison) -> None:
    """The criterion of each layout with its interval or Monte Carlo error."""
    table, by = comparison.table, comparison.by
    y = np.arange(len(table))[::-1]
    value = table[by].to_numpy()
    if f"{by}.lower" in table.columns:
        low, high = table[f"{by}.lower"].to_numpy(), table[f"{by}.upper"].to_numpy()
        note = "95 % over parameters"
    else:
        error = table["rse_error"].to_numpy() if by == "rse" else np.zeros(len(table))
        low, high = value - 2 * error, value + 2 * error
        note = "2 Monte Carlo errors"
    axes.hlines(y, low, high, color=INK, lw=1.2)
    axes.plot(value, y, "o", ms=5, color=ACCENT)
    if by == "rse":
        axes.plot(table["rule_rse"], y, "|", ms=8, mew=1.4, color="#777777")
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
    axes.set_title(_LABELS.get(by, by), size=_TEXT, loc="left", color=INK)
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
        second += f", {by} {row[by]:.3g}"
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
    arrow = {"arrowstyle": "-|>", "color": INK, "lw": 0.8}
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
        label, xy=(0.95, 0.155), xycoords="axes fraction", ha="center", va="bottom", size=_SMALL
    )
