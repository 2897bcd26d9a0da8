"""What traps record: the detector types, each in one place."""

from dataclasses import dataclass
from typing import Literal

from scr.errors import SurveyError

Detector = Literal[
    "proximity",
    "count",
    "binomial_count",
    "multi",
    "single",
    "polygon",
    "polygon_exclusive",
    "transect",
    "transect_exclusive",
    "mixed",
]
"""Names of the detector types."""

MIXED: Detector = "mixed"
"""Detectors of several types, each trap in each occasion of one."""

Telemetry = Literal["independent", "concurrent", "dependent"]
"""What animals with fixes of a transmitter have to do with those detected."""

Searched = Literal["", "areas", "lines"]
"""What is searched, if anything is."""

_NOUNS = {"": "station", "areas": "area", "lines": "line"}

Records = Literal["binary", "poisson", "binomial", "multi", "mixed"]
"""What a record of detection counts in the likelihood; ``"multi"`` where traps compete."""


@dataclass(frozen=True)
class DetectorType:
    """One type of detector.

    Parameters
    ----------
    records
        What its records count.
    in_words
        What it records, for the Methods of a paper.
    searched
        ``"areas"`` or ``"lines"`` where animals are looked for in these, and each detection has a
        place; empty for detectors at points.
    """

    records: Records
    in_words: str
    searched: Searched = ""

    @property
    def is_binary(self) -> bool:
        """Whether an animal is recorded at a trap once an occasion at most."""
        return self.records in {"binary", "multi"}

    @property
    def noun(self) -> str:
        """What stands where detections are made: a station, an area or a line."""
        return _NOUNS[self.searched]

    @property
    def seen_at(self) -> str:
        """Where an animal can be detected more than once: at stations, or at places."""
        return "places" if self.searched else "stations"

    @property
    def dims(self) -> int:
        """Dimensions of what is searched: 2 for areas, 1 for lines, 0 for points."""
        return {"areas": 2, "lines": 1}.get(self.searched, 0)


def worded(text: str, searched: Searched) -> str:
    """Text that tells of stations in the words of a search, where areas or lines are searched.

    Parameters
    ----------
    text
        About stations: a heading, a caption, the name of a row.
    searched
        As in ``DetectorType``.

    Examples
    --------
    >>> worded("animals seen at 2 or more stations", "lines")
    'animals seen at 2 or more places'
    >>> worded("Effort of the stations", "areas"), worded("Stations", "")
    ('Effort of the areas', 'Stations')
    """
    if not searched:
        return text
    noun = _NOUNS[searched]
    for of_stations, of_search in (
        ("2 or more stations", "2 or more places"),
        ("effort, station-days", "effort, days"),
        ("a station", f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"),
        ("Station", noun.capitalize()),
        ("station", noun),
    ):
        text = text.replace(of_stations, of_search)
    return text


DETECTORS: dict[Detector, DetectorType] = {
    "proximity": DetectorType(
        "binary",
        "An animal could be detected at any number of stations in an occasion, at each station "
        "at most once (proximity detectors)",
    ),
    "count": DetectorType(
        "poisson", "Independent visits of an animal to a station were counted (Poisson counts)"
    ),
    "binomial_count": DetectorType(
        "binomial",
        "Visits of an animal to a station were counted in as many trials as there were days of "
        "effort (binomial counts)",
    ),
    "multi": DetectorType(
        "multi",
        "A trap could hold several animals, and kept each until the end of the occasion, so that "
        "an animal was caught in one trap an occasion at most (multi-catch traps)",
    ),
    "single": DetectorType(
        "multi",
        "A trap held one animal until the end of the occasion (single-catch traps); the "
        "likelihood is that of multi-catch traps, so that the rate of detection is not to be "
        "interpreted (Efford, Borchers & Byrom 2009)",
    ),
    "polygon": DetectorType(
        "poisson",
        "Areas were searched, and an animal could be found in any number of places in an occasion; "
        "the places entered the likelihood, with lambda0 the number of finds expected if the whole "
        "plane were searched (area searches; Efford 2011)",
        searched="areas",
    ),
    "polygon_exclusive": DetectorType(
        "multi",
        "Areas were searched, and an animal was found in one place an occasion at most; the places "
        "entered the likelihood, with lambda0 the number of finds expected if the whole plane were "
        "searched (exclusive area searches; Efford 2011)",
        searched="areas",
    ),
    "transect": DetectorType(
        "poisson",
        "Lines were searched, and an animal could be found in any number of places in an occasion; "
        "the places entered the likelihood, with lambda0 the number of finds expected along an "
        "endless straight line through the activity centre (transect searches; Efford 2011)",
        searched="lines",
    ),
    "transect_exclusive": DetectorType(
        "multi",
        "Lines were searched, and an animal was found in one place an occasion at most; the places "
        "entered the likelihood, with lambda0 the number of finds expected along an endless "
        "straight line through the activity centre (exclusive transect searches; Efford 2011)",
        searched="lines",
    ),
    "mixed": DetectorType("mixed", "Detectors of several types were used"),
}
"""By name."""


def check_detector(name: str) -> None:
    """Raise for a detector type that is not known.

    Parameters
    ----------
    name
        Any text.

    Raises
    ------
    SurveyError
        Naming those there are.
    """
    if name not in DETECTORS:
        listed = ", ".join(map(repr, DETECTORS))
        msg = f"detector={name!r} is not known. Use one of {listed}."
        raise SurveyError(msg)
