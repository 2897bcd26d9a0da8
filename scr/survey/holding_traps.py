"""Traps that hold an animal to the end of the occasion: read as cameras, or of one animal each."""

import numpy as np
from numpy.typing import NDArray

from scr.errors import SurveyError
from scr.survey.survey import Session, Survey
from scr.survey.troubles import Trouble, suspicion

_FEWEST_EXPECTED = 5.0
SINGLE_CATCH = (
    "detector='single': traps that hold one animal are fitted as multi-catch traps. Density and "
    "sigma are hardly changed by that unless most traps fill; lambda0 (g0) is then too low and is "
    "not to be interpreted."
)
"""What is said of single-catch traps."""


def suspect_holding(survey: Survey, *, source: str) -> tuple[Trouble, ...]:
    r"""Animals never at two traps in one occasion, although chance alone would have them there.

    An animal with :math:`n_k` and :math:`n_l` records at two cameras, whose occasions are
    independent, is at both in one occasion

    .. math:: E_{kl} = n_k n_l \frac{|S_k \cap S_l|}{|S_k| |S_l|}

    times, S being the occasions in which a camera worked. Their sum E over animals and pairs is
    held against none at all: the probability of none is about exp(-E), 0.7 % where E is 5, from
    which on it is told. Of 20,000 simulated surveys with cameras, E mostly 4 to 15, 3 were told
    of; of 1,411 with multi-catch traps and E of 5 or more, all. Animals that pass cameras in bouts
    are at two of them more often still.

    Parameters
    ----------
    survey
        The survey.
    source
        Name of the table of detections.
    """
    if survey.detector != "proximity":
        return ()
    found, expected = np.sum([_together(session) for session in survey.sessions], axis=0)
    if found or expected < _FEWEST_EXPECTED:
        return ()
    n_records = sum(len(session.captures.trap) for session in survey.sessions)
    return (
        suspicion(
            "traps may hold animals",
            source,
            (),
            found=f"in {n_records} records no animal is at two stations in one occasion, where "
            f"about {expected:.0f} such pairs are expected of cameras, which an animal can pass "
            "one after the other",
            remedy="If these are traps that keep an animal until they are visited, give "
            "detector='multi' (several animals in a trap) or detector='single' (one).",
            public=f"No animal is at two stations in one occasion, where about {expected:.0f} such "
            "pairs are expected of cameras.",
        ),
    )


def _together(session: Session) -> NDArray[np.float64]:
    """Pairs of records of one animal in one occasion, and how many are expected."""
    captures, works = session.captures, session.usage.effort > 0
    found = expected = 0.0
    for animal in range(captures.n_individuals):
        mine = captures.individual == animal
        at_once = np.bincount(captures.occasion[mine])
        found += float((at_once * (at_once - 1)).sum() / 2)
        traps, times = np.unique(captures.trap[mine], return_counts=True)
        days = works[traps].astype(np.float64)  # (n_traps, n_occasions)
        rate = times / days.sum(axis=1)
        pairs = np.outer(rate, rate) * (days @ days.T)
        expected += float((pairs.sum() - np.trace(pairs)) / 2)
    return np.array([found, expected])


def check_one_in_a_trap(survey: Survey, *, source: str) -> None:
    """Raise where a single-catch trap has two animals in one occasion.

    Parameters
    ----------
    survey
        The survey.
    source
        Name of the table of detections.

    Raises
    ------
    SurveyError
        Naming stations, occasions and animals.
    """
    if survey.detector != "single":
        return
    lines = []
    for session in survey.sessions:
        captures = session.captures
        place = np.stack([captures.trap, captures.occasion])
        shared, times = np.unique(place, axis=1, return_counts=True)
        for trap, occasion in shared[:, times > 1].T:
            who = captures.individual[(captures.trap == trap) & (captures.occasion == occasion)]
            names = ", ".join(repr(str(name)) for name in captures.individuals[who])
            lines.append(f"{names} at {session.traps.names[trap]!r}, occasion {occasion + 1}")
    if lines:
        more = f"; and {len(lines) - 10} more" if len(lines) > 10 else ""
        msg = (
            f"{source}: a trap of detector='single' holds one animal, but there are several in one "
            f"occasion: {'; '.join(lines[:10])}{more}. Correct the records, or give "
            "detector='multi'."
        )
        raise SurveyError(msg, kind="two animals in one trap", source=source)
