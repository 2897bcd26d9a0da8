r"""Parameters that stand for others: a0 for lambda0, sigmak for sigma.

.. math:: \lambda_0 = a_0 / (2 \pi \sigma^2), \qquad \sigma = k / \sqrt{\bar D}

a0 is in km2: where lambda0 and sigma answer to something in opposite directions, so that an animal
is detected as often as before, a0 stays (Efford & Mowat 2014 Ecology 95:1341-1348). k has no unit:
sigma in km times the square root of density per km2, which is the mean over the cells of the
session by their area (Efford et al. 2016 Ecography 39:676-688). secr takes both in units of
hectares: its a0 is 100 times ours, and so is its sigmak.
"""

import math

import numpy as np
from numpy.typing import NDArray

from scr.units import M2_PER_KM2

LOG_AREA = math.log(M2_PER_KM2 / (2 * math.pi))
"""log lambda0 + 2 log sigma - log a0, sigma in metres and a0 in km2."""

LOG_LENGTH = 0.5 * math.log(M2_PER_KM2)
"""log sigma + log(D) / 2 - log k, sigma in metres and D per km2."""

STANDS_FOR = {"a0": "lambda0", "sigmak": "sigma"}
"""What each of them stands for."""

OF_CELLS = ("density", "distance")
"""Parameters whose formulas are over the cells of the mask."""

SHAPES = frozenset({"sigma", "sigmak", "z"})
"""Parameters of the shape of detection; the others are of how much of it there is."""


def log_lambda0(log_a0: NDArray[np.float64], log_sigma: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log lambda0 per day of an a0.

    Parameters
    ----------
    log_a0
        Of km2, any shape.
    log_sigma
        Of metres, the same shape.
    """
    return np.asarray(log_a0 + LOG_AREA - 2.0 * log_sigma)


def log_sigma(
    log_k: NDArray[np.float64], log_mean_density: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Log sigma in metres of a sigmak.

    Parameters
    ----------
    log_k
        Without unit, any shape.
    log_mean_density
        Of animals per km2, the same shape.
    """
    return np.asarray(log_k + LOG_LENGTH - 0.5 * log_mean_density)


def log_mean_density(
    log_density: NDArray[np.float64], area_share: NDArray[np.float64], start: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Log of the mean density of each session.

    Parameters
    ----------
    log_density
        Per km2, in the cells of all sessions, shape (n_cells,).
    area_share
        Share of each cell in the area of its session, shape (n_cells,).
    start
        First cell of each session.

    Returns
    -------
    NDArray
        Shape (n_sessions,).
    """
    highest = log_density.max(initial=0.0)  # what a step of a fit tries may be beyond all numbers
    total = np.add.reduceat(area_share * np.exp(log_density - highest), start)
    return np.asarray(highest + np.log(total))
