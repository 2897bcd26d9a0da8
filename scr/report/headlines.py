"""The numbers that a page opens with, a card each."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from scr.fit.result import Fit
from scr.maps.results.written import Numbers
from scr.survey.detectors import worded
from scr.survey.summary import number_seen
from scr.survey.totals import totals_of
from scr.units import per_100_km2

_WHOLE_FROM = 100.0
_DENSE = "animals per 100 km² expected for such habitat"
ESTIMANDS = {
    "expected N": "expected for such habitat",
    "realised N": "estimated to live there",
}
"""What the two numbers of animals are called in tables."""

_MEANINGS = {
    "realised N": "animals estimated to live in {} during the survey",
    "expected N": "animals expected for habitat such as that of {}",
}


def headlines_of(fit: Fit, numbers: Numbers) -> list[dict[str, str]]:
    """Animals identified, then every session and region.

    Parameters
    ----------
    fit
        A fitted model.
    numbers
        Its numbers of animals, of the reader that the page is for.

    Returns
    -------
    list
        ``value``, ``meaning``, ``interval`` and ``more`` of each card. One session and region has
        a card for each number; where there are several, each has one card with all of them.
    """
    identified = _identified(fit)
    places = list(numbers.table.groupby(["session", "region"], sort=False, dropna=False))
    if len(places) == 1:
        rows = _by_estimand(places[0][1])
        return [identified, _of_density(rows["expected N"]), *map(_of_number, rows.values())]
    several = len(numbers.table["session"].unique()) > 1
    cards = [_of_place(_by_estimand(rows), several=several) for _, rows in places]
    return [identified, *cards]


def _identified(fit: Fit) -> dict[str, str]:
    """How many animals were seen: between two numbers where sides are not all joined."""
    if all(session.sides is None for session in fit.survey.sessions):
        n, searched = totals_of(fit.survey).n_animals, fit.survey.sessions[0].traps.searched
        where = worded("animals identified at all stations", searched)
        return _card(f"{n:,}", where, "counted, not estimated")
    told = "left and right sides of which some are one animal; sessions added"
    return _card(
        str(number_seen(fit.survey.sessions)), "animals photographed at all stations", told
    )


def density_in_words(row: Mapping[Hashable, Any]) -> str:
    """Expected density of a region with its limits, animals per 100 km2, in three digits.

    Parameters
    ----------
    row
        Expected N of a region, as ``abundance`` gives it.
    """
    return _with_limits(
        {name: per_100_km2(row[name] / row["area_km2"]) for name in ("median", "lower", "upper")}
    )


def _by_estimand(rows: pd.DataFrame) -> dict[str, dict[Hashable, Any]]:
    return {str(row["estimand"]): row for row in rows.to_dict("records")}


def _of_density(row: Mapping[Hashable, Any]) -> dict[str, str]:
    value, _, interval = density_in_words(row).partition(" ")
    where = f"{row['region']} ({row['area_km2']:,.0f} km²)"
    return _card(value, f"{_DENSE}, {where}", f"{interval.strip('()')} (95\N{NO-BREAK SPACE}%)")


def _of_number(row: Mapping[Hashable, Any]) -> dict[str, str]:
    meaning = _MEANINGS[row["estimand"]].format(row["region"])
    whole = row["estimand"] == "realised N"
    value, low, high = (
        f"{row[name]:,.0f}" if whole else _three_digits(row[name])
        for name in ("median", "lower", "upper")
    )
    return _card(value, meaning, f"{low} to {high} (95\N{NO-BREAK SPACE}%)")


def _of_place(rows: Mapping[str, Mapping[Hashable, Any]], *, several: bool) -> dict[str, str]:
    """What lived there, or is expected where that is not told; expected number and density."""
    expected = rows["expected N"]
    card = _of_number(rows.get("realised N", expected))
    if several:
        card["meaning"] += f", session {expected['session']}"
    number = f"{_with_limits(expected)}; " if "realised N" in rows else ""
    told = f"{number}{density_in_words(expected)} per 100 km²"
    return card | {"more": f"Expected for such habitat: {told}"}


def _card(value: str, meaning: str, interval: str) -> dict[str, str]:
    return {"value": value, "meaning": meaning, "interval": interval, "more": ""}


def _with_limits(row: Mapping[Any, Any]) -> str:
    return f"{_three_digits(row['median'])} ({_limits(row)})"


def _limits(row: Mapping[Any, Any]) -> str:
    return f"{_three_digits(row['lower'])} to {_three_digits(row['upper'])}"


def _three_digits(value: float) -> str:
    return f"{value:,.0f}" if value >= _WHOLE_FROM else f"{value:#.3g}"
