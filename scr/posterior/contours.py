"""The smallest ground that holds a share of a probability: contours of an activity centre."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.habitat.mask import HabitatMask
from scr.posterior.activity_centres import ActivityCentres
from scr.posterior.footprint import footprint, take_cells

CONTOURS = (0.5, 0.95)
"""Shares of the probability that contours hold."""


def cells_that_hold(
    mask: HabitatMask, probability: NDArray[np.float64], share: float
) -> NDArray[np.int64]:
    """The fewest cells, densest first, that hold at least a share of the probability.

    Parameters
    ----------
    mask
        The cells.
    probability
        Of each cell, summing to 1, shape (n_cells,).
    share
        Above 0, at most 1.

    Returns
    -------
    NDArray
        Rows of the mask.

    Examples
    --------
    >>> mask = HabitatMask(np.array([[0.0, 0], [1, 0], [2, 0]]), 1e-6, "local", spacing=1.0)
    >>> cells_that_hold(mask, np.array([0.2, 0.5, 0.3]), 0.75)
    array([1, 2])
    """
    order = np.argsort(-probability / mask.cell_area, kind="stable")
    held = np.cumsum(probability[order])
    n_cells = int(np.searchsorted(held, share * held[-1] * (1 - 1e-12))) + 1
    return np.sort(order[:n_cells])


def contours(centres: ActivityCentres) -> pd.DataFrame:
    """Contours of the activity centres of all animals detected in a session.

    Parameters
    ----------
    centres
        From ``activity_centres``.

    Returns
    -------
    DataFrame
        One row per animal and contour: session, individual, share (0.5 and 0.95: the probability
        that the centre lies within), area_km2, geometry. Not for the public.
    """
    rows = []
    for name, probability in zip(centres.individuals, centres.probability, strict=True):
        for share in CONTOURS:
            cells = cells_that_hold(centres.mask, probability, share)
            rows.append(
                {
                    "session": centres.session,
                    "individual": name,
                    "share": share,
                    "area_km2": float(centres.mask.cell_area[cells].sum()),
                    "geometry": footprint(take_cells(centres.mask, cells)),
                }
            )
    return pd.DataFrame(rows, columns=["session", "individual", "share", "area_km2", "geometry"])
