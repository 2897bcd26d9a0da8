"""Codes of flank and life stage that mean nothing, or contradict each other."""

import pandas as pd

from scr.survey.animals import YOUNG
from scr.survey.flanks import FLANKS
from scr.survey.troubles import Trouble, suspicion

_GROWN = frozenset(
    {"adult", "ad", "adults", "old", "subadult", "sub-adult", "sub adult", "sad", "young adult",
     "immature", "mature", "unknown", "unk", "u", "?", "-", "indet", "undetermined"}
)  # fmt: skip


def suspect_codes(table: pd.DataFrame, *, source: str) -> list[Trouble]:
    """Flanks and life stages that are not known, and animals that are young and grown at once.

    Parameters
    ----------
    table
        All detections, those of young animals too, from ``read_table``.
    source
        Name of the table.
    """
    return [*_flanks(table, source=source), *_stages(table, source=source)]


def _flanks(table: pd.DataFrame, *, source: str) -> list[Trouble]:
    if "flank" not in table.columns:
        return []
    cells = table["flank"].dropna().astype(str)
    odd = cells[~cells.str.casefold().isin([*FLANKS, "unknown", "unk", "u", "?", "-"])]
    if not len(odd):
        return []
    return [
        suspicion(
            "flank code not known",
            source,
            odd.index,
            found=f"flank {', '.join(map(repr, odd.unique()[:10]))} is not known; it counts as "
            "blank",
            remedy="Write left, right or both.",
        )
    ]


def _stages(table: pd.DataFrame, *, source: str) -> list[Trouble]:
    if "life_stage" not in table.columns:
        return []
    stage = table["life_stage"].dropna().astype(str).str.casefold()
    odd = stage[~stage.isin(YOUNG | _GROWN)]
    troubles = []
    if len(odd):
        cells = table["life_stage"].loc[odd.index].unique()[:10]
        troubles.append(
            suspicion(
                "life stage not known",
                source,
                odd.index,
                found=f"age {', '.join(map(repr, cells))} is not known; the animals count",
                remedy="Write adult, subadult or cub; cubs are left out.",
            )
        )
    keys = [table[c].loc[stage.index] for c in ("session", "individual") if c in table.columns]
    kinds = stage.isin(YOUNG).groupby(keys).transform("nunique")
    both = kinds.index[kinds > 1]
    if len(both):
        names = table["individual"].loc[both].unique()[:10]
        troubles.append(
            suspicion(
                "life stage contradicts itself",
                source,
                both,
                found=f"{', '.join(map(repr, names))} is young in some rows and grown in others",
                remedy="Correct the life stage, or the name if they are two animals; the rows of "
                "a young animal are left out.",
            )
        )
    return troubles
