"""Observations of whole visits, or of single photographs: never both, as they tell of the same."""

from typing import Literal

import pandas as pd

from scr.errors import SurveyError
from scr.io.tables import COUNTING, row_list

ObservationLevel = Literal["event", "media"]
"""A row for each visit, or one for each photograph or video."""

LEVEL = "observationLevel"
_LEVELS = ("event", "media")


def one_level(
    table: pd.DataFrame,
    column: str,
    *,
    level: ObservationLevel | None,
    source: str,
    individual: str = "individual",
) -> tuple[pd.DataFrame, tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Rows of one observation level: of events if there are any, else of media.

    Parameters
    ----------
    table
        Rows that name an animal.
    column
        Column of the level; where it is not there, or wholly blank, all rows are of one level.
    level
        The one wanted, or None.
    source
        Name of the file.
    individual
        Column of the animal.

    Returns
    -------
    table
        Its rows.
    notes
        How many rows were read, and how many left out.
    doubts
        What was found, and the remedy, where only the rows left out name some animals.

    Raises
    ------
    SurveyError
        If a level is blank or not known, or the one wanted is not there.
    """
    if column not in table.columns or table[column].isna().all():
        if level is not None and len(table):
            msg = (
                f"{source} does not say of any row whether it is of an event or of media, but "
                f"observation_level={level!r} is given. Leave observation_level out."
            )
            raise SurveyError(msg, kind="observation level not told", source=source)
        return table, (), ()
    levels = table[column].astype("str").str.strip().str.lower()
    odd = table.index[~levels.isin(_LEVELS)]
    if len(odd):
        msg = (
            f"{source}: {column} is neither 'event' nor 'media' in {row_list(odd)}. Export the "
            f"observations again, or correct it. {COUNTING}"
        )
        raise SurveyError(msg, kind="observation level not told", source=source, rows=odd)
    wanted = level or ("event" if (levels == "event").any() else "media")
    kept, left = table[levels == wanted], table[levels != wanted]
    if not len(kept):
        msg = (
            f"{source} has no row of observation level {wanted!r} that names an animal; all "
            f"{len(left):,} are {_other(wanted)!r}. Leave observation_level out, or give "
            f"observation_level={_other(wanted)!r}."
        )
        raise SurveyError(msg, kind="observation level not there", source=source)
    if not len(left):
        return kept, (), ()
    note = (
        f"{source}: {len(kept):,} rows of observation level {wanted!r} are read and {len(left):,} "
        f"of level {_other(wanted)!r} are left out, as both tell of the same visits "
        "(observation_level chooses)."
    )
    unseen = sorted(set(left[individual].dropna()) - set(kept[individual].dropna()))
    if not unseen:
        return kept, (note,), ()
    doubt = (
        f"{source}: {len(unseen)} animals are named only in rows of observation level "
        f"{_other(wanted)!r}, which are left out: {', '.join(map(repr, unseen[:10]))}."
    )
    remedy = (
        f"Name them in the rows of level {wanted!r} too, or choose "
        f"observation_level={_other(wanted)!r}."
    )
    return kept, (note,), ((doubt, remedy),)


def _other(level: str) -> str:
    return _LEVELS[level == "event"]
