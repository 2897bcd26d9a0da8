"""Animals by session: one panel a region, numbers on the left and density on the right."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from scr.maps.figures.charts import CLASS_COLOURS, Room, chart_sheet, plain_axes
from scr.maps.figures.layout import COLUMN_WIDTH_MM, INK, PAGE_WIDTH_MM, SMALL_PT, TEXT_PT, Heading
from scr.maps.trend_numbers import TrendNumbers
from scr.maps.trend_words import ALL_REGIONS, change_in_words, yearly_rates
from scr.maps.wording import LETTERS, as_sentence, text_width, wrapped
from scr.units import KM2_PER_REPORTED_AREA

_PANEL_MM, _LINE_MM, _LEGEND_LINE_MM, _TITLE_PT = 40.0, 3.2, 4.0, SMALL_PT + 0.5
_SIDES = {"left": 14.0, "right": 15.0}
_MARKS: dict[str, dict[str, Any]] = {
    "expected N": {"color": CLASS_COLOURS[0], "fmt": "o", "label": "Expected for such habitat"},
    "realised N": {"color": CLASS_COLOURS[1], "fmt": "s", "label": "Estimated to have lived there"},
}
_APART = 0.07
"""Between the two marks of a session, as a share of the least distance between sessions."""


def width_for(table: pd.DataFrame) -> float:
    """Width of the figure: a column for one region, a page for several; millimetres.

    Parameters
    ----------
    table
        Numbers of animals.
    """
    return COLUMN_WIDTH_MM if len(set(table["region"])) == 1 else PAGE_WIDTH_MM


@rc_context(LETTERS)
def plot_sessions(
    table: pd.DataFrame,
    trend: TrendNumbers | None = None,
    *,
    subject: str | None = None,
    banner: str | None = None,
    width_mm: float = COLUMN_WIDTH_MM,
) -> Figure:
    """Expected and realised number of animals in each region and session, with 95 % intervals.

    Parameters
    ----------
    table
        As ``scr.abundance`` gives it, of several sessions.
    trend
        The change over them: sessions then stand at their years, and the yearly rate above.
    subject, banner, width_mm
        As in ``MapStyle``.

    Returns
    -------
    Figure
        Give it to ``save_figure``. It holds no place.
    """
    regions = list(dict.fromkeys(table["region"]))
    n_columns = 1 if width_mm < PAGE_WIDTH_MM or len(regions) == 1 else 2
    share = width_mm / n_columns - sum(_SIDES.values())
    rates = {} if trend is None else {row["region"]: row for row in yearly_rates(trend.table)}
    titles = {name: _title(name, rates.get(name), room_mm=share) for name in regions}
    above = _LINE_MM * max(map(len, titles.values())) + 1.5
    labels, place = _places(table, trend)
    upright = _must_stand(labels, share)
    below = 6.0 + (upright and max(text_width(label, SMALL_PT) for label in labels))
    n_lines = 1 if n_columns > 1 else len(_shown(table))
    figure, panels = chart_sheet(
        Heading("Animals by session", _details(subject, rates.get(ALL_REGIONS)), banner),
        width_mm=width_mm,
        panel_mm=_PANEL_MM,
        grid=(-(-len(regions) // n_columns), n_columns),
        room=Room(**_SIDES, above=above, below=below, foot=1.5 + _LEGEND_LINE_MM * n_lines),
    )
    for region, axes in zip(regions, panels, strict=False):
        rows = table[table["region"] == region]
        _draw(axes, rows, dict(zip(labels, place, strict=True)))
        _finish(axes, rows, labels, place)
        axes.tick_params(axis="x", labelrotation=90 if upright else 0)
        axes.set_title(
            "\n".join(titles[region]),
            size=_TITLE_PT,
            color=INK,
            loc="left",
            pad=2,
            parse_math=False,
        )
    for axes in panels[len(regions) :]:
        axes.set_axis_off()
    _explain(figure, table, n_columns=-(-len(_shown(table)) // n_lines))
    return figure


def _places(
    table: pd.DataFrame, trend: TrendNumbers | None
) -> tuple[list[str], NDArray[np.float64]]:
    """Sessions in order, and where they stand: at their years, or one beside the other."""
    names = list(dict.fromkeys(map(str, table["session"])))
    timeline = None if trend is None else trend.timeline
    if timeline is None or set(timeline.sessions) != set(names):
        return names, np.arange(len(names), dtype=np.float64)
    if timeline.years is None:
        return list(timeline.sessions), np.arange(len(names), dtype=np.float64)
    return list(timeline.sessions), timeline.years


def _details(subject: str | None, rate: Mapping[str, Any] | None) -> str:
    """What is drawn, and the yearly rate where it is one for all regions."""
    told = "" if rate is None else f". Expected: {change_in_words(rate)}"
    return as_sentence([subject, "estimates with 95 % interval"]) + told


def _title(region: str, rate: Mapping[str, Any] | None, *, room_mm: float) -> list[str]:
    """The region, and below it the yearly rate of its expected number."""
    parts = [region] if rate is None else [region, *change_in_words(rate).split("; ")]
    return [line for part in parts for line in wrapped(part, _TITLE_PT, room_mm=room_mm)]


def _must_stand(labels: list[str], room_mm: float) -> bool:
    """Whether the names of the sessions would touch one another side by side."""
    return sum(text_width(f"{label}  ", SMALL_PT) for label in labels) > room_mm


def _draw(axes: Axes, rows: pd.DataFrame, place: dict[str, float]) -> None:
    gaps = np.diff(np.unique(list(place.values())))
    step = _APART * float(gaps.min(initial=1.0) if len(gaps) else 1.0)
    shift = {"expected N": -step, "realised N": step}
    for estimand, mark in _MARKS.items():
        of = rows[rows["estimand"] == estimand]
        if of.empty:
            continue
        x = np.array([place[str(name)] for name in of["session"]]) + shift[estimand]
        middle = of["median"].to_numpy(dtype=np.float64)
        reach = np.abs(of[["lower", "upper"]].to_numpy(dtype=np.float64).T - middle)
        style = {key: value for key, value in mark.items() if key != "label"}
        axes.errorbar(x, middle, yerr=reach, ms=3.5, elinewidth=1.1, capsize=2.0, **style)


def _finish(axes: Axes, rows: pd.DataFrame, labels: list[str], place: NDArray[np.float64]) -> None:
    """Scales from 0: animals on the left, their density on the right."""
    plain_axes(axes, y="Animals")
    axes.set_ylim(0, 1.05 * float(rows["upper"].max()))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.set_xticks(place, labels, parse_math=False)
    margin = 0.12 * float(np.ptp(place)) or 0.5
    axes.set_xlim(place.min() - margin, place.max() + margin)
    density = axes.twinx()
    factor = KM2_PER_REPORTED_AREA / float(rows["area_km2"].iloc[0])
    density.set_ylim(*(factor * np.array(axes.get_ylim())))
    density.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    plain_axes(density, y="Animals per 100 km²", left=False)
    density.spines["right"].set(visible=True, linewidth=0.5, color=INK)


def _shown(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [mark for estimand, mark in _MARKS.items() if (table["estimand"] == estimand).any()]


def _explain(figure: Figure, table: pd.DataFrame, *, n_columns: int) -> None:
    handles = [
        Line2D([], [], color=mark["color"], marker=mark["fmt"], ms=3.5, lw=1.1, label=mark["label"])
        for mark in _shown(table)
    ]
    figure.legend(
        handles=handles,
        loc="lower center",
        ncols=n_columns,
        frameon=False,
        fontsize=TEXT_PT,
        borderaxespad=0.2,
        labelspacing=0.3,
    )
