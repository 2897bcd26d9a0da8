"""Formulas over the cells of a mask: density, and resistance with the paths that follow from it."""

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import FormulaError
from scr.habitat.least_cost import PathGrid, path_grid
from scr.habitat.mask import HabitatMask
from scr.model.formula import Terms, make_terms
from scr.model.independence import constant_direction
from scr.model.latent import by_group
from scr.model.tables import density_table, session_table
from scr.survey.survey import Session, Survey

if TYPE_CHECKING:
    from scr.model.spec import ModelSpec

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

_INTERCEPT = "Intercept"


def density_terms(
    spec: "ModelSpec",
    survey: Survey,
    mask: HabitatMask,
    cells: tuple[NDArray[np.int64], ...],
    *,
    like: Terms | None = None,
) -> tuple[Terms, Floats]:
    """Terms of log density, and their columns for the cells of all sessions.

    Parameters
    ----------
    spec
        The model.
    survey, mask
        The data.
    cells
        Rows of the mask that each session uses.
    like
        Terms of the model on another mask, whose smooths and constants are kept.
    """
    tables = _tables(survey, mask, cells)
    of_cells = {*mask.covariates.columns, "x", "y"}
    shared = mask.session is None and spec.variables("density") <= of_cells
    rows = tables[0] if shared else pd.concat(tables, ignore_index=True)
    terms = like or make_terms(spec.density, "density", rows, functions=spec.transforms)
    columns = np.concatenate([terms.on(table) for table in tables])
    return terms, columns if "density" in spec.formulas else columns[:, :0]


def resistance_terms(
    spec: "ModelSpec", survey: Survey, mask: HabitatMask, cells: tuple[Ints, ...]
) -> tuple[Terms | None, Floats]:
    """Terms of log resistance without their intercept, and columns for the cells of all sessions.

    Parameters
    ----------
    spec
        The model.
    survey, mask
        The data.
    cells
        Rows of the mask that each session uses.

    Returns
    -------
    tuple
        None and no columns where distance has no formula.

    Raises
    ------
    FormulaError
        If the formula has no covariate, a constant in its span beside the intercept, or pools
        sessions; or the survey has searched areas, or fixes.
    """
    if spec.distance is None:
        return None, np.zeros((sum(map(len, cells)), 0))
    rows = pd.concat(_tables(survey, mask, cells), ignore_index=True)
    terms = make_terms(spec.distance, "distance", rows, functions=spec.transforms)
    out = tuple(j for j, name in enumerate(terms.names) if name == _INTERCEPT)
    terms = replace(
        terms,
        names=tuple(name for name in terms.names if name != _INTERCEPT),
        columns=np.delete(terms.columns, out, axis=1),
        left_out=out,
    )
    _check(terms, survey)
    return terms, terms.columns


def share_terms(
    spec: "ModelSpec", survey: Survey, mask: HabitatMask, cells: tuple[Ints, ...]
) -> tuple[Terms | None, Terms | None]:
    """Terms of the logit share of the second sex, by session or by cell of all sessions.

    Parameters
    ----------
    spec
        The model.
    survey, mask
        The data.
    cells
        Rows of the mask that each session uses.

    Returns
    -------
    tuple
        The terms; and the same again if the share varies between cells, else None. None and None
        where sex is no class.

    Raises
    ------
    FormulaError
        If it varies between cells, and the likelihood is conditional, the survey is of both flanks,
        or sessions are pooled.
    """
    if "share" not in spec.formulas:
        return None, None
    sessions = session_table(survey)
    if spec.variables("share") <= set(sessions.columns):
        return make_terms(spec.share, "share", sessions, functions=spec.transforms), None
    rows = pd.concat(_tables(survey, mask, cells), ignore_index=True)
    terms = make_terms(spec.share, "share", rows, functions=spec.transforms)
    said = f"The formula of share, {spec.share!r}, lets sexes differ between cells, "
    if spec.number == "conditional":
        msg = (
            f"{said}and number='conditional' has no density over cells. Use number='poisson', or "
            "session covariates in the formula of share."
        )
        raise FormulaError(msg)
    if any(session.sides is not None for session in survey.sessions):
        msg = (
            f"{said}which is not there yet for surveys of both flanks. Use session covariates in "
            "the formula of share, or the animals of one flank (flank=)."
        )
        raise FormulaError(msg)
    if terms.sessions:
        msg = f"{said}and pools sessions, (1 | session). The two do not go together yet: drop one."
        raise FormulaError(msg)
    return terms, terms


def _tables(survey: Survey, mask: HabitatMask, cells: tuple[Ints, ...]) -> list[pd.DataFrame]:
    """Covariates of the cells of each session."""
    return [density_table(mask, rows, survey, index) for index, rows in enumerate(cells)]


def group_terms(spec: "ModelSpec", survey: Survey) -> tuple[tuple[str, ...], Floats]:
    """Names and columns of the log ratios of latent groups, as of ``by_group``.

    Parameters
    ----------
    spec
        A model with latent groups.
    survey
        The data.
    """
    terms = make_terms(spec.pmix, "pmix", session_table(survey), functions=spec.transforms)
    return by_group(terms, spec.n_groups)


def _check(terms: Terms, survey: Survey) -> None:
    said = f"The formula of distance, {terms.formula!r}, "
    if not terms.names:
        msg = (
            f"{said}has no covariate: resistance is 1 everywhere. Name one, as in ~ slope, or "
            "leave distance out for straight distances."
        )
        raise FormulaError(msg)
    if terms.sessions:
        msg = f"{said}pools sessions, (1 | session), which resistance cannot do. Leave that out."
        raise FormulaError(msg)
    level = constant_direction(terms.columns, np.zeros(len(terms.names), dtype=np.bool_))
    if level is not None:
        msg = (
            f"{said}makes resistance larger everywhere at once, which cannot be told from a larger "
            "sigma. Leave out '0 +', so that one level of the factor is the ground of resistance 1."
        )
        raise FormulaError(msg)
    searched = any(session.traps.parts is not None for session in survey.sessions)
    if searched or any(session.fixes is not None for session in survey.sessions):
        msg = (
            f"{said}bends paths, and the survey has searched areas or lines, or fixes of "
            "transmitters, for which this is not known yet. Leave out the formula of distance, or "
            "the fixes."
        )
        raise FormulaError(msg)


def grids_of(
    mask: HabitatMask, sessions: tuple[Session, ...], cells: tuple[Ints, ...]
) -> tuple[PathGrid, ...]:
    """Steps between the cells and traps of each session.

    Parameters
    ----------
    mask
        The mask; its barrier is not crossed.
    sessions
        Sessions with the traps of the likelihood.
    cells
        Rows of the mask that each uses.
    """
    return tuple(
        _found_before(mask, session.traps.xy.tobytes(), rows.tobytes())
        for session, rows in zip(sessions, cells, strict=True)
    )


@lru_cache(maxsize=16)
def _found_before(mask: HabitatMask, trap_xy: bytes, rows: bytes) -> PathGrid:
    """Steps of the same traps and cells of one mask, looked for once."""
    traps = np.frombuffer(trap_xy, dtype=np.float64).reshape(-1, 2)
    cell_xy = mask.xy[np.frombuffer(rows, dtype=np.int64)]
    return path_grid(cell_xy, traps, mask.spacing, mask.barrier)
