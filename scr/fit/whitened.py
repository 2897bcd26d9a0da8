"""The PyMC model's log posterior in coordinates in which it is nearly standard normal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pymc as pm
from numpy.typing import NDArray
from pytensor.compile.mode import Mode

LogDensity = Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]]
"""Value and gradient at a point."""

_FAST: Any = Mode(linker="cvm", optimizer="fast_run")
COMPILE_MODE = _FAST.excluding("fusion")
"""Operations round the likelihood are compiled one by one where there is a C compiler, and run by
NumPy where there is none; fusing them would take longer to compile than it saves."""


@dataclass(frozen=True, eq=False)
class Whitened:
    """A log density of u, where coefficients are ``centre + factor u``.

    Parameters
    ----------
    compiled
        PyMC's function of value and gradient.
    centre
        Mode of the posterior, shape (n_coefficients,).
    factor
        Cholesky factor of the inverse of minus the Hessian there.
    """

    compiled: Any
    centre: NDArray[np.float64]
    factor: NDArray[np.float64]

    def for_one_thread(self) -> LogDensity:
        """A function that shares no storage with others, so that chains can run in threads."""
        own = self.compiled.copy()
        own.set_extra_values({})
        function, centre, factor = own._pytensor_function, self.centre, self.factor

        def log_density(u: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            value, gradient = function(centre + factor @ u)
            if not np.isfinite(value):
                return -np.inf, np.zeros_like(u)
            return float(value), factor.T @ gradient

        return log_density

    def coefficients(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coefficients at u.

        Parameters
        ----------
        u
            Shape (..., n_coefficients).
        """
        return np.asarray(self.centre + u @ self.factor.T)


def whiten(model: pm.Model, centre: NDArray[np.float64], vcov: NDArray[np.float64]) -> Whitened:
    """Compile a model and change its coordinates.

    Parameters
    ----------
    model
        The model, whose free variables in order are the coefficients.
    centre, vcov
        Mode of its posterior and inverse of minus the Hessian there.
    """
    compiled = model.logp_dlogp_function(ravel_inputs=True, mode=COMPILE_MODE)
    return Whitened(compiled, centre, np.linalg.cholesky(vcov))
