"""The yardstick of benchmarks/kernel.py: the sketch this project started from, kept as it was.

One detection function, one parameter level, one session, no effort: value and gradient of
100 traps x 3,249 cells in one compiled pass over the trap-cell pairs within reach. It is measured
beside the package's own kernel in the same run, so that machines and their moods cancel out.
Distances are in kilometres here.
"""

import math
from typing import NamedTuple

import numba as nb
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

REACH = 27.0
COEFFICIENTS = tuple(1.0 / math.factorial(i) for i in range(12))
MAGIC = 6755399441055744.0
FAST = {"contract", "nsz", "arcp", "reassoc"}


class Simulated(NamedTuple):
    """One simulated survey, in kilometres."""

    traps: np.ndarray
    cells: np.ndarray
    covariate: np.ndarray
    captures: np.ndarray
    n_occasions: int
    cell_area: float


def simulate(seed=1, sigma=4.0, lambda0=0.05, n_occasions=10, density=0.015, slope=0.5):
    rng = np.random.default_rng(seed)
    axis = np.arange(10) * 3.0
    traps = np.array([(x, y) for x in axis for y in axis])
    axis = np.arange(-15 + 0.5, axis[-1] + 15, 1.0)
    cells = np.array([(x, y) for x in axis for y in axis])
    z = np.sin(cells[:, 0] / 9) + np.cos(cells[:, 1] / 7)
    z = (z - z.mean()) / z.std()
    centre = np.repeat(np.arange(len(cells)), rng.poisson(density * np.exp(slope * z)))
    xy = cells[centre] + rng.uniform(-0.5, 0.5, (len(centre), 2))
    d2 = ((xy[:, None] - traps[None]) ** 2).sum(-1)
    y = rng.binomial(n_occasions, 1 - np.exp(-lambda0 * np.exp(-d2 / 2 / sigma**2)))
    return Simulated(traps, cells, z, y[y.sum(1) > 0], n_occasions, 1.0)


@intrinsic
def bits_of(typing_context, x):  # noqa: ARG001
    def generate(context, builder, signature, arguments):  # noqa: ARG001
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def float_of(typing_context, x):  # noqa: ARG001
    def generate(context, builder, signature, arguments):  # noqa: ARG001
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


@nb.njit(inline="always", error_model="numpy")
def fast_exp(x):
    x = max(x, -700.0)
    k = np.floor(x * 1.4426950408889634 + 0.5)
    t = k + MAGIC
    r = x - k * 6.93145751953125e-1 - k * 1.42860682030941723212e-6
    p = COEFFICIENTS[11]
    p = p * r + COEFFICIENTS[10]
    p = p * r + COEFFICIENTS[9]
    p = p * r + COEFFICIENTS[8]
    p = p * r + COEFFICIENTS[7]
    p = p * r + COEFFICIENTS[6]
    p = p * r + COEFFICIENTS[5]
    p = p * r + COEFFICIENTS[4]
    p = p * r + COEFFICIENTS[3]
    p = p * r + COEFFICIENTS[2]
    p = p * r + 1.0
    p = p * r + 1.0
    return p * float_of((bits_of(t) + np.int64(1023)) << np.int64(52))


@nb.njit(nogil=True, error_model="numpy", fastmath=FAST)
def value_and_gradient(
    log_density, log_lambda0, log_sigma, area, effort, trap_ptr, trap_cell, d2, used,
    animal_ptr, animal_cell, record_ptr, record_count, pair_ptr, pair,
):  # fmt: skip
    n_cells = len(log_density)
    lambda0 = math.exp(log_lambda0)
    half = 0.5 * math.exp(-2 * log_sigma)
    inverse = 2 * half
    n_pairs = len(d2)
    n_traps = len(trap_ptr) - 1
    k_of = np.empty(n_pairs)
    hazard = np.zeros(n_cells)
    hazard_sigma = np.zeros(n_cells)
    g_density = np.empty(n_cells)
    scale = lambda0 * effort
    for j in range(n_pairs):
        k_of[j] = fast_exp(-d2[j] * half)
    for k in range(n_traps):
        for j in range(trap_ptr[k], trap_ptr[k + 1]):
            v = k_of[j]
            c = trap_cell[j]
            hazard[c] += v
            hazard_sigma[c] += v * d2[j]
    expected = 0.0
    g_lambda0 = 0.0
    g_sigma = 0.0
    weight = np.empty(n_cells)
    for m in range(n_cells):
        hazard[m] *= scale
        hazard_sigma[m] *= scale * inverse
        density = fast_exp(log_density[m]) * area
        e = fast_exp(-hazard[m])
        q = density * (1 - e)
        expected += q
        g_density[m] = -q
        weight[m] = density * e
    log_record = np.empty(n_pairs)
    slope = np.empty(n_pairs)
    for k in range(n_traps):
        if used[k]:
            for j in range(trap_ptr[k], trap_ptr[k + 1]):
                h = lambda0 * k_of[j]
                log_h = log_lambda0 - d2[j] * half
                if h < 0.05:
                    h2 = h * h
                    log_record[j] = (
                        log_h + h * 0.5 + h2 * (1 / 24.0 - h2 * (1 / 2880.0 - h2 / 181440.0))
                    )
                    slope[j] = 1 + h * 0.5 + h2 * (1 / 12.0 - h2 * (1 / 720.0 - h2 / 30240.0))
                else:
                    em = math.expm1(h)
                    log_record[j] = math.log(em)
                    slope[j] = h * (1 + 1 / em)
    total = -expected
    log_f = np.empty(n_cells)
    for i in range(len(animal_ptr) - 1):
        a0 = animal_ptr[i]
        n_window = animal_ptr[i + 1] - a0
        for c in range(n_window):
            m = animal_cell[a0 + c]
            log_f[c] = log_density[m] - hazard[m]
        for j in range(record_ptr[i], record_ptr[i + 1]):
            y = record_count[j]
            e0 = pair_ptr[j]
            for c in range(n_window):
                log_f[c] += y * log_record[pair[e0 + c]]
        top = -1e300
        for c in range(n_window):
            top = max(top, log_f[c])
        s = 0.0
        for c in range(n_window):
            log_f[c] = fast_exp(log_f[c] - top)
            s += log_f[c]
        total += top + math.log(s * area)
        inverse_s = 1 / s
        for c in range(n_window):
            m = animal_cell[a0 + c]
            w = log_f[c] * inverse_s
            log_f[c] = w
            g_density[m] += w
            weight[m] += w
        for j in range(record_ptr[i], record_ptr[i + 1]):
            y = record_count[j]
            e0 = pair_ptr[j]
            a = 0.0
            b = 0.0
            for c in range(n_window):
                q = log_f[c] * slope[pair[e0 + c]]
                a += q
                b += q * d2[pair[e0 + c]]
            g_lambda0 += y * a
            g_sigma += y * b * inverse
    for m in range(n_cells):
        g_lambda0 -= weight[m] * hazard[m]
        g_sigma -= weight[m] * hazard_sigma[m]
    return total, g_density, g_lambda0, g_sigma


def prepare(simulated):
    """The arrays that ``value_and_gradient`` takes after the three parameters."""
    y = simulated.captures
    d2 = ((simulated.traps[:, None] - simulated.cells[None]) ** 2).sum(-1)
    keep = d2 <= REACH**2
    trap_ptr = np.r_[0, np.cumsum(keep.sum(1))].astype(np.int64)
    trap_cell = np.nonzero(keep)[1].astype(np.int32)
    animal_ptr, animal_cell, record_ptr = [0], [], [0]
    record_count, pair_ptr, pair = [], [], []
    n_pairs = 0
    for history in y:
        seen_at = np.nonzero(history)[0]
        cells = np.nonzero(keep[seen_at].all(0))[0]
        animal_cell.append(cells)
        animal_ptr.append(animal_ptr[-1] + len(cells))
        for k in seen_at:
            row = trap_cell[trap_ptr[k] : trap_ptr[k + 1]]
            pair.append(trap_ptr[k] + np.searchsorted(row, cells))
            pair_ptr.append(n_pairs)
            n_pairs += len(cells)
            record_count.append(float(history[k]))
        record_ptr.append(record_ptr[-1] + len(seen_at))
    return (
        np.float64(simulated.cell_area), np.float64(simulated.n_occasions),
        trap_ptr, trap_cell, d2[keep], y.sum(0) > 0,
        np.array(animal_ptr), np.concatenate(animal_cell).astype(np.int32),
        np.array(record_ptr), np.array(record_count),
        np.array(pair_ptr), np.concatenate(pair).astype(np.int32),
    )  # fmt: skip
