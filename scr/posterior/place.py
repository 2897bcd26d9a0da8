"""Which sessions and cells an estimate is for, and the density columns of cells."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.errors import FitError, MaskError
from scr.fit.result import Fit
from scr.habitat.mask import HabitatMask
from scr.model.spec import ModelSpec
from scr.model.tables import density_table, session_table
from scr.posterior.footprint import take_cells
from scr.posterior.region_check import sessions_apart
from scr.survey.survey import Survey


@dataclass(frozen=True, eq=False)
class Place:
    """Cells of one session, or of several that lie apart.

    Parameters
    ----------
    session
        Label of the session, or None where there is one alone or the place holds for all.
    sessions
        Index of each session.
    rows
        Rows of the fit's mask, those of one session after the other.
    mask
        These cells.
    """

    session: str | None
    sessions: tuple[int, ...]
    rows: NDArray[np.int64]
    mask: HabitatMask


def place_of(fit: Fit, session: str | None = None, *, realised: bool = False) -> Place:
    """The cells that an estimate is for.

    Parameters
    ----------
    fit
        A fitted model.
    session
        Label of one session. Left out: the only session; or all, where their masks lie apart, or
        where they share one mask and expected density is the same in each.
    realised
        Whether the estimate depends on the animals caught, and so on the session.

    Raises
    ------
    FitError
        If there is no such session, or sessions share ground and none was chosen.
    """
    require_density(fit)
    names = session_names(fit)
    if session is not None:
        if session not in names:
            msg = (
                f"The fit has no session {session!r}; it has {', '.join(map(repr, names))}. "
                "Give session= one of these."
            )
            raise FitError(msg)
        return _place(fit, (names.index(session),), session)
    if len(names) == 1:
        return _place(fit, (0,), None)
    if sessions_lie_apart(fit):
        return _place(fit, tuple(range(len(names))), None)
    if fit.mask.session is None and not realised and not density_varies_by_session(fit):
        return _place(fit, (0,), None)
    msg = (
        f"Sessions {', '.join(map(repr, names))} lie on the same ground, and the estimate differs "
        "between them. Choose one with session=."
    )
    raise FitError(msg)


def session_names(fit: Fit) -> list[str]:
    """Labels of the sessions, in order.

    Parameters
    ----------
    fit
        A fitted model.
    """
    return [session.name for session in fit.survey.sessions]


def places_to_report(fit: Fit) -> tuple[str | None, ...]:
    """What to give as ``session=`` so that all is reported, each animal once a session.

    Parameters
    ----------
    fit
        A fitted model.

    Returns
    -------
    tuple
        ``(None,)`` where one estimate holds for all sessions, else every label.
    """
    require_density(fit)
    names = session_names(fit)
    if len(names) == 1 or sessions_lie_apart(fit):
        return (None,)
    return tuple(names)


def require_density(fit: Fit) -> None:
    """Raise where the model has no density: its likelihood is conditional on the number detected.

    Parameters
    ----------
    fit
        A fitted model.

    Raises
    ------
    FitError
        Naming what there is instead.
    """
    if fit.spec.number == "conditional":
        msg = (
            "The fit has number='conditional': it estimates detection, and no density that could "
            "be mapped or summed over a region. scr.fit.derived.derived_density gives the density "
            "of each session; number='poisson' estimates both, and detection alike."
        )
        raise FitError(msg)


def sessions_lie_apart(fit: Fit) -> bool:
    """Whether each session has ground of its own, so that their animals add up.

    Parameters
    ----------
    fit
        A fitted model.
    """
    return on_ground_of_their_own(fit.survey, fit.mask)


def on_ground_of_their_own(survey: Survey, mask: HabitatMask) -> bool:
    """The same of a survey and a mask that are not fitted yet.

    Parameters
    ----------
    survey, mask
        The data.
    """
    if mask.session is None or len(survey.sessions) == 1:
        return False
    return sessions_apart(mask)


def density_varies_by_session(fit: Fit) -> bool:
    """Whether the formula of density uses the session or a session covariate.

    Parameters
    ----------
    fit
        A fitted model.
    """
    return may_vary_by_session(fit.survey, fit.mask, fit.spec)


def may_vary_by_session(survey: Survey, mask: HabitatMask, spec: ModelSpec) -> bool:
    """The same of a model that is not fitted yet.

    Parameters
    ----------
    survey, mask, spec
        Data and model.
    """
    of_sessions = set(session_table(survey).columns) - set(mask.covariates.columns)
    return bool(spec.variables("density") & of_sessions)


def density_uses_mask(fit: Fit) -> frozenset[str]:
    """Covariates of the mask that the formula of density uses.

    Parameters
    ----------
    fit
        A fitted model.
    """
    return fit.spec.variables("density") & frozenset(map(str, fit.mask.covariates.columns))


def density_columns(fit: Fit, place: Place) -> NDArray[np.float64]:
    """Columns of log density for the cells of a place, shape (n_cells, n_terms).

    Parameters
    ----------
    fit
        A fitted model.
    place
        Its cells.
    """
    design = fit.problem.design
    offsets = design.cell_offsets
    parts = [design.density_columns[offsets[s] : offsets[s + 1]] for s in place.sessions]
    return np.concatenate(parts)


def density_columns_on(fit: Fit, mask: HabitatMask, place: Place) -> NDArray[np.float64]:
    """Columns of log density for other cells, shape (n_cells, n_terms).

    Parameters
    ----------
    fit
        A fitted model.
    mask
        Cells with the covariates of the model.
    place
        Whose session covariates hold.

    Raises
    ------
    FormulaError
        If the mask lacks a covariate.
    FitError
        If density differs between sessions and the place is of several.
    """
    if len(place.sessions) > 1 and density_varies_by_session(fit):
        msg = (
            "Density differs between sessions, so that density on other cells needs one of them. "
            f"Choose with session=: {', '.join(map(repr, session_names(fit)))}."
        )
        raise FitError(msg)
    table = density_table(mask, np.arange(len(mask)), fit.survey, place.sessions[0])
    return fit.problem.design.density.on(table)


def check_same_ground(fit: Fit, mask: HabitatMask) -> None:
    """Check that cells given for prediction use the coordinate system of the fit.

    Parameters
    ----------
    fit
        A fitted model.
    mask
        Other cells.

    Raises
    ------
    MaskError
        If they do not.
    """
    if mask.crs != fit.mask.crs:
        msg = (
            f"{mask.source} uses {mask.crs} and the fit uses {fit.mask.crs}. "
            "Make the cells in the coordinate system of the fit."
        )
        raise MaskError(msg)


def _place(fit: Fit, sessions: tuple[int, ...], label: str | None) -> Place:
    rows = np.concatenate([fit.problem.design.cells[s] for s in sessions])
    return Place(label, sessions, rows, take_cells(fit.mask, rows))
