"""What is asked of a trend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class WantedTrend:
    """What is asked of a trend, as in ``scr.trend``.

    Parameters
    ----------
    sessions
        Labels of the sessions to compare; all if None.
    years
        When each was; from the survey if None.
    """

    sessions: Sequence[str] | None = None
    years: Mapping[str, float] | None = None
