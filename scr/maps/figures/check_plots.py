"""Checks of a fit: the survey beside surveys simulated by the model, one panel for each check."""

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from scr.maps.figures.charts import CLASS_COLOURS, LIGHT, Room, add_key, chart_sheet, plain_axes
from scr.maps.figures.layout import INK, PAGE_WIDTH_MM, SMALL_PT, Heading
from scr.maps.wording import LETTERS
from scr.posterior.fit_checks import FitCheck, FitChecks

_PANEL_MM, _MM_PER_COLUMN, _N_BINS = 20.0, 43.0, 20
_SUSPECT = CLASS_COLOURS[1]


@rc_context(LETTERS)
def plot_fit_checks(
    checks: FitChecks,
    *,
    subject: str | None = None,
    banner: str | None = None,
    width_mm: float = PAGE_WIDTH_MM,
) -> Figure:
    """Each statistic of the survey (line) among those of replicates (bars), with its p-value.

    Parameters
    ----------
    checks
        From ``check_fit``.
    subject, banner, width_mm
        As in ``MapStyle``.

    Returns
    -------
    Figure
        Give it to ``save_figure``. What is shown is what is left of a statistic when what the
        coefficients explain of it is taken off, in standard deviations of the replicates. Not for
        the public.
    """
    n_columns = max(1, int(width_mm / _MM_PER_COLUMN))
    details = "Difference from the mean of simulated surveys, in their standard deviations"
    figure, panels = chart_sheet(
        Heading("Does the model fit?", f"{subject}. {details}" if subject else details, banner),
        width_mm=width_mm,
        panel_mm=_PANEL_MM,
        grid=(-(-len(checks.checks) // n_columns), n_columns),
        room=Room(left=3.5, right=3.5, above=7.5, below=6.0, foot=5.0),
    )
    for check, axes in zip(checks.checks, panels, strict=False):
        _draw(axes, check)
    for axes in panels[len(checks.checks) :]:
        axes.set_axis_off()
    _explain(figure)
    return figure


def _draw(axes: Axes, check: FitCheck) -> None:
    scale = check.adjusted.std() or 1.0
    middle = check.adjusted.mean()
    bars = (check.adjusted - middle) / scale
    own = float((np.median(check.adjusted_observed) - middle) / scale)
    reach = float(max(3.0, 1.1 * abs(own), np.abs(bars).max()))
    axes.hist(bars, bins=_N_BINS, range=(-reach, reach), color=LIGHT, alpha=0.6)
    axes.axvline(own, color=_SUSPECT if check.is_suspect else CLASS_COLOURS[0], linewidth=1.4)
    axes.set_xlim(-reach, reach)
    plain_axes(axes, left=False)
    axes.set_yticks([])
    statistic = check.statistic
    sides = ", two-sided" if statistic.two_sided else ""
    axes.set_title(
        f"{statistic.name}\np = {check.p_value:.2g}{sides}",
        size=SMALL_PT + 0.5,
        color=_SUSPECT if check.is_suspect else INK,
        pad=2.0,
        parse_math=False,
    )


def _explain(figure: Figure) -> None:
    add_key(
        figure,
        [
            Patch(color=LIGHT, alpha=0.6, label="Simulated surveys"),
            Line2D([], [], color=CLASS_COLOURS[0], linewidth=1.4, label="This survey"),
            Line2D([], [], color=_SUSPECT, linewidth=1.4, label="This survey, p at most 0.01"),
        ],
    )
