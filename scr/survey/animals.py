"""Rows of detections before they are matched: young left out, identities mended."""

import pandas as pd

from scr.errors import SurveyError
from scr.io.tables import COUNTING, row_list

YOUNG = frozenset(
    {"cub", "cubs", "kitten", "juvenile", "juv", "young", "infant", "newborn", "pup", "calf",
     "fawn", "chick", "young of the year", "yoy"}
)  # fmt: skip
"""Life stages, in any case, that are left out: they move with their mother."""


def without_young(table: pd.DataFrame, *, source: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Detections without those of cubs, and a note naming them.

    Parameters
    ----------
    table
        From ``read_table``, perhaps with a column ``life_stage``.
    source
        Name of the table.
    """
    if "life_stage" not in table.columns:
        return table, ()
    young = table["life_stage"].fillna("").astype(str).str.casefold().isin(YOUNG)
    if not young.any():
        return table, ()
    names = ", ".join(map(str, table["individual"][young].dropna().unique()[:10])) or "no name"
    note = (
        f"{source}: {row_list(table.index[young])} of cubs and other young animals ({names}) are "
        "left out by their life stage, as they move with their mother."
    )
    return table[~young], (note,)


def with_identities(
    table: pd.DataFrame, identities: pd.DataFrame, *, source: str, named_in: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Detections with names mended: animals merged, or rows given to another animal.

    Parameters
    ----------
    table
        Detections from ``read_table``.
    identities
        Columns individual and becomes; with a column ``row``, that row of the detections alone
        (a split), without or where blank every row of the animal (a merge or a new name).
    source
        Name of the detections.
    named_in
        Name of the table of identities.

    Returns
    -------
    table
        With the new names.
    notes
        What was merged and split.

    Raises
    ------
    SurveyError
        If an animal or a row of it is not there.
    """
    _check_chains(identities, named_in=named_in)
    names = table["individual"].copy()
    notes: list[str] = []
    lost: list[int] = []
    for number, entry in identities.iterrows():
        old, new = str(entry["individual"]), str(entry["becomes"])
        mine = table["individual"].astype(str) == old
        row = entry.get("row")
        split = row is not None and pd.notna(row)
        if split:
            mine &= table.index == int(float(str(row))) if str(row).isdigit() else False
        if not mine.any() or pd.isna(entry["becomes"]):
            lost.append(int(str(number)))
            continue
        names[mine] = new
        verb = f"row {row} of {old!r} is given to" if split else f"{old!r} is merged into"
        if not split and not (table["individual"].astype(str) == new).any():
            verb = f"{old!r} is renamed"
        notes.append(f"{source}: {verb} {new!r}, as {named_in} asks ({int(mine.sum())} rows).")
    if lost:
        msg = (
            f"{named_in}: {row_list(lost)} name animals, or rows of them, that are not in {source},"
            f" or no new name. Correct individual, becomes or row. {COUNTING}"
        )
        raise SurveyError(msg, kind="identity not found", source=named_in, rows=lost)
    return table.assign(individual=names), tuple(notes)


def _check_chains(identities: pd.DataFrame, *, named_in: str) -> None:
    """Raise where a new name is itself changed: which comes first would decide."""
    whole = identities[identities["row"].isna()] if "row" in identities.columns else identities
    changed = set(whole["individual"].dropna())
    chained = identities["becomes"].isin(changed) & (
        identities["becomes"] != identities["individual"]
    )
    if chained.any():
        to = set(identities["becomes"][chained])
        rows = identities.index[chained | identities["individual"].isin(to)]
        msg = (
            f"{named_in}: {row_list(rows)} give a name and change it too: "
            f"{', '.join(map(repr, sorted(to)[:10]))}. All rows count at once: write the last name "
            f"in each of them. {COUNTING}"
        )
        raise SurveyError(msg, kind="identity changed twice", source=named_in, rows=rows)
