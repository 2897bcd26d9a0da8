"""Which CSV file of a folder holds stations, effort or detections, told by its columns."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scr.errors import ScrError, SurveyError
from scr.io.tables import read_table
from scr.schema import aliases, plain

_OCCASION = re.compile(r"[uo]?\d+")
_TIMES = {"datetime", "date", "occasion"}
_WORDS = {
    "stations": ("station", "trap", "site", "location"),
    "effort": ("deploy", "usage", "effort", "operation"),
    "detections": ("detect", "capture", "record", "observation", "event"),
}


@dataclass(frozen=True)
class Header:
    """A file and its columns.

    Parameters
    ----------
    file
        The file.
    names
        Names of the columns without case, spaces and punctuation, and as they are known inside.
    """

    file: Path
    names: frozenset[str]

    @property
    def places(self) -> bool:
        """Whether it has coordinates."""
        return {"x", "y"} <= self.names or {"lon", "lat"} <= self.names

    @property
    def stations(self) -> bool:
        """Whether it names places and has their coordinates."""
        return self.places and bool({"trap", "name", "id"} & self.names)

    @property
    def dates(self) -> bool:
        """Whether it has set-up and retrieval."""
        return {"start", "end"} <= self.names

    @property
    def effort(self) -> bool:
        """Whether it tells how long a station worked."""
        occasions = [name for name in self.names if _OCCASION.fullmatch(name)]
        return self.dates or len(occasions) > 1

    @property
    def animals(self) -> bool:
        """Whether it names animals."""
        return "individual" in self.names


def header_of(file: Path) -> Header:
    """The columns of a file, none where it is no table.

    Parameters
    ----------
    file
        CSV or GPX file.
    """
    if file.suffix.lower() == ".gpx":
        return Header(file, frozenset({"trap", "lon", "lat"}))
    try:
        names = {plain(str(column)) for column in read_table(file).columns}
    except ScrError as fault:
        if fault.kind == "file too large":
            raise
        return Header(file, frozenset())
    known: set[str] = set()
    for table in ("traps", "deployments", "detections"):
        for inside, accepted in aliases(table).items():
            named_alike = inside == "trap" and table == "traps"  # by name or id, as animals may be
            if not named_alike and any(plain(a) in names for a in accepted):
                known.add(inside)
    return Header(file, frozenset(names | known))


def with_columns(headers: Sequence[Header], *names: str) -> list[Path]:
    """Files that have all of some columns.

    Parameters
    ----------
    headers
        Of all files.
    names
        Names as in ``Header.names``.
    """
    return [header.file for header in headers if set(names) <= header.names]


def one_of_each(headers: Sequence[Header]) -> tuple[Path, Path, Path] | None:
    """The files of stations, effort and detections, or None where one is not there.

    Parameters
    ----------
    headers
        Of all files.

    Returns
    -------
    tuple of Path
        Stations and effort may be one file; detections are always a file of their own.

    Raises
    ------
    SurveyError
        If several files may be meant.
    """
    tables = [header for header in headers if "trap" in header.names]
    seen = _chosen(
        [h for h in tables if h.animals and (h.names & _TIMES or not (h.effort or h.places))],
        "detections",
        (lambda h: bool(h.names & _TIMES), lambda h: not h.effort, lambda h: not h.places),
    )
    others = [h for h in tables if h is not seen]
    effort = _chosen(
        [h for h in others if h.effort], "effort",
        (lambda h: not h.names & _TIMES, lambda h: h.dates, lambda h: not h.places),
    )  # fmt: skip
    places = _chosen(
        [h for h in headers if h.stations and h is not seen], "stations",
        (lambda h: not h.names & _TIMES, lambda h: not h.effort),
    )  # fmt: skip
    if seen is None or effort is None or places is None:
        return None
    return places.file, effort.file, seen.file


def _chosen(
    headers: list[Header], what: str, preferred: Sequence[Callable[[Header], bool]]
) -> Header | None:
    """The one that fits best: by its columns, then by its name."""

    def named(header: Header) -> bool:
        return any(word in header.file.name.lower() for word in _WORDS[what])

    for fits in (*preferred, named):
        better = [header for header in headers if fits(header)]
        headers = better or headers
    check_one([header.file for header in headers], f"tables of {what}")
    return headers[0] if headers else None


def check_one(files: Sequence[Path], what: str) -> None:
    """Raise where several files may be meant.

    Parameters
    ----------
    files
        Those found.
    what
        What they hold.

    Raises
    ------
    SurveyError
        Naming them.
    """
    if len(files) > 1:
        listed = ", ".join(file.name for file in files[:10])
        msg = (
            f"{len(files)} files look like {what}: {listed}. Join them into one with a column "
            "session, or give a folder with the one that is meant."
        )
        raise SurveyError(msg, kind="several files of one kind", source=files[0].name)
