"""How far stations stand from their neighbours."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree


def nearest_neighbours(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance from each place to its nearest neighbour, metres, shape (n,); 0 for a lone place.

    Parameters
    ----------
    xy
        Places, metres, shape (n, 2). Of two at one place each has the other for its neighbour.

    Examples
    --------
    >>> nearest_neighbours(np.array([[0.0, 0.0], [3000.0, 0.0], [4000.0, 0.0]]))
    array([3000., 1000., 1000.])
    """
    if len(xy) < 2:
        return np.zeros(len(xy))
    return np.asarray(cKDTree(xy).query(xy, k=2)[0][:, 1])


def median_spacing(sessions: Iterable[NDArray[np.float64]]) -> float | None:
    """Median distance from a place to the nearest other place, within sessions, metres.

    Parameters
    ----------
    sessions
        Places of each session, metres, shape (n, 2); those that several traps share count once.

    Returns
    -------
    float or None
        None where no session has two places.

    Examples
    --------
    >>> median_spacing([np.array([[0.0, 0.0], [0.0, 0.0], [3000.0, 0.0]])])
    3000.0
    """
    each = [np.unique(xy, axis=0) for xy in sessions]
    nearest = [nearest_neighbours(places) for places in each if len(places) > 1]
    return float(np.median(np.concatenate(nearest))) if nearest else None
