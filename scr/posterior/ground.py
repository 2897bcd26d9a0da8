"""Regions laid over the mask of a fit, with the cells that are summed for each."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.fit.result import Fit
from scr.habitat.zones import overlaps_of
from scr.model.tables import density_table
from scr.posterior.place import (
    Place,
    check_same_ground,
    density_columns,
    density_columns_on,
    density_uses_mask,
    place_of,
)
from scr.posterior.scale import regions_on_scale
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


@dataclass(frozen=True, eq=False)
class Ground:
    """Regions on the cells of a fit.

    Parameters
    ----------
    place
        Sessions and cells.
    zones
        The regions on these cells.
    beyond
        Cells beyond the mask that the regions reach.
    """

    place: Place
    zones: tuple[Zone, ...]
    beyond: GroundBeyond

    @property
    def names(self) -> list[str]:
        """Names of the regions."""
        return [zone.name for zone in self.zones]

    @property
    def share(self) -> NDArray[np.float64]:
        """Share of each cell of the mask in each region, shape (n_regions, n_cells)."""
        return np.stack([zone.share for zone in self.zones])

    def label(self, fit: Fit) -> str:
        """The session, or the sessions that are counted together.

        Parameters
        ----------
        fit
            The fit.
        """
        if self.place.session is not None:
            return self.place.session
        return ", ".join(fit.survey.sessions[s].name for s in self.place.sessions)


def ground_of(fit: Fit, region: Regions | None, session: str | None) -> Ground:
    """Lay regions over the mask of a fit.

    Parameters
    ----------
    fit
        A fitted model.
    region, session
        As for ``abundance``.

    Raises
    ------
    FitError
        If a session has to be chosen.
    MaskError
        If a region has no habitat that can be counted.

    Warns
    -----
    MaskWarning
        Where part of a region lies beyond the mask.
    """
    place = place_of(fit, session, realised=True)
    zones = zones_on(place.mask, regions_on_scale(fit, region))
    zones = say_what_lies_beyond(zones, place.mask, density_uses_mask(fit))
    return Ground(place, zones, ground_beyond(zones))


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


def expected_number(
    cells: WeightedCells, beta: NDArray[np.float64], *, share: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    r"""Expected N of each region, :math:`\sum_m a_m e^{X_m\beta}`, for draws of the coefficients.

    Parameters
    ----------
    cells
        The cells of the regions.
    beta
        Coefficients of log density, shape (n_draws, n_terms).
    share
        Share of the animals of each cell that counts, shape (n_cells, n_draws); all if left out.

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
        density = np.exp(beta @ cells.columns[part].T)
        density = density if share is None else density * share[part].T
        total += density @ cells.area_km2[:, part].T
    return total


def plug_in_number(
    cells: WeightedCells, beta: NDArray[np.float64], vcov_root: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Expected N of each region at given coefficients, and the standard error of its logarithm.

    Parameters
    ----------
    cells
        The cells of the regions.
    beta
        Coefficients of log density, shape (n_terms,).
    vcov_root
        R of their covariance matrix V = R R', shape (n_terms, n_directions).

    Returns
    -------
    tuple
        Each of shape (n_regions,); the standard error by the delta method.
    """
    number = cells.area_km2 * np.exp(cells.columns @ beta)
    total = number.sum(axis=1)
    gradient = (number @ cells.columns) / total[:, None]
    return total, np.linalg.norm(gradient @ vcov_root, axis=1)


def expected_cells(fit: Fit, ground: Ground) -> WeightedCells:
    """The cells that the expected number of each region sums.

    Parameters
    ----------
    fit
        A fitted model.
    ground
        The regions.
    """
    place, zones, beyond = ground.place, ground.zones, ground.beyond
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


def tables_of(fit: Fit, ground: Ground) -> pd.DataFrame:
    """Covariates of the cells of ``expected_cells``, in their order.

    Parameters
    ----------
    fit
        A fitted model, whose density depends on covariates.
    ground
        The regions.
    """
    own = [zone.cells for zone in ground.zones if zone.cells is not None]
    beyond = [] if ground.beyond.cells is None else [ground.beyond.cells]
    session = ground.place.sessions[0]
    tables = [
        density_table(cells, np.arange(len(cells)), fit.survey, session)
        for cells in (ground.place.mask, *beyond, *own)
    ]
    return pd.concat(tables, join="inner", ignore_index=True)


def cells_beyond_mask(fit: Fit, ground: Ground) -> WeightedCells:
    """The cells beyond the mask, with their whole area, for the animals missed there.

    Parameters
    ----------
    fit
        A fitted model.
    ground
        The regions.
    """
    beyond = ground.beyond
    if beyond.cells is None:
        return WeightedCells(
            np.zeros((0, fit.problem.design.density_columns.shape[1])), np.zeros((1, 0))
        )
    columns = density_columns_on(fit, beyond.cells, ground.place)
    return WeightedCells(columns, beyond.cells.cell_area[None, :])


def facts_of(fit: Fit, ground: Ground, sex: str | None = None) -> pd.DataFrame:
    """One row per region: session, area_km2, n_detected, shares and overlaps, as in ``abundance``.

    Parameters
    ----------
    fit
        A fitted model.
    ground
        The regions.
    sex
        Label of a sex, whose animals alone are counted as detected; all if None.
    """
    place, zones = ground.place, ground.zones
    overlaps = overlaps_of({zone.name: zone.ground for zone in zones})
    return pd.DataFrame(
        [
            {
                "session": ground.label(fit),
                "area_km2": zone.counted_km2(place.mask),
                "n_detected": _n_detected(fit, place, zone, sex),
                "share_extrapolated": zone.share_extrapolated(place.mask),
                "share_not_covered": zone.share_not_covered(place.mask),
                "overlaps": ", ".join(overlaps[zone.name]),
            }
            for zone in zones
        ],
        index=[zone.name for zone in zones],
    )


def _n_detected(fit: Fit, place: Place, zone: Zone, sex: str | None) -> int:
    """Animals detected in a zone; where sides are not all joined, as many as there are at least."""
    found: set[str] = set()
    at_least = 0
    for index in place.sessions:
        session = fit.survey.sessions[index]
        inside = holds_points(zone, session.traps.xy)
        records = session.captures
        animals = np.unique(records.individual[inside[records.trap]])
        if sex is not None:
            known = records.covariates["sex"].to_numpy(dtype=object)
            animals = animals[[known[i] is not None and str(known[i]) == sex for i in animals]]
        if session.sides is not None:
            at_least += session.sides.photographed_of(animals).least
            continue
        found |= {f"{records.individuals[i]}" for i in animals}
    return len(found) + at_least
