"""What is known of each animal: sex, and other covariates with one value for an animal."""

from collections.abc import Collection

import pandas as pd

from scr.errors import SurveyError
from scr.io.tables import COUNTING, natural

MISSING_SEX = ("", "u", "unk", "unknown", "?", "-", "na", "n/a", "indet", "undetermined",
               "unidentified", "not known")  # fmt: skip
"""Ways of writing that a sex is not known, in any case."""

_OF_A_ROW = frozenset(
    {"session", "individual", "trap", "occasion", "datetime", "date", "time", "count", "alive"}
)
_SEXES = {"f": "F", "female": "F", "females": "F", "m": "M", "male": "M", "males": "M"}


def individual_covariates(
    table: pd.DataFrame,
    sessions: pd.Series,
    *,
    missing_sex: Collection[str] = MISSING_SEX,
    source: str,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Covariates of each animal in each session.

    Parameters
    ----------
    table
        Detections from ``read_table``.
    sessions
        Session of each row.
    missing_sex
        Texts, in any case, that mean an unknown sex.
    source
        Name of the table in messages.

    Returns
    -------
    covariates
        Indexed by session and individual; a sex is ``"F"``, ``"M"`` or as written, missing where
        unknown. Where it is blank in some rows of an animal the others tell it.
    notes
        Columns that are no individual covariates, and how many sexes are unknown.

    Raises
    ------
    SurveyError
        If an animal has two sexes.
    """
    columns = [column for column in table.columns if column not in _OF_A_ROW]
    values = {
        column: _sexes(table[column], missing_sex) if column == "sex" else natural(table[column])
        for column in columns
    }
    frame = pd.DataFrame(values, index=table.index)
    keys = [pd.Series(sessions, name="session"), table["individual"]]
    grouped = frame.groupby(keys, sort=False)
    distinct = grouped.nunique() if columns else pd.DataFrame()
    notes: list[str] = []
    varying = [column for column in columns if (distinct[column] > 1).any()]
    if "sex" in varying:
        twofold = distinct.index[distinct["sex"] > 1]
        rows = table.index[pd.MultiIndex.from_arrays(keys).isin(twofold)]
        msg = _two_sexes(frame["sex"], keys, distinct["sex"], source=source)
        raise SurveyError(msg, kind="two sexes", source=source, rows=rows)
    if varying:
        listed = ", ".join(map(repr, varying))
        notes.append(f"{source}: {listed} differ between rows of one animal and are not used.")
    covariates = grouped.first().drop(columns=varying)
    if "sex" in covariates.columns and len(covariates):
        unknown = int(covariates["sex"].isna().sum())
        if unknown:
            notes.append(f"{source}: sex is unknown for {unknown} of {len(covariates)} animals.")
    return covariates, tuple(notes)


def _sexes(cells: pd.Series, missing: Collection[str]) -> pd.Series:
    unknown = {text.strip().casefold() for text in missing}
    known = [
        None
        if pd.isna(cell) or str(cell).casefold() in unknown
        else _SEXES.get(str(cell).casefold(), str(cell))
        for cell in cells
    ]
    return pd.Series(known, index=cells.index, dtype=object)


def _two_sexes(sex: pd.Series, keys: list[pd.Series], distinct: pd.Series, *, source: str) -> str:
    frame = pd.DataFrame({"session": keys[0], "individual": keys[1], "sex": sex})
    lines = []
    for label, name in distinct[distinct > 1].index[:10]:
        rows = frame[(frame["session"] == label) & (frame["individual"] == name)].dropna()
        found = "; ".join(
            f"{value!r} in row {row}" for value, row in zip(rows["sex"], rows.index, strict=True)
        )
        lines.append(f"{name!r} ({found})")
    return (
        f"{source}: {int((distinct > 1).sum())} animals have more than one sex: "
        f"{'; '.join(lines)}. Correct the sex or the name of the animal, or leave the sex blank. "
        f"{COUNTING}"
    )
