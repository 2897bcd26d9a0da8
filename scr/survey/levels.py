"""Detections that come once for each visit and again for each photograph of it."""

from collections.abc import Mapping

import pandas as pd

from scr.errors import SurveyError
from scr.io.file_roles import given_twice
from scr.io.observation_level import LEVEL, ObservationLevel, one_level
from scr.schema import plain
from scr.survey.survey import Survey
from scr.survey.troubles import Trouble, suspicion

_FEWEST_RECORDS = 20
_MOST_NAMES = 0.9


def of_level(
    table: pd.DataFrame, level: ObservationLevel | None, *, source: str
) -> tuple[pd.DataFrame, tuple[str, ...], tuple[Trouble, ...]]:
    """Detections of one observation level, where they have a column of it.

    Parameters
    ----------
    table
        Detections from ``read_table``.
    level
        The level wanted; left out, rows of events if there are any, else those of media.
    source
        Name of the table.

    Returns
    -------
    table
        Its rows, without the column.
    notes
        How many rows were left out.
    troubles
        Animals that only the rows left out name.

    Raises
    ------
    SurveyError
        If a level is not known or not there.
    """
    columns = [column for column in table.columns if plain(str(column)) == plain(LEVEL)]
    if not columns:
        if level is None:
            return table, (), ()
        msg = (
            f"{source} has no column {LEVEL}, but observation_level={level!r} is given. Leave "
            "observation_level out."
        )
        raise SurveyError(msg, kind="observation level not told", source=source)
    kept, notes, doubts = one_level(table, columns[0], level=level, source=source)
    troubles = tuple(
        Trouble("warning", "animals left out by level", source, (), *doubt) for doubt in doubts
    )
    return kept.drop(columns=columns), notes, troubles


def check_each_its_own(files: Mapping[str, object]) -> None:
    """Raise where one file is given for several roles.

    Parameters
    ----------
    files
        File or table by role, as in ``read_survey``.

    Raises
    ------
    SurveyError
        Naming file and roles.
    """
    for roles, name in given_twice(files):
        msg = (
            f"{' and '.join(roles)} are the same file, {name}. Give each its own: a table holds "
            "either stations and effort, or detections."
        )
        raise SurveyError(msg, kind="one file for two roles", source=name)


def suspect_tracks(survey: Survey, *, source: str) -> tuple[Trouble, ...]:
    """Names nearly as many as records, as those of rows, tracks or events are.

    Parameters
    ----------
    survey
        The survey.
    source
        Name of the table of detections.
    """
    n_records = sum(len(session.captures.trap) for session in survey.sessions)
    names = {str(name) for s in survey.sessions for name in s.captures.individuals}
    if n_records < _FEWEST_RECORDS or len(names) < _MOST_NAMES * n_records:
        return ()
    return (
        suspicion(
            "names are not of animals",
            source,
            (),
            found=f"{n_records} records name {len(names)} animals, hardly any of them twice; the "
            "names may be those of rows, tracks or events",
            remedy="Name each animal by one name throughout. If so few were seen again, density "
            "cannot be estimated well.",
        ),
    )
