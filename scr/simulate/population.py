"""Populations: how many animals there are, where each has its centre, and its class."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scr.errors import MaskError
from scr.habitat.mask import HabitatMask

Centres = Literal["within_cell", "cell_centre"]
"""Where in its cell an animal has its activity centre."""


@dataclass(frozen=True, eq=False)
class Population:
    """All animals of one session, detected or not.

    Parameters
    ----------
    xy
        Activity centres, metres, shape (n_animals, 2).
    cell
        Mask row of each animal's cell, shape (n_animals,).
    class_
        Class of each animal, from 0, shape (n_animals,).
    effect
        What each animal adds to log lambda0, or logit g0, shape (n_animals,); None where animals
        of a class are alike.
    """

    xy: NDArray[np.float64]
    cell: NDArray[np.int64]
    class_: NDArray[np.int64]
    effect: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.cell)


def simulate_population(
    mask: HabitatMask,
    log_density: NDArray[np.float64],
    *,
    share: NDArray[np.float64],
    rng: np.random.Generator,
    cells: NDArray[np.int64] | None = None,
    centres: Centres = "within_cell",
    is_fixed: bool = False,
) -> Population:
    r"""Animals of a Poisson process over the mask cells, or a fixed number of them.

    .. math:: N_{um} \sim \text{Poisson}(\psi_u\, a_m D_{um})

    Parameters
    ----------
    mask
        Cells in which activity centres lie.
    log_density
        Log of expected animals per km2, of all classes together, shape (1 or n_classes, n_cells).
    share
        Share :math:`\psi` of each class, summing to 1, shape (n_classes,).
    rng
        Source of random numbers.
    cells
        Mask rows that ``log_density`` refers to, shape (n_cells,); all of them if left out.
    centres
        ``"within_cell"`` spreads centres evenly over their square cell; ``"cell_centre"`` puts
        them where the likelihood does, so that nothing is lost to the size of the cells.
    is_fixed
        Whether there are as many animals as expected in all, to the nearest whole number, each in a
        cell and class by itself.

    Raises
    ------
    MaskError
        If centres are to lie within cells but the mask has no spacing.
    """
    if centres == "within_cell" and mask.spacing is None:
        msg = (
            f"{mask.source} has no spacing, so the shape of its cells is not known. "
            "Use centres='cell_centre', or a mask whose cells lie on a square lattice."
        )
        raise MaskError(msg)
    rows = np.arange(len(mask), dtype=np.int64) if cells is None else cells
    expected = share[:, None] * mask.cell_area[rows] * np.exp(log_density)  # (n_classes, n_cells)
    if is_fixed:
        total = float(expected.sum())
        number = rng.multinomial(round(total), (expected / total).ravel()).reshape(expected.shape)
    else:
        number = rng.poisson(expected)
    class_, position = (
        np.repeat(index, number.ravel()) for index in np.indices(number.shape).reshape(2, -1)
    )
    cell = rows[position]
    xy = mask.xy[cell].copy()
    if centres == "within_cell" and mask.spacing is not None:
        xy += mask.spacing * (rng.random(xy.shape) - 0.5)
    order = rng.permutation(len(cell))
    return Population(xy=xy[order], cell=cell[order], class_=class_[order].astype(np.int64))
