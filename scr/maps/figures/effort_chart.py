"""The effort chart: which station worked on which day, and where animals were detected."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import colormaps, rc_context
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.dates import AutoDateLocator, date2num, num2date
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from scr.maps.figures.charts import Room, chart_sheet, plain_axes
from scr.maps.figures.layout import COLUMN_WIDTH_MM, INK, MM_PER_INCH, SMALL_PT, TEXT_PT, Heading
from scr.maps.wording import LETTERS, as_sentence, as_written
from scr.shown import counted
from scr.survey.detectors import worded
from scr.survey.survey import Session

_WORKING, _PART, _IDLE = "#7fb4dc", "#cfe3f3", "#f1f1f1"
_NAME_PT, _MM_PER_NAME_CHARACTER, _LONGEST_NAME = 5.0, 1.12, 14
_TALLEST_MM, _ROW_MM, _NAME_ROW_MM = 200.0, 3.0, 2.0
_WIDEST_CELL_MM, _NUMBER_CELL_MM = 14.0, (3.5, 1.6)
_POINTS_PER_MM = 72 / MM_PER_INCH
_MM_PER_TICK = 16.0


@dataclass(frozen=True, eq=False)
class _Chart:
    """A session as rows of a chart, from the top down."""

    session: Session
    order: NDArray[np.int64]
    effort: NDArray[np.float64]
    detections: NDArray[np.int64]

    @property
    def full(self) -> float:
        """Days of work that fill an occasion."""
        usage = self.session.usage
        return float(self.effort.max() if usage.first_day is None else usage.lengths.max())

    @property
    def in_grades(self) -> bool:
        """Whether occasions differ in more than working, part of a day, not working."""
        positive = self.effort[self.effort > 0]
        return self.full > 1 and bool(np.ptp(positive) > 0)

    @property
    def names(self) -> list[str]:
        names = [str(self.session.traps.names[k]) for k in self.order]
        return [n if len(n) <= _LONGEST_NAME else f"{n[: _LONGEST_NAME - 1]}…" for n in names]


@dataclass(frozen=True)
class _Size:
    """Millimetres of a row, of a cell, and of the room for names on each side."""

    row: float
    cell: float
    names: float
    both_sides: bool
    step: int
    numbered: bool


@rc_context(LETTERS)
def plot_effort(
    session: Session,
    *,
    subject: str | None = None,
    banner: str | None = None,
    width_mm: float = COLUMN_WIDTH_MM,
) -> Figure:
    """Which station worked when, and where animals were detected. It is private: it names stations.

    Parameters
    ----------
    session
        Stations, effort and captures. Stations are in the order in which their work began, then
        ended; those that never worked come last.
    subject, banner, width_mm
        As in ``MapStyle``.

    Returns
    -------
    Figure
        Give it to ``save_figure``. Occasions of several days, or of numbers without a date, are
        coloured by the days worked in them.
    """
    chart = _chart_of(session)
    size = _size_of(chart, width_mm)
    n_rows, n_occasions = chart.effort.shape
    beside = 3.0 + size.names
    right = max(
        beside if size.both_sides else 5.0, width_mm - beside - n_occasions * _WIDEST_CELL_MM
    )
    figure, (axes,) = chart_sheet(
        Heading(
            worded("Effort of the stations", session.traps.searched),
            _details(session, subject),
            banner,
        ),
        width_mm=width_mm,
        panel_mm=n_rows * size.row,
        room=Room(left=beside, right=right, below=12.0, foot=12.0 if chart.in_grades else 5.0),
    )
    edges = _edges_on_axis(session)
    image = axes.imshow(
        np.ma.masked_equal(_cells(chart), 0.0),
        extent=(edges[0], edges[-1], n_rows - 0.5, -0.5),
        aspect="auto",
        interpolation="nearest",
        cmap=_colours(chart),
        norm=Normalize(0.0, max(chart.full, float(chart.effort.max()))),
    )
    axes.set_facecolor(_IDLE)
    between = np.arange(1, n_rows) - 0.5
    across = axes.get_yaxis_transform()
    thin = min(0.5, 0.3 * size.row)
    axes.hlines(between, 0, 1, transform=across, color="white", linewidth=thin)
    _mark_detections(axes, chart, size)
    _name_rows(axes, chart, size)
    _name_occasions(axes, session, width_mm=width_mm - beside - right)
    _explain(figure, chart, image, numbered=size.numbered)
    return figure


def _chart_of(session: Session) -> _Chart:
    effort = session.usage.effort
    worked = effort > 0
    n_occasions = effort.shape[1]
    ever = worked.any(axis=1)
    start = np.where(ever, worked.argmax(axis=1), n_occasions)
    end = np.where(ever, n_occasions - worked[:, ::-1].argmax(axis=1), n_occasions)
    names = session.traps.names.astype(str)
    order = np.lexsort([names, end, start])
    captures = session.captures
    detections = np.zeros(effort.shape, dtype=np.int64)
    np.add.at(detections, (captures.trap, captures.occasion), captures.count)
    return _Chart(session, order.astype(np.int64), effort[order], detections[order])


def _size_of(chart: _Chart, width_mm: float) -> _Size:
    n_rows, n_occasions = chart.effort.shape
    row = min(_ROW_MM, _TALLEST_MM / n_rows)
    both = row < _NAME_ROW_MM
    step = int(np.ceil(_NAME_ROW_MM / row / (2 if both else 1)))
    names = max(7.0, 1.0 + _MM_PER_NAME_CHARACTER * max(map(len, chart.names)))
    room = width_mm - (3.0 + names) - (3.0 + names if both else 5.0)
    cell = min(_WIDEST_CELL_MM, room / n_occasions)
    roomy = cell >= _NUMBER_CELL_MM[0] and row >= _NUMBER_CELL_MM[1]
    return _Size(row, cell, names, both, step, roomy and bool(chart.detections.max() > 1))


def _colours(chart: _Chart) -> ListedColormap:
    if chart.in_grades:
        return ListedColormap(colormaps["Blues"](np.linspace(0.12, 0.52, 64)))
    n = 256
    return ListedColormap([_PART] * (n - 1) + [_WORKING])


def _mark_detections(axes: Axes, chart: _Chart, size: _Size) -> None:
    """Numbers where there is room for them and some are above 1, else dots."""
    row, occasion = np.nonzero(chart.detections)
    if len(row) == 0:
        return
    edges = _edges_on_axis(chart.session)
    x = 0.5 * (edges[occasion] + edges[occasion + 1])
    counts = chart.detections[row, occasion]
    if size.numbered:
        for i in range(len(row)):
            axes.text(
                x[i], row[i], str(counts[i]), size=_NAME_PT, ha="center", va="center_baseline"
            )
        return
    width = float(np.clip(0.6 * size.row, 0.5, 1.2)) * _POINTS_PER_MM
    axes.plot(x, row, **_dot(width), zorder=3)


def _dot(size_pt: float) -> dict[str, Any]:
    return {
        "linestyle": "none",
        "marker": "o",
        "markersize": size_pt,
        "markeredgewidth": 0,
        "color": INK,
    }


def _name_rows(axes: Axes, chart: _Chart, size: _Size) -> None:
    """Names on the left; where rows are narrow, every other name on the right."""
    names, n_rows = chart.names, len(chart.names)
    look = {"labelsize": _NAME_PT, "length": 1.2, "width": 0.4, "pad": 1.0, "color": INK}
    plain_axes(axes, left=False)
    stride = 2 * size.step if size.both_sides else size.step
    left = np.arange(0, n_rows, stride)
    axes.set_yticks(left, [names[i] for i in left])
    axes.tick_params(axis="y", **look)
    as_written(axes.get_yticklabels())
    if size.both_sides:
        right = np.arange(size.step, n_rows, stride)
        other = axes.secondary_yaxis("right")
        other.set_yticks(right, [names[i] for i in right])
        other.tick_params(axis="y", **look)
        as_written(other.get_yticklabels())
        other.spines["right"].set_visible(False)


def _name_occasions(axes: Axes, session: Session, *, width_mm: float) -> None:
    n_ticks = max(1, int(width_mm / _MM_PER_TICK))
    if session.usage.first_day is None:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=n_ticks + 1, integer=True))
        n_occasions = session.usage.effort.shape[1]
        ticks = [t for t in axes.get_xticks() if 1 <= t <= n_occasions] or [1]
        axes.set_xticks(ticks, [f"{t:.0f}" for t in ticks])
        axes.set_xlabel("Occasion", size=TEXT_PT, labelpad=2)
        return
    start, end = axes.get_xlim()
    locator = AutoDateLocator(minticks=1, maxticks=n_ticks)  # type: ignore[no-untyped-call]
    found = locator.tick_values(*num2date([start, end]))  # type: ignore[no-untyped-call]
    ticks = [t for t in found if start <= t <= end]
    ticks = ticks[:: -(-len(ticks) // n_ticks)] or [start]
    axes.set_xticks(ticks, _dates(ticks))
    label = {1: "Day", "month": "Calendar months"}.get(
        session.usage.occasion_days, f"Occasions of {session.usage.occasion_days} days"
    )
    axes.set_xlabel(label, size=TEXT_PT, labelpad=2)


def _dates(ticks: list[float]) -> list[str]:
    """Day and month, with the year below the first and wherever it changes."""
    labels, year = [], None
    for moment in num2date(ticks):  # type: ignore[no-untyped-call]
        day = f"{moment.day} {moment:%b}"
        labels.append(day if moment.year == year else f"{day}\n{moment.year}")
        year = moment.year
    return labels


def _explain(figure: Figure, chart: _Chart, image: ScalarMappable, *, numbered: bool) -> None:
    """A legend at the foot; above it a bar of colours where occasions differ in their days."""
    width, height = (MM_PER_INCH * size for size in figure.get_size_inches())
    handles: list[Any] = []
    if chart.in_grades:
        axes = figure.add_axes((4.0 / width, 8.2 / height, 24.0 / width, 1.8 / height))
        bar = figure.colorbar(image, cax=axes, orientation="horizontal", ticks=MaxNLocator(3))
        bar.ax.tick_params(labelsize=SMALL_PT, length=2, width=0.5, pad=1.0)
        bar.outline.set_linewidth(0.4)
        figure.text(
            31.0 / width, 8.2 / height, "Days worked in the occasion", size=SMALL_PT, color=INK
        )
    else:
        handles.append(Patch(color=_WORKING, label="Working"))
        if (chart.effort[chart.effort > 0] < chart.full).any():
            handles.append(Patch(color=_PART, label="Part of a day"))
    if (chart.effort == 0).any():
        handles.append(Patch(color=_IDLE, label="Not working"))
    if numbered:
        handles.append(
            Line2D([], [], label="Detections", marker="$2$", ms=3.5, color=INK, linestyle="none")
        )
    elif chart.detections.any():
        handles.append(Line2D([], [], label="Animal detected", **_dot(3.0)))
    if handles:
        figure.legend(
            handles=handles,
            loc="lower left",
            bbox_to_anchor=(3.0 / width, 1.2 / height),
            ncols=len(handles),
            frameon=False,
            borderaxespad=0.0,
            borderpad=0.0,
            fontsize=SMALL_PT,
            handlelength=1.2,
            handleheight=0.8,
            columnspacing=1.2,
        )


def _edges_on_axis(session: Session) -> NDArray[np.float64]:
    """Where occasions begin and the last ends, in days of the axis, or in numbers."""
    edges = session.usage.edges
    if edges is None:
        return np.arange(session.usage.effort.shape[1] + 1) + 0.5
    return np.asarray(date2num(edges), dtype=np.float64)  # type: ignore[no-untyped-call]


def _cells(chart: _Chart) -> NDArray[np.float64]:
    """Effort in cells of one width: occasions, or the days of months, which differ in length."""
    lengths = chart.session.usage.lengths
    return chart.effort if np.ptp(lengths) == 0 else np.repeat(chart.effort, lengths, axis=1)


def _details(session: Session, subject: str | None) -> str:
    usage, captures = session.usage, session.captures
    n_traps, n_occasions = usage.effort.shape
    idle = int((usage.effort.sum(axis=1) == 0).sum())
    noun = worded("station", session.traps.searched)
    n_days = f"{usage.effort.sum():,.0f} {noun}-days"
    parts = [
        subject,
        f"session {session.name}",
        f"{counted(n_traps, noun)}" + (f" ({idle} never worked)" if idle else ""),
        counted(n_occasions, "occasion"),
        n_days,
        f"{counted(captures.n_detections, 'detection')} of "
        f"{counted(captures.n_individuals, 'animal')}",
    ]
    return as_sentence(parts)
