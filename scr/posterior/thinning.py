"""What the draws of a fit are of."""

import numpy as np
from numpy.typing import NDArray

from scr.fit.result import Fit


def density_block(fit: Fit) -> slice:
    """Where the coefficients of density stand, for estimates by maximum likelihood.

    Parameters
    ----------
    fit
        A fitted model.
    """
    return fit.problem.design.blocks["density"]


def of_density(fit: Fit, thetas: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coefficients of the columns of log density, shape (n_draws, n_columns).

    Parameters
    ----------
    fit
        A fitted model.
    thetas
        Coefficients, shape (n_draws, n_coefficients).
    """
    return fit.problem.design.of_density(thetas)


def method_of(fit: Fit) -> str:
    """How headlines were estimated, in words.

    Parameters
    ----------
    fit
        A fitted model.
    """
    return "maximum likelihood, plug-in" if fit.point is not None else "posterior"
