"""Tables of covariates that formulas are evaluated on."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import FormulaError
from scr.habitat.mask import HabitatMask
from scr.survey.survey import Survey
from scr.survey.years import YEAR, years_of


@dataclass(frozen=True, eq=False)
class DetectionTable:
    """Covariates of detection, one row for each session, class and trap.

    Parameters
    ----------
    rows
        The covariates: ``sex`` where there are classes, ``session``, session and trap covariates.
    of_session
        Row numbers of each session, shape (n_classes, n_traps).
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


def class_of_individuals(covariates: pd.DataFrame, classes: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which classes each individual may belong to.

    Parameters
    ----------
    covariates
        Individual covariates, one row per individual.
    classes
        Labels of the classes.

    Returns
    -------
    NDArray
        Shape (n_individuals, n_classes); all True where the class is missing.
    """
    n = len(covariates)
    if len(classes) == 1 or "sex" not in covariates.columns:
        return np.ones((n, len(classes)), dtype=np.bool_)
    labels = covariates["sex"]
    known = labels.notna().to_numpy()
    match = np.array([[str(label) == name for name in classes] for label in labels], dtype=np.bool_)
    return np.where(known[:, None], match.reshape(n, len(classes)), True)


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


def detection_table(survey: Survey, classes: tuple[str, ...]) -> DetectionTable:
    """Covariates of detection for every session, class and trap.

    Parameters
    ----------
    survey
        The data.
    classes
        Labels of the classes; one empty label where there are none.

    Raises
    ------
    FormulaError
        If one name is used by two kinds of covariates.
    """
    sessions = session_table(survey)
    frames: list[pd.DataFrame] = []
    of_session: list[NDArray[np.int64]] = []
    start = 0
    for index, session in enumerate(survey.sessions):
        traps = session.traps.covariates
        taken = sorted(
            (set(traps.columns) & set(sessions.columns)) | (set(traps.columns) & {"sex"})
        )
        if taken:
            msg = (
                f"Trap covariates and session covariates both have {', '.join(taken)} "
                "('session' and 'sex' are taken). Rename one of the columns."
            )
            raise FormulaError(msg)
        n_traps = len(session.traps)
        for label in classes:
            frame = traps.assign(**{name: sessions[name].iloc[index] for name in sessions.columns})
            frames.append(frame.assign(sex=label) if label else frame)
        numbers = np.arange(start, start + n_traps * len(classes), dtype=np.int64)
        of_session.append(numbers.reshape(len(classes), n_traps))
        start += n_traps * len(classes)
    return DetectionTable(pd.concat(frames, ignore_index=True), tuple(of_session))


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
