"""Text of cells as it is meant: without invisible characters, accents in one way of writing."""

import re
import unicodedata

_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")


def tidy(cell: str) -> str:
    r"""A cell without blanks around it and without what nobody can see.

    An accent that is a character of its own and one that is part of its letter are the same text
    (Unicode calls both canonically equivalent), so they are written in the same way.

    Parameters
    ----------
    cell
        As it stands in the file.

    Examples
    --------
    >>> tidy(" Jose\u0301\u200b ") == "Jos\u00e9"
    True
    """
    if cell.isascii():
        return cell.strip()
    shown = _SPACES.sub(" ", _INVISIBLE.sub("", cell))
    return unicodedata.normalize("NFC", shown).strip()
