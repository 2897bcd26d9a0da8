"""Surveys from the tables that the readers of formats give."""

from typing import Any

from scr.io.project import ProjectTables
from scr.survey.reading import read_survey
from scr.survey.reading_traps import read_traps
from scr.survey.survey import Survey


def survey_from_project(
    project: ProjectTables, *, crs: str | None = None, to_crs: str | None = None, **choices: Any
) -> Survey:
    """The survey of a project read from any format.

    Parameters
    ----------
    project
        From ``read_camtrap_dp``, ``read_secr`` and their like.
    crs, to_crs
        As in ``read_traps``; ``crs`` is needed where the format does not tell it.
    choices
        As in ``read_survey``.

    Raises
    ------
    SurveyError, MaskError
        As the two readers.
    """
    traps = read_traps(project.traps, crs=crs or project.crs, to_crs=to_crs)
    survey = read_survey(project.detections, traps, usage=project.usage, **choices)
    return Survey(
        sessions=survey.sessions,
        detector=survey.detector,
        covariates=survey.covariates,
        notes=(*project.notes, *survey.notes),
    )
