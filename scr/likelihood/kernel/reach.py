"""How far a trap reaches, and the cells within its reach.

The reach follows from the current parameters. Cells beyond it have k < k*, with k* chosen so that
what is left out changes the log-likelihood by less than 1e-9: the total hazard of any cell changes
by less than (sum of T lambda0) k*, log L_i by no more than that, Lambda by no more than that times
the expected number of animals.
"""

import math

import numpy as np

from scr.likelihood.kernel.arrays import Cells, Curves, Floats, Ints, Packed, Parameters
from scr.likelihood.kernel.cells import BLOCK
from scr.likelihood.kernel.compiled import stage
from scr.likelihood.kernel.shapes import reach_of

TOLERANCE = 1e-9
"""Bound on what is left out, in the log-likelihood."""


def reaches(packed: Packed, parameters: Parameters, n_expected: float) -> Floats:
    """Distance beyond which a shape level counts for nothing, metres, shape (n_shape,).

    Parameters
    ----------
    packed, parameters
        Data and parameters.
    n_expected
        Expected number of animals in all sessions.
    """
    fields = packed.fields
    each = np.abs(fields.effort) * parameters.intensity[fields.intensity]
    total = np.bincount(packed.field_of, weights=each, minlength=len(fields.session))
    for field in packed.on_bases:
        total[field] += total[fields.base[field]]
    most = (packed.n_animals + n_expected) * total.max()
    k = 0.5 * TOLERANCE / most if most > 0 else 0.5
    if k <= 0 or not math.isfinite(k):
        return np.full(len(parameters.sigma), np.inf)
    log_k = math.log(min(k, 0.5))
    by_level: Floats = np.array([reach_of(packed.law.shape, log_k, float(z)) for z in parameters.z])
    return parameters.sigma * by_level


@stage
def first_beyond(ticks: Floats, first: int, last: int, limit: float) -> int:
    """Index of the first of sorted coordinates above a limit."""
    while first < last:
        middle = (first + last) >> 1
        if ticks[middle] > limit:
            last = middle
        else:
            first = middle + 1
    return first


@stage
def blocks_within(cells: Cells, row: int, x: float, y: float, limit: float) -> tuple[int, int]:
    """Blocks of a row with cells within a distance of a place, the last one excluded."""
    away = max(cells.row_low[row] - y, y - cells.row_high[row], 0.0)
    half = math.sqrt(max(0.0, limit * limit - away * away)) if limit < np.inf else np.inf
    first, last = cells.row_block[row], cells.row_block[row + 1]
    return (
        first_beyond(cells.box[1], first, last, x - half),
        first_beyond(cells.box[0], first, last, x + half),
    )


@stage
def find_runs(
    cells: Cells, session_row: Ints, curves: Curves, reach: Floats, start: Ints, run: Ints
) -> None:
    """Cells within reach of each curve, as runs of neighbouring blocks of one row."""
    n = 0
    for c in range(len(curves.x)):
        s, x, y, limit = curves.session[c], curves.x[c], curves.y[c], reach[curves.shape[c]]
        top, bottom = session_row[s], session_row[s + 1]
        if curves.given[c] >= 0 or curves.searched[c] >= 0:
            run[n, 0] = BLOCK * cells.row_block[top]
            run[n, 1] = BLOCK * (cells.row_block[bottom] - cells.row_block[top])
            n += 1
        elif curves.start[c] < curves.start[c + 1]:
            for row in range(
                first_beyond(cells.row_high, top, bottom, y - limit),
                first_beyond(cells.row_low, top, bottom, y + limit),
            ):
                i, j = blocks_within(cells, row, x, y, limit)
                if i < j:
                    run[n, 0], run[n, 1] = BLOCK * i, BLOCK * (j - i)
                    n += 1
        start[c + 1] = n
