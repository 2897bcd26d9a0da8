"""A survey without one of its animals, or without one record."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session, Survey

_MOST_RECORDS = 60


@dataclass(frozen=True)
class Record:
    """One record of an animal.

    Parameters
    ----------
    session
        Label of the session.
    row
        Row of the capture history of that session.
    trap
        Name of the station.
    occasion
        Number of the occasion, from 1.
    count
        Detections.
    """

    session: str
    row: int
    trap: str
    occasion: int
    count: int

    @property
    def in_words(self) -> str:
        """Where and when it was made."""
        times = "" if self.count == 1 else f" (count {self.count:,})"
        return f"occasion {self.occasion} at station {self.trap!r}, session {self.session!r}{times}"


def without(survey: Survey, individual: str, record: Record | None = None) -> Survey:
    """The survey as if an animal, or one of its records, had not been made.

    What the animal had learnt is then learnt of its other records, and an animal that was removed
    at the record stays; so with responses of all animals at a trap (k, K).

    Parameters
    ----------
    survey
        The data.
    individual
        Name of the animal; left out in all sessions.
    record
        The one record to leave out.
    """
    sessions = []
    for session in survey.sessions:
        captures = session.captures
        names = captures.individuals[captures.individual]
        drop = names == individual
        if record is not None:
            drop &= (session.name == record.session) & (np.arange(len(drop)) == record.row)
        fixes = session.fixes
        if record is None and fixes is not None and fixes.telemetry != "independent":
            kept = fixes.individual != individual
            fixes = replace(fixes, individual=fixes.individual[kept], xy=fixes.xy[kept])
            fixes = fixes if kept.any() else None
        sessions.append(replace(session, captures=_kept(captures, ~drop), fixes=fixes))
    return replace(survey, sessions=tuple(sessions))


def with_animals(survey: Survey, kept: tuple[np.ndarray, ...]) -> Survey:
    """The survey with some of its animals alone.

    Parameters
    ----------
    survey
        The data.
    kept
        For each session which of its animals stay, shape (n_individuals,).
    """
    sessions = [
        replace(session, captures=_kept(session.captures, stays[session.captures.individual]))
        for session, stays in zip(survey.sessions, kept, strict=True)
    ]
    return replace(survey, sessions=tuple(sessions))


def split_into_records(
    survey: Survey, individual: str
) -> tuple[Survey, list[Record], list[list[float]]]:
    """The survey with copies of an animal beside it, each without another of its records.

    Parameters
    ----------
    survey
        The data.
    individual
        Name of the animal.

    Returns
    -------
    wider
        The survey with the copies.
    records
        The record that each copy lacks: those of the animal in sessions in which it has others,
        the largest counts first, sixty at most.
    weights
        For each record how often log L_i of each animal of ``wider`` is to be added to get from
        the survey to the one without the record.
    """
    records: list[Record] = []
    for session in survey.sessions:
        captures = session.captures
        rows = np.flatnonzero(captures.individuals[captures.individual] == individual)
        for row in rows if len(rows) > 1 else ():
            trap = str(session.traps.names[captures.trap[row]])
            when = int(captures.occasion[row]) + 1
            records.append(Record(session.name, int(row), trap, when, int(captures.count[row])))
    records = sorted(records, key=lambda record: -record.count)[:_MOST_RECORDS]
    sessions, owners = [], []
    for session in survey.sessions:
        mine = [(k, r) for k, r in enumerate(records) if r.session == session.name]
        sessions.append(_with_copies(session, individual, [record for _, record in mine]))
        owners += [-1 if name == individual else -2 for name in session.captures.individuals]
        owners += [k for k, _ in mine]
    labels = [s.name for s in sessions for _ in range(s.captures.n_individuals)]
    weights = [
        [
            1.0 if owner == k else -1.0 * (owner == -1 and label == record.session)
            for owner, label in zip(owners, labels, strict=True)
        ]
        for k, record in enumerate(records)
    ]
    return replace(survey, sessions=tuple(sessions)), records, weights


def _with_copies(session: Session, individual: str, records: list[Record]) -> Session:
    captures = session.captures
    if not records:
        return session
    place = int(np.flatnonzero(captures.individuals == individual)[0])
    own = np.flatnonzero(captures.individual == place)
    rows, who = [np.arange(len(captures.individual))], [captures.individual]
    for copy, record in enumerate(records):
        kept = own[own != record.row]
        rows.append(kept)
        who.append(np.full(len(kept), captures.n_individuals + copy))
    last = captures.occasion[own].max()
    still = [bool(captures.removed[place] and captures.occasion[k].max() == last) for k in rows[1:]]
    chosen = np.concatenate(rows)
    covariates = captures.covariates
    copies = [f"{individual} without {k}" for k in range(len(records))]
    return replace(
        session,
        captures=CaptureHistory(
            individuals=np.array([*captures.individuals, *copies], dtype=object),
            individual=np.concatenate(who),
            occasion=captures.occasion[chosen],
            trap=captures.trap[chosen],
            count=captures.count[chosen],
            covariates=pd.concat(
                [covariates, covariates.iloc[[place] * len(records)]], ignore_index=True
            ),
            removed=np.append(captures.removed, still),
            xy=captures.places_of(chosen),
        ),
    )


def _kept(captures: CaptureHistory, keep: np.ndarray) -> CaptureHistory:
    """Some of the records, with the animals that have one."""
    seen = np.unique(captures.individual[keep])
    place = np.full(captures.n_individuals, -1)
    place[seen] = np.arange(len(seen))
    return CaptureHistory(
        individuals=captures.individuals[seen],
        individual=place[captures.individual[keep]],
        occasion=captures.occasion[keep],
        trap=captures.trap[keep],
        count=captures.count[keep],
        covariates=captures.covariates.iloc[seen],
        removed=captures.removed[seen] & (_last(captures, keep) == _last(captures))[seen],
        xy=captures.places_of(np.flatnonzero(keep)),
    )


def _last(captures: CaptureHistory, keep: np.ndarray | slice = slice(None)) -> np.ndarray:
    """Last occasion of each animal among some records, -1 where it has none of them."""
    last = np.full(captures.n_individuals, -1)
    np.maximum.at(last, captures.individual[keep], captures.occasion[keep])
    return last
