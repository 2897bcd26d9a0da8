"""How far density comes out wrong by the mask alone, told before anything is fitted."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from scr.habitat.advice import (
    advise_buffer,
    advise_spacing,
    guess_sigma,
    mask_reach,
    name_the_limit,
)
from scr.habitat.build import wider_mask
from scr.habitat.cells import cell_side
from scr.habitat.mask import HabitatMask
from scr.model.detection import DetectionFunction, detection_function
from scr.survey.survey import Survey
from scr.survey.traps import Traps
from scr.survey.troubles import Trouble, suspicion

_MOST_BIAS = 0.01
_Z = 4.0
_FINE, _COARSE = 4.0, 1.0
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
    """

    sigma: float
    intensity: float | None
    family: DetectionFunction


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
    exposure, area = _exposure(survey, mask, sigma=sigma, family=family)
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
    reach = mask_reach(mask, _traps(survey))
    factor = min(wanted_buffer(guess) / max(reach, 1.0), most)
    wide = wider_mask(mask, _traps(survey), factor=factor) if factor > 1 else None
    narrow = 0.0 if wide is None else _esa(survey, wide, guess) / here - 1
    side = float(cell_side(mask).max())
    cuts = int(min(np.ceil(_FINE * side / guess.sigma), max(most, 2.0)))
    coarse = 0.0
    if side > guess.sigma / 2:
        coarse = _esa(survey, _cut(mask, cuts), guess) / here - 1
    return MaskBias(narrow, coarse)


def mask_troubles(
    survey: Survey, mask: HabitatMask, *, detection: str = "hazard_half_normal"
) -> tuple[Trouble, ...]:
    """Whether the mask suits the data: too narrow or too coarse, with the size of the bias.

    Parameters
    ----------
    survey
        The data.
    mask
        The cells.
    detection
        Name of the detection function.

    Returns
    -------
    tuple of Trouble
        No, one or two warnings. A bias below 1 % is none.
    """
    guess = guess_detection(survey, mask, detection=detection)
    bias = mask_bias(survey, mask, guess)
    sigma, side = guess.sigma, float(cell_side(mask).max())
    troubles = []
    if bias.narrow > _MOST_BIAS:
        reach = mask_reach(mask, _traps(survey))
        found = (
            f"the buffer of the mask is {reach / 1000:.3g} km, {reach / sigma:.1f} times sigma, "
            f"which is about {sigma / 1000:.3g} km. Animals that live beyond it are counted into "
            f"it, and density comes out too high, by {100 * bias.narrow:.0f} % or more"
        )
        remedy = (
            f"Make a mask with a buffer of {wanted_buffer(guess) / 1000:.3g} km, or "
            f"{name_the_limit(mask)} if no animal can live beyond its edge."
        )
        troubles.append(suspicion("mask too narrow", mask.source, (), found=found, remedy=remedy))
    if side > _COARSE * sigma:
        way = "low" if bias.coarse < 0 else "high"
        effect = (
            f"The effective sampling area alone makes density {100 * abs(bias.coarse):.1f} % too "
            f"{way}, and the chance of an animal seen four times is wrong by up to "
            f"{100 * _ripple(side, sigma / 2):.0f} %"
            if np.isfinite(bias.coarse)
            else "No centre of a cell is within reach of a station, so that nothing can be "
            "estimated. Sigma as small as that may mean coordinates in kilometres"
        )
        found = (
            f"cells are {side / 1000:.3g} km wide, {side / sigma:.1f} times sigma, which is about "
            f"{sigma / 1000:.3g} km: too coarse for the sum over cells. {effect}"
        )
        remedy = f"Use cells of {advise_spacing(sigma) / 1000:.3g} km."
        troubles.append(suspicion("mask too coarse", mask.source, (), found=found, remedy=remedy))
    return tuple(troubles)


def wanted_buffer(guess: DetectionGuess) -> float:
    """The buffer that ``advise_buffer`` gives; a hazard rate is held to the least, four sigma.

    Parameters
    ----------
    guess
        The detection function.
    """
    name = "hazard_half_normal" if guess.family.has_z else guess.family.name
    return advise_buffer(guess.sigma, detection=name)


def _ripple(side: float, sigma: float) -> float:
    """Largest relative error of a sum over square cells of a half-normal in the plane.

    By Poisson summation the first terms are 4 exp(-2 pi^2 sigma^2 / side^2).
    """
    return float(min(4 * np.exp(-2 * (np.pi * sigma / side) ** 2), 1.0))


def _esa(survey: Survey, mask: HabitatMask, guess: DetectionGuess) -> float:
    exposure, area = _exposure(survey, mask, sigma=guess.sigma, family=guess.family)
    if guess.intensity is None:
        return float(area @ exposure)
    return float(area @ -np.expm1(-guess.intensity * exposure))


def _exposure(
    survey: Survey, mask: HabitatMask, *, sigma: float, family: DetectionFunction
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Effort weighted by the detection function, and area, of the cells of all sessions."""
    found, areas = [], []
    for session in survey.sessions:
        cells = mask.cells_of(session.name)
        effort = session.usage.effort.sum(axis=1)
        step = max(1, _BLOCK // len(effort))
        for start in range(0, len(cells), step):
            block = cells[start : start + step]
            away = mask.xy[block, None, :] - session.traps.xy[None, :, :]
            distance = np.maximum(np.hypot(away[..., 0], away[..., 1]), 1e-9)
            found.append(family.k(distance, sigma, _Z) @ effort)
            areas.append(mask.cell_area[block])
    return np.concatenate(found), np.concatenate(areas)


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


def _traps(survey: Survey) -> Traps:
    """Traps of all sessions, so that a mask can be widened round them."""
    return Traps(
        names=np.concatenate([s.traps.names for s in survey.sessions]),
        xy=np.concatenate([s.traps.xy for s in survey.sessions]),
        crs=survey.crs,
        session=np.repeat(
            np.array([s.name for s in survey.sessions], dtype=object),
            [len(s.traps) for s in survey.sessions],
        ),
        source=survey.sessions[0].traps.source,
    )
