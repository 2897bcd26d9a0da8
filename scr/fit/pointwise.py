"""The log-likelihood animal by animal, for many sets of coefficients at once."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from scr.likelihood.problem import Problem, animal_terms, only_fixed_term


@dataclass(frozen=True, eq=False)
class AnimalTerms:
    """Parts of the log-likelihood at many sets of coefficients.

    Parameters
    ----------
    log_animal
        Log L_i of each animal of all sessions, shape (n_sets, n_animals).
    expected
        Lambda of each session, animals expected to be detected, shape (n_sets, n_sessions).
    others
        Log-likelihood of animals that have fixes of a transmitter alone, shape (n_sets,).
    """

    log_animal: NDArray[np.float64]
    expected: NDArray[np.float64]
    others: NDArray[np.float64]

    def take(self, rows: NDArray[np.int64]) -> "AnimalTerms":
        """The terms of some of the sets.

        Parameters
        ----------
        rows
            Rows of the sets, which may repeat.
        """
        return AnimalTerms(self.log_animal[rows], self.expected[rows], self.others[rows])


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

    def one(
        theta: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
        with np.errstate(all="ignore"):
            return *animal_terms(problem, theta), only_fixed_term(problem, theta)

    with ThreadPoolExecutor(n_threads or os.cpu_count() or 1) as pool:
        log_animal, expected, others = zip(*pool.map(one, thetas), strict=True)
    return AnimalTerms(np.array(log_animal), np.array(expected), np.array(others))


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
        np.concatenate([part.others for part in parts]),
    )


def log_likelihoods(problem: Problem, terms: AnimalTerms) -> NDArray[np.float64]:
    r"""The log-likelihood, :math:`\sum_i \log L_i - \Lambda - \log n!`, summed over sessions.

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
    log_factorials = sum(float(gammaln(data.n_animals + 1)) for data in problem.sessions)
    with np.errstate(all="ignore"):
        value = terms.log_animal.sum(axis=1) - terms.expected.sum(axis=1) - log_factorials
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
