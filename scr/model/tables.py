"""Tables of covariates that formulas are evaluated on."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import FormulaError
from scr.habitat.mask import HabitatMask
from scr.model.classes import Classes
from scr.model.latent_names import LATENT
from scr.model.within_session import (
    OCCASION,
    RESPONSES,
    TREND,
    responses_in,
    varies_by_occasion,
)
from scr.survey.sides import by_type
from scr.survey.survey import Session, Survey
from scr.survey.years import YEAR, years_of


@dataclass(frozen=True, eq=False)
class DetectionTable:
    """Covariates of detection, one row for each session, class and trap, and for what varies.

    Parameters
    ----------
    rows
        The covariates: ``sex``, latent groups and the effect of the animal where they are classes,
        ``session``, session and trap covariates; where formulas name them, those of occasions and
        the responses.
    of_session
        Row numbers of each session, shape (n_classes, n_traps, n_occasions or 1, n_states or 1),
        -1 where the trap did not work. The last axes are there where formulas name what varies by
        occasion, and responses: a state is a sum of 2^j over those that are 1 (``states_of``).
    """

    rows: pd.DataFrame
    of_session: tuple[NDArray[np.int64], ...]


def class_labels(survey: Survey) -> tuple[str, ...]:
    """Sexes that occur, sorted.

    Parameters
    ----------
    survey
        The data, with an individual covariate ``sex``.

    Raises
    ------
    FormulaError
        If the survey has no sexes, or other than two of them.
    """
    found: set[str] = set()
    for session in survey.sessions:
        covariates = session.captures.covariates
        if "sex" in covariates.columns:
            found |= {str(label) for label in covariates["sex"].dropna()}
    if len(found) != 2:
        listed = ", ".join(map(repr, sorted(found))) or "none"
        msg = (
            f"The model has sex as a class, but the detections name {len(found)} sexes: {listed}. "
            "Two are needed, in a column 'sex' with missing values left empty; "
            "leave sex out of the formulas otherwise."
        )
        raise FormulaError(msg)
    return tuple(sorted(found))


def class_of_individuals(covariates: pd.DataFrame, classes: Classes) -> NDArray[np.bool_]:
    """Which classes each individual may belong to.

    Parameters
    ----------
    covariates
        Individual covariates, one row per individual.
    classes
        The classes.

    Returns
    -------
    NDArray
        Shape (n_individuals, n_classes); True for every class of its sex, and for all where the
        sex is missing: nobody knows the latent group of an animal, nor its effect.
    """
    n, sexes = len(covariates), classes.sexes
    if not classes.has_sexes or "sex" not in covariates.columns:
        return np.ones((n, len(classes)), dtype=np.bool_)
    labels = covariates["sex"]
    known = labels.notna().to_numpy()
    match = np.array([[str(label) == name for name in sexes] for label in labels], dtype=np.bool_)
    return np.where(known[:, None], match.reshape(n, len(sexes)), True)[:, classes.sex]


def session_table(survey: Survey) -> pd.DataFrame:
    """Session covariates, the session label, and its year where it is known; a row per session.

    Parameters
    ----------
    survey
        The data. Several sessions have a column ``year`` from their dates or labels where neither
        their covariates nor those of stations have one.
    """
    names = [session.name for session in survey.sessions]
    table = survey.covariates.assign(session=np.array(names, dtype=object))
    years = years_of(survey) if _wants_year(survey) else None
    return table if years is None else table.assign(**{YEAR: years})


def _wants_year(survey: Survey) -> bool:
    """Whether several sessions have no covariate of the name yet."""
    tables = [survey.covariates, *(session.traps.covariates for session in survey.sessions)]
    return len(survey.sessions) > 1 and not any(YEAR in table for table in tables)


def detection_table(
    survey: Survey, classes: Classes, names: Collection[str] = ()
) -> DetectionTable:
    """Covariates of detection for every session, class and trap.

    Where all flanks are used a trap is a station with a type of detection (``by_type``).

    Parameters
    ----------
    survey
        The data.
    classes
        The classes.
    names
        Variables of the formulas, among them perhaps some of occasions, and responses.

    Raises
    ------
    FormulaError
        If one name is used by two kinds of covariates.
    """
    survey = by_type(survey)
    sessions = session_table(survey)
    responses = responses_in(names)
    by_occasion = any(varies_by_occasion(session, names) for session in survey.sessions)
    most = max(session.usage.effort.shape[1] for session in survey.sessions)
    frames: list[pd.DataFrame] = []
    of_session: list[NDArray[np.int64]] = []
    start = 0
    for index, session in enumerate(survey.sessions):
        _check_taken(session, sessions, names)
        of_place, number = _places(session, by_occasion=by_occasion)
        extra = {name: sessions[name].iloc[index] for name in sessions.columns}
        n_states = 2 ** len(responses)
        rows = np.empty((len(classes), *number.shape, n_states), dtype=np.int64)
        for u in range(len(classes)):
            of_class = classes.columns(u)
            for state in range(n_states):
                bits = {name: float(state >> j & 1) for j, name in enumerate(responses)}
                frames.append(of_place.assign(**extra, **bits, **of_class))
                rows[u, :, :, state] = np.where(number < 0, -1, start + number)
                start += len(of_place)
        of_session.append(rows)
    table = pd.concat(frames, ignore_index=True)
    if OCCASION in table and by_occasion:
        table[OCCASION] = pd.Categorical(
            table[OCCASION].astype(str), [*map(str, range(1, most + 1))]
        )
        table[OCCASION] = table[OCCASION].cat.remove_unused_categories()
    return DetectionTable(table, tuple(of_session))


def _places(session: Session, *, by_occasion: bool) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Covariates of traps, or of traps in the occasions in which they worked, and their rows."""
    traps = session.traps.covariates
    if not by_occasion:
        return traps, np.arange(len(session.traps))[:, None]
    effort = session.usage.effort
    trap, occasion = np.nonzero(effort > 0)
    number = np.full(effort.shape, -1, dtype=np.int64)
    number[trap, occasion] = np.arange(len(trap))
    table = traps.iloc[trap].reset_index(drop=True)
    times = session.occasions.iloc[occasion].reset_index(drop=True)
    varying = session.by_occasion.iloc[trap * effort.shape[1] + occasion].reset_index(drop=True)
    built_in = {OCCASION: occasion + 1, TREND: occasion.astype(np.float64)}
    return pd.concat([table, times, varying], axis=1).assign(**built_in), number


def _check_taken(session: Session, sessions: pd.DataFrame, names: Collection[str]) -> None:
    """Raise where one name is used by two kinds of covariates."""
    kinds = {
        "trap covariates": set(session.traps.covariates.columns),
        "session covariates": set(sessions.columns) | {"sex"},
        "covariates of occasions": set(session.occasions.columns),
        "covariates of traps and occasions": set(session.by_occasion.columns),
        "what formulas know": {OCCASION, TREND, *RESPONSES, *LATENT} & set(names),
    }
    listed = list(kinds.items())
    for i, (kind, mine) in enumerate(listed):
        for other, theirs in listed[i + 1 :]:
            taken = sorted(mine & theirs)
            if taken:
                msg = (
                    f"{kind.capitalize()} and {other} both have {', '.join(taken)} ('session', "
                    "'sex', and where formulas name them t, T, responses such as b, h2, h3 and "
                    "individual are taken). Rename one of the columns."
                )
                raise FormulaError(msg)


def density_table(
    mask: HabitatMask, rows: NDArray[np.int64], survey: Survey, session: int
) -> pd.DataFrame:
    """Covariates of density for some cells in one session.

    Parameters
    ----------
    mask
        The cells.
    rows
        Which of them, shape (n_cells,).
    survey
        For session covariates.
    session
        Index of the session.

    Returns
    -------
    DataFrame
        ``x`` and ``y`` in metres, mask covariates, ``session`` and session covariates.

    Raises
    ------
    FormulaError
        If one name is used by two kinds of covariates.
    """
    sessions = session_table(survey)
    if YEAR in mask.covariates and YEAR not in survey.covariates:
        sessions = sessions.drop(columns=YEAR, errors="ignore")
    table = mask.covariates.iloc[rows].reset_index(drop=True)
    taken = sorted(set(table.columns) & (set(sessions.columns) | {"x", "y"}))
    if taken:
        msg = (
            f"{mask.source} has covariates named {', '.join(taken)}, which are taken "
            "(x, y, session and session covariates). Rename them in the mask."
        )
        raise FormulaError(msg)
    places = sorted({"x", "y"} & set(sessions.columns))
    if places:
        msg = (
            f"session covariates are named {', '.join(places)}, which stand for the place of a "
            "cell. Rename them in the table of session covariates."
        )
        raise FormulaError(msg)
    extra = {name: sessions[name].iloc[session] for name in sessions.columns}
    return table.assign(x=mask.xy[rows, 0], y=mask.xy[rows, 1], **extra)
