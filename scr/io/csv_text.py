"""Text files that hold cells separated by commas, semicolons or tabs."""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from scr.errors import ScrError, SurveyError
from scr.io.bounds import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_LINE_BYTES,
    MOST_PLAIN_BYTES,
    check_most,
)

COUNTING = "Rows are counted as in a spreadsheet: the header is row 1."
"""Added to messages that name rows."""

_FIRST_LINES = 10
_SPREADSHEETS = (".xls", ".ods", ".numbers")


def check_there(path: Path, error: type[ScrError] = SurveyError) -> None:
    """Raise where a file is not there.

    Parameters
    ----------
    path
        The file.
    error
        Class of the error raised.

    Raises
    ------
    ScrError
        If it is no file.
    """
    if not path.is_file():
        msg = f"{path} was not found. Check the name and the folder it is looked for in."
        raise error(msg, kind="file not found", source=path.name)


def decoded(path: Path, error: type[ScrError] = SurveyError) -> str:
    """Content of a text file.

    Parameters
    ----------
    path
        UTF-8, or UTF-16 with a mark.
    error
        Class of the error raised.

    Raises
    ------
    ScrError
        If it is not there, in another encoding, or too large.
    """
    if path.suffix.lower() in _SPREADSHEETS:
        msg = f"{path.name} is a spreadsheet. Save the sheet as CSV (UTF-8) and give that file."
        raise error(msg, kind="spreadsheet", source=path.name)
    check_there(path, error)
    check_most("bytes", path.stat().st_size, MOST_PLAIN_BYTES, source=path.name, error=error)
    content = path.read_bytes()
    coding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(coding)
    except UnicodeDecodeError as fault:
        row = content[: fault.start].count(b"\n") + 1
        msg = (
            f"{path.name} is not UTF-8 text, first in row {row}. "
            f'Save it as "CSV UTF-8" so that names keep their letters. {COUNTING}'
        )
        raise error(msg, kind="not UTF-8", source=path.name, rows=[row]) from fault


def delimiter_of(header: str) -> str:
    """The mark that separates the most cells of a header.

    Parameters
    ----------
    header
        The first line that is not blank.

    Raises
    ------
    csv.Error
        If a cell of it is immensely long.

    Examples
    --------
    >>> delimiter_of("station;x;y")
    ';'
    """
    return max(",;\t", key=lambda mark: len(next(csv.reader([header], delimiter=mark), ())))


def _lines(content: str, *, source: str, error: type[ScrError]) -> Iterator[str]:
    for line in io.StringIO(content, newline=""):
        check_most("letters in one line", len(line), MOST_LINE_BYTES, source=source, error=error)
        yield line


def csv_records(
    content: str, *, source: str, error: type[ScrError] = SurveyError
) -> tuple[list[list[str]], str]:
    """Cells of a text in CSV, separated by the mark of its first line, and that mark.

    Parameters
    ----------
    content
        The text.
    source
        Name of the file.
    error
        Class of the error raised.

    Returns
    -------
    records
        Cells of each row as they stand, empty rows too; at least one row has a cell that is not
        empty.
    delimiter
        Comma, semicolon or tab.

    Raises
    ------
    ScrError
        If there is nothing in it, a quotation mark is not closed, or it is too large.
    """
    lines = _lines(content, source=source, error=error)
    header = next((line for line in lines if line.strip()), "")
    records: list[list[str]] = []
    n_cells = 0
    try:
        delimiter = _delimiter(header, content)
        lines = _lines(content, source=source, error=error)
        for record in csv.reader(lines, delimiter=delimiter, strict=True):
            records.append(record)
            n_cells += len(record)
            check_most("columns", len(record), MOST_COLUMNS, source=source, error=error)
            check_most("cells", n_cells, MOST_CELLS, source=source, error=error)
    except csv.Error as fault:
        row = len(records) + 1
        msg = (
            f"{source}: a quotation mark in row {row} is not closed, or stands alone inside a cell "
            f"({fault}). Remove it, or double it. {COUNTING}"
        )
        raise error(msg, kind="quotation mark not closed", source=source, rows=[row]) from fault
    if not any(cell.strip() for record in records for cell in record):
        msg = f"{source} is empty. Give a header row and one row per record."
        raise error(msg, kind="empty file", source=source)
    return records, delimiter


def _delimiter(header: str, content: str) -> str:
    """The mark that cuts the first line, or one of the first ten where it cuts none (a title)."""
    first = islice(io.StringIO(content, newline=""), _FIRST_LINES)
    for line in (header, *first):
        mark = delimiter_of(line)
        if mark in line:
            return mark
    return delimiter_of(header)
