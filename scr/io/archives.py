"""Files of a folder or a zip file that came from somewhere else, opened without trusting it."""

import stat
import struct
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO

from scr.errors import ScrError, SurveyError
from scr.io.bounds import MOST_BYTES, check_most

MOST_LIST_BYTES = 20_000_000
"""Of the list of files in a zip file: some 200,000 photographs."""

_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{p}{k}" for p in ("com", "lpt") for k in range(1, 10))}
)
_END_OF_ZIP, _END_OF_ZIP64 = b"PK\x05\x06", b"PK\x06\x06"
_TAIL = 66_000


def check_name(name: str, *, source: str, error: type[ScrError] = SurveyError) -> None:
    """Raise where a path leads out of the package that names it, or to a device.

    Parameters
    ----------
    name
        Path, as a package gives it.
    source
        Name of the package.
    error
        Class of the error raised.

    Raises
    ------
    ScrError
        If it is absolute, has a drive letter, ``..``, or a name that stands for a device.
    """
    parts = name.replace("\\", "/").split("/")
    stems = {part.split(".")[0].strip().lower() for part in parts}
    bad = (
        parts[0] == ""
        or ":" in name
        or ".." in parts
        or bool(stems & _DEVICES)
        or any(ord(letter) < ord(" ") for letter in name)
    )
    if bad:
        msg = (
            f"{source} names the file {name!r}, which does not lie in it. A package may name only "
            "files of its own. Make the package again, with its tables in it."
        )
        raise error(msg, kind="path out of the package", source=source)


def open_within(folder: Path, name: str) -> IO[bytes]:
    """Open a file of a folder, and none that a link in it leads to outside.

    Parameters
    ----------
    folder
        The folder.
    name
        Path inside it.

    Raises
    ------
    SurveyError
        If it leads out of the folder.
    FileNotFoundError
        If it is no file.
    """
    check_name(name, source=folder.name)
    check_link(folder / name, folder)
    path = folder / name
    if not path.is_file():
        raise FileNotFoundError(name)
    return path.open("rb")


def check_link(path: Path, folder: Path) -> None:
    """Raise where a file of a folder is a link to a place outside of it.

    Parameters
    ----------
    path
        The file.
    folder
        The folder.

    Raises
    ------
    SurveyError
        Naming the link.
    """
    if not path.resolve().is_relative_to(folder.resolve()):
        msg = (
            f"{folder.resolve().name} holds {path.name!r}, a link to a file outside of it. Copy "
            "that file into the folder in place of the link."
        )
        raise SurveyError(msg, kind="path out of the package", source=path.name)


def open_archive(
    path: Path, *, error: type[ScrError] = SurveyError
) -> tuple[tuple[str, ...], Callable[[str], IO[bytes]]]:
    """Names in a zip file, and what opens one of them.

    Parameters
    ----------
    path
        The zip file.
    error
        Class of the errors raised.

    Raises
    ------
    ScrError
        If it has too many files, two of one name, or names that lead out of it. Opening a file
        raises where it is a link, packed in an unusual way, or too large.
    """
    listed = _list_bytes(path)
    check_most("bytes in its list of files", listed, MOST_LIST_BYTES, source=path.name, error=error)
    archive = zipfile.ZipFile(path)
    names = archive.namelist()
    for name in names:
        check_name(name, source=path.name, error=error)
    if len(set(names)) < len(names):
        twice = Counter(names).most_common(1)[0][0]
        msg = f"{path.name} holds more than one file {twice!r}. Make the zip file again."
        raise error(msg, kind="damaged file", source=path.name)

    def opened(name: str) -> IO[bytes]:
        info = archive.getinfo(name)
        check_member(info, MOST_BYTES, source=path.name, error=error)
        return archive.open(info)

    return tuple(name for name in names if not name.endswith("/")), opened


def check_member(
    info: zipfile.ZipInfo, most: int, *, source: str, error: type[ScrError] = SurveyError
) -> None:
    """Raise where a file in a zip file is a link, packed in an unusual way, or too large.

    Parameters
    ----------
    info
        What the zip file says of it.
    most
        Bytes, unpacked.
    source
        Name of the zip file.
    error
        Class of the error raised.

    Raises
    ------
    ScrError
        Naming it.
    """
    name = f"{source}: {PurePosixPath(info.filename).name}"
    check_most("bytes, unpacked,", info.file_size, most, source=name, error=error)
    if stat.S_ISLNK(info.external_attr >> 16):
        msg = f"{name} is a link. Put the file itself into the zip file."
        raise error(msg, kind="path out of the package", source=name)
    if info.compress_type not in _PACKED:
        msg = (
            f"{name} is packed in a way that is not read. Make the zip file again, as Windows and "
            "macOS make it."
        )
        raise error(msg, kind="damaged file", source=name)


def _list_bytes(path: Path) -> int:
    """Length of the list of files that the end of a zip file states, before the list is read."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _TAIL))
        tail = stream.read()
    wide, end = tail.rfind(_END_OF_ZIP64), tail.rfind(_END_OF_ZIP)
    sizes = [0]
    if 0 <= end <= len(tail) - 16:
        sizes.append(struct.unpack_from("<L", tail, end + 12)[0])
    if 0 <= wide <= len(tail) - 48:
        sizes.append(struct.unpack_from("<Q", tail, wide + 40)[0])
    return max(sizes)
