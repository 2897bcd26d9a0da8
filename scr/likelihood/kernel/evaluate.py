"""The walk of one evaluation: compiled stages in order, arrays between them."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from scr.likelihood.kernel.animals import Centres, Ground, Model, sum_animals, weigh_sided
from scr.likelihood.kernel.arrays import NOT_GIVEN, Floats, Levels, Packed, Parameters
from scr.likelihood.kernel.cells import BLOCK, place_distances
from scr.likelihood.kernel.evaluators import evaluator_of
from scr.likelihood.kernel.given import weigh_distances
from scr.likelihood.kernel.lattice import lattice_gradient, lattice_hazards
from scr.likelihood.kernel.number import weigh_number
from scr.likelihood.kernel.pairs import pair_gradient, pair_hazards
from scr.likelihood.kernel.reach import reaches
from scr.likelihood.kernel.sides import match_sides, of_sessions, room_of_sides, weigh_known
from scr.likelihood.kernel.undetected import bound_blocks, expect, weigh_cells
from scr.likelihood.kernel.window import make_search

LEAST_ROOM = 2**18
"""Cells of animals for which there is room at first where centres are kept."""

NOT_KEPT = Centres(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))


class Evaluation(NamedTuple):
    """What the likelihood says of one set of parameters.

    Parameters
    ----------
    log_animal
        log L_i, shape (n_animals,).
    expected
        Lambda, the expected number of animals detected, shape (n_sessions,).
    number
        Term of the number of animals detected, shape (n_sessions,): -Lambda where it is Poisson.
    gradient
        Of sum log L_i + sum of these terms to each array of parameters, in its shape.
    """

    log_animal: Floats
    expected: Floats
    number: Floats
    gradient: Parameters


class Hazards(NamedTuple):
    """Animals of the cells and total hazards, with what the gradient needs of them.

    Parameters
    ----------
    log_weight, weight
        log(D a) and D a in packed order, shape (1 or n_classes, n_cells of all sessions).
    hazard
        H of each field, shape (n_fields, n_cells of the largest session).
    parts
        Sheets over pairs, or boxes and factors of a lattice.
    """

    log_weight: Floats
    weight: Floats
    hazard: Floats
    parts: Any


class _Summed(NamedTuple):
    """Log L_i of each animal, centres, log Z, pairs and sides of each session."""

    log_animal: Floats
    centres: Centres
    log_z: Floats
    n_pairs: Floats
    sides: list[tuple[Floats, Floats, Floats]]


def evaluate(packed: Packed, parameters: Parameters, *, with_gradient: bool = True) -> Evaluation:
    """Log L_i and Lambda, and the gradient of their sum.

    log L = sum_i log L_i + sum of the terms of number, but for log n! of each session, which is
    left to the caller.

    Parameters
    ----------
    packed, parameters
        Data and parameters.
    with_gradient
        Whether to work out the gradient; else its arrays hold zeros.

    Where animals are known from one side alone, the term of number has log Z in it.

    Returns
    -------
    Evaluation
        log L_i of -inf where a parameter is not finite, or sigma is 0.
    """
    to = Parameters(*map(np.zeros_like, parameters))
    expected = np.zeros(len(packed.fields.of_class))
    if not is_usable(parameters):
        return Evaluation(np.full(packed.n_animals, -np.inf), expected, -expected, to)
    packed, parameters = at_distances(packed, parameters), in_sigmas(packed, parameters)
    found = _sum_hazards(packed, parameters)
    to_away = np.zeros(len(packed.distances.cell) if len(to.distance) and with_gradient else 0)
    to_log_weight, to_hazard = np.zeros_like(found.weight), np.zeros_like(found.hazard)
    share, through_expected = np.exp(parameters.log_share), (to.log_share, to_log_weight, to_hazard)
    expect(
        packed.sessions,
        packed.fields.of_class,
        share,
        found.weight,
        found.hazard,
        expected,
        through_expected,
    )
    number = weigh_number(packed, share, found.weight, expected, through_expected)
    through = (to.intensity, to.sigma, to.z, to.log_share, to_log_weight, to_hazard)
    summed = _sum_animals(
        packed, parameters, found, through, with_gradient=with_gradient, to_away=to_away
    )
    of_known = weigh_known(packed.sides, parameters.known, summed.n_pairs, to.known)
    number = number + summed.log_z + of_known
    if with_gradient:
        for field in reversed(packed.on_bases):
            to_hazard[packed.fields.base[field]] += to_hazard[field]
        _through_hazard(packed, parameters, found, to_hazard, through[:3])
        if len(to_away):
            weigh_distances(packed, parameters, to_hazard, to_away, to.distance)
        cell, place = packed.cell_and_place
        to.log_density[:, cell] = to_log_weight[:, place]
        if packed.law.in_sigmas:
            to.sigma[:] -= to.z * parameters.z
            np.divide(to.z, parameters.sigma, out=to.z)
        np.divide(to.sigma, parameters.sigma, out=to.sigma)  # from log sigma to sigma
    return Evaluation(summed.log_animal, expected, number, to)


def find_centres(packed: Packed, parameters: Parameters) -> tuple[Centres, Floats]:
    """Where each animal detected can be, and H of all fields.

    Parameters
    ----------
    packed, parameters
        Data and parameters.

    Returns
    -------
    tuple
        Centres with cells in the own order of all sessions' cells; H as in ``Hazards``.
    """
    return find_sides(packed, parameters)[:2]


def find_sides(
    packed: Packed, parameters: Parameters
) -> tuple[Centres, Floats, list[tuple[Floats, Floats, Floats]]]:
    """What ``find_centres`` gives, and what ``sides.weigh_pairs`` takes, session by session.

    Parameters
    ----------
    packed, parameters
        Data and parameters.
    """
    packed, parameters = at_distances(packed, parameters), in_sigmas(packed, parameters)
    found = _sum_hazards(packed, parameters)
    through = tuple(np.empty((0,) * n) for n in (1, 1, 1, 2, 2, 2))
    summed = _sum_animals(packed, parameters, found, through, with_gradient=False, keep=True)
    return summed.centres, found.hazard, summed.sides


def is_usable(parameters: Parameters) -> bool:
    """Whether all parameters are finite, and sigma is above 0: loops over cells rely on it.

    Parameters
    ----------
    parameters
        Parameters.
    """
    total = sum(float(values.sum()) for values in parameters)
    return bool(np.isfinite(total) and parameters.sigma.min() > 0.0)


def in_sigmas(packed: Packed, parameters: Parameters) -> Parameters:
    """Parameters with a z in metres divided by sigma, as shapes take it.

    Parameters
    ----------
    packed, parameters
        Data and parameters.
    """
    if not packed.law.in_sigmas:
        return parameters
    return parameters._replace(z=parameters.z / parameters.sigma)


def at_distances(packed: Packed, parameters: Parameters) -> Packed:
    """The data with the distances that follow from parameters, where they do.

    Parameters
    ----------
    packed, parameters
        Data and parameters.
    """
    if len(parameters.distance) == 0:
        return packed
    return replace(packed, distances=place_distances(packed.distances, parameters.distance))


def sum_hazards(packed: Packed, parameters: Parameters) -> Hazards:
    """D a, and the total hazard of every field.

    Parameters
    ----------
    packed, parameters
        Data and parameters.
    """
    return _sum_hazards(at_distances(packed, parameters), in_sigmas(packed, parameters))


def _sum_hazards(packed: Packed, parameters: Parameters) -> Hazards:
    shape = (len(parameters.log_density), len(packed.cells.order))
    log_weight, weight = np.empty(shape), np.empty(shape)
    n_expected = weigh_cells(
        parameters.log_density, packed.cells.order, packed.cells.log_area, log_weight, weight
    )
    reach = reaches(packed, parameters, n_expected)
    hazard = np.zeros((len(packed.fields.session), packed.n_cells))
    add = lattice_hazards if packed.is_lattice else pair_hazards
    return Hazards(log_weight, weight, hazard, add(packed, parameters, reach, hazard))


def _through_hazard(
    packed: Packed,
    parameters: Parameters,
    found: Hazards,
    to_hazard: Floats,
    to: Levels,
) -> None:
    """Gradient to intensity, log sigma and z through H."""
    if packed.is_lattice:
        lattice_gradient(packed, parameters, found.parts, to_hazard, to)
        return
    cell, intensity = packed.sessions.cell, parameters.intensity
    pair_gradient(packed.law.is_hazard, packed.fields, cell, intensity, found.parts, to_hazard, to)


def _sum_animals(
    packed: Packed,
    parameters: Parameters,
    found: Hazards,
    to: Any,
    *,
    with_gradient: bool,
    keep: bool = False,
    to_away: Floats = NOT_GIVEN,
) -> _Summed:
    """Log L_i of all animals; where centres are kept, in as many parts as there is room for."""
    prior = np.full((len(found.hazard), packed.n_cells // BLOCK), -np.inf)
    ceiling = np.zeros_like(prior)
    bound_blocks(packed.sessions, packed.fields, found.log_weight, found.hazard, prior, ceiling)
    search, sided = make_search(packed), room_of_sides(packed)
    size = len(search.n_blocks) * packed.n_cells
    model = Model(
        evaluator_of(packed, size, to_away),
        packed.law,
        packed.cells,
        packed.distances,
        packed.sessions,
        packed.animals,
        packed.records,
        (parameters.intensity, parameters.sigma, parameters.z),
        Ground(parameters.log_share, found.log_weight, found.hazard, prior, ceiling),
        sided,
    )
    value, log_animal = np.empty(size), np.empty(packed.n_animals)
    kept = _room(packed, max(LEAST_ROOM, size)) if keep else NOT_KEPT
    parts, begin = [], 0
    while begin < packed.n_animals:
        end = sum_animals(model, begin, with_gradient, search, value, log_animal, to, kept)
        if keep:
            n = int(kept.end[end - 1])
            parts.append([kept.end[begin:end].copy(), *(part[:n].copy() for part in kept[1:])])
        begin = end
    log_z = n_pairs = np.zeros(len(packed.fields.of_class))
    sides = of_sessions(packed, sided[1], parameters, found.log_weight, found.hazard)
    if len(sides) > 0 and not keep:
        log_z, n_pairs = match_sides(packed, sides, sided[1], to[3:], with_gradient=with_gradient)
        if with_gradient:
            weigh_sided(model, search, value, to[:3])
    return _Summed(log_animal, _joined(parts) if keep else NOT_KEPT, log_z, n_pairs, sides)


def _room(packed: Packed, size: int) -> Centres:
    end = np.zeros(packed.n_animals, dtype=np.int64)
    return Centres(end, np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size))


def _joined(parts: list[list[Any]]) -> Centres:
    """All parts, ends counted through."""
    before = np.cumsum([0, *(len(part[1]) for part in parts)])
    ends = [part[0] + n for part, n in zip(parts, before, strict=False)]
    columns = [ends, *([part[j] for part in parts] for j in (1, 2, 3))]
    return Centres(
        *(np.concatenate([none, *column]) for none, column in zip(NOT_KEPT, columns, strict=True))
    )
