"""Names that look or read the same although their letters differ."""

import re
import unicodedata
from collections.abc import Iterable

_LOOK_ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХЗаеѕіјорсухԁһԛԝɡΑΒΕΖΗΙΚΜΝΟΡΤΥΧαορνικυχ",
    "ABESIJKMHOPCTYX3aesijopcyxdhqwgABEZHIKMNOPTYXaopvikux",
)
"""Cyrillic and Greek letters and the Latin ones that they look like."""

_SPECIAL = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss"})
_MARKS = re.compile(r"(?<!\d)[\W_]+|[\W_]+(?!\d)")
_ZERO = re.compile(r"(?<=\d)o|o(?=\d)")
_ONE = re.compile(r"(?<=\d)[lI|]")
_NO_DECIMALS = re.compile(r"(?<=\d)[.,]0+$")
_PADDING = re.compile(r"(?<!\d)0+(?=\d)")


def likeness(name: str) -> str:
    """What names have in common that a reader may take for one.

    Case, accents, spaces and marks (but for those between digits), leading zeros, letters of
    another alphabet that look the same, invisible characters, O and l beside digits, and the .0
    that a spreadsheet gives to whole numbers do not count.

    Parameters
    ----------
    name
        Name of an animal or a station.

    Examples
    --------
    >>> likeness("L01") == likeness("l 1"), likeness("Dаra") == likeness("Dara")
    (True, True)
    >>> likeness("L1") == likeness("L10"), likeness("1-2") == likeness("12")
    (False, False)
    >>> likeness("3.0") == likeness("3"), likeness("3.0") == likeness("30")
    (True, False)
    """
    text = _NO_DECIMALS.sub("", name.strip())
    text = unicodedata.normalize("NFKD", text).translate(_LOOK_ALIKE)
    text = "".join(mark for mark in text if unicodedata.category(mark) not in ("Mn", "Cf"))
    text = _ONE.sub("1", text).casefold().translate(_SPECIAL)
    return _PADDING.sub("", _ZERO.sub("0", _MARKS.sub("", text)))


def alike(names: Iterable[str]) -> list[list[str]]:
    """Groups of different names of one likeness.

    Parameters
    ----------
    names
        Names, each once.
    """
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(likeness(name) or name, []).append(name)
    return [group for group in groups.values() if len(group) > 1]


def spelled(names: Iterable[str]) -> str:
    """Names in quotation marks, those of other alphabets with their odd letters named.

    Parameters
    ----------
    names
        Names.

    Examples
    --------
    >>> spelled(["Dara", "Dаra"])
    "'Dara' and 'Dаra' (CYRILLIC SMALL LETTER A)"
    """
    return " and ".join(f"{name!r}{_odd_letters(name)}" for name in names)


def _odd_letters(name: str) -> str:
    """Letters that look like Latin ones in a name that has Latin ones too, or none of its own."""
    odd = [mark for mark in dict.fromkeys(name) if mark.translate(_LOOK_ALIKE) != mark]
    odd += [mark for mark in dict.fromkeys(name) if unicodedata.category(mark) in ("Mn", "Cf")]
    listed = ", ".join(unicodedata.name(mark, hex(ord(mark))) for mark in odd[:3])
    return f" ({listed})" if listed else ""
