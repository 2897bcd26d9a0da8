r"""How the variance of a Gaussian process falls to the basis functions that make it up.

The covariance is Matérn's with :math:`\nu = 5/2`: the surface has a slope and a curvature
everywhere. In d dimensions, with length :math:`\ell` and variance 1, a function of frequency
:math:`\omega` (radians per unit of length) has

.. math:: S(\omega) = 2^d \pi^{d/2} \frac{\Gamma(\nu + d/2) (2\nu)^\nu}{\Gamma(\nu) \ell^{2\nu}}
    \Big(\frac{2\nu}{\ell^2} + \omega^2\Big)^{-(\nu + d/2)}
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

_NU = 2.5


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Variances of basis functions as they depend on the length.

    Parameters
    ----------
    squared_frequency
        Square of the frequency of each, shape (n_functions,).
    n_dimensions
        1 or 2.
    volume
        Product of half the sides of the box, by which S is divided, as functions have amplitude 1
        and not norm 1.
    typical
        A length to begin from, in units of the covariates, about which its prior lies.

    References
    ----------
    Rasmussen & Williams (2006) Gaussian Processes for Machine Learning, equation 4.15.
    """

    squared_frequency: NDArray[np.float64]
    n_dimensions: int
    volume: float
    typical: float

    def log_variance(self, log_length: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log S of each function, shape (..., n_functions).

        Parameters
        ----------
        log_length
            Log of the length, any shape.
        """
        return np.asarray(self.log_variance_by(np.asarray(log_length)[..., None], np))

    def log_variance_by(self, log_length: Any, module: Any) -> Any:
        """The same by the functions of a module, as for variables of PyTensor.

        Parameters
        ----------
        log_length
            Log of the length, of a shape that goes with that of the functions.
        module
            With ``exp`` and ``log``.
        """
        d = self.n_dimensions
        constant = d * np.log(2) + 0.5 * d * np.log(np.pi) + _NU * np.log(2 * _NU)
        constant += gammaln(_NU + d / 2) - gammaln(_NU) - np.log(self.volume)
        within = module.log(2 * _NU * module.exp(-2 * log_length) + self.squared_frequency)
        return constant - 2 * _NU * log_length - (_NU + d / 2) * within

    def slope(self, log_length: float) -> NDArray[np.float64]:
        """Derivative of ``log_variance`` to the log length, shape (n_functions,).

        Parameters
        ----------
        log_length
            Log of the length.
        """
        of_length = 2 * _NU * np.exp(-2 * log_length)
        share = of_length / (of_length + self.squared_frequency)
        return np.asarray(-2 * _NU + (2 * _NU + self.n_dimensions) * share)
