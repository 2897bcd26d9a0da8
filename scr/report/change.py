"""What a page says of the change over sessions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scr.maps.trend_numbers import TrendNumbers
from scr.maps.trend_words import (
    change_in_words,
    percent_in_words,
    probability_in_words,
    yearly_rates,
)
from scr.posterior.trend import CHANGE, DIFFERENCE, YEARLY
from scr.report.headlines import ESTIMANDS

_KEYS = ["region", "estimand", "first", "last"]


@dataclass(frozen=True, eq=False)
class Change:
    """The change over sessions, as a page shows it.

    Parameters
    ----------
    sentences
        The yearly rate of each region.
    table
        Changes between sessions that follow one another, and from the first to the last.
    power
        Power by yearly change and number of surveys, or None.
    lacking
        Why there is no trend or no yearly rate, or None.
    """

    sentences: tuple[str, ...]
    table: pd.DataFrame | None
    power: pd.DataFrame | None
    lacking: str | None


def change_shown(numbers: TrendNumbers | None) -> Change | None:
    """What a page says of a trend; None where there is none to be told.

    Parameters
    ----------
    numbers
        Of the reader that the page is for.
    """
    if numbers is None:
        return None
    if numbers.timeline is None:
        return Change((), None, None, numbers.lacking)
    sentences = tuple(
        f"{row['region'][:1].upper()}{row['region'][1:]}: {change_in_words(row)}."
        for row in yearly_rates(numbers.table)
    )
    return Change(sentences, _changes(numbers), _power(numbers.power), numbers.lacking)


def _changes(numbers: TrendNumbers) -> pd.DataFrame | None:
    """One row per region, estimand and pair of sessions."""
    table = numbers.table
    if numbers.timeline is None or table.empty:
        return None
    order = {name: number for number, name in enumerate(numbers.timeline.sessions)}
    rows = []
    pairs = table[table["quantity"] != YEARLY]
    for key, group in pairs.groupby(_KEYS, sort=False):
        region, estimand, first, last = map(str, key)
        steps = order[last] - order[first]
        if steps not in {1, len(order) - 1}:
            continue
        of = {row["quantity"]: row for row in group.to_dict("records")}
        change, difference = of[CHANGE], of[DIFFERENCE]
        rows.append(
            {
                "region": region,
                "number of animals": ESTIMANDS[estimand],
                "from": first,
                "to": last,
                "change, %": _with_limits(change, percent_in_words),
                "change, animals": _with_limits(difference, _animals),
                "probability of decline": probability_in_words(float(change["p_decline"])),
            }
        )
    return pd.DataFrame(rows)


def _with_limits(row: Mapping[Any, Any], form: Callable[[float], str]) -> str:
    middle, lower, upper = (form(float(str(row[name]))) for name in ("median", "lower", "upper"))
    return f"{middle} ({lower} to {upper})"


def _animals(value: float) -> str:
    return "0" if abs(value) < 0.05 else f"{value:+.1f}" if abs(value) < 10 else f"{value:+,.0f}"


def _power(power: pd.DataFrame) -> pd.DataFrame | None:
    """Yearly changes by number of surveys, of the first region."""
    if power.empty:
        return None
    first = power[power["region"] == power["region"].iloc[0]]
    wide = first.pivot_table(index="yearly_change", columns="surveys", values="power", sort=False)
    shown = pd.DataFrame({"change a year": [f"{100 * c:+.0f} %" for c in wide.index]})
    for n in wide.columns:
        values = [probability_in_words(float(p)) for p in wide[n]]
        shown[f"{n} surveys"] = np.array(values, dtype=object)
    return shown
