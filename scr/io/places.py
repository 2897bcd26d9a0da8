"""Whether coordinates are what their coordinate system takes them for, wherever they come from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from pyproj.exceptions import ProjError

from scr.errors import ScrError
from scr.io.common_system import common_system, worst_error
from scr.io.crs import LOCAL, WGS84, parse_crs, reproject_points, zone_of
from scr.io.readings import Reading, converted, degree_readings, planar_readings
from scr.io.scale import length_error
from scr.io.tables import COUNTING, row_list

MOST_OFF = 0.01
"""Share by which lengths on the map may differ from those on the ground."""

_MOST = 0.9
_WIDER = 0.5
_SMALL_M = 1000.0
_FAR_DEGREES = 30.0
_LISTED = 10


@dataclass(frozen=True)
class Places:
    """Coordinates as a file has them, and how to speak of them.

    Parameters
    ----------
    xy
        Shape (n, 2).
    crs
        Projected coordinate system that they are said to be in, or ``"local"``.
    source
        Name of the file.
    what
        What they are, in the plural.
    rows
        Row of each in the file, shape (n,).
    names
        Name of each, where they have names.
    if_degrees
        What to do where they are longitudes and latitudes; left out, what helps stations of a
        table.
    """

    xy: NDArray[np.float64]
    crs: str
    source: str
    what: str
    rows: NDArray[np.int64]
    names: Sequence[str] = ()
    if_degrees: str = ""

    def listed(self, chosen: NDArray[np.int64]) -> str:
        """Some of them by name and row, the first ten.

        Parameters
        ----------
        chosen
            Their indices.
        """
        if not len(self.names):
            return row_list(self.rows[chosen])
        told = [f"{self.names[i]!r} (row {self.rows[i]})" for i in chosen[:_LISTED]]
        more = f" and {len(chosen) - _LISTED} more" if len(chosen) > _LISTED else ""
        return ", ".join(told) + more


def look_like_degrees(xy: NDArray[np.float64]) -> bool:
    """Whether all coordinates lie where longitudes and latitudes do.

    Parameters
    ----------
    xy
        Shape (n, 2).
    """
    return bool((np.abs(xy[:, 0]) <= 180).all() and (np.abs(xy[:, 1]) <= 90).all())


def check_metres(places: Places, *, error: type[ScrError], whole: bool = False) -> None:
    """Refuse coordinates that are not what their coordinate system takes them for.

    Parameters
    ----------
    places
        The coordinates.
    error
        Class of the error raised.
    whole
        Whether a part of them may lie far away, as lakes of a whole country do.

    Raises
    ------
    ScrError
        If all are degrees; or where the coordinate system is not meant for those that they give,
        but is for another reading of them (kilometres, feet, x and y exchanged), which is named.
    """
    xy, crs = places.xy, places.crs
    if crs == LOCAL or len(xy) == 0:
        return
    if look_like_degrees(xy):
        _raise_degrees(places, error)
    if _are_kilometres(xy, crs):
        every = np.arange(len(xy))
        _raise_misread(places, every, ("x and y taken as kilometres", len(xy)), error)
    away = np.flatnonzero(~_true_to_scale(xy, crs))
    if len(away) == 0 or (whole and len(away) < len(xy)):
        return
    found = _meant(crs, planar_readings(xy[away]))
    if found is not None:
        _raise_misread(places, away, found, error)


def check_true_to_scale(
    places: Places,
    *,
    error: type[ScrError],
    chosen: bool = False,
    from_degrees: bool = False,
) -> None:
    """Refuse a coordinate system in which lengths are more than 1 % off at some places.

    Parameters
    ----------
    places
        The coordinates.
    error
        Class of the error raised.
    chosen
        Whether the coordinates were converted to this system, which can then be another.
    from_degrees
        Whether they were converted from longitude and latitude.

    Raises
    ------
    ScrError
        Names the size of the fault and the UTM zone of the places.
    """
    xy, crs = places.xy, places.crs
    if crs == LOCAL or len(xy) == 0:
        return
    away = np.flatnonzero(~_true_to_scale(xy, crs))
    if len(away) == 0:
        return
    found = _meant(crs, degree_readings(xy[away], crs)) if from_degrees else None
    if found is not None:
        _raise_misread(places, away, found, error)
    off = length_error(xy, crs)
    zone = zone_of(xy, crs)
    worst = float(off[away].max())
    size = f"up to {100 * worst:.1f} %" if np.isfinite(worst) else "beyond all measure"
    effect = (
        f"is not true to scale: lengths are {size} off those on the ground, and areas twice that"
        if worst > MOST_OFF
        else "is not meant for, on the other side of the earth"
    )
    use = f"the UTM zone of the study area{f', {zone}' if zone else ', such as EPSG:32652'}"
    use += f": to_crs={zone!r}" if zone else ""
    lonlat = reproject_points(xy, crs, WGS84) if zone else xy
    if zone and worst_error(lonlat, zone) > MOST_OFF:  # in several zones, too far apart for one
        use = f"one system for all of them: to_crs={common_system(lonlat)[0]!r}"
    remedy = (
        f"Convert to {use}"
        if chosen
        else f"If the file is in this system, convert it to {use}; if it is not, correct crs, or x "
        "and y"
    )
    msg = (
        f"{places.source}: {len(away)} of {len(xy)} {places.what} lie where {short_name(crs)} "
        f"{effect}: {places.listed(away)}. {remedy}. {COUNTING}"
    )
    rows = places.rows[away]
    raise error(msg, kind="system not true to scale", source=places.source, rows=rows)


def short_name(crs: str) -> str:
    """A coordinate system as a message names it.

    Parameters
    ----------
    crs
        An authority code, WKT or a PROJ string.
    """
    return crs if len(crs) <= 20 else str(parse_crs(crs, source="crs").name)


def _raise_degrees(places: Places, error: type[ScrError]) -> None:
    remedy = places.if_degrees or (
        f"If they are longitude and latitude name their columns so, or give crs={WGS84!r}, and "
        f'to_crs={places.crs!r}; for metres from an origin of your own give crs="local".'
    )
    msg = (
        f"{places.source}: all coordinates lie within 180 and 90 of zero, as degrees do, but "
        f"{short_name(places.crs)} is in metres. {remedy}"
    )
    raise error(msg, kind="degrees called metres", source=places.source)


def _raise_misread(
    places: Places, away: NDArray[np.int64], meant: tuple[str, int], error: type[ScrError]
) -> None:
    told, inside = meant
    metres = (
        "Write x (east) and y (north) in metres, without a mark between thousands"
        if told.startswith("x and y")
        else "Correct the columns of longitude and latitude"
    )
    msg = (
        f"{places.source}: {len(away)} of {len(places.xy)} {places.what} do not lie where "
        f"{short_name(places.crs)} is meant for: {places.listed(away)}. With {told}, {inside} of "
        f"{len(away)} do, which may be meant. {metres}, or correct the coordinate system. "
        f"{COUNTING}"
    )
    rows = places.rows[away]
    raise error(msg, kind="coordinates misread", source=places.source, rows=rows)


def _are_kilometres(xy: NDArray[np.float64], crs: str) -> bool:
    """Whether places lie within a kilometre, and a thousand times that is in the area of use."""
    box = _area_of_use(crs)
    if box is None or float(np.ptp(xy, axis=0).max()) > _SMALL_M:
        return False
    return bool(_within(xy * 1000, box).all() and (length_error(xy * 1000, crs) <= MOST_OFF).all())


def _meant(crs: str, among: Iterable[Reading]) -> tuple[str, int] | None:
    """The first reading that puts nine tenths of places where a system is meant for."""
    for told, other in among:
        inside = _belongs(other, crs)
        if inside.mean() >= _MOST:
            return told, int(inside.sum())
    return None


def _belongs(xy: NDArray[np.float64], crs: str) -> NDArray[np.bool_]:
    """Whether places lie in the area of use of a system or near it, and it is true to scale."""
    box = _area_of_use(crs)
    within = np.ones(len(xy), dtype=np.bool_) if box is None else _within(xy, box)
    return within & _true_to_scale(xy, crs)


def _true_to_scale(xy: NDArray[np.float64], crs: str) -> NDArray[np.bool_]:
    return np.asarray((length_error(xy, crs) <= MOST_OFF) & ~_far_side(xy, crs))


def _within(xy: NDArray[np.float64], box: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    west, south, east, north = box
    return np.asarray(
        (xy[:, 0] >= west) & (xy[:, 0] <= east) & (xy[:, 1] >= south) & (xy[:, 1] <= north)
    )


@lru_cache(maxsize=64)
def _area_of_use(crs: str) -> tuple[float, float, float, float] | None:
    """Where a system is meant for, in its own coordinates, and half as much round it."""
    parsed = parse_crs(crs, source="crs")
    area = parsed.area_of_use
    if area is None:
        return None
    to_crs = Transformer.from_crs(WGS84, parsed, always_xy=True)
    try:
        west, south, east, north = to_crs.transform_bounds(*area.bounds, densify_pts=21)
    except ProjError:
        return None
    if not np.isfinite([west, south, east, north]).all():
        return None
    across, along = _WIDER * (east - west), _WIDER * (north - south)
    return west - across, south - along, east + across, north + along


def _far_side(xy: NDArray[np.float64], crs: str) -> NDArray[np.bool_]:
    """Whether places lie further round the earth from the area of use than any survey would."""
    area = parse_crs(crs, source="crs").area_of_use
    lonlat = None if area is None else converted(xy, WGS84, from_crs=crs)
    if area is None or lonlat is None:
        return np.zeros(len(xy), dtype=np.bool_)
    width = (area.east - area.west) % 360.0 or 360.0
    beyond = (lonlat[:, 0] - area.west) % 360.0 - width
    return np.asarray((beyond > _FAR_DEGREES) & (beyond < 360.0 - width - _FAR_DEGREES))
