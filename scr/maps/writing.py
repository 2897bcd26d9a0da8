"""Files written whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from re import sub
from uuid import uuid4


@contextmanager
def written_whole(path: str | Path) -> Iterator[Path]:
    """A draft beside the file, which takes its name once it is complete.

    Parameters
    ----------
    path
        File to write. Its folder is made if need be; an older file stays until the new one is
        complete, and if writing fails.

    Yields
    ------
    Path
        Where to write: the same folder and ending.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.stem}-{uuid4().hex}{target.suffix}")
    try:
        yield draft
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> Path:
    """Text as UTF-8, whole or not at all.

    Parameters
    ----------
    path
        File to write.
    text
        Its content.
    """
    with written_whole(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")
    return Path(path)


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
