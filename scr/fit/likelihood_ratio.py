"""Likelihood-ratio tests of nested models."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import chi2

from scr.errors import FitError
from scr.fit.same_data import what_differs
from scr.likelihood.problem import value_and_gradient

if TYPE_CHECKING:
    from scr.fit.result import Fit

_SAME = 1e-6
_LOWER = 1e-3


@dataclass(frozen=True)
class LikelihoodRatio:
    """A likelihood-ratio test.

    Parameters
    ----------
    statistic
        Twice the difference of the maxima of the log-likelihood, not below 0.
    df
        Coefficients that the larger model has beyond the smaller.
    p_value
        Probability of as large a statistic were the smaller model true, in large samples; NaN
        where that has no known distribution.
    notes
        What to know of it: limits of the chi-square distribution that hold here.
    """

    statistic: float
    df: int
    p_value: float
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        p = f"p = {self.p_value:.3g}" if np.isfinite(self.p_value) else "no p-value"
        noun = "coefficient" if self.df == 1 else "coefficients"
        told = f"chi-square {self.statistic:.2f} for {self.df} {noun}, {p}"
        return "\n".join([told, *self.notes])


def likelihood_ratio(fit: "Fit", other: "Fit") -> LikelihoodRatio:
    r"""Whether the larger of two nested models describes the data better than chance would.

    Parameters
    ----------
    fit, other
        Maximum likelihood fits, in either order. One model is nested in the other where it is the
        other with coefficients at 0, which is checked.

    Raises
    ------
    FitError
        If a fit is of another engine, data differ, the models are not nested, or the larger one
        did not reach the maximum of the smaller.

    References
    ----------
    Self & Liang (1987) J. Am. Stat. Assoc. 82:605-610, a standard deviation at 0: half chi-square
    with a degree of freedom less; McLachlan (1987) Appl. Stat. 36:318-324, for latent groups.
    """
    _check_same_data(fit, other)
    small, large = sorted((fit, other), key=lambda one: len(one.coefficient_names))
    extra = _extra(small, large)
    gain = large.log_likelihood - small.log_likelihood
    if gain < -_LOWER:
        msg = (
            f"The larger model has a log-likelihood {-gain:.3g} below that of the smaller, which "
            "it contains: its search ended at a lower maximum. Fit it again with starting= the "
            "coefficients of the smaller."
        )
        raise FitError(msg)
    statistic, df = max(0.0, 2 * gain), len(extra)
    p_value, notes = float(chi2.sf(statistic, df)), []
    if large.spec.effect_name in extra:
        fewer = float(chi2.sf(statistic, df - 1)) if df > 1 else float(statistic == 0)
        p_value = (p_value + fewer) / 2
        notes.append(
            f"{large.spec.effect_name} is a standard deviation, 0 in the smaller model and at the "
            "edge of what it can be: the p-value is of half and half chi-square with "
            f"{df} and {df - 1} degrees of freedom."
        )
    if any(name.startswith("pmix.") for name in extra):
        p_value = float("nan")
        notes.append(
            "Latent groups that are alike have no shares to estimate, and the statistic no "
            "chi-square distribution. Compare with surveys simulated from the smaller model, or "
            "compare by AIC."
        )
    flat = [one for one in (small, large) if not _is_inside(one)]
    if flat:
        notes.append(
            "Coefficients of a model lie at a boundary or cannot be told apart: the degrees of "
            "freedom are too many, and the p-value is too large."
        )
    return LikelihoodRatio(statistic, df, p_value, tuple(notes))


def _check_same_data(fit: "Fit", other: "Fit") -> None:
    if fit.engine != "mle" or other.engine != "mle":
        msg = (
            f"A likelihood-ratio test is of two fits by fit_mle; these are by {fit.engine} and "
            f"{other.engine}. Fit both by fit_mle, or use scr.compare."
        )
        raise FitError(msg)
    different = what_differs(fit, other)
    if different:
        msg = (
            f"The fits are of other data, or estimate something else: {', '.join(different)}. Fit "
            "both models to the same survey and mask."
        )
        raise FitError(msg)


def _extra(small: "Fit", large: "Fit") -> tuple[str, ...]:
    """Coefficients that are 0 in the smaller model; raises where that is not all."""
    missing = [name for name in small.coefficient_names if name not in large.coefficient_names]
    extra = tuple(name for name in large.coefficient_names if name not in small.coefficient_names)
    why = ""
    if missing:
        why = f"the larger has no {', '.join(missing)}"
    elif small.spec.detection != large.spec.detection:
        why = f"detection is {small.spec.detection} in one and {large.spec.detection} in the other"
    elif not extra:
        why = "they have the same coefficients"
    elif small.point is not None:
        place = dict.fromkeys(extra, 0.0)
        place |= dict(zip(small.coefficient_names, small.point.tolist(), strict=True))
        theta = np.array([place[name] for name in large.coefficient_names])
        there = value_and_gradient(large.problem, theta)[0]
        if not np.isclose(there, small.log_likelihood, rtol=_SAME, atol=_SAME):
            why = f"with {', '.join(extra)} at 0 the larger is not the smaller"
    if why:
        msg = (
            f"The models are not nested: {why}. Compare them by scr.compare. (A model is nested "
            "where it is the other without some of its terms; write formulas with an intercept.)"
        )
        raise FitError(msg)
    return extra


def _is_inside(fit: "Fit") -> bool:
    return all(check.passed for check in fit.checks if check.name == "boundary")
