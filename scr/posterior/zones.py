"""Zones: named regions, the share of each cell that lies in them, and what lies beyond the mask."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from scr.errors import MaskError, MaskWarning
from scr.habitat.cells import cell_side, cell_squares
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.io.crs import same_crs
from scr.posterior.footprint import cells_beyond, footprint, share_within
from scr.units import M2_PER_KM2

Regions = Region | HabitatMask | Mapping[str, Region | HabitatMask]
"""What ``region=`` takes: one region, cells with covariates, or several by name."""

_WORTH_SAYING = 1e-3


@dataclass(frozen=True, eq=False)
class Zone:
    """One named region on a mask.

    Parameters
    ----------
    name
        Its name.
    ground
        Its outline, in the coordinates of the mask.
    share
        Share of each cell of the mask that lies in it, shape (n_cells,).
    beyond
        Habitat of the region that the mask does not reach, or None. The area of a cell is its
        area within the region.
    cells
        The region's own cells with covariates, where it was given as a mask; else None.
    not_covered_km2
        Habitat beyond the mask that is left out because its density cannot be known.
    """

    name: str
    ground: BaseGeometry
    share: NDArray[np.float64]
    beyond: HabitatMask | None
    cells: HabitatMask | None = None
    not_covered_km2: float = 0.0

    def area_on(self, mask: HabitatMask) -> float:
        """Habitat of the region that lies on the mask, km2.

        Parameters
        ----------
        mask
            The mask that ``share`` is for.
        """
        return float(self.share @ mask.cell_area)

    @property
    def area_beyond(self) -> float:
        """Habitat of the region beyond the mask, km2."""
        return 0.0 if self.beyond is None else self.beyond.area

    def counted_km2(self, mask: HabitatMask) -> float:
        """Habitat of the region whose animals are counted, km2.

        Parameters
        ----------
        mask
            The mask that ``share`` is for.
        """
        if self.cells is not None:
            return self.cells.area
        return self.area_on(mask) + self.area_beyond

    def share_extrapolated(self, mask: HabitatMask) -> float:
        """Share of the habitat counted that lies beyond the mask.

        Parameters
        ----------
        mask
            The mask that ``share`` is for.
        """
        return self.area_beyond / self.counted_km2(mask)

    def share_not_covered(self, mask: HabitatMask) -> float:
        """Share of the region's habitat that is left out.

        Parameters
        ----------
        mask
            The mask that ``share`` is for.
        """
        return self.not_covered_km2 / (self.counted_km2(mask) + self.not_covered_km2)


def zones_on(mask: HabitatMask, region: Regions | None) -> tuple[Zone, ...]:
    """Regions laid over a mask.

    Parameters
    ----------
    mask
        The cells of a fit.
    region
        A region, cells with covariates, several by name, or None for all cells of the mask.

    Returns
    -------
    tuple
        One zone for each region.

    Raises
    ------
    MaskError
        If coordinate systems cannot be brought together or a mapping is empty.
    """
    if region is None:
        return (Zone("habitat mask", footprint(mask), np.ones(len(mask)), None),)
    if isinstance(region, Region):
        return (_polygon_zone(mask, region.name, region),)
    if isinstance(region, HabitatMask):
        return (_cells_zone(mask, region.source, region),)
    if not region:
        msg = "region= names no region. Give at least one, or leave it out for the whole mask."
        raise MaskError(msg)
    return tuple(
        _cells_zone(mask, name, item)
        if isinstance(item, HabitatMask)
        else _polygon_zone(mask, name, item)
        for name, item in region.items()
    )


def _polygon_zone(mask: HabitatMask, name: str, region: Region) -> Zone:
    ground = region.in_crs(mask.crs).geometry
    share = share_within(cell_squares(mask), ground)
    return Zone(name, ground, share, cells_beyond(mask, ground))


def _cells_zone(mask: HabitatMask, name: str, cells: HabitatMask) -> Zone:
    if not same_crs(cells.crs, mask.crs):
        msg = (
            f"The cells of region {name!r} use {cells.crs} and {mask.source} uses {mask.crs}. "
            "Make them in the coordinate system of the mask."
        )
        raise MaskError(msg)
    ground = footprint(cells)
    share = share_within(cell_squares(mask), ground)
    outside = 1 - share_within(cell_squares(cells), footprint(mask))
    rows = np.flatnonzero(outside > 1e-6)
    beyond = None
    if len(rows):
        beyond = HabitatMask(
            xy=cells.xy[rows],
            cell_area=cells.cell_area[rows] * outside[rows],
            crs=mask.crs,
            spacing=cells.spacing,
            covariates=cells.covariates.iloc[rows],
            source=cells.source,
        )
    return Zone(name, ground, share, beyond, cells)


def say_what_lies_beyond(
    zones: tuple[Zone, ...], mask: HabitatMask, covariates: frozenset[str]
) -> tuple[Zone, ...]:
    """Warn of habitat beyond the mask, and drop it where its density cannot be known.

    Parameters
    ----------
    zones
        Regions on the mask.
    mask
        The mask.
    covariates
        Mask covariates that density depends on.

    Returns
    -------
    tuple
        The zones; ``beyond`` is None where covariates are not known there.

    Raises
    ------
    MaskError
        If nothing of a region can be counted.

    Warns
    -----
    MaskWarning
        For each region of which more than a thousandth lies beyond the mask.
    """
    kept = []
    for zone in zones:
        on, beyond = zone.area_on(mask), zone.area_beyond
        known = zone.cells is not None or not covariates
        if on + (beyond if known else 0.0) <= 0:
            raise MaskError(_outside(zone, mask, covariates))
        if beyond > _WORTH_SAYING * (on + beyond):
            warnings.warn(_beyond(zone, mask, covariates), MaskWarning, stacklevel=2)
        if not known:
            zone = replace(zone, beyond=None, not_covered_km2=beyond)  # noqa: PLW2901
        kept.append(zone)
    return tuple(kept)


def _beyond(zone: Zone, mask: HabitatMask, covariates: frozenset[str]) -> str:
    beyond = zone.area_beyond
    total = zone.area_on(mask) + beyond
    found = (
        f"Region {zone.name!r}: {beyond:.1f} of its {total:.1f} km2 of habitat "
        f"({100 * beyond / total:.1f} %) lie beyond {mask.source}"
    )
    if zone.cells is not None:
        return (
            f"{found}; animals there are extrapolated from the covariates of {zone.cells.source}. "
            "Say so where the number is reported."
        )
    if covariates:
        return (
            f"{found} and are not counted: density depends on {', '.join(sorted(covariates))}, "
            "not known there. Give the region as a HabitatMask with these covariates, or widen "
            "the mask."
        )
    return (
        f"{found}; density there is extrapolated from the model without covariates. "
        "Widen the mask to avoid it, or say so where the number is reported."
    )


def _outside(zone: Zone, mask: HabitatMask, covariates: frozenset[str]) -> str:
    remedy = "Check the coordinate system of both, or make a mask that reaches it."
    if covariates and zone.beyond is not None:
        remedy = (
            f"Density depends on {', '.join(sorted(covariates))}: give the region as a "
            "HabitatMask with these covariates."
        )
    return f"Region {zone.name!r} has no habitat on {mask.source}. {remedy}"


@dataclass(frozen=True, eq=False)
class GroundBeyond:
    """Whole cells beyond the mask that several zones share, so that draws are joint.

    Parameters
    ----------
    cells
        Whole cells, or None where no zone reaches beyond the mask.
    share
        Share of each cell that lies in each zone, shape (n_zones, n_cells).
    """

    cells: HabitatMask | None
    share: NDArray[np.float64]


def ground_beyond(zones: tuple[Zone, ...]) -> GroundBeyond:
    """The cells beyond the mask of all zones, each once.

    Parameters
    ----------
    zones
        Zones on one mask.
    """
    parts = [(i, zone.beyond) for i, zone in enumerate(zones) if zone.beyond is not None]
    if not parts:
        return GroundBeyond(None, np.zeros((len(zones), 0)))
    keys, tables = [], []
    for i, cells in parts:
        given = zones[i].cells is not None
        whole = cells.cell_area if given else cell_side(cells) ** 2 / M2_PER_KM2
        key = pd.DataFrame(np.round(cells.xy, 3), columns=["x", "y"])
        keys.append(key.assign(own=i if given else -1, zone=i, area=cells.cell_area, whole=whole))
        tables.append(cells.covariates)
    table = pd.concat(keys, ignore_index=True)
    cell = table.groupby(["own", "x", "y"], sort=False).ngroup().to_numpy()
    first = np.unique(cell, return_index=True)[1]
    share = np.zeros((len(zones), len(first)))
    np.add.at(share, (table["zone"].to_numpy(), cell), table["area"] / table["whole"])
    once = table.iloc[first]
    cells = HabitatMask(
        xy=once[["x", "y"]].to_numpy(dtype=np.float64),
        cell_area=once["whole"].to_numpy(dtype=np.float64),
        crs=parts[0][1].crs,
        covariates=pd.concat(tables, join="inner", ignore_index=True).iloc[first],
        session=once["own"].to_numpy(dtype=object),
        source="ground beyond the mask",
    )
    return GroundBeyond(cells, share)


def holds_points(zone: Zone, xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points lie in a zone, its edge included.

    Parameters
    ----------
    zone
        A zone.
    xy
        Coordinates, metres, shape (n, 2).
    """
    return np.asarray(shapely.intersects_xy(zone.ground, xy[:, 0], xy[:, 1]), dtype=np.bool_)
