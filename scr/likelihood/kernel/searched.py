r"""Searched areas and lines: the share of detections, wherever they are, that falls in each.

Around a centre, edges of an area are lines x(t) at a distance d (its sign tells the side), so that

.. math::

    F = \frac{1}{2 \pi} \sum_\text{edges} \int G(R) \, d\theta
      = \frac{1}{2 \pi} \sum_\text{edges} d \int \frac{G(R)}{R^2} \, dt, \qquad
    G(R) = \int_0^R r \, k(r) \, dr, \quad R^2 = d^2 + t^2

in units of sigma, with G(infinity) = 1 for the shapes here; of a line, :math:`F = \int k \, dt`
over the integral along an endless line. What is left is one smooth integral along each edge, by
Gauss's rules over panels that are short where k has a cusp near the centre: errors of F are below
1e-10 for any sigma, outline and centre, as a test against adaptive quadrature shows.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from scr.likelihood.kernel.arrays import Floats, Packed, Parameters
from scr.likelihood.kernel.compiled import stage
from scr.likelihood.kernel.shapes import k_of, reach_of, within_of

TWO_PI = 2.0 * math.pi

NOTHING = -28.0
"""log k from which on nothing is found."""

SMOOTH = frozenset({"half_normal"})
"""Shapes without a cusp at the centre."""

LONGEST = 2.0
"""Longest panel within ``NEAR``, in units of sigma."""

NEAR = 8.0
LONGEST_BEYOND = 4.0

LEAST_PANEL = {1: 1e-3, 2: 0.02}
"""Shortest panel by a cusp, in units of sigma, for lines and areas."""

BRIEF = 0.1
"""Panels shorter than this share of what the rule could take need three nodes only."""

EIGHT, EIGHT_WEIGHTS = (tuple(values.tolist()) for values in np.polynomial.legendre.leggauss(8))
THREE, THREE_WEIGHTS = (tuple(values.tolist()) for values in np.polynomial.legendre.leggauss(3))


class Shares(NamedTuple):
    """Share of all detections that falls in a part, for centres in each cell of its session.

    Parameters
    ----------
    k, by_sigma
        The share and its derivative to log sigma, curve after curve.
    """

    k: Floats
    by_sigma: Floats


def find_shares(packed: Packed, parameters: Parameters) -> Shares:
    """Shares of every searched part at each of its shape levels.

    Parameters
    ----------
    packed, parameters
        Data and parameters.
    """
    curves, parts, cells, start = packed.curves, packed.parts, packed.cells, packed.sessions.cell
    chosen = np.flatnonzero(curves.searched >= 0)
    n = int(np.diff(start)[curves.session[chosen]].sum())
    shares = Shares(np.zeros(n), np.zeros(n))
    for c in chosen:
        first, last = start[curves.session[c]], start[curves.session[c] + 1]
        edges = slice(parts.start[curves.part[c]], parts.start[curves.part[c] + 1])
        place = slice(curves.searched[c], curves.searched[c] + last - first)
        sum_edges(
            packed.law.shape,
            (parts.dims, parts.least, parts.over),
            (parameters.sigma[curves.shape[c]], parameters.z[curves.shape[c]]),
            (parts.x0[edges], parts.y0[edges], parts.x1[edges], parts.y1[edges]),
            cells.x[first:last],
            cells.y[first:last],
            shares.k[place],
            shares.by_sigma[place],
        )
    return shares


def least_panel(shape: str, dims: int) -> float:
    """Shortest panel that a shape needs by the centre, in units of sigma.

    Parameters
    ----------
    shape
        Name of the shape.
    dims
        2 for areas, 1 for lines.
    """
    return LONGEST if shape in SMOOTH else LEAST_PANEL[dims]


@stage
def integrand(shape: Any, dims: int, u2: float, z: float) -> tuple[float, float]:
    """What is integrated along an edge, and its derivative to log sigma."""
    k, ks, _ = k_of(shape, u2, z)
    if dims == 2:
        return within_of(shape, u2, k), -k
    return k, ks - k


@stage
def along_edge(
    shape: Any, how: tuple[int, float, float], z: float, far: float, d2: float, t: float, end: float
) -> tuple[float, float]:
    """Integral from t to the end of one side of the foot of an edge, 0 <= t, in sigma."""
    dims, least, over = how
    total, slope = 0.0, 0.0
    while t < end:
        r = math.sqrt(d2 + t * t)
        if r > far:
            if dims == 2:
                d = math.sqrt(d2)
                angle = math.atan2(end, d) - math.atan2(t, d)
                rest = angle / d if d > 0.0 else 1.0 / t - 1.0 / end
                total += rest * over / TWO_PI
            break
        able = min(max(r, least), LONGEST if r < NEAR else LONGEST_BEYOND)
        step = min(able, end - t)
        middle, half = t + 0.5 * step, 0.5 * step
        a, b = 0.0, 0.0
        if step < BRIEF * able:
            for i in range(3):
                at = middle + half * THREE[i]
                f, fs = integrand(shape, dims, d2 + at * at, z)
                a += THREE_WEIGHTS[i] * f
                b += THREE_WEIGHTS[i] * fs
        else:
            for i in range(8):
                at = middle + half * EIGHT[i]
                f, fs = integrand(shape, dims, d2 + at * at, z)
                a += EIGHT_WEIGHTS[i] * f
                b += EIGHT_WEIGHTS[i] * fs
        total += half * a
        slope += half * b
        t += step
    return total, slope


@stage
def sum_edges(
    shape: Any,
    how: tuple[int, float, float],
    scale: tuple[float, float],
    edges: tuple[Floats, Floats, Floats, Floats],
    x: Floats,
    y: Floats,
    k: Floats,
    ks: Floats,
) -> None:
    """Share of one part for centres in each cell; ``how`` is dims, least panel, whole integral."""
    dims, (sigma, z), (x0, y0, x1, y1) = how[0], scale, edges
    far = reach_of(shape, NOTHING, z)
    west, east, south, north = np.inf, -np.inf, np.inf, -np.inf
    for e in range(len(x0)):
        west, east = min(west, x0[e], x1[e]), max(east, x0[e], x1[e])
        south, north = min(south, y0[e], y1[e]), max(north, y0[e], y1[e])
    for i in range(len(k)):
        dx = max(west - x[i], x[i] - east, 0.0)
        dy = max(south - y[i], y[i] - north, 0.0)
        if dx * dx + dy * dy > far * far * sigma * sigma:
            continue
        total, slope = 0.0, 0.0
        for e in range(len(x0)):
            ax, ay = (x0[e] - x[i]) / sigma, (y0[e] - y[i]) / sigma
            bx, by = (x1[e] - x[i]) / sigma, (y1[e] - y[i]) / sigma
            length = math.sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay))
            if length == 0.0:
                continue
            d = (ax * by - ay * bx) / length
            t0 = (ax * (bx - ax) + ay * (by - ay)) / length
            t1 = t0 + length
            factor, d2 = d if dims == 2 else 1.0, d * d
            if t0 < 0.0:
                a, b = along_edge(shape, how, z, far, d2, max(0.0, -t1), -t0)
                total += factor * a
                slope += factor * b
            if t1 > 0.0:
                a, b = along_edge(shape, how, z, far, d2, max(0.0, t0), t1)
                total += factor * a
                slope += factor * b
        k[i] = max(total / how[2], 0.0)
        ks[i] = slope / how[2]
