"""Plain tables: CSV files as people save them, read as text first so that 001 stays 001."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import ScrError, SurveyError
from scr.io import csv_text
from scr.io.cell_text import tidy
from scr.io.cells import as_named
from scr.io.excel import read_sheets
from scr.io.file_roles import EXCEL
from scr.io.title_rows import LOWEST, check_no_title
from scr.schema import plain

COUNTING = csv_text.COUNTING
"""Added to messages that name rows."""

MISSING_TEXT = frozenset({"", "na", "n/a", "nan", "null", "none", "nat", "#n/a"})
"""Cells, in lower case, that hold nothing."""

_SHEET_WORDS = {
    "trap table": ("station", "trap", "site", "location"),
    "table of usage": ("deploy", "usage", "effort", "operation"),
    "table of detections": ("detect", "capture", "record", "observation", "event"),
}
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_PADDED = re.compile(r"[+-]?0\d")


def source_name(source: str | Path | pd.DataFrame, label: str = "table") -> str:
    """The name of a table in messages.

    Parameters
    ----------
    source
        A path, of which the file name is used, or a table.
    label
        What to call a table that came from no file and has no ``attrs["source"]``.
    """
    if isinstance(source, pd.DataFrame):
        return str(source.attrs.get("source", f"the {label} given"))
    return Path(source).name


def read_table(
    source: str | Path | pd.DataFrame,
    *,
    columns: Mapping[str, Sequence[str]] | None = None,
    required: Sequence[str] = (),
    text: Collection[str] | None = None,
    label: str = "table",
    error: type[ScrError] = SurveyError,
) -> pd.DataFrame:
    """A table as text, its rows numbered as a spreadsheet numbers them.

    Parameters
    ----------
    source
        CSV file (UTF-8, or UTF-16 with a mark; separated by comma, semicolon or tab), or a table.
    columns
        Name used inside to the names accepted for it, in order of preference
        (``scr.schema.aliases``). Case, spaces and punctuation do not matter. Others keep theirs.
    required
        Names used inside without which the table is refused.
    text
        Columns that stay text; the others become numbers where every cell is one.
        All stay text if left out.
    label
        What to call a table that came from no file.
    error
        Class of the errors raised.

    Returns
    -------
    DataFrame
        Cells stripped, missing ones NaN, wholly blank rows left out. The index is the row number
        in the file, the header being row 1.

    Raises
    ------
    ScrError
        If the file cannot be read, rows have more cells than the header, two columns have one
        name, or a required column is absent.
    """
    name = source_name(source, label)
    wanted = columns or {}
    if isinstance(source, pd.DataFrame):
        whole = _as_text(source)
        below = _first_rows(whole)
        check_no_title(
            list(whole.columns), below, columns=wanted, required=required, source=name, error=error
        )
    elif Path(source).suffix.lower() in EXCEL:
        whole, name = _sheet(Path(source), wanted, required=required, label=label, error=error)
    else:
        whole = _read_csv(Path(source), wanted, required=required, error=error)
    frame = _named(whole, wanted, name=name, error=error)
    absent = [column for column in required if column not in frame.columns]
    if absent:
        accepted = "; ".join(
            f"{column!r} (also read: {', '.join((columns or {}).get(column, (column,))[1:])})"
            for column in absent
        )
        found = ", ".join(map(repr, frame.columns)) or "none"
        msg = f"{name} has no column {accepted}. Columns found: {found}. Add or rename the column."
        raise error(msg, kind="column missing", source=name)
    if text is None:
        return frame
    return pd.concat(
        [frame[c] if c in text else natural(frame[c]) for c in frame.columns], axis=1
    ) if len(frame.columns) else frame  # fmt: skip


def _read_csv(
    path: Path,
    columns: Mapping[str, Sequence[str]],
    *,
    required: Sequence[str],
    error: type[ScrError],
) -> pd.DataFrame:
    content = csv_text.decoded(path, error)
    records, delimiter = csv_text.csv_records(content, source=path.name, error=error)
    first = next(i for i, record in enumerate(records) if any(cell.strip() for cell in record))
    names = [_as_read(cell) for cell in records[first]]
    below = enumerate(records[first + 1 :], start=first + 2)
    check_no_title(names, below, columns=columns, required=required, source=path.name, error=error)
    rows: list[list[str]] = []
    numbers: list[int] = []
    long: list[int] = []
    for number, record in enumerate(records[first + 1 :], start=first + 2):
        cells = [_as_read(cell) for cell in record]
        if not any(cells):
            continue
        if any(cells[len(names) :]):
            long.append(number)
        rows.append((cells + [""] * len(names))[: len(names)])
        numbers.append(number)
    if long:
        msg = (
            f"{path.name} has more cells than the header's {len(names)} in {row_list(long)}. "
            f"Put text that contains {delimiter!r} in double quotes, or name the column. {COUNTING}"
        )
        raise error(msg, kind="more cells than columns", source=path.name, rows=long)
    frame = pd.DataFrame(rows, columns=names, index=pd.Index(numbers, dtype=np.int64), dtype=object)
    if delimiter != ",":
        frame = decimal_points(frame)
    return _blanked(frame)


def _sheet(
    path: Path,
    columns: Mapping[str, Sequence[str]],
    *,
    required: Sequence[str],
    label: str,
    error: type[ScrError],
) -> tuple[pd.DataFrame, str]:
    """The sheet of a workbook that has the required columns, and what to call it."""
    csv_text.check_there(path, error)
    sheets = read_sheets(path, error=error)
    fitting = []
    for sheet, table in sheets.items():
        found = {plain(str(column)) for column in table.columns}
        if all(found & {plain(n) for n in (c, *columns.get(c, ()))} for c in required):
            fitting.append(sheet)
    words = _SHEET_WORDS.get(label, ())
    meant = [s for s in fitting if any(word in s.lower() for word in words)]
    chosen = meant if len(meant) == 1 else fitting
    for sheet, table in sheets.items() if not chosen else ():
        check_no_title(
            [str(column) for column in table.columns],
            _first_rows(table),
            columns=columns,
            required=required,
            source=f"{path.name}, sheet {sheet!r}",
            error=error,
        )
    if len(chosen) != 1:
        fault = "more than one sheet" if chosen else "no sheet"
        msg = (
            f"{path.name} has {fault} with columns {', '.join(map(repr, required))}; its "
            f"sheets are {', '.join(map(repr, sheets)) or 'empty'}. Name the sheets stations, "
            "deployments and detections, or save each as CSV (UTF-8)."
        )
        raise error(msg, kind="sheet not told", source=path.name)
    chosen_sheet = sheets[chosen[0]].map(_as_read)
    chosen_sheet.columns = pd.Index([_as_read(str(column)) for column in chosen_sheet.columns])
    return _blanked(chosen_sheet), f"{path.name}, sheet {chosen[0]!r}"


def _first_rows(frame: pd.DataFrame) -> list[tuple[int, list[str]]]:
    top = frame.iloc[:LOWEST].fillna("")
    return [(int(row), list(map(str, cells))) for row, *cells in top.itertuples(name=None)]


def decimal_points(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn 3,5 into 3.5 in columns of numbers.

    Parameters
    ----------
    frame
        Text, from a file in which commas do not separate cells.
    """
    frame = frame.copy()
    for position in range(frame.shape[1]):
        cells = [str(cell) for cell in frame.iloc[:, position]]
        swapped = [c.replace(",", ".") if _DECIMAL_COMMA.fullmatch(c) else c for c in cells]
        filled = pd.Series([c for c in swapped if c.lower() not in MISSING_TEXT], dtype=object)
        if swapped != cells and bool(pd.to_numeric(filled, errors="coerce").notna().all()):
            frame.isetitem(position, np.array(swapped, dtype=object))
    return frame


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame(table).copy()
    if frame.index.name != "row":
        frame.index = pd.RangeIndex(2, len(frame) + 2)
    texts = {
        position: [_cell_text(cell) for cell in frame.iloc[:, position]]
        for position in range(frame.shape[1])
    }
    result = pd.DataFrame(texts, index=frame.index, dtype=object)
    result.columns = pd.Index([_cell_text(column) for column in frame.columns])
    return _blanked(result)


def _as_read(cell: str) -> str:
    return as_named(tidy(cell))


def _cell_text(cell: object) -> str:
    if isinstance(cell, str):
        return tidy(cell)
    if isinstance(cell, bool | np.bool_):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float | np.floating):
        if np.isnan(cell):
            return ""
        return str(int(cell)) if float(cell).is_integer() else repr(float(cell))
    if isinstance(cell, datetime) and not pd.isna(cell):
        return cell.isoformat(sep=" ")
    return "" if cell is None or cell is pd.NaT or cell is pd.NA else str(cell)


def _blanked(frame: pd.DataFrame) -> pd.DataFrame:
    """Missing cells as NaN, columns without a name or rows without a cell left out."""
    frame = frame.loc[:, [bool(str(name)) for name in frame.columns]]
    missing = np.array(
        [[str(cell).lower() in MISSING_TEXT for cell in row] for row in frame.to_numpy()],
        dtype=bool,
    ).reshape(frame.shape)
    frame = frame.mask(missing).loc[~missing.all(axis=1)] if frame.shape[1] else frame
    frame.index = frame.index.rename("row")
    return frame


def _named(
    frame: pd.DataFrame, columns: Mapping[str, Sequence[str]], *, name: str, error: type[ScrError]
) -> pd.DataFrame:
    found = [str(column) for column in frame.columns]
    twice = sorted({column for column in found if found.count(column) > 1})
    if twice:
        msg = (
            f"{name} has more than one column named {', '.join(map(repr, twice[:10]))}. "
            "Rename or remove all but one."
        )
        raise error(msg, kind="column twice", source=name)
    renamed: dict[str, str] = {}
    for inside, accepted in columns.items():
        for candidate in (inside, *accepted):
            same = [c for c in found if plain(c) == plain(candidate) and c not in renamed]
            if same:
                renamed[same[0]] = inside
                break
    kept = {c: f"{c} (as given)" for c in found if c not in renamed and c in renamed.values()}
    return frame.rename(columns=renamed | kept)


def numbers(
    table: pd.DataFrame, column: str, *, source: str, error: type[ScrError] = SurveyError
) -> NDArray[np.float64]:
    """A column as numbers, NaN where a cell is missing.

    Parameters
    ----------
    table
        From ``read_table``.
    column
        Its name.
    source
        Name of the table in messages.
    error
        Class of the error raised.

    Raises
    ------
    ScrError
        If a cell is neither missing nor a number; names the rows.
    """
    cells = table[column]
    values = pd.to_numeric(cells, errors="coerce")
    bad = cells.notna() & values.isna()
    if bad.any():
        first = cells[bad].iloc[0]
        msg = (
            f"{source}: {int(bad.sum())} cells of {column!r} are not numbers, such as {first!r}, "
            f"in {row_list(table.index[bad])}. Write plain numbers with a decimal point and no "
            f"thousands mark, or leave the cell empty. {COUNTING}"
        )
        raise error(msg, kind="not a number", source=source, rows=table.index[bad])
    return np.asarray(values, dtype=np.float64)


def natural(cells: pd.Series) -> pd.Series:
    """A covariate as numbers where every cell is one, else as text.

    Parameters
    ----------
    cells
        Text, missing cells NaN. Codes with leading zeros (007) stay text.
    """
    filled = cells.dropna()
    if filled.empty or any(_PADDED.match(str(cell)) for cell in filled):
        return cells
    values = pd.to_numeric(cells, errors="coerce")
    return values if bool(values[cells.notna()].notna().all()) else cells


def row_list(rows: Collection[int]) -> str:
    """Row numbers as text, the first ten.

    Parameters
    ----------
    rows
        Row numbers.

    Examples
    --------
    >>> row_list([4])
    'row 4'
    >>> row_list(range(2, 15))
    'rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 3 more'
    """
    listed = [int(row) for row in rows]
    shown = ", ".join(map(str, listed[:10]))
    more = f" and {len(listed) - 10} more" if len(listed) > 10 else ""
    return f"row{'s' if len(listed) != 1 else ''} {shown}{more}"
