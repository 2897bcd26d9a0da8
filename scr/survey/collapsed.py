"""Daily detections collapsed to counts for each station, as secr does by default."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaln

from scr.errors import SurveyError
from scr.survey.survey import Session, Survey
from scr.survey.usage import Usage


def collapse_days(survey: Survey) -> Survey:
    """The survey with all days of a session as one occasion.

    An animal detected on y of the T days that a station worked is a binomial count: the same
    likelihood as y days with and T - y without a detection, but for the number of ways to choose
    the days, which ours leaves out. So estimates, standard errors and differences of AIC stay.
    What stands in a note of the survey is what secr's default log-likelihood, which is that of
    collapsed data, has beyond ours.

    Parameters
    ----------
    survey
        Proximity detectors, each occasion one day or none at each station.

    Returns
    -------
    Survey
        With ``detector="binomial_count"`` and one occasion.

    Raises
    ------
    SurveyError
        If detectors are of another type, occasions are not of one day, or animals were removed.
    """
    if survey.detector != "proximity":
        msg = (
            f"detector={survey.detector!r}: only detections of 'proximity' detectors can be "
            "collapsed to counts of days. Leave the survey as it is."
        )
        raise SurveyError(msg)
    sessions = tuple(_collapsed(session) for session in survey.sessions)
    n_days = max(session.usage.effort.shape[1] for session in survey.sessions)
    collapsed = replace(survey, sessions=sessions, detector="binomial_count")
    note = (
        f"Detections of up to {n_days} days were collapsed to the number of days on which an "
        "animal was detected at each station. Estimates are those of the daily detections; "
        "secr's default log-likelihood is that of collapsed data, with their multinomial and "
        f"binomial coefficients: ours and {log_coefficients(collapsed):.4f} (of the daily data, "
        f"fastproximity = FALSE, ours and {log_coefficients(survey):.4f})."
    )
    return replace(collapsed, notes=(*survey.notes, note))


def log_coefficients(survey: Survey) -> float:
    """Log of the multinomial and binomial coefficients of the data, which our likelihoods omit.

    Parameters
    ----------
    survey
        Any survey.

    Returns
    -------
    float
        log(n! / prod n_h!) over distinct histories of each session, and log C(T, y) of binomial
        counts: added to ``log_likelihood`` it is what secr gives.
    """
    total = 0.0
    for session in survey.sessions:
        captures = session.captures
        place = np.stack([captures.trap, captures.occasion, captures.count], axis=1)
        histories = [
            tuple(sorted(map(tuple, place[captures.individual == animal].tolist())))
            for animal in range(captures.n_individuals)
        ]
        times = pd.Series(histories, dtype=object).value_counts().to_numpy(dtype=np.float64)
        total += float(gammaln(len(histories) + 1) - gammaln(times + 1).sum())
        effort = session.usage.effort[captures.trap, captures.occasion]
        where = session.kinds(survey.detector).get("binomial_count")
        if where is not None:
            counted = where[captures.trap, captures.occasion]
            total += float(_log_choose(effort, captures.count)[counted].sum())
    return total


def _log_choose(size: NDArray[np.float64], number: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(gammaln(size + 1) - gammaln(number + 1) - gammaln(size - number + 1))


def _one_occasion(usage: Usage) -> Usage:
    """The days that each station worked, in one occasion as long as all."""
    length = usage.occasion_days
    return replace(
        usage,
        effort=usage.effort.sum(axis=1, keepdims=True),
        occasion_days=length if length == "month" else length * usage.effort.shape[1],
    )


def _collapsed(session: Session) -> Session:
    effort, captures = session.usage.effort, session.captures
    odd = np.argwhere((effort != 0) & (effort != 1))
    if len(odd):
        trap, occasion = odd[0]
        msg = (
            f"Session {session.name!r}: {len(odd)} occasions are not of one day, the first at "
            f"trap {session.traps.names[trap]!r}, occasion {occasion + 1}, of "
            f"{effort[trap, occasion]:g}. Only daily detections can be collapsed to counts of "
            "days: read the survey with occasions of one day, and times of work as whole days."
        )
        raise SurveyError(msg)
    if captures.removed.any():
        msg = (
            f"Session {session.name!r}: {int(captures.removed.sum())} animals were removed, so "
            "that days after that are none of theirs. Leave the survey as it is."
        )
        raise SurveyError(msg)
    keys = np.stack([captures.individual, captures.trap], axis=1)
    distinct, count = np.unique(keys, axis=0, return_counts=True)
    return replace(
        session,
        usage=_one_occasion(session.usage),
        captures=replace(
            captures,
            individual=distinct[:, 0],
            trap=distinct[:, 1],
            occasion=np.zeros(len(distinct), dtype=np.int64),
            count=count,
        ),
        occasions=pd.DataFrame(),
        by_occasion=pd.DataFrame(),
        unusable={},
    )
