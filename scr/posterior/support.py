"""How well a survey supports an estimate: where it could detect, where covariates are new to it."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scr.fit.result import Fit
from scr.habitat.cells import cell_side
from scr.habitat.mask import HabitatMask
from scr.likelihood import reference
from scr.likelihood.centres import detectability
from scr.model.arrays import ModelArrays
from scr.model.novelty import novelty
from scr.model.sampled_ground import sampled_ground
from scr.model.tables import density_table
from scr.model.travel import UNREACHABLE, away_from_traps, bent_distance
from scr.posterior.place import Place
from scr.posterior.sexes import log_shares_on


def support_of(fit: Fit, place: Place, mask: HabitatMask | None = None) -> pd.DataFrame:
    r"""Detectability of each cell, and whether its covariates lie outside those seen near traps.

    A cell is extrapolated where a covariate that density depends on is below the lowest or above
    the highest value of the cells within reach of the stations, or is a label that none of them
    has, or where the combination of covariates was not sampled, as ``extrapolation`` counts them.

    Parameters
    ----------
    fit
        A fitted model.
    place
        Sessions and cells.
    mask
        Other cells; those of the place if left out.

    Returns
    -------
    DataFrame
        One row per cell: ``p_dot``, at the median of the draws (the estimate for maximum
        likelihood), averaged over classes by their share; where several sessions share the ground,
        of the one that detected best. ``extrapolated``, 1 or 0. It shows where the stations stood.
    """
    cells = place.mask if mask is None else mask
    return pd.DataFrame(
        {
            "p_dot": _p_dot(fit, place, mask),
            "extrapolated": _extrapolated(fit, cells, place.sessions[0]).astype(np.float64),
        }
    )


def _extrapolated(fit: Fit, cells: HabitatMask, session: int) -> NDArray[np.bool_]:
    ground = sampled_ground(fit.problem.design)
    if not ground.names:
        return np.zeros(len(cells), dtype=np.bool_)
    table = density_table(cells, np.arange(len(cells)), fit.survey, session)
    return novelty(ground.near, table[list(ground.names)]).jointly


def _p_dot(fit: Fit, place: Place, mask: HabitatMask | None) -> NDArray[np.float64]:
    theta = fit.point if fit.point is not None else np.median(fit.draws, axis=0)
    arrays = fit.problem.design.arrays(theta)
    if mask is None:
        by_class = detectability(fit.problem, theta)
        of = place.sessions if len(place.sessions) > 1 else _sessions_of(fit, place)
        parts = [(arrays.shares_in_cells(s) * by_class[s]).sum(axis=0) for s in of]
        if len(place.sessions) > 1:
            return np.concatenate(parts)
        return np.asarray(np.max(parts, axis=0))
    best = np.zeros(len(mask))
    for s in _sessions_of(fit, place):
        data = replace(
            fit.problem.sessions[s],
            cell_xy=mask.xy,
            cell_area=mask.cell_area,
            distance=_distance(fit, arrays, s, mask),
            grid=None,
            spacing=None,
        )
        share = np.exp(log_shares_on(fit, theta, mask, s))
        seen = reference.p_dot(data, arrays, fit.spec.family)
        best = np.maximum(best, (share * seen).sum(axis=0))
    return best


def _distance(
    fit: Fit, arrays: ModelArrays, session: int, mask: HabitatMask
) -> NDArray[np.float64] | None:
    """Distance of other cells from the traps; by the cell of the fit where ground resists."""
    design = fit.problem.design
    if not arrays.resistance:
        return bent_distance(fit.mask, fit.problem.sessions[session].point_xy, mask.xy)
    cells = design.cells[session]
    away, nearest = cKDTree(fit.mask.xy[cells]).query(mask.xy, p=np.inf)
    found = away_from_traps(design, arrays, session, nearest).T
    inside = away <= cell_side(fit.mask)[cells][nearest] / 2 * (1 + 1e-9)
    return np.where(inside, np.minimum(found, UNREACHABLE), UNREACHABLE)  # no path beyond the mask


def _sessions_of(fit: Fit, place: Place) -> tuple[int, ...]:
    """Sessions of a place; all of them where one stands for all on the same ground."""
    if place.session is None and len(place.sessions) == 1:
        return tuple(range(len(fit.survey.sessions)))
    return place.sessions
