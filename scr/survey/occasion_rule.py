"""How the time of a survey is cut into occasions."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from scr.errors import SurveyError
from scr.survey.occasion_edges import day_offset, first_moment
from scr.survey.reading_defaults import DAY_STARTS, OCCASION_DAYS, DayStarts, OccasionLength

_DAY = np.timedelta64(86_400_000_000, "us")
_YEAR = 365 * _DAY
_MOST_DAYS = 7305


@dataclass(frozen=True)
class OccasionRule:
    """How time is cut into occasions.

    Parameters
    ----------
    days
        Length of an occasion: whole days, 1 to 7,305 (20 years), or ``"week"`` (from Monday) or
        ``"month"``.
    day_starts
        ``"midnight"`` or ``"noon"``.
    day_first
        How dates such as 02/05/2024 are meant where a file does not decide it; None asks.
    first_day
        Day on which the first occasion begins, such as ``"2024-02-01"``; None for the first
        set-up day, its Monday or the first of its month.

    Raises
    ------
    SurveyError
        If the length or a start is not one of these.
    """

    days: OccasionLength = OCCASION_DAYS
    day_starts: DayStarts = DAY_STARTS
    day_first: bool | None = None
    first_day: str | date | None = None

    def __post_init__(self) -> None:
        if self.days not in ("week", "month") and not _whole_days(self.days):
            msg = (
                f"occasion_days={self.days!r}: an occasion is a whole number of days, 1 to "
                f'{_MOST_DAYS}, or "week" or "month".'
            )
            raise SurveyError(msg)
        if self.day_starts not in ("midnight", "noon"):
            msg = f'day_starts={self.day_starts!r} is not known. Use "midnight" or "noon".'
            raise SurveyError(msg)
        if self.first_day is None:
            return
        if isinstance(self.days, str):
            msg = (
                f"first_day={str(self.first_day)!r} and occasion_days={self.days!r} were given: "
                f"a {self.days} begins where the calendar says. Leave out first_day, or give "
                "occasion_days as a number."
            )
            raise SurveyError(msg)
        if not _is_day(str(self.first_day)):
            msg = f'first_day={str(self.first_day)!r} is no day. Write it as "2024-02-01".'
            raise SurveyError(msg)

    @property
    def length(self) -> int | Literal["month"]:
        """Days of an occasion, or ``"month"``."""
        return 7 if self.days == "week" else self.days

    def start(self, earliest: np.datetime64, *, source: str) -> np.datetime64:
        """Start of the first occasion.

        Parameters
        ----------
        earliest
            First set-up of the session.
        source
            Name of the effort in messages.

        Raises
        ------
        SurveyError
            If ``first_day`` lies a year or more before the first set-up.
        """
        if self.first_day is None:
            return first_moment(earliest, self.day_starts, self.days)
        first = np.datetime64(str(self.first_day), "us") + day_offset(self.day_starts)
        if earliest - first >= _YEAR:
            msg = (
                f"first_day={str(self.first_day)!r} lies {(earliest - first) // _DAY} days before "
                f"the first day of work in {source}, {str(earliest)[:10]}. Correct the year; where "
                'sessions are of several years leave out first_day, or use occasion_days="week" '
                'or "month".'
            )
            raise SurveyError(msg, kind="first day far from the effort", source=source)
        return first


def _whole_days(days: OccasionLength) -> bool:
    in_range = not isinstance(days, bool | str) and 1 <= days <= _MOST_DAYS
    return in_range and int(days) == days


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
