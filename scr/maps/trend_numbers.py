"""Change over sessions as results tell it: for the project, and what of it may be shared."""

import warnings
from dataclasses import dataclass, field, replace

import pandas as pd

from scr.errors import MaskError, ScrWarning
from scr.fit.result import Fit
from scr.maps.public import rounded
from scr.posterior.realised import RealisedDraws
from scr.posterior.surveyed_years import Timeline, timeline_of, why_no_trend
from scr.posterior.trend import summarise_trend, trend_draws
from scr.posterior.trend_power import trend_power
from scr.posterior.zones import Regions
from scr.survey.wanted_trend import WantedTrend

_ESTIMATES = ("median", "lower", "upper")
_EXPECTED = "expected N"


@dataclass(frozen=True, eq=False)
class TrendNumbers:
    """Change over the sessions of a fit.

    Parameters
    ----------
    timeline
        The sessions in order of time; None where they cannot be compared.
    table
        As ``scr.trend`` gives it.
    power
        As ``trend_power`` gives it.
    lacking
        Why there is no trend, or no yearly rate, and what to do; None where nothing lacks.
    """

    timeline: Timeline | None = None
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    power: pd.DataFrame = field(default_factory=pd.DataFrame)
    lacking: str | None = None


def trend_numbers(
    fit: Fit,
    region: Regions | None,
    wanted: WantedTrend | None,
    *,
    seed: int,
    max_draws: int = 1000,
    draws: RealisedDraws | None = None,
) -> TrendNumbers | None:
    """Change over the sessions of a fit; None where there is one session.

    Parameters
    ----------
    fit, region, seed, max_draws, draws
        As for ``scr.trend``.
    wanted
        Which sessions, and when they were; None where nobody asked, so that sessions that cannot
        be compared are no error.

    Raises
    ------
    FitError, MaskError
        As ``scr.trend``, where a trend is wanted.
    """
    if wanted is None and len(fit.survey.sessions) == 1:
        return None
    reason = why_no_trend(fit.survey, fit.mask, fit.spec)
    if wanted is None and reason is not None:
        return TrendNumbers(lacking=reason)
    asked = wanted or WantedTrend()
    timeline = timeline_of(
        fit.survey, fit.mask, fit.spec, sessions=asked.sessions, years=asked.years
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ScrWarning)  # said with the numbers of each session
        try:
            drawn = trend_draws(fit, region, timeline, seed=seed, max_draws=max_draws, draws=draws)
        except MaskError as error:
            if wanted is not None:
                raise
            return TrendNumbers(lacking=str(error))
        table = summarise_trend(fit, region, drawn)
    lacking = timeline.without_years if timeline.years is None else None
    return TrendNumbers(timeline, table, trend_power(drawn), lacking)


def shared_trend(numbers: TrendNumbers | None, shared: pd.DataFrame) -> TrendNumbers | None:
    """What of a trend may be shared: that of expected N, where expected N is.

    Changes of realised N follow from where animals were caught, finer than whole animals do.

    Parameters
    ----------
    numbers
        From ``trend_numbers``.
    shared
        Numbers of animals that are shared.
    """
    if numbers is None or numbers.timeline is None:
        return None
    shown = set(shared.loc[shared["estimand"] == _EXPECTED, "region"])
    told, power = numbers.table, numbers.power
    told = told[told["region"].isin(shown) & (told["estimand"] == _EXPECTED)].reset_index(drop=True)
    told = told.assign(
        **{name: rounded(told[name]) for name in _ESTIMATES}, p_decline=told["p_decline"].round(2)
    )
    power = power[power["region"].isin(shown)].reset_index(drop=True)
    power = power.assign(power=power["power"].round(2))
    return replace(numbers, table=told, power=power)
