"""Covariates that change with the occasion: of all traps (rain), or of each (bait)."""

import numpy as np
import pandas as pd

from scr.errors import SurveyError
from scr.survey.usage import Usage


def check_occasion_covariates(
    session: str, occasions: pd.DataFrame, by_occasion: pd.DataFrame, usage: Usage
) -> None:
    """Raise where covariates of occasions do not fit the effort of a session.

    Parameters
    ----------
    session
        Its label.
    occasions
        One row per occasion.
    by_occasion
        One row for each trap and occasion.
    usage
        Its effort.

    Raises
    ------
    SurveyError
        If rows or shapes disagree, or a value is missing where a trap worked.
    """
    n_traps, n_occasions = usage.effort.shape
    if len(occasions) != n_occasions or len(by_occasion) != usage.effort.size:
        msg = (
            f"Session {session!r}: {len(occasions)} rows of covariates of occasions, and "
            f"{len(by_occasion)} of traps and occasions, for {n_traps} traps and {n_occasions} "
            "occasions. Give one row per occasion, in order; one for each trap and occasion."
        )
        raise SurveyError(msg)
    works = usage.effort > 0
    for table, needed in ((occasions, works.any(axis=0)), (by_occasion, works.reshape(-1))):
        missing = table.isna().to_numpy(dtype=np.bool_) & needed[:, None]
        for row, column in np.argwhere(missing)[:1]:
            trap, occasion = divmod(int(row), n_occasions)
            where = "" if table is occasions else f" at trap {trap + 1}"
            msg = (
                f"Session {session!r}: covariate {table.columns[column]} is missing in occasion "
                f"{occasion + 1}{where}. Give a value wherever a trap worked."
            )
            raise SurveyError(msg)
