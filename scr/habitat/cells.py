"""Cells as squares on the ground."""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import binary_fill_holes

from scr.habitat.mask import HabitatMask
from scr.units import M2_PER_KM2


def cell_side(mask: HabitatMask) -> NDArray[np.float64]:
    """Side of the square that stands for each cell, metres, shape (n_cells,).

    Parameters
    ----------
    mask
        The cells. Without a lattice a cell is a square of its area.
    """
    if mask.spacing is not None:
        return np.full(len(mask), mask.spacing)
    return np.asarray(np.sqrt(mask.cell_area * M2_PER_KM2), dtype=np.float64)


def cell_squares(mask: HabitatMask) -> NDArray[np.object_]:
    """Cells as squares along the axes, metres, shape (n_cells,).

    Parameters
    ----------
    mask
        The cells. On a rotated lattice the squares stand along the axes all the same.

    Examples
    --------
    >>> mask = HabitatMask(xy=np.array([[500.0, 500.0]]), cell_area=np.array([1.0]), crs="local")
    >>> cell_squares(mask)[0].bounds
    (0.0, 0.0, 1000.0, 1000.0)
    """
    half = cell_side(mask)[:, None] / 2
    low, high = mask.xy - half, mask.xy + half
    return np.asarray(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]), dtype=object)


def holes_filled(xy: NDArray[np.float64], spacing: float) -> NDArray[np.float64]:
    """The cells of a lattice with those they surround: gaps that no path of missing cells leaves.

    Parameters
    ----------
    xy
        Centres on one lattice along the axes, metres, shape (n, 2).
    spacing
        Side of a cell, metres.

    Returns
    -------
    ndarray
        Centres, shape (at least n, 2).

    Examples
    --------
    >>> ring = np.array([[x, y] for x in range(3) for y in range(3) if (x, y) != (1, 1)], float)
    >>> len(holes_filled(ring, 1.0))
    9
    """
    first = xy.min(axis=0)
    index = np.rint((xy - first) / spacing).astype(np.int64)
    grid = np.zeros(tuple(index.max(axis=0) + 1), dtype=np.bool_)
    grid[index[:, 0], index[:, 1]] = True
    return np.asarray(first + np.argwhere(binary_fill_holes(grid)) * spacing, dtype=np.float64)
