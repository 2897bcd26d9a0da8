"""Folders and zip files that hold the tables of a project."""

import csv
import gzip
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

import numpy as np
import pandas as pd
from pandas.errors import ParserWarning

from scr.errors import ScrError, SurveyError
from scr.io.archives import check_link, open_archive, open_within
from scr.io.bounds import MOST_COLUMNS, bounded, check_most, check_room
from scr.io.csv_text import delimiter_of
from scr.io.tables import decimal_points
from scr.schema import plain

DAMAGED = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError)
"""What reading of a damaged zip file raises."""

_CHUNK_ROWS = 100_000
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


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
        Opens one of them, as bytes; none that lies outside.
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

        Raises
        ------
        SurveyError
            If two are as near to the top.
        """
        found = [f for f in self.files if PurePosixPath(f).name.lower() == name.lower()]
        nearest = [f for f in found if f.count("/") == min(g.count("/") for g in found)]
        if len(nearest) > 1:
            listed = ", ".join(map(repr, nearest[:10]))
            msg = (
                f"{self.name} holds {len(nearest)} files called {name}: {listed}. Give one package "
                "at a time."
            )
            raise SurveyError(msg, kind="several packages", source=self.name)
        return nearest[0] if nearest else None


def open_package(path: str | Path) -> Package:
    """The files of a folder or zip file.

    Parameters
    ----------
    path
        Folder, zip file, or a file in such a folder.

    Raises
    ------
    SurveyError
        If it is neither, or is not there, or holds names that lead out of it.
    """
    path = Path(path)
    if path.is_file() and path.suffix.lower() in (".json", ".csv"):
        path = path.parent
    if path.is_dir():
        found = sorted(f for f in path.glob("*") if f.is_file())
        for file in found:
            check_link(file, path)
        files = tuple(f.name for f in found)
        return Package(path.resolve().name, files, lambda name: open_within(path, name))
    if path.is_file() and zipfile.is_zipfile(path):
        try:
            names, opened = open_archive(path)
        except ScrError:
            raise
        except (*DAMAGED, ValueError) as fault:
            msg = f"{path.name} is a damaged zip file ({fault}). Copy or download it again."
            raise SurveyError(msg, kind="damaged file", source=path.name) from fault
        return Package(path.name, names, opened)
    what = "is no folder and no zip file" if path.exists() else "was not found"
    msg = f"{path} {what}. Give the folder or the zip file of the package."
    raise SurveyError(msg, kind="no package", source=path.name)


def package_header(package: Package, file: str) -> list[str]:
    """Names of the columns of a CSV file in a package, as they stand.

    Parameters
    ----------
    package
        The package.
    file
        Path inside it.

    Raises
    ------
    SurveyError
        If it is too large, or has too many columns.
    """
    try:
        return _header(package, file).names
    except (UnicodeDecodeError, csv.Error, *DAMAGED):
        return []


class _Header(NamedTuple):
    """Names of the columns, the mark between cells, the encoding, and blank lines above."""

    names: list[str]
    mark: str
    encoding: str
    above: int


def _header(package: Package, file: str) -> _Header:
    source, above, encoding, text = _source(package, file), 0, "", ""
    with _unpacked(package, file) as stream:
        for line in stream:
            encoding = encoding or ("utf-16" if line[:2] in _UTF16 else "utf-8-sig")
            text = line.decode(encoding, errors="ignore").strip("\r\n")
            if text.strip():
                break
            above += 1
    mark = delimiter_of(text)
    names = [cell.strip() for cell in next(csv.reader([text], delimiter=mark), [])]
    check_most("columns", len(names), MOST_COLUMNS, source=source)
    return _Header(names, mark, encoding or "utf-8-sig", above)


def _source(package: Package, file: str) -> str:
    return f"{package.name}: {PurePosixPath(file).name}"


@contextmanager
def _unpacked(package: Package, file: str) -> Iterator[IO[bytes]]:
    with ExitStack() as closing:
        stream: Any = closing.enter_context(package.open(file))
        if file.endswith(".gz"):
            stream = closing.enter_context(gzip.GzipFile(fileobj=stream))
        yield closing.enter_context(bounded(stream, source=_source(package, file)))


def package_table(
    package: Package,
    file: str,
    *,
    names: Mapping[str, tuple[str, ...]],
    others: bool = False,
) -> pd.DataFrame:
    """A CSV file of a package as text, its rows numbered as a spreadsheet numbers them.

    Parameters
    ----------
    package
        The package.
    file
        Path inside it.
    names
        Columns to read, and other names under which they are known. Case, spaces and punctuation
        do not matter. Those absent are passed over.
    others
        Whether to read all other columns too, as they are called.

    Raises
    ------
    SurveyError
        If it is not there, is no CSV, is too large, or has a column twice.
    """
    source = _source(package, file)
    try:
        header = _header(package, file)
        inside = _inside_names(header.names, names, source=source)
        with _unpacked(package, file) as stream, warnings.catch_warnings():
            warnings.simplefilter("error", ParserWarning)  # rows longer than the header, cut
            chunks = pd.read_csv(
                stream,
                sep=header.mark,
                dtype="str",
                encoding=header.encoding,
                skiprows=header.above,
                usecols=None if others else lambda name: name.strip() in inside,
                keep_default_na=False,
                na_values=["", "NA"],
                index_col=False,
                skip_blank_lines=False,
                chunksize=_CHUNK_ROWS,
            )
            parts = []
            check_room()
            for chunk in chunks:
                parts.append(chunk)
                check_room()
            frame = pd.concat(parts, ignore_index=True)
    except ScrError:
        raise
    except (FileNotFoundError, IsADirectoryError, KeyError) as fault:
        msg = f"{source} is named by the package but is not there. Export the package again."
        raise SurveyError(msg, kind="no package", source=source) from fault
    except ParserWarning as fault:
        msg = (
            f"{source} has rows with more cells than its header names, from row 2 on. Put text "
            "that contains a comma in double quotes, or name the column."
        )
        raise SurveyError(msg, kind="more cells than columns", source=source) from fault
    except UnicodeDecodeError as fault:
        msg = (
            f'{source} is not UTF-8 text. Save it as "CSV UTF-8" so that names keep their letters.'
        )
        raise SurveyError(msg, kind="not UTF-8", source=source) from fault
    except (ValueError, csv.Error, *DAMAGED) as fault:
        if "out of memory" in str(fault):
            raise MemoryError from fault
        msg = f"{source} cannot be read as CSV ({fault}). Export the package again."
        raise SurveyError(msg, kind="unreadable table", source=source) from fault
    frame.columns = pd.Index([inside.get(str(c).strip(), str(c).strip()) for c in frame.columns])
    first = header.above + 2
    frame.index = pd.RangeIndex(first, len(frame) + first, name="row")
    frame = frame.dropna(how="all")
    if header.mark == ",":
        return frame
    return decimal_points(frame.astype(object).fillna("")).replace("", np.nan)


def _inside_names(
    header: list[str], names: Mapping[str, tuple[str, ...]], *, source: str
) -> dict[str, str]:
    """The names used inside of the columns of a header that are known."""
    found: dict[str, str] = {}
    for inside, accepted in names.items():
        for candidate in (inside, *accepted):
            same = [c for c in header if plain(c) == plain(candidate)]
            if len(same) > 1:
                msg = (
                    f"{source} has more than one column named {candidate!r}. Rename or remove all "
                    "but one."
                )
                raise SurveyError(msg, kind="column twice", source=source)
            if same:
                found[same[0]] = inside
                break
    return found
