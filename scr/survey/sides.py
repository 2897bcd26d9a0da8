"""Surveys of animals with another pattern on each side: detections of three types.

A station with two working cameras can take both sides at once, or one of them; with one working
camera a side alone. Each type is a detector of its own at the place of the station: ``by_type``
makes of a survey one with a trap for each station and type.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.survey.sided_records import Sides
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps

COMPLETE, LEFT, RIGHT = 0, 1, 2
"""What is known of an animal: both sides, or one."""


class DetectionType(NamedTuple):
    """One type of detection.

    Parameters
    ----------
    flank
        ``"both"``, ``"left"`` or ``"right"``.
    side
        ``"both"``, or a single side: ``"single"`` while two cameras worked, ``"alone"`` while one
        did. A covariate of detection.
    cameras
        How many cameras have to work.
    """

    flank: str
    side: str
    cameras: int


TYPES = (
    DetectionType("both", "both", 2),
    DetectionType("left", "single", 2),
    DetectionType("right", "single", 2),
    DetectionType("left", "alone", 1),
    DetectionType("right", "alone", 1),
)
"""All types, as ``Sides.type_`` numbers them."""

COVARIATES = ("side", "flank")
"""Covariates of detection that follow from the type."""


def by_type(survey: Survey) -> Survey:
    """The survey with a trap for each station and type of detection that could be made there.

    Parameters
    ----------
    survey
        Any survey; one without sides is given back.

    Raises
    ------
    SurveyError
        If stations have a covariate of their own called ``side`` or ``flank``.
    """
    if all(session.sides is None for session in survey.sessions):
        return survey
    return replace(survey, sessions=tuple(map(_by_type, survey.sessions)))


def _by_type(session: Session) -> Session:
    sides, traps, n = session.sides, session.traps, len(session.traps)
    if sides is None:
        return session
    _check_names(session)
    every = _efforts(sides)
    station, type_ = kept_types(sides, n)
    kept = type_ * n + station
    place = np.full(len(every), -1)
    place[kept] = np.arange(len(kept))
    covariates = traps.covariates.iloc[station].reset_index(drop=True)
    covariates = covariates.assign(
        side=[TYPES[t].side for t in type_], flank=[TYPES[t].flank for t in type_]
    )
    by_occasion = session.by_occasion
    n_occasions = every.shape[1]
    rows = (station[:, None] * n_occasions + np.arange(n_occasions)).reshape(-1)
    return replace(
        session,
        traps=Traps(
            names=np.array(
                [
                    f"{traps.names[k]} {TYPES[t].flank} {TYPES[t].side}"
                    for k, t in zip(station, type_, strict=True)
                ],
                dtype=object,
            ),
            xy=traps.xy[station],
            crs=traps.crs,
            session=traps.session[station],
            covariates=covariates,
            source=traps.source,
            rows=traps.rows[station],
            unusable=traps.unusable,
        ),
        usage=replace(session.usage, effort=every[kept]),
        captures=replace(
            session.captures,
            individual=sides.individual,
            occasion=sides.occasion,
            trap=place[sides.type_ * n + sides.trap],
            count=sides.count,
        ),
        by_occasion=by_occasion.iloc[rows].reset_index(drop=True),
        sides=None,
    )


def _efforts(sides: Sides) -> NDArray[np.float64]:
    """Effort of all stations for the first type, then the second, and so on."""
    return np.concatenate([sides.two if kind.cameras == 2 else sides.one for kind in TYPES])


def kept_types(sides: Sides, n_traps: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Station and type of each trap of ``by_type``: those that could have a detection.

    Parameters
    ----------
    sides
        Of the session.
    n_traps
        Its stations.
    """
    kept = np.flatnonzero((_efforts(sides) > 0).any(axis=1))
    return kept % n_traps, kept // n_traps


def sides_planned(effort: NDArray[np.float64], two: NDArray[np.float64]) -> Sides:
    """Sides of a session without captures.

    Parameters
    ----------
    effort, two
        Days in which any camera, and two cameras, of each station work, (n_traps, n_occasions).
    """
    none = np.zeros(0, dtype=np.int64)
    both = np.minimum(np.asarray(two, dtype=np.float64), effort)
    return Sides(none, both, effort - both, none, none, none, none, none)


def _check_names(session: Session) -> None:
    tables = (session.traps.covariates, session.occasions, session.by_occasion)
    taken = [name for name in COVARIATES for table in tables if name in table]
    if taken:
        msg = (
            f"Session {session.name!r}: covariates are called {', '.join(map(repr, taken))}, which "
            "is the name of the side in surveys of two flanks. Rename the column."
        )
        raise SurveyError(msg, kind="name of a side taken")


def n_of_sides(session: Session) -> tuple[int, ...]:
    """Animals that are complete, known from the left alone and from the right alone.

    Parameters
    ----------
    session
        With sides.
    """
    return (0, 0, 0) if session.sides is None else tuple(session.sides.photographed)
