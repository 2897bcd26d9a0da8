"""The prior of a fit in words and numbers."""

from collections.abc import Callable

import numpy as np

from scr.fit.result import Fit
from scr.model.coordinates import coordinates_of
from scr.model.detection import DetectionFunction
from scr.model.labels import term_in_words
from scr.model.latent_names import INDIVIDUAL
from scr.model.links import expit
from scr.model.pool_names import GROUP, OF_SCALE
from scr.model.priors import Normal, Prior, shown_scale
from scr.model.reach import reach_of
from scr.units import REPORTED_DENSITY, per_100_km2

_NATURAL: dict[str, tuple[Callable[[float], float], str]] = {
    "density": (lambda value: per_100_km2(float(np.exp(value))), REPORTED_DENSITY),
    "lambda0": (lambda value: float(np.exp(value)), "detections per day {}"),
    "g0": (lambda value: float(expit(np.array(value))), "per {1} {0}"),
    "a0": (lambda value: float(np.exp(value)), "km2"),
    "sigma": (lambda value: float(np.exp(value)), "m"),
    "sigmak": (lambda value: float(np.exp(value)), ""),
    "z": (lambda value: float(np.exp(value)), ""),
    "share": (lambda value: float(expit(np.array(value))), "of the second class"),
    "pmix": (lambda value: float(expit(np.array(value))), "of the second latent group"),
    "confirmed": (lambda value: float(expit(np.array(value))), "of pairs of sides"),
    "library": (lambda value: float(expit(np.array(value))), "of animals"),
}


def prior_in_words(prior: Prior) -> str:
    """A prior as text.

    Parameters
    ----------
    prior
        The record.

    Examples
    --------
    >>> prior_in_words(Normal(-4.40829, 2.0))
    'normal (mean -4.41, sd 2)'
    """
    mean, scale = (f"{value:.3g}" for value in (prior.mean, shown_scale(prior)))
    if isinstance(prior, Normal):
        return f"normal (mean {mean}, sd {scale})"
    return f"Student t (centre {mean}, scale {scale}, {prior.df:g} df)"


def priors_in_words(fit: Fit) -> dict[str, str]:
    """What was assumed of each parameter: its level in its own unit, and its slopes.

    Parameters
    ----------
    fit
        A fitted model.

    Returns
    -------
    dict
        Text by parameter; empty for maximum likelihood.
    """
    prior = fit.prior
    if prior is None:
        return {}
    texts = {}
    for parameter, block in fit.problem.design.blocks.items():
        parts = []
        terms = [name.removeprefix(f"{parameter}.") for name in prior.names[block]]
        kinds = prior.kinds[block]
        of = {prior.names[pool.sd]: pool.term for pool in prior.pools}
        for term, kind, record in zip(terms, kinds, prior.records[block], strict=True):
            if kind == "level" or (kind == "own" and term == "Intercept"):
                family = fit.spec.family
                parts.append(f"{_place(fit, parameter, kind)}{_level(parameter, record, family)}")
            elif kind == "own" and term.endswith(f"[{OF_SCALE}]"):
                of_scale = term_in_words(term, fit.labels)
                parts.append(f"{of_scale} (0 the finest, 1 the coarsest) {prior_in_words(record)}")
            elif kind == "own":
                # Without the level of a factor, which may be the name of a station.
                column = term.partition("[")[0]
                folded = ", folded at 0" if column == INDIVIDUAL else ""
                parts.append(f"{column} {prior_in_words(record)} on the link scale{folded}")
            elif kind == "sd":
                what = of[f"{parameter}.{term}"]
                what = "sessions" if what == GROUP else what
                parts.append(
                    f"standard deviation of {what} {prior_in_words(record)}, the part above 0; "
                    "their effects normal about 0 with this standard deviation"
                )
            elif kind == "length":
                parts.append(f"log length of {term.partition('[')[0]} {prior_in_words(record)}")
        if "slope" in kinds:
            parts.append(_slopes(kinds.count("slope")))
        texts[parameter] = "; ".join(parts)
    return texts


def _place(fit: Fit, parameter: str, kind: str) -> str:
    """Where a level holds, where the parameter varies."""
    if len(fit.problem.design.coefficient_names[fit.problem.design.blocks[parameter]]) == 1:
        return ""
    if kind == "own":
        return "where all other columns are 0: "
    if parameter != "density":
        return "at the mean of its columns: "
    reach = reach_of(fit.survey)
    is_near = np.isfinite(reach) and coordinates_of(fit.problem.design).by_reach
    within = f" within {reach / 1000:,.3g} km of the stations" if is_near else " over the mask"
    return f"at the mean of its covariates{within}: "


def _level(parameter: str, record: Prior, family: DetectionFunction) -> str:
    natural, unit = _NATURAL[parameter]
    unit = (
        "m"
        if parameter == "z" and family.z_in_metres
        else unit.format(family.where_highest, family.period)
    )
    if not isinstance(record, Normal):
        return f"{prior_in_words(record)} on the link scale"
    low, middle, high = (
        _in_digits(natural(record.mean + reach * record.sd), digits)
        for reach, digits in ((-1.959964, 2), (0.0, 3), (1.959964, 3))
    )
    text = f"median {middle}, 95 % {low} to {high} {unit}".rstrip()
    return f"{text} ({prior_in_words(record)} on the link scale)"


def _in_digits(value: float, digits: int) -> str:
    return f"{float(f'{value:.{digits}g}'):,g}"


def _slopes(n: int) -> str:
    if n == 1:
        return "slope normal (mean 0, sd 1) per standard deviation of its column"
    return (
        "slopes normal about 0 with the inverse of the covariance of their columns, which is sd 1 "
        "per standard deviation for columns that do not go together"
    )
