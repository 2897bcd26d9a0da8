"""Simulated surveys of both flanks: what is seen of animals whose sides nobody can join."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.survey.captures import CaptureHistory
from scr.survey.detectors import DETECTORS
from scr.survey.sided_records import CONFIRMED, IN_LIBRARY, Sides
from scr.survey.sides import TYPES, kept_types
from scr.survey.survey import Session, Survey

_SHOWN = {"both": 3, "left": 1, "right": 2}
_NAMES = {1: "left", 2: "right"}


class Recognised(NamedTuple):
    """How else than by a photograph of both sides at once the two sides of an animal are joined.

    Parameters
    ----------
    confirmed
        Probability that the sides of an animal seen from both, but never at once, are joined.
    library
        Probability that an animal of the population was known from both sides before.
    """

    confirmed: float = 0.0
    library: float = 0.0


def by_station(
    survey: Survey, simulated: Survey, recognised: Recognised, rng: np.random.Generator
) -> Survey:
    """A survey of stations from one whose traps are stations with a type of detection.

    An animal without a detection of both sides at once is, to those who look at photographs, a
    left animal, a right animal, or one of each, unless it is recognised otherwise.

    Parameters
    ----------
    survey
        The plan, with sides.
    simulated
        Captures of ``by_type`` of the plan.
    recognised
        How often that is.
    rng
        Source of random numbers.
    """
    most = 1 if DETECTORS[survey.detector].is_binary else None
    sessions = []
    for plan, seen in zip(survey.sessions, simulated.sessions, strict=True):
        chance = rng.random((2, seen.captures.n_individuals)) < np.array(recognised)[:, None]
        sessions.append(session_by_station(plan, seen, most, chance))
    return replace(simulated, sessions=tuple(sessions))


def session_by_station(
    plan: Session, seen: Session, most: int | None, chance: NDArray[np.bool_]
) -> Session:
    """One session as it is read.

    Parameters
    ----------
    plan
        With sides.
    seen
        Captures of the same session by type.
    most
        Largest count of a record; None for any.
    chance
        Whose sides would be joined if both were seen, and who was known from both sides before,
        shape (2, n_individuals).
    """
    sides, captures = plan.sides, seen.captures
    if sides is None:
        return seen
    station, type_ = kept_types(sides, len(plan.traps))
    trap, kind = station[captures.trap], type_[captures.trap]
    shown = np.array([_SHOWN[t.flank] for t in TYPES])[kind]
    ever = np.zeros((4, captures.n_individuals), dtype=np.bool_)
    ever[shown, captures.individual] = True
    confirmed = chance[0] & ever[1] & ever[2] & ~ever[3]
    known = np.where(chance[1], IN_LIBRARY, np.where(confirmed, CONFIRMED, 0))
    complete = ever[3] | (known > 0)
    side = np.where(complete[captures.individual], 0, shown)  # of each record
    keys, who = np.unique(np.stack([captures.individual, side]), axis=1, return_inverse=True)
    individual = who.reshape(-1)
    names = [
        f"{captures.individuals[animal]} ({_NAMES[of]})" if of else captures.individuals[animal]
        for animal, of in keys.T.tolist()
    ]
    table = (
        pd.DataFrame({"i": individual, "s": captures.occasion, "k": trap, "n": captures.count})
        .groupby(["i", "s", "k"], as_index=False)["n"]
        .sum()
    )
    return replace(
        plan,
        captures=CaptureHistory(
            individuals=np.array(names, dtype=object),
            individual=table["i"].to_numpy(),
            occasion=table["s"].to_numpy(),
            trap=table["k"].to_numpy(),
            count=table["n"].clip(upper=most).to_numpy(),
            covariates=captures.covariates.iloc[keys[0]].reset_index(drop=True),
        ),
        sides=Sides(
            side=keys[1],
            two=sides.two,
            one=sides.one,
            individual=individual,
            occasion=captures.occasion,
            trap=trap,
            type_=kind,
            count=captures.count,
            known=known[keys[0]],
        ),
    )
