"""How far density comes out wrong by the mask alone, told before anything is fitted."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from scr.habitat.build import wider_mask
from scr.habitat.cells import cell_side
from scr.habitat.mask import HabitatMask
from scr.model.advice import (
    advise_buffer,
    guess_sigma,
    mask_reach,
)
from scr.model.detection import SHAPES, DetectionFunction, detection_function
from scr.survey.detection_places import effort_places
from scr.survey.detectors import DETECTORS
from scr.survey.parts import joined_parts
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps

LARGEST_MOVE = 0.1
"""A mask is good enough if a wider or finer one moves density by less than this many standard
deviations."""

LEAST_RSE = 0.1
"""Relative standard deviation of density that the best surveys reach; a mask has to do for these
where nothing is known of the data."""

MOST_RIPPLE = 0.1
"""Largest relative error, by the width of cells, of the chance of an animal seen four times."""

_FINE = 4.0
_BLOCK = 4_000_000
_MOST_CELLS = 500_000
_NOTHING = 1e-200


@dataclass(frozen=True)
class DetectionGuess:
    """A detection function guessed from the data.

    Parameters
    ----------
    sigma
        Metres.
    intensity
        lambda0 per day (g0 where that is small); None where there are no recaptures to tell it,
        and animals are then taken to be detected rarely.
    family
        Which function.
    z
        Second shape parameter, where it is known.
    """

    sigma: float
    intensity: float | None
    family: DetectionFunction
    z: float | None = None


@dataclass(frozen=True)
class MaskBias:
    """Relative bias of density by the mask.

    Parameters
    ----------
    narrow
        By cells that lack beyond the buffer: 0.1 for a density 10 % too high.
    coarse
        By cells that are too wide.
    """

    narrow: float
    coarse: float


def guess_detection(
    survey: Survey, mask: HabitatMask, *, detection: str = "hazard_half_normal"
) -> DetectionGuess:
    r"""Sigma from movements or spacing; lambda0 from how often a detected animal was detected.

    .. math:: \frac{C}{n} = \frac{\sum_m a_m \Lambda(m)}{\sum_m a_m (1 - e^{-\Lambda(m)})},
       \qquad \Lambda(m) = \lambda_0 \sum_k T_k \, k(d_{km})

    with C detections of n animals, is solved for lambda0.

    Parameters
    ----------
    survey
        The data.
    mask
        The cells over which animals are taken to be spread evenly.
    detection
        Name of the detection function.

    Returns
    -------
    DetectionGuess
        Of all sessions together.
    """
    family = detection_function(detection)
    sigma = guess_sigma(survey, detection=detection)
    n = survey.n_individuals
    total = sum(session.captures.n_detections for session in survey.sessions)
    if n == 0 or total <= n:
        return DetectionGuess(sigma, None, family)
    exposure, area = _exposure(survey, mask, DetectionGuess(sigma, None, family))
    if not exposure.max() > _NOTHING:
        return DetectionGuess(sigma, None, family)

    def excess(log_intensity: float) -> float:
        hazard = np.exp(log_intensity) * exposure
        return float(np.log(area @ hazard) - np.log(area @ -np.expm1(-hazard)) - np.log(total / n))

    low, high = np.log(1e-6 / exposure.max()), np.log(1e4 / exposure.max())
    if excess(high) < 0:
        return DetectionGuess(sigma, None, family)
    return DetectionGuess(sigma, float(np.exp(brentq(excess, low, high))), family)


def mask_bias(survey: Survey, mask: HabitatMask, guess: DetectionGuess) -> MaskBias:
    r"""Relative bias of density by a mask that is too narrow or too coarse.

    Density is n / a with the effective sampling area

    .. math:: a = \sum_m a_m \, (1 - e^{-\Lambda(m)}).

    ``narrow`` is a(wide) / a - 1, where the wide mask reaches to where an animal is as good as
    never detected. ``coarse`` is a(fine) / a - 1, where the fine mask has the same cells cut into
    cells of a quarter of sigma or less. Sigma and lambda0 are held; a fit moves them too, which
    may take back a part of the bias, or add to it.

    Parameters
    ----------
    survey
        The data.
    mask
        The cells.
    guess
        The detection function.

    Returns
    -------
    MaskBias
        ``narrow`` is 0 for a mask that is bounded, has no lattice or fills its habitat; ``coarse``
        is infinite where no centre of a cell is within reach of a trap.

    References
    ----------
    Borchers & Efford (2008) Biometrics 64:377-385, for a. Efford (2025) SECRbook, chapter on
    habitat, for judging a buffer by it.
    """
    here = _esa(survey, mask, guess)
    if not here > _NOTHING:
        return MaskBias(0.0, np.inf)
    most = float(np.sqrt(_MOST_CELLS / len(mask)))
    reach = mask_reach(mask, traps_of(survey))
    factor = min(wanted_buffer(guess) / max(reach, 1.0), most)
    wide = wider_mask(mask, traps_of(survey), factor=factor) if factor > 1 else None
    narrow = 0.0 if wide is None else _esa(survey, wide, guess) / here - 1
    side = float(cell_side(mask).max())
    cuts = int(min(np.ceil(_FINE * side / guess.sigma), max(most, 2.0)))
    coarse = 0.0
    if side > guess.sigma / 2:
        coarse = _esa(survey, _cut(mask, cuts), guess) / here - 1
    return MaskBias(narrow, coarse)


def expected_density(survey: Survey, mask: HabitatMask, guess: DetectionGuess) -> float | None:
    """Density that the data would give by the guess of detection, animals per km2.

    Parameters
    ----------
    survey
        The data.
    mask
        The cells.
    guess
        From ``guess_detection``.

    Returns
    -------
    float
        Animals of all sessions by their effective sampling areas; None where lambda0 cannot be
        guessed, as there are no recaptures.
    """
    if guess.intensity is None:
        return None
    return survey.n_individuals / _esa(survey, mask, guess)


def wanted_buffer(guess: DetectionGuess) -> float:
    """The buffer that ``advise_buffer`` gives; where z is not known, at its usual value.

    A hazard rate of unknown z, whose tail may be long or short, is held to four sigma.

    Parameters
    ----------
    guess
        The detection function.
    """
    family, sigma = guess.family, guess.sigma
    if family.shape == "hazard_rate" and guess.z is None:
        return advise_buffer(sigma)
    z = family.usual_z(sigma) if guess.z is None else guess.z
    return advise_buffer(sigma, detection=family.name, z=z)


def ripple(side: float, sigma: float) -> float:
    """Largest relative error of a sum over square cells of a half-normal in the plane.

    By Poisson summation the first terms are 4 exp(-2 pi^2 sigma^2 / side^2).

    Parameters
    ----------
    side
        Side of a cell, metres.
    sigma
        Of the half-normal, metres.
    """
    return float(min(4 * np.exp(-2 * (np.pi * sigma / side) ** 2), 1.0))


def _esa(survey: Survey, mask: HabitatMask, guess: DetectionGuess) -> float:
    exposure, area = _exposure(survey, mask, guess)
    if guess.intensity is None:
        return float(area @ exposure)
    return float(area @ -np.expm1(-guess.intensity * exposure))


def _exposure(
    survey: Survey, mask: HabitatMask, guess: DetectionGuess
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Effort weighted by the detection function, and area, of the cells of all sessions."""
    found, areas = [], []
    for session in survey.sessions:
        cells = mask.cells_of(session.name)
        places, effort = _effort_over(survey, session, guess)
        step = max(1, _BLOCK // len(effort))
        for start in range(0, len(cells), step):
            block = cells[start : start + step]
            away = mask.xy[block, None, :] - places[None, :, :]
            distance = np.maximum(np.hypot(away[..., 0], away[..., 1]), 1e-9)
            found.append(
                guess.family.k(distance, guess.sigma, guess.z or guess.family.usual_z(guess.sigma))
                @ effort
            )
            areas.append(mask.cell_area[block])
    return np.concatenate(found), np.concatenate(areas)


def _effort_over(
    survey: Survey, session: Session, guess: DetectionGuess
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places of effort and what each has of it: days, or days times a share of k."""
    places, effort, measure = effort_places(session)
    dims = DETECTORS[survey.detector].dims
    whole = SHAPES[guess.family.shape].whole(dims) * guess.sigma**dims
    return places, effort.sum(axis=1) * measure / whole


def _cut(mask: HabitatMask, cuts: int) -> HabitatMask:
    """Every cell cut into ``cuts`` squared cells."""
    steps = (np.arange(cuts) + 0.5) / cuts - 0.5
    offset = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    side = cell_side(mask)
    parent = np.repeat(np.arange(len(mask)), cuts**2)
    xy = mask.xy[parent] + side[parent, None] * np.tile(offset, (len(mask), 1))
    return replace(
        mask,
        xy=xy,
        cell_area=mask.cell_area[parent] / cuts**2,
        covariates=mask.covariates.iloc[:0, :0],
        spacing=None,
        session=None if mask.session is None else mask.session[parent],
        unusable={},
    )


def traps_of(survey: Survey) -> Traps:
    """Traps of all sessions, so that a mask can be widened round them.

    Parameters
    ----------
    survey
        The data.
    """
    return Traps(
        names=np.concatenate([s.traps.names for s in survey.sessions]),
        xy=np.concatenate([s.traps.xy for s in survey.sessions]),
        crs=survey.crs,
        session=np.repeat(
            np.array([s.name for s in survey.sessions], dtype=object),
            [len(s.traps) for s in survey.sessions],
        ),
        source=survey.sessions[0].traps.source,
        parts=joined_parts([session.traps.parts for session in survey.sessions]),
    )
