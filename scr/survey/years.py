"""When sessions were, in years: what a trend is told by."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.survey.survey import Session, Survey

YEAR = "year"
"""Covariate of sessions: the year of the middle of each, as in 2024.25."""

_CALENDAR_YEAR = re.compile(r"(?:18|19|20|21)\d\d")
_DAYS = 365.25
_DAY = np.timedelta64(86_400_000_000, "us")


def years_of(survey: Survey) -> NDArray[np.float64] | None:
    """The year of each session, shape (n_sessions,); None where nothing tells it.

    A session covariate ``year`` comes first; then the days of effort, of which the middle is taken;
    then labels of sessions that are years.

    Parameters
    ----------
    survey
        One or more sessions.
    """
    given = survey.covariates.get(YEAR)
    if given is not None:
        numbers = pd.to_numeric(given, errors="coerce").to_numpy(dtype=np.float64)
        return numbers if np.isfinite(numbers).all() else None
    dated = [_middle(session) for session in survey.sessions]
    if None not in dated:
        return np.array(dated, dtype=np.float64)
    return years_in([session.name for session in survey.sessions])


def years_in(labels: Sequence[str]) -> NDArray[np.float64] | None:
    """Labels that are all years of the calendar, as numbers; else None.

    Parameters
    ----------
    labels
        Labels of sessions.

    Examples
    --------
    >>> years_in(["2023", "2024"])
    array([2023., 2024.])
    >>> years_in(["2023", "after the fire"]) is None
    True
    """
    if not all(_CALENDAR_YEAR.fullmatch(label) for label in labels):
        return None
    return np.array([float(label) for label in labels])


def _middle(session: Session) -> float | None:
    """The middle of the days of a session as a year, 1 July about 0.5; None where it is undated."""
    edges = session.usage.edges
    if edges is None:
        return None
    middle = edges[0] + (edges[-1] - edges[0]) // 2
    year = middle.astype("datetime64[Y]")
    days = (middle - year.astype("datetime64[us]")) / _DAY
    return round(float(year.astype(np.int64)) + 1970 + float(days) / _DAYS, 3)
