"""The table of session covariates."""

import pandas as pd

from scr.errors import SurveyError
from scr.io.tables import COUNTING, natural, read_table, row_list, source_name
from scr.schema import aliases
from scr.survey.reading_effort import TableInput


def session_covariates(given: TableInput | None, labels: list[str]) -> pd.DataFrame:
    """One row per session, in their order.

    Parameters
    ----------
    given
        The table; no columns where it is left out.
    labels
        Sessions of the survey.

    Raises
    ------
    SurveyError
        If a session has no row, or several.
    """
    if given is None:
        return pd.DataFrame(index=range(len(labels)))
    source = source_name(given, "table of session covariates")
    table = read_table(
        given,
        columns=aliases("session covariates"),
        required=["session"],
        label="table of session covariates",
    )
    twice = table["session"].duplicated(keep=False) & table["session"].isin(labels)
    if twice.any():
        msg = (
            f"{source} has more than one row for a session, in {row_list(table.index[twice])}. "
            f"Keep one row per session. {COUNTING}"
        )
        raise SurveyError(msg, kind="session twice", source=source, rows=table.index[twice])
    absent = [label for label in labels if label not in set(table["session"])]
    if absent:
        msg = (
            f"{source} has no row for session {', '.join(map(repr, absent[:10]))}. "
            "Add one row for each session."
        )
        raise SurveyError(msg, kind="session without covariates", source=source)
    rows = table[table["session"].isin(labels)].set_index("session").loc[labels]
    columns = {column: natural(rows[column]) for column in rows.columns}
    return pd.DataFrame(columns).reset_index(drop=True)
