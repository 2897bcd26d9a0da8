"""The answers in one sentence each: how many animals lived where, and how dense they are."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from scr.fit.result import Fit
from scr.survey.summary import days_of
from scr.units import per_100_km2

_OF_MASK = "habitat mask"
_REACHED = ("share_extrapolated", "share_not_covered")
_FROM_WHOLE = 10.0

type Estimate = Mapping[Hashable, Any]
"""A row of a table of abundance."""


def answers_of(fit: Fit, table: pd.DataFrame, *, animals: str) -> tuple[str, ...]:
    """One sentence for each session and region.

    Parameters
    ----------
    fit
        A fitted model.
    table
        What ``abundance`` returned for it, or the rows of it that may be shared. Where realised N
        is not among them the sentence tells what such habitat is expected to hold.
    animals
        What the animals are called, in the plural.

    Returns
    -------
    tuple
        Sentences with medians (plug-in values for maximum likelihood) and 95 % intervals.
    """
    several = len(table["session"].unique()) > 1
    told = []
    for (session, _), rows in table.groupby(["session", "region"], sort=False, dropna=False):
        label = str(session) if several else None
        when = _when(fit, label)
        if label is not None:
            when = f"{when} (session {label})" if when else f", session {label}"
        estimates = {str(row["estimand"]): row for row in rows.to_dict("records")}
        told.append(_sentence(estimates, animals=animals, when=when))
    return tuple(told)


def _sentence(estimates: Mapping[str, Estimate], *, animals: str, when: str) -> str:
    expected = estimates["expected N"]
    region = expected["region"]
    where = f"the {_OF_MASK}" if region == _OF_MASK else region
    number, low, high = (f"{n:,.0f}" for n in _limits(estimates.get("realised N", expected)))
    many = f"About {number} {'animal' if number == '1' else animals} ({low} to {high})"
    density = _density(expected)
    if "realised N" in estimates:
        return f"{many} lived in {where}{when}{density}."
    return f"{many} are expected for habitat such as that of {where}{when}{density}."


def _density(expected: Estimate) -> str:
    """Density with its interval; nothing where the area that is shared is a rough one."""
    shares = [expected[name] for name in _REACHED]
    if "some" in shares or ("none" in shares and expected["region"] == _OF_MASK):
        return ""
    dense = [per_100_km2(n / expected["area_km2"]) for n in _limits(expected)]
    per_area, least, most = (f"{n:,.{_places(dense[0])}f}" for n in dense)
    return f"; {per_area} per 100 km² of such habitat ({least} to {most})"


def _limits(row: Estimate) -> tuple[float, float, float]:
    return row["median"], row["lower"], row["upper"]


def _places(density: float) -> int:
    """Decimals that give a density two digits."""
    if density <= 0 or density >= _FROM_WHOLE:
        return 0
    return 1 - int(np.floor(np.log10(density)))


def _when(fit: Fit, session: str | None) -> str:
    """Months of a session, or of the whole survey; empty where days are not known."""
    spans = [days_of(one) for one in fit.survey.sessions if session in {None, one.name}]
    known = [span for span in spans if span is not None]
    if len(known) < len(spans) or not known:
        return ""
    first = pd.Timestamp(min(start for start, _ in known))
    last = pd.Timestamp(max(end for _, end in known))
    if (first.year, first.month) == (last.year, last.month):
        return f", {first:%B %Y}"
    return f", {first:%B}{'' if first.year == last.year else f' {first.year}'} to {last:%B %Y}"
