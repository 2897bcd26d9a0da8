r"""Searched areas and lines, and fixes, in plain NumPy, by brute force: beside ``reference``.

The share of an area is summed over triangles between the centre and each edge, their area positive
where the edge runs round the centre to the left, negative where to the right; that of a line over
its edges. The compiled likelihood does it by integrals along edges alone.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.data import LikelihoodData, Parts
from scr.model.arrays import ModelArrays
from scr.model.detection import SHAPES, DetectionFunction

Array = NDArray[np.float64]

PANELS = 12
"""Panels of each edge, and between it and the centre, of eight nodes each."""


def log_share(
    cell_xy: Array, parts: Parts, log_k: Callable[[Array], Array], log_all: float, *, part: int
) -> Array:
    """Log of the share of all detections that falls in one part, for centres in each cell.

    Parameters
    ----------
    cell_xy
        Centres, metres, shape (n_cells, 2).
    parts
        What was searched.
    log_k
        Log of the shape of the detection function, of distance in metres.
    log_all
        Log of its integral over the plane, m2, or along an endless line, m.
    part
        Which of them.

    Returns
    -------
    ndarray
        Shape (n_cells,).
    """
    total = np.zeros(len(cell_xy))
    at, weight = _nodes()
    for x0, y0, x1, y1 in parts.edge[parts.start[part] : parts.start[part + 1]]:
        a = np.array([x0, y0]) - cell_xy
        along = np.array([x1 - x0, y1 - y0])
        place = a[:, None, :] + at[:, None] * along  # (n_cells, n_nodes, axis)
        away = np.hypot(place[..., 0], place[..., 1])
        if parts.dims == 1:
            total += np.hypot(*along) * (np.exp(log_k(away)) @ weight)
            continue
        twice_area = a[:, 0] * along[1] - a[:, 1] * along[0]
        inward = sum(w * u * np.exp(log_k(u * away)) for u, w in zip(at, weight, strict=True))
        total += twice_area * (np.asarray(inward) @ weight)
    with np.errstate(divide="ignore"):
        return np.log(np.maximum(total, 0.0)) - log_all


def _nodes() -> tuple[Array, Array]:
    """Nodes and weights of Gauss's rule in panels from 0 to 1."""
    node, weight = np.polynomial.legendre.leggauss(8)
    start = np.arange(PANELS)[:, None]
    return ((start + (node + 1) / 2) / PANELS).ravel(), np.tile(weight / 2 / PANELS, PANELS)


def log_fixes(
    data: LikelihoodData,
    arrays: ModelArrays,
    family: DetectionFunction,
    log_k: Callable[..., Array],
    *,
    animal: int,
) -> Array:
    """Sum of log f over the fixes of one animal.

    Parameters
    ----------
    data
        The session.
    arrays, family
        Parameters and detection function.
    log_k
        Log of its shape: of distance, family, sigma and z.
    animal
        Index of the animal in the session.

    Returns
    -------
    ndarray
        Shape (n_classes, n_cells).
    """
    fixes, total = data.fixes, np.zeros((data.n_classes, data.n_cells))
    for row in np.flatnonzero(fixes.animal == animal):
        sigma, z = float(arrays.sigma[fixes.shape[row]]), float(arrays.z[fixes.shape[row]])
        apart = data.cell_xy - fixes.xy[row]
        root_mean_square = np.sqrt((apart**2).sum(axis=1) + fixes.away[row])
        log_f = log_k(root_mean_square, family, sigma=sigma, z=z) - log_whole(family, 2, sigma)
        total[fixes.class_[row]] += fixes.count[row] * log_f
    return total


def log_whole(family: DetectionFunction, dims: int, sigma: float) -> float:
    """Log of the integral of k over the plane, m2, or along an endless line, m.

    Parameters
    ----------
    family
        Detection function.
    dims
        2 or 1.
    sigma
        Metres.
    """
    return float(np.log(SHAPES[family.shape].whole(dims)) + dims * np.log(sigma))
