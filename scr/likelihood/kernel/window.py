"""The cells that count in one animal's history, and the sum over them."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled, compiled_inside, compiled_loop, compiled_search
from scr.likelihood.kernel.exponential import exponential
from scr.likelihood.kernel.packing import HAZARD_RATE, Packed


class Candidates(NamedTuple):
    """Blocks where an animal may live, by its classes; over pairs.

    Parameters
    ----------
    n
        How many for each class, shape (n_options,).
    block, row
        The blocks and their rows, shape (n_options, n_blocks).
    bound
        Upper bound of what each adds, as a logarithm, shape (n_options, n_blocks).
    box, share
        Room for their boxes, shape (4, n_blocks), and for a number for each, shape (n_blocks,).
    """

    n: NDArray[np.int64]
    block: NDArray[np.int64]
    row: NDArray[np.int64]
    bound: NDArray[np.float64]
    box: NDArray[np.float64]
    share: NDArray[np.float64]


class Window(NamedTuple):
    """The cells that count in one animal's history, and what they add.

    Parameters
    ----------
    option, cell, length, start
        Of each piece, a run of cells for one class: the option, its first cell, the number of
        cells, and the place of its first value.
    n_pieces
        How many of them, shape (1,).
    row
        Row of each piece.
    first_piece
        First piece of each of the animal's classes (and one past the last).
    x, y
        Cells, metres, piece after piece, over pairs.
    value
        log(psi D a Pr(history)) of each cell; in the end its share of L_i.
    scratch
        Room for a number for each value, over pairs.
    slope, by_log_sigma, by_z
        Of each record and cell: derivative of its term to log k, and of log k to log sigma and
        to z; shape (n_records, n_values), ``by_z`` of length 0 where the shape has no z.
    box, peak
        On a lattice, of each of the animal's classes: rows and columns of its cells, and the
        quadratic part of its history.
    row_k, column_k
        Row and column factors of the quadratic part, shape (n_options, n_rows) and (n_options,
        n_columns).
    record_row_k, record_row_u, record_column_k, record_column_u
        k, and (dy / sigma)^2 or (dx / sigma)^2, of each record.
    candidates
        Blocks where the animal may live.
    row_bound, by_column
        Room for a number for each row and for each column.
    """

    option: NDArray[np.int64]
    cell: NDArray[np.int64]
    length: NDArray[np.int64]
    start: NDArray[np.int64]
    n_pieces: NDArray[np.int64]
    row: NDArray[np.int64]
    first_piece: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    value: NDArray[np.float64]
    scratch: NDArray[np.float64]
    slope: NDArray[np.float64]
    by_log_sigma: NDArray[np.float64]
    by_z: NDArray[np.float64]
    box: NDArray[np.int64]
    peak: NDArray[np.float64]
    row_k: NDArray[np.float64]
    column_k: NDArray[np.float64]
    record_row_k: NDArray[np.float64]
    record_row_u: NDArray[np.float64]
    record_column_k: NDArray[np.float64]
    record_column_u: NDArray[np.float64]
    candidates: Candidates
    row_bound: NDArray[np.float64]
    by_column: NDArray[np.float64]


@compiled
def allocate_window(data: Packed) -> Window:
    """Room for the largest window.

    Parameters
    ----------
    data
        The data.
    """
    n_cells, n_pieces, n_records, n_options, n_of_animal = 0, 0, 1, 1, 1
    n_rows, n_columns = 0, 0
    for session in range(len(data.session_cell) - 1):
        n_cells = max(n_cells, data.session_cell[session + 1] - data.session_cell[session])
        n_pieces = max(n_pieces, data.session_block[session + 1] - data.session_block[session])
        n_rows = max(n_rows, data.session_row[session + 1] - data.session_row[session])
        n_columns = max(n_columns, data.session_column[session + 1] - data.session_column[session])
    for option in range(len(data.option_class)):
        n_records = max(n_records, data.record_start[option + 1] - data.record_start[option])
    for animal in range(len(data.animal_session)):
        first, last = data.option_start[animal], data.option_start[animal + 1]
        n_options = max(n_options, last - first)
        n_of_animal = max(n_of_animal, data.record_start[last] - data.record_start[first])
    n_values = n_options * n_cells
    n_blocks = n_pieces
    n_pieces = n_options * max(n_pieces, n_rows)
    if not data.is_separable.item():
        n_rows = 0
    n_pairs = 0 if data.is_separable.item() else n_values
    return Window(
        np.empty(n_pieces, dtype=np.int64),
        np.empty(n_pieces, dtype=np.int64),
        np.empty(n_pieces, dtype=np.int64),
        np.empty(n_pieces, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
        np.empty(n_pieces, dtype=np.int64),
        np.zeros(n_options + 1, dtype=np.int64),
        np.empty(n_pairs),
        np.empty(n_pairs),
        np.empty(n_values),
        np.empty(n_pairs),
        np.empty((n_records, n_pairs)),
        np.empty((n_records, n_pairs)),
        np.empty((n_records, n_pairs if data.shape.item() == HAZARD_RATE else 0)),
        np.empty((n_options, 4), dtype=np.int64),
        np.empty((n_options, 11)),
        np.empty((n_options, n_rows)),
        np.empty((n_options, n_columns)),
        np.empty((n_of_animal, n_rows)),
        np.empty((n_of_animal, n_rows)),
        np.empty((n_of_animal, n_columns)),
        np.empty((n_of_animal, n_columns)),
        Candidates(
            np.zeros(n_options, dtype=np.int64),
            np.empty((n_options, n_blocks), dtype=np.int64),
            np.empty((n_options, n_blocks), dtype=np.int64),
            np.empty((n_options, n_blocks)),
            np.empty((4, n_blocks)),
            np.empty(n_blocks),
        ),
        np.empty(n_rows),
        np.empty(n_columns),
    )


@compiled_inside
def share_out(values: NDArray[np.float64], near_most: float) -> float:
    """Log of the sum of exponentials; leaves each one's share of it.

    Parameters
    ----------
    values
        Logarithms, overwritten by shares.
    near_most
        A number near the largest of them.
    """
    total = exponentials(values, near_most)
    divide(values, total)
    return float(near_most + math.log(total))


@compiled_loop
def log_sum_exp(values: NDArray[np.float64]) -> float:
    """Log of the sum of exponentials.

    Parameters
    ----------
    values
        Logarithms.
    """
    most = largest(values)
    total = 0.0
    for i in range(len(values)):
        total += exponential(values[i] - most)
    return float(most + math.log(total))


@compiled_inside
def largest_of(values: NDArray[np.float64]) -> int:
    """Which of some numbers is the largest.

    Parameters
    ----------
    values
        Numbers.
    """
    best = 0
    for i in range(len(values)):
        if values[i] > values[best]:
            best = i
    return best


@compiled_search
def largest(values: NDArray[np.float64]) -> float:
    """Largest of some numbers, none of them NaN; -inf of none.

    Parameters
    ----------
    values
        Numbers.
    """
    most = -np.inf
    for i in range(len(values)):
        most = max(most, values[i])
    return most


@compiled_loop
def exponentials(values: NDArray[np.float64], near_most: float) -> float:
    """Put exp(value - near_most) in the place of each value; returns their sum.

    Parameters
    ----------
    values
        Logarithms, overwritten.
    near_most
        A number near the largest of them.
    """
    total = 0.0
    for i in range(len(values)):
        value = exponential(values[i] - near_most)
        values[i] = value
        total += value
    return total


@compiled_loop
def divide(values: NDArray[np.float64], total: float) -> None:
    """Divide all by their total.

    Parameters
    ----------
    values
        Overwritten.
    total
        Their sum.
    """
    share = 1.0 / total
    for i in range(len(values)):
        values[i] *= share


@compiled_loop
def total_of(values: NDArray[np.float64]) -> float:
    """Sum of some numbers.

    Parameters
    ----------
    values
        Numbers.
    """
    total = 0.0
    for i in range(len(values)):
        total += values[i]
    return total
