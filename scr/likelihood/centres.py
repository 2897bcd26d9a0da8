"""Detectability of the cells, and where the animals detected live, for given coefficients."""

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.centres import (
    draw,
    draw_with_hazards,
    each_probability,
    probability,
    summed_probability,
    total_hazards,
)
from scr.likelihood.problem import Problem, contiguous


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
    return _p_dot(problem, total_hazards(problem.packed, *contiguous(problem, theta)))


def _p_dot(problem: Problem, hazard: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    parts = np.split(-np.expm1(-hazard), problem.design.cell_offsets[1:-1], axis=1)
    return tuple(np.ascontiguousarray(part) for part in parts)


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
        Cell within the animal's session's cells, and class; each of shape (n_animals,).
    """
    found = draw(problem.packed, *contiguous(problem, theta), np.asarray(uniform, dtype=np.float64))
    return found[:, 0], found[:, 1]


def draw_centres_with_detectability(
    problem: Problem, theta: NDArray[np.float64], uniform: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[NDArray[np.float64], ...]]:
    """What ``draw_centres`` and ``detectability`` give, in half the time of both.

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
    found, hazard = draw_with_hazards(
        problem.packed, *contiguous(problem, theta), np.asarray(uniform, dtype=np.float64)
    )
    return found[:, 0], found[:, 1], _p_dot(problem, hazard)


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
    return np.asarray(probability(problem.packed, *contiguous(problem, theta), animal))


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
        (n_cells,).
    """
    total = summed_probability(problem.packed, *contiguous(problem, theta))
    return tuple(np.split(total, problem.design.cell_offsets[1:-1]))


def centre_probabilities(
    problem: Problem, theta: NDArray[np.float64]
) -> tuple[NDArray[np.float64], ...]:
    """Probability of each cell for the activity centre of every animal, classes summed.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).

    Returns
    -------
    tuple
        For each session, shape (n_animals, n_cells), rows summing to 1.
    """
    found = each_probability(problem.packed, *contiguous(problem, theta))
    parts, start = [], 0
    for data in problem.sessions:
        parts.append(found[start : start + data.n_animals, : data.n_cells])
        start += data.n_animals
    return tuple(parts)
