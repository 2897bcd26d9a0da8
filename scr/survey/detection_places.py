"""Where animals were detected: at traps, or at places of their own in what was searched."""

import numpy as np
from numpy.typing import NDArray

from scr.survey.parts import ground_of, spread_over
from scr.survey.survey import Session


def detection_places(
    session: Session,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Animal, place and number of the detections of a session.

    Parameters
    ----------
    session
        The session.

    Returns
    -------
    tuple
        Shapes (n,), (n, 2), metres, and (n,): one row a record, or where detections have places
        one row a detection.
    """
    captures = session.captures
    if session.traps.parts is None:
        return captures.individual, session.traps.xy[captures.trap], captures.count
    animal = np.repeat(captures.individual, captures.count)
    return animal, captures.xy, np.ones(len(animal), dtype=np.int64)


def effort_places(
    session: Session,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Places of effort: traps, or points spread over what is searched.

    Parameters
    ----------
    session
        The session.

    Returns
    -------
    xy
        Metres, shape (n, 2).
    effort
        T of each occasion, shape (n, n_occasions).
    measure
        Area, m2, or length, m, that each place stands for; 1 at traps; shape (n,).
    """
    traps, effort = session.traps, session.usage.effort
    if traps.parts is None:
        return traps.xy, effort, np.ones(len(traps))
    xy, part, measure = spread_over(traps.parts)
    return xy, effort[part], measure


def ground_worked(session: Session) -> NDArray[np.float64]:
    """Places of the traps that worked, or points over the parts that were searched, shape (n, 2).

    Parameters
    ----------
    session
        The session.
    """
    worked = session.usage.effort.sum(axis=1) > 0
    if session.traps.parts is None:
        return session.traps.xy[worked]
    xy, part = ground_of(session.traps.parts)
    return xy[worked[part]]
