"""The prior of a model: of its surfaces, not of the way in which its formulas are written."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scr.errors import FormulaError
from scr.model.coordinates import BlockCoordinates, Coordinates, coordinates_of, names_of
from scr.model.joint_prior import JointPrior, Kind, independent
from scr.model.latent_names import INDIVIDUAL
from scr.model.parameterisation import LOG_AREA
from scr.model.priors import Normal, Prior
from scr.model.reach import prior_sigma
from scr.units import M2_PER_KM2

if TYPE_CHECKING:
    from scr.model.design import Design

_SD_LOG_SIGMA = 1.0
_SD_LOG_DENSITY = 2.0
_SD_LOG_INTENSITY = 2.0
_SD_LOGIT_SHARE = 1.5
_SD_LOG_Z = 0.5
_SLOPE = Normal(0.0, 1.0)
_SD_OF_ANIMALS = Normal(0.0, 1.0)
_SD_OF_EFFECTS = Normal(0.0, 1.0)
_SD_LOG_LENGTH = 0.5
_OF_SCALE = Normal(0.0, 1.5)
_POOLED = Normal(0.0, 1.0)


def model_prior(design: "Design", coordinates: Coordinates | None = None) -> JointPrior:
    r"""The prior of a model: its own records where it names them, else the default ones.

    The default follows from the layout of the traps alone. With s the median distance from a trap
    to its nearest neighbour (``trap_spacing``), to one significant digit, and T the median over
    traps of total effort, the level of a parameter, its value at the mean of its columns, has:
    log sigma ~ N(log s, 1), log D per km2 ~ N(log(0.25 / s_km^2), 2), log lambda0 (logit g0) ~
    N(-log T, 2), log a0 ~ N(log(2 pi s_km^2 / T), 2), log sigmak ~ N(log 0.5, 1), log z ~
    N(log 4, 0.5) for the hazard rate (for others about their usual value), logit share (pmix,
    confirmed, library) ~ N(0, 1.5), which is nearly flat on the share. About the level, slopes ~
    N(0, S^-1), where S is the covariance of the columns: N(0, 1) per standard deviation for one
    column, and the same prior of the surface for any other coding of several. Mean and S are those
    of ``coordinates_of``.

    The standard deviation of an effect of animals (``individual``) has N(0, 1), of which the half
    above 0 counts, and so has that of pooled sessions, ``(1 | session)``, by which their effects
    are normal about 0, and that of a smooth of density, about the root mean square of its part that
    is no line or plane over the cells. The log of the length of ``gp()`` has N(log(0.7 h), 0.5),
    with h half the longer side of the cells (of the range of a covariate).

    The slope of ``scale_of()`` has N(0, 1) per standard deviation of the covariate, and the place
    of its scale between the finest and the coarsest, in its logarithm, N(0, 1.5) on the logit
    scale, which is nearly flat.

    A record that the model names replaces the default of its coefficient as written. The level at
    the mean keeps its prior, unless the coefficient that carries the level is named, and the
    slopes left have the prior of a formula with these alone.

    Parameters
    ----------
    design
        The model and its data.
    coordinates
        Those of the design, where they are at hand.

    Raises
    ------
    FormulaError
        If the model names a prior for a coefficient that it does not have, or all traps stand in
        one place, so that there is no distance to go by.
    """
    effects = [name for name in design.coefficient_names if name.endswith(f".{INDIVIDUAL}")]
    own = dict.fromkeys(effects, _SD_OF_ANIMALS) | _of_lengths(design) | _of_scales(design)
    own |= dict(design.spec.priors)
    _check_pooled(design)
    unknown = sorted(set(own) - set(design.coefficient_names))
    if unknown:
        msg = (
            f"The model has priors for {', '.join(map(repr, unknown))}, which are not coefficients "
            f"of it. It has {', '.join(map(repr, design.coefficient_names))}. Correct the names."
        )
        raise FormulaError(msg)
    if set(own) == set(design.coefficient_names):
        return independent({name: own[name] for name in design.coefficient_names})
    coordinates = coordinates or coordinates_of(design)
    pooled = {j for pool in design.pools for j in range(pool.sd, pool.effects.stop)}
    fixed = {name for j, name in enumerate(design.coefficient_names) if j not in pooled}
    levels = level_priors(design) if fixed - set(own) else {}
    n = design.n_coefficients
    contrasts = np.zeros((n, n))
    records: list[Prior] = []
    kinds: list[Kind] = []
    for parameter, block in design.blocks.items():
        names = names_of(design, parameter)
        named = np.array([name in own and name in fixed for name in names])
        contrasts[block, block], of_block = _contrasts(coordinates.blocks[parameter], named)
        for pool in design.pools:
            if pool.parameter == parameter:
                of_block[pool.sd - block.start] = "sd"
                places = slice(pool.effects.start - block.start, pool.effects.stop - block.start)
                of_block[places] = ["pooled" for _ in names[places]]
                if pool.length is not None:
                    of_block[pool.length - block.start] = "length"
        default: dict[Kind, Prior] = {"slope": _SLOPE, "sd": _SD_OF_EFFECTS, "pooled": _POOLED}
        default |= {"level": levels[parameter]} if parameter in levels else {}
        records += [
            own[name] if name in own else default[kind]
            for name, kind in zip(names, of_block, strict=True)
        ]
        kinds += of_block
    names = design.coefficient_names
    return JointPrior(names, contrasts, tuple(records), tuple(kinds), design.pools)


def _of_lengths(design: "Design") -> dict[str, Prior]:
    """Default priors of the logs of lengths of Gaussian processes."""
    return {
        design.coefficient_names[pool.length]: Normal(
            float(np.log(pool.spectrum.typical)), _SD_LOG_LENGTH
        )
        for pool in design.pools
        if pool.length is not None and pool.spectrum is not None
    }


def _of_scales(design: "Design") -> dict[str, Prior]:
    """Default priors of slopes and scales of effect."""
    found: dict[str, Prior] = {}
    for scale in design.density.scales if "density" in design.blocks else ():
        slope, place = scale.names
        found |= {f"density.{slope}": _SLOPE, f"density.{place}": _OF_SCALE}
    return found


def _check_pooled(design: "Design") -> None:
    """Raise where an effect that shares a distribution is given a prior of its own."""
    for pool in design.pools:
        names = design.coefficient_names[pool.effects]
        given = sorted(set(names) & set(design.spec.priors))
        if given:
            msg = (
                f"The model has a prior for {given[0]!r}, an effect that shares its distribution "
                "with others. Give one for "
                f"{design.coefficient_names[pool.sd]!r}, their standard deviation, in its place."
            )
            raise FormulaError(msg)


def level_priors(design: "Design") -> dict[str, Normal]:
    """Default prior of the level of each parameter, on its link scale.

    Parameters
    ----------
    design
        The model and its data.

    Raises
    ------
    FormulaError
        If all traps stand in one place.
    """
    spacing = prior_sigma(design.survey)
    if spacing is None:
        msg = (
            "All traps of a session stand in one place, so the default priors have no distance "
            "between traps to go by. Give a prior for every coefficient with ModelSpec(priors=...)."
        )
        raise FormulaError(msg)
    totals = np.concatenate([s.usage.effort.sum(axis=1) for s in design.survey.sessions])
    intensity = Normal(-float(np.log(np.median(totals[totals > 0]))), _SD_LOG_INTENSITY)
    return {
        "density": Normal(float(np.log(0.25 * M2_PER_KM2 / spacing**2)), _SD_LOG_DENSITY),
        "lambda0": intensity,
        "g0": intensity,
        "a0": Normal(intensity.mean + 2 * float(np.log(spacing)) - LOG_AREA, _SD_LOG_INTENSITY),
        "sigma": Normal(float(np.log(spacing)), _SD_LOG_SIGMA),
        "sigmak": Normal(float(np.log(0.5)), _SD_LOG_SIGMA),
        "z": Normal(float(np.log(design.spec.family.usual_z(spacing))), _SD_LOG_Z),
        "share": Normal(0.0, _SD_LOGIT_SHARE),
        "pmix": Normal(0.0, _SD_LOGIT_SHARE),
        "confirmed": Normal(0.0, _SD_LOGIT_SHARE),
        "library": Normal(0.0, _SD_LOGIT_SHARE),
    }


def _contrasts(
    block: BlockCoordinates, named: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], list[Kind]]:
    """Contrasts of one parameter and what they are, where some coefficients have own priors."""
    n = len(named)
    carries = np.zeros(n, dtype=np.bool_) if block.constant is None else block.constant != 0
    result = np.eye(n)
    if (named & carries).any():
        # One of several levels is named: each of the others has the prior of a level.
        levels = [int(j) for j in np.flatnonzero(carries & ~named)]
        result[np.ix_(levels, np.flatnonzero(~carries))] = block.mean[~carries]
    else:
        levels = [] if block.level is None else [block.level]
        result[levels] = block.mean
    kinds: list[Kind] = [
        "own" if named[j] else "level" if j in levels else "slope" for j in range(n)
    ]
    slopes = np.array([j for j in range(n) if kinds[j] == "slope"], dtype=np.int64)
    if named.any():
        result[np.ix_(slopes, slopes)] = _triangle(block.of_coefficients[:, slopes], block)
    else:
        result[slopes] = block.of_coefficients[slopes]
    return result, kinds


def _triangle(columns: NDArray[np.float64], block: BlockCoordinates) -> NDArray[np.float64]:
    """R of some of the columns, centred, from that of all."""
    triangle = np.linalg.qr(columns[block.slopes], mode="r")
    return np.asarray(triangle * np.where(np.diag(triangle) < 0, -1.0, 1.0)[:, None])
