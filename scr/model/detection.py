"""Detection functions: how detection falls off with distance. The one home of each formula.

Arithmetic and ``np.exp`` alone, so that the same lines run on arrays, under Numba and on PyTensor
variables. ``k`` is 1 at distance zero. In the ``hazard_`` families the hazard of a detection per
day is h = lambda0 k(d); in the others the probability per day is g = g0 k(d), h = -log(1 - g).
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from scr.errors import FormulaError

DetectionName = Literal[
    "half_normal", "exponential", "hazard_rate", "hazard_half_normal", "hazard_exponential"
]
"""Detection functions that a model can name."""


def half_normal_shape(distance: Any, sigma: Any, z: Any) -> Any:  # noqa: ARG001
    """exp(-d^2 / 2 sigma^2). An author who omits the 2 reports a sigma sqrt(2) larger."""
    return np.exp(-(distance * distance) / (2 * sigma * sigma))


def exponential_shape(distance: Any, sigma: Any, z: Any) -> Any:  # noqa: ARG001
    """exp(-d / sigma)."""
    return np.exp(-distance / sigma)


def hazard_rate_shape(distance: Any, sigma: Any, z: Any) -> Any:
    """1 - exp(-(d / sigma)^-z), Hayes & Buckland (1983) Biometrics 39:29-42."""
    return 1 - np.exp(-((distance / sigma) ** (-z)))


@dataclass(frozen=True)
class DetectionFunction:
    """A family of detection functions.

    Parameters
    ----------
    name
        Its name in a model.
    shape
        ``half_normal``, ``exponential`` or ``hazard_rate``: which k(d; sigma, z).
    form
        ``"hazard"`` (lambda0) or ``"probability"`` (g0).
    """

    name: DetectionName
    shape: Literal["half_normal", "exponential", "hazard_rate"]
    form: Literal["hazard", "probability"]

    @property
    def intensity_name(self) -> Literal["lambda0", "g0"]:
        """The parameter of detection at distance zero."""
        return "lambda0" if self.form == "hazard" else "g0"

    @property
    def has_z(self) -> bool:
        """Whether the family has a second shape parameter."""
        return self.shape == "hazard_rate"

    def k(self, distance: Any, sigma: Any, z: Any) -> Any:
        """Detection relative to that at distance zero.

        Parameters
        ----------
        distance, sigma
            Metres, any shapes that broadcast.
        z
            Second shape parameter, ignored by families without one.
        """
        return _SHAPES[self.shape](distance, sigma, z)

    def hazard(self, distance: Any, intensity: Any, sigma: Any, z: Any) -> Any:
        """Hazard of detection per day at a distance.

        Parameters
        ----------
        distance, sigma
            Metres, any shapes that broadcast.
        intensity
            lambda0 per day, or g0, a probability per day below 1.
        z
            Second shape parameter, ignored by families without one.
        """
        k = self.k(distance, sigma, z)
        return intensity * k if self.form == "hazard" else -np.log1p(-intensity * k)


_SHAPES = {
    "half_normal": half_normal_shape,
    "exponential": exponential_shape,
    "hazard_rate": hazard_rate_shape,
}

_FAMILIES: dict[str, DetectionFunction] = {
    family.name: family
    for family in (
        DetectionFunction("half_normal", "half_normal", "probability"),
        DetectionFunction("exponential", "exponential", "probability"),
        DetectionFunction("hazard_rate", "hazard_rate", "probability"),
        DetectionFunction("hazard_half_normal", "half_normal", "hazard"),
        DetectionFunction("hazard_exponential", "exponential", "hazard"),
    )
}


def detection_function(name: str) -> DetectionFunction:
    """The family of a name.

    Parameters
    ----------
    name
        One of ``DetectionName``.

    Raises
    ------
    FormulaError
        If there is no family of this name.

    Examples
    --------
    >>> detection_function("hazard_half_normal").intensity_name
    'lambda0'
    """
    if name not in _FAMILIES:
        msg = (
            f"detection={name!r} is not a detection function here. "
            f"Use one of {', '.join(map(repr, get_args(DetectionName)))}."
        )
        raise FormulaError(msg)
    return _FAMILIES[name]
