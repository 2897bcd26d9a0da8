"""A folder of results: one run at a time, written beside and put in place in one step."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from scr.errors import ScrError
from scr.io.whole_files import cannot_be_written, write_text

PUBLIC, PRIVATE = "public", "private"
"""Folders of results: what can be shared, and everything."""

KEPT = Path(PRIVATE, "fit.nc")
"""Where a folder of results keeps the fit."""

MODELS = "models"
"""Folder, in the private one, with the fits of models that were compared."""

MANIFEST = "manifest.json"
"""Lists the files of a run, in each of the two folders."""

UNFINISHED, EARLIER = "unfinished", "earlier"
"""Folders in that of results: a run that is being written; what cannot be told from the user's."""

_PARTS = (PUBLIC, PRIVATE)
_ANY_RUN_HAS = "summary.json"
_LOCK, _COMPLETE, _LEAVING = ".lock", "complete", "leaving"


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """No other run writes into the folder meanwhile; the system frees it if this one is killed.

    A run that was cut off while its results were put in place is finished first.

    Parameters
    ----------
    folder
        Folder of results, made if need be.

    Raises
    ------
    ScrError
        If another run is at it, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder.resolve() / _LOCK, is_singleton=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        msg = (
            f"Another run of scr is writing into {folder}. Wait until it has ended, or name "
            "another folder of results."
        )
        raise ScrError(msg) from error
    except OSError as error:
        raise ScrError(cannot_be_written(folder, error)) from error
    try:
        _put_in_place(folder)
        yield
    finally:
        lock.release()


@contextmanager
def new_results(folder: Path, *, keeping: bool = False) -> Iterator[Path]:
    """Where to write a run: it takes the place of the last one when all of it is there.

    Files of the last run, as its manifest lists them, go with it; others, the user's own, stay.
    What fails leaves the last run as it was, and of the new one the fit alone.

    Parameters
    ----------
    folder
        Folder of results, made if need be.
    keeping
        Whether files of the last run that are not written anew stay: for a run that adds to it.

    Yields
    ------
    Path
        A folder for ``public`` and ``private``, each of which needs a manifest in the end.

    Raises
    ------
    ScrError
        If another run is at it, or files cannot be written.
    """
    with alone_in(folder):
        staged = folder / UNFINISHED
        _clear(staged)
        try:
            if keeping:
                _copy(folder, staged)
            yield staged
            _carry_over(folder, staged)
        except BaseException:
            _clear(staged)
            raise
        write_text(staged / _COMPLETE, "All files of this run are here.\n")
        _put_in_place(folder)


def kept_fit(folder: Path) -> Path | None:
    """The newest fit of a folder of results: that of a run cut off before its maps, or the last.

    Parameters
    ----------
    folder
        Folder of results.
    """
    for path in (folder / UNFINISHED / KEPT, folder / KEPT):
        if path.is_file():
            return path
    return None


def files_of(part: Path) -> dict[str, str]:
    """Files of a run with their digests, as its manifest lists them; none where there is none.

    Parameters
    ----------
    part
        ``public`` or ``private``.
    """
    try:
        listed: dict[str, str] = json.loads((part / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        return {}
    return listed


def _clear(staged: Path) -> None:
    """Take away what a run left behind, but for its fit."""
    if not staged.is_dir():
        return
    for path in sorted(staged.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path != staged / KEPT:
            path.unlink()
    if not any(staged.iterdir()):
        staged.rmdir()


def _copy(folder: Path, staged: Path) -> None:
    for part in _PARTS:
        for name in files_of(folder / part):
            if not (staged / part / name).exists():
                _copy_file(folder / part / name, staged / part / name)


def _carry_over(folder: Path, staged: Path) -> None:
    """The user's own files beside those of the last run; not what other programs made of these."""
    for part in _PARTS:
        last = files_of(folder / part)
        if not last and _is_of_an_earlier_version(folder / part):
            continue
        for path in (folder / part).rglob("*"):
            name = path.relative_to(folder / part).as_posix()
            ours = name == MANIFEST or any(name.startswith(known) for known in last)
            if path.is_file() and not ours and not (staged / part / name).exists():
                _copy_file(path, staged / part / name)


def _copy_file(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    except OSError as error:
        raise ScrError(cannot_be_written(target, error)) from error


def _put_in_place(folder: Path) -> None:
    """Give a complete run the names of the last one. Cut off anywhere, it can be gone on with."""
    staged = folder / UNFINISHED
    if not (staged / _COMPLETE).is_file():
        return
    leaving = staged / _LEAVING
    try:
        leaving.mkdir(exist_ok=True)
        for part in _PARTS:
            if (staged / part).is_dir():
                _set_aside(folder, part, leaving)
                (staged / part).replace(folder / part)
        # Without this file nothing of the old run is put in place again.
        (staged / _COMPLETE).unlink()
        shutil.rmtree(staged)
    except OSError as error:
        msg = (
            f"The new results cannot take the place of the old ones in {folder}: "
            f"{error.strerror or error}. A file of them may be open in another program. Close it "
            f"and run 'scr map' again; all new results are in {staged}."
        )
        raise ScrError(msg) from error


def _is_of_an_earlier_version(part: Path) -> bool:
    return (part / _ANY_RUN_HAS).is_file() and not (part / MANIFEST).is_file()


def _set_aside(folder: Path, part: str, leaving: Path) -> None:
    """Move what is there; a run without a manifest may hold the user's files and is kept."""
    present = folder / part
    if not present.is_dir():
        return
    if not _is_of_an_earlier_version(present):
        present.replace(leaving / part)
        return
    earlier = folder / EARLIER / part
    number = 1
    while earlier.exists():
        number += 1
        earlier = folder / EARLIER / f"{part}-{number}"
    earlier.parent.mkdir(exist_ok=True)
    present.replace(earlier)
