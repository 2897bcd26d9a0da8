"""Where density changed: the difference of two sessions, cell by cell."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from scr.errors import FitError, MaskError
from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.posterior.footprint import take_cells
from scr.posterior.place import Place, density_columns, density_varies_by_session, place_of
from scr.posterior.support import support_of
from scr.posterior.surface import QUANTILES, Surface, summarise_draws
from scr.posterior.thinning import density_block, method_of, of_density
from scr.units import KM2_PER_REPORTED_AREA, REPORTED_DENSITY

CHANGE = "change of expected density"
"""Start of the estimand of a surface of change."""

_COLUMNS = ("mean", "median", "sd", "q2.5", "q25", "q75", "q97.5")
_CELLS_AT_ONCE = 8192


def change_surface(fit: Fit, *, first: str, last: str, max_draws: int = 1000) -> Surface:
    r"""Change of expected density :math:`D_{m,2} - D_{m,1}` between two sessions in each cell.

    Parameters
    ----------
    fit
        A model whose density differs between sessions.
    first, last
        Labels of the two sessions.
    max_draws
        Draws used, evenly spaced among those of the fit.

    Returns
    -------
    Surface
        Animals per 100 km2, below 0 where they have become fewer, on the cells that both sessions
        have; without a coefficient of variation. ``p_decline`` is the probability of a decline.
        After maximum likelihood the plug-in value with the delta method.

    Raises
    ------
    FitError
        If density is the same in all sessions, or there is no such session.
    MaskError
        If the two have no cell in common.
    """
    if not density_varies_by_session(fit):
        msg = (
            f"Density is the same in all sessions of this model (density = {fit.spec.density!r}). "
            "Fit density = '~ year' or '~ session' for a map of its change."
        )
        raise FitError(msg)
    before, after = place_of(fit, first), place_of(fit, last)
    rows = _in_both(before, after)
    columns = [density_columns(fit, p)[r] for p, r in zip((before, after), rows, strict=True)]
    draws = thinned(fit.draws, max_draws)
    summary = (
        _plug_in(fit, *columns)
        if fit.point is not None and fit.vcov_root is not None
        else _of_draws(of_density(fit, draws), *columns)
    )
    rate = summary["p_decline"]
    return Surface(
        mask=take_cells(after.mask, rows[1]),
        summary=(KM2_PER_REPORTED_AREA * summary).assign(p_decline=rate),
        estimand=f"{CHANGE}, {first} to {last}",
        unit=REPORTED_DENSITY,
        session=None,
        method=method_of(fit),
        n_draws=len(draws),
        support=support_of(fit, after).iloc[rows[1]].reset_index(drop=True),
    )


def _in_both(one: Place, two: Place) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of the cells that two places have in common, in each of them."""
    keys = [pd.MultiIndex.from_arrays(list(np.round(place.mask.xy, 3).T)) for place in (one, two)]
    found = np.asarray(keys[0].get_indexer(keys[1]))
    if (found < 0).all():
        msg = (
            f"Sessions {one.session!r} and {two.session!r} have no cell in common. Lay their masks "
            "on one lattice: build them with the same spacing."
        )
        raise MaskError(msg)
    return found[found >= 0], np.flatnonzero(found >= 0)


def _of_draws(
    beta: NDArray[np.float64], before: NDArray[np.float64], after: NDArray[np.float64]
) -> pd.DataFrame:
    """Summary per km2 of draws of the coefficients, shape (n_draws, n_terms)."""
    parts = []
    for start in range(0, len(before), _CELLS_AT_ONCE):
        part = slice(start, start + _CELLS_AT_ONCE)
        change = np.exp(beta @ after[part].T) - np.exp(beta @ before[part].T)
        told = summarise_draws(change)[list(_COLUMNS)]
        parts.append(told.assign(p_decline=(change < 0).mean(axis=0)))
    return pd.concat(parts, ignore_index=True)


def _plug_in(fit: Fit, before: NDArray[np.float64], after: NDArray[np.float64]) -> pd.DataFrame:
    """The same at the maximum likelihood estimate."""
    block = density_block(fit)
    point, root = np.asarray(fit.point)[block], np.asarray(fit.vcov_root)[block]
    one, two = (np.exp(columns @ point) for columns in (before, after))
    sd = np.linalg.norm((two[:, None] * after - one[:, None] * before) @ root, axis=1)
    middle = two - one
    limits = {f"q{100 * q:g}": middle + norm.ppf(q) * sd for q in QUANTILES}
    table = pd.DataFrame({"mean": middle, "median": middle, "sd": sd, **limits})
    log_sd = np.linalg.norm((after - before) @ root, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        fell = norm.cdf(-((after - before) @ point) / log_sd)
    return table[list(_COLUMNS)].assign(p_decline=np.where(log_sd > 0, fell, middle < 0))
