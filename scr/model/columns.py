"""Covariates that a model names, held against what a covariate has to be."""

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scr.errors import FormulaError
from scr.habitat.mask import HabitatMask
from scr.io.columns import column_fault, with_true_values
from scr.survey.survey import Survey

if TYPE_CHECKING:
    from scr.model.spec import ModelSpec

_FEW_LEVELS, _MOST_LEVELS = 5, 100
_LARGEST_SHARE = 0.5
_LISTED = 3


def check_covariates(survey: Survey, mask: HabitatMask, spec: "ModelSpec") -> None:
    """Raise where a model names a column that cannot be a covariate.

    Parameters
    ----------
    survey, mask
        The data.
    spec
        The model.

    Raises
    ------
    MaskError, SurveyError
        If a column of the mask or of the stations misses values, mixes numbers and text, or holds
        codes for no data.
    FormulaError
        If a column of text has nearly as many values as rows, or a session covariate has such
        faults.
    """
    of_density = spec.variables_of_cells
    mask.require_covariates(of_density)
    _check_levels(mask.covariates, of_density, f"cells of {mask.source}")
    of_detection = spec.detection_variables
    for session in survey.sessions:
        traps = session.traps
        traps.require_covariates(of_detection)
        _check_levels(traps.covariates, of_detection, f"stations of {traps.source}")
        session.require_covariates(of_detection)
        _check_levels(session.occasions, of_detection, f"occasions of session {session.name!r}")
        _check_levels(session.by_occasion, of_detection, "rows of stations and occasions")
    _check_sessions(survey, of_detection | of_density)


def _check_levels(table: pd.DataFrame, names: Collection[str], rows: str) -> None:
    """Raise for text of nearly as many values as rows: it has an effect for each of them."""
    for name in sorted(set(names) & set(map(str, table.columns))):
        column = table[name]
        if pd.api.types.is_numeric_dtype(column):
            continue
        n_levels = column.nunique()
        many = n_levels > min(_MOST_LEVELS, _LARGEST_SHARE * len(column))
        if not many or n_levels <= _FEW_LEVELS:
            continue
        first = ", ".join(map(repr, list(dict.fromkeys(column.dropna()))[:_LISTED]))
        msg = (
            f"{name} is text with {n_levels} different values in the {len(column)} {rows}, such as "
            f"{first}, and each would have a coefficient of its own. Leave it out of the formula, "
            "put its values into a few classes, or write it as numbers if it is one."
        )
        raise FormulaError(msg, kind="text of too many values")


def _check_sessions(survey: Survey, names: Collection[str]) -> None:
    labels = [session.name for session in survey.sessions]
    for name in sorted(set(names) & set(map(str, survey.covariates.columns))):
        fault = column_fault(
            survey.covariates[name],
            name=name,
            source="session covariates",
            where=lambda rows: "session " + ", ".join(repr(labels[row]) for row in rows),
        )
        if fault:
            # A session has few fellows to be held against, so a code cannot be called true here.
            msg = with_true_values(fault, " Write the true value for each session.")
            raise FormulaError(msg, kind="covariate not usable")


def unused_columns(survey: Survey, mask: HabitatMask, spec: "ModelSpec") -> tuple[str, ...]:
    """What looks wrong in columns that no formula uses, as notes.

    Parameters
    ----------
    survey, mask
        The data.
    spec
        The model.

    Returns
    -------
    tuple
        Of columns of stations and occasions that could not be covariates, and of columns of 0 and 1
        of a mask's table, which may mark where no animal lives.
    """
    used = spec.detection_variables
    stations = {
        name: told
        for session in survey.sessions
        for name, told in {**session.traps.unusable, **session.unusable}.items()
        if name not in used
    }
    return (*stations.values(), *_marks_not_used(mask, spec))


def _marks_not_used(mask: HabitatMask, spec: "ModelSpec") -> list[str]:
    if mask.extent is not None:
        return []
    notes = []
    for name in mask.covariates.columns:
        column = mask.covariates[name]
        used = spec.variables_of_cells
        if name in used or not pd.api.types.is_numeric_dtype(column):
            continue
        values = column.to_numpy(dtype=np.float64)
        if set(np.unique(values)) == {0.0, 1.0}:
            notes.append(
                f"{mask.source}: {name} is 0 in {int((values == 0).sum())} of {len(mask)} cells, "
                "and no formula uses it, so all cells count as habitat. If 0 means that no animal "
                "lives there, call the column habitat, or delete these rows."
            )
    return notes
