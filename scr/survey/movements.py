"""Sigma as the animals' own movements tell it, before anything is fitted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.spatial import cKDTree

from scr.survey.detection_places import detection_places, effort_places
from scr.survey.detectors import DETECTORS
from scr.survey.spacing import layout_spacing
from scr.survey.survey import Session, Survey

_LEAST_RECAPTURES = 5
_SMALLEST, _LARGEST = 0.3, 5.0
_NEAREST, _FURTHEST, _N_BINS = 0.01, 4.0, 800


@dataclass(frozen=True)
class Movements:
    """How far animals moved between their detections.

    Parameters
    ----------
    spread
        Root pooled spatial variance of the detections along one axis, metres.
    n_recaptures
        Detections of animals beyond the first of each.
    sigma
        Sigma of a half-normal that would give this spread at these stations, metres; None where
        there are too few recaptures, none of them elsewhere, or the array is too small to tell.
    """

    spread: float
    n_recaptures: int
    sigma: float | None

    @property
    def why_not(self) -> str:
        """Why the animals tell no sigma, as the end of a sentence."""
        if self.n_recaptures < _LEAST_RECAPTURES:
            return "there are too few recaptures"
        if self.spread == 0:
            return "no animal was seen at two stations"
        return "the stations stand too close together for the movements to tell"


def movements_of(survey: Survey) -> Movements:
    r"""Spread of the detections of each animal, and the sigma that it stands for.

    .. math:: s^2 = \frac{\sum_i \sum_j |x_{ij} - \bar x_i|^2}{2 \sum_i (n_i - 1)}

    is sigma squared where an animal can be detected anywhere. At stations it is not: an animal is
    seen only where they stand. Two detections of one animal, whose centre may lie anywhere, are
    made at stations k and l in proportion to

    .. math:: w_{kl} = T_k T_l \, e^{-d_{kl}^2 / 4 \sigma^2},

    the product of two half-normals integrated over the plane. The sigma given is that at which the
    mean of :math:`d_{kl}^2 / 4` under these weights is the spread observed, squared.

    Parameters
    ----------
    survey
        The data. Detections are taken to be rare, so that each is a draw of its own; where each
        station counts an animal once an occasion, two detections at one station are of different
        occasions.

    Returns
    -------
    Movements
        Of all sessions together.

    References
    ----------
    Calhoun & Casby (1958) Public Health Monograph 55, for the spread. Efford (2004) Oikos
    106:598-610, for sigma as the value that predicts a measure of movement at the stations used.
    """
    squares, freedom = 0.0, 0
    shares: list[tuple[Session, float]] = []
    for session in survey.sessions:
        own, n = _squares(session)
        squares += own
        freedom += n
        if n:
            shares.append((session, float(n)))
    if freedom < _LEAST_RECAPTURES or squares == 0:
        spread = float(np.sqrt(squares / (2 * freedom))) if freedom else 0.0
        return Movements(spread, freedom, None)
    spread = float(np.sqrt(squares / (2 * freedom)))
    kinds = [kind for session in survey.sessions for kind in session.kinds(survey.detector)]
    binary = all(DETECTORS[kind].is_binary and not DETECTORS[kind].searched for kind in kinds)
    largest = max(_LARGEST * spread, layout_spacing(s.traps for s, _ in shares) or 0.0)
    reach = (_NEAREST * spread, _FURTHEST * largest)
    pairs = [(_pairs(session, reach, binary=binary), n) for session, n in shares]

    def excess(log_sigma: float) -> float:
        four = 4 * np.exp(2 * log_sigma)
        expected = sum(n * _mean_square(table, four) for table, n in pairs) / freedom
        return float(np.log(expected / 4) - 2 * np.log(spread)) if expected > 0 else -np.inf

    low, high = np.log(_SMALLEST * spread), np.log(largest)
    if not (np.isfinite(excess(low)) and excess(low) < 0 < excess(high)):
        return Movements(spread, freedom, None)
    return Movements(spread, freedom, float(np.exp(brentq(excess, low, high, xtol=1e-4))))


def _squares(session: Session) -> tuple[float, int]:
    """Sum of squared distances from the mean place of each animal, and its degrees of freedom."""
    if not session.captures.n_individuals:
        return 0.0, 0
    animal, places, count = detection_places(session)
    n = np.bincount(animal, weights=count)
    sums = [np.bincount(animal, weights=count * xy) for xy in places.T]
    centre = np.stack(sums, axis=1) / n[:, None]
    away = places - centre[animal]
    return float((count[:, None] * away**2).sum()), int((n - 1).sum())


def _pairs(session: Session, reach: tuple[float, float], *, binary: bool) -> NDArray[np.float64]:
    """Squared distance between two stations and their joint effort, in narrow classes.

    Stations nearer than the first of ``reach`` count as one, those beyond the second not at all.

    Returns
    -------
    ndarray
        Shape (2, n_classes); the first class is a station with itself.
    """
    xy, effort, measure = effort_places(session)
    effort = effort * measure[:, None] / measure.mean()
    total = effort.sum(axis=1)
    used = total > 0
    tree = cKDTree(xy[used])
    edges = np.geomspace(*reach, _N_BINS)
    joint = tree.count_neighbors(tree, edges, weights=(total[used],) * 2, cumulative=False)
    if binary:
        joint[0] -= (effort**2).sum()
    middle = np.concatenate([[0.0], np.sqrt(edges[1:] * edges[:-1])])
    return np.stack([middle**2, np.maximum(joint, 0.0)])


def _mean_square(pairs: NDArray[np.float64], four_sigma_squared: float) -> float:
    square, joint = pairs
    weight = joint * np.exp(-square / four_sigma_squared)
    return float(square @ weight / weight.sum()) if weight.sum() > 0 else 0.0
