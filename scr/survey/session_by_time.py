"""The session of each detection told by its time, where the table names none."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from scr.survey.dates import read_moments
from scr.survey.effort import SessionEffort
from scr.survey.occasions import time_cells
from scr.survey.traps import Traps


def with_session(
    table: pd.DataFrame,
    sessions: Mapping[str, Traps],
    efforts: Mapping[str, SessionEffort],
    *,
    day_first: bool | None,
    source: str,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Detections with a column of sessions, where times tell them.

    A detection belongs to the session in whose days of effort it falls; one outside all of them
    to the nearest in time, so that it is then reported as outside.

    Parameters
    ----------
    table
        Detections from ``read_table``.
    sessions
        Traps of each session.
    efforts
        Effort of each session.
    day_first
        As in ``read_survey``.
    source
        Name of the detections.

    Returns
    -------
    table
        As given where it names sessions, there is only one, or times cannot tell.
    notes
        That sessions were told by time.
    """
    cells = time_cells(table)
    homes = [{str(name) for name in traps.names} for traps in sessions.values()]
    apart = sum(len(names) for names in homes) == len(set().union(*homes))
    if "session" in table.columns or len(sessions) == 1 or apart or cells is None:
        return table, ()
    spans = []
    for label in sessions:
        edges = efforts[label].usage.edges
        if edges is None:
            return table, ()
        spans.append((edges[0], edges[-1]))
    ordered = sorted(spans)
    if any(end > start for (_, end), (start, _) in pairwise(ordered)):
        return table, ()
    moments, _ = read_moments({"datetime": cells}, source=source, day_first=day_first)
    wall = moments["datetime"].wall
    zero = np.timedelta64(0, "us")
    away = np.stack(
        [np.maximum(np.maximum(start - wall, wall - end), zero) for start, end in spans]
    )
    away = np.where(np.isnat(away), zero, away)
    labels = np.array(list(sessions), dtype=object)[np.argmin(away, axis=0)]
    note = f"{source} has no column 'session'; sessions are told by the times."
    return table.assign(session=labels), (note,)
