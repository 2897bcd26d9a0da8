"""Detections that animals with given centres are expected to have, at each trap."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from scr.likelihood.finding_centres import Centres
from scr.model.arrays import ModelArrays
from scr.model.design import Design
from scr.model.travel import away_from_traps
from scr.model.within_session import responses_in, states_of
from scr.simulate.captures import DetectionParameters
from scr.simulate.occasions import parameters_at
from scr.simulate.population import Population
from scr.survey.detectors import DETECTORS, Detector

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Kinds = Mapping[Detector, NDArray[np.bool_]]


def expected_counts(
    design: Design, arrays: ModelArrays, index: int, *, cells: Ints, classes: Ints
) -> Floats:
    r"""Expected detections of the animals of a session at each trap, given where they live.

    .. math::
        \sum_s h_{ks} T_{ks}, \quad \sum_s (1 - e^{-h_{ks} T_{ks}}), \quad
        \sum_s T_{ks} (1 - e^{-h_{ks}}), \quad
        \sum_s (1 - e^{-H_s}) \frac{h_{ks} T_{ks}}{H_s}

    for counts, proximity detectors, binomial counts and traps that hold animals. Where detection
    answers to what an animal has met, h is that of its own history up to then.

    Parameters
    ----------
    design
        The model with the captures, of detectors at points.
    arrays
        Its parameters.
    index
        The session.
    cells, classes
        Cell, among those of the session, and class of each animal, shape (n_draws, n_animals).

    Returns
    -------
    NDArray
        Shape (n_draws, n_animals, n_traps). Whether an animal was detected at all is not given.
    """
    session = design.survey.sessions[index]
    effort, kinds = session.usage.effort, session.kinds(design.survey.detector)
    levels = (design.intensity.of_session[index], design.shape.of_session[index])
    xy = design.mask.xy[design.cells[index][cells.ravel()]]
    away = away_from_traps(design, arrays, index, cells.ravel())
    living = Population(xy=xy, cell=cells.ravel(), class_=classes.ravel())
    shape = (*cells.shape, len(session.traps))
    if levels[0].shape[2:] == (1, 1):
        detection = parameters_at(design, arrays, levels, 0, 0)
        hazard = detection.hazard(living, away)
        return _over_occasions(hazard, effort, kinds).reshape(shape)
    states = np.array(list(states_of(session, responses_in(design.spec.detection_variables))))
    total = np.zeros(shape)
    for occasion in range(effort.shape[1]):
        by_state = [
            parameters_at(design, arrays, levels, occasion, state)
            for state in range(levels[0].shape[3])
        ]
        hazard = _in_state(by_state, living, away).reshape(-1, *shape)
        own = np.broadcast_to(states[None, None, :, :, occasion], (1, *shape))
        now = np.take_along_axis(hazard, np.maximum(own, 0), axis=0)[0].reshape(-1, shape[2])
        of_now = {kind: where[:, [occasion]] for kind, where in kinds.items()}
        total += _over_occasions(now, effort[:, [occasion]], of_now).reshape(shape)
    return total


def sigmas_away(
    design: Design, arrays: ModelArrays, index: int, *, cells: Ints, classes: Ints
) -> Floats:
    """Distance of centres from each trap in units of sigma, as before anything is met.

    Parameters
    ----------
    design, arrays, index, cells, classes
        As in ``expected_counts``.

    Returns
    -------
    NDArray
        Shape (n_draws, n_animals, n_traps).
    """
    sigma = arrays.sigma[design.shape.of_session[index][:, :, 0, 0]][classes]
    return np.asarray(away_from_traps(design, arrays, index, cells) / sigma)


def mean_over_centres(
    design: Design, arrays: ModelArrays, index: int, *, found: Centres
) -> tuple[Floats, Floats, float] | None:
    r"""Means over all places that centres may have, where nothing changes within a session.

    Parameters
    ----------
    design, arrays, index
        As in ``expected_counts``.
    found
        Probabilities of the centres of the animals detected.

    Returns
    -------
    tuple
        Of each animal at each trap the mean of expected detections and that of
        :math:`w = u^2 \log u`, u the distance in units of sigma, both of shape (n_animals,
        n_traps); and the sum over animals and traps of the mean of their product. None where
        detection differs between occasions or answers to what an animal has met.
    """
    if design.intensity.of_session[index].shape[2:] != (1, 1):
        return None
    mine = found.session == index
    animal, p = found.animal[mine], found.probability[mine]
    n_cells = len(design.cells[index])
    place, column = np.unique(found.class_[mine] * n_cells + found.cell[mine], return_inverse=True)
    n = design.survey.sessions[index].captures.n_individuals
    first = animal.min() if len(animal) else 0
    weight = csr_array((p, (animal - first, column.reshape(-1))), shape=(n, len(place)))
    at = {"cells": (place % n_cells)[None], "classes": (place // n_cells)[None]}
    expected = expected_counts(design, arrays, index, **at)[0]
    far = far_weight(sigmas_away(design, arrays, index, **at)[0])
    both = float(weight.sum(axis=0) @ (expected * far).sum(axis=1))
    return weight @ expected, weight @ far, both


def far_weight(away: Floats) -> Floats:
    r"""The slope of the log hazard to the power of distance in its exponent, :math:`u^2 \log u`.

    Parameters
    ----------
    away
        Distances in units of sigma.
    """
    u = np.maximum(away, 1e-6)
    return np.asarray(u**2 * np.log(u))


def _in_state(by_state: list[DetectionParameters], living: Population, away: Floats) -> Floats:
    return np.stack([detection.hazard(living, away) for detection in by_state])


def _over_occasions(hazard: Floats, effort: Floats, kinds: Kinds) -> Floats:
    """Expected counts over all occasions of one hazard, shape (n_animals, n_traps)."""
    total = np.zeros_like(hazard)
    for kind, where in kinds.items():
        of_kind = np.where(where, effort, 0.0)
        records = DETECTORS[kind].records
        if records == "poisson":
            total += hazard * of_kind.sum(axis=1)
        elif records == "binomial":
            total += -np.expm1(-hazard) * of_kind.sum(axis=1)
        elif records == "binary":
            for days, times in _repeated(of_kind):
                total += times * -np.expm1(-hazard * days)
        else:
            days_of, times_of = np.unique(of_kind, axis=1, return_counts=True)
            for days, number in zip(days_of.T, times_of, strict=True):
                each = hazard * days
                every = each.sum(axis=1, keepdims=True)
                caught = np.where(every > 0, -np.expm1(-every) / np.where(every > 0, every, 1), 0)
                total += number * caught * each
    return total


def _repeated(effort: Floats) -> list[tuple[float | Floats, Ints | int]]:
    """Efforts that occur, and how often at each trap; occasion by occasion where they are many."""
    values = np.unique(effort[effort > 0])
    if 2 * len(values) > effort.shape[1]:
        return [(days, 1) for days in effort.T]
    return [(float(days), (effort == days).sum(axis=1)) for days in values]


def expected_animals(design: Design, arrays: ModelArrays, index: int) -> Floats:
    r"""Animals expected at each trap, of those detected in a session.

    .. math::
        E_k = \frac{n}{\Lambda} \sum_u \psi_u \, a \sum_m D_m \Pr(\text{at k} \mid m, u), \quad
        \Pr(\text{at k} \mid m, u) = 1 - \prod_s (1 - E_{ks})

    up to the factor in front; of animals that have met nothing before.

    Parameters
    ----------
    design, arrays, index
        As in ``expected_counts``.

    Returns
    -------
    NDArray
        Shape (n_traps,), to be scaled to the number of animals at each trap.
    """
    session = design.survey.sessions[index]
    rows = design.cells[index]
    effort = session.usage.effort
    levels = (design.intensity.of_session[index], design.shape.of_session[index])
    living = np.exp(arrays.of_classes(index)) * design.mask.cell_area[rows]
    total = np.zeros(len(session.traps))
    away = away_from_traps(design, arrays, index, np.arange(len(rows)))
    n_occasions = levels[0].shape[2]
    for class_, living_of_it in enumerate(living):
        of_class = np.full(len(rows), class_)
        here = Population(xy=design.mask.xy[rows], cell=rows, class_=of_class)
        summed = np.zeros((len(rows), len(session.traps)))
        for occasion in range(n_occasions):
            days = effort.sum(axis=1) if n_occasions == 1 else effort[:, occasion]
            detection = parameters_at(design, arrays, levels, occasion, 0)
            summed += detection.hazard(here, away) * days
        total += living_of_it @ -np.expm1(-summed)
    return total


def expected_detections(design: Design, arrays: ModelArrays, index: int) -> float:
    """Detections expected in a session of all animals, where nothing changes within it.

    Parameters
    ----------
    design, arrays, index
        As in ``expected_counts``.
    """
    session, rows = design.survey.sessions[index], design.cells[index]
    levels = (design.intensity.of_session[index], design.shape.of_session[index])
    detection = parameters_at(design, arrays, levels, 0, 0)
    kinds = session.kinds(design.survey.detector)
    living = np.exp(arrays.of_classes(index)) * design.mask.cell_area[rows]
    away = away_from_traps(design, arrays, index, np.arange(len(rows)))
    total = 0.0
    for class_, living_of_it in enumerate(living):
        here = Population(design.mask.xy[rows], rows, np.full(len(rows), class_))
        hazard = detection.hazard(here, away)
        counts = _over_occasions(hazard, session.usage.effort, kinds).sum(axis=1)
        total += float(living_of_it @ counts)
    return total
