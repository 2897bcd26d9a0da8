"""Records of detection by side, and the time two cameras or one worked."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.survey.captures import CaptureHistory

N_TYPES = 5
"""Types of detection, as ``scr.survey.sides.TYPES`` lists them."""


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

    Raises
    ------
    SurveyError
        If an animal of one side has a record of the other or of both, or a record was made while
        no camera, or one too few, was working.
    """

    side: NDArray[np.int64]
    two: NDArray[np.float64]
    one: NDArray[np.float64]
    individual: NDArray[np.int64]
    occasion: NDArray[np.int64]
    trap: NDArray[np.int64]
    type_: NDArray[np.int64]
    count: NDArray[np.int64]

    def __post_init__(self) -> None:
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
