"""Total hazards of the half-normal on a lattice: k(d) is a factor by row times one by column.

A trap needs as many exponentials as there are rows and columns, and H is a sum of outer products.
Exposures are taken in fours, so that H is read and written once for four of them.
"""

import numpy as np

from scr.likelihood.kernel.arrays import (
    Cells,
    Curves,
    Floats,
    Fours,
    Ints,
    Levels,
    Packed,
    Parameters,
    Sessions,
)
from scr.likelihood.kernel.compiled import stage
from scr.likelihood.kernel.fast_math import exponential
from scr.likelihood.kernel.pairs import add
from scr.likelihood.kernel.reach import first_beyond

WIDE = 8
"""Columns that loops take at once: what lies within reach is widened to whole multiples."""


def lattice_hazards(
    packed: Packed, parameters: Parameters, reach: Floats, hazard: Floats
) -> tuple[Ints, Floats]:
    """Total hazard of every field; returns boxes and factors of each four for the gradient.

    Parameters
    ----------
    packed, parameters
        Data and parameters.
    reach
        Of each shape level, metres.
    hazard
        H, zeros, filled in; shape (n_fields, n_cells).
    """
    fours = packed.fours
    box = np.empty((len(fours.curve), 4), dtype=np.int64)
    factor = np.empty((len(fours.curve), 16, packed.n_ticks))
    weight = fours.effort * parameters.intensity[fours.intensity]
    fields = (packed.fields.session, packed.fields.base)
    add_outer_products(
        packed.cells,
        packed.sessions,
        packed.curves,
        fours,
        fields,
        weight,
        (parameters.sigma, reach),
        (box, factor, hazard),
    )
    return box, factor


@stage
def add_outer_products(
    cells: Cells,
    sessions: Sessions,
    curves: Curves,
    fours: Fours,
    fields: tuple[Ints, Ints],
    weight: Floats,
    scale: tuple[Floats, Floats],
    to: tuple[Ints, Floats, Floats],
) -> None:
    """H of each field: that of its base, and the outer products of its exposures.

    ``fields`` are their sessions and bases, ``weight`` T lambda0 by four, ``scale`` sigma and reach
    by level; ``to`` are boxes (rows and columns within reach) and factors (k and u by row, k and
    k u by column) of each four, and H, all filled in.
    """
    (field_session, base), (box, factor, hazard) = fields, to
    for f in range(len(hazard)):
        s = field_session[f]
        rows = cells.row_low[sessions.row[s] : sessions.row[s + 1]]
        columns = cells.column_x[sessions.column[s] : sessions.column[s + 1]]
        if base[f] >= 0:
            add(1.0, hazard[base[f]], hazard[f])
        for i in range(fours.start[f], fours.start[f + 1]):
            fill_factors(curves, fours.curve[i], rows, columns, scale, box[i], factor[i])
            r0, r1, c0, c1 = box[i, 0], box[i, 1], box[i, 2], box[i, 3]
            by = factor[i]
            k0, k1, k2, k3 = by[8, c0:c1], by[9, c0:c1], by[10, c0:c1], by[11, c0:c1]
            for r in range(r0, r1):
                w0, w1 = weight[i, 0] * by[0, r], weight[i, 1] * by[1, r]
                w2, w3 = weight[i, 2] * by[2, r], weight[i, 3] * by[3, r]
                h = hazard[f, r * len(columns) + c0 : r * len(columns) + c1]
                for c in range(len(h)):
                    h[c] += w0 * k0[c] + w1 * k1[c] + w2 * k2[c] + w3 * k3[c]


@stage
def fill_factors(
    curves: Curves,
    curve: Ints,
    rows: Floats,
    columns: Floats,
    scale: tuple[Floats, Floats],
    box: Ints,
    factor: Floats,
) -> None:
    """Factors of four exposures, and the rows and columns within reach of any of them."""
    top, bottom, left, right = np.inf, -np.inf, np.inf, -np.inf
    sigma, reach = scale
    for j in range(4):
        c = curve[j]
        limit = reach[curves.shape[c]]
        top, bottom = min(top, curves.y[c] - limit), max(bottom, curves.y[c] + limit)
        left, right = min(left, curves.x[c] - limit), max(right, curves.x[c] + limit)
        per = 1.0 / (sigma[curves.shape[c]] * sigma[curves.shape[c]])
        row_k, row_u, column_k, column_ku = factor[j], factor[4 + j], factor[8 + j], factor[12 + j]
        x, y = curves.x[c], curves.y[c]
        for i in range(len(rows)):
            u = (rows[i] - y) * (rows[i] - y) * per
            row_u[i] = u
            row_k[i] = exponential(-0.5 * u)
        for i in range(len(columns)):
            u = (columns[i] - x) * (columns[i] - x) * per
            k = exponential(-0.5 * u)
            column_k[i] = k
            column_ku[i] = k * u
    box[0] = first_beyond(rows, 0, len(rows), top)
    box[1] = first_beyond(rows, 0, len(rows), bottom)
    box[2] = first_beyond(columns, 0, len(columns), left) // WIDE * WIDE
    box[3] = (first_beyond(columns, 0, len(columns), right) + WIDE - 1) // WIDE * WIDE


def lattice_gradient(
    packed: Packed,
    parameters: Parameters,
    kept: tuple[Ints, Floats],
    to_hazard: Floats,
    to: Levels,
) -> None:
    """Gradient to intensity and log sigma through H.

    Parameters
    ----------
    packed, parameters
        Data and parameters.
    kept
        From ``lattice_hazards``.
    to_hazard
        Gradient to H of each field, bases included.
    to
        Gradient to intensity, log sigma and z by level, added to.
    """
    fours = packed.fours
    by_k, by_u = np.zeros(fours.effort.shape), np.zeros(fours.effort.shape)
    sum_outer_products(packed.n_columns, fours.start, *kept, to_hazard, by_k, by_u)
    by_k *= fours.effort
    by_u *= fours.effort * parameters.intensity[fours.intensity]
    for j, level, part in ((0, fours.intensity, by_k), (1, fours.shape, by_u)):
        to[j][:] += np.bincount(level.ravel(), weights=part.ravel(), minlength=len(to[j]))


@stage
def sum_outer_products(
    n_columns: Ints,
    start: Ints,
    box: Ints,
    factor: Floats,
    to_hazard: Floats,
    by_k: Floats,
    by_u: Floats,
) -> None:
    """Sums over the cells of w k and w k u of each exposure, w the gradient to H."""
    for f in range(len(to_hazard)):
        for i in range(start[f], start[f + 1]):
            r0, r1, c0, c1 = box[i, 0], box[i, 1], box[i, 2], box[i, 3]
            by, sum_k, sum_u = factor[i], by_k[i], by_u[i]
            k0, k1, k2, k3 = by[8, c0:c1], by[9, c0:c1], by[10, c0:c1], by[11, c0:c1]
            u0, u1, u2, u3 = by[12, c0:c1], by[13, c0:c1], by[14, c0:c1], by[15, c0:c1]
            for r in range(r0, r1):
                w = to_hazard[f, r * n_columns[f] + c0 : r * n_columns[f] + c1]
                p0, p1, p2, p3, q0, q1, q2, q3 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
                for c in range(len(w)):
                    p0 += w[c] * k0[c]
                    p1 += w[c] * k1[c]
                    p2 += w[c] * k2[c]
                    p3 += w[c] * k3[c]
                    q0 += w[c] * u0[c]
                    q1 += w[c] * u1[c]
                    q2 += w[c] * u2[c]
                    q3 += w[c] * u3[c]
                sum_k[0] += by[0, r] * p0
                sum_k[1] += by[1, r] * p1
                sum_k[2] += by[2, r] * p2
                sum_k[3] += by[3, r] * p3
                sum_u[0] += by[0, r] * (q0 + by[4, r] * p0)
                sum_u[1] += by[1, r] * (q1 + by[5, r] * p1)
                sum_u[2] += by[2, r] * (q2 + by[6, r] * p2)
                sum_u[3] += by[3, r] * (q3 + by[7, r] * p3)
