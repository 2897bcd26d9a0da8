"""Names of animals that look wrong: labels, several in a cell, flanks, names alike."""

import re
from collections.abc import Collection

import pandas as pd

from scr.survey.flank_names import half_known, named_sides, pairs_of_flanks
from scr.survey.flanks import flanks
from scr.survey.name_likeness import alike, spelled
from scr.survey.troubles import Trouble, suspicion
from scr.survey.unknown_labels import unknown_labels

_AND = re.compile(r"[/,;+&()]|\b(?:and|or|with)\b")
_YOUNG = re.compile(
    r"\d*\s*(?:cubs?|kittens?|young|juv\.?|juveniles?|calf|calves|pups?|fawns?|cachorros?|crías?|"
    r"filhotes?|petits?|jeunes?|junge?s?)"
)


def suspect_names(table: pd.DataFrame, *, source: str, both_flanks: bool = False) -> list[Trouble]:
    """Labels that name no animal, several animals in a cell, flanks in names, and names alike.

    Parameters
    ----------
    table
        Detections from ``read_table``.
    source
        Name of the table.
    both_flanks
        Whether the sides of an animal may have a name each.
    """
    names = table["individual"].dropna().astype(str)
    distinct = list(names.unique())
    pairs = pairs_of_flanks(distinct)
    of_pairs = {name for pair in pairs for name in pair}
    labels = [name for name in unknown_labels(distinct) if name not in of_pairs]
    joint = sorted(name for name in distinct if _several(name, set(distinct)))
    twins = [group for group in alike(distinct) if not set(group) <= of_pairs]
    found: tuple[_Suspicion, ...] = (
        _labels(labels),
        _joint(joint),
        _twins(twins),
    )
    if not both_flanks:
        found = (*found, _paired(pairs) if pairs else _sided(*half_known(distinct)))
    told = _against_names(table, names, source=source) if both_flanks else []
    return told + [
        suspicion(kind, source, names.index[names.isin(listed)], found=text, remedy=remedy)
        for kind, listed, text, remedy in found
        if listed
    ]


type _Suspicion = tuple[str, list[str], str, str]
"""Kind, names, what was found, remedy."""


def _labels(labels: list[str]) -> _Suspicion:
    return (
        "label is no animal",
        labels,
        f"{', '.join(map(repr, labels[:10]))} may be no single animal",
        "Leave out rows of animals that were not identified, or name the animal.",
    )


def _joint(joint: list[str]) -> _Suspicion:
    return (
        "several animals in one cell",
        joint,
        f"{', '.join(map(repr, joint[:10]))} may be several animals, or one with its young, which "
        "have names of their own in other rows",
        "Give each animal a row of its own; leave out rows that may be either.",
    )


def _paired(pairs: list[tuple[str, str]]) -> _Suspicion:
    listed = "; ".join(" and ".join(map(repr, pair)) for pair in pairs[:10])
    more = f"; and {len(pairs) - 10} more" if len(pairs) > 10 else ""
    return (
        "flank in the name",
        [name for pair in pairs for name in pair],
        f"{len(pairs)} pair{'' if len(pairs) == 1 else 's'} of names differ in left and right "
        f"alone and count as two animals each: {listed}{more}",
        "Where left and right are known to be one animal give them one name. Put the side into a "
        "column flank (left, right or both) and, unless all animals are known from both, choose "
        'flank="left" or flank="right".',
    )


def _sided(left: list[str], right: list[str]) -> _Suspicion:
    return (
        "flank in the name",
        [*left, *right],
        f"{len(left)} names tell the left flank ({', '.join(map(repr, left[:5]))}) and "
        f"{len(right)} the right ({', '.join(map(repr, right[:5]))}), so that one animal may count "
        "twice",
        "Put the side into a column flank (left, right or both) and choose "
        'flank="left" or flank="right".',
    )


def _against_names(table: pd.DataFrame, names: pd.Series, *, source: str) -> list[Trouble]:
    """Photographs of one side of an animal whose name tells the other."""
    told = names.map(named_sides(list(names.unique())))
    shown = flanks(table.loc[names.index])
    rows = names.index[told.notna() & shown.isin(["left", "right"]) & (told != shown)]
    if not len(rows):
        return []
    listed = [f"{names[row]!r} shows the {shown[row]}" for row in rows[:10]]
    return [
        suspicion(
            "flank against the name",
            source,
            rows,
            found=f"the flank is not the one that the name tells: {'; '.join(listed)}",
            remedy="Correct the flank or the name. An animal known from both sides needs a name "
            "without a side.",
        )
    ]


def _twins(twins: list[list[str]]) -> _Suspicion:
    return (
        "names alike",
        [name for group in twins for name in group],
        "names differ in case, spaces, marks, accents, leading zeros or letters that look the same "
        f"alone: {'; '.join(spelled(group) for group in twins[:10])}",
        "If they are one animal write the name in one way, or give identities=.",
    )


def _several(name: str, known: Collection[str]) -> bool:
    """Whether a name is made of the names of other animals, or of one and of its young."""
    parts = [part.strip() for part in _AND.split(name) if part.strip()]
    own = [part for part in parts if not _YOUNG.fullmatch(part.casefold())]
    return len(parts) > 1 and len(own) > 0 and all(part in known for part in own)
