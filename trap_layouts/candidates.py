"""Candidate stations and the cells each can reach, ready for a search among them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.errors import LayoutError
from scr.survey.detectors import DETECTORS
from trap_layouts.assumptions import Assumptions, PlannedDetector
from trap_layouts.exposure import hazard_at, living_animals, planned_design
from trap_layouts.layout import Layout

_AT_ONCE = 256
NEGLIGIBLE = 1e-5
"""Hazards of a whole survey below this are left out of the search (never of the result)."""


@dataclass(frozen=True, eq=False)
class Reach:
    """Cells in reach of each candidate, and what it does there. A place is a cell and a class.

    Parameters
    ----------
    first
        Start of each candidate's entries, shape (n_candidates + 1,).
    place
        Place of each entry, shape (n_entries,).
    hazard
        S h T over the survey, shape (n_entries,).
    seen, seen_once
        1 - exp(-S h T) and 1 - exp(-h T), shape (n_entries,).
    caught
        Expected detections of an animal there, S (1 - exp(-h T)) or S h T, shape (n_entries,).
    animals
        Expected animals in each place, shape (n_places,).
    detections
        Expected detections of each candidate, shape (n_candidates,).
    detector, n_occasions
        Of the survey.
    """

    first: NDArray[np.int64]
    place: NDArray[np.int32]
    hazard: NDArray[np.float32]
    seen: NDArray[np.float32]
    seen_once: NDArray[np.float32]
    caught: NDArray[np.float32]
    animals: NDArray[np.float64]
    detections: NDArray[np.float64]
    detector: PlannedDetector
    n_occasions: int

    @property
    def n_candidates(self) -> int:
        """Number of candidates."""
        return len(self.first) - 1


def candidate_reach(
    candidates: Layout, assumptions: Assumptions, *, share: NDArray[np.float64] | None = None
) -> Reach:
    """Cells in reach of each candidate, for the first set of coefficients.

    Parameters
    ----------
    candidates
        Every place where a station may stand.
    assumptions
        What the survey is planned under.
    share
        Share of the animals of each cell that count, shape (n_cells,); all of them if left out.

    Raises
    ------
    LayoutError
        If no candidate reaches any animal, or areas or lines are searched.
    FormulaError
        If detection is not the same in all occasions, before and after a capture.
    """
    if DETECTORS[assumptions.detector].searched:
        msg = (
            f"Stations cannot be chosen for detector={assumptions.detector!r}, which searches "
            f"{DETECTORS[assumptions.detector].searched}. Compare layouts of these instead."
        )
        raise LayoutError(msg)
    design = planned_design(candidates, assumptions)
    theta = assumptions.thetas(design)[0]
    living = living_animals(design, theta)
    animals = (living if share is None else living * share[design.cells[0]]).reshape(-1)
    n, s = len(candidates), assumptions.n_occasions
    entries: list[NDArray[np.float64]] = []
    places: list[NDArray[np.int32]] = []
    lengths = np.zeros(n + 1, dtype=np.int64)
    for start in range(0, n, _AT_ONCE):
        stations = np.arange(start, min(start + _AT_ONCE, n))
        hazard = hazard_at(design, theta, stations)  # (n_classes, n_stations, n_cells)
        by_station = np.swapaxes(hazard, 0, 1).reshape(len(stations), -1)
        near = (by_station * s > NEGLIGIBLE) & (animals > 0)
        lengths[stations + 1] = near.sum(axis=1)
        places.append(np.nonzero(near)[1].astype(np.int32))
        entries.append(by_station[near])
    h = np.concatenate(entries)
    if len(h) == 0:
        msg = (
            f"{candidates.traps.source}: no candidate reaches any animal. Check sigma, lambda0, "
            "effort and density, and that candidates and mask are in one place."
        )
        raise LayoutError(msg)
    place = np.concatenate(places)
    first = np.cumsum(lengths)
    once = -np.expm1(-h)
    caught = s * (h if assumptions.detector == "count" else once)
    owner = np.repeat(np.arange(n), np.diff(first))
    return Reach(
        first=first,
        place=place,
        hazard=(s * h).astype(np.float32),
        seen=(-np.expm1(-s * h)).astype(np.float32),
        seen_once=once.astype(np.float32),
        caught=caught.astype(np.float32),
        animals=animals,
        detections=np.bincount(owner, caught * animals[place], minlength=n).astype(np.float64),
        detector=assumptions.detector,
        n_occasions=s,
    )
