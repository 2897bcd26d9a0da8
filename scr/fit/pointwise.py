"""The log-likelihood animal by animal, for many sets of coefficients at once."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.problem import Problem, every_term, log_factorials, only_fixed_term


@dataclass(frozen=True, eq=False)
class AnimalTerms:
    """Parts of the log-likelihood at many sets of coefficients.

    Parameters
    ----------
    log_animal
        Log L_i of each animal of all sessions, shape (n_sets, n_animals).
    expected
        Lambda of each session, animals expected to be detected, shape (n_sets, n_sessions).
    number
        Term of the number of animals of each session, without -log n!, of the same shape.
    others
        Log-likelihood of animals that have fixes of a transmitter alone, shape (n_sets,).
    """

    log_animal: NDArray[np.float64]
    expected: NDArray[np.float64]
    number: NDArray[np.float64]
    others: NDArray[np.float64]

    def take(self, rows: NDArray[np.int64]) -> "AnimalTerms":
        """The terms of some of the sets.

        Parameters
        ----------
        rows
            Rows of the sets, which may repeat.
        """
        return AnimalTerms(
            self.log_animal[rows], self.expected[rows], self.number[rows], self.others[rows]
        )


def terms_of_many(
    problem: Problem, thetas: NDArray[np.float64], *, n_threads: int | None = None
) -> AnimalTerms:
    """Log L_i of each animal and Lambda of each session, on all cores.

    Parameters
    ----------
    problem
        Model and data.
    thetas
        Shape (n_sets, n_coefficients).
    n_threads
        Threads, all cores if left out; the result does not depend on it.
    """

    def one(theta: NDArray[np.float64]) -> tuple[NDArray[np.float64] | float, ...]:
        with np.errstate(all="ignore"):
            return *every_term(problem, theta), only_fixed_term(problem, theta)

    with ThreadPoolExecutor(n_threads or os.cpu_count() or 1) as pool:
        terms = zip(*pool.map(one, thetas), strict=True)
        return AnimalTerms(*map(np.array, terms))


def joined(parts: Sequence[AnimalTerms]) -> AnimalTerms:
    """Terms of several lots of sets, one after the other.

    Parameters
    ----------
    parts
        The lots, at least one.
    """
    return AnimalTerms(
        np.concatenate([part.log_animal for part in parts]),
        np.concatenate([part.expected for part in parts]),
        np.concatenate([part.number for part in parts]),
        np.concatenate([part.others for part in parts]),
    )


def log_likelihoods(problem: Problem, terms: AnimalTerms) -> NDArray[np.float64]:
    r"""The log-likelihood, with Poisson N :math:`\sum_i \log L_i - \Lambda - \log n!`.

    Parameters
    ----------
    problem
        Model and data.
    terms
        From ``terms_of_many``.

    Returns
    -------
    NDArray
        Shape (n_sets,); -inf where it is not finite.
    """
    constant = sum(log_factorials(problem.sessions, problem.packed.number))
    with np.errstate(all="ignore"):
        value = terms.log_animal.sum(axis=1) + terms.number.sum(axis=1) - constant
        value += terms.others
    return np.where(np.isfinite(value), value, -np.inf)


def distinct_terms(problem: Problem, draws: NDArray[np.float64]) -> AnimalTerms:
    """Terms at draws of which some may repeat, as resampling and rejection make them.

    Parameters
    ----------
    problem
        Model and data.
    draws
        Shape (n_draws, n_coefficients); each that is distinct is evaluated once.
    """
    distinct, place = np.unique(draws, axis=0, return_inverse=True)
    return terms_of_many(problem, distinct).take(place)
