"""Detectability of the cells, and where the animals detected live, for given coefficients."""

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.finding_centres import Centres, find, find_alone, with_partners
from scr.likelihood.kernel.evaluate import sum_hazards
from scr.likelihood.problem import Problem, parameters_of


def detectability(problem: Problem, theta: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    r"""Probability that an animal living in a cell is detected at all, p_dot.

    .. math:: p_\cdot(m, u) = 1 - e^{-\sum_{ks} h_{kms} T_{ks}}

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).

    Returns
    -------
    tuple
        For each session, shape (n_classes, n_cells).

    References
    ----------
    Borchers & Efford (2008) Biometrics 64:377-385, equation 2.
    """
    parameters = parameters_of(problem, theta)
    return _p_dot(problem, sum_hazards(problem.packed, parameters).hazard)


def total_hazard(problem: Problem, theta: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Total hazard over the survey of an animal living in a cell, before it was ever detected.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).

    Returns
    -------
    tuple
        For each session, shape (n_classes, n_cells).
    """
    parameters = parameters_of(problem, theta)
    return _by_cell(problem, sum_hazards(problem.packed, parameters).hazard)


def _p_dot(problem: Problem, hazard: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    return tuple(-np.expm1(-found) for found in _by_cell(problem, hazard))


def _by_cell(problem: Problem, hazard: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Hazard of an animal never caught in the own order of each session's cells."""
    starts, cells = problem.packed.sessions, problem.packed.cells
    result = []
    for s, of_class in enumerate(problem.packed.fields.of_class):
        first, last = starts.cell[s], starts.cell[s + 1]
        order = cells.order[first:last]
        found = np.empty((len(of_class), starts.first[s + 1] - starts.first[s]))
        found[:, order[order >= 0] - starts.first[s]] = hazard[of_class, : last - first][
            :, order >= 0
        ]
        result.append(found)
    return tuple(result)


def _drawn(
    found: Centres, uniform: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the running sum of an animal's probabilities passes its uniform number."""
    total = np.append(0.0, np.cumsum(found.probability))
    first, last = found.start[:-1], found.start[1:]
    wanted = total[first] + np.asarray(uniform, dtype=np.float64) * (total[last] - total[first])
    entry = np.searchsorted(total[1:], wanted, side="right")
    entry = np.clip(entry, first, last - 1)
    return found.cell[entry], found.class_[entry]


def _draw(
    problem: Problem, theta: NDArray[np.float64], uniform: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Cells and classes, and total hazards; cell -1 of animals that are one with another."""
    found, hazard, pairs = find_alone(problem, theta)
    found, hidden = with_partners(problem, found, pairs, uniform)
    cell, class_ = _drawn(found, uniform)
    cell[hidden] = -1
    return cell, class_, hazard


def draw_centres(
    problem: Problem, theta: NDArray[np.float64], uniform: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """One activity centre and class for each animal detected, given the coefficients.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).
    uniform
        Uniform numbers, shape (n_animals of all sessions,).

    Returns
    -------
    tuple
        Cell within the animal's session's cells, and class; each of shape (n_animals,). A right
        animal that is drawn to be one with a left one has cell -1.
    """
    return _draw(problem, theta, uniform)[:2]


def draw_centres_with_detectability(
    problem: Problem, theta: NDArray[np.float64], uniform: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[NDArray[np.float64], ...]]:
    """What ``draw_centres`` and ``detectability`` give, hazards summed only once.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).
    uniform
        Uniform numbers, shape (n_animals of all sessions,).

    Returns
    -------
    tuple
        Cells, classes, and p_dot of each session.
    """
    cell, class_, hazard = _draw(problem, theta, uniform)
    return cell, class_, _p_dot(problem, hazard)


def draw_many_centres(
    problem: Problem, theta: NDArray[np.float64], uniforms: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], Centres, tuple[NDArray[np.float64], ...]]:
    """Several draws of what ``draw_centres_with_detectability`` gives, for one theta.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).
    uniforms
        Uniform numbers, shape (n_draws, n_animals of all sessions).

    Returns
    -------
    tuple
        Cells and classes, each of the shape of ``uniforms``; what they were drawn from; and p_dot
        of each session.
    """
    found, hazard = find(problem, theta)
    drawn = [_drawn(found, uniform) for uniform in uniforms]
    cells, classes = (np.stack([draw[part] for draw in drawn]) for part in (0, 1))
    return cells, classes, found, _p_dot(problem, hazard)


def centre_probability(
    problem: Problem, theta: NDArray[np.float64], animal: int
) -> NDArray[np.float64]:
    """Probability of each class and cell for one animal's activity centre.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).
    animal
        Index of the animal over all sessions.

    Returns
    -------
    NDArray
        Shape (n_classes, n_cells of its session), summing to 1.
    """
    found, _ = find(problem, theta)
    mine = slice(found.start[animal], found.start[animal + 1])
    n_cells = problem.sessions[problem.packed.animals.session[animal]].n_cells
    result = np.zeros((problem.packed.fields.of_class.shape[1], n_cells))
    result[found.class_[mine], found.cell[mine]] = found.probability[mine]
    return result


def expected_centres(
    problem: Problem, theta: NDArray[np.float64]
) -> tuple[NDArray[np.float64], ...]:
    """Animals detected whose activity centre is expected in each cell, given the coefficients.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).

    Returns
    -------
    tuple
        For each session the sum of ``centre_probability`` over its animals and classes, shape
        (n_cells,); a centre of a left and a right animal counts once.
    """
    found, _ = find(problem, theta, once=True)
    cell = problem.design.cell_offsets[found.session] + found.cell
    return _by_session(problem, cell, found.probability)


def _by_session(
    problem: Problem, cell: NDArray[np.int64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], ...]:
    """Sums by cell, cells counted over all sessions."""
    offsets = problem.design.cell_offsets
    total = np.bincount(cell, weights=weights, minlength=offsets[-1])
    return tuple(np.split(total, offsets[1:-1]))


def centre_probabilities(
    problem: Problem, theta: NDArray[np.float64], *, once: bool = False
) -> tuple[NDArray[np.float64], ...]:
    """Probability of each cell for the activity centre of every animal, classes summed.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).
    once
        Whether the row of a right animal leaves out centres that are those of a left one too, so
        that the sum over animals counts each centre once.

    Returns
    -------
    tuple
        For each session, shape (n_animals, n_cells), rows summing to 1 (to less with ``once``).
    """
    found, _ = find(problem, theta, once=once)
    parts, before = [], 0
    for s, data in enumerate(problem.sessions):
        shape, mine = (data.n_animals, data.n_cells), found.session == s
        place = (found.animal[mine] - before) * data.n_cells + found.cell[mine]
        weights = found.probability[mine]
        parts.append(np.bincount(place, weights=weights, minlength=shape[0] * shape[1]))
        parts[-1] = parts[-1].reshape(shape)
        before += data.n_animals
    return tuple(parts)


def class_probabilities(problem: Problem, theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of each class for every animal detected, cells summed.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).

    Returns
    -------
    NDArray
        Shape (n_animals of all sessions, n_classes), rows summing to 1.
    """
    found, _ = find(problem, theta)
    shape = (problem.packed.n_animals, len(problem.design.classes))
    place = found.animal * shape[1] + found.class_
    total = np.bincount(place, weights=found.probability, minlength=shape[0] * shape[1])
    return total.reshape(shape)


def centre_moments(
    problem: Problem, theta: NDArray[np.float64]
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Mean and variance of the detected animals whose centre is in each cell.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).

    Returns
    -------
    list
        For each session the sums over its animals of p and of p (1 - p), shape (n_cells,), with p
        the probability of the cell, classes summed. Left and right animals that may be one are
        taken as independent, a centre of both counting once.
    """
    found, _ = find(problem, theta, once=True)
    cell = problem.design.cell_offsets[found.session] + found.cell
    n, p = int(problem.design.cell_offsets[-1]), found.probability
    if len(problem.design.classes) > 1:
        place, index = np.unique(found.animal * n + cell, return_inverse=True)
        cell, p = place % n, np.bincount(index.reshape(-1), weights=p)
    sums = (_by_session(problem, cell, weights) for weights in (p, np.maximum(p - p**2, 0.0)))
    return list(zip(*sums, strict=True))
