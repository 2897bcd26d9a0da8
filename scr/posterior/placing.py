"""Animals of a cell placed in the cell, so that a boundary that cuts it parts whole animals."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from scr.habitat.cells import cell_side
from scr.habitat.mask import HabitatMask


def animals_in_zones(
    counts: NDArray[np.int32],
    cells: HabitatMask,
    share: NDArray[np.float64],
    grounds: list[BaseGeometry],
    *,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Animals of each draw that live in each zone.

    Animals of cells that no boundary cuts count as they are. Those of cut cells are each given a
    place, even over the cell, and count where it lies: a zone holds the share of the area on
    average, its number stays whole, and its variance is that of animals, not of shares of them.
    One place serves for all zones, so that zones that part a cell part its animals.

    Parameters
    ----------
    counts
        Animals of each cell, shape (n_draws, n_cells).
    cells
        The cells.
    share
        Share of each cell that lies in each zone, shape (n_zones, n_cells).
    grounds
        Outline of each zone.
    rng
        Generator.

    Returns
    -------
    NDArray
        Shape (n_draws, n_zones).

    Examples
    --------
    >>> mask = HabitatMask(np.array([[0.5, 0.5], [1.5, 0.5]]), 1e-6, "local", spacing=1.0)
    >>> zone = shapely.box(0, 0, 1, 1)
    >>> counts = np.array([[3, 5]], dtype=np.int32)
    >>> animals_in_zones(
    ...     counts, mask, np.array([[1.0, 0.0]]), [zone], rng=np.random.default_rng(1)
    ... )
    array([[3.]])
    """
    cut = ((share > 0) & (share < 1)).any(axis=0)
    total = np.zeros((len(counts), len(share)))
    for zone in range(len(share)):
        whole = np.flatnonzero((share[zone] == 1) & ~cut)
        total[:, zone] = counts[:, whole].sum(axis=1)
    if not cut.any():
        return total
    columns = np.flatnonzero(cut)
    draw, place = np.nonzero(counts[:, columns])
    times = counts[draw, columns[place]]
    draw, cell = np.repeat(draw, times), np.repeat(columns[place], times)
    xy = cells.xy[cell] + cell_side(cells)[cell, None] * (rng.random((len(cell), 2)) - 0.5)
    for zone, ground in enumerate(grounds):
        of_cell = share[zone, cell]
        inside = of_cell == 1
        at_edge = np.flatnonzero((of_cell > 0) & (of_cell < 1))
        inside[at_edge] = shapely.contains_xy(ground, xy[at_edge])
        total[:, zone] += np.bincount(draw[inside], minlength=len(counts))
    return total
