"""Text files that hold cells separated by commas, semicolons or tabs."""

import csv
import io
from pathlib import Path

from scr.errors import ScrError, SurveyError

COUNTING = "Rows are counted as in a spreadsheet: the header is row 1."
"""Added to messages that name rows."""

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
        If it is not there or in another encoding.
    """
    if path.suffix.lower() in _SPREADSHEETS:
        msg = f"{path.name} is a spreadsheet. Save the sheet as CSV (UTF-8) and give that file."
        raise error(msg, kind="spreadsheet", source=path.name)
    check_there(path, error)
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
        If there is nothing in it, or a quotation mark is not closed.
    """
    header = next((line for line in io.StringIO(content, newline="") if line.strip()), "")
    records: list[list[str]] = []
    try:
        delimiter = max(
            ",;\t", key=lambda mark: len(next(csv.reader([header], delimiter=mark), ()))
        )
        records.extend(
            csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
        )
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
