"""Folders and zip files that hold the tables of a project."""

import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import pandas as pd
from pandas.errors import ParserWarning

from scr.errors import SurveyError

DAMAGED = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError)
"""What reading of a damaged zip file raises."""


@dataclass(frozen=True)
class Package:
    """The files of a folder or a zip file.

    Parameters
    ----------
    name
        Name of the folder or zip file.
    files
        Paths inside it.
    open
        Opens one of them, as bytes.
    """

    name: str
    files: tuple[str, ...]
    open: Callable[[str], IO[bytes]]

    def find(self, name: str) -> str | None:
        """Path of a file by its name alone, the one nearest to the top, or None.

        Parameters
        ----------
        name
            File name, in any case.
        """
        found = [f for f in self.files if PurePosixPath(f).name.lower() == name.lower()]
        return min(found, key=lambda f: f.count("/"), default=None)


def open_package(path: str | Path) -> Package:
    """The files of a folder or zip file.

    Parameters
    ----------
    path
        Folder, zip file, or a file in such a folder.

    Raises
    ------
    SurveyError
        If it is neither, or is not there.
    """
    path = Path(path)
    if path.is_file() and path.suffix.lower() in (".json", ".csv"):
        path = path.parent
    if path.is_dir():
        files = tuple(f.relative_to(path).as_posix() for f in path.glob("*") if f.is_file())
        return Package(path.resolve().name, files, lambda name: (path / name).open("rb"))
    if path.is_file() and zipfile.is_zipfile(path):
        try:
            archive = zipfile.ZipFile(path)
        except (*DAMAGED, ValueError) as fault:
            msg = f"{path.name} is a damaged zip file ({fault}). Copy or download it again."
            raise SurveyError(msg, kind="damaged file", source=path.name) from fault
        return Package(path.name, tuple(archive.namelist()), archive.open)
    what = "is no folder and no zip file" if path.exists() else "was not found"
    msg = f"{path} {what}. Give the folder or the zip file of the package."
    raise SurveyError(msg, kind="no package", source=path.name)


def package_table(
    package: Package, file: str, *, columns: tuple[str, ...] | None = None
) -> pd.DataFrame:
    """A CSV file of a package as text, its rows numbered as a spreadsheet numbers them.

    Parameters
    ----------
    package
        The package.
    file
        Path inside it.
    columns
        Columns to read; all if left out. Those absent are passed over.

    Raises
    ------
    SurveyError
        If it is not there or is no CSV.
    """
    source = f"{package.name}: {PurePosixPath(file).name}"
    wanted = None if columns is None else set(columns)
    try:
        with package.open(file) as stream, warnings.catch_warnings():
            warnings.simplefilter("error", ParserWarning)  # rows longer than the header, cut
            frame = pd.read_csv(
                stream,
                dtype="str",
                encoding="utf-8-sig",
                compression="gzip" if file.endswith(".gz") else None,
                usecols=None if wanted is None else lambda name: name in wanted,
                keep_default_na=False,
                na_values=["", "NA"],
                index_col=False,
            )
    except (FileNotFoundError, IsADirectoryError, KeyError) as fault:
        msg = f"{source} is named by the package but is not there. Export the package again."
        raise SurveyError(msg, kind="no package", source=source) from fault
    except ParserWarning as fault:
        msg = (
            f"{source} has rows with more cells than its header names, from row 2 on. Put text "
            "that contains a comma in double quotes, or name the column."
        )
        raise SurveyError(msg, kind="more cells than columns", source=source) from fault
    except (ValueError, *DAMAGED) as fault:
        msg = f"{source} cannot be read as CSV ({fault}). Export the package again."
        raise SurveyError(msg, kind="unreadable table", source=source) from fault
    frame.columns = pd.Index([str(column).strip() for column in frame.columns])
    frame.index = pd.RangeIndex(2, len(frame) + 2, name="row")
    return frame
