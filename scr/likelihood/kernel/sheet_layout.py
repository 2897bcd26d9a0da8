"""Which exposures are summed in one sheet, and the cells that a sheet covers.

A sheet takes exposures of one field with the same parameters, as long as they share most of their
cells: it covers no more cells than twice those that its exposures reach one by one, however many
levels the parameters have.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.likelihood.kernel.compiled import compiled, compiled_inside
from scr.likelihood.kernel.packing import Packed
from scr.likelihood.kernel.reach import Runs

MOST_WASTE = 2
"""Cells of a sheet, at most, as a multiple of those that its exposures reach one by one."""


class Layout(NamedTuple):
    """The sheets, and the cells of each.

    Parameters
    ----------
    of_exposure
        Sheet of each exposure.
    n_sheets
        How many of them, shape (1,).
    field, intensity, shape
        Field and levels of each sheet.
    first_row, row_start
        First row of each sheet, and its place (and one past the last) among the rows of all sheets.
    row_cell, row_value
        Of each row of a sheet, its first cell and the place of its first value (and one past the
        last).
    """

    of_exposure: NDArray[np.int64]
    n_sheets: NDArray[np.int64]
    field: NDArray[np.int64]
    intensity: NDArray[np.int64]
    shape: NDArray[np.int64]
    first_row: NDArray[np.int64]
    row_start: NDArray[np.int64]
    row_cell: NDArray[np.int64]
    row_value: NDArray[np.int64]


class Span(NamedTuple):
    """What a sheet covers so far.

    Parameters
    ----------
    rows
        First row and one past the last, shape (2,).
    cells
        How many cells it covers, and how many its exposures reach one by one, shape (2,).
    low, high
        First cell of each row and one past the last, by row of all sessions.
    """

    rows: NDArray[np.int64]
    cells: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]


@compiled
def lay_out(data: Packed, runs: Runs) -> Layout:
    """Which exposures make a sheet, and the cells of each; no sheets for a lattice.

    Parameters
    ----------
    data, runs
        The data, and the cells within reach of each curve.
    """
    n_exposures = 0 if data.is_separable.item() else len(data.exposure_curve)
    n_rows = 0
    for e in range(n_exposures):
        curve = data.exposure_curve[e]
        if runs.start[curve] < runs.start[curve + 1]:
            first, last = rows_of(runs, curve)
            n_rows += last - first
    layout = Layout(
        np.empty(n_exposures, np.int64),
        np.zeros(1, np.int64),
        np.empty(n_exposures, np.int64),
        np.empty(n_exposures, np.int64),
        np.empty(n_exposures, np.int64),
        np.empty(n_exposures, np.int64),
        np.zeros(n_exposures + 1, np.int64),
        np.empty(n_rows, np.int64),
        np.zeros(n_rows + 1, np.int64),
    )
    span = Span(
        np.zeros(2, np.int64),
        np.zeros(2, np.int64),
        np.empty(len(data.row_low), np.int64),
        np.empty(len(data.row_low), np.int64),
    )
    if n_exposures > 0:
        assign(data, runs, span, layout)
    return layout


@compiled_inside
def assign(data: Packed, runs: Runs, span: Span, layout: Layout) -> None:
    """Give every exposure its sheet.

    Parameters
    ----------
    data, runs
        As in ``lay_out``.
    span
        Working memory.
    layout
        Result.
    """
    sheet = -1
    for field in range(len(data.field_session)):
        is_first = True
        for e in range(data.field_start[field], data.field_start[field + 1]):
            curve, level = data.exposure_curve[e], data.exposure_intensity[e]
            shape = data.curve_shape[curve]
            if not is_first:
                is_first = level != layout.intensity[sheet] or shape != layout.shape[sheet]
            if is_first or not fits(span, runs, curve):
                close(span, sheet, layout)
                sheet += 1
                layout.field[sheet], layout.intensity[sheet] = field, level
                layout.shape[sheet] = shape
            is_first = False
            widen(span, runs, curve)
            layout.of_exposure[e] = sheet
    close(span, sheet, layout)
    layout.n_sheets[0] = sheet + 1


@compiled_inside
def rows_of(runs: Runs, curve: int) -> tuple[int, int]:
    """First row within reach of a curve that reaches any, and one past the last.

    Parameters
    ----------
    runs, curve
        The cells within reach, and which curve.
    """
    return runs.row[runs.start[curve]], runs.row[runs.start[curve + 1] - 1] + 1


@compiled_inside
def row_from(runs: Runs, run: int, last_run: int) -> tuple[int, int, int]:
    """Cells of the runs in one row: the first, one past the last, and the run after them.

    Parameters
    ----------
    runs
        The cells within reach.
    run, last_run
        First run of the row, and one past the last of its curve.
    """
    row, begin, end = runs.row[run], runs.cell[run], runs.cell[run]
    while run < last_run and runs.row[run] == row:
        end = runs.cell[run] + runs.length[run]
        run += 1
    return begin, end, run


@compiled_inside
def fits(span: Span, runs: Runs, curve: int) -> bool:
    """Whether a sheet would still cover few cells that none of its exposures reaches.

    Parameters
    ----------
    span
        What the sheet covers so far.
    runs, curve
        The cells within reach, and the curve of the next exposure.
    """
    run, last_run = runs.start[curve], runs.start[curve + 1]
    if run == last_run or span.rows[0] == span.rows[1]:
        return True
    first, last = rows_of(runs, curve)
    if first > span.rows[1] or last < span.rows[0]:
        return False
    together, alone = span.cells
    while run < last_run:
        row = runs.row[run]
        begin, end, run = row_from(runs, run, last_run)
        alone += end - begin
        if span.rows[0] <= row < span.rows[1] and span.low[row] < span.high[row]:
            before = span.high[row] - span.low[row]
            together += max(span.high[row], end) - min(span.low[row], begin) - before
        else:
            together += end - begin
    return bool(together <= MOST_WASTE * alone)


@compiled_inside
def widen(span: Span, runs: Runs, curve: int) -> None:
    """Let a sheet cover the cells of one more exposure.

    Parameters
    ----------
    span
        What the sheet covers so far, widened.
    runs, curve
        The cells within reach, and the curve of the exposure.
    """
    run, last_run = runs.start[curve], runs.start[curve + 1]
    if run == last_run:
        return
    first, last = rows_of(runs, curve)
    if span.rows[0] == span.rows[1]:
        span.rows[:] = first
    while span.rows[0] > first:
        span.rows[0] -= 1
        span.low[span.rows[0]] = span.high[span.rows[0]] = 0
    while span.rows[1] < last:
        span.low[span.rows[1]] = span.high[span.rows[1]] = 0
        span.rows[1] += 1
    while run < last_run:
        row = runs.row[run]
        begin, end, run = row_from(runs, run, last_run)
        low, high = span.low[row], span.high[row]
        if low < high:
            span.low[row], span.high[row] = min(low, begin), max(high, end)
        else:
            span.low[row], span.high[row] = begin, end
        span.cells[0] += span.high[row] - span.low[row] - (high - low)
        span.cells[1] += end - begin


@compiled_inside
def close(span: Span, sheet: int, layout: Layout) -> None:
    """Note the cells of a sheet that is complete, and begin an empty one.

    Parameters
    ----------
    span
        What it covers.
    sheet
        Which sheet, -1 for none.
    layout
        Result.
    """
    if sheet >= 0:
        at = layout.row_start[sheet]
        layout.first_row[sheet] = span.rows[0]
        for row in range(span.rows[0], span.rows[1]):
            layout.row_cell[at] = span.low[row]
            layout.row_value[at + 1] = layout.row_value[at] + span.high[row] - span.low[row]
            at += 1
        layout.row_start[sheet + 1] = at
    span.rows[:] = 0
    span.cells[:] = 0
