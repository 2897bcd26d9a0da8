"""Stations as the private map tells of them."""

import numpy as np
import pandas as pd

from scr.survey.survey import Survey


def stations_shown(survey: Survey) -> pd.DataFrame:
    """Every place where a station stood, with its name and effort. Not for the public.

    Parameters
    ----------
    survey
        The survey.

    Returns
    -------
    DataFrame
        Columns x and y, metres; station, all its names; effort, days, of each session where there
        are several.
    """
    sessions = survey.sessions
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "x": session.traps.xy[:, 0],
                    "y": session.traps.xy[:, 1],
                    "station": np.array(session.traps.names, dtype=object).astype(str),
                    "effort": [_effort(d, session.name, len(sessions) > 1) for d in days],
                }
            )
            for session in sessions
            for days in (session.usage.effort.sum(axis=1),)
        ],
        ignore_index=True,
    )
    return rows.groupby(["x", "y"], as_index=False, sort=False).agg(
        station=("station", lambda names: ", ".join(dict.fromkeys(names))),
        effort=("effort", "; ".join),
    )


def _effort(days: float, session: str, several: bool) -> str:
    told = f"{days:,.1f}".removesuffix(".0")
    return f"{told} in {session}" if several else told
