"""How a parameter answers to each covariate of its formula, as curves with bands."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from scr.fit.result import Fit
from scr.maps.figures.charts import CLASS_COLOURS, LIGHT, Room, chart_sheet, plain_axes
from scr.maps.figures.layout import COLUMN_WIDTH_MM, INK, MM_PER_INCH, SMALL_PT, Heading
from scr.maps.wording import LETTERS, as_sentence, as_written, text_width
from scr.model.labels import (
    Label,
    Labels,
    covariate_in_words,
    level_in_words,
    value_in_words,
)
from scr.model.within_session import name_in_words
from scr.posterior.detectability import largest_sigma
from scr.posterior.responses import Response, Responses, covariate_responses
from scr.survey.detectors import worded
from scr.survey.survey import Survey
from scr.survey.years import YEAR, years_of

_TITLES = {
    "density": "Density",
    "lambda0": "Detection rate, λ0,",
    "g0": "Probability of detection, g0,",
    "a0": "Single-trap sampling area, a0,",
    "sigma": "Spatial scale, σ,",
    "sigmak": "Spatial scale by density, σ√D,",
    "z": "Shape of the detection function, z,",
    "share": "Share of the second class",
    "pmix": "Share of the second latent group",
    "distance": "Resistance of ground to movement",
}
_Y_LABELS = {
    "density": "Animals per 100 km²",
    "lambda0": "Detections per day",
    "g0": "Probability per day",
    "a0": "a0 (km²)",
    "sigma": "σ (km)",
    "sigmak": "σ√D",
    "z": "z",
    "share": "Share",
    "pmix": "Share",
    "distance": "Resistance",
}
_PANEL_MM, _MM_PER_COLUMN, _MOST_COLUMNS = 42.0, 58.0, 3
_MOST_TICKS_OF_RUG, _MOST_TIMES = 400, 6.0
_RUG_LOW, _RUG_HIGH, _BELOW_RUG = (0.9, 0.94), (0.95, 0.99), 0.88


@rc_context(LETTERS)
def plot_covariate_response(
    fit: Fit,
    parameter: str = "density",
    *,
    rug: bool = True,
    subject: str | None = None,
    banner: str | None = None,
    width_mm: float = COLUMN_WIDTH_MM,
) -> Figure:
    """Density, or a detection parameter, against each covariate of its formula.

    A line with its 95 % band for a number, points with bars for levels. The other covariates are
    held at their median, or their most frequent level, which the heading names. A band is cut
    where it is higher than six times the largest estimate.

    Parameters
    ----------
    fit
        A fitted model.
    parameter
        ``"density"`` or a detection parameter with covariates in its formula.
    rug
        Whether to mark the values of the covariate: for density over the mask, and above these in
        the cells within sigma of a trap. Beyond the upper marks the curve is extrapolated. With
        a rug the figure is private, as it tells how stations were placed. Without one the curve
        covers the middle nine tenths of the values.
    subject
        What the survey is called; put on the second line.
    banner
        Text stamped on the figure, such as ``"SIMULATED"``.
    width_mm
        Width of the figure, millimetres: 85 for a column, 174 for a page.

    Returns
    -------
    Figure
        Give it to ``save_figure``.

    Raises
    ------
    FitError
        If the model has no such parameter, or its formula no covariate.
    """
    found = covariate_responses(fit, parameter, public=not rug)
    n, labels = len(found.of), _with_years(fit.labels, fit.survey)
    n_columns = max(1, min(n, _MOST_COLUMNS, int(width_mm / _MM_PER_COLUMN)))
    has_rug = rug and any(not response.is_factor for response in found.of)
    figure, panels = chart_sheet(
        Heading(
            f"{_TITLES[parameter]} against {_covariates(found, labels)}",
            _details(found, subject, labels),
            banner,
        ),
        width_mm=width_mm,
        panel_mm=_PANEL_MM,
        grid=(-(-n // n_columns), n_columns),
        room=Room(above=1.5, foot=5.0 if has_rug else 0.0),
    )
    colour = CLASS_COLOURS[0]
    for response, axes in zip(found.of, panels, strict=False):
        if response.is_factor:
            _draw_levels(axes, response, colour, labels)
        else:
            _draw_curve(axes, response, colour)
        name = response.covariate
        known = covariate_in_words(name, labels) if name in labels else name_in_words(name)
        in_km = parameter == "z" and fit.spec.family.z_in_metres
        plain_axes(axes, x=known, y="z (km)" if in_km else _Y_LABELS[parameter])
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
        top = _top(response.table)
        if has_rug and not response.is_factor:
            _draw_rug(axes, response, both=parameter == "density")
            top /= _BELOW_RUG
        axes.set_ylim(0.0, top)
    for axes in panels[n:]:
        axes.set_axis_off()
    if has_rug:
        _explain_rug(figure, fit, parameter)
    return figure


def _with_years(labels: Labels, survey: Survey) -> Labels:
    """The labels, and where years come from dates, such as 2024.29, sessions in their place."""
    years, named = years_of(survey), labels.get(YEAR, Label("Year"))
    if years is None or named.levels or YEAR in survey.covariates:
        return labels
    sessions = zip(years, survey.sessions, strict=True)
    return {**labels, YEAR: replace(named, levels={_plain(y): s.name for y, s in sessions})}


def _top(table: pd.DataFrame) -> float:
    """The largest limit, but no more than a few times the largest estimate."""
    return min(1.03 * float(table["upper"].max()), _MOST_TIMES * float(table["median"].max()))


def _draw_curve(axes: Axes, response: Response, colour: str) -> None:
    table = response.table
    value = table["value"].to_numpy(dtype=np.float64)
    lower, upper = table["lower"].to_numpy(), table["upper"].to_numpy()
    axes.fill_between(value, lower, upper, color=colour, alpha=0.2, linewidth=0)
    axes.plot(value, table["median"].to_numpy(), color=colour, linewidth=1.2)
    axes.set_xlim(value[0], value[-1])
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))


def _draw_levels(axes: Axes, response: Response, colour: str, labels: Labels) -> None:
    table = response.table
    levels = [level_in_words(response.covariate, _plain(v), labels) for v in table["value"]]
    place = np.arange(len(table), dtype=np.float64)
    median = table["median"].to_numpy()
    reach = np.abs(table[["lower", "upper"]].to_numpy().T - median)
    axes.errorbar(
        place, median, yerr=reach, fmt="o", color=colour, ms=4, elinewidth=1.2, capsize=2.5
    )
    axes.set_xlim(-0.5, len(table) - 0.5)
    width = axes.get_window_extent().width / axes.figure.dpi * MM_PER_INCH / len(table)
    axes.set_xticks(place, [_level(level, width) for level in levels])
    as_written(axes.get_xticklabels())


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float | np.number) else str(value)


def _level(text: str, width_mm: float) -> str:
    """A level in the room it has."""
    while len(text) > 2 and text_width(text, SMALL_PT) > width_mm - 0.5:
        text = f"{text.rstrip('…')[:-1]}…"
    return text


def _draw_rug(axes: Axes, response: Response, *, both: bool) -> None:
    """Values of the covariate at the top: all of them, and above these those near traps."""
    rows = [(response.values, _RUG_LOW, LIGHT)]
    if both:
        rows.append((response.near, _RUG_HIGH, INK))
    for values, (low, high), colour in rows:
        marks = _marks(values)
        axes.vlines(
            marks, low, high, transform=axes.get_xaxis_transform(), color=colour, linewidth=0.25
        )


def _marks(values: pd.Series) -> NDArray[np.float64]:
    """All values, or evenly many of them in order of size, the ends among them."""
    ordered = np.unique(values.to_numpy(dtype=np.float64))
    if len(ordered) <= _MOST_TICKS_OF_RUG:
        return ordered
    every = np.sort(values.to_numpy(dtype=np.float64))
    rows = np.round(np.linspace(0, len(every) - 1, _MOST_TICKS_OF_RUG)).astype(np.int64)
    return every[rows]


def _explain_rug(figure: Figure, fit: Fit, parameter: str) -> None:
    look: dict[str, Any] = {"linestyle": "none", "marker": "|", "markersize": 5}
    if parameter == "density":
        km, searched = largest_sigma(fit) / 1000, fit.survey.sessions[0].traps.searched
        entries = [
            ("Cells of the mask", LIGHT),
            (worded(f"Cells within σ ({km:.2g} km) of a station", searched), INK),
        ]
    else:
        entries = [("Values in the survey", LIGHT)]
    width, height = (MM_PER_INCH * size for size in figure.get_size_inches())
    figure.legend(
        handles=[Line2D([], [], color=colour, label=label, **look) for label, colour in entries],
        loc="lower left",
        bbox_to_anchor=(12.0 / width, 1.2 / height),
        ncols=len(entries),
        frameon=False,
        borderaxespad=0.0,
        borderpad=0.0,
        fontsize=SMALL_PT,
        handlelength=1.0,
        columnspacing=1.2,
    )


def _covariates(found: Responses, labels: Labels) -> str:
    name = found.of[0].covariate
    return "covariates" if len(found.of) > 1 else labels.get(name, Label(name)).name


def _details(found: Responses, subject: str | None, labels: Labels) -> str:
    method = found.method if "plug-in" in found.method else f"{found.method} median"
    held = {name: value for response in found.of for name, value in response.held.items()}
    parts = [subject, f"{method} with 95 % interval"]
    if held:
        values = ", ".join(value_in_words(name, held[name], labels) for name in sorted(held))
        parts.append(f"others held at {values}")
    return as_sentence(parts)
