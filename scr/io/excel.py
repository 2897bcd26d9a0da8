"""Sheets of Excel workbooks, as the text that a reader of the sheet sees."""

import re
import warnings
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import load_workbook

from scr.errors import ScrError
from scr.io.archives import check_member
from scr.io.bounds import MOST_CELLS, MOST_PLAIN_BYTES, check_most

_MOST_ROWS = 1_048_576
_MOST_BYTES = 3 * MOST_PLAIN_BYTES
_ZEROS = re.compile(r"0+")


def read_sheets(path: Path, *, error: type[ScrError]) -> dict[str, pd.DataFrame]:
    """All sheets with something in them, by name.

    Parameters
    ----------
    path
        Workbook.
    error
        Class of the errors raised.

    Returns
    -------
    dict
        Text, empty cells ``""``; the first row that is not empty names the columns, and the index
        is the row number in the sheet. Dates are written 2024-05-31; a number shown with leading
        zeros keeps them.

    Raises
    ------
    ScrError
        If it is no workbook, or is too large.
    """
    try:
        _check_parts(path, error=error)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of styles and extensions not kept
            sheets = _sheets(path, error=error)
    except (ScrError, MemoryError):
        raise
    except Exception as fault:  # a damaged workbook raises whatever its XML happens to break
        msg = (
            f"{path.name} is no Excel workbook that can be read ({fault}). Save it as CSV (UTF-8)."
        )
        raise error(msg, kind="unreadable table", source=path.name) from fault
    return {name: table for name, table in sheets.items() if len(table.columns)}


def _check_parts(path: Path, *, error: type[ScrError]) -> None:
    """Raise where what the workbook is unpacked to would fill the memory."""
    check_most("bytes", path.stat().st_size, MOST_PLAIN_BYTES, source=path.name, error=error)
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    for part in parts:
        check_member(part, MOST_PLAIN_BYTES, source=path.name, error=error)
    total = sum(part.file_size for part in parts)
    check_most("bytes, unpacked,", total, _MOST_BYTES, source=path.name, error=error)


def _sheets(path: Path, *, error: type[ScrError]) -> dict[str, pd.DataFrame]:
    with path.open("rb") as stream:
        book = load_workbook(stream, read_only=True, data_only=True)
        return {
            sheet.title: _table(sheet, source=f"{path.name}, sheet {sheet.title!r}", error=error)
            for sheet in book.worksheets
        }


def _table(sheet: Any, *, source: str, error: type[ScrError]) -> pd.DataFrame:
    sheet.reset_dimensions()  # the size that a workbook states may be too small, or immense
    filled = []
    n_cells = 0
    for number, row in enumerate(sheet.iter_rows(max_row=_MOST_ROWS), start=1):
        cells = [_text(cell) for cell in row]
        n_cells += sum(map(bool, cells))
        check_most("cells", n_cells, MOST_CELLS, source=source, error=error)
        if any(cells):
            filled.append((number, cells))
    if not filled:
        return pd.DataFrame()
    width = max(len(cells) for _, cells in filled)
    check_most("cells", width * len(filled), MOST_CELLS, source=source, error=error)
    padded = [cells + [""] * (width - len(cells)) for _, cells in filled]
    return pd.DataFrame(
        padded[1:],
        columns=padded[0],
        index=pd.Index([number for number, _ in filled[1:]], name="row", dtype="int64"),
        dtype=object,
    )


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        dated = midnight and "h" not in str(cell.number_format).lower()
        return value.date().isoformat() if dated else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and _ZEROS.fullmatch(str(cell.number_format)):
        return str(value).zfill(len(str(cell.number_format)))
    return str(value).strip()
