"""Where to begin: values that the data suggest without any fitting."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from scr.errors import FitError
from scr.model.design import Design
from scr.model.detection import SHAPES, DetectionFunction
from scr.model.known_sides import KNOWN
from scr.model.parameterisation import LOG_AREA, LOG_LENGTH
from scr.model.reach import trap_spacing
from scr.survey.detection_places import detection_places, effort_places
from scr.survey.detectors import DETECTORS
from scr.survey.survey import Session, Survey

_SPACING = 1000.0
_LEAST, _LEAST_SEARCHED = 1 / 3, 1 / 100
_LEAST_EXPOSURE = 1e-300
_LARGEST_G0 = 0.5
_MOST_ANIMALS = 400
_ROOM = 3.0
_SD_OF_EFFECTS = 0.5
STEP = 0.3
"""Length of a first step in the coordinates of ``scr.model.coordinates``: along any of them a
linear predictor changes by as much (root mean square)."""


def starting_values(
    design: Design,
    value_and_gradient: Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]],
) -> NDArray[np.float64]:
    """Coefficients to start from: constant parameters, every slope zero.

    Sigma comes from the spread of each animal's detections, lambda0 (g0) from detections per
    effort at that sigma, and the level of density makes the expected number of animals detected
    equal to the number detected.

    Parameters
    ----------
    design
        The model and its data, with the columns of any coordinates.
    value_and_gradient
        The log-likelihood and its gradient in these.

    Returns
    -------
    NDArray
        Shape (n_coefficients,).

    Raises
    ------
    FitError
        If the log-likelihood is not finite at these values.
    """
    survey, family = design.survey, design.spec.family
    sigma = spread_of_detections(survey) / family.spread
    intensity = detections_per_effort(survey, family, sigma)
    n_animals = survey.n_individuals
    is_fixed = design.spec.number == "binomial"
    density = _density_of_detected(design, with_room=is_fixed)
    hazard = family.form == "hazard"
    level = {
        "density": np.log(density),
        "lambda0": np.log(intensity),
        "g0": 0.0 if hazard else np.log(intensity / (1 - intensity)),
        "a0": np.log(intensity) + 2 * np.log(sigma) - LOG_AREA,
        "sigma": np.log(sigma),
        "sigmak": np.log(sigma) + np.log(density) / 2 - LOG_LENGTH,
        "z": np.log(family.usual_z(sigma)),
        "share": 0.0,
        "pmix": 0.0,
        **dict.fromkeys(KNOWN, 0.0),
        "distance": 0.0,
    }
    theta = np.zeros(design.n_coefficients)
    for parameter, block in design.blocks.items():
        theta[block] = level[parameter] * constant_direction(design, parameter)
    for pool in design.pools:
        theta[pool.sd] = _SD_OF_EFFECTS
        if pool.length is not None and pool.spectrum is not None:
            theta[pool.length] = np.log(pool.spectrum.typical)
    value, gradient = value_and_gradient(theta)
    if not np.isfinite(value):
        msg = (
            f"The log-likelihood is {value} at the starting values (sigma {sigma:.0f} m, "
            f"{family.intensity_name} {intensity:.3g} per day). Check the units of the "
            "coordinates (metres) and of the effort (days), or give starting=."
        )
        raise FitError(msg)
    if is_fixed:
        return theta
    upwards = _density_alone(design)
    expected = n_animals - float(gradient @ upwards)  # d logL / d log D = n - Lambda
    if expected > 0:
        theta += np.log(n_animals / expected) * upwards
    return theta


def _density_of_detected(design: Design, *, with_room: bool) -> float:
    """Animals detected per km2 of mask; with room, three times the most of any session.

    A fixed number of animals must not be below those detected in any session.
    """
    area = np.array([design.mask.cell_area[cells].sum() for cells in design.cells])
    n = np.array([session.captures.n_individuals for session in design.survey.sessions])
    return float(_ROOM * (n / area).max()) if with_room else float(n.sum() / area.sum())


def _density_alone(design: Design) -> NDArray[np.float64]:
    """Direction of the coefficients in which density rises and detection stays."""
    upwards = np.zeros(design.n_coefficients)
    if "density" in design.blocks:
        upwards[design.blocks["density"]] = constant_direction(design, "density")
    if "sigmak" in design.blocks:
        upwards[design.blocks["sigmak"]] = constant_direction(design, "sigmak") / 2
    return upwards


def named_starting_values(
    starting: Mapping[str, float], names: tuple[str, ...], default: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Starting values with some replaced by name.

    Parameters
    ----------
    starting
        Values by coefficient name, on the link scale.
    names
        Names of the coefficients, in order.
    default
        Values of those not named, shape (n_coefficients,).

    Raises
    ------
    FitError
        If a name is not a coefficient, or a value is not finite.
    """
    unknown = sorted(set(starting) - set(names))
    bad = sorted(name for name, value in starting.items() if not np.isfinite(value))
    if unknown or bad:
        msg = (
            f"starting= has {len(unknown)} names that are not coefficients "
            f"({', '.join(map(repr, unknown[:10]))}) and {len(bad)} values that are not finite "
            f"({', '.join(map(repr, bad[:10]))}). The coefficients are "
            f"{', '.join(map(repr, names))}; give numbers on the link scale."
        )
        raise FitError(msg)
    return np.array([starting.get(name, default[j]) for j, name in enumerate(names)])


def constant_direction(design: Design, parameter: str) -> NDArray[np.float64]:
    """Coefficients of a parameter that make its linear predictor 1, or nearly so.

    Parameters
    ----------
    design
        The model and its data.
    parameter
        A name in ``design.blocks``.

    Returns
    -------
    NDArray
        Shape (n_terms,).
    """
    names = design.coefficient_names[design.blocks[parameter]]
    if f"{parameter}.Intercept" in names:
        return np.array([float(name == f"{parameter}.Intercept") for name in names])
    fixed = design.fixed(parameter)
    columns, result = design.columns(parameter)[:, fixed], np.zeros(len(names))
    result[fixed] = np.linalg.lstsq(columns, np.ones(len(columns)), rcond=None)[0]
    return result


def spread_of_detections(survey: Survey) -> float:
    """Root pooled spatial variance of the detections, metres; never below a third of the spacing.

    Where areas or lines are searched, never below a hundredth of their size.

    Parameters
    ----------
    survey
        The data.

    Returns
    -------
    float
        Half the median distance between neighbouring traps where no animal was detected at two.

    References
    ----------
    Calhoun & Casby (1958) Public Health Monograph 55; Efford (2004) Oikos 106:598-610.
    """
    total, freedom = 0.0, 0.0
    for session in survey.sessions:
        centre, count = _centroids(session)
        animal, places, number = detection_places(session)
        away = places - centre[animal]
        total += float((number[:, None] * away**2).sum())
        freedom += float((count - 1).sum())
        if session.fixes is not None:
            _, n_fixes, _, squared = session.fixes.by_animal()
            total += float((n_fixes * squared).sum())
            freedom += float((n_fixes - 1).sum())
    spacing = trap_spacing(survey) or _SPACING
    if total == 0:
        return spacing / 2
    least = _LEAST_SEARCHED if DETECTORS[survey.detector].searched else _LEAST
    return max(float(np.sqrt(total / (2 * freedom))), least * spacing)


def detections_per_effort(survey: Survey, family: DetectionFunction, sigma: float) -> float:
    """Detections at distance zero per day, had animals lived at the centroids of their detections.

    Of more than 400 animals in a session, evenly taken ones stand for all.

    Parameters
    ----------
    survey
        The data.
    family
        The detection function.
    sigma
        Its scale, metres.

    Returns
    -------
    float
        lambda0 per day; g0 at most 0.5.
    """
    detections, exposure = 0.0, 0.0
    for session in survey.sessions:
        every = -(-session.captures.n_individuals // _MOST_ANIMALS) or 1
        centre, count = (values[::every] for values in _centroids(session))
        places, effort, measure = effort_places(session)
        away = centre[:, None, :] - places[None, :, :]
        distance = np.maximum(np.hypot(away[..., 0], away[..., 1]), 1e-3 * sigma)
        k = family.k(distance, sigma, family.usual_z(sigma))
        exposure += float((k @ (effort.sum(axis=1) * measure)).sum())
        detections += float(count.sum())
    dims = DETECTORS[survey.detector].dims
    whole = SHAPES[family.shape].whole(dims) * sigma**dims
    intensity = detections / max(exposure / whole, _LEAST_EXPOSURE)
    return intensity if family.form == "hazard" else min(intensity, _LARGEST_G0)


def _centroids(session: Session) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    n = session.captures.n_individuals
    animal, xy, number = detection_places(session)
    count = np.bincount(animal, weights=number, minlength=n)
    places = xy * number[:, None]
    sums = [np.bincount(animal, weights=places[:, j], minlength=n) for j in (0, 1)]
    return np.stack(sums, axis=1) / np.maximum(count, 1)[:, None], count
