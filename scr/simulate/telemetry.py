"""Fixes of transmitters that animals of a population carry."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.simulate.population import Population
from scr.survey.fixes import Fixes


def simulate_fixes(
    planned: Fixes,
    population: Population,
    sigma: NDArray[np.float64],
    names: NDArray[np.object_],
    rng: np.random.Generator,
) -> Fixes:
    """Fixes of as many animals as were planned, and as many of each, normal about their centres.

    Parameters
    ----------
    planned
        Fixes whose number counts, not their places. Animals are taken at random: for dependent
        telemetry among those detected, else among all. There may be fewer than planned.
    population
        The animals.
    sigma
        Spatial scale of each class, metres, shape (n_classes,).
    names
        Name of each animal that was detected, missing for the others, shape (n_animals,).
    rng
        Source of random numbers.
    """
    _, counts = np.unique(planned.individual.astype(str), return_counts=True)
    detected = np.asarray(pd.notna(names), dtype=np.bool_)
    can = np.flatnonzero(detected) if planned.telemetry == "dependent" else np.arange(len(names))
    chosen = rng.permutation(can)[: len(counts)]
    animal = np.repeat(chosen, counts[: len(chosen)])
    away = rng.normal(size=(len(animal), 2)) * sigma[population.class_[animal], None]
    labels = [f"T{i + 1:03d}" for i in range(len(names))]
    if planned.telemetry != "independent":
        named = zip(detected, names, labels, strict=True)
        labels = [str(name) if has_one else label for has_one, name, label in named]
    return Fixes(
        np.array(labels, dtype=object)[animal], population.xy[animal] + away, planned.telemetry
    )
