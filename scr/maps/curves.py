"""The detection function as a figure."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from scr.maps.layout import COLUMN_WIDTH_MM, INK, MM_PER_INCH, SMALL_PT, TEXT_PT, Heading
from scr.posterior.detectability import DetectionCurve

_CLASS_COLOURS = ("#0072b2", "#d55e00")
_CLASS_DASHES = ("-", "--")
_HEIGHT_MM, _LEFT = 68.0, 14.0
_M_PER_KM = 1000.0


def plot_detection(
    curve: DetectionCurve, *, banner: str | None = None, width_mm: float = COLUMN_WIDTH_MM
) -> Figure:
    """Probability of detection by one trap in one day against distance, with its 95 % band.

    Parameters
    ----------
    curve
        What ``detection_curve`` returned.
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
    heading = Heading("Detection by one station", details, banner)
    figure = Figure(figsize=(width_mm / MM_PER_INCH, _HEIGHT_MM / MM_PER_INCH), facecolor="white")
    left, right, bottom, top = _LEFT, 3.0, 11.0, heading.height_mm(width_mm)
    axes = figure.add_axes(
        (
            left / width_mm,
            bottom / _HEIGHT_MM,
            1 - (left + right) / width_mm,
            1 - (bottom + top) / _HEIGHT_MM,
        )
    )
    heading.write(figure, left_mm=left)
    labels = list(dict.fromkeys(curve.table["class"]))
    for i, label in enumerate(labels):
        rows = curve.table[curve.table["class"] == label]
        km = rows["distance_m"].to_numpy() / _M_PER_KM
        colour = _CLASS_COLOURS[i % len(_CLASS_COLOURS)]
        lower, upper = rows["lower"].to_numpy(), rows["upper"].to_numpy()
        axes.fill_between(km, lower, upper, color=colour, alpha=0.2, linewidth=0)
        dashes = _CLASS_DASHES[i % len(_CLASS_DASHES)]
        axes.plot(km, rows["median"], color=colour, linestyle=dashes, linewidth=1.2, label=label)
    axes.set_xlim(0, float(np.max(curve.table["distance_m"])) / _M_PER_KM)
    axes.set_ylim(0, None)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.set_xlabel("Distance from activity centre (km)", size=TEXT_PT, labelpad=2)
    axes.set_ylabel("Probability of detection per day", size=TEXT_PT, labelpad=3)
    axes.tick_params(labelsize=SMALL_PT, length=2, width=0.5, pad=1.5, color=INK)
    for side, spine in axes.spines.items():
        spine.set(linewidth=0.5, color=INK, visible=side in {"left", "bottom"})
    if labels != [""]:
        axes.legend(frameon=False, fontsize=TEXT_PT, handlelength=2.2)
    return figure
