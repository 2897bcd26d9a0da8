"""Files written whole or not at all: what is written is made in memory, then put on the disk."""

import errno
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from re import sub
from uuid import uuid4

from scr.errors import ScrError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_BYTES_PER_MB = 1e6

DRAFT = ".draft"
"""Ending of a file that is being written; what a killed program leaves may be deleted."""


def write_bytes(path: str | Path, content: bytes | memoryview) -> Path:
    """Put a file on the disk, whole or not at all.

    No other library writes to the disk: HDF5 and GDAL crash, or say nothing, where it is full.

    Parameters
    ----------
    path
        File to write. Its folder is made if need be; an older file stays until the new one is
        complete, and if writing fails.
    content
        All of it.

    Raises
    ------
    ScrError
        If the disk is full, or the file may not be written.
    """
    target = Path(path)
    draft = target.with_name(f".{uuid4().hex}{DRAFT}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _put(draft, content)
        draft.replace(target)
    except OSError as error:
        raise ScrError(cannot_be_written(target, error, size=len(content))) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return target


def _put(path: Path, content: bytes | memoryview) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_text(path: str | Path, text: str) -> Path:
    """Text as UTF-8, whole or not at all.

    Parameters
    ----------
    path
        File to write.
    text
        Its content.
    """
    return write_bytes(path, text.encode("utf-8"))


def clear_drafts(folder: Path) -> None:
    """Take away what a killed program left of files that it was writing.

    Parameters
    ----------
    folder
        Folder in which nobody writes now.
    """
    for draft in folder.rglob(f".*{DRAFT}"):
        draft.unlink(missing_ok=True)


def cannot_be_written(path: Path, error: OSError, *, size: int = 0) -> str:
    """Why a file or folder cannot be written, in words.

    Parameters
    ----------
    path
        The file or folder.
    error
        What the system said.
    size
        Bytes that were to be written, where that is known.
    """
    if error.errno in _FULL:
        needed = f" ({size / _BYTES_PER_MB:,.1f} MB needed)" if size else ""
        return (
            f"{path} cannot be written: the disk is full{needed}. Nothing that was there before is "
            "changed. Free some room, or write to another disk, and try again."
        )
    if error.errno in _FORBIDDEN:
        return (
            f"{path} cannot be written: {error.strerror}. It may be open in another program, or "
            "you may not have the right to write there. Close it, or name another folder."
        )
    return f"{path} cannot be written: {error.strerror or error}. Name another folder."


def file_name(text: str) -> str:
    """Text as part of a file name: what is no letter, figure, dot or hyphen becomes a hyphen.

    Parameters
    ----------
    text
        A session, an animal, a region.

    Examples
    --------
    >>> file_name("Upper valley, 2024/25")
    'Upper-valley-2024-25'
    """
    return sub(r"[^\w.-]+", "-", text)


def check_file_names(names: Iterable[str], what: str) -> None:
    """Refuse names that become one name of a file, or of a variable in one.

    Parameters
    ----------
    names
        Sessions, say.
    what
        What they are, in the plural, for the message.

    Raises
    ------
    ScrError
        If two differ only in what a file name cannot hold, or in upper and lower case.
    """
    taken: dict[str, str] = {}
    for name in dict.fromkeys(names):
        plain = sub(r"\W", "_", file_name(name)).casefold()
        if plain in taken:
            msg = (
                f"The {what} {taken[plain]!r} and {name!r} would have files of one name, as file "
                "names hold no blanks or signs and some systems do not tell capitals apart. "
                "Rename one of them."
            )
            raise ScrError(msg)
        taken[plain] = name
