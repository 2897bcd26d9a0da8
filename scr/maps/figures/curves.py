"""The detection function as a figure."""

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from scr.maps.figures.charts import CLASS_COLOURS, CLASS_DASHES, chart_sheet, plain_axes
from scr.maps.figures.layout import COLUMN_WIDTH_MM, TEXT_PT, Heading
from scr.maps.wording import LETTERS
from scr.posterior.detectability import DetectionCurve

_HEADINGS = {
    "": "Detection by one station",
    "areas": "Finds in an area that is searched",
    "lines": "Finds along a line that is searched",
}
_MEASURES = {
    "": "Probability of detection per day",
    "areas": "Finds per km² and day",
    "lines": "Finds per km and day",
}
_PANEL_MM, _M_PER_KM = 48.0, 1000.0


@rc_context(LETTERS)
def plot_detection(
    curve: DetectionCurve,
    *,
    radius: pd.DataFrame | None = None,
    banner: str | None = None,
    width_mm: float = COLUMN_WIDTH_MM,
) -> Figure:
    """Probability of detection by one trap in one day against distance, with its 95 % band.

    Parameters
    ----------
    curve
        What ``detection_curve`` returned.
    radius
        What ``home_range_radius`` returned: drawn as a dotted line for each class, with its
        interval in the heading.
    banner
        Text stamped on the figure, such as ``"SIMULATED"``.
    width_mm
        Width of the figure, millimetres.

    Returns
    -------
    Figure
        Give it to ``save_figure``. It holds no place.
    """
    method = curve.method if "plug-in" in curve.method else "posterior median"
    details = f"{method[0].upper()}{method[1:]}, with 95 % interval"
    if curve.state:
        details = f"{details}, {curve.state}"
    if radius is not None:
        details = f"{details}. {_radius_in_words(radius)}"
    figure, (axes,) = chart_sheet(
        Heading(_HEADINGS[curve.searched], details, banner), width_mm=width_mm, panel_mm=_PANEL_MM
    )
    labels = list(dict.fromkeys(curve.table["class"]))
    for i, label in enumerate(labels):
        rows = curve.table[curve.table["class"] == label]
        km = rows["distance_m"].to_numpy() / _M_PER_KM
        colour = CLASS_COLOURS[i % len(CLASS_COLOURS)]
        lower, upper = rows["lower"].to_numpy(), rows["upper"].to_numpy()
        axes.fill_between(km, lower, upper, color=colour, alpha=0.2, linewidth=0)
        dashes = CLASS_DASHES[i % len(CLASS_DASHES)]
        axes.plot(km, rows["median"], color=colour, linestyle=dashes, linewidth=1.2, label=label)
    axes.set_xlim(0, float(np.max(curve.table["distance_m"])) / _M_PER_KM)
    axes.set_ylim(0, None)
    if radius is not None:
        _mark_radius(axes, radius, labels)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    plain_axes(axes, x="Distance from activity centre (km)", y=_MEASURES[curve.searched])
    if labels != [""]:
        axes.legend(frameon=False, fontsize=TEXT_PT, handlelength=2.2)
    return figure


def _mark_radius(axes: Axes, radius: pd.DataFrame, labels: list[str]) -> None:
    for label, median in zip(radius["class"], radius["median"].to_numpy(np.float64), strict=True):
        if np.isfinite(median):
            colour = CLASS_COLOURS[labels.index(label) % len(CLASS_COLOURS)]
            km = float(median) / _M_PER_KM
            axes.axvline(km, 0, 0.5, color=colour, linewidth=0.9, linestyle=":")


def _radius_in_words(radius: pd.DataFrame) -> str:
    parts = []
    for label, median, lower, upper in radius[["class", "median", "lower", "upper"]].to_numpy():
        name = f"{label} " if label else ""
        if np.isfinite(median):
            limits = f"{lower / _M_PER_KM:.1f} to {_km(upper)}"
            parts.append(f"{name}{median / _M_PER_KM:.1f} km ({limits})")
        else:
            parts.append(f"{name}not finite")
    return f"95 % home-range radius (dotted): {', '.join(parts)}"


def _km(metres: float) -> str:
    return f"{metres / _M_PER_KM:.1f}" if np.isfinite(metres) else "no limit"
