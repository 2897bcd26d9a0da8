"""Tables of the command line as CSV files, without loading pandas before there is a table."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from scr.io.whole_files import write_text

if TYPE_CHECKING:
    import pandas as pd


def write_csv(path: Path, table: "pd.DataFrame", *, index_label: str | None = None) -> Path:
    """Write a table whole or not at all.

    Parameters
    ----------
    path
        File to write.
    table
        The table.
    index_label
        Header of the index, which is written only where this is given.
    """
    text: str = import_module("scr.io.cells").csv_of(table, index_label=index_label)
    return write_text(path, text)
