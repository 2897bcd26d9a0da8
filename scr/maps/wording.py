"""Text of figures: how wide it will be, where it is broken, how parts are joined."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Literal

from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.textpath import TextToPath

_MM_PER_POINT = 25.4 / 72
_WIDER = 1.04
_JOINED = "\u00a0"


@lru_cache(maxsize=4096)
def text_width(text: str, size_pt: float, weight: Literal["normal", "bold"] = "normal") -> float:
    """Width that one line of text may take, millimetres.

    It is 4 % more than that of the outlines, as letters on few pixels are drawn wider.

    Parameters
    ----------
    text
        The line.
    size_pt
        Size of the letters, points.
    weight
        ``"normal"`` or ``"bold"``.

    Examples
    --------
    >>> text_width("wide", 7.0) > text_width("thin", 7.0) > 0
    True
    """
    font = FontProperties(size=size_pt, weight=weight)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width) * _MM_PER_POINT * _WIDER


def wrapped(text: str, size_pt: float, *, room_mm: float) -> list[str]:
    """Text broken between words into lines that fit; a word wider than the room stands alone.

    A number stays with its percent sign.

    Parameters
    ----------
    text
        The text.
    size_pt
        Size of the letters, points.
    room_mm
        Width that a line may have.

    Examples
    --------
    >>> wrapped("one two three", 7.0, room_mm=12.0)
    ['one two', 'three']
    """
    lines: list[str] = []
    for word in " ".join(text.split()).replace(" %", f"{_JOINED}%").split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size_pt) <= room_mm:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line.replace(_JOINED, " ") for line in lines]


LETTERS: Any = {"text.parse_math": False}
"""Under which all that is drawn stands letter by letter: $ in a name begins no formula."""


def as_written(texts: Iterable[Text]) -> None:
    """Draw texts letter by letter: a name may hold dollar signs, which are no formula.

    Parameters
    ----------
    texts
        Labels of ticks or of a legend, titles.
    """
    for text in texts:
        text.set_parse_math(False)


def as_sentence(parts: Iterable[str | None]) -> str:
    """Parts in one line, commas between them, the first letter a capital; None is left out.

    Parameters
    ----------
    parts
        In their order.

    Examples
    --------
    >>> as_sentence([None, "session 2024", "posterior median"])
    'Session 2024, posterior median'
    """
    text = ", ".join(part for part in parts if part)
    return f"{text[:1].upper()}{text[1:]}"
