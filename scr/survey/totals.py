"""Counts over sessions, each animal and each station once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scr.survey.survey import Session, Survey

SAME_STATION_M = 100.0
"""A station of one name that moved by less between sessions is one station."""


@dataclass(frozen=True, eq=False)
class Totals:
    """What a survey saw in all its sessions together.

    Parameters
    ----------
    n_animals
        Animals identified; one name is one animal, in whichever sessions it was seen.
    n_again
        Of these, animals seen in more than one session.
    n_at_two
        Animals detected at two stations (in searches, places) or more within a session.
    n_detections
        Detections.
    n_recaptures
        Detections beyond the first of each animal in each session.
    n_stations
        Stations; one that stood in several sessions is one, by name and place.
    effort_days
        Station-days.
    by_sex
        Columns sex, animals and detections, of animals whose sex is known.
    """

    n_animals: int
    n_again: int
    n_at_two: int
    n_detections: int
    n_recaptures: int
    n_stations: int
    effort_days: float
    by_sex: pd.DataFrame


def totals_of(survey: "Survey | tuple[Session, ...]") -> Totals:
    """Counts over sessions, each animal and each station once.

    Parameters
    ----------
    survey
        A survey, or some of its sessions.
    """
    sessions = survey if isinstance(survey, tuple) else survey.sessions
    rows = pd.concat([_animals_of(session) for session in sessions], ignore_index=True)
    animals = rows.groupby("individual", sort=False).agg(
        sessions=("detections", "size"),
        detections=("detections", "sum"),
        stations=("stations", "max"),
        sex=("sex", "first"),
    )
    n = int(rows["detections"].sum())
    by_sex = animals.groupby("sex")["detections"].agg(["size", "sum"]).astype(int).reset_index()
    by_sex.columns = pd.Index(["sex", "animals", "detections"])
    return Totals(
        n_animals=len(animals),
        n_again=int((animals["sessions"] > 1).sum()),
        n_at_two=int((animals["stations"] > 1).sum()),
        n_detections=n,
        n_recaptures=n - len(rows),
        n_stations=_n_stations(sessions),
        effort_days=float(sum(session.usage.effort.sum() for session in sessions)),
        by_sex=by_sex,
    )


def stations_each(session: "Session") -> NDArray[np.int64]:
    """Stations at which each animal was detected, shape (n_individuals,).

    Where areas or lines are searched, places of detections.

    Parameters
    ----------
    session
        One session.
    """
    captures = session.captures
    pairs = np.unique(np.stack([captures.individual, captures.trap]), axis=1)
    if len(captures.xy):
        animal = np.repeat(captures.individual, captures.count)
        pairs = np.unique(np.column_stack([animal, captures.xy]), axis=0).T.astype(np.int64)
    return np.bincount(pairs[0], minlength=captures.n_individuals).astype(np.int64)


def _animals_of(session: "Session") -> pd.DataFrame:
    captures = session.captures
    n = captures.n_individuals
    detections = np.bincount(captures.individual, weights=captures.count, minlength=n)
    known = captures.covariates.get("sex")
    sex = np.full(n, None, dtype=object) if known is None else known.to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "individual": captures.individuals,
            "detections": detections.astype(np.int64),
            "stations": stations_each(session),
            "sex": pd.Series(sex, dtype=object),
        }
    )


def _n_stations(sessions: "tuple[Session, ...]") -> int:
    places: dict[str, list[NDArray[np.float64]]] = {}
    for session in sessions:
        for name, xy in zip(session.traps.names, session.traps.xy, strict=True):
            known = places.setdefault(str(name), [])
            if not any(np.hypot(*(xy - other)) < SAME_STATION_M for other in known):
                known.append(xy)
    return sum(map(len, places.values()))
