"""Rows of one species, which has to be chosen where a table holds several."""

from collections.abc import Collection

import pandas as pd

from scr.errors import SurveyError
from scr.io.tables import row_list
from scr.shown import counted


def of_species(
    table: pd.DataFrame, species: str | Collection[str] | None, *, source: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Detections of one species.

    Parameters
    ----------
    table
        Detections from ``read_table``, perhaps with a column ``species``.
    species
        The one meant, in any case, or several ways of writing it; None where there is only one.
    source
        Name of the table.

    Returns
    -------
    table
        Its rows. A row without a species is of that which its animal has in other rows.
    notes
        How many rows of others were left out.

    Raises
    ------
    SurveyError
        If several are there and none is chosen, or the one chosen is not there.
    """
    if "species" not in table.columns:
        if species is None:
            return table, ()
        msg = (
            f"{source} has no column 'species', but species={_given(species)} was given. Add the "
            "column, or leave species out."
        )
        raise SurveyError(msg, kind="column missing", source=source)
    named = _filled(table)
    known = named.map(_plain, na_action="ignore")
    if species is None:
        n_species = len(known.dropna().unique())
        if n_species < 2:
            return table, ()
        msg = (
            f"{source} has {n_species} species: {_counted(table, named)}. A density is of one "
            f"species: choose it, as in species={_commonest(named)!r}."
        )
        raise SurveyError(msg, kind="several species", source=source)
    wanted = {_plain(one) for one in ([species] if isinstance(species, str) else species)}
    keep = known.isin(wanted)
    if not keep.any():
        msg = (
            f"{source} has no species {_given(species)}; it has {_counted(table, named) or 'none'}."
            " Correct species."
        )
        raise SurveyError(msg, kind="species not found", source=source)
    if keep.all():
        return table, ()
    note = (
        f"{source}: {counted(int((~keep).sum()), 'row')} of other species than {_given(species)} "
        f"left out ({_counted(table[~keep], named[~keep])}; {row_list(table.index[~keep])})."
    )
    return table[keep], (note,)


def _given(species: str | Collection[str]) -> str:
    return repr(species) if isinstance(species, str) else repr(list(species))


def _plain(name: object) -> str:
    return " ".join(str(name).replace("_", " ").casefold().split())


def _filled(table: pd.DataFrame) -> pd.Series:
    """Species of each row, blank ones as in the other rows of the animal where these agree."""
    cells = table["species"]
    by_animal = cells.groupby(table["individual"])
    only = by_animal.transform("first").where(by_animal.transform("nunique") == 1)
    return cells.fillna(only)


def _counted(table: pd.DataFrame, named: pd.Series) -> str:
    """Each species with its animals and rows."""
    animals = table["individual"].groupby(named.fillna("(blank)"), sort=False)
    listed = [
        f"{name!r} ({counted(rows.nunique(), 'animal')}, {counted(len(rows), 'row')})"
        for name, rows in animals
    ]
    more = f" and {len(listed) - 10} more" if len(listed) > 10 else ""
    return ", ".join(listed[:10]) + more


def _commonest(named: pd.Series) -> str:
    return str(named.value_counts().index[0])
