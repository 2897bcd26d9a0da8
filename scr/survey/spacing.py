"""How far stations stand from their neighbours."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scr.survey.parts import scale_of
from scr.survey.traps import Traps

_LARGEST_GROUP = 3
_APART = 5.0


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

    Cameras set up in pairs a hundred metres apart, the pairs kilometres from each other, tell
    nothing of how far animals range: the distance that matters is that to the next pair. A place
    whose second (or third) neighbour is five times as far as the one before has that distance for
    its own. Groups of four and more are clusters meant as such, and keep their spacing.

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
    >>> x = np.array([0.0, 100.0, 3000.0, 3100.0, 6000.0, 6100.0])
    >>> median_spacing([np.stack([x, 0 * x], axis=1)])
    2900.0
    """
    each = [np.unique(xy, axis=0) for xy in sessions]
    nearest = [_beyond_pairs(places) for places in each if len(places) > 1]
    return float(np.median(np.concatenate(nearest))) if nearest else None


def layout_spacing(layouts: Iterable[Traps]) -> float | None:
    """Median spacing of traps, or where areas or lines are searched the median of their size.

    Parameters
    ----------
    layouts
        Traps of each session.

    Returns
    -------
    float or None
        Metres; None where all traps of each session stand in one place.
    """
    every = list(layouts)
    sizes = [scale_of(traps.parts) for traps in every if traps.parts is not None]
    if sizes:
        return float(np.median(np.concatenate(sizes)))
    return median_spacing(traps.xy for traps in every)


def _beyond_pairs(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of each place to the nearest that is not of its own pair or three."""
    count = min(_LARGEST_GROUP + 1, len(places))
    distance = cKDTree(places).query(places, k=count)[0][:, 1:]
    found: NDArray[np.float64] = distance[:, 0]
    for nearer, further in zip(distance.T[:-1], distance.T[1:], strict=True):
        found = np.where(further >= _APART * nearer, further, found)
    return found
