"""A trend in words: how much a year, how sure, and what such surveys can show."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from scr.posterior.trend import YEARLY

ALL_REGIONS = "all regions"
"""Region of a row that holds for several."""

_EXPECTED = "expected N"


def percent_in_words(value: float) -> str:
    """A change in whole per cent, with its sign; one decimal where it is below one.

    Parameters
    ----------
    value
        Per cent.

    Examples
    --------
    >>> percent_in_words(-12.3), percent_in_words(8.6), percent_in_words(-0.31)
    ('-12', '+9', '-0.3')
    """
    if not np.isfinite(value):
        return "no limit"
    if abs(value) < 0.05:
        return "0"
    return f"{value:+.1f}" if abs(value) < 1 else f"{value:+,.0f}"


def change_in_words(row: Mapping[str, Any]) -> str:
    """Estimate, limits and the probability of decline of a row of ``scr.trend``.

    Parameters
    ----------
    row
        A row of the yearly rate or of a change, in per cent.

    Examples
    --------
    >>> row = {"median": -12.0, "lower": -30.0, "upper": 9.0, "unit": "% a year", "p_decline": 0.86}
    >>> change_in_words(row)
    '-12 % a year (-30 to +9); probability of decline 0.86'
    """
    limits = f"{percent_in_words(row['lower'])} to {percent_in_words(row['upper'])}"
    return (
        f"{percent_in_words(row['median'])} {row['unit']} ({limits}); "
        f"probability of decline {probability_in_words(row['p_decline'])}"
    )


def probability_in_words(value: float) -> str:
    """A probability to two digits, the ends as more or less than what can be told.

    Parameters
    ----------
    value
        From 0 to 1.

    Examples
    --------
    >>> probability_in_words(0.864), probability_in_words(1.0), probability_in_words(0.0)
    ('0.86', 'above 0.99', 'below 0.01')
    """
    if value > 0.99:
        return "above 0.99"
    return "below 0.01" if value < 0.01 else f"{value:.2f}"


def yearly_rates(table: pd.DataFrame, estimand: str = _EXPECTED) -> list[dict[str, Any]]:
    """The yearly rate of each region; one row for all where the model gives them one rate.

    Parameters
    ----------
    table
        As ``scr.trend`` gives it.
    estimand
        ``"expected N"`` or ``"realised N"``.

    Returns
    -------
    list
        Rows of the table; the region of a row that holds for several is ``ALL_REGIONS``.
    """
    if table.empty:
        return []
    rows = table[(table["quantity"] == YEARLY) & (table["estimand"] == estimand)]
    numbers = rows[["median", "lower", "upper"]].to_numpy(dtype=np.float64)
    alike = len(rows) > 1 and np.allclose(numbers, numbers[:1], rtol=1e-6, atol=1e-6)
    alike = alike and estimand == _EXPECTED
    told = rows.head(1).assign(region=ALL_REGIONS) if alike else rows
    return [{str(key): value for key, value in row.items()} for row in told.to_dict("records")]


def trend_sentences(table: pd.DataFrame, *, animals: str) -> tuple[str, ...]:
    """One sentence for the yearly rate of each region, or one for all where they share it.

    Parameters
    ----------
    table
        As ``scr.trend`` gives it.
    animals
        What the animals are called, in the plural.
    """
    told = []
    for row in yearly_rates(table):
        where = "in each region" if row["region"] == ALL_REGIONS else f"in {row['region']}"
        told.append(
            f"From {row['first']} to {row['last']} the number of {animals} {where} changed by "
            f"{change_in_words(row)}."
        )
    return tuple(told)
