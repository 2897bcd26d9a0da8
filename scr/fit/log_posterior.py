"""Log-likelihood and log prior together, as fitting needs them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.fit.pointwise import AnimalTerms, log_likelihoods, terms_of_many
from scr.likelihood.problem import Problem, value_and_gradient
from scr.model.priors import Prior, log_prior, log_prior_gradient


@dataclass(frozen=True, eq=False)
class LogPosterior:
    """Log posterior density of the coefficients, up to the constant of the evidence.

    Parameters
    ----------
    problem
        Model and data.
    priors
        One per coefficient; none at all for flat priors.
    n_threads
        Threads for many sets of coefficients, all cores if left out. Results do not depend on it.
    """

    problem: Problem
    priors: tuple[Prior, ...] = ()
    n_threads: int | None = None

    def __call__(self, theta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Value and gradient.

        Parameters
        ----------
        theta
            Coefficients, shape (n_coefficients,).
        """
        value, gradient = value_and_gradient(self.problem, theta)
        if self.priors:
            value += float(log_prior(self.priors, theta))
            gradient = gradient + log_prior_gradient(self.priors, theta)
        return value, gradient

    def many(self, thetas: NDArray[np.float64]) -> tuple[NDArray[np.float64], AnimalTerms]:
        """Values for many sets of coefficients, and the terms that they are the sums of.

        Parameters
        ----------
        thetas
            Shape (n_sets, n_coefficients).
        """
        terms = terms_of_many(self.problem, thetas, n_threads=self.n_threads)
        result = log_likelihoods(self.problem, terms)
        return (result + log_prior(self.priors, thetas) if self.priors else result), terms
