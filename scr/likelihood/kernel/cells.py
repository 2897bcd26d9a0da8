"""Cells sorted for the compiled likelihood: rows of a lattice, or bands, in blocks of 16."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from scr.likelihood.data import LikelihoodData
from scr.likelihood.kernel.arrays import Cells, Distances, Floats, Ints, Sessions

BLOCK = 16
"""Cells in a block, the unit in which cells are chosen."""

BAND = 6
"""Rows of cells in a band, so that a block of a band is about as high as it is wide."""

EXACT = 1e-7
"""Distance in metres up to which cells lie on a lattice."""

LEAST_FILLED = 0.2
"""Share of a lattice that must be cells; in a sparser one its holes would cost too much."""

FAR = 1e9
"""Given distance of holes, metres."""

NO_AREA = -1e300
"""log km2 of a hole, in which nothing can live."""


def order_cells(
    sessions: Sequence[LikelihoodData], *, on_lattice: bool
) -> tuple[Cells, Sessions, bool]:
    """Cells sorted into the rows of a lattice, or into bands of rows, and cut into blocks.

    Parameters
    ----------
    sessions
        One record a session.
    on_lattice
        Whether a lattice is wanted, if the cells of every session lie on one along the axes.

    Returns
    -------
    tuple
        Cells, where those of each session start, and whether they are lattices.
    """
    columns = [_columns(data) for data in sessions] if on_lattice else [None]
    found = [column for column in columns if column is not None]
    lattice = len(found) == len(columns)
    order, rows, x, y = [], [], [], []
    first = np.cumsum([0, *(data.n_cells for data in sessions)]).astype(np.int64)
    column_x: list[Floats] = []
    session_row = [0]
    for s, data in enumerate(sessions):
        if lattice:
            by_row, row_x, row_y = _lattice(data, found[s])
            column_x.append(row_x)
        else:
            by_row = list(_bands(data))
        for r, row in enumerate(by_row):
            filled = np.pad(row, (0, -len(row) % BLOCK), mode="edge")
            order.append(np.where((np.arange(len(filled)) < len(row)) & (filled >= 0), filled, -1))
            x.append(row_x if lattice else data.cell_xy[filled, 0])
            y.append(np.full(len(row), row_y[r]) if lattice else data.cell_xy[filled, 1])
            rows.append(len(filled) // BLOCK)
        session_row.append(len(rows))
    widths = [len(x) for x in column_x] if lattice else [0] * len(sessions)
    row_block = np.cumsum([0, *rows]).astype(np.int64)
    per_row = np.repeat(np.arange(len(sessions)), np.diff(session_row))
    offset = np.repeat(first[per_row], [len(row) for row in order])
    within = np.concatenate(order)
    place = np.where(within < 0, -1, within + offset).astype(np.int64)
    return (
        _cells(place, np.concatenate(x), np.concatenate(y), row_block, sessions, column_x),
        Sessions(
            cell=BLOCK * row_block[session_row],
            row=np.array(session_row, dtype=np.int64),
            column=np.cumsum([0, *widths]).astype(np.int64),
            first=first,
        ),
        lattice,
    )


def _cells(
    place: Ints,
    x: Floats,
    y: Floats,
    row_block: Ints,
    sessions: Sequence[LikelihoodData],
    column_x: list[Floats],
) -> Cells:
    area = np.concatenate([data.cell_area for data in sessions])
    in_blocks = x.reshape(-1, BLOCK), y.reshape(-1, BLOCK)
    box = [extreme for axis in in_blocks for extreme in (axis.min(axis=1), axis.max(axis=1))]
    return Cells(
        x=x,
        y=y,
        log_area=np.where(place < 0, NO_AREA, np.log(area[np.maximum(place, 0)])),
        order=place,
        box=np.stack(box),
        row_block=row_block,
        row_low=np.minimum.reduceat(box[2], row_block[:-1]),
        row_high=np.maximum.reduceat(box[3], row_block[:-1]),
        column_x=np.concatenate([np.empty(0), *column_x]),
    )


def _columns(data: LikelihoodData) -> Ints | None:
    """Column of each cell, or None where the cells do not lie on a lattice."""
    if data.spacing is None or data.distance is not None:
        return None
    offset = (data.cell_xy - data.cell_xy.min(axis=0)) / data.spacing
    place = np.rint(offset)
    n_rows = len(np.unique(place[:, 1]))
    filled = data.n_cells / (n_rows * (place[:, 0].max() + 1))
    distinct = len(np.unique(place, axis=0)) == data.n_cells
    exact = np.abs(offset - place).max() * data.spacing <= EXACT
    return place[:, 0].astype(np.int64) if exact and distinct and filled >= LEAST_FILLED else None


def _lattice(data: LikelihoodData, column: Ints) -> tuple[list[Ints], Floats, Floats]:
    """Cells of each row, -1 for a hole, with x of the columns and y of the rows."""
    spacing = data.spacing or 1.0
    width = -(-int(column.max() + 1) // BLOCK) * BLOCK
    x = data.cell_xy[:, 0].min() + spacing * np.arange(width)
    height = np.rint((data.cell_xy[:, 1] - data.cell_xy[:, 1].min()) / spacing)
    _, cell_of_row, row = np.unique(height, return_index=True, return_inverse=True)
    order = np.full((len(cell_of_row), width), -1, dtype=np.int64)
    order[row.reshape(-1), column] = np.arange(data.n_cells)
    return list(order), x, data.cell_xy[cell_of_row, 1]


def _bands(data: LikelihoodData) -> Iterator[Any]:
    """Cells of each band from west to east; any 16 that follow each other are near each other."""
    side = data.spacing or np.sqrt(np.median(data.cell_area)) * 1000
    x, y = data.cell_xy.T
    row = np.rint((y - y.min()) / side)
    n_rows = row.max() + 1
    band = np.floor(row * np.ceil(n_rows / BAND) / n_rows)
    sequence = np.lexsort((y, x, band))
    yield from np.split(sequence, np.flatnonzero(np.diff(band[sequence])) + 1)


def order_distances(
    sessions: Sequence[LikelihoodData], cells: Cells, starts: Sessions
) -> tuple[Distances, list[Ints]]:
    """Given distances in packed order, and where those of each point start (-1 for none).

    Parameters
    ----------
    sessions
        One record a session.
    cells, starts
        From ``order_cells``.
    """
    parts, sources, given, n, n_before = [np.empty(0)], [np.empty(0, np.int64)], [], 0, 0
    for s, data in enumerate(sessions):
        if data.distance is None:
            given.append(np.full(len(data.point_xy), -1, dtype=np.int64))
            continue
        order = cells.order[starts.cell[s] : starts.cell[s + 1]] - starts.first[s]
        n_points, n_cells = data.distance.shape
        rows = n_before + n_cells * np.arange(n_points)[:, None]
        sources.append(np.where(order < 0, -1, rows + order).ravel())
        given.append(n + len(order) * np.arange(n_points))
        parts.append(data.distance.ravel())
        n, n_before = n + n_points * len(order), n_before + data.distance.size
    none = Distances(np.empty(0), np.empty(0), np.concatenate(sources))
    return place_distances(none, np.concatenate(parts)), given


def place_distances(distances: Distances, given: Floats) -> Distances:
    """The same with other distances.

    Parameters
    ----------
    distances
        Distances in packed order.
    given
        Metres from each point to each cell, point after point.
    """
    if len(distances.source) == 0:
        return Distances(np.empty(0), np.empty(0), distances.source)
    at = np.where(distances.source < 0, FAR, given[np.maximum(distances.source, 0)])
    squared = np.square(at)
    return Distances(squared, squared.reshape(-1, BLOCK).min(axis=1), distances.source)
