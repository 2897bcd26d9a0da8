"""How much a file may hold before it is refused: so that no file fills the memory."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from scr.errors import ScrError, SurveyError

MOST_BYTES = 1_000_000_000
"""Of a table in a package, unpacked."""

MOST_PLAIN_BYTES = 100_000_000
"""Of a plain table, and of a part of a workbook, unpacked."""

MOST_ROWS = 5_000_000
MOST_COLUMNS = 16_384
MOST_CELLS = 10_000_000
MOST_LINE_BYTES = 10_000_000

MOST_OCCASIONS = 100_000
"""Of one session: more than two hundred years of days."""

_ROOM_BYTES = 100_000_000

NO_MEMORY = (
    "There is too little memory for this. Close other programs, or give less at once: fewer "
    "columns and rows, larger cells."
)
"""Where memory does not suffice."""


@contextmanager
def memory_told(error: type[ScrError] = ScrError) -> Iterator[None]:
    """Turn a want of memory into an error in words; decorates functions too.

    Parameters
    ----------
    error
        Class of the error raised.

    Raises
    ------
    ScrError
        In place of MemoryError.
    """
    try:
        yield
    except MemoryError as fault:
        raise error(NO_MEMORY, kind="too little memory") from fault


def check_room() -> None:
    """Raise where a library that cannot bear it might run out of memory next.

    Raises
    ------
    MemoryError
        If there is no room for a hundred million bytes more.
    """
    bytes(_ROOM_BYTES)  # taken, and given back at once


def check_most(
    what: str, found: float, most: int, *, source: str, error: type[ScrError] = SurveyError
) -> None:
    """Raise where a file holds more than can be read.

    Parameters
    ----------
    what
        What is counted, such as ``"rows"``.
    found
        How many there are, or have been read so far.
    most
        How many there may be.
    source
        Name of the file.
    error
        Class of the error raised.

    Raises
    ------
    ScrError
        With both numbers.
    """
    if found > most:
        msg = (
            f"{source} has {found:,.0f} {what} or more; {most:,} can be read. Check that it is the "
            "right file, and leave out rows and columns that are not needed."
        )
        raise error(msg, kind="file too large", source=source)


class _Counted(io.RawIOBase):
    """A stream that stops with an error where it gives too much."""

    def __init__(self, stream: IO[bytes], most: int, source: str) -> None:
        super().__init__()
        self._stream, self._most, self._source = stream, most, source
        self._bytes = self._rows = self._line = 0

    def readable(self) -> bool:
        """That it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read, and count bytes, rows and the length of the line.

        Parameters
        ----------
        buffer
            Where to put what was read.
        """
        data = self._stream.read(len(buffer))
        self._bytes += len(data)
        self._rows += data.count(b"\n")
        last = max(data.rfind(b"\n"), data.rfind(b"\r"))
        self._line = self._line + len(data) if last < 0 else len(data) - last
        for what, found, most in (
            ("bytes, unpacked,", self._bytes, self._most),
            ("rows", self._rows, MOST_ROWS),
            ("bytes in one line", self._line, MOST_LINE_BYTES),
        ):
            check_most(what, found, most, source=self._source)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close what is read from."""
        self._stream.close()
        super().close()


def bounded(stream: IO[bytes], *, source: str, most: int = MOST_BYTES) -> io.BufferedReader:
    """A stream that raises before it has given more than a table may hold.

    Parameters
    ----------
    stream
        To read from.
    source
        Name of the file.
    most
        Bytes.

    Returns
    -------
    BufferedReader
        Reading it raises a SurveyError after too many bytes or rows, or in too long a line.
    """
    return io.BufferedReader(_Counted(stream, most, source), buffer_size=1 << 16)
