"""Photographs turned into records: visits told apart by time, and merged within an occasion."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.survey.dates import Moments

_VISITOR = ["session", "individual", "trap"]


@dataclass(frozen=True)
class IndependenceRule:
    """How far apart photographs of one animal at one trap must be to count twice.

    Parameters
    ----------
    interval
        Text such as ``"30min"`` or ``"1h"``, or None where it was not stated.

    Raises
    ------
    SurveyError
        If the text is no span of time, or negative.
    """

    interval: str | pd.Timedelta | None = None

    def __post_init__(self) -> None:
        span = self.span
        if span is not None and span < np.timedelta64(0, "us"):
            msg = f'independence={self.interval!r} must be 0 or more, such as "30min".'
            raise SurveyError(msg)

    @property
    def span(self) -> np.timedelta64 | None:
        """The interval, microseconds."""
        if self.interval is None:
            return None
        span = _span(str(self.interval).strip())
        if span is None:
            msg = f'independence={self.interval!r} is no span of time. Write "30min" or "1h".'
            raise SurveyError(msg)
        return span


def _span(text: str) -> np.timedelta64 | None:
    """A span of time; a number without its unit is none."""
    if not re.search(r"[A-Za-z]", text):
        return None
    try:
        span = pd.Timedelta(re.sub(r"(?<=\d)\s*d\b", "D", text))
    except ValueError:
        return None
    return np.timedelta64(span.to_timedelta64(), "us")


def independent_visits(
    records: pd.DataFrame, moments: Moments, *, rule: IndependenceRule, source: str
) -> NDArray[np.bool_]:
    """True for detections that are not the same visit as one already counted.

    A detection counts if it is at least the interval later than the last one counted of the same
    animal at the same trap.

    Parameters
    ----------
    records
        Columns session, individual, trap; one row per detection.
    moments
        Their times.
    rule
        The interval.
    source
        Name of the detections in messages.

    Returns
    -------
    ndarray
        Shape (n_rows,).

    Raises
    ------
    SurveyError
        If no interval was stated, or it is less than a day and there are dates without a time.
    """
    span = rule.span
    if span is None:
        msg = (
            f"{source} has times, so a count of detections depends on when a visit ends and the "
            'next begins. Say how far apart they must be, as independence="30min" '
            '("0min" counts every row), or use detector="proximity".'
        )
        raise SurveyError(msg, kind="no interval of independence", source=source)
    zero, day = np.timedelta64(0, "us"), np.timedelta64(1, "D")
    if zero < span < day and not moments.timed.all():
        msg = (
            f"{source} has dates without times, which cannot tell visits {rule.interval} apart. "
            'Add times, or use independence="1d", or detector="proximity".'
        )
        raise SurveyError(msg, kind="dates without times", source=source)
    counted = np.zeros(len(records), dtype=bool)
    for places in records.reset_index(drop=True).groupby(_VISITOR, sort=False).groups.values():
        order = np.asarray(places)[np.argsort(moments.wall[places], kind="stable")]
        last = None
        for place in order:
            if last is None or moments.wall[place] - last >= span:
                counted[place] = True
                last = moments.wall[place]
    return counted


def merge_records(records: pd.DataFrame, *, binary: bool) -> pd.DataFrame:
    """One record for each animal, occasion and trap.

    Parameters
    ----------
    records
        Columns session, individual, occasion, trap, count.
    binary
        True where a record is presence alone.

    Returns
    -------
    DataFrame
        The same columns, animals in order of first appearance; counts are summed, or 1.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"session": "1", "individual": "A", "occasion": 0, "trap": 3, "count": [1, 2]}
    ... )
    >>> merge_records(table, binary=False)["count"].tolist()
    [3]
    """
    keys = ["session", "individual", "occasion", "trap"]
    merged = records.groupby(keys, sort=False)["count"].sum().reset_index()
    if binary:
        merged["count"] = 1
    return merged
