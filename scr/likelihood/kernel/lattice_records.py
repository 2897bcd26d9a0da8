"""Records of detection of the half-normal hazard on a lattice: no exponential for each cell.

T h = x k with k the factor of the column and x = T lambda0 times the factor of the row.
"""

import math
from typing import NamedTuple

from scr.likelihood.kernel.arrays import Cells, Floats, Ints, Levels, Records, Sessions
from scr.likelihood.kernel.compiled import stage
from scr.likelihood.kernel.fast_math import exponential
from scr.likelihood.kernel.pairs import add
from scr.likelihood.kernel.series import SMALL, TINY, growth, rise, small_growth, small_rise

NOTHING = 1e-17
"""Largest x for which G(x) does not count."""


class OnLattice(NamedTuple):
    """Records of the half-normal hazard on a lattice; k and u = (d / sigma)^2 of each column."""

    cells: Cells
    sessions: Sessions
    k: Floats
    u: Floats


def add_lattice_records(
    kind: OnLattice,
    s: int,
    span: tuple[int, int],
    records: Records,
    levels: Levels,
    pieces: Ints,
    value: Floats,
) -> None:
    """As ``evaluators.add_records``."""
    columns = kind.cells.column_x[kind.sessions.column[s] : kind.sessions.column[s + 1]]
    base, k, u = kind.sessions.cell[s], kind.k[: len(columns)], kind.u[: len(columns)]
    for r in range(span[0], span[1]):
        level, sigma = levels[0][records.intensity[r]], levels[1][records.shape[r]]
        column_factors(records.x[r], sigma, columns, k, u)
        at = (records.number[r], level * records.effort[r], level * records.linear[r])
        place = (records.y[r], sigma)
        if records.number[r] > 0.0:
            add_rows(
                records.grows[r] > 0, at, place, kind.cells.row_low, pieces, base, (k, u), value
            )
        else:
            add_linear(at, place, kind.cells.row_low, pieces, base, k, value)


def weigh_lattice_records(
    kind: OnLattice,
    s: int,
    span: tuple[int, int],
    records: Records,
    levels: Levels,
    pieces: Ints,
    share: Floats,
    to: Levels,
) -> None:
    """As ``evaluators.weigh_records``."""
    columns = kind.cells.column_x[kind.sessions.column[s] : kind.sessions.column[s + 1]]
    base, k, u = kind.sessions.cell[s], kind.k[: len(columns)], kind.u[: len(columns)]
    for r in range(span[0], span[1]):
        level, sigma = levels[0][records.intensity[r]], levels[1][records.shape[r]]
        column_factors(records.x[r], sigma, columns, k, u)
        at = (records.number[r], level * records.effort[r], level * records.linear[r])
        place, grows = (records.y[r], sigma), records.grows[r] > 0
        by_k, by_u = weigh_rows(grows, at, place, kind.cells.row_low, pieces, base, (k, u), share)
        to[0][records.intensity[r]] += by_k / level
        to[1][records.shape[r]] += by_u


@stage
def column_factors(x0: float, sigma: float, columns: Floats, k: Floats, u: Floats) -> None:
    """Factors of the columns of a lattice for one trap."""
    per = 1.0 / (sigma * sigma)
    for i in range(len(columns)):
        u[i] = (columns[i] - x0) * (columns[i] - x0) * per
        k[i] = exponential(-0.5 * u[i])


@stage
def add_rows(
    grows: bool,
    at: tuple[float, float, float],
    place: tuple[float, float],
    row_y: Floats,
    pieces: Ints,
    base: int,
    columns: tuple[Floats, Floats],
    value: Floats,
) -> None:
    """One record: y log(T h), and y G(T h) where it grows; ``at`` is y, T lambda0, t lambda0."""
    number, at_trap, _ = at
    log_trap, width = math.log(at_trap), len(columns[0])
    for p in range(len(pieces)):
        away = (row_y[pieces[p, 0]] - place[0]) / place[1]
        at_row, x = log_trap - 0.5 * away * away, at_trap * math.exp(-0.5 * away * away)
        c, n, q = (pieces[p, 1] - base) % width, pieces[p, 2], pieces[p, 3]
        k, u, v = columns[0][c : c + n], columns[1][c : c + n], value[q : q + n]
        if not grows or x < NOTHING:
            for i in range(len(v)):
                v[i] += number * (at_row - 0.5 * u[i])
        elif x < TINY:
            for i in range(len(v)):
                t = x * k[i]
                series = t * (0.5 + t * (1 / 24 - t * t * (1 / 2880)))
                v[i] += number * (at_row - 0.5 * u[i] + series)
        elif x < SMALL:
            for i in range(len(v)):
                v[i] += number * (at_row - 0.5 * u[i] + small_growth(x * k[i]))
        else:
            for i in range(len(v)):
                v[i] += number * (at_row - 0.5 * u[i] + growth(x * k[i]))


@stage
def add_linear(
    at: tuple[float, float, float],
    place: tuple[float, float],
    row_y: Floats,
    pieces: Ints,
    base: int,
    k: Floats,
    value: Floats,
) -> None:
    """One term t h."""
    for p in range(len(pieces)):
        away = (row_y[pieces[p, 0]] - place[0]) / place[1]
        x = at[2] * math.exp(-0.5 * away * away)
        c, n, q = (pieces[p, 1] - base) % len(k), pieces[p, 2], pieces[p, 3]
        add(x, k[c : c + n], value[q : q + n])


@stage
def weigh_rows(
    grows: bool,
    at: tuple[float, float, float],
    place: tuple[float, float],
    row_y: Floats,
    pieces: Ints,
    base: int,
    columns: tuple[Floats, Floats],
    share: Floats,
) -> tuple[float, float]:
    """Derivatives of one record to log lambda0 and log sigma, weighed by the shares."""
    number, by_k, by_u, width = at[0], 0.0, 0.0, len(columns[0])
    for p in range(len(pieces)):
        away = (row_y[pieces[p, 0]] - place[0]) / place[1]
        at_row = math.exp(-0.5 * away * away)
        x, xt = at[1] * at_row, at[2] * at_row
        c, n, q = (pieces[p, 1] - base) % width, pieces[p, 2], pieces[p, 3]
        k, u, s = columns[0][c : c + n], columns[1][c : c + n], share[q : q + n]
        a, b = 0.0, 0.0
        if not grows or x < NOTHING:
            for i in range(len(s)):
                w = s[i] * (number + xt * k[i])
                a += w
                b += w * u[i]
        elif x < SMALL:
            for i in range(len(s)):
                w = s[i] * (number + number * small_rise(x * k[i]))
                a += w
                b += w * u[i]
        else:
            for i in range(len(s)):
                w = s[i] * (number + number * rise(x * k[i]))
                a += w
                b += w * u[i]
        by_k += a
        by_u += b + away * away * a
    return by_k, by_u
