"""The likelihood of all sessions with its gradient, in one pass."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled
from scr.likelihood.kernel.curves import Curves, reach, trace
from scr.likelihood.kernel.hazard import hazard_gradient, total_hazard
from scr.likelihood.kernel.histories import allocate_window, history_gradient, open_window
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.state import Gradient, State
from scr.likelihood.kernel.window import block_priors


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
) -> tuple[State, Curves]:
    """Densities in packed order, detection curves and total hazards.

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
    log_weight = np.empty_like(log_density)
    n_expected = 0.0
    for row in range(len(log_density)):
        for cell in range(len(data.cell_order)):
            value = log_density[row, data.cell_order[cell]] + data.log_area[cell]
            log_weight[row, cell] = value
            n_expected += math.exp(value)
    curves = trace(data, sigma, z, reach(data, intensity, sigma, n_expected))
    n_fields = len(data.field_session)
    most = 0
    for session in range(len(data.session_cell) - 1):
        most = max(most, data.session_cell[session + 1] - data.session_cell[session])
    hazard = np.empty((n_fields, most))
    for field in range(n_fields):
        session = data.field_session[field]
        n = data.session_cell[session + 1] - data.session_cell[session]
        total_hazard(data, curves, intensity, field, hazard[field, :n])
    return State(intensity, sigma, z, log_share, log_weight, hazard), curves


@compiled
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
        first = data.session_cell[session]
        for class_ in range(n_classes):
            field = data.class_field[session, class_]
            row = class_ if len(state.log_weight) > 1 else 0
            share = state.log_share[session, class_]
            total = 0.0
            for cell in range(first, data.session_cell[session + 1]):
                n_here = math.exp(state.log_weight[row, cell] + share)
                n_seen = -n_here * math.expm1(-state.hazard[field, cell - first])
                total += n_seen
                to.log_weight[row, cell] -= n_seen
                to.hazard[field, cell - first] -= n_here - n_seen
            expected[session] += total
            to.log_share[session, class_] -= total


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
    """
    state, curves = make_state(data, log_density, intensity, sigma, z, log_share)
    to = Gradient(
        np.zeros_like(intensity),
        np.zeros_like(sigma),
        np.zeros_like(z),
        np.zeros_like(log_share),
        np.zeros_like(state.log_weight),
        np.zeros_like(state.hazard),
    )
    expected = np.zeros(len(data.class_field))
    add_expected(data, state, expected, to)
    prior = block_priors(data, state)
    log_animal = np.empty(len(data.animal_session))
    window = allocate_window(data)
    for animal in range(len(log_animal)):
        log_animal[animal] = open_window(data, state, animal, prior, window)
        if with_gradient:
            history_gradient(data, state, window, to)
    to_log_density = np.zeros_like(log_density)
    if with_gradient:
        for field in range(len(data.field_session)):
            hazard_gradient(data, curves, intensity, field, to)
        for row in range(len(log_density)):
            for cell in range(len(data.cell_order)):
                to_log_density[row, data.cell_order[cell]] = to.log_weight[row, cell]
    return Evaluation(
        log_animal,
        expected,
        to_log_density,
        to.intensity,
        to.log_sigma / sigma,
        to.z,
        to.log_share,
    )
