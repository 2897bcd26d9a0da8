"""Surveys in several years: a monitoring plan, and the model that is fitted to all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import LayoutError
from scr.simulate.surveys import plan_survey
from scr.survey.detectors import DETECTORS
from scr.survey.survey import Survey
from scr.survey.traps import Traps
from trap_layouts.assumptions import Assumptions
from trap_layouts.exposure import planned_survey
from trap_layouts.layout import Layout

YEARLY = "density.year"
"""The coefficient of the yearly change."""


@dataclass(frozen=True)
class Monitoring:
    """Surveys in which years, and the change that they are to detect.

    Density changes by the same factor every year, everywhere alike.

    Parameters
    ----------
    years
        Years with a survey, whole numbers, ascending, two or more.
    change
        Relative change of density from the first of these years to the last: -0.2 is a loss of
        20 %; above -1, not 0.

    Raises
    ------
    LayoutError
        If a number is out of its range.

    Examples
    --------
    >>> plan = Monitoring((2026, 2027, 2028, 2029), -0.2)
    >>> f"{100 * plan.yearly:.1f} % a year"
    '-7.2 % a year'
    """

    years: tuple[int, ...]
    change: float

    def __post_init__(self) -> None:
        steps = np.diff(self.years)
        if len(self.years) < 2 or (steps <= 0).any():
            msg = (
                f"years = {list(self.years)}: surveys in two or more different years are needed, "
                "the first year first, as in [2026, 2028, 2030]."
            )
            raise LayoutError(msg)
        if not (self.change > -1 and self.change != 0 and np.isfinite(self.change)):
            msg = (
                f"change = {self.change:g}: the relative change from the first survey to the last "
                "must be above -1 and not 0 (-0.2 for a loss of 20 %)."
            )
            raise LayoutError(msg)

    @property
    def log_rate(self) -> float:
        """Change of log density in a year."""
        return float(np.log1p(self.change) / (self.years[-1] - self.years[0]))

    @property
    def yearly(self) -> float:
        """Relative change in a year."""
        return float(np.expm1(self.log_rate))

    @property
    def since_first(self) -> NDArray[np.float64]:
        """Years since the first survey, shape (n_years,)."""
        return np.array(self.years, dtype=np.float64) - self.years[0]

    def going_on(self, n_surveys: int) -> "Monitoring":
        """The same yearly change over another number of surveys, at the mean interval.

        Parameters
        ----------
        n_surveys
            Surveys in all, two or more.
        """
        step = (self.years[-1] - self.years[0]) / (len(self.years) - 1)
        years = tuple(self.years[0] + round(step * i) for i in range(n_surveys))
        change = float(np.expm1(self.log_rate * (years[-1] - years[0])))
        return Monitoring(years, change)


def over_years(assumptions: Assumptions, monitoring: Monitoring) -> Assumptions:
    """Model and coefficients of all years: density changes, detection is shared.

    Parameters
    ----------
    assumptions
        Of the first year.
    monitoring
        The years.

    Raises
    ------
    LayoutError
        If the model has no trend of density: density is not estimated, has no level of its own, or
        sigma follows it.
    """
    check_trend(assumptions)
    spec = assumptions.spec
    coefficients = dict(assumptions.coefficients)
    rate = np.full(assumptions.n_draws, monitoring.log_rate)
    name = "density.Intercept"
    coefficients[name] = coefficients[name] - rate * monitoring.years[0]
    coefficients[YEARLY] = rate
    return replace(
        assumptions,
        spec=replace(spec, density=f"{spec.density} + year"),
        coefficients=coefficients,
    )


def yearly_survey(
    layouts: Sequence[Layout], assumptions: Assumptions, monitoring: Monitoring
) -> Survey:
    """A survey without captures, one session a year.

    Parameters
    ----------
    layouts
        Layouts that stand in turn, the first in the first year; one stands in every year.
    assumptions
        For effort and detector.
    monitoring
        The years.
    """
    each = [layouts[i % len(layouts)] for i in range(len(monitoring.years))]
    single = [planned_survey(one, assumptions, detector=assumptions.detector) for one in each]
    sessions = [survey.sessions[0] for survey in single]
    names = [str(year) for year in monitoring.years]
    label = [name for name, s in zip(names, sessions, strict=True) for _ in s.traps.names]
    traps = Traps(
        names=np.concatenate([session.traps.names for session in sessions]),
        xy=np.concatenate([session.traps.xy for session in sessions]),
        session=np.array(label, dtype=object),
        crs=sessions[0].traps.crs,
        source="the layouts",
    )
    return plan_survey(
        traps,
        [session.usage for session in sessions],
        detector=assumptions.detector,
        session_covariates=pd.DataFrame({"year": [float(year) for year in monitoring.years]}),
    )


def check_trend(assumptions: Assumptions) -> None:
    """Raise where density has no level that could change between years.

    Parameters
    ----------
    assumptions
        Of one year.

    Raises
    ------
    LayoutError
        If density is not estimated, has no intercept, or sigma follows it; both flanks are
        used, or areas or lines are searched.
    """
    spec, searched = assumptions.spec, DETECTORS[assumptions.detector].searched
    if spec.number == "conditional":
        found = "number = 'conditional' estimates no density that could change between years"
        remedy = "Use number = 'poisson'"
    elif spec.sigmak is not None:
        found = "sigma follows density (sigmak), and would change between years with it"
        remedy = "Give sigma in place of sigmak"
    elif "density.Intercept" not in assumptions.coefficients:
        found = f"density = {spec.density!r} has no intercept that could change between years"
        remedy = "Let the formula have one"
    elif assumptions.flank is not None:
        found = 'flank = "both" joins sides within each survey'
        remedy = "Leave out flank, and set one_flank in [equipment]"
    elif searched:
        found = f"detector = {assumptions.detector!r} searches {searched}"
        remedy = "Plan a survey with stations"
    else:
        return
    msg = f"Power over years is not worked out for this plan: {found}. {remedy}."
    raise LayoutError(msg)
