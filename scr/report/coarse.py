"""Surfaces made coarser, where a page could not hold every cell."""

from dataclasses import replace

import numpy as np
import pandas as pd

from scr.habitat.cells import cell_side
from scr.habitat.mask import HabitatMask
from scr.posterior.surface import Surface


def coarse_surface(surface: Surface, factor: int) -> Surface:
    """A surface on blocks of cells: each number is the mean over a block, weighted by area.

    Parameters
    ----------
    surface
        The surface.
    factor
        Cells along the side of a block; 1 leaves the surface as it is.

    Examples
    --------
    >>> mask = HabitatMask(np.array([[0.5, 0.5], [1.5, 0.5]]), 1e-6, "local", spacing=1.0)
    >>> table = pd.DataFrame({"median": [1.0, 3.0]})
    >>> fine = Surface(mask, table, "expected density", "animals", None, "posterior", 1)
    >>> coarse_surface(fine, 2).summary["median"].tolist()
    [2.0]
    """
    if factor == 1:
        return surface
    mask = surface.mask
    side = factor * float(np.median(cell_side(mask)))
    corner = (mask.xy - cell_side(mask)[:, None] / 2).min(axis=0)
    block = np.floor((mask.xy - corner) / side).astype(np.int64)
    blocks, of_cell = np.unique(block, axis=0, return_inverse=True)
    of_cell = of_cell.ravel()
    area = np.bincount(of_cell, weights=mask.cell_area)

    def mean(table: pd.DataFrame) -> pd.DataFrame:
        sums = {
            name: np.bincount(of_cell, weights=mask.cell_area * table[name].to_numpy(np.float64))
            for name in table
        }
        return pd.DataFrame({name: total / area for name, total in sums.items()})

    cells = HabitatMask(
        xy=corner + side * (blocks + 0.5),
        cell_area=area,
        crs=mask.crs,
        spacing=side,
        source=mask.source,
    )
    support = None if surface.support is None else mean(surface.support)
    return replace(surface, mask=cells, summary=mean(surface.summary), support=support)
