"""Fixes: places of animals that carry a transmitter, whether or not detectors found them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.survey.detectors import Telemetry

TELEMETRY: dict[str, str] = {
    "independent": "animals of their own, that tell how far animals range",
    "concurrent": "animals of the survey's population, which may have been detected or not",
    "dependent": "animals of the survey that were detected",
}
"""By name, in words."""


@dataclass(frozen=True, eq=False)
class Fixes:
    """Places of animals by transmitters in one session, taken as independent of each other.

    Parameters
    ----------
    individual
        Name of the animal of each fix, text, shape (n_fixes,).
    xy
        Place, metres, shape (n_fixes, 2).
    telemetry
        ``"independent"``: equal names are not the same animal as in the detections;
        ``"concurrent"``: they are; ``"dependent"``: they are, and fixes of animals that were never
        detected are left out.

    Raises
    ------
    SurveyError
        If shapes disagree, a coordinate is not finite, or the kind of telemetry is not known.
    """

    individual: NDArray[np.object_]
    xy: NDArray[np.float64]
    telemetry: Telemetry = "concurrent"

    def __post_init__(self) -> None:
        individual = np.array([str(name) for name in self.individual], dtype=object)
        xy = np.array(self.xy, dtype=np.float64).reshape(-1, 2)
        xy.setflags(write=False)
        object.__setattr__(self, "individual", individual)
        object.__setattr__(self, "xy", xy)
        if self.telemetry not in TELEMETRY:
            listed = ", ".join(map(repr, TELEMETRY))
            msg = f"telemetry={self.telemetry!r} is not known. Use one of {listed}."
            raise SurveyError(msg)
        if len(xy) != len(individual):
            msg = (
                f"{len(individual)} fixes have {len(xy)} places. Give the name of the animal, x "
                "and y of each fix."
            )
            raise SurveyError(msg)
        bad = np.flatnonzero(~np.isfinite(xy).all(axis=1))
        if len(bad):
            listed = ", ".join(f"{individual[i]!r} (fix {i + 1})" for i in bad[:10])
            msg = f"{len(bad)} fixes have no finite place: {listed}. Give x and y in metres."
            raise SurveyError(msg)

    def by_animal(self) -> tuple[NDArray[np.object_], NDArray[np.float64], NDArray[np.float64],
                                 NDArray[np.float64]]:  # fmt: skip
        """Names of the animals, number of fixes, their mean, and mean squared distance from it.

        Returns
        -------
        tuple
            Shapes (n_animals,), (n_animals,), (n_animals, 2), metres, and (n_animals,), m2.
        """
        names, number = np.unique(self.individual.astype(str), return_inverse=True)
        count = np.bincount(number, minlength=len(names)).astype(np.float64)
        sums = [np.bincount(number, weights=axis, minlength=len(names)) for axis in self.xy.T]
        mean = np.stack(sums, axis=1) / count[:, None]
        squared = np.square(self.xy - mean[number]).sum(axis=1)
        away = np.bincount(number, weights=squared, minlength=len(names)) / count
        return names.astype(object), count, mean, away
