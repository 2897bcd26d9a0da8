"""Total hazard on a lattice as a sum of products, and the way back from it to the parameters.

Four traps at a time, so that each cell is read and written once for four of them.
"""

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import (
    compiled,
    compiled_inside,
    compiled_loop,
    compiled_search,
)
from scr.likelihood.kernel.lattice_factors import FOUR, Factors, lattice_of, of_four
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.state import Gradient
from scr.likelihood.kernel.wide import widest_vectors

type Eight = tuple[float, float, float, float, float, float, float, float]
"""Two numbers for each of four exposures."""


@compiled_inside
def add_lattice_hazard(
    data: Packed,
    factors: Factors,
    intensity: NDArray[np.float64],
    field: int,
    hazard: NDArray[np.float64],
) -> None:
    """H(m) = sum_k T_k lambda0 (row factor) (column factor) of one field, added to ``hazard``.

    Parameters
    ----------
    data, factors
        The data, and k as products.
    intensity
        lambda0 by level.
    field
        Which field.
    hazard
        Added to, for the cells of the field's session, shape (n_cells,).
    """
    lattice = lattice_of(data, data.field_session[field], hazard)
    weight = factors.room[0]
    for four in range(factors.field_start[field], factors.field_start[field + 1]):
        for place in range(FOUR):
            e = data.field_start[field] + FOUR * (four - factors.field_start[field]) + place
            weight[place] = 0.0
            if e < data.field_start[field + 1]:
                weight[place] = data.exposure_effort[e] * intensity[data.exposure_intensity[e]]
        row_k = of_four(factors.row_k, factors.row_start, four)
        column_k = of_four(factors.column_k, factors.column_start, four)
        add_products(weight, factors.box[four], row_k, column_k, lattice)


@compiled_loop
def add_products(
    weight: NDArray[np.float64],
    box: NDArray[np.int64],
    row_k: NDArray[np.float64],
    column_k: NDArray[np.float64],
    lattice: NDArray[np.float64],
) -> None:
    """Add weight x row factor x column factor of four exposures to the cells of a box.

    Parameters
    ----------
    weight
        T lambda0 of each, shape (4,).
    box
        First row, and one past the last; first column, and one past the last.
    row_k, column_k
        Factors over the box, shape (4, n_rows) and (4, n_columns).
    lattice
        Added to, all rows and columns.
    """
    widest_vectors()
    top, left, right = box[0], box[2], box[3]
    k0, k1, k2, k3 = column_k[0], column_k[1], column_k[2], column_k[3]
    for row in range(row_k.shape[1]):
        w0, w1 = weight[0] * row_k[0, row], weight[1] * row_k[1, row]
        w2, w3 = weight[2] * row_k[2, row], weight[3] * row_k[3, row]
        h = lattice[top + row, left:right]
        for i in range(len(h)):
            h[i] += w0 * k0[i] + w1 * k1[i] + w2 * k2[i] + w3 * k3[i]


@compiled_inside
def lattice_hazard_gradient(
    data: Packed,
    factors: Factors,
    intensity: NDArray[np.float64],
    field: int,
    to: Gradient,
) -> None:
    """Add to the gradients what comes through the total hazard of one field.

    Parameters
    ----------
    data, factors, intensity, field
        As in ``add_lattice_hazard``.
    to
        Gradient: that to H is read, those to intensity and log sigma are added to.
    """
    lattice = lattice_of(data, data.field_session[field], to.hazard[field])
    by_k, by_log_sigma = factors.room[0], factors.room[1]
    for four in range(factors.field_start[field], factors.field_start[field + 1]):
        row_k = of_four(factors.row_k, factors.row_start, four)
        row_u = of_four(factors.row_u, factors.row_start, four)
        column_k = of_four(factors.column_k, factors.column_start, four)
        column_ku = of_four(factors.column_ku, factors.column_start, four)
        box = factors.box[four]
        weigh_products(lattice, box, (row_k, row_u), (column_k, column_ku), by_k, by_log_sigma)
        first = data.field_start[field] + FOUR * (four - factors.field_start[field])
        for e in range(first, min(first + FOUR, data.field_start[field + 1])):
            effort, level = data.exposure_effort[e], data.exposure_intensity[e]
            shape = data.curve_shape[data.exposure_curve[e]]
            to.intensity[level] += effort * by_k[e - first]
            to.log_sigma[shape] += effort * intensity[level] * by_log_sigma[e - first]


@compiled_inside
def weigh_products(
    lattice: NDArray[np.float64],
    box: NDArray[np.int64],
    of_row: tuple[NDArray[np.float64], NDArray[np.float64]],
    of_column: tuple[NDArray[np.float64], NDArray[np.float64]],
    by_k: NDArray[np.float64],
    by_log_sigma: NDArray[np.float64],
) -> None:
    """Sums of w k, and of w dk / dlog sigma = w k u, over the cells of a box, of four exposures.

    Parameters
    ----------
    lattice
        Weights w, all rows and columns.
    box
        As in ``add_products``.
    of_row
        k and u of the rows of the box, shape (4, n_rows).
    of_column
        k and k u of its columns, shape (4, n_columns).
    by_k, by_log_sigma
        Results, shape (4,).
    """
    (row_k, row_u), (column_k, column_ku) = of_row, of_column
    top, left, right = box[0], box[2], box[3]
    by_k[:] = 0.0
    by_log_sigma[:] = 0.0
    n_rows = row_k.shape[1]
    for row in range(0, n_rows, 2):
        other = min(row + 1, n_rows - 1)
        one, two = weigh_rows(
            lattice[top + row, left:right], lattice[top + other, left:right], column_k, column_ku
        )
        for place in range(FOUR):
            k, u = row_k[place, row], row_u[place, row]
            by_k[place] += k * one[place]
            by_log_sigma[place] += k * (one[FOUR + place] + u * one[place])
            if other > row:
                k, u = row_k[place, other], row_u[place, other]
                by_k[place] += k * two[place]
                by_log_sigma[place] += k * (two[FOUR + place] + u * two[place])


@compiled_loop
def weigh_rows(
    one: NDArray[np.float64],
    two: NDArray[np.float64],
    column_k: NDArray[np.float64],
    column_ku: NDArray[np.float64],
) -> tuple[Eight, Eight]:
    """Sums of w k and of w k u over the columns of two rows, of four exposures each.

    Parameters
    ----------
    one, two
        Weights w of the two rows.
    column_k, column_ku
        k and k u of the columns, shape (4, n_columns).

    Returns
    -------
    tuple
        Of each row the four sums of w k, then the four sums of w k u.
    """
    widest_vectors()
    k0, k1, k2, k3 = column_k[0], column_k[1], column_k[2], column_k[3]
    ku0, ku1, ku2, ku3 = column_ku[0], column_ku[1], column_ku[2], column_ku[3]
    p0, p1, p2, p3, q0, q1, q2, q3 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    r0, r1, r2, r3, s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(len(one)):
        v, w = one[i], two[i]
        p0 += v * k0[i]
        p1 += v * k1[i]
        p2 += v * k2[i]
        p3 += v * k3[i]
        q0 += v * ku0[i]
        q1 += v * ku1[i]
        q2 += v * ku2[i]
        q3 += v * ku3[i]
        r0 += w * k0[i]
        r1 += w * k1[i]
        r2 += w * k2[i]
        r3 += w * k3[i]
        s0 += w * ku0[i]
        s1 += w * ku1[i]
        s2 += w * ku2[i]
        s3 += w * ku3[i]
    return (p0, p1, p2, p3, q0, q1, q2, q3), (r0, r1, r2, r3, s0, s1, s2, s3)


@compiled
def row_priors(
    data: Packed, log_weight: NDArray[np.float64], hazard: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Largest log(D a) - H in the cells of each row, by field.

    Parameters
    ----------
    data
        The data.
    log_weight, hazard
        As in ``State``.
    """
    result = np.full((len(data.field_session), len(data.row_low)), -np.inf)
    bound_rows(data, log_weight, hazard, result)
    return result


@compiled_inside
def bound_rows(
    data: Packed,
    log_weight: NDArray[np.float64],
    hazard: NDArray[np.float64],
    row_prior: NDArray[np.float64],
) -> None:
    """Raise bounds to the largest log(D a) - H in the cells of each row, by field.

    Parameters
    ----------
    data, log_weight, hazard
        As in ``row_priors``.
    row_prior
        Bounds, shape (n_fields, n_rows).
    """
    for field in range(len(data.field_session)):
        session = data.field_session[field]
        first = data.session_cell[session]
        for row in range(data.session_row[session], data.session_row[session + 1]):
            begin, end = data.row_start[row], data.row_start[row + 1]
            for by_class in range(len(log_weight)):
                most = largest_difference(
                    log_weight[by_class, begin:end], hazard[field, begin - first : end - first]
                )
                row_prior[field, row] = max(row_prior[field, row], most)


@compiled_search
def largest_difference(log_weight: NDArray[np.float64], hazard: NDArray[np.float64]) -> float:
    """Largest log(D a) - H of some cells.

    Parameters
    ----------
    log_weight, hazard
        Of each cell.
    """
    most = -np.inf
    for i in range(len(hazard)):
        most = max(most, log_weight[i] - hazard[i])
    return most
