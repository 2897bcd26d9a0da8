"""Abundance of named regions: expected and realised N, with joint draws."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.fit.result import Fit
from scr.posterior.place import (
    Place,
    check_same_ground,
    density_columns,
    density_columns_on,
    density_uses_mask,
    place_of,
    places_to_report,
)
from scr.posterior.realised import RealisedDraws, conditional_mean, realised_draws
from scr.posterior.surface import summarise_draws, summarise_log_normal
from scr.posterior.thinning import density_block, thinned
from scr.posterior.zones import (
    GroundBeyond,
    Regions,
    Zone,
    ground_beyond,
    holds_points,
    say_what_lies_beyond,
    zones_on,
)

_CELLS_AT_ONCE = 8192
_COLUMNS = {"median": "median", "mean": "mean", "sd": "sd", "q2.5": "lower", "q97.5": "upper"}


@dataclass(frozen=True, eq=False)
class AbundanceDraws:
    """Animals living in each region, draw by draw, so that sums and differences are right.

    Parameters
    ----------
    expected, realised
        One row per draw, one column per region. Row for row the same draws of the coefficients.
    facts
        One row per region: session, area_km2 (habitat counted), n_detected (animals detected by
        traps that stand in it), share_extrapolated and share_not_covered (of its habitat).
    plug_in
        For a maximum likelihood fit, one row per region: expected, log_se (of expected) and
        realised at the estimated coefficients; else None.
    """

    expected: pd.DataFrame
    realised: pd.DataFrame
    facts: pd.DataFrame
    plug_in: pd.DataFrame | None


def abundance(
    fit: Fit,
    region: Regions | None = None,
    *,
    session: str | None = None,
    seed: int = 1,
    max_draws: int = 1000,
) -> pd.DataFrame:
    r"""Number of animals whose activity centres lie in a region, expected and realised.

    Expected :math:`N(B) = a \sum_B D_m` is what the model says of habitat like this. Realised N
    counts the animals caught, by where their centres may be, and those missed. Cells that the
    boundary cuts count by the share of their area, for both.

    Parameters
    ----------
    fit
        A fitted model.
    region
        A region, cells with the covariates of the model (extrapolation), or several by name; the
        whole mask if left out.
    session
        Session. Left out, all sessions in turn, or all together where they lie apart.
    seed
        Seed of the draws.
    max_draws
        Draws used, evenly spaced among those of the fit.

    Returns
    -------
    DataFrame
        Rows: session, region and estimand (``"expected N"``, ``"realised N"``). Columns:
        median (the plug-in value for maximum likelihood), mean, sd, lower and upper (95 %),
        area_km2 (habitat counted), n_detected (animals detected by traps that stand in the
        region), share_extrapolated, share_not_covered.

        For a maximum likelihood fit expected N has the delta method's sd and a log-normal
        interval; realised N has the sd and quantiles of joint draws, the coefficients drawn from
        their normal approximation.

    Raises
    ------
    MaskError
        If a region has no habitat that can be counted.
    FormulaError
        If cells given for a region lack a covariate.

    Warns
    -----
    MaskWarning
        Where part of a region lies beyond the mask, with its share.

    References
    ----------
    Efford & Fewster (2013) Oikos 122:918-928.
    """
    labels = places_to_report(fit) if session is None else (session,)
    draws = realised_draws(fit, thinned(fit.draws, max_draws), np.random.default_rng(seed))
    tables = [
        summarise_abundance(abundance_draws(fit, region, session=label, seed=seed, draws=draws))
        for label in labels
    ]
    return pd.concat(tables, ignore_index=True)


def abundance_draws(
    fit: Fit,
    region: Regions | None = None,
    *,
    session: str | None = None,
    seed: int = 1,
    max_draws: int = 1000,
    draws: RealisedDraws | None = None,
) -> AbundanceDraws:
    """Joint draws of the animals in each region, for sums, differences and shares of regions.

    Parameters
    ----------
    fit, region, session, seed, max_draws
        As for ``abundance``; a session has to be chosen where sessions share ground.
    draws
        Joint draws of all animals made before, to be used instead.

    Returns
    -------
    AbundanceDraws
        ``draws.realised["north"] - draws.realised["south"]`` has the right distribution.

    Raises
    ------
    FitError
        If a session has to be chosen.
    MaskError
        If a region has no habitat that can be counted.
    """
    place = place_of(fit, session, realised=True)
    zones = say_what_lies_beyond(zones_on(place.mask, region), place.mask, density_uses_mask(fit))
    names = [zone.name for zone in zones]
    beyond = ground_beyond(zones)
    cells = _expected_cells(fit, place, zones, beyond)
    if draws is None:
        draws = realised_draws(fit, thinned(fit.draws, max_draws), np.random.default_rng(seed))
    thetas = draws.thetas
    block = density_block(fit)
    share = np.stack([zone.share for zone in zones])
    missed_beyond = _draws_beyond(fit, place, beyond, thetas, np.random.default_rng([seed, 1]))
    counts = np.concatenate([draws.counts(s) for s in place.sessions], axis=1)
    realised = counts @ share.T
    plug_in = None
    if fit.point is not None and fit.vcov is not None:
        value, log_se = plug_in_number(cells, fit.point[block], fit.vcov[block, block])
        within = conditional_mean(fit, fit.point)
        known = share @ np.concatenate([within[s] for s in place.sessions])
        reached = _expected_beyond(fit, place, beyond, fit.point[None])[0] @ beyond.share.T
        plug_in = pd.DataFrame(
            {"expected": value, "log_se": log_se, "realised": known + reached}, index=names
        )
    return AbundanceDraws(
        expected=pd.DataFrame(expected_number(cells, thetas[:, block]), columns=names),
        realised=pd.DataFrame(realised + missed_beyond, columns=names),
        facts=_facts(fit, place, zones),
        plug_in=plug_in,
    )


@dataclass(frozen=True, eq=False)
class WeightedCells:
    """Cells that are summed into regions.

    Parameters
    ----------
    columns
        Columns of log density, shape (n_cells, n_terms).
    area_km2
        Area of each cell that lies in each region, km2, shape (n_regions, n_cells).
    """

    columns: NDArray[np.float64]
    area_km2: NDArray[np.float64]


def expected_number(cells: WeightedCells, beta: NDArray[np.float64]) -> NDArray[np.float64]:
    r"""Expected N of each region, :math:`\sum_m a_m e^{X_m\beta}`, for draws of the coefficients.

    Parameters
    ----------
    cells
        The cells of the regions.
    beta
        Coefficients of log density, shape (n_draws, n_terms).

    Returns
    -------
    NDArray
        Shape (n_draws, n_regions).

    Examples
    --------
    >>> cells = WeightedCells(np.ones((2, 1)), np.array([[1.0, 0.5]]))
    >>> expected_number(cells, np.log([[2.0]]))
    array([[3.]])
    """
    total = np.zeros((len(beta), len(cells.area_km2)))
    for start in range(0, len(cells.columns), _CELLS_AT_ONCE):
        part = slice(start, start + _CELLS_AT_ONCE)
        total += np.exp(beta @ cells.columns[part].T) @ cells.area_km2[:, part].T
    return total


def plug_in_number(
    cells: WeightedCells, beta: NDArray[np.float64], vcov: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Expected N of each region at given coefficients, and the standard error of its logarithm.

    Parameters
    ----------
    cells
        The cells of the regions.
    beta
        Coefficients of log density, shape (n_terms,).
    vcov
        Their variances and covariances, shape (n_terms, n_terms).

    Returns
    -------
    tuple
        Each of shape (n_regions,); the standard error by the delta method.
    """
    number = cells.area_km2 * np.exp(cells.columns @ beta)
    total = number.sum(axis=1)
    gradient = (number @ cells.columns) / total[:, None]
    return total, np.sqrt(np.einsum("ij,jk,ik->i", gradient, vcov, gradient))


def summarise_abundance(draws: AbundanceDraws) -> pd.DataFrame:
    """The table of ``abundance`` from joint draws.

    Parameters
    ----------
    draws
        Joint draws of the animals in each region.
    """
    expected = summarise_draws(draws.expected.to_numpy())
    realised = summarise_draws(draws.realised.to_numpy())
    if draws.plug_in is not None:
        expected = summarise_log_normal(
            draws.plug_in["expected"].to_numpy(), draws.plug_in["log_se"].to_numpy()
        )
        point = draws.plug_in["realised"].to_numpy()
        realised = realised.assign(mean=point, median=point)
    facts = draws.facts.reset_index(names="region")
    tables = [
        facts[["session", "region"]]
        .assign(estimand=estimand)
        .join(summary[list(_COLUMNS)].rename(columns=_COLUMNS))
        .join(facts.drop(columns=["session", "region"]))
        for estimand, summary in (("expected N", expected), ("realised N", realised))
    ]
    return pd.concat(tables).sort_index(kind="stable").reset_index(drop=True)


def _expected_cells(
    fit: Fit, place: Place, zones: tuple[Zone, ...], beyond: GroundBeyond
) -> WeightedCells:
    share = np.stack([zone.share if zone.cells is None else 0 * zone.share for zone in zones])
    columns, areas = [density_columns(fit, place)], [share * place.mask.cell_area]
    if beyond.cells is not None:
        polygon = np.array([[zone.cells is None] for zone in zones])
        columns.append(density_columns_on(fit, beyond.cells, place))
        areas.append(np.where(polygon, beyond.share, 0.0) * beyond.cells.cell_area)
    for i, zone in enumerate(zones):
        if zone.cells is not None:
            check_same_ground(fit, zone.cells)
            columns.append(density_columns_on(fit, zone.cells, place))
            area = np.zeros((len(zones), len(zone.cells)))
            area[i] = zone.cells.cell_area
            areas.append(area)
    return WeightedCells(np.concatenate(columns), np.concatenate(areas, axis=1))


def _expected_beyond(
    fit: Fit, place: Place, beyond: GroundBeyond, thetas: NDArray[np.float64]
) -> NDArray[np.float64]:
    if beyond.cells is None:
        return np.zeros((len(thetas), 0))
    columns = density_columns_on(fit, beyond.cells, place)
    return np.exp(thetas[:, density_block(fit)] @ columns.T) * beyond.cells.cell_area


def _draws_beyond(
    fit: Fit,
    place: Place,
    beyond: GroundBeyond,
    thetas: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    counts = rng.poisson(_expected_beyond(fit, place, beyond, thetas))
    return np.asarray(counts @ beyond.share.T)


def _facts(fit: Fit, place: Place, zones: tuple[Zone, ...]) -> pd.DataFrame:
    label = place.session
    if label is None:
        label = ", ".join(fit.survey.sessions[s].name for s in place.sessions)
    return pd.DataFrame(
        [
            {
                "session": label,
                "area_km2": zone.counted_km2(place.mask),
                "n_detected": _n_detected(fit, place, zone),
                "share_extrapolated": zone.share_extrapolated(place.mask),
                "share_not_covered": zone.share_not_covered(place.mask),
            }
            for zone in zones
        ],
        index=[zone.name for zone in zones],
    )


def _n_detected(fit: Fit, place: Place, zone: Zone) -> int:
    found: set[str] = set()
    for index in place.sessions:
        session = fit.survey.sessions[index]
        inside = holds_points(zone, session.traps.xy)
        records = session.captures
        animals = np.unique(records.individual[inside[records.trap]])
        found |= {f"{records.individuals[i]}" for i in animals}
    return len(found)
