"""The likelihood of all sessions with its gradient, in one pass."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.animals import sum_animals
from scr.likelihood.kernel.blocks import block_priors
from scr.likelihood.kernel.compiled import compiled, compiled_inside, compiled_loop
from scr.likelihood.kernel.exponential import SMALLEST, exponential
from scr.likelihood.kernel.lattice import (
    add_lattice_hazard,
    lattice_hazard_gradient,
    row_priors,
)
from scr.likelihood.kernel.lattice_factors import Factors, trace_factors
from scr.likelihood.kernel.lattice_gradient import undetected_gradient
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.reach import reach, runs_within
from scr.likelihood.kernel.sheets import Sheets, sheets_gradient, sum_sheets, total_hazards
from scr.likelihood.kernel.state import Gradient, State
from scr.likelihood.kernel.window import allocate_window

SMALL_HAZARD = 0.01
"""Largest H for which the series of 1 - exp(-H) is exact to 1e-13."""


class Evaluation(NamedTuple):
    """What the likelihood says of one set of parameters.

    Parameters
    ----------
    log_animal
        log L_i, shape (n_animals,).
    expected
        Lambda, the expected number of animals detected, shape (n_sessions,).
    to_log_density, to_intensity, to_sigma, to_z, to_log_share
        Gradient of sum log L_i - sum Lambda to each array of parameters, in its shape.
    """

    log_animal: NDArray[np.float64]
    expected: NDArray[np.float64]
    to_log_density: NDArray[np.float64]
    to_intensity: NDArray[np.float64]
    to_sigma: NDArray[np.float64]
    to_z: NDArray[np.float64]
    to_log_share: NDArray[np.float64]


@compiled
def make_state(
    data: Packed,
    log_density: NDArray[np.float64],
    intensity: NDArray[np.float64],
    sigma: NDArray[np.float64],
    z: NDArray[np.float64],
    log_share: NDArray[np.float64],
) -> tuple[State, Sheets, Factors]:
    """Densities in packed order, total hazards, and the sums or factors that these come from.

    Parameters
    ----------
    data
        The data.
    log_density
        log D per km2, cells of all sessions in their own order, shape (1 or n_classes, n_cells).
    intensity, sigma, z
        By level.
    log_share
        log psi, shape (n_sessions, n_classes).
    """
    log_weight = np.empty((len(log_density), len(data.cell_order)))
    weight = np.empty_like(log_weight)
    n_expected = 0.0
    for row in range(len(log_density)):
        n_expected += weigh_cells(
            log_density[row], data.cell_order, data.log_area, log_weight[row], weight[row]
        )
    reaches = reach(data, intensity, sigma, n_expected)
    sheets = sum_sheets(data, runs_within(data, sigma, z, reaches), intensity, sigma, z)
    factors = trace_factors(data, sigma, reaches)
    n_fields = len(data.field_session)
    most = 0
    for session in range(len(data.session_cell) - 1):
        most = max(most, data.session_cell[session + 1] - data.session_cell[session])
    hazard = np.zeros((n_fields, most))
    block_prior, row_prior = np.empty((0, 0)), np.empty((0, 0))
    highest_prior = np.full(n_fields, -np.inf)
    if data.is_separable.item():
        for field in range(n_fields):
            session = data.field_session[field]
            n = data.session_cell[session + 1] - data.session_cell[session]
            add_lattice_hazard(data, factors, intensity, field, hazard[field, :n])
        row_prior = row_priors(data, log_weight, hazard)
    else:
        total_hazards(data, sheets, intensity, hazard)
        block_prior = block_priors(data, log_weight, hazard)
        for field in range(n_fields):
            highest_prior[field] = block_prior[field].max()
    row_most = np.exp(row_prior)
    undetected = undetected_density(data, weight, hazard)
    state = State(
        intensity, sigma, z, log_share, log_weight, hazard, block_prior, highest_prior,
        row_prior, row_most, weight, undetected,
    )  # fmt: skip
    return state, sheets, factors


@compiled_loop
def weigh_cells(
    log_density: NDArray[np.float64],
    order: NDArray[np.int64],
    log_area: NDArray[np.float64],
    log_weight: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> float:
    """D a in packed order, and its logarithm; returns the sum of D a.

    Parameters
    ----------
    log_density
        log D per km2, cells in their own order.
    order, log_area
        Position of each packed cell, and its log km2.
    log_weight, weight
        Results.
    """
    for cell in range(len(order)):
        log_weight[cell] = log_density[max(order[cell], 0)] + log_area[cell]
    total = 0.0
    for cell in range(len(order)):
        value = exponential(log_weight[cell])
        weight[cell] = value if log_weight[cell] > SMALLEST else 0.0
        total += value
    return total


@compiled_inside
def unpack(
    order: NDArray[np.int64], packed: NDArray[np.float64], result: NDArray[np.float64]
) -> None:
    """Numbers in packed order put into the order of the cells themselves.

    Parameters
    ----------
    order
        Position of each packed cell, -1 for a hole of a lattice.
    packed
        A number for each packed cell.
    result
        The numbers of cells that there are.
    """
    for cell in range(len(order)):
        if order[cell] >= 0:
            result[order[cell]] = packed[cell]


@compiled
def undetected_density(
    data: Packed, weight: NDArray[np.float64], hazard: NDArray[np.float64]
) -> NDArray[np.float64]:
    """D a exp(-H) over each field, for the density of each class.

    Parameters
    ----------
    data
        The data.
    weight, hazard
        As in ``State``.
    """
    result = np.empty((len(weight), *hazard.shape))
    for row in range(len(weight)):
        for field in range(len(hazard)):
            session = data.field_session[field]
            first, last = data.session_cell[session], data.session_cell[session + 1]
            leave_undetected(
                weight[row, first:last],
                hazard[field, : last - first],
                result[row, field, : last - first],
            )
    return result


@compiled_loop
def leave_undetected(
    weight: NDArray[np.float64], hazard: NDArray[np.float64], undetected: NDArray[np.float64]
) -> None:
    """D a exp(-H).

    Parameters
    ----------
    weight, hazard
        D a and H of each cell.
    undetected
        Result.
    """
    for cell in range(len(hazard)):
        undetected[cell] = weight[cell] * exponential(-hazard[cell])


@compiled_inside
def add_expected(data: Packed, state: State, expected: NDArray[np.float64], to: Gradient) -> None:
    """Lambda = sum_u psi_u a sum_m D_m (1 - exp(-H_u(m))), and the gradient of -Lambda.

    Parameters
    ----------
    data, state
        The data and parameters.
    expected
        Lambda of each session, added to.
    to
        Gradient, added to.
    """
    n_sessions, n_classes = data.class_field.shape
    for session in range(n_sessions):
        first, last = data.session_cell[session], data.session_cell[session + 1]
        for class_ in range(n_classes):
            field = data.class_field[session, class_]
            row = class_ if len(state.log_weight) > 1 else 0
            total = sum_detected(
                math.exp(state.log_share[session, class_]),
                state.weight[row, first:last],
                (state.hazard[field, : last - first], state.undetected[row, field, : last - first]),
                to.log_weight[row, first:last],
                to.hazard[field, : last - first],
            )
            expected[session] += total
            to.log_share[session, class_] -= total


@compiled_loop
def sum_detected(
    share: float,
    weight: NDArray[np.float64],
    by_hazard: tuple[NDArray[np.float64], NDArray[np.float64]],
    to_log_weight: NDArray[np.float64],
    to_hazard: NDArray[np.float64],
) -> float:
    """Sum of psi D a (1 - exp(-H(m))) of one class.

    Parameters
    ----------
    share
        psi.
    weight
        D a of each cell.
    by_hazard
        H, and D a exp(-H).
    to_log_weight, to_hazard
        Gradient of minus the sum, added to.
    """
    hazard, undetected = by_hazard
    total = 0.0
    for cell in range(len(hazard)):
        h = hazard[cell]
        series = h * (1.0 - h * (1 / 2 - h * (1 / 6 - h * (1 / 24 - h * (1 / 120)))))
        seen = weight[cell] * series if h < SMALL_HAZARD else weight[cell] - undetected[cell]
        total += share * seen
        to_log_weight[cell] -= share * seen
        to_hazard[cell] -= share * undetected[cell]
    return total


@compiled
def is_usable(
    log_density: NDArray[np.float64],
    intensity: NDArray[np.float64],
    sigma: NDArray[np.float64],
    z: NDArray[np.float64],
    log_share: NDArray[np.float64],
) -> bool:
    """Whether all parameters are finite, and sigma is above 0: loops over cells rely on it.

    Parameters
    ----------
    log_density, intensity, sigma, z, log_share
        As in ``evaluate``.
    """
    total = log_density.sum() + intensity.sum() + sigma.sum() + z.sum() + log_share.sum()
    return bool(np.isfinite(total) and sigma.min() > 0.0)


@compiled
def evaluate(
    data: Packed,
    log_density: NDArray[np.float64],
    intensity: NDArray[np.float64],
    sigma: NDArray[np.float64],
    z: NDArray[np.float64],
    log_share: NDArray[np.float64],
    with_gradient: bool,
) -> Evaluation:
    """Log L_i and Lambda, and the gradient of their sum.

    log L = sum_i log L_i - sum of Lambda, less log n! of each session, which is left to the caller.

    Parameters
    ----------
    data
        The data.
    log_density
        log D per km2, cells of all sessions in their own order, shape (1 or n_classes, n_cells).
    intensity, sigma, z
        By level.
    log_share
        log psi, shape (n_sessions, n_classes).
    with_gradient
        Whether to work out the gradient; else its arrays hold zeros.

    Returns
    -------
    Evaluation
        log L_i of -inf where a parameter is not finite, or sigma is 0.
    """
    if not is_usable(log_density, intensity, sigma, z, log_share):
        return Evaluation(
            np.full(len(data.animal_session), -np.inf),
            np.zeros(len(data.class_field)),
            np.zeros_like(log_density),
            np.zeros_like(intensity),
            np.zeros_like(sigma),
            np.zeros_like(z),
            np.zeros_like(log_share),
        )
    state, sheets, factors = make_state(data, log_density, intensity, sigma, z, log_share)
    to = Gradient(
        np.zeros_like(intensity),
        np.zeros_like(sigma),
        np.zeros_like(z),
        np.zeros_like(log_share),
        np.zeros_like(state.log_weight),
        np.zeros_like(state.hazard),
        np.zeros((len(log_density) if data.is_separable.item() else 0, *state.hazard.shape)),
    )
    expected = np.zeros(len(data.class_field))
    add_expected(data, state, expected, to)
    log_animal = np.empty(len(data.animal_session))
    sum_animals(data, state, allocate_window(data), with_gradient, log_animal, to)
    to_log_density = np.zeros_like(log_density)
    if with_gradient:
        sheets_gradient(data, sheets, intensity, to)
        undetected_gradient(data, to)
        for field in range(len(data.field_session) if data.is_separable.item() else 0):
            lattice_hazard_gradient(data, factors, intensity, field, to)
        for row in range(len(log_density)):
            unpack(data.cell_order, to.log_weight[row], to_log_density[row])
    return Evaluation(
        log_animal,
        expected,
        to_log_density,
        to.intensity,
        to.log_sigma / sigma,
        to.z,
        to.log_share,
    )
