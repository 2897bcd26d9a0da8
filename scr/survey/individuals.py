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
     "life_stage", "flank", "known_before", "species", "am_pm"}
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
        unknown. Where it is blank in some rows of an animal the others tell it, those of other
        sessions too.
    notes
        Columns that are no individual covariates, sexes known from another session, and how many
        are unknown.

    Raises
    ------
    SurveyError
        If an animal has two sexes, in one session or in two.
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
    if "sex" in columns:
        _check_sexes(frame["sex"], keys, source=source)
    if varying:
        listed = ", ".join(map(repr, varying))
        notes.append(f"{source}: {listed} differ between rows of one animal and are not used.")
    covariates = grouped.first().drop(columns=varying)
    if "sex" in covariates.columns and len(covariates):
        covariates, told = _sex_of_other_sessions(covariates, source=source)
        notes += told
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


def _sex_of_other_sessions(
    covariates: pd.DataFrame, *, source: str
) -> tuple[pd.DataFrame, list[str]]:
    """Sexes known in one session of an animal filled into its others, with notes."""
    by_animal = covariates["sex"].groupby(level="individual", sort=False)
    whole = by_animal.transform("first").astype(object)
    filled = covariates["sex"].isna() & whole.notna()
    notes = []
    if filled.any():
        listed = ", ".join(
            f"{name!r} ({label})" for label, name in covariates.index[filled].tolist()[:10]
        )
        more = f" and {int(filled.sum()) - 10} more" if filled.sum() > 10 else ""
        notes.append(
            f"{source}: the sex of {listed}{more} is taken from another session that tells it."
        )
    first = by_animal.first()
    unknown = int(first.isna().sum())
    if unknown:
        notes.append(f"{source}: sex is unknown for {unknown} of {len(first)} animals.")
    return covariates.assign(sex=whole.where(whole.notna(), None)), notes


def _check_sexes(sex: pd.Series, keys: list[pd.Series], *, source: str) -> None:
    """Refuse animals with more than one sex, whether in one session or in several."""
    distinct = sex.groupby(keys[1]).nunique()
    twofold = distinct.index[distinct > 1]
    if not len(twofold):
        return
    frame = pd.DataFrame({"session": keys[0], "individual": keys[1], "sex": sex}).dropna()
    across = len(frame["session"].unique()) > 1
    lines = []
    for name in twofold[:10]:
        rows = frame[frame["individual"] == name]
        found = "; ".join(
            f"{value!r} in row {row}" + (f", session {label!r}" if across else "")
            for value, row, label in zip(rows["sex"], rows.index, rows["session"], strict=True)
        )
        lines.append(f"{name!r} ({found})")
    more = f"; and {len(twofold) - 10} more" if len(twofold) > 10 else ""
    verb = "animal has" if len(twofold) == 1 else "animals have"
    msg = (
        f"{source}: {len(twofold)} {verb} more than one sex: {'; '.join(lines)}{more}. "
        "Correct the sex or leave it blank; if they are two animals, give each a name of its own. "
        f"{COUNTING}"
    )
    rows = sex.index[keys[1].isin(twofold)]
    raise SurveyError(msg, kind="two sexes", source=source, rows=rows)
