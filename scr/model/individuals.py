"""Covariates of individuals: animals alike in them make a group, as a session of its own.

What is known of detected animals alone can enter detection where the likelihood is conditional on
their number: each animal is held against the probability that one like it is detected (Huggins
1989 Biometrika 76:133-140; Borchers & Efford 2008).
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import FormulaError
from scr.habitat.mask import HabitatMask
from scr.model.spec import CLASS_COVARIATE, ModelSpec
from scr.model.tables import session_table
from scr.model.within_session import AS_SECR, OF_OTHERS
from scr.survey.survey import Session, Survey

_OF_SESSIONS = ("session", "year", *OF_OTHERS, *AS_SECR)
"""Names that mean something of a whole session, which a group is not."""


@dataclass(frozen=True, eq=False)
class Groups:
    """A survey whose sessions are groups of animals alike in their covariates.

    Parameters
    ----------
    survey
        The groups as sessions, with the covariates of individuals as session covariates.
    session
        Session of the original survey that each group belongs to, shape (n_groups,).
    """

    survey: Survey
    session: NDArray[np.int64]


def individual_covariates(survey: Survey, spec: ModelSpec) -> tuple[str, ...]:
    """Covariates of individuals, but sex, that formulas of detection name.

    Parameters
    ----------
    survey, spec
        Data and model.
    """
    found: set[str] = set()
    for session in survey.sessions:
        found |= set(map(str, session.captures.covariates.columns))
        for table in (session.traps.covariates, session.occasions, session.by_occasion):
            found -= set(map(str, table.columns))
    found -= {CLASS_COVARIATE, *map(str, survey.covariates.columns)}
    return tuple(sorted(found & spec.detection_variables))


def by_individuals(survey: Survey, mask: HabitatMask, spec: ModelSpec) -> Groups:
    """The survey by groups, where formulas name covariates of individuals; else as it is.

    Parameters
    ----------
    survey, mask, spec
        Data and model.

    Raises
    ------
    FormulaError
        If the likelihood is not conditional on the number of animals, values are missing, or
        formulas or mask are of whole sessions.
    """
    names = individual_covariates(survey, spec)
    if not names:
        return Groups(survey, np.arange(len(survey.sessions)))
    _check(survey, mask, spec, names)
    table = session_table(survey).drop(columns=["session", "year"], errors="ignore")
    sessions, rows, of_session = [], [], []
    for index, session in enumerate(survey.sessions):
        values = session.captures.covariates[list(names)]
        number = values.groupby(list(names), sort=False).ngroup().to_numpy()
        for group in range(number.max(initial=-1) + 1):
            members = np.flatnonzero(number == group)
            sessions.append(_of_group(session, members, names, group))
            rows.append({**table.iloc[index].to_dict(), **values.iloc[members[0]].to_dict()})
            of_session.append(index)
    groups = replace(survey, sessions=tuple(sessions), covariates=pd.DataFrame(rows))
    return Groups(groups, np.array(of_session, dtype=np.int64))


def _of_group(
    session: Session, members: NDArray[np.int64], names: tuple[str, ...], group: int
) -> Session:
    captures = session.captures
    kept = np.isin(captures.individual, members)
    return replace(
        session,
        name=f"{session.name}, group {group + 1}",
        captures=replace(
            captures,
            individuals=captures.individuals[members],
            individual=np.searchsorted(members, captures.individual[kept]),
            occasion=captures.occasion[kept],
            trap=captures.trap[kept],
            count=captures.count[kept],
            covariates=captures.covariates.iloc[members].drop(columns=list(names)),
            removed=captures.removed[members],
            xy=captures.places_of(np.flatnonzero(kept)),
        ),
    )


def _check(survey: Survey, mask: HabitatMask, spec: ModelSpec, names: Collection[str]) -> None:
    listed = ", ".join(names)
    if spec.number != "conditional":
        msg = (
            f"The formulas of detection name {listed}, known of detected animals alone. Give "
            "number='conditional', so that each animal is held against the detection of animals "
            "like it, or leave it out."
        )
        raise FormulaError(msg)
    taken = sorted(spec.detection_variables & set(_OF_SESSIONS))
    fixes = any(session.fixes is not None for session in survey.sessions)
    if taken or fixes or mask.session is not None:
        what = "go with fixes of transmitters" if fixes else "go with a mask for each session"
        what = f"name {', '.join(taken)}" if taken else what
        msg = (
            f"Formulas with covariates of individuals ({listed}) cannot yet {what}. Leave that "
            "out, or fit each session by itself."
        )
        raise FormulaError(msg)
    for session in survey.sessions:
        table = session.captures.covariates.reindex(columns=list(names))
        if table.empty:
            msg = (
                f"Session {session.name!r} has no animals, so that nothing is known of their "
                f"{listed}. Leave the session or the covariate out."
            )
            raise FormulaError(msg)
        missing = np.flatnonzero(table.isna().any(axis=1))
        if len(missing):
            animals = ", ".join(repr(session.captures.individuals[i]) for i in missing[:10])
            msg = (
                f"Session {session.name!r}: {len(missing)} animals lack a value of {listed}: "
                f"{animals}. Complete the table, or leave these animals or the covariate out."
            )
            raise FormulaError(msg)
