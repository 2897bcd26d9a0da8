"""A title above the header of a table, told by the header that stands below it."""

from collections.abc import Iterable, Mapping, Sequence

from scr.errors import ScrError
from scr.schema import plain

KIND = "title above the header"
"""Kind of the error."""

LOWEST = 10
"""How many rows below the first are looked at for the header."""


def check_no_title(
    header: Sequence[str],
    rows: Iterable[tuple[int, Sequence[str]]],
    *,
    columns: Mapping[str, Sequence[str]],
    required: Sequence[str],
    source: str,
    error: type[ScrError],
) -> None:
    """Raise where a row below the first has the columns that the first lacks.

    Parameters
    ----------
    header
        Cells of the first row that is not empty.
    rows
        Number and cells of the rows below it; the first ``LOWEST`` are looked at.
    columns
        Name used inside to the names accepted for it.
    required
        Names used inside that the header must have.
    source
        Name of the table.
    error
        Class of the error raised.

    Raises
    ------
    ScrError
        If the first row is a title.
    """
    if not required or _has_all(header, columns, required):
        return
    for number, cells in (row for row, _ in zip(rows, range(LOWEST), strict=False)):
        if _has_all(cells, columns, required):
            title = " ".join(cell for cell in header if cell.strip())
            named = ", ".join(repr(cell) for cell in cells if cell.strip())
            msg = (
                f"{source}: the first line, {title!r}, looks like a title, and row {number} like "
                f"the header ({named}). Remove the lines above the header, so that the names of "
                "the columns stand in row 1."
            )
            raise error(msg, kind=KIND, source=source)


def _has_all(
    cells: Sequence[str], columns: Mapping[str, Sequence[str]], required: Sequence[str]
) -> bool:
    found = {plain(str(cell)) for cell in cells}
    return all(found & {plain(n) for n in (name, *columns.get(name, ()))} for name in required)
