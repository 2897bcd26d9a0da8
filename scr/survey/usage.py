"""Effort: how long each trap worked in each occasion."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.errors import SurveyError


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
        Length of an occasion, whole days.
    source
        Name of the file the effort came from, used in messages.

    Raises
    ------
    SurveyError
        If an effort is negative or not finite, or no trap worked at all.
    """

    effort: NDArray[np.float64]
    first_day: np.datetime64 | None = None
    occasion_days: int = 1
    source: str = "usage"

    def __post_init__(self) -> None:
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
