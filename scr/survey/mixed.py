"""Detectors of several types in one survey: by trap, by occasion, or both."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.survey.detectors import DETECTORS, MIXED, check_detector
from scr.survey.survey import Session, Survey

COLUMN = "detector_type"
"""Column of the stations, or of the covariates of occasions, that names the type of each."""


def with_detectors(
    survey: Survey,
    detectors: Mapping[str, str] | Sequence[str] | None = None,
) -> Survey:
    """The survey with a detector type for each trap, or for each occasion.

    Counts at detectors that record presence alone become 1, as visits in one occasion are one
    detection there: read the survey with ``detector="count"``, so that other counts are whole.

    Parameters
    ----------
    survey
        Any survey of detectors at points.
    detectors
        Types by name of the trap, or one for each occasion in order; from the column
        ``detector_type`` of the stations or of the covariates of occasions if left out.

    Returns
    -------
    Survey
        With ``detector="mixed"``.

    Raises
    ------
    SurveyError
        If a trap or an occasion has no type, one is not known or is of searched areas or lines,
        or multi-catch traps share an occasion with others.

    Examples
    --------
    ``with_detectors(survey, ["proximity", "count", "proximity"])`` for three occasions.
    """
    sessions = []
    for session in survey.sessions:
        kinds = _kinds(session, detectors)
        captures = session.captures
        is_binary = np.array(
            [DETECTORS[kind].is_binary for kind in kinds[captures.trap, captures.occasion]],
            dtype=np.bool_,
        )
        count = np.where(is_binary, 1, captures.count)
        sessions.append(replace(session, detectors=kinds, captures=replace(captures, count=count)))
    return replace(survey, sessions=tuple(sessions), detector=MIXED)


def _kinds(
    session: Session, detectors: Mapping[str, str] | Sequence[str] | None
) -> NDArray[np.object_]:
    """Type of each trap in each occasion, shape (n_traps, n_occasions)."""
    n_traps, n_occasions = session.usage.effort.shape
    if detectors is None:
        detectors = _from_columns(session)
    if isinstance(detectors, Mapping):
        missing = [name for name in session.traps.names.tolist() if name not in detectors]
        if missing:
            msg = (
                f"Session {session.name!r}: {len(missing)} traps have no detector type, such as "
                f"{', '.join(map(repr, missing[:10]))}. Give one for each."
            )
            raise SurveyError(msg)
        by_trap = [detectors[name] for name in session.traps.names.tolist()]
        kinds = np.repeat(np.array(by_trap, dtype=object)[:, None], n_occasions, axis=1)
    else:
        if len(detectors) != n_occasions:
            msg = (
                f"Session {session.name!r} has {n_occasions} occasions, but {len(detectors)} "
                "detector types were given. Give one for each occasion, in order."
            )
            raise SurveyError(msg)
        kinds = np.repeat(np.array(list(detectors), dtype=object)[None], n_traps, axis=0)
    for kind in sorted({str(kind) for kind in kinds.ravel()}):
        check_detector(kind)
    return kinds


def _from_columns(session: Session) -> Mapping[str, str] | Sequence[str]:
    for table, of in ((session.traps.covariates, "traps"), (session.occasions, "occasions")):
        if COLUMN in table:
            values = [str(value) for value in table[COLUMN]]
            if of == "occasions":
                return values
            return dict(zip(session.traps.names.tolist(), values, strict=True))
    msg = (
        f"Session {session.name!r}: detector='mixed' needs a column {COLUMN!r} in the table of "
        "stations or in that of occasion covariates, which names the type of each. Add it."
    )
    raise SurveyError(msg)
