"""What a survey is planned under: model, parameters, and how the work is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from scr.errors import LayoutError
from scr.fit.result import Fit
from scr.habitat.mask import HabitatMask
from scr.io.bounds import MOST_OCCASIONS
from scr.model.design import Design
from scr.model.priors import Normal, Prior, StudentT
from scr.model.spec import ModelSpec
from scr.model.within_session import built_in_names, responses_in
from scr.survey.detectors import DETECTORS
from scr.units import KM2_PER_REPORTED_AREA

PlannedDetector = Literal[
    "proximity",
    "count",
    "multi",
    "polygon",
    "polygon_exclusive",
    "transect",
    "transect_exclusive",
]
"""What a trap of a planned survey records, or a search of areas or lines."""

_POSITIVE = ("density", "lambda0", "a0", "sigma", "sigmak", "z")
_PROBABILITIES = ("g0", "share", "pmix")


@dataclass(frozen=True)
class Equipment:
    r"""What one or two cameras at a station are worth.

    A working station with both flanks photographed identifies every animal that passes; one
    camera identifies the share :math:`q` of them. With a share :math:`f` of camera nights lost,
    effort is multiplied by :math:`(1-f)q` for one camera and by
    :math:`(1-f)^2 + 2f(1-f)q` for two. Passes are thinned at random, so that this is exact for
    a Poisson process of passes, on average over failures.

    Parameters
    ----------
    failure
        Share of camera nights lost, f, from 0 to below 1.
    one_flank
        Share of passes that one camera identifies, q, above 0, at most 1: about a half where
        only one flank can be used, nearly 1 where animals are known from either side.

    Raises
    ------
    LayoutError
        If a share is out of its range.

    Examples
    --------
    >>> Equipment(failure=0.1, one_flank=0.5).effort(np.array([1, 2])).tolist()
    [0.45, 0.9]
    """

    failure: float = 0.0
    one_flank: float = 1.0

    def __post_init__(self) -> None:
        if not (0 <= self.failure < 1 and 0 < self.one_flank <= 1):
            msg = (
                f"failure={self.failure:g} and one_flank={self.one_flank:g}: the share of camera "
                "nights lost must lie in [0, 1), the share of passes that one camera identifies "
                "in (0, 1]. Correct them."
            )
            raise LayoutError(msg)

    def effort(self, cameras: NDArray[np.int64]) -> NDArray[np.float64]:
        """Effective days per day of a station, shape (n_stations,).

        Parameters
        ----------
        cameras
            Cameras at each station, 1 or 2.
        """
        f, q = self.failure, self.one_flank
        one, two = (1 - f) * q, (1 - f) ** 2 + 2 * f * (1 - f) * q
        return np.where(np.asarray(cameras) == 1, one, two)


@dataclass(frozen=True, eq=False)
class Assumptions:
    """Model, parameters and effort that a layout is judged by.

    Parameters
    ----------
    mask
        Cells in which activity centres lie, with the covariates of the density formula.
    spec
        The model that will be fitted.
    coefficients
        Draws of each coefficient on its link scale, by name, each of shape (n_draws,); with that
        of density also where the likelihood will be conditional on the number of animals.
    detector
        What a trap records.
    n_occasions
        Occasions of the survey.
    occasion_days
        Days in an occasion.
    unknown_sex
        Probability that the sex of a detected animal is not recorded.
    equipment
        What one or two cameras are worth.
    flank
        ``"both"`` where animals are known by two flanks and both will be used, else None.

    Raises
    ------
    LayoutError
        If a number is out of its range.
    """

    mask: HabitatMask
    spec: ModelSpec
    coefficients: Mapping[str, NDArray[np.float64]]
    detector: PlannedDetector = "proximity"
    n_occasions: int = 1
    occasion_days: float = 1.0
    unknown_sex: float = 0.0
    equipment: Equipment = field(default_factory=Equipment)
    flank: Literal["both"] | None = None

    def __post_init__(self) -> None:
        check_planned(self.detector)
        if responses_in(self.spec.detection_variables) and DETECTORS[self.detector].searched:
            msg = (
                f"The formulas of detection name responses to being found, and "
                f"detector={self.detector!r} is a search, for which a plan does not take them. "
                "Leave them out of the plan's formulas."
            )
            raise LayoutError(msg)
        if self.spec.pooled:
            msg = (
                "The model pools sessions, (1 | session), and a plan is of one survey. Give a "
                "model without that term, and density, sigma and lambda0 (g0) as they are "
                "expected there."
            )
            raise LayoutError(msg)
        if not (
            1 <= self.n_occasions <= MOST_OCCASIONS
            and 0 < self.occasion_days < np.inf
            and 0 <= self.unknown_sex < 1
        ):
            msg = (
                f"n_occasions={self.n_occasions}, occasion_days={self.occasion_days:g}, "
                f"unknown_sex={self.unknown_sex:g}: a survey needs at least one occasion and "
                f"at most {MOST_OCCASIONS:,}, of more than 0 days, and a probability below 1 that "
                "a sex is not recorded."
            )
            raise LayoutError(msg)

    @property
    def n_draws(self) -> int:
        """Sets of coefficients: 1 for single values."""
        return len(next(iter(self.coefficients.values())))

    @property
    def planned_spec(self) -> ModelSpec:
        """The model with a Poisson number of animals: animals are detected alike under any."""
        return replace(self.spec, number="poisson")

    @property
    def changing(self) -> tuple[str, ...]:
        """Occasions and responses to being caught that the formulas of detection name."""
        return built_in_names(self.spec.detection_variables)

    @property
    def n_days(self) -> float:
        """Length of the survey, days."""
        return self.n_occasions * self.occasion_days

    def thetas(self, design: Design) -> NDArray[np.float64]:
        """Coefficients in the order of a design, shape (n_draws, n_coefficients).

        Parameters
        ----------
        design
            The model for a layout.

        Raises
        ------
        LayoutError
            If a coefficient of the model has no value, or a value no coefficient.
        """
        names = design.coefficient_names
        missing = [name for name in names if name not in self.coefficients]
        unknown = [name for name in self.coefficients if name not in names]
        if missing or unknown:
            msg = (
                f"The parameters do not fit the model: missing {', '.join(missing) or 'none'}; "
                f"unknown {', '.join(unknown) or 'none'}. Give {', '.join(names)} on their link "
                "scales; density (animals per 100 km2), lambda0, g0, sigma, z and share on their "
                "own scale stand for the intercepts."
            )
            raise LayoutError(msg)
        return np.stack([self.coefficients[name] for name in names], axis=1)

    def of_draw(self, draw: int) -> "Assumptions":
        """The same with one set of coefficients.

        Parameters
        ----------
        draw
            Index from 0.
        """
        one = {name: values[draw : draw + 1] for name, values in self.coefficients.items()}
        return replace(self, coefficients=one)

    def centre(self) -> "Assumptions":
        """The same with the median of each coefficient."""
        middle = {name: np.median(v, keepdims=True) for name, v in self.coefficients.items()}
        return replace(self, coefficients=middle)


def assume(
    mask: HabitatMask,
    spec: ModelSpec,
    parameters: Mapping[str, float | Prior] | Fit,
    *,
    detector: PlannedDetector = "proximity",
    n_occasions: int = 1,
    occasion_days: float = 1.0,
    unknown_sex: float = 0.0,
    equipment: Equipment | None = None,
    flank: Literal["both"] | None = None,
    n_draws: int = 50,
    seed: int = 1,
) -> Assumptions:
    """Assumptions from single values, priors or a fit.

    Parameters
    ----------
    mask, spec
        Cells and model. With a fit these are best its own (``fit.mask``, ``fit.spec``).
    parameters
        By name: coefficients on their link scales (``"sigma.sex[T.M]"``), or density (animals per
        100 km2), lambda0, g0, a0 (km2), sigma (metres), sigmak, z, share and pmix, which set
        the intercepts. A ``Normal`` or ``StudentT`` is a prior, on the link scale always. Or the
        ``Fit`` of an earlier survey, whose draws are used.
    detector, n_occasions, occasion_days, unknown_sex, equipment, flank
        As in ``Assumptions``.
    n_draws
        Sets of coefficients drawn from priors or a fit; each criterion then has a distribution.
    seed
        Seed of these draws.

    Raises
    ------
    LayoutError
        If a parameter is out of its range, given twice, or no number; or the fit is of traps that
        hold animals and the plan is not.

    Examples
    --------
    >>> mask = HabitatMask(xy=np.zeros((1, 2)), cell_area=np.array([1.0]), crs="local")
    >>> parameters = {"density": 1.0, "lambda0": 0.01, "sigma": 3000.0}
    >>> sorted(assume(mask, ModelSpec(), parameters).coefficients)
    ['density.Intercept', 'lambda0.Intercept', 'sigma.Intercept']
    """
    rng = np.random.default_rng(seed)
    if isinstance(parameters, Fit):
        _check_detector(parameters, detector)
        rows = np.linspace(0, len(parameters.draws) - 1, min(n_draws, len(parameters.draws)))
        drawn = parameters.draws[np.rint(rows).astype(np.int64)]
        coefficients = dict(zip(parameters.coefficient_names, drawn.T, strict=True))
    else:
        coefficients = _from_mapping(parameters, n_draws=n_draws, rng=rng)
    return Assumptions(
        mask=mask,
        spec=spec,
        coefficients=coefficients,
        detector=detector,
        n_occasions=n_occasions,
        occasion_days=occasion_days,
        unknown_sex=unknown_sex,
        equipment=equipment or Equipment(),
        flank=flank,
    )


def middle_of(name: str, value: float | Prior) -> float:
    """A parameter as one number on its own scale: itself, or the median of its prior.

    Parameters
    ----------
    name
        As ``assume`` takes it.
    value
        A number on that scale, or a prior on the link scale.
    """
    if not isinstance(value, Normal | StudentT):
        return float(value)
    if name in _PROBABILITIES:
        return float(1 / (1 + np.exp(-value.mean)))
    if name not in _POSITIVE:
        return float(value.mean)
    return float(np.exp(value.mean) * (KM2_PER_REPORTED_AREA if name == "density" else 1.0))


def check_planned(detector: str) -> None:
    """Raise for a detector that no plan takes.

    Parameters
    ----------
    detector
        Any text.

    Raises
    ------
    LayoutError
        Naming those there are.
    """
    if detector not in get_args(PlannedDetector):
        listed = ", ".join(map(repr, get_args(PlannedDetector)))
        msg = f"detector={detector!r} is not known in a plan. Use one of {listed}."
        raise LayoutError(msg)


def _check_detector(fit: Fit, detector: PlannedDetector) -> None:
    """Refuse detection by traps that hold animals, or by searches, for a plan of others."""
    fitted = fit.survey.detector
    was, will_be = DETECTORS[fitted].searched, DETECTORS[detector].searched
    if was != will_be:
        msg = (
            f"The fit is of detector={fitted!r}, where {was or 'stations'} "
            f"{'were searched' if was else 'stood'}: its lambda0 cannot be that of "
            f"{will_be or 'stations'}, as the plan's detector={detector!r} has it. Give density, "
            f"sigma and a lambda0 of {will_be or 'stations'} as parameters."
        )
        raise LayoutError(msg)
    if was or DETECTORS[fitted].records != "multi" or detector == "multi":
        return
    msg = (
        f"The fit is of detector={fitted!r}, traps that hold an animal until they are visited, and "
        f"the plan of detector={detector!r}. Give detector='multi', or the parameters of a survey "
        f"with {detector} detectors."
    )
    raise LayoutError(msg)


def _from_mapping(
    parameters: Mapping[str, float | Prior], *, n_draws: int, rng: np.random.Generator
) -> dict[str, NDArray[np.float64]]:
    if not parameters:
        msg = "No parameter was given. Give density, sigma and lambda0 (or g0) at least."
        raise LayoutError(msg)
    any_prior = any(isinstance(value, Normal | StudentT) for value in parameters.values())
    size = n_draws if any_prior else 1
    result: dict[str, NDArray[np.float64]] = {}
    for key, value in parameters.items():
        name = key if "." in key else f"{key}.Intercept"
        if name in result:
            msg = f"{name} is given twice, once as {key!r}. Keep one of the two."
            raise LayoutError(msg)
        if isinstance(value, StudentT):
            result[name] = value.mean + value.sd * rng.standard_t(value.df, size)
        elif isinstance(value, Normal):
            result[name] = rng.normal(value.mean, value.sd, size)
        else:
            result[name] = np.full(size, _on_link_scale(key, value))
    return result


def _on_link_scale(key: str, value: float) -> float:
    number = float(value)
    if "." in key:
        if not np.isfinite(number):
            msg = f"{key} = {number} is not a finite number. Give its value on the link scale."
            raise LayoutError(msg)
        return number
    if key in _POSITIVE and 0 < number < np.inf:
        return float(np.log(number / KM2_PER_REPORTED_AREA if key == "density" else number))
    if key in _PROBABILITIES and 0 < number < 1:
        return float(np.log(number / (1 - number)))
    if key not in (*_POSITIVE, *_PROBABILITIES):
        msg = (
            f"{key!r} is no parameter. Name density, lambda0, g0 or a0, sigma or sigmak, z, share, "
            "pmix, or a coefficient such as 'sigma.sex[T.M]'."
        )
        raise LayoutError(msg)
    needed = "above 0" if key in _POSITIVE else "above 0 and below 1"
    unit = {
        "density": " animals per 100 km2",
        "sigma": " metres",
        "lambda0": " per day",
        "a0": " km2",
    }
    msg = f"{key} = {number:g}{unit.get(key, '')} is out of range: it must be {needed}. Correct it."
    raise LayoutError(msg)
