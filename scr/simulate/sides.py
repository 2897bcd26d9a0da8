"""Simulated surveys of both flanks: what is seen of animals whose sides nobody can join."""

from dataclasses import replace

import numpy as np
import pandas as pd

from scr.survey.captures import CaptureHistory
from scr.survey.detectors import DETECTORS
from scr.survey.sided_records import Sides
from scr.survey.sides import TYPES, kept_types
from scr.survey.survey import Session, Survey

_SHOWN = {"both": 3, "left": 1, "right": 2}
_NAMES = {1: "left", 2: "right"}


def by_station(survey: Survey, simulated: Survey) -> Survey:
    """A survey of stations from one whose traps are stations with a type of detection.

    An animal without a detection of both sides at once is, to those who look at photographs, a
    left animal, a right animal, or one of each.

    Parameters
    ----------
    survey
        The plan, with sides.
    simulated
        Captures of ``by_type`` of the plan.
    """
    most = 1 if DETECTORS[survey.detector].is_binary else None
    pairs = zip(survey.sessions, simulated.sessions, strict=True)
    sessions = tuple(_by_station(plan, seen, most) for plan, seen in pairs)
    return replace(simulated, sessions=sessions)


def _by_station(plan: Session, seen: Session, most: int | None) -> Session:
    sides, captures = plan.sides, seen.captures
    if sides is None:
        return seen
    station, type_ = kept_types(sides, len(plan.traps))
    trap, kind = station[captures.trap], type_[captures.trap]
    shown = np.array([_SHOWN[t.flank] for t in TYPES])[kind]
    ever_both = np.zeros(captures.n_individuals, dtype=np.bool_)
    np.logical_or.at(ever_both, captures.individual, shown == 3)
    side = np.where(ever_both[captures.individual], 0, shown)  # of each record
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
        ),
    )
