"""Estimates that no reader could believe."""

import numpy as np
from numpy.typing import NDArray

from scr.errors import FitError, MaskError
from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.model.mask_bias import expected_density, guess_detection
from scr.model.reach import within_reach
from scr.model.sampled_ground import REMEDY, sampled_ground, values_in_words
from scr.posterior.detectability import largest_scales
from scr.posterior.ground import expected_cells, expected_number, ground_of
from scr.posterior.place import places_to_report
from scr.posterior.thinning import of_density
from scr.posterior.zones import Regions
from scr.survey.detection_places import ground_worked
from scr.survey.survey import Survey
from scr.survey.troubles import Trouble
from scr.units import REPORTED_DENSITY, per_100_km2

MOST_TIMES = 50.0
"""A density so many times that which the counts would give is not believed."""

LEAST_SEEN = 1 / 500
"""Nor one by which a smaller share of the animals within reach of the stations was detected."""

NOT_CREDIBLE = "NOT CREDIBLE: see the report"
"""Stamped on everything that is written of such an estimate."""

_MOST_DRAWS = 200
_MOST_ANIMALS, _LARGEST_LOG = 1e9, 700.0
_CHECK = (
    "Do not report it. Look at the warnings of the checks, at the units of coordinates and effort, "
    "and at the covariates of density; a simpler formula, or priors from another study, may help."
)


def unbelievable(fit: Fit, region: Regions | None = None) -> tuple[Trouble, ...]:
    """Why the estimates of a fit cannot be believed, if they cannot.

    Parameters
    ----------
    fit
        A fitted model.
    region
        Where the number of animals is reported, as in ``abundance``.

    Returns
    -------
    tuple of Trouble
        None for a sound fit. Density is not believed where it is more than 50 times that of the
        animals identified by the effective sampling area, at a detection guessed from counts and
        movements as ``scr check`` does (without recaptures: where fewer than one in 500 animals
        within reach of the stations would have been detected); sigma, or a z that is
        a distance, is not where it is wider than the array of stations.
    """
    return (*_dense(fit, region), *_wide(fit))


def stamped(banner: str | None, troubles: tuple[Trouble, ...]) -> str | None:
    """The banner of results, which says first that they cannot be believed.

    Parameters
    ----------
    banner
        Text of the user.
    troubles
        From ``unbelievable``.
    """
    if not troubles:
        return banner
    return NOT_CREDIBLE if banner is None else f"{NOT_CREDIBLE}. {banner}"


def require_countable(fit: Fit, largest: float, *, where: str) -> None:
    """Refuse densities so large that animals cannot be counted.

    Parameters
    ----------
    fit
        The fit.
    largest
        Animals, the most in any cell or region; perhaps not finite.
    where
        Of what.

    Raises
    ------
    FitError
        If that is more than a thousand million.
    """
    if largest <= _MOST_ANIMALS:
        return
    ground = sampled_ground(fit.problem.design)
    listed = "; ".join(
        f"{name}: {values_in_words(ground.near[name])} within reach of the stations, "
        f"{values_in_words(ground.cells[name])} in the mask"
        for name in ground.names
    )
    beyond = (
        f" It follows from covariate values that were not sampled ({listed})." if listed else ""
    )
    msg = (
        f"The fit puts {largest:.2g} animals into {where}, which cannot be.{beyond} "
        f"{REMEDY if listed else _CHECK}"
    )
    raise FitError(msg)


def most_in_a_cell(fit: Fit, thetas: NDArray[np.float64]) -> float:
    """The most animals expected in any cell by any draw of the coefficients.

    Parameters
    ----------
    fit
        The fit.
    thetas
        Draws of the coefficients, shape (n_draws, n_coefficients).
    """
    design, most = fit.problem.design, -np.inf
    for session, rows in enumerate(design.cells):
        log_number = design.log_density(thetas, session) + np.log(fit.mask.cell_area[rows])
        most = max(most, float(log_number.max()))
    return float(np.exp(min(most, _LARGEST_LOG)))


def _dense(fit: Fit, region: Regions | None) -> list[Trouble]:
    most, of = _most_believed(fit)
    thetas = fit.point[None] if fit.point is not None else thinned(fit.draws, _MOST_DRAWS)
    beta = of_density(fit, thetas)
    worst = (0.0, "")
    for label in places_to_report(fit):
        ground = ground_of(fit, region, label)
        with np.errstate(over="ignore"):
            number = np.median(expected_number(expected_cells(fit, ground), beta), axis=0)
        for zone, animals in zip(ground.zones, number, strict=True):
            area = zone.counted_km2(ground.place.mask)
            worst = max(worst, (float(animals) / area, zone.name))
    density, name = worst
    if density <= most:
        return []
    text = (
        f"The density estimated in {name} is {per_100_km2(density):,.3g} {REPORTED_DENSITY}: {of}."
    )
    return [Trouble("warning", "density not credible", "", (), text, _CHECK, text)]


def _most_believed(fit: Fit) -> tuple[float, str]:
    """The highest density that is believed, animals per km2, and why."""
    survey = fit.survey
    try:
        guess = guess_detection(survey, fit.mask, detection=fit.spec.detection)
        expected = expected_density(survey, fit.mask, guess)
    except MaskError:
        expected = None
    if expected is not None:
        told = per_100_km2(expected)
        return MOST_TIMES * expected, f"more than {MOST_TIMES:.0f} times the {told:.2g} that the " \
            "animals identified and their recaptures would give"  # fmt: skip
    design = fit.problem.design
    area = np.concatenate([fit.mask.cell_area[rows] for rows in design.cells])
    least = survey.n_individuals / float(area[within_reach(design)].sum())
    return least / LEAST_SEEN, f"fewer than one in {1 / LEAST_SEEN:.0f} animals within reach of " \
        "the stations would have been detected"  # fmt: skip


def _wide(fit: Fit) -> list[Trouble]:
    scales, extent = largest_scales(fit), _extent(fit.survey)
    name = max(scales, key=lambda of: scales[of])
    if scales[name] <= extent:
        return []
    found = (
        f"The largest {name} is {scales[name] / 1000:.3g} km, wider than the array of stations, "
        f"which is {extent / 1000:.3g} km across: the survey cannot tell it, nor density."
    )
    remedy = (
        f"Do not report it. Spread the stations over several home ranges, or take a prior for "
        f"{name} from another study and say so."
    )
    public = (
        f"The largest {name} is {scales[name] / 1000:.3g} km, wider than the array of stations: "
        "the survey cannot tell it, nor density."
    )
    return [Trouble("warning", f"{name} not credible", "", (), found, remedy, public)]


def _extent(survey: Survey) -> float:
    """Width of the widest array of a session, metres."""
    used = [ground_worked(session) for session in survey.sessions]
    return max(float(np.ptp(xy, axis=0).max()) if len(xy) else 0.0 for xy in used)
