"""From coefficients to the likelihood's arrays and back: the products of ``Design``, compiled.

The products are small, and matrix libraries would wake threads of their own for them, in the midst
of chains that run in parallel.
"""

import math

import numpy as np

from scr.likelihood.columns import Columns
from scr.likelihood.kernel.arrays import NOT_GIVEN, Floats, Ints, Packed, Parameters
from scr.likelihood.kernel.compiled import stage
from scr.likelihood.kernel.evaluate import Evaluation, evaluate
from scr.likelihood.kernel.pairs import add, product
from scr.model.classes import log_share, log_share_in_cells
from scr.model.links import expit
from scr.model.parameterisation import log_lambda0, log_mean_density, log_sigma
from scr.model.travel import UNREACHABLE

MOST_LOG_RESISTANCE = 30.0
"""Beyond this log resistance the likelihood is taken to be 0: no ground is so hard to cross."""


def find_paths(
    packed: Packed, columns: Columns, theta: Floats, *, with_slopes: bool
) -> tuple[Floats, Floats]:
    """Distances as ``Parameters`` has them, and their derivatives to coefficients of resistance.

    Parameters
    ----------
    packed, columns
        Data and design matrices.
    theta
        Coefficients on their link scale.
    with_slopes
        Whether to work out derivatives, shape (n_terms, n_distances); else there are none.
    """
    n_terms = len(columns.distance)
    if n_terms == 0:
        return NOT_GIVEN, np.empty((0, 0))
    log_resistance = np.zeros(columns.distance.shape[1])
    for i in range(n_terms):
        add(theta[columns.start[6] + i], columns.distance[i], log_resistance)
    if not np.abs(log_resistance).max() < MOST_LOG_RESISTANCE:  # nor where it is not a number
        return np.full(1, np.nan), np.zeros((n_terms, 1))
    lengths, slopes = [], []
    for grid, cell in zip(packed.grids, columns.cell_start, strict=True):
        cells = slice(cell, cell + grid.n_cells)
        resistance = np.exp(log_resistance[cells])
        if with_slopes:
            length, slope = grid.lengths_and_slopes(resistance, columns.distance[:, cells])
            slopes.append(slope.reshape(n_terms, -1))
        else:
            length = grid.lengths(resistance)
        lengths.append(np.minimum(length, UNREACHABLE).ravel())
    return np.concatenate(lengths), np.hstack(slopes) if with_slopes else np.empty((n_terms, 0))


def make_parameters(
    packed: Packed, columns: Columns, theta: Floats, distance: Floats | None = None
) -> Parameters:
    """Parameters as ``evaluate`` takes them, from coefficients.

    Parameters
    ----------
    packed
        The data, for its link and number of classes.
    columns
        Design matrices.
    theta
        Coefficients on their link scale.
    distance
        From ``find_paths``, where it is at hand.
    """
    if distance is None:
        distance, _ = find_paths(packed, columns, theta, with_slopes=False)
    log_density = np.zeros((1, columns.density.shape[1]))
    intensity, sigma, z = (
        np.zeros(part.shape[1]) for part in (columns.intensity, columns.sigma, columns.z)
    )
    logit, ratios = (np.zeros(part.shape[1]) for part in (columns.share, columns.pmix))
    beta = columns.of_density(theta)
    add_density(columns.density, columns.density_ends, beta, log_density[0])
    add_terms(columns.of_numbers, theta, intensity, sigma, z, logit, ratios)
    if len(columns.session_of) > 0:
        mean = log_mean_density(log_density[0], columns.area_share, columns.cell_start)
        sigma = log_sigma(sigma, mean[columns.session_of])
    if len(columns.scale_of) > 0:
        intensity = log_lambda0(intensity, sigma[columns.scale_of])
    n_sessions = len(columns.cell_start)
    log_shares = np.zeros((n_sessions, len(columns.sex)))
    log_shares += log_share(
        (columns.sex, columns.group, columns.log_weight),
        logit if len(columns.share) and not columns.in_cells else None,
        ratios.reshape(n_sessions, -1) if len(columns.pmix) else None,
    )
    if columns.in_cells:
        log_density = log_density + log_share_in_cells(columns.sex, logit)
    with np.errstate(over="ignore"):
        is_rate = packed.law.is_hazard and not columns.is_compound
        scale = np.exp(intensity) if is_rate else np.exp(-np.logaddexp(0.0, -intensity))
        z = np.exp(z)
        if columns.is_compound:
            scale, z = z * np.logaddexp(0.0, intensity), scale  # -z log(1 - g0), and g0
        place = columns.known
        known = np.where(place >= 0, expit(theta[place]), 0.0)
        return Parameters(log_density, scale, np.exp(sigma), z, log_shares, known, distance)


@stage
def add_density(density: Floats, ends: Ints, beta: Floats, log_density: Floats) -> None:
    """Add columns times coefficients, for density."""
    for i in range(len(density)):
        first, last = ends[i]
        add(beta[i], density[i, first:last], log_density[first:last])


@stage
def add_terms(
    columns: Columns,
    theta: Floats,
    intensity: Floats,
    sigma: Floats,
    z: Floats,
    logit: Floats,
    ratios: Floats,
) -> None:
    """Add columns times coefficients, for each other parameter."""
    start = columns.start
    for i in range(len(columns.intensity)):
        add(theta[start[1] + i], columns.intensity[i], intensity)
    for i in range(len(columns.sigma)):
        add(theta[start[2] + i], columns.sigma[i], sigma)
    for i in range(len(columns.z)):
        add(theta[start[3] + i], columns.z[i], z)
    for i in range(len(columns.share)):
        add(theta[start[4] + i], columns.share[i], logit)
    for i in range(len(columns.pmix)):
        add(theta[start[5] + i], columns.pmix[i], ratios)


def pull_back(
    packed: Packed, columns: Columns, parameters: Parameters, to: Parameters, theta: Floats
) -> Floats:
    """Gradient to the coefficients from the gradient to the likelihood's arrays.

    Parameters
    ----------
    packed, columns, parameters
        As in ``make_parameters``, and what it gave.
    to
        Gradient to each of them.
    theta
        Coefficients.
    """
    gradient, to_columns = np.zeros(len(theta)), np.zeros(len(columns.density))
    to_intensity, to_z = to.intensity * parameters.intensity, to.z * parameters.z
    if columns.is_compound:  # intensity is -z log(1 - g0), and z is g0
        g0 = parameters.z
        to_intensity, to_z = (
            to_intensity * g0 / -np.log1p(-g0) + to_z * (1.0 - g0),
            to_intensity,
        )
    elif not packed.law.is_hazard:
        to_intensity = to_intensity * (1.0 - parameters.intensity)
    to_sigma = to.sigma * parameters.sigma
    to_log_density = to.log_density.sum(axis=0) if columns.in_cells else to.log_density[0]
    if len(columns.scale_of) > 0:
        to_sigma -= 2.0 * np.bincount(columns.scale_of, to_intensity, len(to_sigma))
    if len(columns.session_of) > 0:
        to_log_density = to_log_density + _through_mean(columns, parameters, to_sigma)
    sum_density(columns.density, columns.density_ends, to_log_density, to_columns)
    sum_terms(
        columns.of_numbers,
        to_intensity,
        to_sigma,
        to_z,
        _to_logit(columns, parameters, to),
        _to_ratios(columns.group, parameters.log_share, to.log_share),
        gradient,
    )
    to_density = columns.to_density(theta, to_columns)
    gradient[columns.start[0] : columns.start[0] + len(to_density)] = to_density
    for place, p, to_p in zip(columns.known, parameters.known, to.known, strict=True):
        if place >= 0:
            gradient[place] = to_p * p * (1.0 - p)
    return gradient


def _through_mean(columns: Columns, parameters: Parameters, to_sigma: Floats) -> Floats:
    """Gradient to log density of each cell by way of the mean that sigma follows."""
    log_density, start = _of_both(columns, parameters)[0], columns.cell_start
    by_session = -0.5 * np.bincount(columns.session_of, to_sigma, len(start))
    log_mean = log_mean_density(log_density, columns.area_share, start)
    lengths = np.diff(start, append=len(log_density))
    ratio = np.exp(log_density - np.repeat(log_mean, lengths))
    return np.asarray(np.repeat(by_session, lengths) * columns.area_share * ratio)


def _of_both(columns: Columns, parameters: Parameters) -> tuple[Floats, Floats]:
    """Log density of all animals in each cell, and the share of the second sex in it."""
    first = parameters.log_density[0]
    if not columns.in_cells:
        return first, np.zeros_like(first)
    second = parameters.log_density[int(columns.sex.argmax())]
    return np.logaddexp(first, second), expit(second - first)


def _to_logit(columns: Columns, parameters: Parameters, to: Parameters) -> Floats:
    """Gradient to the logit share of the second sex, of each session or cell."""
    if not columns.in_cells:
        return _to_ratios(columns.sex, parameters.log_share, to.log_share)
    share = _of_both(columns, parameters)[1]
    to_second = to.log_density[columns.sex == 1].sum(axis=0)
    return np.asarray(to_second - share * to.log_density.sum(axis=0))


def _to_ratios(number: Ints, log_shares: Floats, to_log_shares: Floats) -> Floats:
    """Gradient to the log ratios of the shares of sexes or groups, session by session."""
    belongs = (number[:, None] == np.arange(number.max() + 1)).astype(np.float64)
    share = (np.exp(log_shares)[:, :, None] * belongs).sum(axis=1)
    share /= share.sum(axis=1, keepdims=True)  # sexes in cells are not among them
    to = (to_log_shares[:, :, None] * belongs).sum(axis=1)
    return np.asarray((to - share * to.sum(axis=1)[:, None])[:, 1:].reshape(-1))


@stage
def sum_density(density: Floats, ends: Ints, to_log_density: Floats, to_columns: Floats) -> None:
    """Products of each column of density with the gradient to log density."""
    for i in range(len(density)):
        first, last = ends[i]
        to_columns[i] = product(density[i, first:last], to_log_density[first:last])


@stage
def sum_terms(
    columns: Columns,
    to_intensity: Floats,
    to_sigma: Floats,
    to_z: Floats,
    to_logit: Floats,
    to_ratios: Floats,
    gradient: Floats,
) -> None:
    """Products of each column with the gradient to its parameter's predictor, but of density."""
    start = columns.start
    for i in range(len(columns.intensity)):
        gradient[start[1] + i] = product(columns.intensity[i], to_intensity)
    for i in range(len(columns.sigma)):
        gradient[start[2] + i] = product(columns.sigma[i], to_sigma)
    for i in range(len(columns.z)):
        gradient[start[3] + i] = product(columns.z[i], to_z)
    for i in range(len(columns.share)):
        gradient[start[4] + i] = product(columns.share[i], to_logit)
    for i in range(len(columns.pmix)):
        gradient[start[5] + i] = product(columns.pmix[i], to_ratios)


def evaluate_coefficients(
    packed: Packed, columns: Columns, theta: Floats, *, with_gradient: bool
) -> tuple[Evaluation, Floats]:
    """The likelihood's terms, and the gradient of their sum to each coefficient.

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
        As ``evaluate`` gives them, and the gradient, shape (n_coefficients,).
    """
    distance, slopes = find_paths(packed, columns, theta, with_slopes=with_gradient)
    parameters = make_parameters(packed, columns, theta, distance)
    result = evaluate(packed, parameters, with_gradient=with_gradient)
    if not with_gradient or not math.isfinite(result.log_animal.sum() + result.number.sum()):
        return result, np.zeros(len(theta))
    gradient = pull_back(packed, columns, parameters, result.gradient, theta)
    for i in range(len(columns.distance)):
        gradient[columns.start[6] + i] = product(slopes[i], result.gradient.distance)
    return result, gradient
