"""The log posterior in coordinates in which it is nearly standard normal."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.fit.log_posterior import LogPosterior

LogDensity = Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]]
"""Value and gradient at a point."""


@dataclass(frozen=True, eq=False)
class Whitened:
    """A log density of v, where the coordinates of the target are ``centre + factor v``.

    Parameters
    ----------
    target
        The log posterior. It is that of ``build_pymc_model``, from compiled code that is at hand:
        PyTensor would compile the few operations round the likelihood anew in each process.
    centre
        Mode of the posterior, shape (n_coefficients,).
    factor
        Cholesky factor of the inverse of minus the Hessian there.
    """

    target: LogPosterior
    centre: NDArray[np.float64]
    factor: NDArray[np.float64]

    def for_one_thread(self) -> LogDensity:
        """A function of its own for each chain; they share no storage, so that threads can run."""
        target, centre, factor = self.target, self.centre, self.factor

        def log_density(v: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            value, gradient = target(centre + factor @ v)
            if not np.isfinite(value):
                return -np.inf, np.zeros_like(v)
            return value, factor.T @ gradient

        return log_density

    def coefficients(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coefficients of the formulas at v.

        Parameters
        ----------
        v
            Shape (..., n_coefficients).
        """
        return self.target.coefficients(self.centre + v @ self.factor.T)


def whiten(
    target: LogPosterior, centre: NDArray[np.float64], vcov: NDArray[np.float64]
) -> Whitened:
    """Change the coordinates of a log posterior.

    Parameters
    ----------
    target
        The log posterior.
    centre, vcov
        Its mode and the inverse of minus the Hessian there.
    """
    return Whitened(target, centre, np.linalg.cholesky(vcov))
