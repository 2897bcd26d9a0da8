"""What was assumed of each coefficient before the survey, and what is known after it."""

from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray
from scipy.stats import gaussian_kde

from scr.errors import FitError
from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.maps.figures.charts import CLASS_COLOURS, Room, add_key, chart_sheet, plain_axes
from scr.maps.figures.layout import COLUMN_WIDTH_MM, INK, MM_PER_INCH, SMALL_PT, Heading
from scr.maps.wording import LETTERS, text_width
from scr.model.detection import DetectionFunction
from scr.model.joint_prior import JointPrior, Kind
from scr.model.labels import term_in_words
from scr.model.latent_names import INDIVIDUAL
from scr.model.pool_names import GROUP, OF_LENGTH, OF_SCALE, OF_SD, SD
from scr.model.priors import Prior, log_share_above_zero, shown_scale

_PANEL_MM, _MM_PER_COLUMN = 22.0, 42.0
_N_POINTS, _MOST_DRAWS = 201, 2000
_PRIOR_REACH, _MOST_WIDTHS = 2.0, 5.0
_LOGIT = ("g0", "share", "pmix", "confirmed", "library")
_UNITS = {"density": "per km²", "lambda0": "per day", "a0": "km²", "sigma": "m"}


@rc_context(LETTERS)
def plot_prior_posterior(
    fit: Fit,
    *,
    subject: str | None = None,
    banner: str | None = None,
    width_mm: float = COLUMN_WIDTH_MM,
) -> Figure:
    """Prior and posterior density of each coefficient, on its link scale.

    Where the two are alike the survey said little, and the prior matters.

    Parameters
    ----------
    fit
        A model fitted by ``fit_laplace`` or ``fit_nuts``.
    subject, banner, width_mm
        As in ``MapStyle``.

    Returns
    -------
    Figure
        Give it to ``save_figure``. It holds no place. The posterior is drawn by a Gaussian kernel
        over the draws; a wide prior is cut at the edge of its panel. An intercept far from all
        covariates, such as that of ``~ year``, gives way to the level at their means. The
        coefficients of basis functions of a smooth are left out.

    Raises
    ------
    FitError
        If the fit has no priors, as after maximum likelihood.
    """
    if fit.engine == "mle" or fit.prior is None:
        msg = (
            "A maximum likelihood fit has no priors, so that there is none to draw beside its "
            "estimates. Use fit_laplace or fit_nuts, or plot_covariate_response for the estimates."
        )
        raise FitError(msg)
    smooths = [pool.effects for pool in fit.prior.pools if pool.term != GROUP]
    names = {
        j: name
        for j, name in enumerate(fit.coefficient_names)
        if not any(effects.start <= j < effects.stop for effects in smooths)
    }
    n_columns = max(1, min(len(names), int(width_mm / _MM_PER_COLUMN)))
    details = "Posterior (filled) and prior (line), on the scale of the link"
    figure, panels = chart_sheet(
        Heading("Prior and posterior", f"{subject}. {details}" if subject else details, banner),
        width_mm=width_mm,
        panel_mm=_PANEL_MM,
        grid=(-(-len(names) // n_columns), n_columns),
        room=Room(left=3.5, right=3.5, above=5.0, below=9.0, foot=5.0),
    )
    draws, priors = thinned(fit.draws, _MOST_DRAWS), fit.priors
    for (j, name), axes in zip(names.items(), panels, strict=False):
        values, prior, at_mean = _shown(fit.prior, priors.get(name), draws, j)
        _draw(axes, values, prior, kind=fit.prior.kinds[j], term=name.partition(".")[2])
        plain_axes(axes, left=False)
        axes.set_yticks([])
        axes.set_xlabel(_unit(name, fit.spec.family), size=SMALL_PT, labelpad=1.5)
        room = axes.get_window_extent().width / figure.dpi * MM_PER_INCH + 5.0
        axes.set_title(
            _shortened(_title(name, fit, at_mean=at_mean), room),
            size=SMALL_PT + 0.5,
            color=INK,
            pad=3.0,
            parse_math=False,
        )
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    _explain(figure)
    return figure


def _shown(
    prior: JointPrior, own: Prior | None, draws: NDArray[np.float64], j: int
) -> tuple[NDArray[np.float64], Prior | None, bool]:
    """Draws and prior of a coefficient; of the level at mean covariates if zero is far from them.

    The intercept of ``~ year`` would be the density of the year 0, and span thousands.
    """
    level = prior.records[j]
    if prior.kinds[j] == "level" and (own is None or own.sd > _MOST_WIDTHS * level.sd):
        return draws @ prior.contrasts[j], level, True
    return draws[:, j], own, False


def _draw(
    axes: Axes, draws: NDArray[np.float64], prior: Prior | None, *, kind: Kind, term: str
) -> None:
    low, high = _window(draws, prior)
    low = 0.0 if term == INDIVIDUAL or kind == "sd" else low
    value = np.linspace(low, high, _N_POINTS)
    axes.fill_between(value, posterior_density(draws, value), **_posterior_style())
    if prior is not None:
        shown = replace(prior, sd=shown_scale(prior))
        density = np.exp(shown.log_density(value))
        if kind == "sd":  # the part above 0 alone
            density /= np.exp(log_share_above_zero(shown))
        if term == INDIVIDUAL:  # what lies below 0 is folded onto what lies above
            density += np.exp(shown.log_density(-value))
        axes.plot(value, density, **_prior_style())
    axes.set_xlim(low, high)
    axes.set_ylim(0.0, None)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=3, steps=[1, 2, 2.5, 5, 10]))


def posterior_density(
    draws: NDArray[np.float64], value: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Density of draws by a Gaussian kernel of Scott's width.

    Parameters
    ----------
    draws
        Of one coefficient, shape (n_draws,).
    value
        Where, shape (n_values,).

    Returns
    -------
    NDArray
        Shape (n_values,).
    """
    return np.asarray(gaussian_kde(draws)(value), dtype=np.float64)


def _window(draws: NDArray[np.float64], prior: Prior | None) -> tuple[float, float]:
    """Nearly all of the posterior, and of the prior what leaves the posterior wide enough."""
    low, middle, high = np.quantile(draws, [0.001, 0.5, 0.999])
    width = high - low
    low, high = low - 0.15 * width, high + 0.15 * width
    if prior is None:
        return float(low), float(high)
    reach = _MOST_WIDTHS / 2 * width
    before = max(prior.mean - _PRIOR_REACH * prior.sd, middle - reach)
    after = min(prior.mean + _PRIOR_REACH * prior.sd, middle + reach)
    return float(min(low, before)), float(max(high, after))


def _posterior_style() -> dict[str, Any]:
    return {"facecolor": CLASS_COLOURS[0], "alpha": 0.45, "edgecolor": CLASS_COLOURS[0], "lw": 0.8}


def _prior_style() -> dict[str, Any]:
    return {"color": INK, "linewidth": 0.9, "linestyle": "--"}


def _unit(name: str, family: DetectionFunction) -> str:
    """Scale of a coefficient: that of its parameter, or of an effect on it."""
    parameter, term = name.split(".", 1)
    link = "logit" if parameter in _LOGIT else "log"
    if term in {INDIVIDUAL, SD} or term.endswith(f"[{OF_SD}]"):
        return f"{link} {parameter}"
    if term.endswith(f"[{OF_LENGTH}]"):
        return "log, units of the covariate"
    if term.endswith(f"[{OF_SCALE}]"):
        return "logit of the place among scales"
    if term == "Intercept":
        in_metres = parameter == "z" and family.z_in_metres
        unit = "m" if in_metres else _UNITS.get(parameter)
        return f"{link}, {unit}" if unit else link
    return f"effect on {link} {parameter}"


def _title(name: str, fit: Fit, *, at_mean: bool) -> str:
    """Parameter and term, as the label below names the parameter again."""
    parameter, term = name.split(".", 1)
    if at_mean:
        return f"{parameter}: at mean covariates"
    return f"{parameter}: {term_in_words(term, fit.labels)}"


def _shortened(name: str, room_mm: float) -> str:
    text = name
    while len(text) > 2 and text_width(text, SMALL_PT + 0.5) > room_mm:
        text = f"{text.rstrip('…')[:-1]}…"
    return text


def _explain(figure: Figure) -> None:
    add_key(
        figure,
        [
            Patch(**_posterior_style(), label="Posterior"),
            Line2D([], [], **_prior_style(), label="Prior"),
        ],
    )
