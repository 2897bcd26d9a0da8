"""Effort: how long each trap worked in each occasion."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.survey.occasion_edges import occasion_edges

_DAY = np.timedelta64(86_400_000_000, "us")


@dataclass(frozen=True, eq=False)
class Usage:
    """Effort of one session.

    Parameters
    ----------
    effort
        Days worked, T, any real number >= 0, 0 where not working, shape (n_traps, n_occasions).
    first_day
        Start of the first occasion on the camera's wall clock, or None where occasions are
        numbered only.
    occasion_days
        Length of an occasion, whole days, or ``"month"`` for calendar months.
    source
        Name of the file the effort came from, used in messages.

    Raises
    ------
    SurveyError
        If an effort is negative or not finite, no trap worked at all, or the length of an
        occasion is neither whole days nor ``"month"``.
    """

    effort: NDArray[np.float64]
    first_day: np.datetime64 | None = None
    occasion_days: int | Literal["month"] = 1
    source: str = "usage"

    def __post_init__(self) -> None:
        self._check_length()
        effort = np.array(self.effort, dtype=np.float64)
        if effort.ndim != 2:
            msg = (
                f"{self.source}: usage has {effort.ndim} dimensions; it needs two, "
                "(n_traps, n_occasions)."
            )
            raise SurveyError(msg)
        bad = np.argwhere(~np.isfinite(effort) | (effort < 0))
        if len(bad):
            listed = ", ".join(
                f"row {i + 1} occasion {j + 1} ({effort[i, j]:g})" for i, j in bad[:10]
            )
            msg = (
                f"{self.source}: {len(bad)} values of usage are negative or missing: {listed}. "
                "Effort is days worked, 0 or more; use 0 where a trap was not working."
            )
            raise SurveyError(msg)
        if not (effort > 0).any():
            msg = (
                f"{self.source}: no trap worked in any occasion. "
                "Correct the dates of the deployments or the usage table."
            )
            raise SurveyError(msg)
        effort.setflags(write=False)
        object.__setattr__(self, "effort", effort)

    @property
    def edges(self) -> NDArray[np.datetime64] | None:
        """Where each occasion begins and the last ends, (n_occasions + 1,); None if undated."""
        if self.first_day is None:
            return None
        first = np.datetime64(self.first_day, "us")
        return occasion_edges(first, self.effort.shape[1], self.occasion_days)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Days in each occasion, worked or not, (n_occasions,); 1 where undated."""
        edges = self.edges
        if edges is None:
            return np.ones(self.effort.shape[1], dtype=np.int64)
        return np.asarray(np.diff(edges) // _DAY, dtype=np.int64)

    def _check_length(self) -> None:
        length = self.occasion_days
        whole = not isinstance(length, bool | str) and int(length) == length and length >= 1
        if not whole and length != "month":
            msg = f'occasion_days={length!r}: give whole days, 1 or more, or "month".'
            raise SurveyError(msg)
        if length != "month" or self.first_day is None:
            return
        if self.first_day.astype("datetime64[D]") != self.first_day.astype("datetime64[M]"):
            msg = (
                f"{self.source}: occasions are months, but the first begins on "
                f"{str(self.first_day)[:10]}. Begin on the first of a month, or give whole days."
            )
            raise SurveyError(msg)
