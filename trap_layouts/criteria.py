"""Criteria of a layout that need no simulation: expected animals, detections, recaptures, moves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.survey.detectors import DETECTORS
from trap_layouts.assumptions import PlannedDetector
from trap_layouts.exposure import Exposure

_CELLS_AT_ONCE = 2048


@dataclass(frozen=True)
class Counts:
    """What a survey can be expected to bring.

    Parameters
    ----------
    animals
        E[n], animals detected.
    detections
        E[C], detections of all animals.
    moves
        E[m], detections of an animal at another station than the one before. An approximation
        for binary detectors.
    animals_at_two
        E[n2], animals detected at two or more stations, or places of a search.
    living
        E[N], animals with their centre in the mask.
    """

    animals: float
    detections: float
    moves: float
    animals_at_two: float
    living: float

    @property
    def recaptures(self) -> float:
        """E[r] = E[C] - E[n]."""
        return self.detections - self.animals

    @property
    def q_p(self) -> float:
        """Share of the animals in the mask that are detected, Qp."""
        return self.animals / self.living

    @property
    def q_pm(self) -> float:
        """Share of the animals in the mask detected at two or more stations, Qpm."""
        return self.animals_at_two / self.living

    def rule_of_thumb_rse(self, *, correction: float = 1.0) -> float:
        r"""Relative standard error of density by the rule of thumb.

        .. math:: \sqrt{\mathrm{CF} / \min(E[n], E[r])}

        Parameters
        ----------
        correction
            The factor CF.

        References
        ----------
        Efford & Boulanger (2019) Methods Ecol. Evol. 10:1529-1535.
        """
        least = min(self.animals, self.recaptures)
        return float(np.sqrt(correction / least)) if least > 0 else float("inf")


def expected_counts(exposed: Exposure, detector: PlannedDetector) -> Counts:
    r"""Expected animals, detections, moves and animals at two stations.

    With :math:`h_k` the hazard of station k in one of S occasions and H their sum,

    .. math::
        E[n] &= \sum_m a D\,(1 - e^{-SH}) \\
        E[C \mid m] &= S\sum_k (1 - e^{-h_k}),\quad S H,\quad S(1 - e^{-H}) \\
        E[m] &= \sum_m a D\,(E[C \mid m] - p_\cdot)\Big(1 - \sum_k (h_k / H)^2\Big) \\
        E[n_2] &= \sum_m a D\,\Big(1 - e^{-SH} - \sum_k (1 - e^{-S h_k})\, e^{-S(H - h_k)}\Big)

    for proximity, count and multi-catch detectors; E[n2] of multi-catch detectors is

    .. math::
        \sum_m a D\,\Big\{1 - e^{-SH} - \sum_k \Big[\Big(e^{-H} + \tfrac{h_k}{H}(1 - e^{-H})
        \Big)^S - e^{-SH}\Big]\Big\}

    Where areas or lines are searched, H is that of all of them: every detection is at a place of
    its own, so that E[m] = E[C] - E[n] and E[n2] counts animals found at least twice,

    .. math::
        \sum_m a D\,(1 - e^{-SH}(1 + SH)), \quad
        \sum_m a D\,(1 - e^{-SH} - S (1 - e^{-H}) e^{-(S-1)H})

    where finds are independent, and exclusive.

    Parameters
    ----------
    exposed
        Cells and hazards, alike in all occasions, before and after a capture.
    detector
        What a trap records.

    References
    ----------
    Efford & Boulanger (2019) Methods Ecol. Evol. 10:1529-1535; Dupont et al. (2021) Ecology
    102:e03262, for Qp and Qpm.

    Examples
    --------
    >>> one = Exposure(np.full((1, 2, 1), 0.5), np.ones((1, 1)), n_occasions=1)
    >>> round(expected_counts(one, "count").detections, 6)
    1.0
    """
    totals = np.zeros(4)
    n_cells = exposed.animals.shape[1]
    for class_, of_class in enumerate(exposed.animals):
        for start in range(0, n_cells, _CELLS_AT_ONCE):
            part = slice(start, start + _CELLS_AT_ONCE)
            each = _per_animal(exposed.hazard[class_][:, part], exposed.n_occasions, detector)
            totals += each @ of_class[part]
    living = float(exposed.animals.sum())
    animals, found, moves, at_two = (float(total) for total in totals)
    return Counts(animals, found, moves, at_two, living)


def _per_animal(
    hazard: NDArray[np.float64], n_occasions: int, detector: PlannedDetector
) -> NDArray[np.float64]:
    """p_dot, E[C], E[m] and Pr(two stations) of an animal in each cell, shape (4, n_cells)."""
    total = hazard.sum(axis=0)
    seen = -np.expm1(-n_occasions * total)
    detections = _detections(hazard, total, n_occasions, detector)
    if DETECTORS[detector].searched:
        once = n_occasions * total * np.exp(-n_occasions * total)
        if DETECTORS[detector].is_binary:
            once = -n_occasions * np.expm1(-total) * np.exp(-(n_occasions - 1) * total)
        return np.stack([seen, detections, detections - seen, seen - once])
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(total > 0, hazard / total, 0.0)
    moves = (detections - seen) * (1 - (share**2).sum(axis=0))
    if detector == "multi":
        stays = np.exp(-total) - share * np.expm1(-total)
        only_one = (stays**n_occasions - np.exp(-n_occasions * total)).sum(axis=0)
    else:
        alone = -np.expm1(-n_occasions * hazard) * np.exp(-n_occasions * (total - hazard))
        only_one = alone.sum(axis=0)
    return np.stack([seen, detections, moves, seen - only_one])


def _detections(
    hazard: NDArray[np.float64],
    total: NDArray[np.float64],
    n_occasions: int,
    detector: PlannedDetector,
) -> NDArray[np.float64]:
    if DETECTORS[detector].records == "poisson":
        return n_occasions * total
    if DETECTORS[detector].records == "multi":
        return np.asarray(-n_occasions * np.expm1(-total))
    return np.asarray(-n_occasions * np.expm1(-hazard).sum(axis=0))
