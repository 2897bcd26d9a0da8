"""How wide text will be, so that it can be given room before it is drawn."""

from functools import lru_cache
from typing import Literal

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

_MM_PER_POINT = 25.4 / 72


@lru_cache(maxsize=4096)
def text_width(text: str, size_pt: float, weight: Literal["normal", "bold"] = "normal") -> float:
    """Width of one line of text, millimetres.

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
    return float(width) * _MM_PER_POINT


def wrapped(text: str, size_pt: float, *, room_mm: float) -> list[str]:
    """Text broken between words into lines that fit; a word wider than the room stands alone.

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
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size_pt) <= room_mm:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
