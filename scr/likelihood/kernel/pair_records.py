"""Records of detection over the cells of a window, for any detection function."""

import math
from typing import NamedTuple

from scr.likelihood.kernel.arrays import (
    Cells,
    Distances,
    Floats,
    Ints,
    Law,
    Levels,
    Records,
    Sessions,
)
from scr.likelihood.kernel.compiled import stage
from scr.likelihood.kernel.fast_math import exponential, logarithm
from scr.likelihood.kernel.histories import copy_pieces
from scr.likelihood.kernel.pairs import square_distances
from scr.likelihood.kernel.series import (
    LARGEST_G,
    SMALL,
    SMALL_G,
    growth,
    per_g,
    rise,
    small_growth,
    small_rise,
)
from scr.likelihood.kernel.shapes import log_k_of

ALMOST_ONE = -1e-15
"""Largest log g."""


class OverPairs(NamedTuple):
    """Records for any detection function, mask and distance, with working space.

    Parameters
    ----------
    law, cells, sessions, distances
        Data.
    x, y, squared, log_k
        Of each cell of the window; ``log_k`` becomes log h.
    slope, by_sigma, by_z
        Of each record: derivative to log k, and of log k to log sigma and z.
    to_log_distance
        Gradient to the log of each of ``distances``, added to; of length 0 where it is not wanted.
    """

    law: Law
    cells: Cells
    sessions: Sessions
    distances: Distances
    x: Floats
    y: Floats
    squared: Floats
    log_k: Floats
    slope: Floats
    by_sigma: Floats
    by_z: Floats
    to_log_distance: Floats


def add_pair_records(
    kind: OverPairs,
    s: int,
    span: tuple[int, int],
    records: Records,
    levels: Levels,
    pieces: Ints,
    value: Floats,
) -> None:
    """As ``evaluators.add_records``."""
    begin, end = pieces[0, 3], pieces[len(pieces) - 1, 3] + pieces[len(pieces) - 1, 2]
    x, y, squared = kind.x[begin:end], kind.y[begin:end], kind.squared[begin:end]
    log_k, v = kind.log_k[begin:end], value[begin:end]
    copy_pieces(pieces, 0, kind.cells.x, kind.x)
    copy_pieces(pieces, 0, kind.cells.y, kind.y)
    for r in range(span[0], span[1]):
        level, scale, number = level_of(records, levels, r), records.shape[r], records.number[r]
        j = r - span[0]
        slope, by_sigma = kind.slope[j, begin:end], kind.by_sigma[j, begin:end]
        if records.given[r] >= 0:
            given = kind.distances.cell[records.given[r] :]
            copy_pieces(pieces, kind.sessions.cell[s], given, kind.squared)
        else:
            square_distances(records.x[r], records.y[r], x, y, squared)
        if records.away[r] > 0.0:
            for i in range(len(squared)):
                squared[i] += records.away[r]
        sigma, z, by_z = levels[1][scale], levels[2][scale], kind.by_z[j, begin:end]
        log_curve(kind.law.shape, sigma, z, squared, log_k, by_sigma, by_z)
        grows, linear, effort = records.grows[r] > 0, records.linear[r], records.effort[r]
        if not kind.law.is_hazard and grows and linear == 0.0 and effort == 1.0:
            add_day(level, number, log_k, v, slope)
        else:
            to_log_hazard(kind.law.is_hazard, level, log_k, slope)
            most = effort * level if kind.law.is_hazard else 1.0
            add_record(grows, most, number, effort, linear, log_k, v, slope)


@stage
def level_of(records: Records, levels: Levels, r: int) -> float:
    """lambda0 or g0 of a record; of a place, over the whole integral of k, per m or m2."""
    level = levels[0][records.intensity[r]] if records.intensity[r] >= 0 else 1.0
    sigma = levels[1][records.shape[r]]
    for _ in range(records.dims[r]):
        level /= sigma
    return float(level / records.over[r])


@stage
def log_curve(
    shape: tuple[bool],
    sigma: float,
    z: float,
    squared: Floats,
    log_k: Floats,
    by_sigma: Floats,
    by_z: Floats,
) -> None:
    """Log k and its derivatives to log sigma and z."""
    per = 1.0 / (sigma * sigma)
    for i in range(len(log_k)):
        log_k[i], by_sigma[i], by_z[i] = log_k_of(shape, squared[i] * per, z)


@stage
def add_day(g0: float, number: float, log_k: Floats, value: Floats, slope: Floats) -> None:
    """A record of g0 and effort 1: y log(g / (1 - g)) beside non-detection."""
    log_level = math.log(g0)
    if g0 <= SMALL_G:
        for i in range(len(log_k)):
            log_g = log_level + log_k[i]
            g = exponential(log_g)
            value[i] += number * (log_g + g * per_g(g))
            slope[i] = number / (1.0 - g)
    else:
        for i in range(len(log_k)):
            log_g = min(log_level + log_k[i], ALMOST_ONE)
            rest = 1.0 - exponential(log_g)
            value[i] += number * (log_g - logarithm(rest))
            slope[i] = number / rest


@stage
def to_log_hazard(is_hazard: bool, level: float, log_k: Floats, slope: Floats) -> None:
    """Turn log k into log h, and give its derivative to log k."""
    log_level = math.log(level)
    if is_hazard:
        for i in range(len(log_k)):
            log_k[i] += log_level
            slope[i] = 1.0
    else:
        for i in range(len(log_k)):
            log_g = min(log_k[i] + log_level, ALMOST_ONE)
            g = exponential(log_g)
            rest = 1.0 - min(g, LARGEST_G)
            h_by_g = per_g(min(g, SMALL_G)) if g < SMALL_G else -logarithm(rest) / g
            log_k[i] = log_g + logarithm(h_by_g)
            slope[i] = 1.0 / (rest * h_by_g)


@stage
def add_record(
    grows: bool,
    most: float,
    number: float,
    effort: float,
    linear: float,
    log_h: Floats,
    value: Floats,
    slope: Floats,
) -> None:
    """A record of any kind: y log(T h), y G(T h) where it grows (T h at most ``most``), or t h."""
    log_effort = math.log(effort)
    if linear != 0.0:
        for i in range(len(log_h)):
            h = linear * exponential(log_h[i])
            value[i] += h
            slope[i] *= h
    elif not grows:
        for i in range(len(log_h)):
            value[i] += number * (log_h[i] + log_effort)
            slope[i] *= number
    elif most < SMALL:
        for i in range(len(log_h)):
            log_x = log_h[i] + log_effort
            x = exponential(log_x)
            value[i] += number * (log_x + small_growth(x))
            slope[i] *= number * (1.0 + small_rise(x))
    else:
        for i in range(len(log_h)):
            log_x = log_h[i] + log_effort
            x = exponential(log_x)
            value[i] += number * (log_x + growth(x))
            slope[i] *= number * (1.0 + rise(x))


@stage
def take_pieces(
    pieces: Ints, first: int, share: Floats, slope: Floats, by_sigma: Floats, to: Floats
) -> None:
    """Gradient of a record to log distance: the opposite of that to log sigma, cell by cell."""
    for p in range(len(pieces)):
        c, n, q = pieces[p, 1] - first, pieces[p, 2], pieces[p, 3]
        for i in range(n):
            to[c + i] -= share[q + i] * slope[q + i] * by_sigma[q + i]


@stage
def weigh_record(share: Floats, slope: Floats, by: Floats) -> tuple[float, float]:
    """Sums over cells of the derivative of a record to log k, and through log k."""
    a, b = 0.0, 0.0
    for i in range(len(share)):
        w = share[i] * slope[i]
        a += w
        b += w * by[i]
    return a, b


def weigh_pair_records(
    kind: OverPairs,
    s: int,
    span: tuple[int, int],
    records: Records,
    levels: Levels,
    pieces: Ints,
    share: Floats,
    to: Levels,
) -> None:
    """As ``evaluators.weigh_records``, after ``add_pair_records``."""
    begin, end = pieces[0, 3], pieces[len(pieces) - 1, 3] + pieces[len(pieces) - 1, 2]
    for r in range(span[0], span[1]):
        j, level = r - span[0], records.intensity[r]
        w, slope = share[begin:end], kind.slope[j, begin:end]
        by_k, by_sigma = weigh_record(w, slope, kind.by_sigma[j, begin:end])
        if level >= 0:
            to[0][level] += by_k / levels[0][level]
        to[1][records.shape[r]] += by_sigma - records.dims[r] * by_k
        if kind.law.shape.has_z:
            to[2][records.shape[r]] += weigh_record(w, slope, kind.by_z[j, begin:end])[1]
        if len(kind.to_log_distance) > 0 and records.given[r] >= 0:
            away = kind.to_log_distance[records.given[r] :]
            by_away = kind.by_sigma[j]
            take_pieces(pieces, kind.sessions.cell[s], share, kind.slope[j], by_away, away)
