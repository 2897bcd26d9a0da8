"""Cells of written tables that a spreadsheet would take for a formula, and back again."""

import re
from collections.abc import Hashable

import pandas as pd

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?%?")
_KEPT = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")


def harmless(text: str) -> str:
    """A name as a cell that no spreadsheet takes for a formula.

    Where it begins with = + - @, a tab or a new line and is no number, an apostrophe is put before
    it.

    Parameters
    ----------
    text
        A name, or another text.

    Examples
    --------
    >>> harmless("=SUM(A1)"), harmless("-3.5"), harmless("K-01")
    ("'=SUM(A1)", '-3.5', 'K-01')
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def as_named(cell: str) -> str:
    """The name that ``harmless`` wrote.

    Parameters
    ----------
    cell
        A cell that was read.

    Examples
    --------
    >>> as_named("'=1+1"), as_named("'t Zand")
    ('=1+1', "'t Zand")
    """
    return cell[1:] if _KEPT.match(cell) and not _NUMBER.fullmatch(cell[1:]) else cell


def csv_of(table: pd.DataFrame, *, index_label: str | None = None) -> str:
    """A table as the text of a CSV file, with names that no spreadsheet takes for formulas.

    Parameters
    ----------
    table
        The table.
    index_label
        Header of the index, which is written only where this is given.
    """
    whole = table if index_label is None else table.rename_axis(index_label).reset_index()
    safe = {
        position: [_safe(cell) for cell in whole.iloc[:, position]]
        for position in range(whole.shape[1])
        if whole.dtypes.iloc[position].kind not in "biufM"
    }
    written = pd.DataFrame(
        {
            position: safe.get(position, whole.iloc[:, position])
            for position in range(whole.shape[1])
        },
        index=whole.index,
    )
    written.columns = pd.Index([_safe(name) for name in whole.columns], dtype=object)
    return str(written.to_csv(index=False, lineterminator="\n"))


def _safe(cell: Hashable) -> Hashable:
    return harmless(cell) if isinstance(cell, str) else cell
