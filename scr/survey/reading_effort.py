"""The time the traps worked, from deployments, a table of usage, an array or a number."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.io.tables import read_table, source_name
from scr.schema import aliases
from scr.survey.columns_agree import check_columns_agree
from scr.survey.deployments import effort_from_deployments
from scr.survey.effort import SessionEffort
from scr.survey.occasion_rule import OccasionRule
from scr.survey.traps import Traps
from scr.survey.troubles import Trouble
from scr.survey.usage import Usage
from scr.survey.usage_table import (
    check_numbered,
    effort_from_array,
    effort_from_table,
    usage_columns,
)

TableInput = str | Path | pd.DataFrame
"""A CSV file, or a table."""


@dataclass(frozen=True, eq=False)
class EffortTable:
    """The usage table, if there is one, and what it holds."""

    table: pd.DataFrame | None
    source: str
    deployments: bool
    troubles: tuple[Trouble, ...] = ()


def read_usage(usage: TableInput | NDArray[np.float64] | int | None) -> EffortTable:
    """The usage of a survey as it was given, a file read as a table.

    Parameters
    ----------
    usage
        As in ``read_survey``.

    Raises
    ------
    SurveyError
        If there is none, or a file is no table of deployments or of usage.
    """
    if usage is None:
        msg = (
            "usage= is missing: how long each trap worked decides what the detections mean. Give "
            "the deployments (station, start, end), a table with a column per occasion (u1, u2, "
            "..., perhaps the file of the traps itself), an array (n_traps, n_occasions), or the "
            "number of occasions if every trap worked in all of them."
        )
        raise SurveyError(msg)
    if not isinstance(usage, str | Path | pd.DataFrame):
        return EffortTable(None, "usage", deployments=False)
    source = source_name(usage, "table of usage")
    table = read_table(
        usage,
        columns=aliases("deployments"),
        required=["trap"],
        label="table of usage",
    )
    doubts = check_columns_agree(table, aliases("deployments"), source=source)
    columns = usage_columns(table)
    spans = {"start", "end"} <= set(table.columns)
    if spans and not _of_occasions(columns):
        return EffortTable(table, source, deployments=True, troubles=doubts)
    if not columns:
        msg = (
            f"{source} is neither a table of deployments (columns start and end) nor of usage "
            "(columns u1, u2, ... or o1, o2, ..., or days such as 2024-05-31). Columns found: "
            f"{', '.join(map(repr, table.columns))}. Rename them."
        )
        raise SurveyError(msg, kind="no usage", source=source)
    return EffortTable(table, source, deployments=False, troubles=doubts)


def _of_occasions(columns: Collection[str]) -> bool:
    """Whether effort is given by occasion, rather than as one total beside start and end."""
    return any(mark.isdigit() for column in columns for mark in column)


def efforts_of(
    usage: TableInput | NDArray[np.float64] | int | None,
    given: EffortTable,
    traps: Traps,
    *,
    sessions: Mapping[str, Traps],
    rule: OccasionRule,
) -> tuple[dict[str, SessionEffort], frozenset[float], tuple[str, ...]]:
    """Effort of each session, offsets from UTC of the deployments, and notes.

    Parameters
    ----------
    usage
        As in ``read_survey``.
    given
        From ``read_usage``.
    traps
        Traps of all sessions.
    sessions
        Traps of each session.
    rule
        How time is cut into occasions.

    Raises
    ------
    SurveyError
        As the readers of deployments and of usage.
    """
    if given.table is not None and given.deployments:
        return effort_from_deployments(given.table, sessions, rule=rule, source=given.source)
    if given.table is not None:
        efforts, notes = effort_from_table(given.table, sessions, rule=rule, source=given.source)
        return efforts, frozenset(), notes
    check_numbered(rule, source="usage=")
    if isinstance(usage, int | np.integer):
        if isinstance(usage, bool) or usage < 1:
            msg = f"usage={usage!r}: the number of occasions is a whole number, 1 or more."
            raise SurveyError(msg)
        efforts = {
            label: SessionEffort(Usage(effort=np.ones((len(own), int(usage)))))
            for label, own in sessions.items()
        }
        return efforts, frozenset(), ()
    return effort_from_array(np.asarray(usage), traps, sessions), frozenset(), ()
