"""Flanks: which side of an animal a photograph shows, and rows of one side alone."""

from collections.abc import Collection
from typing import Literal, NamedTuple

import pandas as pd

from scr.errors import SurveyError
from scr.io.tables import row_list
from scr.shown import counted
from scr.survey.row_account import left_out
from scr.survey.troubles import Trouble, suspicion

Flank = Literal["left", "right", "both"]

SIDES = {
    "left": (
        "l", "left", "lf", "ls", "lhs", "izq", "izquierda", "izquierdo", "gauche", "links",
        "esq", "esquerda", "esquerdo", "sinistra", "sinistro", "kiri", "sol", "левый", "левая",
        "лево", "лев", "左", "左侧",
    ),
    "right": (
        "r", "right", "rf", "rs", "rhs", "der", "derecha", "derecho", "droite", "droit", "rechts",
        "dir", "direita", "direito", "destra", "destro", "kanan", "sağ", "правый", "правая",
        "право", "прав", "右", "右侧",
    ),
    "both": (
        "b", "both", "lr", "rl", "l+r", "r+l", "l/r", "r/l", "l&r", "left and right", "left+right",
        "left/right", "ambos", "ambas", "les deux", "beide", "entrambi", "оба", "双侧",
    ),
}  # fmt: skip
"""Words for a side, in any case."""

FLANKS = {
    form: side
    for side, words in SIDES.items()
    for word in words
    for form in (word, f"{word} flank", f"{word} side", f"{word} flanks", f"{word} sides")
}
"""Ways of writing a flank, in any case."""


class OneSided(NamedTuple):
    """Detections of one flank: the rows left, what was done, what is doubtful, rows left out."""

    table: pd.DataFrame
    notes: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    dropped: tuple[tuple[str, tuple[int, ...]], ...] = ()


def flanks(table: pd.DataFrame) -> pd.Series:
    """The flank of each row: left, right, both, or missing.

    Parameters
    ----------
    table
        From ``read_table``, with a column ``flank``.
    """
    return table["flank"].map(lambda c: FLANKS.get(str(c).casefold()), na_action="ignore")


def of_flank(table: pd.DataFrame, flank: Flank | None, *, source: str) -> OneSided:
    """Detections by one flank, where animals are known from one flank alone.

    An animal known from both flanks is met again by its right flank too, one known from the left
    alone is not: rows of the other flank would make animals differ in how often they are met.
    They are left out, whoever they show.

    Parameters
    ----------
    table
        From ``read_table``, perhaps with a column ``flank``.
    flank
        The flank by which animals are told apart, or ``"both"`` to use all; None where animals
        are known from both.
    source
        Name of the table.

    Returns
    -------
    OneSided
        Without rows of the other flank; rows of both flanks stay, and rows of an unknown flank.

    Raises
    ------
    SurveyError
        If a flank was chosen and the table has no column of flanks.
    """
    if "flank" not in table.columns:
        if flank is not None:
            msg = (
                f"{source} has no column 'flank', but flank={flank!r} was given. Add the column "
                "(left, right or both), or leave flank out."
            )
            raise SurveyError(msg, kind="column missing", source=source)
        return OneSided(table)
    seen = flanks(table)
    if flank == "both":
        return OneSided(table)
    if flank is None:
        return OneSided(table, troubles=_half_known(table, seen, source=source))
    return _chosen(table, seen, flank=flank, source=source)


def _alone(table: pd.DataFrame, seen: pd.Series) -> dict[str, list[str]]:
    """Animals that each flank alone has shown."""
    known = {str(name): set(side.dropna()) for name, side in seen.groupby(table["individual"])}
    return {
        side: [name for name, sides in known.items() if sides == {side}]
        for side in ("left", "right")
    }


def _chosen(table: pd.DataFrame, seen: pd.Series, *, flank: Flank, source: str) -> OneSided:
    other = "right" if flank == "left" else "left"
    lost = _alone(table, seen)[other]
    of_lost = table["individual"].astype(str).isin(lost)
    drop = of_lost | (seen == other)
    kept = table[~drop]
    notes: tuple[str, ...] = ()
    if drop.any():
        parts = []
        if lost:
            parts.append(
                f"{counted(len(lost), 'animal')} known from the other flank alone "
                f"({', '.join(lost[:10])}; {row_list(table.index[of_lost])})"
            )
        of_known = drop & ~of_lost
        if of_known.any():
            n_animals = table["individual"][of_known].nunique()
            parts.append(
                f"the {other} photographs of {counted(n_animals, 'animal')} known otherwise too "
                f"({row_list(table.index[of_known])})"
            )
        notes = (
            f"{source}: {counted(int(drop.sum()), 'row')} of the {other} flank left out, as "
            f"flank={flank!r} asks: {' and '.join(parts)}.",
        )
    known = kept[~of_lost[~drop]]
    reasons = (
        *left_out(table.index, table.index[~of_lost], "known from the other flank alone"),
        *left_out(table.index[~of_lost], known.index, f"photograph of the {other} flank"),
    )
    blank = kept.index[seen[~drop].isna()]
    return OneSided(kept, notes, _unknown_flank(blank, other=other, source=source), reasons)


def _unknown_flank(rows: Collection[int], *, other: str, source: str) -> tuple[Trouble, ...]:
    if not len(rows):
        return ()
    return (
        suspicion(
            "flank not known",
            source,
            rows,
            found=f"the flank is blank in {counted(len(rows), 'row')}, which stay in",
            remedy="Fill in the flank (left, right or both), or remove rows that may show the "
            f"{other} flank alone.",
        ),
    )


def _half_known(table: pd.DataFrame, seen: pd.Series, *, source: str) -> tuple[Trouble, ...]:
    """A warning where one animal may count as two, by either flank."""
    alone = _alone(table, seen)
    if not (alone["left"] and alone["right"]):
        return ()
    rows = table.index[table["individual"].isin([*alone["left"], *alone["right"]])]
    return (
        suspicion(
            "one flank only",
            source,
            rows,
            found=(
                f"{counted(len(alone['left']), 'animal')} known from the left flank alone "
                f"({', '.join(alone['left'][:10])}) and {len(alone['right'])} from the right alone "
                f"({', '.join(alone['right'][:10])}), so that one animal may count twice"
            ),
            remedy='Choose flank="both", which uses all photographs, or flank="left" or '
            'flank="right", which leaves out photographs of the other flank.',
        ),
    )
