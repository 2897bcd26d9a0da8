"""Whether traps, mask and reserve belong together."""

import warnings

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from scr.errors import MaskError, MaskWarning
from scr.habitat.cells import cell_side
from scr.habitat.mask import HabitatMask
from scr.habitat.place_hypotheses import explain_places
from scr.habitat.region import Region
from scr.io.crs import LOCAL, same_crs, zone_of
from scr.io.places import MOST_OFF
from scr.io.scale import length_error
from scr.survey.traps import Traps

_LISTED = 10
_FAR = 100_000.0
_MOST_OUT = 0.9


def check_mask_covers(
    mask: HabitatMask, traps: Traps, *, buffer: float | None = None
) -> tuple[str, ...]:
    """Notes on traps that lie in no cell; an error for traps that the mask does not reach.

    Parameters
    ----------
    mask
        The cells.
    traps
        Traps of the survey; each is held against the cells of its own session.
    buffer
        Largest distance from a trap to a cell that can be meant, metres. Left out, that of the
        mask's making; for a mask that was read, the distance to which it reaches round the traps
        that lie in it.

    Returns
    -------
    tuple of str
        One note where traps lie in no cell, else none.

    Raises
    ------
    MaskError
        If mask and traps differ in their coordinate system, a session has no cells, a trap is
        further than ``buffer`` from every cell, or a cell is wider than all traps together.
    """
    if not same_crs(mask.crs, traps.crs):
        msg = (
            f"{mask.source} is in {mask.crs}, but {traps.source} is in {traps.crs}. "
            "Read both in one coordinate system."
        )
        raise MaskError(msg)
    _check_cells_fit(mask, traps)
    distance = np.zeros(len(traps))
    inside = np.zeros(len(traps), dtype=np.bool_)
    limit = np.zeros(len(traps))
    for label in traps.sessions:
        rows = np.flatnonzero(traps.session == label)
        cells = mask.cells_of(label)
        distance[rows], inside[rows] = _nearest_cell(mask, cells, traps.xy[rows])
        limit[rows] = _reach(mask, cells, xy=traps.xy[rows][inside[rows]], buffer=buffer)
    _raise_far(mask, traps, distance=distance, limit=limit)
    outside = np.flatnonzero(~inside)
    if len(outside) == 0:
        return ()
    return (
        f"{len(outside)} of {len(traps)} traps lie in no cell of {mask.source}: "
        f"{_names(traps, outside)}. They count all the same; centres cannot lie where they stand.",
    )


def _nearest_cell(
    mask: HabitatMask, cells: NDArray[np.int64], xy: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Distance to the nearest centre, and whether a trap is within half a side of one."""
    centres, half = mask.xy[cells], cell_side(mask)[cells] / 2
    distance, _ = cKDTree(centres).query(xy)
    if mask.spacing is not None:
        across, nearest = cKDTree(centres).query(xy, p=np.inf)
        return distance, across <= half[nearest] * (1 + 1e-9)
    # Without a lattice a cell may stand at any angle: within half its diagonal is in it.
    _, nearest = cKDTree(centres).query(xy)
    return distance, distance <= half[nearest] * np.sqrt(2.0)


def _reach(
    mask: HabitatMask,
    cells: NDArray[np.int64],
    *,
    xy: NDArray[np.float64],
    buffer: float | None,
) -> float:
    if buffer is not None:
        return float(buffer)
    if mask.extent is not None:
        return mask.extent.buffer
    if len(xy) == 0:
        return float(cell_side(mask)[cells].max())
    return float(cKDTree(xy).query(mask.xy[cells])[0].max())


def _raise_far(
    mask: HabitatMask,
    traps: Traps,
    *,
    distance: NDArray[np.float64],
    limit: NDArray[np.float64],
) -> None:
    far = np.flatnonzero(distance > limit * (1 + 1e-9))
    if len(far) == 0:
        return
    worst = far[np.argmax(distance[far])]
    msg = (
        f"{traps.source}: {len(far)} of {len(traps)} traps are further from {mask.source} than "
        f"its buffer of {limit[worst] / 1000:.3g} km: {_names(traps, far)}; the furthest is "
        f"{traps.names[worst]!r}, {distance[worst] / 1000:,.1f} km from the nearest cell. "
        "Correct their coordinates, or make a mask that surrounds all traps."
    )
    raise MaskError(
        msg, kind="stations far from the mask", source=traps.source, rows=traps.rows[far]
    )


def _names(traps: Traps, rows: NDArray[np.int64]) -> str:
    several = len(traps.sessions) > 1
    listed = [
        f"{traps.names[i]!r}{f' of session {traps.session[i]!r}' if several else ''} "
        f"(row {traps.rows[i]})"
        for i in rows[:_LISTED]
    ]
    more = f" and {len(rows) - _LISTED} more" if len(rows) > _LISTED else ""
    return ", ".join(listed) + more


def check_traps_near(traps: Traps, region: Region) -> tuple[str, ...]:
    """Notes on traps outside a reserve; an error where they cannot be meant to be there.

    Parameters
    ----------
    traps
        Traps of the survey.
    region
        The reserve that the survey is of.

    Returns
    -------
    tuple of str
        One note with the number of traps outside, if any; traps outside are no fault.

    Raises
    ------
    MaskError
        If every trap is more than 100 km from the reserve; or if those outside are that far away,
        or nearly all, and another reading of their coordinates (exchanged, another sign, unit, UTM
        zone or hemisphere) would bring them inside. The message names that reading.
    """
    if LOCAL in (traps.crs, region.crs) and traps.crs != region.crs:
        msg = (
            f"{traps.source} is in {traps.crs}, but {region.source} is in {region.crs}. "
            "Give both the same coordinate system."
        )
        raise MaskError(msg)
    local = region.in_crs(traps.crs)
    points = shapely.points(traps.xy)
    shapely.prepare(local.geometry)
    inside = shapely.intersects(local.geometry, points)
    if inside.all():
        return ()
    n_out, n = int((~inside).sum()), len(traps)
    distance = shapely.distance(local.geometry, points)
    out = np.flatnonzero(~inside)
    meant = explain_places(traps, region, out) if _asks_why(distance, out) else None
    if meant is None and distance.min() <= _FAR:
        return (f"{n_out} of {n} traps of {traps.source} lie outside {region.name}.",)
    guess = (
        f"With {meant.told}, {int(meant.inside.sum())} of {n_out} lie inside, which may be meant. "
        if meant is not None
        else ""
    )
    nearest = float(distance[out].min()) / 1000
    msg = (
        f"{traps.source}: {n_out} of {n} traps lie outside {region.name} ({region.source}), the "
        f"nearest {nearest:,.0f} km away: {_names(traps, out)}. {guess}"
        "Correct the coordinates or the coordinate system of one of the two files."
    )
    raise MaskError(
        msg, kind="stations outside the reserve", source=traps.source, rows=traps.rows[out]
    )


def _asks_why(distance: NDArray[np.float64], out: NDArray[np.int64]) -> bool:
    """Whether stations outside call for an explanation: nearly all, or far away."""
    return len(out) > _MOST_OUT * len(distance) or bool((distance[out] > _FAR).all())


def warn_far_layer(layer: BaseGeometry, place: BaseGeometry, *, source: str, of: str) -> None:
    """Warn of a layer so far from a place that it cannot be meant for it.

    Parameters
    ----------
    layer
        Polygon in the coordinates of the place.
    place
        The stations, or the reserve.
    source
        What the layer is given as.
    of
        What the place is called.

    Warns
    -----
    MaskWarning
        If it is more than 100 km away.
    """
    distance = float(shapely.distance(layer, place))
    if distance > _FAR:
        msg = (
            f"{source} lies {distance / 1000:,.0f} km from {of}, so that it cuts nothing. Check "
            "its coordinate system, and whether east and north were exchanged."
        )
        warnings.warn(msg, MaskWarning, stacklevel=3)


def check_scale(mask: HabitatMask) -> tuple[str, ...]:
    """A note where lengths on the map are more than 1 % off those on the ground.

    Parameters
    ----------
    mask
        The cells; a wrong UTM zone or a system for a whole continent shows here.

    Returns
    -------
    tuple of str
        One note with the largest difference, where it concerns less than half of the cells; or
        none.

    Raises
    ------
    MaskError
        If lengths are that far off in half of the cells or more.
    """
    off = length_error(mask.xy, mask.crs)
    worst = float(off.max())
    if worst <= MOST_OFF:
        return ()
    zone = zone_of(mask.xy, mask.crs)
    msg = (
        f"Lengths in {mask.crs} are up to {100 * worst:.1f} % off those on the ground at "
        f"{mask.source}, and areas twice that. Use the UTM zone of the study area"
        f"{f', {zone}' if zone else ''}."
    )
    if np.median(off) > MOST_OFF:
        raise MaskError(msg, kind="system not true to scale", source=mask.source)
    return (msg,)


def _check_cells_fit(mask: HabitatMask, traps: Traps) -> None:
    """Raise where one cell is wider than all stations together, mostly kilometres for metres."""
    across = max(float(np.ptp(traps.of_session(s).xy, axis=0).max()) for s in traps.sessions)
    side = float(cell_side(mask).max())
    if not 0 < across < side:
        return
    msg = (
        f"{traps.source}: all stations lie within {across:,.3g} m, but the cells of {mask.source} "
        f"are {side:,.3g} m wide, so that one cell holds them all. Are x and y in kilometres or "
        "degrees, or did dots between thousands become decimal points? Write them in metres. If "
        f"the stations do stand that close, use cells of {across / 5:.2g} m or less, and a buffer "
        "to suit."
    )
    raise MaskError(msg, kind="cells wider than the array", source=traps.source)
