"""Predictors of detection that change within a session: occasions, and what happened before them.

An animal that has been caught may be easier or harder to catch again, everywhere or at that trap;
so may all animals at a trap that caught one. Each such *response* is 0 or 1 for an animal, trap and
occasion. For an animal never caught those to its own captures are 0, and those to captures of any
animal (k, K) what the captures made of each trap. secr takes these for 0 too, so that a never
caught animal meets traps that have caught nothing: k_secr and K_secr are k and K by that rule.
"""

from collections.abc import Collection, Iterator
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from scr.errors import FormulaError
from scr.survey.detectors import DETECTORS
from scr.survey.survey import Session, Survey

OCCASION, TREND = "t", "T"
"""The occasion as a factor, and its number from 0."""

RESPONSES = MappingProxyType(
    {
        "b": "the animal was caught before",
        "B": "the animal was caught in the occasion before",
        "bk": "the animal was caught at this trap before",
        "Bk": "the animal was caught at this trap in the occasion before",
        "k": "any animal was caught at this trap before",
        "K": "any animal was caught at this trap in the occasion before",
        "k_secr": "as k, but for animals never caught 0, as in secr",
        "K_secr": "as K, but for animals never caught 0, as in secr",
    }
)
"""Learned responses by their names in formulas, and when they are 1."""

OF_OTHERS, AS_SECR = ("k", "K"), ("k_secr", "K_secr")
"""Responses to captures of any animal: as they are, and by the rule of secr."""

type States = NDArray[np.int64]


def name_in_words(name: str) -> str:
    """A name of a formula with what it stands for.

    Parameters
    ----------
    name
        A response, the occasion, or a covariate, which is given back as it is.

    Examples
    --------
    >>> name_in_words("bk"), name_in_words("T"), name_in_words("rain")
    ('bk (1: the animal was caught at this trap before)', 'T (occasion, from 0)', 'rain')
    """
    if name in RESPONSES:
        return f"{name} (1: {RESPONSES[name]})"
    built_in = {OCCASION: "t (occasion)", TREND: "T (occasion, from 0)"}
    return built_in.get(name, name)


def state_in_words(survey: Survey, names: Collection[str]) -> str:
    """At what detection is told by one curve, where captures and occasions matter; else empty.

    Parameters
    ----------
    survey
        The data.
    names
        Variables of the formulas of detection.
    """
    responses = responses_in(names)
    parts = ["before any capture"] if set(responses) - set(OF_OTHERS) else []
    if set(responses) & set(OF_OTHERS):
        parts.append("of an animal never caught, at traps as captures of others made them")
    if any(varies_by_occasion(session, names) for session in survey.sessions):
        parts.append("averaged over occasions by effort")
    kinds = {name for session in survey.sessions for name in session.kinds(survey.detector)}
    if any(DETECTORS[name].records == "multi" and not DETECTORS[name].searched for name in kinds):
        parts.append("by a trap that stands alone")
    return ", ".join(parts)


def responses_in(names: Collection[str]) -> tuple[str, ...]:
    """The responses among the names of formulas, in the order of ``RESPONSES``.

    Parameters
    ----------
    names
        Variables of formulas.
    """
    return tuple(name for name in RESPONSES if name in names)


def built_in_names(names: Collection[str]) -> tuple[str, ...]:
    """The names of formulas that stand for occasions and for responses, not for a covariate.

    Parameters
    ----------
    names
        Variables of formulas.
    """
    return tuple(name for name in (OCCASION, TREND, *RESPONSES) if name in names)


def to_any_animal(names: Collection[str]) -> tuple[str, ...]:
    """The responses among the names of formulas by which animals depend on each other.

    Parameters
    ----------
    names
        Variables of formulas.
    """
    return tuple(name for name in (*OF_OTHERS, *AS_SECR) if name in names)


def varies_by_occasion(session: Session, names: Collection[str]) -> bool:
    """Whether any of the names differs between the occasions of a session.

    Parameters
    ----------
    session
        The session.
    names
        Variables of formulas.
    """
    of_session = {*session.occasions.columns, *session.by_occasion.columns}
    return bool({OCCASION, TREND, *of_session} & set(names))


def state_of_uncaught(session: Session, responses: tuple[str, ...]) -> States:
    """State of an animal never caught, before each occasion at each trap.

    Parameters
    ----------
    session, responses
        As in ``states_of``.

    Returns
    -------
    NDArray
        As each of ``states_of``: not 0 where traps have caught other animals and k or K is named.
    """
    everyone = _caught(session, slice(None))
    state = np.zeros(everyone.shape, dtype=np.int64)
    for j, name in enumerate(responses):
        if name in OF_OTHERS:
            state += _before(everyone, name) * 2**j
    return state


def states_of(session: Session, responses: tuple[str, ...]) -> Iterator[States]:
    """State of each animal before each occasion at each trap, animal after animal.

    Parameters
    ----------
    session
        The session with its captures.
    responses
        Names of responses.

    Yields
    ------
    NDArray
        Sum of 2^j over the responses j that are 1, shape (n_traps, n_occasions); for an animal
        that was removed, -1 in the occasions after.
    """
    captures = session.captures
    everyone = _caught(session, slice(None))
    for animal in range(captures.n_individuals):
        mine = captures.individual == animal
        own = _caught(session, mine)
        state = np.zeros(own.shape, dtype=np.int64)
        for j, name in enumerate(responses):
            caught = everyone if to_any_animal([name]) else own
            if name in {"b", "B"}:
                caught = np.broadcast_to(own.any(axis=0), own.shape)
            state += _before(caught, name) * 2**j
        if captures.removed[animal]:
            state[:, captures.occasion[mine].max() + 1 :] = -1
        yield state


def _caught(session: Session, rows: slice | NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where and when some captures were, shape (n_traps, n_occasions)."""
    captures = session.captures
    result = np.zeros(session.usage.effort.shape, dtype=np.bool_)
    result[captures.trap[rows], captures.occasion[rows]] = True
    return result


def _before(caught: NDArray[np.bool_], response: str) -> NDArray[np.bool_]:
    """Whether anything was caught before each occasion, or in the one before: B, Bk, K."""
    known = caught if response[0].isupper() else np.logical_or.accumulate(caught, axis=1)
    result = np.zeros_like(known)
    result[:, 1:] = known[:, :-1]
    return result


def check_responses(survey: Survey, responses: tuple[str, ...]) -> None:
    """Raise for responses that are 0 for every animal: nothing can be learnt of them.

    Parameters
    ----------
    survey
        The data.
    responses
        Names of responses.

    Raises
    ------
    FormulaError
        If no animal could have been detected after what the response stands for.
    """
    seen = 0
    for session in survey.sessions if responses else ():
        used = session.usage.effort > 0
        for state in states_of(session, responses):
            seen |= int(np.bitwise_or.reduce(state[used & (state > 0)], initial=0))
    never = [name for j, name in enumerate(responses) if not seen >> j & 1]
    if never:
        told = "; ".join(f"{name} is 1 where {RESPONSES[name]}" for name in never)
        msg = (
            f"The formulas name {', '.join(never)}, which is 0 for every animal in every occasion "
            f"of this survey ({told}), so that nothing can be learnt of it. Leave it out, or read "
            "the detections in more occasions (occasion_days)."
        )
        raise FormulaError(msg)
