"""What is wrong or doubtful in the data: one record for each kind and file, with its rows."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from scr.errors import ScrError
from scr.io.tables import row_list

Severity = Literal["error", "warning", "note"]
"""Stops the reading; can be used but looks wrong; what reading did."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""From the worst on."""

_END_OF_SENTENCE = re.compile(r"(?<=[a-z0-9)'\"%])\. (?=[A-Z])")
_PRIVATE = "see the private report."
_FILE = re.compile(r"(?:the )?([^:'\"]+?\.(?:csv|xlsx|txt|gpx|geojson|gpkg|shp|kml|kmz|tif))\b")


@dataclass(frozen=True)
class Trouble:
    """One kind of trouble in one file.

    Parameters
    ----------
    severity
        ``"error"``, ``"warning"`` or ``"note"``.
    kind
        A few words, the same for all troubles of a kind.
    source
        Name of the file, ``""`` where it is none in particular.
    rows
        Rows of the file, the header being row 1.
    found
        What was found, with names and rows.
    remedy
        What to do, ``""`` for a note that needs nothing.
    public
        What was found as the public may read it: no name of a station or an animal, no row, no
        extent of the layout; ``""`` where only the kind may be told.
    """

    severity: Severity
    kind: str
    source: str
    rows: tuple[int, ...]
    found: str
    remedy: str = ""
    public: str = ""

    @property
    def line(self) -> str:
        """As one sentence or two."""
        return f"{self.found} {self.remedy}".strip()

    @property
    def private_line(self) -> str:
        """The same with its kind first."""
        return f"{self.kind}. {self.line}"

    @property
    def public_line(self) -> str:
        """Without station, animal or row: its kind alone, where no more may be told."""
        return f"{self.kind}. {self.public}" if self.public else f"{self.kind}: {_PRIVATE}"


def suspicion(
    kind: str, source: str, rows: Iterable[int], *, found: str, remedy: str, public: str = ""
) -> Trouble:
    """A warning, whose text is made to name file and rows.

    Parameters
    ----------
    kind, source, rows, found, remedy, public
        As in ``Trouble``; ``found`` without the file and the rows.

    Examples
    --------
    >>> suspicion("a kind", "a.csv", [4], found="x looks odd", remedy="Look.").line
    'a.csv: x looks odd (row 4). Look.'
    """
    listed = tuple(sorted({int(row) for row in rows}))
    where = f" ({row_list(listed)})" if listed else ""
    return Trouble("warning", kind, source, listed, f"{source}: {found}{where}.", remedy, public)


def trouble_of(error: ScrError) -> Trouble:
    """The trouble that an error tells of.

    Parameters
    ----------
    error
        From a reader.
    """
    text = str(error)
    cut = _END_OF_SENTENCE.search(text)
    found, remedy = (text[: cut.start() + 1], text[cut.end() :]) if cut else (text, "")
    named = _FILE.match(text)
    source = error.source or (named.group(1) if named else "")
    return Trouble("error", error.kind or "not readable", source, error.rows, found, remedy)


def trouble_of_note(note: str) -> Trouble:
    """What reading did, as a record.

    Parameters
    ----------
    note
        One of ``Survey.notes``.
    """
    source, mark, _ = note.partition(": ")
    return Trouble("note", "reading", source if mark and "." in source else "", (), note)


def by_severity(troubles: Iterable[Trouble]) -> list[Trouble]:
    """Troubles without repeats, the worst first.

    Parameters
    ----------
    troubles
        In any order.
    """
    return sorted(dict.fromkeys(troubles), key=lambda t: SEVERITIES.index(t.severity))


def doubts_by_kind(troubles: Iterable[Trouble]) -> dict[str, str]:
    """The text of all warnings, those of a kind joined.

    Parameters
    ----------
    troubles
        In any order.
    """
    joined: dict[str, list[str]] = {}
    for trouble in troubles:
        if trouble.severity == "warning":
            joined.setdefault(trouble.kind, []).append(trouble.line)
    return {kind: " ".join(lines) for kind, lines in joined.items()}
