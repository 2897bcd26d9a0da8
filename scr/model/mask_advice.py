"""Whether a mask suits a sigma: one rule, for a sigma assumed and for data, as in a fit."""

from dataclasses import dataclass

import numpy as np

from scr.habitat.cells import cell_side
from scr.habitat.mask import HabitatMask
from scr.model.advice import advise_spacing, mask_reach, name_the_limit
from scr.model.detection import detection_function
from scr.model.mask_bias import (
    LARGEST_MOVE,
    LEAST_RSE,
    MOST_RIPPLE,
    DetectionGuess,
    guess_detection,
    mask_bias,
    ripple,
    traps_of,
    wanted_buffer,
)
from scr.survey.bearing import expected_rse
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session, Survey
from scr.survey.totals import totals_of
from scr.survey.traps import Traps
from scr.survey.troubles import Trouble, suspicion
from scr.survey.usage import Usage


@dataclass(frozen=True)
class _Fault:
    kind: str
    found: str
    remedy: str


def mask_advice(
    mask: HabitatMask,
    traps: Traps,
    *,
    sigma: float,
    detection: str = "hazard_half_normal",
    z: float | None = None,
) -> tuple[str, ...]:
    """What is wrong with buffer and spacing for a sigma, each with its number and remedy.

    The rule is that of ``scr check`` and of the checks of a fit: another mask may move density by
    a tenth of its standard deviation, here taken to be 10 %.

    Parameters
    ----------
    mask
        The cells. A bounded mask needs no buffer.
    traps
        The traps that it surrounds, taken to have worked alike.
    sigma
        Spatial scale, metres: one assumed before a fit, or the estimate after it.
    detection, z
        As in ``advise_buffer``; without z it has its usual value, and the hazard rate is held to
        the least, four sigma.

    Returns
    -------
    tuple of str
        No, one or two sentences.

    Raises
    ------
    MaskError
        If sigma or z is not above 0.
    """
    guess = DetectionGuess(sigma, None, detection_function(detection), z)
    wanted_buffer(guess)
    survey = _nobody_seen(traps)
    faults = _faults(survey, mask, guess, limit=LARGEST_MOVE * LEAST_RSE)
    return tuple(f"{fault.found[:1].upper()}{fault.found[1:]}. {fault.remedy}" for fault in faults)


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
        No, one or two warnings: where density is expected to be wrong by more than a tenth of its
        standard deviation, which is what the checks of a fit look for.
    """
    guess = guess_detection(survey, mask, detection=detection)
    error = expected_rse(totals_of(survey))
    limit = LARGEST_MOVE * max(error if np.isfinite(error) else 1.0, LEAST_RSE)
    return tuple(
        suspicion(
            fault.kind,
            mask.source,
            (),
            found=fault.found,
            remedy=fault.remedy,
            public=f"{fault.found[:1].upper()}{fault.found[1:]}.",
        )
        for fault in _faults(survey, mask, guess, limit=limit)
    )


def _faults(
    survey: Survey, mask: HabitatMask, guess: DetectionGuess, *, limit: float
) -> list[_Fault]:
    bias = mask_bias(survey, mask, guess)
    sigma, side = guess.sigma, float(cell_side(mask).max())
    about = f"sigma, which is about {sigma / 1000:.3g} km"
    faults = []
    if bias.narrow > limit:
        reach = mask_reach(mask, traps_of(survey))
        faults.append(
            _Fault(
                "mask too narrow",
                f"the buffer of the mask is {reach / 1000:.3g} km, {reach / sigma:.1f} times "
                f"{about}. Animals that live beyond it are counted into it, and density comes out "
                f"too high, by {100 * bias.narrow:.0f} % or more",
                f"Make a mask with a buffer of {wanted_buffer(guess) / 1000:.3g} km, or "
                f"{name_the_limit(mask)} if no animal can live beyond its edge.",
            )
        )
    error = ripple(side, sigma / 2)
    if abs(bias.coarse) > limit or error > MOST_RIPPLE:
        way = "low" if bias.coarse < 0 else "high"
        effect = (
            f"The effective sampling area alone makes density {100 * abs(bias.coarse):.1f} % too "
            f"{way}, and the chance of an animal seen four times is wrong by up to "
            f"{100 * error:.0f} %"
            if np.isfinite(bias.coarse)
            else "No centre of a cell is within reach of a station, so that nothing can be "
            "estimated. Sigma as small as that may mean coordinates in kilometres"
        )
        faults.append(
            _Fault(
                "mask too coarse",
                f"cells are {side / 1000:.3g} km wide, {side / sigma:.1f} times {about}: too "
                f"coarse for the sum over cells. {effect}",
                f"Use cells of {advise_spacing(sigma) / 1000:.3g} km.",
            )
        )
    return faults


def _nobody_seen(traps: Traps) -> Survey:
    """A survey of these traps, each at work for a day, in which no animal was seen."""
    nobody = np.array([], dtype=np.int64)
    return Survey(
        tuple(
            Session(
                name=label,
                traps=traps.of_session(label),
                usage=Usage(np.ones((len(traps.of_session(label)), 1))),
                captures=CaptureHistory(nobody.astype(object), nobody, nobody, nobody, nobody),
            )
            for label in traps.sessions
        )
    )
