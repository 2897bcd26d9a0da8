"""Columns of one meaning in a table: used as one where they agree, told where they do not."""

from collections.abc import Mapping, Sequence

import pandas as pd

from scr.errors import SurveyError
from scr.io.tables import COUNTING, row_list
from scr.schema import plain
from scr.survey.troubles import Trouble, suspicion

_NUMBERS = {"x": 1.0, "y": 1.0, "lon": 1e-4, "lat": 1e-4, "count": 0.0}
"""Columns of numbers and how far two of them may be apart: metres, degrees, detections."""

_HALF = 0.5
_PERIODS = ("start", "end")
_TIME_OF_DAY = r"(?:\S+ )?\d{1,2}:\d\d(?::\d\d)?(?:\s*[AaPp]\.?\s?[Mm]\.?)?$"


def check_columns_agree(
    table: pd.DataFrame, columns: Mapping[str, Sequence[str]], *, source: str
) -> tuple[Trouble, ...]:
    """Whether columns of one meaning say the same.

    Numbers agree if they are the same within a metre. Texts agree if they are the same, or if one
    follows from the other and few are the same: a number of the animal beside its name,
    the camera beside its station, a date in another form.

    Parameters
    ----------
    table
        From ``read_table``.
    columns
        Name used inside to the names accepted for it, as ``scr.schema.aliases`` gives them.
    source
        Name of the table.

    Returns
    -------
    tuple of Trouble
        Warnings of columns for start or end that disagree: a camera may work for a shorter time
        than it stands.

    Raises
    ------
    SurveyError
        If two other columns disagree.
    """
    troubles = []
    for inside, accepted in columns.items():
        names = {plain(name) for name in accepted} if inside in table.columns else set()
        for column in map(str, table.columns):
            if column == inside or plain(column.removesuffix(" (as given)")) not in names:
                continue
            both = table[[inside, column]].dropna().astype(str)
            rows = _differing(both, inside, column)
            if len(rows):
                troubles.append(_disagree(both, inside, column, rows=rows, source=source))
    return tuple(troubles)


def _disagree(
    both: pd.DataFrame, inside: str, other: str, *, rows: pd.Index, source: str
) -> Trouble:
    first = both.loc[rows[0]]
    found = (
        f"the column taken for {inside} and the column {other!r} say different things, "
        f"{first[inside]!r} and {first[other]!r} in row {rows[0]}"
    )
    remedy = f"Remove or rename the one that is not {inside}."
    if inside in _PERIODS:
        return suspicion("columns disagree", source, rows, found=found, remedy=remedy)
    msg = f"{source}: {found} ({row_list(rows)}). {remedy} {COUNTING}"
    raise SurveyError(msg, kind="columns disagree", source=source)


def _differing(both: pd.DataFrame, inside: str, other: str) -> pd.Index:
    """Rows that disagree."""
    one, two = both[inside], both[other]
    if inside in _NUMBERS:
        apart = (pd.to_numeric(one, errors="coerce") - pd.to_numeric(two, errors="coerce")).abs()
        return both.index[~(apart <= _NUMBERS[inside])]
    same = one.str.casefold() == two.str.casefold()
    if inside in _PERIODS and bool(two.str.match(_TIME_OF_DAY).all()):
        return both.index[:0]
    if same.mean() > _HALF:
        return both.index[~same]
    follows = _follows(two, one) or _follows(one, two)
    return both.index[:0] if follows else both.index[two != _usual(two, one)]


def _follows(column: pd.Series, key: pd.Series) -> bool:
    """Whether each value of the key goes with one value of the column."""
    return bool((column.groupby(key).nunique() < 2).all())


def _usual(column: pd.Series, key: pd.Series) -> pd.Series:
    """The value of the column that mostly goes with the value of the key."""
    return column.groupby(key).transform(lambda values: values.value_counts().index[0])
