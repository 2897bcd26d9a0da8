"""The table of models compared, for the project and for the public."""

import re

import numpy as np
import pandas as pd

from scr.fit.comparison import Comparison
from scr.maps.public import names_the_hidden
from scr.survey.survey import Survey

DIGITS = {
    "log_likelihood": 1,
    "aic": 1,
    "aicc": 1,
    "delta_aic": 1,
    "weight_aic": 2,
    "weight_aicc": 2,
    "elpd_loo": 1,
    "se": 1,
    "p_loo": 1,
    "elpd_difference": 1,
    "se_difference": 1,
    "largest_k": 2,
    "weight_stacking": 2,
    "weight": 2,
}
"""Decimals with which criteria are shown."""

_SHARED = ("n_coefficients", "delta_aic", "elpd_difference", "se_difference", "weight")
_WORD = re.compile(r"[^\s,;:()\[\]~+*]+")


def models_table(comparison: Comparison, *, public: bool) -> pd.DataFrame:
    """Models compared, one a row, the one that weighs most first.

    Parameters
    ----------
    comparison
        From ``compare``.
    public
        Whether to leave out likelihoods, which would tell whether a guess of the data is right, and
        Pareto k, which are of single animals; and to round what is left.

    Returns
    -------
    DataFrame
        Columns model, formulas, and those of ``Comparison.table``; ``weight`` is that by which
        models are averaged, and ``attrs["weighted_by"]`` says what that is.
    """
    table = comparison.table.assign(weight=comparison.weights)
    names = names_to_share(comparison) if public else {name: name for name in table.index}
    words = {
        name: "" if public and names_the_hidden(fit) else fit.spec.in_words
        for name, fit in comparison.fits.items()
    }
    if public:
        table = table[[name for name in _SHARED if name in table]].round(DIGITS)
    table = table.assign(formulas=[words[str(name)] for name in table.index])
    table.index = pd.Index([names[str(name)] for name in table.index], name="model")
    first = ["formulas", "n_coefficients"]
    told = table[[*first, *(name for name in table if name not in first)]].reset_index()
    told.attrs["weighted_by"] = comparison.weighted_by
    return told


def names_to_share(comparison: Comparison) -> dict[str, str]:
    """Names of models by which no station and no animal is named.

    Parameters
    ----------
    comparison
        From ``compare``, with the models that failed.
    """
    hidden = _hidden(comparison.best.survey)
    every = [*comparison.fits, *comparison.failures]
    return {
        name: f"model {number}" if hidden & set(_WORD.findall(name)) else name
        for number, name in enumerate(every, start=1)
    }


def _hidden(survey: Survey) -> set[str]:
    found: set[str] = set()
    for session in survey.sessions:
        found |= {*map(str, session.traps.names), *map(str, session.captures.individuals)}
    return found


def criteria_shown(table: pd.DataFrame) -> pd.DataFrame:
    """Criteria as text, to a fixed number of decimals whatever their size.

    Parameters
    ----------
    table
        From ``models_table``.
    """
    told = {
        name: [f"{value:,.{digits}f}" if np.isfinite(value) else "" for value in table[name]]
        for name, digits in DIGITS.items()
        if name in table
    }
    return table.assign(**told)
