r"""Fixes of transmitters: of animals detected, and of animals with fixes alone.

A fix at x has the density :math:`k(\lVert x - x_m \rVert) / (2 \pi \sigma^2)` per m2 about the
centre, whatever lambda0 is. An animal with fixes alone is neither in n nor divided by the
probability of detection; with centres anywhere in the mask it adds

.. math:: \log \sum_u \psi_u \sum_m \pi_{mu} \Pr(\text{nothing} \mid m, u) \prod_j f(x_j \mid m, u)

without the middle factor where it has nothing to do with the survey (independent).
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scr.errors import FormulaError, MaskError
from scr.likelihood.data import NO_FIXES, Animals, Detections, Exposures, Fixes, LikelihoodData
from scr.model.design import Design
from scr.units import M2_PER_KM2

type Ints = NDArray[np.int64]

_NEAR_SIDES = 2


def fixes_of_detected(design: Design, index: int, shape: Ints, allowed: NDArray[np.bool_]) -> Fixes:
    """Fixes of the animals of a session that were detected.

    Parameters
    ----------
    design
        The model with its data.
    index
        Index of the session.
    shape
        Level of sigma of each class, trap, occasion and state of the session.
    allowed
        Classes that each animal detected may have, shape (n_animals, n_classes).
    """
    session = design.survey.sessions[index]
    if session.fixes is None or session.fixes.telemetry == "independent":
        return NO_FIXES
    names, count, mean, away = session.fixes.by_animal()
    number = {name: i for i, name in enumerate(session.captures.individuals.tolist())}
    rows = np.array([i for i, name in enumerate(names) if name in number], dtype=np.int64)
    animal = np.array([number[names[i]] for i in rows], dtype=np.int64)
    return _by_class(animal, (count[rows], mean[rows], away[rows]), allowed[animal], shape)


def check_near(design: Design, index: int) -> None:
    """Raise where the fixes of an animal lie about a place in which no cell is near.

    Parameters
    ----------
    design
        The model with its data.
    index
        Index of the session.

    Raises
    ------
    MaskError
        Naming the animals: sigma would be made larger so that they can live in the mask.
    """
    fixes, mask, cells = design.survey.sessions[index].fixes, design.mask, design.cells[index]
    if fixes is None:
        return
    names, _, mean, _ = fixes.by_animal()
    distance, nearest = cKDTree(mask.xy[cells]).query(mean)
    side = np.sqrt(mask.cell_area[cells][nearest] * M2_PER_KM2)
    far = np.flatnonzero(distance > _NEAR_SIDES * side)
    if len(far):
        listed = ", ".join(f"{names[i]!r} ({distance[i] / 1000:,.1f} km)" for i in far[:10])
        msg = (
            f"The fixes of {len(far)} animals have their mean away from {mask.source}, further "
            f"than {_NEAR_SIDES} sides of a cell from the nearest: {listed}. Sigma would be made "
            "larger so that they can live in the mask. Widen the mask, correct the coordinates, "
            "or leave these animals out."
        )
        raise MaskError(msg, kind="fixes away from the mask")


def only_fixed(design: Design, sessions: tuple[LikelihoodData, ...]) -> tuple[LikelihoodData, ...]:
    """The animals that have fixes alone, as sessions in which nothing can be detected.

    Parameters
    ----------
    design
        The model with its data.
    sessions
        The animals detected.

    Returns
    -------
    tuple
        For each session its animals with fixes alone; empty where there are none in any.
    """
    found = tuple(_only_fixed(design, index, data) for index, data in enumerate(sessions))
    return found if any(data.n_animals for data in found) else ()


def _only_fixed(design: Design, index: int, data: LikelihoodData) -> LikelihoodData:
    session, none = design.survey.sessions[index], np.zeros(0, dtype=np.int64)
    check_near(design, index)
    fixes, kept, concurrent = NO_FIXES, none, False
    if session.fixes is not None and session.fixes.telemetry != "dependent":
        names, count, mean, away = session.fixes.by_animal()
        concurrent = session.fixes.telemetry == "concurrent"
        seen = set(session.captures.individuals.tolist()) if concurrent else set()
        kept = np.array([i for i, name in enumerate(names) if name not in seen], dtype=np.int64)
    n = len(kept)
    allowed = np.ones((n, data.n_classes), dtype=np.bool_)
    if n:
        found = (count[kept], mean[kept], away[kept])
        fixes = _by_class(np.arange(n), found, allowed, design.shape.of_session[index])
    return replace(
        data,
        exposures=_beyond_nothing(data.exposures, seen=concurrent),
        detections=Detections(none, none, none, np.zeros(0), np.zeros(0), none, none, none),
        animals=Animals(
            pattern=np.full(n, int(concurrent)),
            allowed=allowed,
            group=np.zeros(n, dtype=np.int64),
            individual=np.arange(n),
            constant=np.zeros(n),
        ),
        fixes=fixes,
        records="poisson",
    )


def _beyond_nothing(exposures: Exposures, *, seen: bool) -> Exposures:
    """Exposures of animals never caught as those of pattern 1, beside no exposures of pattern 0."""
    rows = np.flatnonzero((exposures.pattern == 0) & (exposures.group == -1) & seen)
    return Exposures(
        pattern=np.ones(len(rows), dtype=np.int64),
        class_=exposures.class_[rows],
        point=exposures.point[rows],
        effort=exposures.effort[rows],
        intensity=exposures.intensity[rows],
        shape=exposures.shape[rows],
        group=exposures.group[rows],
    )


def _by_class(
    animal: Ints,
    found: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    allowed: NDArray[np.bool_],
    shape: Ints,
) -> Fixes:
    """One row for each animal and class that it may have."""
    of_class = _shape_of_class(shape)
    row, class_ = np.nonzero(allowed)
    count, mean, away = found
    return Fixes(animal[row], class_, mean[row], away[row], count[row], of_class[class_])


def _shape_of_class(shape: Ints) -> Ints:
    """Level of sigma of each class, which must be the same at all traps and times."""
    levels = [np.unique(of_class[of_class >= 0]) for of_class in shape]
    if any(len(level) != 1 for level in levels):
        msg = (
            "sigma differs between traps, occasions or what happened to an animal before, and the "
            "fixes of a transmitter know of none of these. Let the formula of sigma name sessions "
            "and classes alone, or leave the fixes out."
        )
        raise FormulaError(msg)
    return np.concatenate(levels)
