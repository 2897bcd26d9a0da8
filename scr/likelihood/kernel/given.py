"""Gradient to given distances: how log L changes as points and cells move apart.

Every shape is a function of d / sigma and of z in units of sigma, so that the derivative to log d
of a pair of point and cell is the opposite of what the pair adds to the derivative to log sigma.
"""

import numpy as np

from scr.likelihood.kernel.arrays import (
    Curves,
    Distances,
    Fields,
    Floats,
    Ints,
    Law,
    Levels,
    Packed,
    Parameters,
    Sessions,
)
from scr.likelihood.kernel.compiled import stage
from scr.likelihood.kernel.pairs import curve_values
from scr.likelihood.kernel.series import LARGEST_G


def weigh_distances(
    packed: Packed, parameters: Parameters, to_hazard: Floats, to_away: Floats, to: Floats
) -> None:
    """Gradient to distances through total hazards and records.

    Parameters
    ----------
    packed, parameters
        Data with these distances, and parameters.
    to_hazard
        Gradient to H of each field, shape (n_fields, n_cells).
    to_away
        Gradient to log distance through records, in packed order; that through H is added.
    to
        Gradient to distance, metres, in the order of ``Parameters.distance``; zeros, filled in.
    """
    levels = (parameters.intensity, parameters.sigma, parameters.z)
    room = np.empty((4, packed.n_cells))
    add_through_hazard(
        packed.law,
        packed.sessions,
        packed.curves,
        packed.distances,
        (packed.fields, packed.field_of),
        levels,
        (to_hazard, room),
        to_away,
    )
    source = packed.distances.source
    near = (source >= 0) & (packed.distances.cell > 0.0)  # at distance 0 nothing moves apart
    to[source[near]] = to_away[near] / np.sqrt(packed.distances.cell[near])


@stage
def add_through_hazard(
    law: Law,
    sessions: Sessions,
    curves: Curves,
    distances: Distances,
    exposures: tuple[Fields, Ints],
    levels: Levels,
    given: tuple[Floats, Floats],
    to: Floats,
) -> None:
    """What each curve adds by way of every exposure that has it."""
    intensity, sigma, z = levels
    (fields, field_of), (to_hazard, room) = exposures, given
    for c in range(len(curves.x)):
        if curves.given[c] < 0:
            continue
        s, level = curves.session[c], curves.shape[c]
        n = sessions.cell[s + 1] - sessions.cell[s]
        k, ks, kz, weight = room[0, :n], room[1, :n], room[2, :n], room[3, :n]
        squared = distances.cell[curves.given[c] : curves.given[c] + n]
        curve_values(law.shape, sigma[level], z[level], squared, k, ks, kz)
        for m in range(n):
            weight[m] = 0.0
        for i in range(curves.start[c], curves.start[c + 1]):
            e = curves.exposure[i]
            rate, w = fields.effort[e] * intensity[fields.intensity[e]], to_hazard[field_of[e]]
            if law.is_hazard:
                for m in range(n):
                    weight[m] += rate * w[m]
            else:
                g0 = intensity[fields.intensity[e]]
                for m in range(n):
                    weight[m] += rate * w[m] / (1.0 - min(g0 * k[m], LARGEST_G))
        away = to[curves.given[c] : curves.given[c] + n]
        for m in range(n):
            away[m] -= weight[m] * ks[m]
