r"""Least-cost distance over the cells of a mask whose resistance depends on covariates.

Cells of a lattice are joined to their 16 neighbours: along rows and columns, along diagonals, and
by the moves of a knight. A step costs the line integral of resistance along it,

.. math:: c_e = \sum_m \ell_{em} r_m, \qquad r_m = e^{x_m^\top \alpha}

with :math:`\ell_{em}` its metres in cell m. The distance from a trap to a cell is the least sum of
costs, and by the envelope theorem its derivative to :math:`\alpha` is the sum of the derivatives of
the costs along the path that is best, wherever one path is.

Where resistance is 1 everywhere, this is the length of the shortest path of such steps: never less
than the straight distance, and between cells of open ground at most 1.028 times it (1 over the
cosine of half of atan(1/2)). From a trap off the centre of its cell it is up to 1.041 times it
within a few cells.

References
----------
Royle, Chandler, Gazenski & Graves (2013) Ecology 94:287-294.
Sutherland, Fuller & Royle (2015) Methods Ecol. Evol. 6:169-177.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from scr.errors import MaskError
from scr.habitat.barrier import sees

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

_STEPS = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1))
_NEAR = 2.3
"""Sides of a cell up to which cells are joined to a trap directly."""

_SAMPLES = 32
"""Places along the line from a trap to a cell that tell which cells it crosses."""

_MOST_ON_LATTICE = 1e-6


@dataclass(frozen=True, eq=False)
class PathGrid:
    """Cells and traps of a session, and the steps between them.

    Parameters
    ----------
    n_cells, n_traps
        Numbers; cells come first among the nodes.
    first, second
        Nodes that each step joins, shape (n_steps,).
    metres
        Metres of each step in each cell, shape (n_steps, n_cells), sparse.
    """

    n_cells: int
    n_traps: int
    first: Ints
    second: Ints
    metres: csr_array

    @cached_property
    def _by_ends(self) -> tuple[Ints, Ints]:
        """Pairs of nodes as sorted numbers, and the step, from 1, between them."""
        n, step = self.n_cells + self.n_traps, np.arange(1, len(self.first) + 1)
        pairs = np.concatenate([self.first * n + self.second, self.second * n + self.first])
        order = np.argsort(pairs)
        return pairs[order], np.concatenate([step, step])[order]

    def lengths(self, resistance: Floats) -> Floats:
        """Least-cost distance of each cell from each trap.

        Parameters
        ----------
        resistance
            Of each cell, more than 0, shape (n_cells,).

        Returns
        -------
        NDArray
            Metres of ground of resistance 1, shape (n_traps, n_cells); infinite where no path
            leads.
        """
        return self._paths(self.metres @ resistance)[0]

    def lengths_and_slopes(self, resistance: Floats, columns: Floats) -> tuple[Floats, Floats]:
        """Least-cost distances, and their derivatives to the coefficients of log resistance.

        Parameters
        ----------
        resistance
            Of each cell, more than 0, shape (n_cells,).
        columns
            Columns of log resistance, shape (n_terms, n_cells).

        Returns
        -------
        tuple
            Shapes (n_traps, n_cells) and (n_terms, n_traps, n_cells); derivatives are 0 where no
            path leads.
        """
        length, before = self._paths(self.metres @ resistance)
        of_step = np.asarray(self.metres @ (columns * resistance).T).T  # (n_terms, n_steps)
        return length, self._summed(before, of_step)

    def _paths(self, cost: Floats) -> tuple[Floats, Ints]:
        """Distances, and the node before each node on its path, of every trap."""
        n = self.n_cells + self.n_traps
        graph = csr_array((cost, (self.first, self.second)), shape=(n, n))
        traps = self.n_cells + np.arange(self.n_traps)
        found, before = dijkstra(graph, directed=False, indices=traps, return_predecessors=True)
        return np.asarray(found[:, : self.n_cells]), np.asarray(before, dtype=np.int64)

    def _summed(self, before: Ints, of_step: Floats) -> Floats:
        """Sums of numbers of steps along the path to each cell, by jumps of doubled length."""
        n_traps, n = before.shape
        node = np.broadcast_to(np.arange(n), before.shape)
        moved = before >= 0
        step = np.zeros(before.shape, dtype=np.int64)
        pairs, steps = self._by_ends
        step[moved] = steps[np.searchsorted(pairs, before[moved] * n + node[moved])]
        ahead = np.where(moved, before, node) + n * np.arange(n_traps)[:, None]
        padded = np.concatenate([np.zeros((len(of_step), 1)), of_step], axis=1)
        total, ahead = padded[:, step].reshape(len(of_step), -1), ahead.ravel()
        while True:
            further = ahead[ahead]
            total = total + total[:, ahead]
            if np.array_equal(further, ahead):
                break
            ahead = further
        return np.asarray(total.reshape(len(of_step), n_traps, n)[:, :, : self.n_cells])


def path_grid(
    cell_xy: Floats, trap_xy: Floats, spacing: float | None, barrier: BaseGeometry | None = None
) -> PathGrid:
    """The steps between cells of a lattice, and from traps to the cells near them.

    A diagonal step needs one of the two cells beside it, and a knight's move both cells that it
    crosses; no step touches a barrier. A trap is joined to cells whose line to it stays in cells;
    where it stands in none, to the nearest cell alone, as if it stood in that.

    Parameters
    ----------
    cell_xy
        Centres, metres, shape (n_cells, 2).
    trap_xy
        Metres, shape (n_traps, 2).
    spacing
        Side of a cell, metres.
    barrier
        What no step may touch.

    Raises
    ------
    MaskError
        If cells lie on no lattice.
    """
    if spacing is None:
        msg = (
            "Least-cost paths lead from cell to neighbouring cell, and the cells of this mask lie "
            "on no square lattice along the axes. Make the mask by build_mask, or leave out the "
            "formula of distance."
        )
        raise MaskError(msg)
    lattice = _Lattice(cell_xy, spacing)
    first, second, rows, cells, metres = _between_cells(lattice, spacing)
    of_traps = _from_traps(lattice, cell_xy, trap_xy, spacing)
    n = len(first)
    first = np.concatenate([first, of_traps[0] + len(cell_xy)])
    second = np.concatenate([second, of_traps[1]])
    rows = np.concatenate([rows, of_traps[2] + n])
    cells, metres = np.concatenate([cells, of_traps[3]]), np.concatenate([metres, of_traps[4]])
    shape = (len(first), len(cell_xy))
    matrix = csr_array((metres, (rows, cells)), shape=shape)
    if barrier is not None:
        xy = np.concatenate([cell_xy, trap_xy])
        clear = np.flatnonzero(sees(barrier, xy[first], xy[second]))
        first, second, matrix = first[clear], second[clear], matrix[clear]
    return PathGrid(len(cell_xy), len(trap_xy), first, second, csr_array(matrix))


class _Lattice:
    """Which cell, if any, stands at a row and column of the lattice."""

    def __init__(self, cell_xy: Floats, spacing: float) -> None:
        self.origin, self.spacing = cell_xy.min(axis=0), spacing
        place = np.rint((cell_xy - self.origin) / spacing).astype(np.int64)
        self.number = np.full(place.max(axis=0) + 1, -1, dtype=np.int64)
        self.number[place[:, 0], place[:, 1]] = np.arange(len(cell_xy))
        self.place = place

    def at(self, place: Ints) -> Ints:
        """Cells at columns and rows, -1 where there is none; shape of all but the last axis."""
        inside = ((place >= 0) & (place < self.number.shape)).all(axis=-1)
        held = np.where(inside[..., None], place, 0)
        return np.where(inside, self.number[held[..., 0], held[..., 1]], -1)

    def of(self, xy: Floats) -> Ints:
        """Cells in which places lie, -1 where there is none."""
        return self.at(np.floor((xy - self.origin) / self.spacing + 0.5).astype(np.int64))


def _between_cells(lattice: _Lattice, spacing: float) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    """Ends of the steps between cells; steps, cells and metres of the sparse matrix."""
    ends: list[tuple[Ints, Ints]] = []
    entries: list[tuple[Ints, Ints, Floats]] = []
    n_steps = 0
    for dx, dy in _STEPS:
        to = lattice.at(lattice.place + np.array([dx, dy]))
        between = [lattice.at(lattice.place + offset) for offset in _crossed(dx, dy)]
        can = to >= 0
        if abs(dx) + abs(dy) == 2:
            can &= np.any([cell >= 0 for cell in between], axis=0)
            between = []
        for cell in between:
            can = can & (cell >= 0)
        start = np.flatnonzero(can)
        crossed = np.stack([start, *(cell[start] for cell in between), to[start]])
        step = n_steps + np.broadcast_to(np.arange(len(start)), crossed.shape)
        each = spacing * np.hypot(dx, dy) / len(crossed)  # equal parts lie in each
        ends.append((start, to[start]))
        entries.append((step.ravel(), crossed.ravel(), np.full(crossed.size, each)))
        n_steps += len(start)
    first, second = (np.concatenate(part) for part in zip(*ends, strict=True))
    rows, cells, metres = (np.concatenate(part) for part in zip(*entries, strict=True))
    return first, second, rows, cells, metres


def _crossed(dx: int, dy: int) -> list[Ints]:
    """Cells that a step crosses on its way, or that lie beside a diagonal one."""
    if abs(dx) + abs(dy) == 1:
        return []
    if abs(dx) == abs(dy):
        return [np.array([dx, 0]), np.array([0, dy])]
    middle = np.array([dx, dy]) / 2  # a knight's move crosses the two cells at its middle
    return [np.floor(middle + 1e-9).astype(np.int64), np.ceil(middle - 1e-9).astype(np.int64)]


def _from_traps(
    lattice: _Lattice, cell_xy: Floats, trap_xy: Floats, spacing: float
) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    """Trap and cell of each step from a trap; steps, cells and metres of the sparse matrix."""
    tree, own = cKDTree(cell_xy), lattice.of(trap_xy)
    along = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    traps, ends, rows, cells, metres = [], [], [], [], []
    n_steps = 0
    for trap, place in enumerate(trap_xy):
        if own[trap] < 0:
            near = np.array([tree.query(place)[1]])
            crossed = np.broadcast_to(near[:, None], (1, _SAMPLES))
        else:
            near = np.array(sorted(tree.query_ball_point(place, _NEAR * spacing)), dtype=np.int64)
            line = place + along[:, None] * (cell_xy[near][:, None, :] - place)
            crossed = lattice.of(line)  # (n_near, n_samples)
            inside = (crossed >= 0).all(axis=1)
            near, crossed = near[inside], crossed[inside]
        length = np.hypot(*(cell_xy[near] - place).T)
        traps.append(np.full(len(near), trap))
        ends.append(near)
        rows.append(n_steps + np.repeat(np.arange(len(near)), _SAMPLES))
        cells.append(crossed.ravel())
        metres.append(np.repeat(length / _SAMPLES, _SAMPLES))
        n_steps += len(near)
    return (
        np.concatenate(traps).astype(np.int64),
        np.concatenate(ends).astype(np.int64),
        np.concatenate(rows).astype(np.int64),
        np.concatenate(cells).astype(np.int64),
        np.concatenate(metres),
    )
