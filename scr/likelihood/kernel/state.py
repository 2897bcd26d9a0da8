"""One set of parameters, and what follows from it before any animal is looked at."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class State(NamedTuple):
    """Parameters, densities in packed order and total hazards.

    Parameters
    ----------
    intensity, sigma, z
        lambda0 or g0, sigma in metres and z, by level.
    log_share
        log psi, shape (n_sessions, n_classes).
    log_weight
        log(D a) in packed order, shape (1 or n_classes, n_cells of all sessions).
    hazard
        H of each field over its session's cells, shape (n_fields, most cells).
    block_prior
        Upper bound of the sum of D a exp(-H) over each block, as a logarithm, shape (n_fields,
        most blocks of a session).
    highest_prior
        The highest of these bounds, shape (n_fields,).
    row_prior, row_most
        Upper bound of D a exp(-H) in each cell of a row, as a logarithm and as it is, shape
        (n_fields, n_rows).
    weight
        D a, in the shape of ``log_weight``.
    undetected
        D a exp(-H), shape (1 or n_classes, n_fields, most cells); only where a class has a field.
    """

    intensity: NDArray[np.float64]
    sigma: NDArray[np.float64]
    z: NDArray[np.float64]
    log_share: NDArray[np.float64]
    log_weight: NDArray[np.float64]
    hazard: NDArray[np.float64]
    block_prior: NDArray[np.float64]
    highest_prior: NDArray[np.float64]
    row_prior: NDArray[np.float64]
    row_most: NDArray[np.float64]
    weight: NDArray[np.float64]
    undetected: NDArray[np.float64]


class Gradient(NamedTuple):
    """Derivatives of the log-likelihood, in the shapes of ``State``, added to as it is worked out.

    Parameters
    ----------
    intensity, log_sigma, z
        By level.
    log_share
        Shape (n_sessions, n_classes).
    log_weight
        To log D in packed order, shape (1 or n_classes, n_cells of all sessions).
    hazard
        To H of each field, shape (n_fields, most cells).
    log_undetected
        To log(D a) - H through the animals of a lattice, shape (1 or n_classes, n_fields, most
        cells); length 0 over pairs.
    """

    intensity: NDArray[np.float64]
    log_sigma: NDArray[np.float64]
    z: NDArray[np.float64]
    log_share: NDArray[np.float64]
    log_weight: NDArray[np.float64]
    hazard: NDArray[np.float64]
    log_undetected: NDArray[np.float64]
