"""Lines of the text files of secr: their parts, and the names that a header gives them."""

import csv
import io
import re
from pathlib import Path
from typing import NamedTuple

from scr.errors import SurveyError
from scr.io.bounds import MOST_CELLS, MOST_COLUMNS, check_most
from scr.io.csv_text import decoded
from scr.schema import plain

LINES = "Lines are counted from 1, remarks included."
"""Added to messages that name lines."""

Lines = list[tuple[int, list[str]]]
"""Number and parts of each line of data."""

_MARKS = (",", ";", "\t")
_SESSION, _OCCASIONS = ("sess", "trapsession"), ("occ", "day", "so")
_EASTING = ("x", "east", "utmx", "utme", "lon", "coordx")
_USAGE = re.compile(r"(?:u|o|x|usage|effort|occ|occasion|day|d)?\d*")


class SecrText(NamedTuple):
    """A file of secr.

    Parameters
    ----------
    lines
        Those that are no remarks.
    remark
        Parts of the last remark above the first line of data.
    """

    lines: Lines
    remark: list[str]


def read_lines(path: Path) -> SecrText:
    """Parts of the lines of a file, separated by blanks, or by commas, semicolons or tabs.

    Parameters
    ----------
    path
        Text file.

    Raises
    ------
    SurveyError
        If it is not there, is not UTF-8, is too large, holds no line of data, or a quotation mark
        is not closed.
    """
    found: Lines = []
    remark: list[str] = []
    n_cells = 0
    for number, line in enumerate(io.StringIO(decoded(path)), start=1):
        bare = line.split("#", 1)[0].strip() if not line.startswith('"') else line.strip()
        if not bare.strip(",;"):
            if "#" in line and not found:
                remark = _parts(line.split("#", 1)[1].strip(), number, path)
            continue
        parts = _parts(bare, number, path)
        n_cells += len(parts)
        check_most("columns", len(parts), MOST_COLUMNS, source=path.name)
        check_most("cells", n_cells, MOST_CELLS, source=path.name)
        found.append((number, parts))
    check_any(found, path)
    return SecrText(found, remark)


def check_any(lines: Lines, path: Path) -> None:
    """Raise where a file holds no line of data.

    Parameters
    ----------
    lines
        Lines of data.
    path
        The file.

    Raises
    ------
    SurveyError
        Naming it.
    """
    if not lines:
        msg = f"{path.name} has no line of data. Check that this is the right file."
        raise SurveyError(msg, kind="empty file", source=path.name)


def check_names(columns: list[str], path: Path) -> None:
    """Raise where two columns have one name.

    Parameters
    ----------
    columns
        Names of all columns: those that secr fixes, and of covariates.
    path
        The file.

    Raises
    ------
    SurveyError
        Naming the columns.
    """
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        msg = (
            f"{path.name} has two columns named {', '.join(map(repr, twice))}: secr has "
            f"{', '.join(columns[:3])} first, and covariates need names of their own. Rename or "
            "remove one of the two."
        )
        raise SurveyError(msg, kind="column twice", source=path.name)


def _parts(bare: str, number: int, path: Path) -> list[str]:
    mark = max(_MARKS, key=bare.count)
    text, mark = (bare, mark) if bare.count(mark) else (" ".join(bare.split()), " ")
    if mark == "\t":
        text, mark = " ".join(bare.split()), " "
    try:
        cells = next(csv.reader([text], delimiter=mark, strict=True), [])
    except csv.Error as fault:
        msg = (
            f"{path.name}: a quotation mark in line {number} is not closed ({fault}). Remove "
            f"it, or double it. {LINES}"
        )
        raise SurveyError(
            msg, kind="quotation mark not closed", source=path.name, rows=[number]
        ) from fault
    return [cell.strip() for cell in cells]


def capture_names(text: SecrText, fixed: int) -> tuple[Lines, list[str]]:
    """Lines of captures without a header, and the names that a header gives to covariates.

    Parameters
    ----------
    text
        The file.
    fixed
        Number of parts before the covariates.
    """
    lines, header = text.lines, text.remark
    first = [plain(part) for part in lines[0][1]]
    if len(first) > 2 and (first[0].startswith(_SESSION) and first[2].startswith(_OCCASIONS)):
        header, lines = lines[0][1], lines[1:]
    named = bool(header) and plain(header[0]).startswith(_SESSION)
    return lines, _names(header[fixed:]) if named else []


def layout_columns(text: SecrText) -> tuple[Lines, list[str]]:
    """Lines of a layout without a header, covariates behind a slash, and the names of these.

    Parameters
    ----------
    text
        The file.
    """
    lines, header = text.lines, text.remark
    first = lines[0][1]
    if len(first) > 2 and plain(first[1]).startswith(_EASTING):
        header, lines = first, lines[1:]
        if "/" not in header:
            return _behind_slash(lines, header)
    if "/" in header:
        return lines, _names(header[header.index("/") + 1 :])
    behind = max(
        (len(parts) - parts.index("/") - 1 for _, parts in lines if "/" in parts), default=0
    )
    return lines, _names(header[-behind:]) if 0 < behind <= len(header) - 3 else []


def _behind_slash(lines: Lines, header: list[str]) -> tuple[Lines, list[str]]:
    """Columns that are no occasions put behind a slash, where the lines have none."""
    if any("/" in parts for _, parts in lines):
        behind = max(len(parts) - parts.index("/") - 1 for _, parts in lines if "/" in parts)
        return lines, _names(header[-behind:]) if behind else []
    own = [k for k in range(3, len(header)) if not _USAGE.fullmatch(plain(header[k]))]
    if not own:
        return lines, []
    moved = [
        (
            number,
            [
                *(cell for k, cell in enumerate(parts) if k not in own),
                "/",
                *(parts[k] if k < len(parts) and parts[k] else "NA" for k in own),
            ],
        )
        for number, parts in lines
    ]
    return moved, [header[k] for k in own]


def _names(cells: list[str]) -> list[str]:
    return [cell.strip("\"' ") for cell in cells if cell.strip("\"' ")]
