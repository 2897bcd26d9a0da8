"""Whether the detections can tell anything, asked before any fitting."""

import warnings

import numpy as np

from scr.errors import FitError, SurveyWarning
from scr.model.spec import ModelSpec
from scr.survey.detection_places import detection_places
from scr.survey.detectors import DETECTORS
from scr.survey.survey import Survey
from scr.survey.totals import totals_of


def require_captures(survey: Survey, *, with_priors: bool) -> None:
    """Refuse surveys from which the model cannot be estimated.

    Parameters
    ----------
    survey
        The data.
    with_priors
        True where a prior keeps sigma in bounds if no animal moved between traps.

    Raises
    ------
    FitError
        If there are no detections or only one, or, without priors, no animal was detected at more
        than one trap.
    """
    n_detections = sum(session.captures.n_detections for session in survey.sessions)
    sessions = ", ".join(repr(session.name) for session in survey.sessions[:10])
    if n_detections == 0:
        msg = (
            f"The survey has no detections (sessions {sessions}), so neither density nor detection "
            "can be estimated. Check that the detections were read; a survey in which no animal "
            "was seen can be fitted only together with sessions that have detections."
        )
        raise FitError(msg)
    if n_detections == 1:
        msg = (
            f"The survey has one detection (sessions {sessions}): sigma and lambda0 are not "
            "estimable from it. At least one animal must be detected at two traps; use more "
            "occasions or traps, or fit several sessions together."
        )
        raise FitError(msg)
    if moves_between_traps(survey) == 0:
        place = "place" if DETECTORS[survey.detector].searched else "trap"
        msg = (
            f"None of the {totals_of(survey).n_animals} animals was detected at more than one "
            f"{place} "
            f"(sessions {sessions}), so the data cannot identify sigma. "
        )
        if not with_priors:
            msg += (
                "Use traps closer together or more occasions, or fit with priors "
                "(fit_laplace, fit_nuts) knowing that sigma will follow its prior."
            )
            raise FitError(msg)
        warnings.warn(
            msg + "Its posterior, and with it density, follows its prior: state a prior for sigma "
            "from another study with ModelSpec(priors=...).",
            SurveyWarning,
            stacklevel=3,
        )


def require_no_pool(spec: ModelSpec) -> None:
    """Refuse models whose likelihood has no maximum, or none that a scale could be read from.

    Parameters
    ----------
    spec
        The model.

    Raises
    ------
    FitError
        If a formula pools sessions, or has a smooth or a scale of effect.
    """
    if spec.scales:
        scale = spec.scales[0]
        msg = (
            f"The model has {scale.name} in the formula of density. At a slope of 0 the likelihood "
            "is the same for all scales, so that standard errors at its maximum mean little. Fit "
            "the posterior, by Laplace or by NUTS, or compare models of one scale each, "
            f"~ {scale.columns[0]} and so on."
        )
        raise FitError(msg)
    if spec.random_terms:
        msg = (
            f"The model has {', and '.join(spec.random_terms)}, and the likelihood has no maximum "
            "in the standard deviation of such effects: it is the same for all. Fit the posterior, "
            "by Laplace or by NUTS, or write session in place of (1 | session), bs(x, df=4) or "
            "poly(x, 2) in place of a smooth."
        )
        raise FitError(msg)


def moves_between_traps(survey: Survey) -> int:
    """Places of an animal other than its first, over all animals of all sessions.

    They are traps, or where areas or lines are searched the places of detections; and fixes of
    transmitters.

    Parameters
    ----------
    survey
        The data.
    """
    total = 0
    for session in survey.sessions:
        animal, xy, _ = detection_places(session)
        places = np.unique(np.column_stack([animal, xy]), axis=0)
        total += len(places) - session.captures.n_individuals
        if session.fixes is not None:
            total += len(session.fixes.xy) - len(set(session.fixes.individual.tolist()))
    return total
