"""From coefficients to the likelihood's arrays and back: the products of ``Design``, compiled.

The products are small, and matrix libraries would wake threads of their own for them, in the midst
of chains that run in parallel.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.arrays import Floats, Ints, Packed, Parameters
from scr.likelihood.kernel.compiled import stage
from scr.likelihood.kernel.evaluate import evaluate
from scr.likelihood.kernel.pairs import add, product
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

    density: Floats
    intensity: Floats
    sigma: Floats
    z: Floats
    share: Floats
    start: Ints


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


def _by_term(columns: NDArray[np.float64]) -> Floats:
    return np.ascontiguousarray(columns.T, dtype=np.float64)


def make_parameters(packed: Packed, columns: Columns, theta: Floats) -> Parameters:
    """Parameters as ``evaluate`` takes them, from coefficients.

    Parameters
    ----------
    packed
        The data, for its link and number of classes.
    columns
        Design matrices.
    theta
        Coefficients on their link scale.
    """
    log_density = np.zeros((1, columns.density.shape[1]))
    intensity, sigma, z = (np.zeros(part.shape[1]) for part in columns[1:4])
    logit = np.zeros(columns.share.shape[1])
    add_terms(columns, theta, log_density[0], intensity, sigma, z, logit)
    log_share = np.zeros((len(logit), packed.fields.of_class.shape[1]))
    if len(columns.share) > 0:
        log_share[:, 0], log_share[:, 1] = -np.logaddexp(0.0, logit), -np.logaddexp(0.0, -logit)
    with np.errstate(over="ignore"):
        scale = (
            np.exp(intensity) if packed.law.is_hazard else np.exp(-np.logaddexp(0.0, -intensity))
        )
        return Parameters(log_density, scale, np.exp(sigma), np.exp(z), log_share)


@stage
def add_terms(
    columns: Columns,
    theta: Floats,
    log_density: Floats,
    intensity: Floats,
    sigma: Floats,
    z: Floats,
    logit: Floats,
) -> None:
    """Add columns times coefficients, for each parameter."""
    start = columns.start
    for i in range(len(columns.density)):
        add(theta[start[0] + i], columns.density[i], log_density)
    for i in range(len(columns.intensity)):
        add(theta[start[1] + i], columns.intensity[i], intensity)
    for i in range(len(columns.sigma)):
        add(theta[start[2] + i], columns.sigma[i], sigma)
    for i in range(len(columns.z)):
        add(theta[start[3] + i], columns.z[i], z)
    for i in range(len(columns.share)):
        add(theta[start[4] + i], columns.share[i], logit)


def pull_back(
    packed: Packed, columns: Columns, parameters: Parameters, to: Parameters, n_coefficients: int
) -> Floats:
    """Gradient to the coefficients from the gradient to the likelihood's arrays.

    Parameters
    ----------
    packed, columns, parameters
        As in ``make_parameters``, and what it gave.
    to
        Gradient to each of them.
    n_coefficients
        Number of coefficients.
    """
    gradient = np.zeros(n_coefficients)
    slope = (
        parameters.intensity
        if packed.law.is_hazard
        else parameters.intensity * (1.0 - parameters.intensity)
    )
    share = np.exp(parameters.log_share)
    to_logit = np.zeros(len(share))
    if len(columns.share) > 0:
        to_logit = to.log_share[:, 1] * share[:, 0] - to.log_share[:, 0] * share[:, 1]
    sum_terms(
        columns,
        to.log_density[0],
        to.intensity * slope,
        to.sigma * parameters.sigma,
        to.z * parameters.z,
        to_logit,
        gradient,
    )
    return gradient


@stage
def sum_terms(
    columns: Columns,
    to_log_density: Floats,
    to_intensity: Floats,
    to_sigma: Floats,
    to_z: Floats,
    to_logit: Floats,
    gradient: Floats,
) -> None:
    """Products of each column with the gradient to its parameter's predictor."""
    start = columns.start
    for i in range(len(columns.density)):
        gradient[start[0] + i] = product(columns.density[i], to_log_density)
    for i in range(len(columns.intensity)):
        gradient[start[1] + i] = product(columns.intensity[i], to_intensity)
    for i in range(len(columns.sigma)):
        gradient[start[2] + i] = product(columns.sigma[i], to_sigma)
    for i in range(len(columns.z)):
        gradient[start[3] + i] = product(columns.z[i], to_z)
    for i in range(len(columns.share)):
        gradient[start[4] + i] = product(columns.share[i], to_logit)


def evaluate_coefficients(
    packed: Packed, columns: Columns, theta: Floats, *, with_gradient: bool
) -> tuple[Floats, Floats, Floats]:
    """Log L_i of each animal, Lambda of each session, and the gradient of their sum.

    Parameters
    ----------
    packed, columns
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
    parameters = make_parameters(packed, columns, theta)
    result = evaluate(packed, parameters, with_gradient=with_gradient)
    if not with_gradient or not math.isfinite(result.log_animal.sum()):
        return result.log_animal, result.expected, np.zeros(len(theta))
    gradient = pull_back(packed, columns, parameters, result.gradient, len(theta))
    return result.log_animal, result.expected, gradient
