"""What is known of each animal: sex, and other covariates with one value for an animal."""

from collections.abc import Collection

import pandas as pd

from scr.errors import SurveyError
from scr.io.tables import COUNTING, natural

MISSING_SEX = ("", "u", "unk", "unknown", "?", "-", "na", "n/a", "indet", "undetermined",
               "unidentified", "not known")  # fmt: skip
"""Ways of writing that a sex is not known, in any case."""

_OF_A_ROW = frozenset(
    {"session", "individual", "trap", "occasion", "datetime", "date", "time", "count", "alive",
     "life_stage", "flank"}
)  # fmt: skip
_SEXES = {
    code: sex
    for sex, codes in {
        "F": "f female females fem femelle femea fêmea hembra weiblich weibchen vrouw ♀ самка",
        "M": "m male males masc mâle macho männlich maennlich männchen man ♂ самец",
    }.items()
    for code in codes.split()
}


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


def sex_of(cell: object, missing: Collection[str]) -> str | None:
    """A sex as F or M where its code is known, None where it means unknown, else as written.

    Parameters
    ----------
    cell
        As it stands in the table.
    missing
        Texts, in any case, that mean an unknown sex.

    Examples
    --------
    >>> sex_of("Female", MISSING_SEX), sex_of("unknown", MISSING_SEX), sex_of("2", MISSING_SEX)
    ('F', None, '2')
    """
    text = str(cell).strip().casefold()
    if pd.isna(cell) or text in {m.strip().casefold() for m in missing}:  # type: ignore[call-overload]
        return None
    return _SEXES.get(text.rstrip("."), str(cell))


def _sexes(cells: pd.Series, missing: Collection[str]) -> pd.Series:
    known = {code: sex_of(code, missing) for code in cells.dropna().unique()}
    return cells.map(known, na_action="ignore").astype(object)


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
