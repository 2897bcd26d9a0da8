"""Names of animals that tell a side, such as Dara_L and Dara_R."""

import re
import unicodedata
from collections.abc import Collection

from scr.survey.flanks import SIDES

_ALSO = {"left": ("g", "i", "e", "sx"), "right": ("d", "dx")}
_FEW = 2
_HALF_KNOWN = 3
_WORDS = {
    word: side
    for side in ("left", "right")
    for word in (*SIDES[side], *_ALSO[side])
}  # fmt: skip
_ANY = "|".join(re.escape(word) for word in sorted(_WORDS, key=len, reverse=True))
_AFTER = re.compile(
    rf"(?P<base>.*[^\W_])(?P<mark>[\s_.()\[\]/-]+)(?P<side>{_ANY})(?:[\s_.-]*(?:flank|side))?[)\]]?"
)
_BEFORE = re.compile(
    rf"[(\[]?(?P<side>{_ANY})(?:[\s_.-]*(?:flank|side))?(?P<mark>[\s_.()\[\]/-]+)(?P<base>[^\W_].*)"
)
_JOINED = (
    re.compile(r"(?P<base>.*\d)(?P<side>[lr])"),
    re.compile(r"(?P<side>[lr])(?P<base>\d.*)"),
)


def pairs_of_flanks(names: Collection[str]) -> list[tuple[str, str]]:
    """Pairs of names that differ in left and right alone.

    Parameters
    ----------
    names
        Distinct names of animals.

    Returns
    -------
    list of (str, str)
        Left and right. Where the side is one letter without a mark before it (12L and 12R), or
        a letter other than L and R, one pair alone may be chance and is not given.

    Examples
    --------
    >>> pairs_of_flanks(["Dara_L", "Dara_R", "Bek_L"])
    [('Dara_L', 'Dara_R')]
    """
    found = _pairs(names, joined=False)
    sure = [pair for pair in found.values() if pair[2]]
    if not sure and len(found) < _FEW:
        found = {}
    if not found:
        found = _pairs(names, joined=True)
        if len(found) < _FEW:
            return []
    return [(left, right) for left, right, _ in found.values()]


def half_known(names: Collection[str]) -> tuple[list[str], list[str]]:
    """Names that tell the left and names that tell the right, where most names tell a side.

    Parameters
    ----------
    names
        Distinct names of animals.
    """
    told = [(name, _side(name)) for name in names]
    left = [name for name, found in told if found is not None and found[1] == "left" and found[2]]
    right = [name for name, found in told if found is not None and found[1] == "right" and found[2]]
    few = min(len(left), len(right)) < _HALF_KNOWN or 2 * len([*left, *right]) < len(names)
    return ([], []) if few else (left, right)


def named_sides(names: Collection[str]) -> dict[str, str]:
    """The side that a name tells, of names that surely tell one.

    Parameters
    ----------
    names
        Distinct names of animals.

    Examples
    --------
    >>> named_sides(["Dara_L", "Dara_R", "Bek right", "Big L"])
    {'Dara_L': 'left', 'Dara_R': 'right', 'Bek right': 'right'}
    """
    pairs, (left, right) = pairs_of_flanks(names), half_known(names)
    found = dict.fromkeys([*left, *(pair[0] for pair in pairs)], "left")
    found |= dict.fromkeys([*right, *(pair[1] for pair in pairs)], "right")
    for name in names:
        told = _side(name)
        if told is not None and len(_word(name)) > 1:
            found.setdefault(name, told[1])
    return found


def _word(name: str) -> str:
    """The word by which a name tells a side."""
    text = unicodedata.normalize("NFKC", name).casefold().strip()
    match = _AFTER.fullmatch(text) or _BEFORE.fullmatch(text)
    return match["side"] if match else ""


def _side(name: str, *, joined: bool = False) -> tuple[str, str, bool] | None:
    """Name without its side, the side, and whether the side is told beyond doubt."""
    text = unicodedata.normalize("NFKC", name).casefold().strip()
    for pattern in _JOINED if joined else (_AFTER, _BEFORE):
        match = pattern.fullmatch(text)
        if match:
            word = match["side"]
            return match["base"].strip(), _WORDS[word], len(word) > 1 or word not in "gied"
    return None


def _pairs(names: Collection[str], *, joined: bool) -> dict[str, tuple[str, str, bool]]:
    sides: dict[str, dict[str, tuple[str, bool]]] = {}
    for name in names:
        found = _side(name, joined=joined)
        if found is not None:
            sides.setdefault(found[0], {})[found[1]] = (name, found[2])
    return {
        base: (told["left"][0], told["right"][0], told["left"][1] and told["right"][1])
        for base, told in sides.items()
        if len(told) > 1
    }
