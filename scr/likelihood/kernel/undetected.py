"""Animals of the cells, those expected to be detected, and bounds of what a block can hold."""

import math

import numpy as np

from scr.likelihood.kernel.arrays import Fields, Floats, Ints, Sessions
from scr.likelihood.kernel.cells import BLOCK
from scr.likelihood.kernel.compiled import stage
from scr.likelihood.kernel.fast_math import SMALLEST, exponential

SMALL_HAZARD = 0.01
"""Largest H for which the series of 1 - exp(-H) is exact to 1e-13."""


@stage
def weigh_cells(
    log_density: Floats, order: Ints, log_area: Floats, log_weight: Floats, weight: Floats
) -> float:
    """log(D a) and D a of the cells in packed order; returns the sum of D a over all classes."""
    total = 0.0
    for u in range(len(log_density)):
        density, log_row, row = log_density[u], log_weight[u], weight[u]
        for m in range(len(order)):
            log_row[m] = density[max(order[m], 0)] + log_area[m]
        for m in range(len(order)):
            value = exponential(log_row[m])
            row[m] = value if log_row[m] > SMALLEST else 0.0
            total += row[m]
    return total


@stage
def expect(
    sessions: Sessions,
    of_class: Ints,
    share: Floats,
    weight: Floats,
    hazard: Floats,
    expected: Floats,
    to: tuple[Floats, Floats, Floats],
) -> None:
    """Lambda = sum_u psi_u a sum_m D_m (1 - exp(-H_u(m))), added to ``expected`` by session.

    ``to`` is the gradient of -Lambda to log psi, log(D a) and H, added to.
    """
    for s in range(len(of_class)):
        first, n = sessions.cell[s], sessions.cell[s + 1] - sessions.cell[s]
        for u in range(of_class.shape[1]):
            field, row = of_class[s, u], min(u, len(weight) - 1)
            cells = slice(first, first + n)
            total = sum_detected(
                share[s, u],
                weight[row, cells],
                hazard[field, :n],
                to[1][row, cells],
                to[2][field, :n],
            )
            expected[s] += total
            to[0][s, u] -= total


@stage
def sum_detected(
    share: float, weight: Floats, hazard: Floats, to_log_weight: Floats, to_hazard: Floats
) -> float:
    """Sum of psi D a (1 - exp(-H)) of one class, and the gradient of minus the sum."""
    total = 0.0
    for m in range(len(hazard)):
        h = hazard[m]
        left = weight[m] * exponential(-h)
        series = h * (1.0 - h * (1 / 2 - h * (1 / 6 - h * (1 / 24 - h * (1 / 120)))))
        seen = weight[m] * series if h < SMALL_HAZARD else weight[m] - left
        total += share * seen
        to_log_weight[m] -= share * seen
        to_hazard[m] -= share * left
    return total


@stage
def bound_blocks(
    sessions: Sessions,
    fields: Fields,
    log_weight: Floats,
    hazard: Floats,
    prior: Floats,
    ceiling: Floats,
) -> None:
    """What the cells of a block can have at most."""
    for f in range(len(prior)):
        s = fields.session[f]
        first, n = sessions.cell[s], sessions.cell[s + 1] - sessions.cell[s]
        for u in range(len(log_weight)):
            raise_bounds(log_weight[u, first : first + n], hazard[f, :n], prior[f], ceiling[f])


@stage
def raise_bounds(log_weight: Floats, hazard: Floats, prior: Floats, ceiling: Floats) -> None:
    """The bounds of one field under the density of one class."""
    for b in range(len(hazard) // BLOCK):
        most, highest = -np.inf, 0.0
        for m in range(BLOCK * b, BLOCK * b + BLOCK):
            value = log_weight[m] - hazard[m]
            most = value if value > most else most
            highest = hazard[m] if hazard[m] > highest else highest
        prior[b] = max(prior[b], most + math.log(BLOCK))
        ceiling[b] = max(ceiling[b], highest)
