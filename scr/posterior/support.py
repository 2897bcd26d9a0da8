"""How well a survey supports an estimate: where it could detect, where covariates are new to it."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scr.fit.result import Fit
from scr.habitat.mask import HabitatMask
from scr.likelihood import reference
from scr.likelihood.centres import detectability
from scr.posterior.detectability import largest_sigma
from scr.posterior.place import Place, density_uses_mask

HOME_RANGE_IN_SIGMA = float(np.sqrt(-2 * np.log(0.05)))
"""Radius of the circle that holds 95 % of a bivariate normal home range, in sigma: 2.45."""


def support_of(fit: Fit, place: Place, mask: HabitatMask | None = None) -> pd.DataFrame:
    r"""Detectability of each cell, and whether its covariates lie outside those seen near traps.

    Cells near traps are those of the place's mask within 2.45 sigma of a trap that worked, the
    largest sigma of the fit: a home range (95 % of a bivariate normal) centred there holds a trap.
    A cell is extrapolated where a covariate that density depends on is below the lowest or above
    the highest value of the cells near traps, or is a label that none of them has. Each covariate
    is looked at alone; combinations that were not seen are not flagged.

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
            "extrapolated": _extrapolated(fit, place, cells).astype(np.float64),
        }
    )


def cells_near_traps(fit: Fit, place: Place) -> NDArray[np.bool_]:
    """Cells of a place within 2.45 sigma of a trap that worked.

    Parameters
    ----------
    fit
        A fitted model.
    place
        Sessions and cells.
    """
    sessions = [fit.survey.sessions[s] for s in _sessions_of(fit, place)]
    xy = [item.traps.xy[item.usage.effort.sum(axis=1) > 0] for item in sessions]
    distance, _ = cKDTree(np.concatenate(xy)).query(place.mask.xy)
    return np.asarray(distance <= HOME_RANGE_IN_SIGMA * largest_sigma(fit))


def _extrapolated(fit: Fit, place: Place, cells: HabitatMask) -> NDArray[np.bool_]:
    near = cells_near_traps(fit, place)
    outside = np.zeros(len(cells), dtype=np.bool_)
    for name in sorted(density_uses_mask(fit)):
        seen, found = place.mask.covariates[name][near], cells.covariates[name]
        if pd.api.types.is_numeric_dtype(seen):
            outside |= ~found.between(seen.min(), seen.max()).to_numpy(dtype=np.bool_)
        else:
            outside |= ~found.isin(seen.unique()).to_numpy(dtype=np.bool_)
    return outside


def _p_dot(fit: Fit, place: Place, mask: HabitatMask | None) -> NDArray[np.float64]:
    theta = fit.point if fit.point is not None else np.median(fit.draws, axis=0)
    arrays = fit.problem.design.arrays(theta)
    share = np.exp(arrays.log_share)
    if mask is None:
        by_class = detectability(fit.problem, theta)
        parts = [share[s] @ by_class[s] for s in place.sessions]
        if len(place.sessions) > 1:
            return np.concatenate(parts)
        others = [share[s] @ by_class[s] for s in _sessions_of(fit, place)]
        return np.asarray(np.max(others, axis=0))
    best = np.zeros(len(mask))
    for s in _sessions_of(fit, place):
        data = replace(
            fit.problem.sessions[s],
            cell_xy=mask.xy,
            cell_area=mask.cell_area,
            grid=None,
            spacing=None,
        )
        best = np.maximum(best, share[s] @ reference.p_dot(data, arrays, fit.spec.family))
    return best


def _sessions_of(fit: Fit, place: Place) -> tuple[int, ...]:
    """Sessions of a place; all of them where one stands for all on the same ground."""
    if place.session is None and len(place.sessions) == 1:
        return tuple(range(len(fit.survey.sessions)))
    return place.sessions
