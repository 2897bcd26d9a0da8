"""From cells to a grid of pixels, north up."""

from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from scr.errors import MaskError
from scr.habitat.mask import HabitatMask

_OFF_LATTICE = 1e-3


@dataclass(frozen=True, eq=False)
class Grid:
    """Pixels that hold the cells of a mask.

    Parameters
    ----------
    row, column
        Pixel of each cell, from the north-west corner, shape (n_cells,).
    shape
        Rows and columns.
    transform
        From (column, row) to coordinates, metres.
    """

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    shape: tuple[int, int]
    transform: Affine

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north edge, metres."""
        west, north = self.transform @ (0, 0)
        east, south = self.transform @ (self.shape[1], self.shape[0])
        return west, south, east, north

    def filled(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values of the cells as an image, NaN where there is no cell.

        Parameters
        ----------
        values
            One for each cell, shape (n_cells,).

        Returns
        -------
        NDArray
            Shape (n_rows, n_columns), north up.
        """
        image = np.full(self.shape, np.nan)
        image[self.row, self.column] = values
        return image


def grid_of(mask: HabitatMask) -> Grid:
    """The smallest grid that holds all cells.

    Parameters
    ----------
    mask
        Cells on a lattice along the axes.

    Raises
    ------
    MaskError
        If the cells do not lie on such a lattice.

    Examples
    --------
    >>> mask = HabitatMask(np.array([[0.0, 0.0], [20.0, 10.0]]), 1e-4, "local", spacing=10.0)
    >>> grid = grid_of(mask)
    >>> grid.shape, grid.bounds
    ((2, 3), (-5.0, -5.0, 25.0, 15.0))
    """
    spacing = mask.spacing
    if spacing is None:
        msg = (
            f"The cells of {mask.source} do not lie on a lattice along the axes, so that they "
            "cannot be pixels of a raster. Predict on a mask made by build_mask (mask=)."
        )
        raise MaskError(msg)
    west, north = mask.xy[:, 0].min(), mask.xy[:, 1].max()
    position = np.column_stack([north - mask.xy[:, 1], mask.xy[:, 0] - west]) / spacing
    pixel = np.rint(position).astype(np.int64)
    off = int((np.abs(position - pixel).max(axis=1) > _OFF_LATTICE).sum())
    if off:
        msg = (
            f"{off} cells of {mask.source} lie off the lattice of the others. "
            "Make the masks of all sessions on one lattice, or write one session at a time."
        )
        raise MaskError(msg)
    transform = Affine.translation(west - spacing / 2, north + spacing / 2) @ Affine.scale(
        spacing, -spacing
    )
    n_rows, n_columns = pixel.max(axis=0) + 1
    return Grid(pixel[:, 0], pixel[:, 1], (int(n_rows), int(n_columns)), transform)
