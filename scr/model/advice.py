"""Buffer and spacing: what to choose before a fit."""

import numpy as np
from scipy.spatial import cKDTree

from scr.errors import MaskError
from scr.habitat.mask import HabitatMask
from scr.model.detection import detection_function
from scr.survey.movements import movements_of
from scr.survey.spacing import layout_spacing
from scr.survey.survey import Survey
from scr.survey.traps import Traps

_SIGMAS = 4.0
_SIGMA_PER_SPACING = 2.0 / 3.0
_CELLS_PER_SIGMA = 2.0
_TAIL = float(np.exp(-(_SIGMAS**2) / 2))


def guess_sigma(given: Traps | Survey, *, detection: str = "hazard_half_normal") -> float:
    """Sigma to start from when nothing is fitted yet: from movements, else from the spacing.

    Parameters
    ----------
    given
        A survey, whose animals tell by their movements (``movements_of``) where there are five
        recaptures or more, some of them at other stations; or traps, in two places or more.
    detection
        Name of the detection function: an exponential one has the same spread with a sigma
        sqrt(3) smaller.

    Returns
    -------
    float
        Metres. Without movements it is two thirds of the median distance from a trap to the
        nearest other place with a trap, within sessions: stations are usually set 1 to 2 sigma
        apart.

    Raises
    ------
    MaskError
        If there are no movements and no session has traps in two places.

    References
    ----------
    Sollmann, Gardner & Belant (2012) PLoS ONE 7:e34575, for the spacing in sigmas.

    Examples
    --------
    >>> xy = np.array([[0.0, 0.0], [3000.0, 0.0], [6000.0, 0.0]])
    >>> guess_sigma(Traps(names=["A", "B", "C"], xy=xy, crs="local"))
    2000.0
    """
    if isinstance(given, Survey):
        told = movements_of(given).sigma
        if told is not None:
            return told / detection_function(detection).spread
    return _SIGMA_PER_SPACING * usual_spacing(given)


def usual_spacing(given: Traps | Survey) -> float:
    """Median distance from a trap to the nearest other place with a trap, within sessions.

    Parameters
    ----------
    given
        Traps, or the survey that has them.

    Returns
    -------
    float
        Metres.

    Raises
    ------
    MaskError
        If no session has traps in two places.
    """
    if isinstance(given, Survey):
        layouts = [session.traps for session in given.sessions]
    else:
        layouts = [given.of_session(label) for label in given.sessions]
    spacing = layout_spacing(layouts)
    if spacing is None:
        msg = (
            f"{layouts[0].source} has traps in one place only, so that no distance between "
            "neighbours can be taken. Give buffer and spacing by what is known of home ranges."
        )
        raise MaskError(msg)
    return spacing


def advise_buffer(
    sigma: float, *, detection: str = "hazard_half_normal", z: float | None = None
) -> float:
    r"""Buffer beyond which animals are as good as never caught.

    .. math:: k(\text{buffer}) = e^{-4^2 / 2},

    that is, 4 sigma for the half-normal shapes, 8 sigma for the exponential ones, and more for
    the hazard rate, whose tail is long.

    Parameters
    ----------
    sigma
        Spatial scale, metres, more than 0.
    detection
        Name of the detection function.
    z
        Second shape parameter, where the detection function has one, more than 0.

    Returns
    -------
    float
        Metres, rounded up to two significant figures.

    Raises
    ------
    MaskError
        If sigma or z is not above 0, or z is missing for the hazard rate.

    References
    ----------
    Efford (2025) SECRbook, chapter on habitat: four sigma as a rule for the half-normal.

    Examples
    --------
    >>> advise_buffer(1500.0)
    6000.0
    """
    _check_positive("sigma", sigma)
    family = detection_function(detection)
    if not family.has_z:
        return _round_up(family.distance_at(_TAIL, sigma=sigma))
    if z is None:
        msg = f"The {family.in_words} has a shape z, on which its buffer depends. Give z=."
        raise MaskError(msg)
    _check_positive("z", z)
    return _round_up(family.distance_at(_TAIL, sigma=sigma, z=z))


def advise_spacing(sigma: float) -> float:
    """Side of a cell that is fine enough: half of sigma.

    Parameters
    ----------
    sigma
        Spatial scale, metres, more than 0; the smallest where it differs between classes.

    Returns
    -------
    float
        Metres, rounded down to 1, 2 or 5 times a power of ten.

    Raises
    ------
    MaskError
        If sigma is not above 0.

    Examples
    --------
    >>> advise_spacing(1500.0), advise_spacing(4000.0)
    (500.0, 2000.0)
    """
    _check_positive("sigma", sigma)
    wanted = sigma / _CELLS_PER_SIGMA
    power = 10.0 ** np.floor(np.log10(wanted) + 1e-9)
    return float(max(step for step in (1.0, 2.0, 5.0) if step * power <= wanted * 1.000001) * power)


def name_the_limit(mask: HabitatMask) -> str:
    """How to say that a mask ends where no animal can live beyond.

    Parameters
    ----------
    mask
        The cells.
    """
    return "read it with bounded=True" if mask.extent is None else "name the limit as habitat="


def mask_reach(mask: HabitatMask, traps: Traps) -> float:
    """The buffer of the mask; of one that was read, the furthest that a cell is from a trap.

    Parameters
    ----------
    mask
        The cells.
    traps
        The traps that it surrounds.

    Returns
    -------
    float
        Metres, the least over sessions.
    """
    if mask.extent is not None:
        return mask.extent.buffer
    furthest = []
    for label in traps.sessions:
        cells = mask.cells_of(label)
        furthest.append(cKDTree(traps.of_session(label).xy).query(mask.xy[cells])[0].max())
    return float(min(furthest))


def _check_positive(name: str, value: float) -> None:
    if not (np.isfinite(value) and value > 0):
        msg = f"{name} is {value}, but a number above 0 is needed."
        raise MaskError(msg)


def _round_up(value: float) -> float:
    step = 10.0 ** (np.floor(np.log10(value)) - 1.0)
    return float(np.ceil(value / step - 1e-9) * step)
