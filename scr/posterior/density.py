"""Density surfaces: expected density, and the density that was realised in the survey."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import FitError
from scr.fit.comparison import Comparison, draws_of_each, members_of
from scr.fit.plug_in import plug_in_of
from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.habitat.mask import HabitatMask
from scr.posterior.averaging import averaged_estimate, summarise_averaged, summarise_mixture
from scr.posterior.footprint import take_cells
from scr.posterior.place import (
    Place,
    check_same_ground,
    density_columns,
    density_columns_on,
    place_of,
)
from scr.posterior.prediction import predicted_cells
from scr.posterior.realised import RealisedDraws, moments_over_draws, realised_draws
from scr.posterior.scale import on_scale_of_fit
from scr.posterior.support import support_of
from scr.posterior.surface import (
    ABOVE,
    Surface,
    above_column,
    log_normal_above,
    share_above,
    summarise_draws,
    summarise_log_normal,
)
from scr.posterior.thinning import density_block, method_of, of_density
from scr.units import KM2_PER_REPORTED_AREA, REPORTED_DENSITY

_CELLS_AT_ONCE = 8192


def density_surface(
    fit: Fit | Comparison,
    *,
    mask: HabitatMask | None = None,
    session: str | None = None,
    max_draws: int = 1000,
    threshold: float | None = None,
) -> Surface:
    r"""Expected density :math:`D_m = e^{X_m\beta}` in each cell.

    Expected density is what the model says of habitat like this; it does not show the animals
    that were there, which ``realised_density`` gives.

    Parameters
    ----------
    fit
        A fitted model; or models compared by ``compare``, which are averaged by their weights.
    mask
        Other cells with the covariates of the model (extrapolation); those of the fit if left out.
    session
        Session, needed where density differs between sessions on the same ground.
    max_draws
        Draws used, evenly spaced among those of the fit; of several models together.
    threshold
        Animals per 100 km2: the probability that expected density is above it is a further column,
        ``p_above_<threshold>``.

    Returns
    -------
    Surface
        Animals per 100 km2, with its ``support``. For a maximum likelihood fit the plug-in value,
        its delta standard deviation and log-normal quantiles. Of several models the mixture of
        their posteriors, whose means add up to those of ``abundance``; for maximum likelihood the
        weighted mean with its unconditional standard deviation.

    Raises
    ------
    FitError
        If a session has to be chosen.
    FormulaError
        If ``mask`` lacks a covariate.
    """
    members = members_of(fit)
    weights, fits = [weight for weight, _ in members], [one for _, one in members]
    places = [place_of(one, session) for one in fits]
    laid = [_cells_and_columns(*pair, mask) for pair in zip(fits, places, strict=True)]
    cells, columns = laid[0][0], [of_one for _, of_one in laid]
    supports = [
        support_of(one, place, None if mask is None else on)
        for one, place, (on, _) in zip(fits, places, laid, strict=True)
    ]
    n_draws = draws_of_each(members, max_draws)
    if len(fits) == 1:
        draws = thinned(fits[0].draws, max_draws)
        summary = _summarise_density(fits[0], columns[0], draws, threshold)
    else:
        summary = _summarise_average(members, columns, n_draws, threshold)
    averaged = f", averaged over {len(fits)} models" if len(fits) > 1 else ""
    return Surface(
        mask=cells,
        summary=_per_100_km2(summary),
        estimand=f"expected density{averaged}",
        unit=REPORTED_DENSITY,
        session=places[0].session,
        method=method_of(fits[0]),
        n_draws=sum(min(len(one.draws), n) for one, n in zip(fits, n_draws, strict=True)),
        support=_averaged_support(weights, supports),
    )


def _cells_and_columns(
    fit: Fit, place: Place, mask: HabitatMask | None
) -> tuple[HabitatMask, NDArray[np.float64]]:
    if mask is None:
        return place.mask, density_columns(fit, place)
    check_same_ground(fit, mask)
    cells = on_scale_of_fit(fit, take_cells(mask, np.arange(len(mask))))
    return cells, density_columns_on(fit, cells, place)


def _averaged_support(weights: Sequence[float], supports: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Mean p_dot; a cell is extrapolated where it is so in any of the models."""
    p_dot = sum(w * table["p_dot"] for w, table in zip(weights, supports, strict=True))
    extrapolated = np.max([table["extrapolated"] for table in supports], axis=0)
    return pd.DataFrame({"p_dot": p_dot, "extrapolated": extrapolated})


def _summarise_average(
    members: Sequence[tuple[float, Fit]],
    columns: Sequence[NDArray[np.float64]],
    n_draws: Sequence[int],
    threshold: float | None,
) -> pd.DataFrame:
    """Summary per km2 over several models; the threshold is per 100 km2."""
    above = None if threshold is None else above_column(threshold)
    limit = 0.0 if threshold is None else threshold / KM2_PER_REPORTED_AREA
    weights = [weight for weight, _ in members]
    pairs = [(fit, of_one) for (_, fit), of_one in zip(members, columns, strict=True)]
    if members[0][1].point is not None:
        values, errors = zip(*(_plug_in(*pair) for pair in pairs), strict=True)
        summary = summarise_averaged(values, errors, weights)
        if above is not None:
            mean, error = averaged_estimate(values, errors, weights)
            summary = summary.assign(**{above: log_normal_above(mean, error / mean, limit)})
        return summary
    betas = [
        of_density(fit, thinned(fit.draws, n)) for (fit, _), n in zip(pairs, n_draws, strict=True)
    ]
    parts = []
    for start in range(0, len(columns[0]), _CELLS_AT_ONCE):
        cells = slice(start, start + _CELLS_AT_ONCE)
        drawn = [np.exp(beta @ on[cells].T) for beta, on in zip(betas, columns, strict=True)]
        part = summarise_mixture(drawn, weights)
        if above is not None:
            shares = [w * share_above(d, limit) for w, d in zip(weights, drawn, strict=True)]
            part = part.assign(**{above: np.sum(shares, axis=0)})
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _plug_in(
    fit: Fit, columns: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Density per km2 at the estimate, and its standard error."""
    point, root = plug_in_of(fit)
    block = density_block(fit)
    value = np.exp(columns @ point[block])
    return value, value * np.linalg.norm(columns @ root[block], axis=1)


def _summarise_density(
    fit: Fit,
    columns: NDArray[np.float64],
    draws: NDArray[np.float64],
    threshold: float | None,
) -> pd.DataFrame:
    """Summary per km2; the threshold is per 100 km2."""
    block = density_block(fit)
    above = None if threshold is None else above_column(threshold)
    limit = 0.0 if threshold is None else threshold / KM2_PER_REPORTED_AREA
    if fit.point is not None and fit.vcov_root is not None:
        log_se = np.linalg.norm(columns @ fit.vcov_root[block], axis=1)
        value = np.exp(columns @ fit.point[block])
        summary = summarise_log_normal(value, log_se)
        return (
            summary
            if above is None
            else summary.assign(**{above: log_normal_above(value, log_se, limit)})
        )
    beta = of_density(fit, draws)
    parts = []
    for start in range(0, len(columns), _CELLS_AT_ONCE):
        density = np.exp(beta @ columns[start : start + _CELLS_AT_ONCE].T)
        part = summarise_draws(density)
        parts.append(part if above is None else part.assign(**{above: share_above(density, limit)}))
    return pd.concat(parts, ignore_index=True)


def realised_density(
    fit: Fit,
    *,
    session: str | None = None,
    seed: int = 1,
    n_draws: int = 1000,
    draws: RealisedDraws | None = None,
    threshold: float | None = None,
) -> Surface:
    r"""Density of the animals that were there: those caught, and those that were missed.

    In each draw every animal caught gets one cell, and the animals never caught are a Poisson
    count in each cell with mean :math:`\sum_u \psi_u a D_m (1 - p_{\cdot u}(m))`. Mean
    and sd are those of the count given the captures and the coefficients, over draws of these,
    which are the same and free of the noise of drawing: a cell whose mean is above 0 has an sd
    above 0. Quantiles are those of the counts, whole numbers per cell.

    Parameters
    ----------
    fit
        A fitted model.
    session
        Session, needed where sessions lie on the same ground.
    seed
        Seed of the draws.
    n_draws
        Draws used, evenly spaced among those of the fit.
    draws
        Joint draws made before, to be used instead.
    threshold
        Animals per 100 km2: the probability that more lived in a cell is a further column,
        ``p_above_<threshold>``.

    Returns
    -------
    Surface
        Animals per 100 km2, with its ``support``. It is not the density of the habitat: it is
        higher where animals were caught, because that is where they are known to be. After maximum
        likelihood it has mean, median, sd and cv alone: the plug-in value and the root mean squared
        error of its prediction.

    Raises
    ------
    FitError
        If a session has to be chosen, or a threshold is given after maximum likelihood.
    """
    place = place_of(fit, session, realised=True)
    area = place.mask.cell_area
    if threshold is not None and fit.point is not None:
        msg = (
            "The probability of a realised density above a threshold needs draws of where the "
            "animals were, which maximum likelihood does not give. Fit by fit_laplace or fit_nuts."
        )
        raise FitError(msg)
    if fit.point is not None:
        mean, sd = predicted_cells(fit, place)
        summary = pd.DataFrame({"mean": mean / area, "median": mean / area, "sd": sd / area})
    else:
        if draws is None:
            draws = realised_draws(fit, thinned(fit.draws, n_draws), np.random.default_rng(seed))
        counts = np.concatenate([draws.counts(s) for s in place.sessions], axis=1)
        moments = moments_over_draws(fit, draws.thetas)
        mean, sd = (np.concatenate([of[s] for s in place.sessions]) / area for of in moments)
        summary = summarise_draws(counts).div(area, axis=0).assign(mean=mean, sd=sd)
        if threshold is not None:
            limit = threshold / KM2_PER_REPORTED_AREA * area
            summary = summary.assign(**{above_column(threshold): share_above(counts, limit)})
    summary = summary.assign(cv=summary["sd"] / summary["mean"])
    return Surface(
        mask=place.mask,
        summary=_per_100_km2(summary),
        estimand="realised density",
        unit=REPORTED_DENSITY,
        session=place.session,
        method=method_of(fit),
        n_draws=0 if draws is None else len(draws.thetas),
        support=support_of(fit, place),
    )


def _per_100_km2(summary: pd.DataFrame) -> pd.DataFrame:
    plain = [name for name in map(str, summary) if name == "cv" or name.startswith(ABOVE)]
    scaled = summary * KM2_PER_REPORTED_AREA
    return scaled.assign(**{name: summary[name] for name in plain})
