"""The waist: what the likelihood needs of one session, as plain arrays."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from scr.habitat.least_cost import PathGrid
from scr.survey.detectors import Records


@dataclass(frozen=True, eq=False)
class Exposures:
    """Effort by which animals could be detected, merged where that is exact.

    All arrays have shape (n_exposures,). Each row adds ``effort`` x hazard to the total hazard
    of an animal of this pattern and class.

    Parameters
    ----------
    pattern
        Way in which effort and parameters fall to an animal; 0 is an animal never caught. Rows of
        another pattern are what it has beyond pattern 0: positive and negative efforts.
    class_
        Class of the animal, from 0.
    point
        Point (trap), from 0.
    effort
        Sum of T, days.
    intensity, shape
        Level of lambda0 or g0, and of (sigma, z); numbered across sessions.
    group
        -1 for all occasions together. Where traps compete also the exposures of one occasion of
        each group of occasions in which animals were caught, from 0.
    """

    pattern: NDArray[np.int64]
    class_: NDArray[np.int64]
    point: NDArray[np.int64]
    effort: NDArray[np.float64]
    intensity: NDArray[np.int64]
    shape: NDArray[np.int64]
    group: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Detections:
    """Records of detection, one set for each class an animal may have.

    All arrays have shape (n_detections,), sorted by animal, then class.

    Parameters
    ----------
    animal
        Animal, from 0.
    class_
        Class under which these parameters hold.
    point
        Point of detection.
    count
        Number of equal binary records, or sum of counts.
    effort
        T of each binary record; 1 for others.
    intensity, shape
        Levels, as in ``Exposures``.
    occasion_group
        Group of occasions for detectors where traps compete; else -1.
    is_count
        Whether each is a Poisson count, where detectors are mixed; else empty.
    """

    animal: NDArray[np.int64]
    class_: NDArray[np.int64]
    point: NDArray[np.int64]
    count: NDArray[np.float64]
    effort: NDArray[np.float64]
    intensity: NDArray[np.int64]
    shape: NDArray[np.int64]
    occasion_group: NDArray[np.int64]
    is_count: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))


@dataclass(frozen=True, eq=False)
class Parts:
    """Searched areas, or lines: the first points of a session, to which exposures belong.

    Parameters
    ----------
    dims
        2 for areas, 1 for lines.
    start
        First edge of each part (and one past the last), shape (n_parts + 1,).
    edge
        x and y of both ends of each edge, metres, shape (n_edges, 4); the inside of an area lies
        to the left of its edges.
    """

    dims: int
    start: NDArray[np.int64]
    edge: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Fixes:
    """Places of animals by transmitters, independent of each other, one row a class.

    The fixes of an animal are one record: their mean, and how far they lie from it. That is exact
    for the half-normal.

    Parameters
    ----------
    animal, class_
        Animal and class, shape (n_fixes,).
    xy
        Mean place, metres, shape (n_fixes, 2).
    away
        Mean squared distance from it, m2, shape (n_fixes,).
    count
        Number of fixes, shape (n_fixes,).
    shape
        Level of sigma, shape (n_fixes,).
    """

    animal: NDArray[np.int64]
    class_: NDArray[np.int64]
    xy: NDArray[np.float64]
    away: NDArray[np.float64]
    count: NDArray[np.float64]
    shape: NDArray[np.int64]


_NONE = np.zeros(0, dtype=np.int64)
NO_FIXES = Fixes(_NONE, _NONE, np.zeros((0, 2)), np.zeros(0), np.zeros(0), _NONE)
"""Of a survey without transmitters."""


@dataclass(frozen=True, eq=False)
class Animals:
    """Animals detected.

    Parameters
    ----------
    pattern
        Pattern of exposure, shape (n_animals,).
    allowed
        True where an animal may belong to a class, shape (n_animals, n_classes).
    group
        Group of covariates for conditional models, shape (n_animals,).
    individual
        Index of the individual over all sessions, shape (n_animals,).
    constant
        Terms of log Pr(history) that no parameter enters: for Poisson counts
        sum y log T - log y!, where traps compete sum log T; else 0. Shape (n_animals,).
    side, known
        What is known of the sides of each, as in ``scr.survey.sided_records.Sides``, shape
        (n_animals,); zeros where animals have no sides.
    """

    pattern: NDArray[np.int64]
    allowed: NDArray[np.bool_]
    group: NDArray[np.int64]
    individual: NDArray[np.int64]
    constant: NDArray[np.float64]
    side: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    known: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        for name in ("side", "known"):
            if not len(getattr(self, name)):
                object.__setattr__(self, name, np.zeros(len(self.pattern), dtype=np.int64))


@dataclass(frozen=True, eq=False)
class LikelihoodData:
    """One session. Everything left of this record is ecology, everything right is inference.

    Parameters
    ----------
    point_xy
        Points, metres, shape (n_points, 2): places of detectors; where areas or lines are
        searched a place in each of these parts, then the place of each detection.
    cell_xy, cell_area
        Mask cells: metres, shape (n_cells, 2), and km2, shape (n_cells,).
    grid
        Row and column of each cell on a square lattice, shape (n_cells, 2), or None.
    spacing
        Side of a lattice cell, metres, or None.
    exposures, detections, animals
        As described there.
    records
        What detections count.
    n_classes
        Number of classes (1 where there are none).
    distance
        Metres from each point to each cell where paths are not straight, finite, shape
        (n_points, n_cells); None where they follow from the coordinates.
    grid_of_paths
        Steps from which distance follows where resistance has a formula, ``distance`` being that
        of resistance 1; else None.
    parts
        Searched areas or lines; None for detectors at points.
    fixes
        Places by transmitters.
    """

    point_xy: NDArray[np.float64]
    cell_xy: NDArray[np.float64]
    cell_area: NDArray[np.float64]
    grid: NDArray[np.int64] | None
    spacing: float | None
    exposures: Exposures
    detections: Detections
    animals: Animals
    records: Records
    n_classes: int = 1
    distance: NDArray[np.float64] | None = None
    grid_of_paths: PathGrid | None = None
    parts: Parts | None = None
    fixes: Fixes = NO_FIXES

    @property
    def kinds(self) -> NDArray[np.object_]:
        """What each detection counts, as in ``Records``; binomial counts of mixed are binary."""
        found = self.detections
        if self.records != "mixed":
            return np.full(len(found.animal), self.records, dtype=object)
        held = found.occasion_group >= 0
        return np.where(held, "multi", np.where(found.is_count, "poisson", "binary")).astype(object)

    @property
    def n_parts(self) -> int:
        """Points that are searched areas or lines."""
        return 0 if self.parts is None else len(self.parts.start) - 1

    @property
    def n_animals(self) -> int:
        """Animals detected in this session."""
        return len(self.animals.pattern)

    @property
    def n_cells(self) -> int:
        """Cells of this session's mask."""
        return len(self.cell_area)
