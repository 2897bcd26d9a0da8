"""Records of detection by side, and the time two cameras or one worked."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.survey.captures import CaptureHistory

N_TYPES = 5
"""Types of detection, as ``scr.survey.sides.TYPES`` lists them."""

CONFIRMED, IN_LIBRARY = 1, 2
"""How the sides of a complete animal were joined, if not by a record of both at once."""


class Photographed(NamedTuple):
    """Animals of a session by what is known of them, and how many there are at least and at most.

    Parameters
    ----------
    complete, left, right
        Known from both sides, from the left alone and from the right alone.
    """

    complete: int
    left: int
    right: int

    @property
    def least(self) -> int:
        """Animals if as many sides as can be belong together."""
        return self.complete + max(self.left, self.right)

    @property
    def most(self) -> int:
        """Animals if no two sides belong together."""
        return self.complete + self.left + self.right

    def in_words(self) -> str:
        """The numbers in a sentence."""
        return (
            f"{self.complete} complete, {self.left} known from the left alone and {self.right} "
            f"from the right alone: at least {self.least} animals, and at most {self.most}"
        )


@dataclass(frozen=True, eq=False)
class Sides:
    """What one session knows of the sides of its animals.

    Parameters
    ----------
    side
        0 where an animal is known from both sides, 1 from the left alone, 2 from the right alone,
        shape (n_individuals,), in the order of the session's captures.
    two, one
        Days in which two cameras of a station worked, and in which one did, shape (n_traps,
        n_occasions).
    individual, occasion, trap, type_, count
        Records: animal, occasion, station, type of detection (of ``scr.survey.sides.TYPES``) and
        number, shape (n_records,).
    known
        1 where the left and the right of an animal without a record of both at once were joined by
        other means after the survey; 2 where both sides were known before it; else 0. Shape
        (n_individuals,).

    Raises
    ------
    SurveyError
        If an animal of one side has a record of the other or of both, a record was made while
        no camera, or one too few, was working, or an animal that was joined has not both sides.
    """

    side: NDArray[np.int64]
    two: NDArray[np.float64]
    one: NDArray[np.float64]
    individual: NDArray[np.int64]
    occasion: NDArray[np.int64]
    trap: NDArray[np.int64]
    type_: NDArray[np.int64]
    count: NDArray[np.int64]
    known: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        if len(self.known) != len(self.side):
            object.__setattr__(self, "known", np.zeros(len(self.side), dtype=np.int64))
        shown = np.array([0, 1, 2, 1, 2])[self.type_]
        own = self.side[self.individual]
        if ((own > 0) & (shown != own)).any():
            animals = np.unique(self.individual[(own > 0) & (shown != own)])
            msg = (
                f"{len(animals)} animals are given as known from one side alone and have records "
                f"of the other: numbers {', '.join(str(i) for i in animals[:10])}. They are "
                "complete: give them side 0."
            )
            raise SurveyError(msg, kind="side contradicted")
        effort = np.where(
            self.type_ < 3, self.two[self.trap, self.occasion], self.one[self.trap, self.occasion]
        )
        if (effort <= 0).any():
            msg = (
                f"{int((effort <= 0).sum())} records are of types that the working cameras of "
                "their station could not make in that occasion. Correct the deployments of the "
                "cameras, or the sides."
            )
            raise SurveyError(msg, kind="side without its camera")
        seen = np.zeros((3, len(self.side)), dtype=np.bool_)
        seen[shown, self.individual] = True
        joined = (self.known == CONFIRMED) & (seen[0] | ~seen[1] | ~seen[2])
        if ((self.known > 0) & (self.side > 0)).any() or joined.any():
            msg = (
                "Animals whose sides were joined by other means need a record of the left, one of "
                "the right and none of both at once; those known before the survey need side 0. "
                "Correct known, or side."
            )
            raise SurveyError(msg, kind="joined without sides")

    def check_fits(self, name: str, captures: CaptureHistory, effort: NDArray[np.float64]) -> None:
        """Raise where captures or effort of the session are others than these sides are of.

        Parameters
        ----------
        name
            Of the session.
        captures, effort
            Its capture history, and its days worked, shape (n_traps, n_occasions).

        Raises
        ------
        SurveyError
            If animals or effort differ.
        """
        total = self.two + self.one
        same = len(self.side) == captures.n_individuals and total.shape == effort.shape
        if not same or not np.allclose(total, effort, atol=1e-6):
            msg = (
                f"Session {name!r}: the sides of animals are of {len(self.side)} animals and "
                f"{total.sum():g} station-days, the captures of {captures.n_individuals} and "
                f"{effort.sum():g}. A survey of both flanks cannot be collapsed, parted or have "
                'animals left out: change the files and read them again, or use flank="left" or '
                '"right".'
            )
            raise SurveyError(msg, kind="sides do not fit")

    @property
    def n_known(self) -> tuple[int, int]:
        """Animals joined by other means, and animals known from both sides before the survey."""
        confirmed, library = np.bincount(self.known, minlength=3)[1:].tolist()
        return confirmed, library

    @property
    def photographed(self) -> Photographed:
        """How many animals are complete, left and right."""
        return self.photographed_of(np.arange(len(self.side)))

    def photographed_of(self, animals: NDArray[np.int64]) -> Photographed:
        """The same of some animals.

        Parameters
        ----------
        animals
            Their numbers.
        """
        complete, left, right = np.bincount(self.side[animals], minlength=3).tolist()
        return Photographed(complete, left, right)
