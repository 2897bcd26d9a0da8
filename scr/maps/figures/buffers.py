"""Whether the mask was wide enough: effective sampling area against its buffer."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from scr.fit.result import Fit
from scr.maps.figures.charts import CLASS_COLOURS, chart_sheet, plain_axes
from scr.maps.figures.layout import COLUMN_WIDTH_MM, INK, SMALL_PT, Heading
from scr.maps.wording import LETTERS, as_sentence
from scr.posterior.buffers import BufferCurve, esa_by_buffer
from scr.posterior.thinning import method_of

_PANEL_MM, _M_PER_KM = 46.0, 1000.0


@rc_context(LETTERS)
def plot_esa_by_buffer(
    fit: Fit,
    *,
    session: str | None = None,
    subject: str | None = None,
    banner: str | None = None,
    width_mm: float = COLUMN_WIDTH_MM,
) -> Figure:
    """Effective sampling area against the buffer of the mask, with the buffer that was used.

    Parameters
    ----------
    fit
        A fitted model.
    session
        Session; the first if left out.
    subject, banner, width_mm
        As in ``MapStyle``.

    Returns
    -------
    Figure
        Give it to ``save_figure``. Where the curve still rises at the buffer used, the mask is too
        narrow and density too high.

    Raises
    ------
    FitError
        If there is no such session.
    """
    curve = esa_by_buffer(fit, session=session)
    details = _details(fit, curve, subject)
    figure, (axes,) = chart_sheet(
        Heading("Effective sampling area by buffer", details, banner),
        width_mm=width_mm,
        panel_mm=_PANEL_MM,
    )
    table = curve.table
    km = table["buffer_m"].to_numpy() / _M_PER_KM
    lower, upper = table["lower"].to_numpy(), table["upper"].to_numpy()
    axes.fill_between(km, lower, upper, color=CLASS_COLOURS[0], alpha=0.2, linewidth=0)
    axes.plot(km, table["median"].to_numpy(), color=CLASS_COLOURS[0], linewidth=1.2)
    used = curve.used / _M_PER_KM
    axes.axvline(used, color=INK, linewidth=0.8, linestyle="--")
    axes.set_xlim(0, float(km[-1]))
    axes.set_ylim(0, None)
    axes.annotate(
        f"used: {used:.3g} km",
        (used, 0.04),
        xycoords=axes.get_xaxis_transform(),
        xytext=(-2, 0),
        textcoords="offset points",
        ha="right",
        size=SMALL_PT,
        color=INK,
    )
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    plain_axes(axes, x="Buffer round the stations (km)", y="Effective sampling area (km²)")
    return figure


def _details(fit: Fit, curve: BufferCurve, subject: str | None) -> str:
    method = method_of(fit)
    method = method if "plug-in" in method else f"{method} median"
    table = curve.table
    session = f"session {curve.session}" if len(fit.survey.sessions) > 1 else None
    text = f"{as_sentence([subject, session, f'{method} with 95 % interval'])}."
    if not curve.wider:
        return f"{text} The mask cannot be wider."
    used = float(np.interp(curve.used, table["buffer_m"], table["median"]))
    added = 100 * (float(table["median"].iloc[-1]) / used - 1)
    return f"{text} Widening the buffer by half adds {added:.1f} %"
