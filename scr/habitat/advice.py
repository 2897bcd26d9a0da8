"""Buffer and spacing: what to choose before a fit, and whether they suit a sigma."""

import numpy as np
from scipy.spatial import cKDTree

from scr.errors import MaskError
from scr.habitat.cells import cell_side
from scr.habitat.mask import HabitatMask
from scr.survey.traps import Traps

_SIGMAS = 4.0
_CELLS_PER_SIGMA = 2.0
_COARSE_SIGMAS = 1.0
_TAIL = float(np.exp(-(_SIGMAS**2) / 2))
_EXPONENTIAL = ("exponential", "hazard_exponential")


def guess_sigma(traps: Traps) -> float:
    """Sigma to start from when nothing is known yet: the usual distance between neighbours.

    Parameters
    ----------
    traps
        Two traps or more.

    Returns
    -------
    float
        Median distance from a trap to the nearest other place with a trap, metres, within
        sessions.

    Raises
    ------
    MaskError
        If no session has traps in two places.

    Examples
    --------
    >>> xy = np.array([[0.0, 0.0], [3000.0, 0.0], [6000.0, 0.0]])
    >>> guess_sigma(Traps(names=["A", "B", "C"], xy=xy, crs="local"))
    3000.0
    """
    found = []
    for label in traps.sessions:
        places = np.unique(traps.of_session(label).xy, axis=0)
        if len(places) > 1:
            found.append(cKDTree(places).query(places, k=2)[0][:, 1])
    if not found:
        msg = (
            f"{traps.source} has traps in one place only, so that no distance between neighbours "
            "can be taken. Give buffer and spacing by what is known of home ranges."
        )
        raise MaskError(msg)
    return float(np.median(np.concatenate(found)))


def advise_buffer(
    sigma: float, *, detection: str = "hazard_half_normal", z: float | None = None
) -> float:
    r"""Buffer beyond which animals are as good as never caught.

    .. math:: k(\text{buffer}) = e^{-4^2 / 2},

    that is, 4 sigma for the half-normal shapes, 8 sigma for the exponential ones, and
    sigma (-log(1 - e^{-8}))^{-1/z} for the hazard rate, whose tail is long.

    Parameters
    ----------
    sigma
        Spatial scale, metres, more than 0.
    detection
        Name of the detection function.
    z
        Shape of the hazard rate, more than 0.

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
    if _is_hazard_rate(detection):
        if z is None:
            msg = "The hazard rate has a shape z, on which its buffer depends. Give z=."
            raise MaskError(msg)
        _check_positive("z", z)
        multiple = float(-np.log1p(-_TAIL)) ** (-1.0 / z)
    else:
        multiple = 2 * _SIGMAS if detection in _EXPONENTIAL else _SIGMAS
    return _round_up(multiple * sigma)


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


def mask_advice(
    mask: HabitatMask,
    traps: Traps,
    *,
    sigma: float,
    detection: str = "hazard_half_normal",
    z: float | None = None,
    guessed: bool = False,
) -> tuple[str, ...]:
    """What is wrong with buffer and spacing for a sigma, each with its number and remedy.

    Parameters
    ----------
    mask
        The cells. A bounded mask needs no buffer.
    traps
        The traps that it surrounds.
    sigma
        Spatial scale, metres: one assumed before a fit, or the estimate after it.
    detection, z
        As in ``advise_buffer``; the hazard rate without z is held to the least, four sigma.
    guessed
        Whether sigma is a guess from the spacing of traps, which may be a third too large: a
        buffer is then called narrow only if it would be for two thirds of this sigma.

    Returns
    -------
    tuple of str
        No, one or two sentences.
    """
    advice = []
    shape = "hazard_half_normal" if z is None and _is_hazard_rate(detection) else detection
    wanted = advise_buffer(sigma, detection=shape, z=z)
    reach = _reach(mask, traps)
    if not mask.bounded and reach < (0.6 if guessed else 0.9) * wanted:
        how = "read it with bounded=True" if mask.extent is None else "name the limit as habitat="
        advice.append(
            f"The buffer of {mask.source} is {reach / 1000:.3g} km, {reach / sigma:.1f} times "
            f"sigma ({sigma / 1000:.3g} km). Animals that live beyond it are counted into it, and "
            f"density comes out too high. Make a mask with a buffer of {wanted / 1000:.3g} km, or "
            f"{how} if no animal can live beyond its edge."
        )
    side = float(cell_side(mask).max())
    if side > _COARSE_SIGMAS * sigma:
        advice.append(
            f"Cells of {mask.source} are {side / 1000:.3g} km wide, {side / sigma:.1f} times sigma "
            f"({sigma / 1000:.3g} km): too coarse for the sum over cells to be accurate. Use "
            f"cells of {advise_spacing(sigma) / 1000:.3g} km."
        )
    return tuple(advice)


def _is_hazard_rate(detection: str) -> bool:
    return detection.endswith("hazard_rate")


def _reach(mask: HabitatMask, traps: Traps) -> float:
    """The buffer of the mask; of one that was read, the furthest that a cell is from a trap."""
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
