"""Total hazards over pairs of trap and cell, for any detection function, mask and distance.

Exposures of equal parameters in one field add up to a *sheet*: sum T k, and its derivatives, over
the cells within reach of their traps.
"""

from typing import Any, NamedTuple

import numpy as np

from scr.likelihood.kernel.arrays import (
    Cells,
    Curves,
    Distances,
    Fields,
    Floats,
    Ints,
    Law,
    Levels,
    Packed,
    Parameters,
)
from scr.likelihood.kernel.compiled import stage
from scr.likelihood.kernel.fast_math import logarithm
from scr.likelihood.kernel.reach import find_runs
from scr.likelihood.kernel.searched import Shares, find_shares
from scr.likelihood.kernel.series import LARGEST_G, SMALL_G, per_g
from scr.likelihood.kernel.shapes import k_of


class Sheets(NamedTuple):
    """Sums over exposures of equal parameters.

    Parameters
    ----------
    first, last
        Cells of each sheet in packed order, the last excluded.
    at
        Where its numbers start in the arrays that follow.
    hazard
        sum T k where intensity is lambda0, else sum T h.
    by_intensity
        Derivative of sum T h to g0; empty where intensity is lambda0.
    by_sigma, by_z
        Derivative to log sigma and z, over the intensity; ``by_z`` empty where there is no z.
    """

    first: Ints
    last: Ints
    at: Ints
    hazard: Floats
    by_intensity: Floats
    by_sigma: Floats
    by_z: Floats


def pair_hazards(packed: Packed, parameters: Parameters, reach: Floats, hazard: Floats) -> Sheets:
    """Total hazard of every field.

    Parameters
    ----------
    packed, parameters
        Data and parameters.
    reach
        Of each shape level, metres.
    hazard
        H, zeros, filled in; shape (n_fields, n_cells).
    """
    cells, sessions, curves, fields = packed.cells, packed.sessions, packed.curves, packed.fields
    run_start = np.zeros(len(curves.x) + 1, dtype=np.int64)
    run = np.empty((int(np.diff(sessions.row)[curves.session].sum()), 2), dtype=np.int64)
    find_runs(cells, sessions.row, curves, reach, run_start, run)
    n_sheets = len(fields.sheet_intensity)
    first = np.full(n_sheets, len(cells.x), dtype=np.int64)
    last = np.zeros(n_sheets, dtype=np.int64)
    place_sheets(curves, fields.exposure_sheet, run_start, run, first, last)
    first = np.minimum(first, last)
    at = np.cumsum(last - first) - (last - first)
    n = int((last - first).sum())
    sheets = Sheets(
        first,
        last,
        at,
        hazard=np.zeros(n),
        by_intensity=np.zeros(0 if packed.law.is_hazard else n),
        by_sigma=np.zeros(n),
        by_z=np.zeros(n if packed.law.shape.has_z else 0),
    )
    room = np.empty((5, packed.n_cells))
    levels = (parameters.intensity, parameters.sigma, parameters.z)
    sum_sheets(
        packed.law,
        cells,
        curves,
        (packed.distances, find_shares(packed, parameters), sessions.cell),
        fields,
        levels,
        (run_start, run, room),
        sheets,
    )
    add_sheets(packed.law.is_hazard, fields, sessions.cell, parameters.intensity, sheets, hazard)
    return sheets


@stage
def place_sheets(
    curves: Curves, exposure_sheet: Ints, run_start: Ints, run: Ints, first: Ints, last: Ints
) -> None:
    """The cells that each sheet needs."""
    for c in range(len(curves.x)):
        if run_start[c] < run_start[c + 1]:
            begin, end = run[run_start[c], 0], run[run_start[c + 1] - 1, 0]
            end += run[run_start[c + 1] - 1, 1]
            for i in range(curves.start[c], curves.start[c + 1]):
                sheet = exposure_sheet[curves.exposure[i]]
                first[sheet] = min(first[sheet], begin)
                last[sheet] = max(last[sheet], end)


@stage
def square_distances(x0: float, y0: float, x: Floats, y: Floats, squared: Floats) -> None:
    """Squared distance of cells from a place, metres squared."""
    for i in range(len(squared)):
        squared[i] = (x[i] - x0) * (x[i] - x0) + (y[i] - y0) * (y[i] - y0)


@stage
def curve_values(
    shape: Any, sigma: float, z: float, squared: Floats, k: Floats, ks: Floats, kz: Floats
) -> None:
    """k, dk / dlog sigma and dk / dz of cells."""
    per = 1.0 / (sigma * sigma)
    for i in range(len(k)):
        k[i], ks[i], kz[i] = k_of(shape, squared[i] * per, z)


@stage
def hazards(g0: float, effort: float, k: Floats, to: Floats, rise: Floats) -> None:
    """Add T h with h = -log(1 - g), g = g0 k; and T dh / dg = T / (1 - g)."""
    if g0 <= SMALL_G:
        for i in range(len(k)):
            g = g0 * k[i]
            to[i] += effort * (g * per_g(g))
            rise[i] = effort / (1.0 - g)
    else:
        for i in range(len(k)):
            rest = 1.0 - min(g0 * k[i], LARGEST_G)
            to[i] -= effort * logarithm(rest)
            rise[i] = effort / rest


@stage
def add(factor: float, values: Floats, to: Floats) -> None:
    """Add a multiple."""
    for i in range(len(to)):
        to[i] += factor * values[i]


@stage
def add_products(rise: Floats, k: Floats, ks: Floats, to_k: Floats, to_ks: Floats) -> None:
    """Add two products with the same factor."""
    for i in range(len(to_k)):
        to_k[i] += rise[i] * k[i]
        to_ks[i] += rise[i] * ks[i]


@stage
def add_product(a: Floats, b: Floats, to: Floats) -> None:
    """Add a product."""
    for i in range(len(to)):
        to[i] += a[i] * b[i]


@stage
def product(a: Floats, b: Floats) -> float:
    """Sum of products."""
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


@stage
def sum_sheets(
    law: Law,
    cells: Cells,
    curves: Curves,
    given: tuple[Distances, Shares, Ints],
    fields: Fields,
    levels: Levels,
    runs: tuple[Ints, Ints, Floats],
    sheets: Sheets,
) -> None:
    """Work out k over the cells of each run once, and add it to every sheet that has it."""
    intensity, sigma, z = levels
    run_start, run, room = runs
    for c in range(len(curves.x)):
        level = curves.shape[c]
        for j in range(run_start[c], run_start[c + 1]):
            cell, n = run[j, 0], run[j, 1]
            k, ks, kz, rise, squared = (
                room[0, :n],
                room[1, :n],
                room[2, :n],
                room[3, :n],
                room[4, :n],
            )
            within = cell - given[2][curves.session[c]]
            if curves.searched[c] >= 0:
                begin = curves.searched[c] + within
                k, ks = given[1].k[begin : begin + n], given[1].by_sigma[begin : begin + n]
            elif curves.given[c] >= 0:
                begin = curves.given[c] + within
                squared = given[0].cell[begin : begin + n]
            else:
                square_distances(
                    curves.x[c], curves.y[c], cells.x[cell:cell + n], cells.y[cell:cell + n],
                    squared,
                )  # fmt: skip
            if curves.searched[c] < 0:
                curve_values(law.shape, sigma[level], z[level], squared, k, ks, kz)
            for i in range(curves.start[c], curves.start[c + 1]):
                e = curves.exposure[i]
                sheet, effort = fields.exposure_sheet[e], fields.effort[e]
                a = sheets.at[sheet] + cell - sheets.first[sheet]
                b = a + n
                if law.is_hazard:
                    add(effort, k, sheets.hazard[a:b])
                    add(effort, ks, sheets.by_sigma[a:b])
                    if law.shape.has_z:
                        add(effort, kz, sheets.by_z[a:b])
                else:
                    g0 = intensity[fields.intensity[e]]
                    hazards(g0, effort, k, sheets.hazard[a:b], rise)
                    add_products(rise, k, ks, sheets.by_intensity[a:b], sheets.by_sigma[a:b])
                    if law.shape.has_z:
                        add_product(rise, kz, sheets.by_z[a:b])


@stage
def add_sheets(
    is_hazard: bool,
    fields: Fields,
    session_cell: Ints,
    intensity: Floats,
    sheets: Sheets,
    hazard: Floats,
) -> None:
    """H of each field: that of its base, and its sheets."""
    for f in range(len(hazard)):
        if fields.base[f] >= 0:
            add(1.0, hazard[fields.base[f]], hazard[f])
        for i in range(fields.sheet_start[f], fields.sheet_start[f + 1]):
            n = sheets.last[i] - sheets.first[i]
            begin = sheets.first[i] - session_cell[fields.session[f]]
            factor = intensity[fields.sheet_intensity[i]] if is_hazard else 1.0
            values = sheets.hazard[sheets.at[i] : sheets.at[i] + n]
            add(factor, values, hazard[f, begin : begin + n])


@stage
def pair_gradient(
    is_hazard: bool,
    fields: Fields,
    session_cell: Ints,
    intensity: Floats,
    sheets: Sheets,
    to_hazard: Floats,
    to: Levels,
) -> None:
    """Gradient to intensity, log sigma and z through H."""
    to_intensity, to_log_sigma, to_z = to
    for f in range(len(to_hazard)):
        for i in range(fields.sheet_start[f], fields.sheet_start[f + 1]):
            a, n = sheets.at[i], sheets.last[i] - sheets.first[i]
            begin = sheets.first[i] - session_cell[fields.session[f]]
            w = to_hazard[f, begin : begin + n]
            by_intensity = sheets.hazard if is_hazard else sheets.by_intensity
            level, shape = fields.sheet_intensity[i], fields.sheet_shape[i]
            to_intensity[level] += product(w, by_intensity[a : a + n])
            to_log_sigma[shape] += intensity[level] * product(w, sheets.by_sigma[a : a + n])
            if len(sheets.by_z) > 0:
                to_z[shape] += intensity[level] * product(w, sheets.by_z[a : a + n])
