"""Coordinates that a spreadsheet rounded: 4.10E+06."""

import re
from collections.abc import Sequence

import pandas as pd

from scr.errors import ScrError
from scr.io.tables import COUNTING, row_list

_MOST_M = 10.0
_POWERS = re.compile(r"[+-]?\d+(?:[.,](\d*))?[eE]\+?(\d+)")


def check_not_rounded(
    table: pd.DataFrame, columns: Sequence[str], *, source: str, error: type[ScrError]
) -> None:
    """Refuse coordinates written as powers of ten with too few digits.

    Parameters
    ----------
    table
        Cells as text, from ``read_table``.
    columns
        Columns of coordinates in metres.
    source
        Name of the file.
    error
        Class of the error raised.

    Raises
    ------
    ScrError
        If cells are rounded to more than ten metres.
    """
    for column in columns:
        steps = table[column].map(_step)
        rounded = table.index[steps > _MOST_M]
        if len(rounded):
            first = table.loc[rounded[0], column]
            msg = (
                f"{source}: {len(rounded)} of {len(table)} cells of {column!r} are rounded to "
                f"{steps.max():,.0f} m, such as {first!r}, in {row_list(rounded)}: a spreadsheet "
                "showed them as powers of ten and saved what it showed. Format the column as a "
                f"number without decimals, and save the table again. {COUNTING}"
            )
            raise error(msg, kind="rounded coordinates", source=source, rows=rounded)


def _step(cell: object) -> float:
    """What the last digit of a number written as a power of ten stands for; 0 for any other."""
    found = _POWERS.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return 0.0 if found is None else 10.0 ** (min(int(found[2]), 99) - len(found[1] or ""))
