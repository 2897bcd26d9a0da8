"""Finds in searched areas and along lines, each with its place."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from scr.simulate.captures import Records
from scr.simulate.population import Population
from scr.survey.detectors import DETECTORS, Detector

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]


def simulate_finds(
    population: Population,
    parts: shapely.GeometryCollection,
    detection: tuple[str, Floats, Floats],
    effort: Floats,
    *,
    detector: Detector,
    rng: np.random.Generator,
) -> Records:
    """Finds of animals in searched areas or along lines.

    An animal leaves a Poisson number of things to be found over the whole plane, lambda0 T, about
    its centre; those in the area are found. Along a line it leaves lambda0 T k(d) over the
    integral of k along an endless line, per metre. Of an occasion's finds only one counts where
    they are exclusive, whichever it is.

    Parameters
    ----------
    population
        The animals.
    parts
        Areas or lines.
    detection
        Name of the shape of the detection function, lambda0 and sigma in metres, both of shape
        (n_animals, n_parts).
    effort
        T, shape (n_parts, n_occasions).
    detector
        What is searched.
    rng
        Source of random numbers.
    """
    kind = DETECTORS[detector]
    find = _in_area if kind.searched == "areas" else _on_line
    found = [
        find(population.xy, part, (detection[0], detection[1][:, k], detection[2][:, k]),
             float(effort[k].sum()), rng)
        for k, part in enumerate(parts.geoms)
    ]  # fmt: skip
    animal = np.concatenate([np.zeros(0, dtype=np.int64), *(who for who, _ in found)])
    xy = np.concatenate([np.zeros((0, 2)), *(place for _, place in found)])
    part = np.repeat(np.arange(len(found)), [len(who) for who, _ in found])
    elapsed = effort.cumsum(axis=1)
    moment = rng.random(len(part)) * elapsed[part, -1]
    occasion = np.argmax(elapsed[part] > moment[:, None], axis=1)
    kept = np.arange(len(animal))
    if kind.is_binary:
        order = rng.permutation(len(animal))
        keys = np.stack([animal[order], occasion[order]], axis=1)
        kept = order[np.unique(keys, axis=0, return_index=True)[1]]
    return _records(animal[kept], occasion[kept], part[kept], xy[kept])


def _records(animal: Ints, occasion: Ints, part: Ints, xy: Floats) -> Records:
    order = np.lexsort((part, occasion, animal))
    keys = np.stack([animal, occasion, part], axis=1)[order]
    distinct, count = np.unique(keys, axis=0, return_counts=True)
    who, when, where = distinct.T.astype(np.int64)
    return Records(who, when, where, count.astype(np.int64), xy[order])


def _in_area(
    centre: Floats, part: Any, detection: tuple[str, Floats, Floats], effort: float,
    rng: np.random.Generator,
) -> tuple[Ints, Floats]:  # fmt: skip
    """Animals and places of the finds in one area."""
    shape, lambda0, sigma = detection
    animal = np.repeat(np.arange(len(centre)), rng.poisson(lambda0 * effort))
    away = rng.normal(size=(len(animal), 2))
    if shape == "exponential":  # density r exp(-r / sigma): gamma of shape 2, in any direction
        away *= (rng.gamma(2.0, size=len(animal)) / np.hypot(away[:, 0], away[:, 1]))[:, None]
    xy = centre[animal] + sigma[animal, None] * away
    inside = shapely.contains_xy(part, xy[:, 0], xy[:, 1])
    return animal[inside], xy[inside]


def _on_line(
    centre: Floats, part: Any, detection: tuple[str, Floats, Floats], effort: float,
    rng: np.random.Generator,
) -> tuple[Ints, Floats]:  # fmt: skip
    """Animals and places of the finds on one line: thinned from as many as there can be."""
    shape, lambda0, sigma = detection
    over_line = 2.0 if shape == "exponential" else np.sqrt(2 * np.pi)
    most = lambda0 * effort * part.length / (over_line * sigma)
    animal = np.repeat(np.arange(len(centre)), rng.poisson(most))
    at = shapely.line_interpolate_point(part, rng.random(len(animal)) * part.length)
    xy = shapely.get_coordinates(at).reshape(-1, 2)
    u = np.hypot(*(xy - centre[animal]).T) / sigma[animal]
    kept = rng.random(len(animal)) < np.exp(-u if shape == "exponential" else -u * u / 2)
    return animal[kept], xy[kept]
