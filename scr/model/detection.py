"""Detection functions: how detection falls off with distance. The one home of each formula.

``k`` is 1 at distance zero, but for the annular normal. In the ``hazard_`` families the hazard of
a detection per day is h = lambda0 k(d); in the others the probability per day is g = g0 k(d),
h = -log(1 - g).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import gammaincc, ndtr

from scr.errors import FormulaError

DetectionName = Literal[
    "half_normal",
    "exponential",
    "hazard_rate",
    "hazard_half_normal",
    "hazard_exponential",
    "hazard_variable_power",
    "hazard_hazard_rate",
    "annular_normal",
    "hazard_annular_normal",
    "w_exponential",
    "hazard_w_exponential",
    "cumulative_lognormal",
    "hazard_cumulative_lognormal",
    "cumulative_gamma",
    "hazard_cumulative_gamma",
    "compound_half_normal",
]
"""Detection functions that a model can name."""

Form = Literal["hazard", "probability"]

_FURTHEST = 1e9


@dataclass(frozen=True)
class Shape:
    """A shape k(d; sigma, z), and what else is known of it.

    Parameters
    ----------
    k
        Of distance and sigma in metres, and z.
    in_words
        Its name in a sentence.
    usual_z
        A usual value of z, in units of sigma where z is in metres; None where there is no z.
    spread
        Root mean square distance of detections, over that of the half-normal of the same sigma,
        at the usual z.
    z_in_metres
        Whether z is a distance.
    highest_at_z
        Whether detection is highest at the distance z, and less inside and outside.
    is_compound
        Whether z is a number of chances a day to be detected, each with probability g0 k.
    over_plane, over_line
        Integral of k over the plane, in sigma squared, and along an endless line through the
        centre, in sigma; None where areas and lines cannot be searched by it.
    """

    k: Callable[[Any, Any, Any], Any]
    in_words: str
    usual_z: float | None = None
    spread: float = 1.0
    z_in_metres: bool = False
    highest_at_z: bool = False
    is_compound: bool = False
    over_plane: float | None = None
    over_line: float | None = None

    def whole(self, dims: int) -> float:
        """Integral of k over the plane (2) or an endless line (1), in sigma^dims; 1 for points.

        Parameters
        ----------
        dims
            2, 1 or 0.
        """
        return {2: self.over_plane, 1: self.over_line}.get(dims) or 1.0


def half_normal_shape(distance: Any, sigma: Any, z: Any) -> Any:  # noqa: ARG001
    """exp(-d^2 / 2 sigma^2). An author who omits the 2 reports a sigma sqrt(2) larger."""
    return np.exp(-(distance * distance) / (2 * sigma * sigma))


def exponential_shape(distance: Any, sigma: Any, z: Any) -> Any:  # noqa: ARG001
    """exp(-d / sigma)."""
    return np.exp(-distance / sigma)


def hazard_rate_shape(distance: Any, sigma: Any, z: Any) -> Any:
    """1 - exp(-(d / sigma)^-z), Hayes & Buckland (1983) Biometrics 39:29-42."""
    return 1 - np.exp(-((distance / sigma) ** (-z)))


def variable_power_shape(distance: Any, sigma: Any, z: Any) -> Any:
    """exp(-(d / sigma)^z): exponential where z is 1; the half-normal, but for its sigma, at 2."""
    return np.exp(-((distance / sigma) ** z))


def annular_normal_shape(distance: Any, sigma: Any, z: Any) -> Any:
    """exp(-(d - z)^2 / 2 sigma^2): 1 on a ring at z metres, less inside and outside."""
    return np.exp(-((distance - z) ** 2) / (2 * sigma * sigma))


def w_exponential_shape(distance: Any, sigma: Any, z: Any) -> Any:
    """1 up to z metres, then exp(-(d - z) / sigma)."""
    return np.exp(-np.maximum(distance - z, 0.0) / sigma)


def cumulative_lognormal_shape(distance: Any, sigma: Any, z: Any) -> Any:
    """Upper tail of a lognormal distribution of mean sigma and standard deviation z, metres."""
    v = np.log1p((z / sigma) ** 2)
    return ndtr(-(np.log(distance / sigma) + v / 2) / np.sqrt(v))


def cumulative_gamma_shape(distance: Any, sigma: Any, z: Any) -> Any:
    """Upper tail of a gamma distribution of shape z and mean sigma, metres."""
    return gammaincc(z, distance * z / sigma)


SHAPES = {
    "half_normal": Shape(
        half_normal_shape,
        "half-normal",
        over_plane=2 * np.pi,
        over_line=float(np.sqrt(2 * np.pi)),
    ),
    "exponential": Shape(
        exponential_shape,
        "exponential",
        spread=float(np.sqrt(3.0)),
        over_plane=2 * np.pi,
        over_line=2.0,
    ),
    "hazard_rate": Shape(hazard_rate_shape, "hazard-rate", usual_z=4.0),
    "variable_power": Shape(
        variable_power_shape, "variable power", usual_z=2.0, spread=float(np.sqrt(0.5))
    ),
    "annular_normal": Shape(
        annular_normal_shape,
        "annular normal",
        usual_z=1.0,
        spread=1.374161,
        z_in_metres=True,
        highest_at_z=True,
    ),
    "w_exponential": Shape(
        w_exponential_shape,
        "exponential beyond a plateau",
        usual_z=1.0,
        spread=float(np.sqrt(3.25)),
        z_in_metres=True,
    ),
    "cumulative_lognormal": Shape(
        cumulative_lognormal_shape,
        "cumulative lognormal",
        usual_z=0.5,
        spread=float(np.sqrt(1.25**5 / 4)),
        z_in_metres=True,
    ),
    "cumulative_gamma": Shape(
        cumulative_gamma_shape, "cumulative gamma", usual_z=4.0, spread=float(np.sqrt(42 / 64))
    ),
    "compound_half_normal": Shape(
        half_normal_shape, "compound half-normal", usual_z=1.0, is_compound=True
    ),
}
"""By name; the spread of the hazard rate is taken for that of the half-normal, that of the variable
power at its usual z."""


@dataclass(frozen=True)
class DetectionFunction:
    """A family of detection functions.

    Parameters
    ----------
    name
        Its name in a model.
    shape
        Name of its shape in ``SHAPES``: which k(d; sigma, z).
    form
        ``"hazard"`` (lambda0) or ``"probability"`` (g0).
    """

    name: DetectionName
    shape: str
    form: Form

    @property
    def intensity_name(self) -> Literal["lambda0", "g0"]:
        """The parameter of detection where it is highest: at distance zero, or on a ring at z."""
        return "lambda0" if self.form == "hazard" else "g0"

    @property
    def has_z(self) -> bool:
        """Whether the family has a second shape parameter."""
        return SHAPES[self.shape].usual_z is not None

    @property
    def z_in_metres(self) -> bool:
        """Whether z is a distance."""
        return SHAPES[self.shape].z_in_metres

    @property
    def highest_at_z(self) -> bool:
        """Whether detection is highest at the distance z, and less inside and outside."""
        return SHAPES[self.shape].highest_at_z

    @property
    def is_compound(self) -> bool:
        """Whether z is a number of chances a day: g = 1 - (1 - g0 k)^z, h = -z log(1 - g0 k)."""
        return SHAPES[self.shape].is_compound

    @property
    def period(self) -> Literal["day", "chance"]:
        """What lambda0 or g0 is of."""
        return "chance" if self.is_compound else "day"

    @property
    def where_highest(self) -> str:
        """Where an animal is detected most, in words: there detection is lambda0 or g0."""
        ring = "at the distance z from the activity centre"
        return ring if self.highest_at_z else "at the activity centre"

    def usual_z(self, sigma: float) -> float:
        """A usual value of z, 1 where there is none.

        Parameters
        ----------
        sigma
            Metres.
        """
        usual = SHAPES[self.shape].usual_z or 1.0
        return usual * sigma if self.z_in_metres else usual

    @property
    def spread(self) -> float:
        """Root mean square distance of detections, over that of the half-normal."""
        return SHAPES[self.shape].spread

    @property
    def in_words(self) -> str:
        """Its name in a sentence."""
        return SHAPES[self.shape].in_words + (" hazard" if self.form == "hazard" else "")

    def k(self, distance: Any, sigma: Any, z: Any) -> Any:
        """Detection relative to that where it is highest.

        Parameters
        ----------
        distance, sigma
            Metres, any shapes that broadcast.
        z
            Second shape parameter, ignored by families without one.
        """
        return SHAPES[self.shape].k(distance, sigma, z)

    def hazard(self, distance: Any, intensity: Any, sigma: Any, z: Any) -> Any:
        """Hazard of detection per day at a distance.

        Parameters
        ----------
        distance, sigma
            Metres, any shapes that broadcast.
        intensity
            lambda0 per day, or g0, a probability below 1 per day (per chance where compound).
        z
            Second shape parameter, ignored by families without one.
        """
        k = self.k(distance, sigma, z)
        if self.form == "hazard":
            return intensity * k
        h = -np.log1p(-intensity * k)
        return z * h if self.is_compound else h

    def distance_at(self, k: float, *, sigma: float, z: float = 1.0) -> float:
        """Distance beyond which detection, relative to that where it is highest, is below a value.

        Parameters
        ----------
        k
            Between 0 and 1.
        sigma
            Metres.
        z
            Second shape parameter, ignored by families without one; metres where it is a distance.

        Returns
        -------
        float
            Metres, to ten digits.

        Examples
        --------
        >>> detection_function("half_normal").distance_at(np.exp(-0.5), sigma=2000.0)
        2000.0
        """
        low = z if self.highest_at_z else 0.0
        high = low + sigma + (z if self.z_in_metres else 0.0)
        with np.errstate(divide="ignore", over="ignore"):
            while self.k(high, sigma, z) > k and high < _FURTHEST * sigma:
                low, high = high, 2 * high
            while high - low > 1e-13 * high:
                middle = (low + high) / 2
                low, high = (middle, high) if self.k(middle, sigma, z) > k else (low, middle)
        return float(f"{high:.10g}")


DETECTION_FUNCTIONS: dict[str, DetectionFunction] = {
    family.name: family
    for family in (
        DetectionFunction("half_normal", "half_normal", "probability"),
        DetectionFunction("exponential", "exponential", "probability"),
        DetectionFunction("hazard_rate", "hazard_rate", "probability"),
        DetectionFunction("hazard_half_normal", "half_normal", "hazard"),
        DetectionFunction("hazard_exponential", "exponential", "hazard"),
        DetectionFunction("hazard_variable_power", "variable_power", "hazard"),
        DetectionFunction("hazard_hazard_rate", "hazard_rate", "hazard"),
        DetectionFunction("annular_normal", "annular_normal", "probability"),
        DetectionFunction("hazard_annular_normal", "annular_normal", "hazard"),
        DetectionFunction("w_exponential", "w_exponential", "probability"),
        DetectionFunction("hazard_w_exponential", "w_exponential", "hazard"),
        DetectionFunction("cumulative_lognormal", "cumulative_lognormal", "probability"),
        DetectionFunction("hazard_cumulative_lognormal", "cumulative_lognormal", "hazard"),
        DetectionFunction("cumulative_gamma", "cumulative_gamma", "probability"),
        DetectionFunction("hazard_cumulative_gamma", "cumulative_gamma", "hazard"),
        DetectionFunction("compound_half_normal", "compound_half_normal", "probability"),
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
    if name not in DETECTION_FUNCTIONS:
        msg = (
            f"detection={name!r} is not a detection function here. "
            f"Use one of {', '.join(map(repr, DETECTION_FUNCTIONS))}."
        )
        raise FormulaError(msg)
    return DETECTION_FUNCTIONS[name]
