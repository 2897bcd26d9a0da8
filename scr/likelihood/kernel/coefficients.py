"""From coefficients to the likelihood's arrays and back: the products of ``Design``, compiled.

The products are small, and matrix libraries would wake threads of their own for them, in the midst
of chains that run in parallel.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled, compiled_inside
from scr.likelihood.kernel.evaluate import Evaluation, evaluate
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.sheets import add, product
from scr.model.design import Design


class Columns(NamedTuple):
    """Design matrices with a row for each term, and where their coefficients are.

    Parameters
    ----------
    density
        Shape (n_terms, n_cells of all sessions).
    intensity, sigma, z
        Shape (n_terms, n_levels); no row of z where the detection function has none.
    share
        Shape (n_terms, n_sessions); no row where there are no classes.
    start
        First coefficient of density, intensity, sigma, z and share, shape (5,).
    """

    density: NDArray[np.float64]
    intensity: NDArray[np.float64]
    sigma: NDArray[np.float64]
    z: NDArray[np.float64]
    share: NDArray[np.float64]
    start: NDArray[np.int64]


type Arrays = tuple[
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
]
"""Log density, intensity, sigma, z and log share, as ``evaluate`` takes them."""


def columns_of(design: Design) -> Columns:
    """The matrices of a design.

    Parameters
    ----------
    design
        The model with its data.
    """
    blocks, n_sigma = design.blocks, design.blocks["sigma"].stop - design.blocks["sigma"].start
    names = ("density", design.spec.family.intensity_name, "sigma", "z", "share")
    share = np.empty((len(design.cells), 0)) if design.share is None else design.share
    return Columns(
        density=_by_term(design.density_columns),
        intensity=_by_term(design.intensity.columns),
        sigma=_by_term(design.shape.columns[:, :n_sigma]),
        z=_by_term(design.shape.columns[:, n_sigma:]),
        share=_by_term(share),
        start=np.array([blocks[name].start if name in blocks else 0 for name in names]),
    )


def _by_term(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.ascontiguousarray(columns.T, dtype=np.float64)


@compiled
def make_arrays(data: Packed, columns: Columns, theta: NDArray[np.float64]) -> Arrays:
    """Parameters as ``evaluate`` takes them, from coefficients.

    Parameters
    ----------
    data
        The data, for its link and number of classes.
    columns
        Design matrices.
    theta
        Coefficients on their link scale.
    """
    log_density = np.zeros((1, columns.density.shape[1]))
    add_terms(columns.density, theta[columns.start[0] :], log_density[0])
    intensity = np.zeros(columns.intensity.shape[1])
    add_terms(columns.intensity, theta[columns.start[1] :], intensity)
    sigma, z = np.zeros(columns.sigma.shape[1]), np.zeros(columns.z.shape[1])
    add_terms(columns.sigma, theta[columns.start[2] :], sigma)
    add_terms(columns.z, theta[columns.start[3] :], z)
    log_share = np.zeros((columns.share.shape[1], data.class_field.shape[1]))
    if len(columns.share) > 0:
        add_terms(columns.share, theta[columns.start[4] :], log_share[:, 1])
        for session in range(len(log_share)):
            logit = log_share[session, 1]
            log_share[session, 0], log_share[session, 1] = log_expit(-logit), log_expit(logit)
    for level in range(len(intensity)):
        eta = intensity[level]
        intensity[level] = math.exp(eta if data.is_hazard.item() else log_expit(eta))
    return log_density, intensity, np.exp(sigma), np.exp(z), log_share


@compiled_inside
def log_expit(logit: float) -> float:
    """Log of the probability of a logit.

    Parameters
    ----------
    logit
        Number.
    """
    return min(logit, 0.0) - math.log1p(math.exp(-abs(logit)))


@compiled_inside
def add_terms(
    columns: NDArray[np.float64], theta: NDArray[np.float64], result: NDArray[np.float64]
) -> None:
    """Add columns times coefficients.

    Parameters
    ----------
    columns
        Shape (n_terms, n).
    theta
        Coefficients from the first of these terms on.
    result
        Added to, shape (n,).
    """
    for term in range(len(columns)):
        add(theta[term], columns[term], result)


@compiled_inside
def pull_back(
    data: Packed,
    columns: Columns,
    arrays: Arrays,
    result: Evaluation,
    gradient: NDArray[np.float64],
) -> None:
    """Gradient to the coefficients from the gradient to the likelihood's arrays.

    Parameters
    ----------
    data, columns
        As in ``make_arrays``.
    arrays
        From ``make_arrays``.
    result
        With the gradient to each of them; overwritten.
    gradient
        Result, shape (n_coefficients,).
    """
    _, intensity, sigma, z, log_share = arrays
    start = columns.start
    for term in range(len(columns.density)):
        gradient[start[0] + term] = product(columns.density[term], result.to_log_density[0])
    for level in range(len(intensity)):
        slope = intensity[level] * (1.0 if data.is_hazard.item() else 1.0 - intensity[level])
        result.to_intensity[level] *= slope
    for term in range(len(columns.intensity)):
        gradient[start[1] + term] = product(columns.intensity[term], result.to_intensity)
    for level in range(len(sigma)):
        result.to_sigma[level] *= sigma[level]
        result.to_z[level] *= z[level]
    for term in range(len(columns.sigma)):
        gradient[start[2] + term] = product(columns.sigma[term], result.to_sigma)
    for term in range(len(columns.z)):
        gradient[start[3] + term] = product(columns.z[term], result.to_z)
    for term in range(len(columns.share)):
        gradient[start[4] + term] = 0.0
        for session in range(len(log_share)):
            to_share = result.to_log_share[session]
            share = log_share[session]
            to_logit = to_share[1] * math.exp(share[0]) - to_share[0] * math.exp(share[1])
            gradient[start[4] + term] += columns.share[term, session] * to_logit


@compiled
def evaluate_coefficients(
    data: Packed, columns: Columns, theta: NDArray[np.float64], with_gradient: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Log L_i of each animal, Lambda of each session, and the gradient of their sum.

    Parameters
    ----------
    data, columns
        Data and design matrices.
    theta
        Coefficients, shape (n_coefficients,).
    with_gradient
        Whether to work out the gradient; else it holds zeros.

    Returns
    -------
    tuple
        As in ``Evaluation``, and the gradient to each coefficient.
    """
    arrays = make_arrays(data, columns, theta)
    log_density, intensity, sigma, z, log_share = arrays
    result = evaluate(data, log_density, intensity, sigma, z, log_share, with_gradient)
    gradient = np.zeros_like(theta)
    if with_gradient:
        pull_back(data, columns, arrays, result, gradient)
    return result.log_animal, result.expected, gradient
