"""Mask cells as squares on the ground: their share of a polygon, and what lies beyond them."""

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from scr.habitat.cells import cell_side
from scr.habitat.mask import HabitatMask
from scr.units import M2_PER_KM2

_NEGLIGIBLE_SHARE = 1e-6


def squares(xy: NDArray[np.float64], side: NDArray[np.float64]) -> NDArray[np.object_]:
    """Squares along the axes.

    Parameters
    ----------
    xy
        Centres, metres, shape (n, 2).
    side
        Metres, shape (n,).

    Returns
    -------
    NDArray
        Polygons, shape (n,).
    """
    half = side / 2
    low, high = xy - half[:, None], xy + half[:, None]
    return np.asarray(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]), dtype=object)


def share_within(cells: NDArray[np.object_], polygon: BaseGeometry) -> NDArray[np.float64]:
    """Share of each square that lies within a polygon.

    Parameters
    ----------
    cells
        Polygons, shape (n,).
    polygon
        A polygon or several, in the same coordinates.

    Returns
    -------
    NDArray
        0 to 1, shape (n,).

    Examples
    --------
    >>> cells = squares(np.array([[0.5, 0.5], [1.5, 0.5]]), np.ones(2))
    >>> share_within(cells, shapely.box(0, 0, 1.25, 1))
    array([1.  , 0.25])
    """
    shapely.prepare(polygon)
    share = np.zeros(len(cells))
    touched = np.flatnonzero(shapely.intersects(polygon, cells))
    whole = shapely.covers(polygon, cells[touched])
    share[touched[whole]] = 1.0
    cut = touched[~whole]
    share[cut] = shapely.area(shapely.intersection(cells[cut], polygon)) / shapely.area(cells[cut])
    share[share < _NEGLIGIBLE_SHARE] = 0.0
    return np.minimum(share, 1.0)


def footprint(mask: HabitatMask) -> BaseGeometry:
    """The ground that the cells of a mask stand on.

    Parameters
    ----------
    mask
        The cells. Without a lattice, gaps narrower than half a cell are closed.
    """
    side = cell_side(mask)
    if mask.spacing is None:
        join = float(np.median(side)) / 4
        ground = shapely.union_all(squares(mask.xy, side * (1 + 1e-9)))
        return ground.buffer(join, join_style="mitre").buffer(-join, join_style="mitre")
    index = np.round((mask.xy - mask.xy[0]) / mask.spacing)
    if np.abs(mask.xy[0] + index * mask.spacing - mask.xy).max() > 1e-3 * mask.spacing:
        return shapely.union_all(squares(mask.xy, side * (1 + 1e-9)))
    whole = np.unique(index, axis=0)
    ground = shapely.coverage_union_all(squares(whole, np.ones(len(whole))))
    origin, spacing = mask.xy[0], mask.spacing
    return shapely.transform(ground, lambda points: origin + points * spacing)


def cells_beyond(mask: HabitatMask, polygon: BaseGeometry) -> HabitatMask | None:
    """Habitat inside a polygon that the mask does not reach, cut into cells like the mask's.

    Ground that the mask left out on purpose is no habitat and does not count: outside ``habitat``
    and inside ``exclude`` of ``mask.extent``, in a barrier, beyond the edge of a bounded mask, and,
    where the extent is not known, holes that cells surround.

    Parameters
    ----------
    mask
        The cells.
    polygon
        In the coordinates of the mask.

    Returns
    -------
    HabitatMask or None
        Cells without covariates, the area of each being its area within the polygon; None if
        there are none.
    """
    if mask.bounded:
        return None
    ground = footprint(mask)
    if mask.extent is None:
        rings = [shapely.Polygon(part.exterior) for part in shapely.get_parts(ground)]
        ground = shapely.union_all(rings)
    rest = shapely.difference(polygon, ground)
    if shapely.area(rest) <= _NEGLIGIBLE_SHARE * shapely.area(polygon):
        return None
    side = float(np.median(cell_side(mask)))
    xy = _lattice_over(rest, mask.xy[0], side)
    xy = xy[_may_be_habitat(mask, xy)]
    share = share_within(squares(xy, np.full(len(xy), side)), rest)
    xy, share = xy[share > 0], share[share > 0]
    if len(xy) == 0:
        return None
    return HabitatMask(
        xy=xy,
        cell_area=share * side**2 / M2_PER_KM2,
        crs=mask.crs,
        spacing=side,
        source=f"ground beyond {mask.source}",
    )


def _lattice_over(
    polygon: BaseGeometry, origin: NDArray[np.float64], side: float
) -> NDArray[np.float64]:
    west, south, east, north = (np.array(polygon.bounds) - np.tile(origin, 2)) / side
    columns = np.arange(np.floor(west), np.ceil(east) + 1)
    rows = np.arange(np.floor(south), np.ceil(north) + 1)
    x, y = np.meshgrid(columns, rows)
    return np.asarray(origin + side * np.column_stack([x.ravel(), y.ravel()]))


def _may_be_habitat(mask: HabitatMask, xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    keep = np.ones(len(xy), dtype=np.bool_)
    if mask.extent is not None:
        if mask.extent.habitat is not None:
            keep &= shapely.contains_xy(mask.extent.habitat, xy[:, 0], xy[:, 1])
        if mask.extent.exclude is not None:
            keep &= ~shapely.contains_xy(mask.extent.exclude, xy[:, 0], xy[:, 1])
    if mask.barrier is not None:
        keep &= ~shapely.contains_xy(mask.barrier, xy[:, 0], xy[:, 1])
    return keep


def take_cells(mask: HabitatMask, cells: NDArray[np.int64]) -> HabitatMask:
    """Some cells of a mask, their session left out.

    Parameters
    ----------
    mask
        The cells.
    cells
        Rows to keep, in the order wanted.
    """
    return replace(
        mask,
        xy=mask.xy[cells],
        cell_area=mask.cell_area[cells],
        covariates=mask.covariates.iloc[cells],
        session=None,
    )
