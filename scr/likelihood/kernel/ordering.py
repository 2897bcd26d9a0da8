"""Cells sorted for the compiled likelihood: a whole lattice, or bands and blocks."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.data import LikelihoodData

BLOCK = 16
"""Cells in a block, the unit in which cells are chosen over pairs."""

BAND = 6
"""Rows of cells in a band, so that a block of a band is about as high as it is wide."""

STRIDE = 16
"""Rows of a lattice are filled up to a multiple of this many cells, which loops take at once."""

EXACT = 1e-7
"""Distance in metres up to which cells lie on a lattice."""

LEAST_FILLED = 0.2
"""Share of a lattice that must be cells; in a sparser one its holes would cost too much."""

NO_AREA = -1e300
"""log km2 of a hole of a lattice, in which nothing can live."""


def ordered_cells(sessions: Sequence[LikelihoodData], *, on_lattice: bool) -> dict[str, Any]:
    """Cells sorted into the rows of a lattice, or into bands of rows cut into blocks.

    Parameters
    ----------
    sessions
        One record a session.
    on_lattice
        Whether row and column factors are wanted, if the cells of every session lie on a lattice
        along the axes.

    Returns
    -------
    dict
        The arrays of ``Packed`` that describe cells, rows, columns and blocks. There are columns
        or blocks, the others being empty.
    """
    columns = [_columns(data) for data in sessions] if on_lattice else [None]
    found = [column for column in columns if column is not None]
    complete = len(found) == len(columns)
    cells = _lattice(sessions, found) if complete else _bands_and_blocks(sessions)
    n_cells = np.cumsum([0, *(data.n_cells for data in sessions)])
    return {**cells, "session_first": n_cells.astype(np.int64)}


def _columns(data: LikelihoodData) -> NDArray[np.int64] | None:
    """Column of each cell, or None where the cells do not lie on a lattice."""
    if data.spacing is None:
        return None
    offset = (data.cell_xy - data.cell_xy.min(axis=0)) / data.spacing
    place = np.rint(offset)
    n_rows = len(np.unique(place[:, 1]))
    filled = data.n_cells / (n_rows * (place[:, 0].max() + 1))
    distinct = len(np.unique(place, axis=0)) == data.n_cells
    exact = np.abs(offset - place).max() * data.spacing <= EXACT
    return place[:, 0].astype(np.int64) if exact and distinct and filled >= LEAST_FILLED else None


def _lattice(
    sessions: Sequence[LikelihoodData], columns: Sequence[NDArray[np.int64]]
) -> dict[str, Any]:
    """Rows of all columns, holes among the cells marked by their order of -1."""
    parts: dict[str, list[Any]] = {name: [] for name in ("x", "y", "area", "order")}
    column_x: list[NDArray[np.float64]] = []
    row_y: list[NDArray[np.float64]] = []
    first = 0
    for data, column in zip(sessions, columns, strict=True):
        spacing = data.spacing or 1.0
        width = -(-int(column.max() + 1) // STRIDE) * STRIDE
        x = data.cell_xy[:, 0].min() + spacing * np.arange(width)
        height = np.rint((data.cell_xy[:, 1] - data.cell_xy[:, 1].min()) / spacing)
        _, cell_of_row, place = np.unique(height, return_index=True, return_inverse=True)
        y = data.cell_xy[cell_of_row, 1]
        order = np.full((len(y), width), -1, dtype=np.int64)
        area = np.full((len(y), width), NO_AREA)
        order[place.reshape(-1), column] = first + np.arange(data.n_cells)
        area[place.reshape(-1), column] = np.log(data.cell_area)
        parts["order"].append(order.ravel())
        parts["area"].append(area.ravel())
        parts["x"].append(np.tile(x, len(y)))
        parts["y"].append(np.repeat(y, width))
        column_x.append(x)
        row_y.append(y)
        first += data.n_cells
    widths = np.concatenate([np.full(len(y), len(x)) for x, y in zip(column_x, row_y, strict=True)])
    return {
        "cell_x": np.concatenate(parts["x"]),
        "cell_y": np.concatenate(parts["y"]),
        "log_area": np.concatenate(parts["area"]),
        "cell_order": np.concatenate(parts["order"]),
        "session_cell": _ends(parts["order"]),
        "session_row": _ends(row_y),
        "session_block": np.zeros(len(sessions) + 1, dtype=np.int64),
        "session_column": _ends(column_x),
        "column_x": np.concatenate(column_x),
        "row_start": np.append(0, np.cumsum(widths)).astype(np.int64),
        "row_low": np.concatenate(row_y),
        "row_high": np.concatenate(row_y),
        "block_box": np.empty((4, 0)),
    }


def _ends(parts: Sequence[Any]) -> NDArray[np.int64]:
    return np.cumsum([0, *map(len, parts)]).astype(np.int64)


def _bands_and_blocks(sessions: Sequence[LikelihoodData]) -> dict[str, Any]:
    """Bands of a few rows, each from west to east and filled up to whole blocks."""
    order: list[NDArray[np.int64]] = []
    cells: list[NDArray[np.int64]] = []
    row_start, session_row = [0], [0]
    first = 0
    for data in sessions:
        for band in _bands(data):
            filled = np.pad(first + band, (0, -len(band) % BLOCK), mode="edge")
            cells.append(filled)
            order.append(np.where(np.arange(len(filled)) < len(band), filled, -1))
            row_start.append(row_start[-1] + len(filled))
        session_row.append(len(row_start) - 1)
        first += data.n_cells
    cell, cell_order = np.concatenate(cells), np.concatenate(order)
    xy = np.concatenate([data.cell_xy for data in sessions])[cell]
    area = np.concatenate([data.cell_area for data in sessions])[cell]
    by_block = xy.reshape(-1, BLOCK, 2)
    low, high = by_block.min(axis=1), by_block.max(axis=1)
    session_cell = np.array(row_start)[session_row].astype(np.int64)
    return {
        "cell_x": xy[:, 0].copy(),
        "cell_y": xy[:, 1].copy(),
        "log_area": np.where(cell_order < 0, NO_AREA, np.log(area)),
        "cell_order": cell_order,
        "session_cell": session_cell,
        "session_row": np.array(session_row, dtype=np.int64),
        "session_block": session_cell // BLOCK,
        "session_column": np.zeros(len(sessions) + 1, dtype=np.int64),
        "column_x": np.empty(0),
        "row_start": np.array(row_start, dtype=np.int64),
        "row_low": np.minimum.reduceat(xy[:, 1], row_start[:-1]),
        "row_high": np.maximum.reduceat(xy[:, 1], row_start[:-1]),
        "block_box": np.stack([low[:, 0], high[:, 0], low[:, 1], high[:, 1]]),
    }


def _bands(data: LikelihoodData) -> Iterator[NDArray[np.int64]]:
    """Cells of each band from west to east; any 16 that follow each other are near each other."""
    side = data.spacing or np.sqrt(np.median(data.cell_area)) * 1000
    x, y = data.cell_xy.T
    row = np.rint((y - y.min()) / side)
    n_rows = row.max() + 1
    band = np.floor(row * np.ceil(n_rows / BAND) / n_rows)
    sequence = np.lexsort((y, x, band))
    yield from np.split(sequence, np.flatnonzero(np.diff(band[sequence])) + 1)
