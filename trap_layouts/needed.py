"""How many surveys, days or stations give the power that is wanted: found by search."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import LayoutError
from scr.habitat.region import Region
from trap_layouts.assumptions import Assumptions
from trap_layouts.constraints import Constraints
from trap_layouts.information import Information, expected_information
from trap_layouts.layout import Layout
from trap_layouts.monitoring import Monitoring
from trap_layouts.search import optimise
from trap_layouts.trend_information import PowerOverYears, power_from

TARGET = 0.8
"""Power that is usually wanted."""

_ANIMALS = 1000
_MOST_SURVEYS, _MOST_DAYS, _MOST_STATIONS = 30, 365, 300
_COLUMNS = ["of", "now", "needed", "power", "power_error", "tried"]


@dataclass(frozen=True, eq=False)
class Places:
    """Where stations may stand, for a search of how many are needed.

    Parameters
    ----------
    candidates
        Every place.
    reserve
        As in ``optimise``.
    constraints
        Fixed stations and spacing; the number is searched for.
    """

    candidates: Layout
    reserve: Region | None
    constraints: Constraints


def needed_effort(
    layouts: Sequence[Layout],
    assumptions: Assumptions,
    monitoring: Monitoring,
    *,
    target: float = TARGET,
    places: Places | None = None,
    seed: int = 1,
    report: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """The fewest surveys, days and stations that reach a power, each with the others as planned.

    Surveys go on at the mean interval and the same yearly change, at most 30; days at most 365.
    Stations are chosen anew among the places by the rule of thumb (``optimise`` with ``min_nr``)
    and stand in every year, at most 300.

    Parameters
    ----------
    layouts
        Layouts that stand in turn, as in ``power_over_years``.
    assumptions
        One set of coefficients.
    monitoring
        Years and change.
    target
        Power wanted, above 0.05 and below 1.
    places
        Where stations may stand; without them their number is not searched for.
    seed
        Seed of the simulated animals and of the choice of stations.
    report
        Called with a line on how far the search has come.

    Returns
    -------
    DataFrame
        One row for each of ``"surveys"``, ``"days"`` and ``"stations"``: ``of``, ``now``,
        ``needed`` (missing where the most tried do not reach the power), ``power`` and its Monte
        Carlo error ``power_error`` with that number (or with the most tried), ``tried`` (the most).

    Raises
    ------
    LayoutError
        If the target is out of its range, or the model has no trend of density.
    """
    if not 0.05 < target < 1:
        msg = f"A power of {target:g} was asked for: it must lie above 0.05 and below 1, as 0.8."
        raise LayoutError(msg)
    told = [_told(layout, assumptions, seed) for layout in layouts]

    def of_surveys(n: int) -> PowerOverYears:
        return power_from(told, assumptions, monitoring.going_on(n))

    def of_occasions(n: int) -> PowerOverYears:
        report(f"Trying {n * assumptions.occasion_days:g} days")
        other = replace(assumptions, n_occasions=n)
        return power_from([_told(one, other, seed) for one in layouts], other, monitoring)

    def of_stations(n: int) -> PowerOverYears:
        report(f"Trying {n} stations")
        layout = _stations(n, places, assumptions, seed) if places else layouts[0]
        return power_from([_told(layout, assumptions, seed)], assumptions, monitoring)

    days = assumptions.occasion_days
    longest = max(int(_MOST_DAYS // days), 1)
    surveys = _fewest(of_surveys, 2, _MOST_SURVEYS, target)
    occasions = _fewest(of_occasions, 1, longest, target)
    rows = [
        ("surveys", len(monitoring.years), *surveys),
        ("days", assumptions.n_days, *(occasions * np.array([days, 1.0, 1.0, days]))),
    ]
    if places is not None:
        least = max(2, len(places.constraints.fixed))
        most = min(_MOST_STATIONS, len(places.candidates))
        rows.append(("stations", len(layouts[0]), *_fewest(of_stations, least, most, target)))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _told(layout: Layout, assumptions: Assumptions, seed: int) -> Information:
    return expected_information(layout, assumptions, n_animals=_ANIMALS, seed=seed)


def _stations(n: int, places: Places, assumptions: Assumptions, seed: int) -> Layout:
    found = optimise(
        places.candidates,
        assumptions,
        replace(places.constraints, n_stations=n),
        criterion="min_nr",
        reserve=places.reserve,
        n_starts=1,
        n_kicks=0,
        seed=seed,
    )
    return found.layout


def _fewest(
    tried: Callable[[int], PowerOverYears], least: int, most: int, target: float
) -> NDArray[np.float64]:
    """The smallest number that reaches the target, by halving; its power, and the most tried."""
    of = cache(tried)
    if of(most).power < target:
        return np.array([np.nan, of(most).power, of(most).power_error, most])
    low, high = least - 1, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if of(middle).power >= target else (middle, high)
    return np.array([high, of(high).power, of(high).power_error, most])
