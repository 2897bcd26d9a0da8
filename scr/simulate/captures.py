"""Captures: which animals of a population are detected, at which trap and occasion.

A detection is an event of a Poisson process (proximity and count detectors) or a success in one of
T trials (binomial counts). Events are drawn for a trap's whole effort, then placed in occasions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from scr.model.detection import DetectionFunction
from scr.simulate.population import Population
from scr.survey.detectors import DETECTORS, Detector


@dataclass(frozen=True, eq=False)
class DetectionParameters:
    """Parameters of detection of one session.

    Parameters
    ----------
    family
        The detection function.
    intensity
        lambda0 per day, or g0, shape (n_classes, n_traps).
    sigma
        Spatial scale, metres, shape (n_classes, n_traps).
    z
        Second shape parameter, shape (n_classes, n_traps); ignored by families without one.
    """

    family: DetectionFunction
    intensity: NDArray[np.float64]
    sigma: NDArray[np.float64]
    z: NDArray[np.float64]

    def hazard(self, population: Population, distance: NDArray[np.float64]) -> NDArray[np.float64]:
        """Hazard per day of each animal at each trap, shape (n_animals, n_traps).

        Parameters
        ----------
        population
            The animals.
        distance
            Of each animal from each trap, metres, infinite where no path leads, shape
            (n_animals, n_traps).
        """
        u, intensity = population.class_, self._intensity(population)
        with np.errstate(divide="ignore"):  # hazard_rate divides by distance; its limit is right
            hazard: NDArray[np.float64] = self.family.hazard(
                distance, intensity, self.sigma[u], self.z[u]
            )
        return hazard

    def of_animals(
        self, population: Population
    ) -> tuple[str, NDArray[np.float64], NDArray[np.float64]]:
        """Name of the shape, intensity and sigma of each animal at each trap, (n_animals, n_traps).

        Parameters
        ----------
        population
            The animals.
        """
        return self.family.shape, self._intensity(population), self.sigma[population.class_]

    def _intensity(self, population: Population) -> NDArray[np.float64]:
        """lambda0 or g0 of each animal, with its effect, at each trap."""
        intensity = self.intensity[population.class_]
        if population.effect is None:
            return intensity
        factor = np.exp(population.effect)[:, None]
        if self.family.form == "hazard":
            return np.asarray(intensity * factor)
        odds = intensity / (1 - intensity) * factor
        return np.asarray(odds / (1 + odds))


@dataclass(frozen=True, eq=False)
class Records:
    """Detections: one row for each animal, occasion and trap, sorted in this order.

    Parameters
    ----------
    animal
        Animal of the population, from 0, shape (n_records,).
    occasion, trap
        From 0, shape (n_records,).
    count
        Detections, at least 1, shape (n_records,).
    xy
        Place of each detection where there are places, metres, record after record, shape
        (sum of counts, 2); else empty.
    """

    animal: NDArray[np.int64]
    occasion: NDArray[np.int64]
    trap: NDArray[np.int64]
    count: NDArray[np.int64]
    xy: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))


def simulate_kinds(
    hazard: NDArray[np.float64],
    effort: NDArray[np.float64],
    kinds: Mapping[Detector, NDArray[np.bool_]],
    rng: np.random.Generator,
) -> Records:
    """Detections by detectors of several types, each in its own traps and occasions.

    Parameters
    ----------
    hazard, effort, rng
        As in ``simulate_captures``.
    kinds
        Where each type stands, shape (n_traps, n_occasions), by its name.
    """
    if len(kinds) == 1:
        return simulate_captures(hazard, effort, detector=next(iter(kinds)), rng=rng)
    every = [
        simulate_captures(hazard, np.where(where, effort, 0.0), detector=kind, rng=rng)
        for kind, where in kinds.items()
    ]
    animal, occasion, trap, count = (
        np.concatenate([getattr(records, name) for records in every])
        for name in ("animal", "occasion", "trap", "count")
    )
    order = np.lexsort((trap, occasion, animal))
    return Records(animal[order], occasion[order], trap[order], count[order])


def simulate_captures(
    hazard: NDArray[np.float64],
    effort: NDArray[np.float64],
    *,
    detector: Detector,
    rng: np.random.Generator,
) -> Records:
    r"""Detections of animals whose hazards are known.

    .. math::
        y \sim \text{Poisson}(hT),\quad [y > 0],\quad
        \text{or}\quad y \sim \text{Binomial}(T,\ 1 - e^{-h})

    for count, proximity and binomial count detectors. A multi-catch trap keeps the animal to the
    end of the occasion: of an occasion's events only the first, wherever it was, is a detection;
    so it is for single-catch traps, which are simulated as they are fitted.

    Parameters
    ----------
    hazard
        h per day of each animal at each trap, shape (n_animals, n_traps).
    effort
        T, days, shape (n_traps, n_occasions); whole numbers for binomial counts.
    detector
        What a trap records.
    rng
        Source of random numbers.
    """
    if detector == "binomial_count":
        animal, trap, occasion = _successes(hazard, effort, rng)
    else:
        animal, trap, occasion = _events(hazard, effort, rng)
    if DETECTORS[detector].records == "multi":
        animal, trap, occasion = _first_of_occasion(animal, trap, occasion, rng)
    keys = np.stack([animal, occasion, trap], axis=1)
    keys, count = np.unique(keys, axis=0, return_counts=True)
    if DETECTORS[detector].is_binary:
        count = np.ones_like(count)
    animal, occasion, trap = keys.T.astype(np.int64)
    return Records(animal, occasion, trap, count.astype(np.int64))


_Index = NDArray[np.int64]


def _events(
    hazard: NDArray[np.float64], effort: NDArray[np.float64], rng: np.random.Generator
) -> tuple[_Index, _Index, _Index]:
    """Animal, trap and occasion of every event of the Poisson process."""
    number = rng.poisson(hazard * effort.sum(axis=1))  # (n_animals, n_traps)
    animal, trap = (np.repeat(index, number[number > 0]) for index in np.nonzero(number))
    elapsed = effort.cumsum(axis=1)  # (n_traps, n_occasions)
    moment = rng.random(len(trap)) * elapsed[trap, -1]
    return animal, trap, _occasion_of(moment, elapsed[trap])


def _first_of_occasion(
    animal: _Index, trap: _Index, occasion: _Index, rng: np.random.Generator
) -> tuple[_Index, _Index, _Index]:
    """One event of each animal and occasion: the hazard is constant, so any may be the first."""
    order = rng.permutation(len(animal))
    keys = np.stack([animal[order], occasion[order]], axis=1)
    _, first = np.unique(keys, axis=0, return_index=True)
    kept = order[first]
    return animal[kept], trap[kept], occasion[kept]


def _successes(
    hazard: NDArray[np.float64], effort: NDArray[np.float64], rng: np.random.Generator
) -> tuple[_Index, _Index, _Index]:
    """Animal, trap and occasion of every successful trial."""
    trials = np.rint(effort).astype(np.int64)
    number = rng.binomial(trials.sum(axis=1), -np.expm1(-hazard))  # (n_animals, n_traps)
    animal, trap = (np.repeat(index, number[number > 0]) for index in np.nonzero(number))
    elapsed = trials.cumsum(axis=1)
    moment = [
        rng.choice(elapsed[k, -1], size=number[i, k], replace=False)
        for i, k in zip(*np.nonzero(number), strict=True)
    ]
    chosen = np.concatenate(moment) if moment else np.zeros(0, dtype=np.int64)
    return animal, trap, _occasion_of(chosen, elapsed[trap])


def _occasion_of(
    moment: NDArray[np.float64] | NDArray[np.int64],
    elapsed: NDArray[np.float64] | NDArray[np.int64],
) -> _Index:
    """First occasion at whose end more effort has passed than at the moment of detection."""
    return np.argmax(elapsed > moment[:, None], axis=1).astype(np.int64)
