"""Criteria that follow a layout while stations are moved: only rows of hazards that change count.

What all stations do together is kept for each place (a cell and a class): the sums over them of
the hazard in an occasion (H), of :math:`1 - e^{-h}` (C), of the squared hazard (Q) and of
:math:`e^{Sh} - 1` (G). A station that moves takes its old hazards out and adds its new ones.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.habitat.region import Region
from trap_layouts.assumptions import Assumptions
from trap_layouts.comparison import criteria_from, criteria_of
from trap_layouts.cost import Prices
from trap_layouts.coverage import reserve_share
from trap_layouts.criteria import Counts
from trap_layouts.exposure import Exposure, exposure, living_animals, planned_design
from trap_layouts.layout import Layout

_ALIKE = frozenset({"sex"})
_MOST_HAZARD = 300.0
"""Hazard of a whole survey above which exp would leave the range of numbers."""

type _Key = tuple[float, float, int]


@dataclass(frozen=True, eq=False)
class Ground:
    """What every layout of one plan is judged by, worked out once.

    Parameters
    ----------
    assumptions
        One set of coefficients.
    reserve, prices
        As in ``criteria_of``.
    share
        Share of each cell in the reserve, shape (n_cells,).
    animals
        Expected animals of each class and cell, shape (n_classes, n_cells).
    levels
        Intensity, sigma and z of each class, shape (3, n_classes); empty where stations are not
        alike, counts are no sums over stations, or detection changes within the survey. Criteria
        are then worked out anew after every change.
    """

    assumptions: Assumptions
    reserve: Region | None
    prices: Prices | None
    share: NDArray[np.float64]
    animals: NDArray[np.float64]
    levels: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Followed:
    """A layout, and what its stations do together in each place.

    Parameters
    ----------
    layout
        The stations.
    hazard, caught, squares, gain
        H, C, Q and G of each place, shape (n_classes, n_cells); ``hazard`` alone is of use, and the
        others are empty, where criteria are worked out anew after every change.
    n_occasions
        Occasions that ``hazard`` is of.
    """

    layout: Layout
    hazard: NDArray[np.float64]
    caught: NDArray[np.float64]
    squares: NDArray[np.float64]
    gain: NDArray[np.float64]
    n_occasions: int


def ground_of(
    layout: Layout,
    assumptions: Assumptions,
    *,
    reserve: Region | None = None,
    prices: Prices | None = None,
) -> Ground:
    """What every layout of one plan is judged by.

    Parameters
    ----------
    layout
        One of them.
    assumptions
        What the survey is planned under; the first set of coefficients is used.
    reserve, prices
        As in ``criteria_of``.

    Raises
    ------
    MaskError
        If the mask does not reach the stations.
    FormulaError
        If a formula names what there is not.
    """
    design = planned_design(layout, assumptions)
    theta = assumptions.thetas(design)[0]
    levels = np.zeros((3, 0))
    is_sum = assumptions.detector in {"proximity", "count"} and not assumptions.changing
    if is_sum and assumptions.spec.detection_variables <= _ALIKE:
        arrays = design.arrays(theta)
        intensity, shape = (
            of.of_session[0][:, 0, 0, 0] for of in (design.intensity, design.shape)
        )  # (n_classes,)
        found = np.stack([arrays.intensity[intensity], arrays.sigma[shape], arrays.z[shape]])
        if found[0].max() * assumptions.n_days <= _MOST_HAZARD:
            levels = found
    share = reserve_share(assumptions.mask, reserve)
    return Ground(assumptions, reserve, prices, share, living_animals(design, theta), levels)


def follow(ground: Ground, layout: Layout, before: Followed | None = None) -> Followed:
    """What the stations of a layout do together, from what those of the layout before did.

    Parameters
    ----------
    ground
        From ``ground_of``.
    layout
        The stations.
    before
        A layout from which it differs by few stations; all are worked out if left out.

    Raises
    ------
    MaskError
        If the mask does not reach the stations.
    """
    if not ground.levels.size:
        return _anew(ground, layout)
    new = _places(layout)
    old = {} if before is None else _places(before.layout)
    gone, come = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    if before is None or len(gone) + len(come) >= len(new):
        gone, come, before = [], sorted(new), None
    shape = ground.animals.shape
    sums = (
        [np.zeros(shape) for _ in range(4)]
        if before is None
        else [before.hazard.copy(), before.caught.copy(), before.squares.copy(), before.gain.copy()]
    )
    n_occasions = ground.assumptions.n_occasions
    for places, sign in ((gone, -1.0), (come, 1.0)):
        for place in places:
            h = _hazards(ground, place)
            for total, one in zip(
                sums, (h, -np.expm1(-h), h * h, np.expm1(n_occasions * h)), strict=True
            ):
                np.add(total, sign * one, out=total)
    if gone:  # a sum of nothing is 0, and not what rounding leaves of it
        for total in sums:
            np.maximum(total, 0.0, out=total)
    hazard, caught, squares, gain = sums
    return Followed(layout, hazard, caught, squares, gain, n_occasions)


def criteria_followed(ground: Ground, followed: Followed) -> dict[str, float]:
    r"""Criteria of a layout that need no simulation, as ``criteria_of`` names them.

    With H, C, Q and G summed over stations, for detectors that record independently,

    .. math::
        p_\cdot = 1 - e^{-SH}, \quad E[C \mid m] = SC \text{ or } SH, \quad
        E[m] = \sum_m a D\,(E[C \mid m] - p_\cdot)(1 - Q / H^2), \quad
        E[n_2] = \sum_m a D\,(1 - e^{-SH}(1 + G)).

    Parameters
    ----------
    ground
        From ``ground_of``.
    followed
        From ``follow``.
    """
    plan = ground.assumptions
    if not ground.levels.size:
        return criteria_of(
            followed.layout,
            plan,
            reserve=ground.reserve,
            prices=ground.prices,
            information=False,
        )
    s, total = followed.n_occasions, followed.hazard
    unseen = np.exp(-s * total)
    seen = -np.expm1(-s * total)
    detections = s * (total if plan.detector == "count" else followed.caught)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        apart = np.where(total > 0, np.clip(1 - followed.squares / total**2, 0.0, 1.0), 0.0)
    at_two = seen - unseen * followed.gain
    animals, found, moves, two = (
        float((ground.animals * each).sum())
        for each in (seen, detections, (detections - seen) * apart, at_two)
    )
    counts = Counts(animals, found, moves, two, float(ground.animals.sum()))
    return criteria_from(
        counts, seen_by(ground, followed), followed.layout, plan, ground.share, ground.prices
    )


def seen_by(ground: Ground, followed: Followed) -> Exposure:
    """Cells, and the stations that see them, taken together as one.

    Parameters
    ----------
    ground
        From ``ground_of``.
    followed
        From ``follow``.
    """
    return Exposure(followed.hazard[:, None, :], ground.animals, followed.n_occasions)


def _places(layout: Layout) -> dict[_Key, int]:
    cameras = np.asarray(layout.cameras)
    return {
        (float(x), float(y), int(number)): i
        for i, ((x, y), number) in enumerate(zip(layout.xy, cameras, strict=True))
    }


def _hazards(ground: Ground, place: _Key) -> NDArray[np.float64]:
    """Hazards of a station in an occasion, shape (n_classes, n_cells)."""
    plan, (x, y, cameras) = ground.assumptions, place
    effort = float(plan.equipment.effort(np.array([cameras]))[0]) * plan.occasion_days
    distance = np.hypot(*(np.array([x, y]) - plan.mask.xy).T)
    intensity, sigma, z = ground.levels[:, :, None]
    with np.errstate(divide="ignore"):  # hazard_rate divides by distance; its limit is right
        hazard = plan.spec.family.hazard(distance[None], intensity, sigma, z)
    return np.asarray(hazard * effort)


def _anew(ground: Ground, layout: Layout) -> Followed:
    plan = ground.assumptions
    design = planned_design(layout, plan)
    exposed = exposure(design, plan.thetas(design)[0], n_occasions=plan.n_occasions)
    empty = np.zeros((0, 0))
    return Followed(layout, exposed.hazard.sum(axis=1), empty, empty, empty, exposed.n_occasions)
