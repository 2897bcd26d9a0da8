"""One coordinate system for places in several UTM zones, and what lengths in it are worth.

Distances and areas are only ever taken within a session, but one survey is kept, mapped and
reported in one system. A Transverse Mercator projection about the middle of the places, or a conic
one where they reach further east and west than north and south, is as true to scale over several
UTM zones as each of these is in its own.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from scr.errors import MaskError
from scr.io.crs import LOCAL, WGS84, middle_of, reproject_points
from scr.io.scale import length_error

NO_MATTER = 1e-3
"""Share by which lengths may be off without a word: densities are then within 0.2 %."""


def common_system(lonlat: NDArray[np.float64]) -> tuple[str, float]:
    """The system of two kinds that is truest to scale at some places, and its largest error.

    Parameters
    ----------
    lonlat
        Places, degrees, shape (n, 2).

    Returns
    -------
    crs
        A PROJ string: Transverse Mercator, or Lambert's conformal conic.
    error
        Largest share by which lengths there are off.

    Examples
    --------
    >>> crs, error = common_system(np.array([[23.0, -1.0], [25.0, 1.0]]))
    >>> crs
    '+proj=tmerc +lon_0=24 +lat_0=0 +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84 +units=m'
    >>> error < 1e-3
    True
    """
    middle = middle_of(lonlat)
    lon, south = (0.0, 0.0) if middle is None else (middle[0], float(lonlat[:, 1].min()))
    span = float(np.ptp(lonlat[:, 1]))
    meridian = f"+lon_0={round(lon):g}"
    end = "+ellps=WGS84 +units=m"
    about = f"+proj=tmerc {meridian} +lat_0=0 +k={{k:g}} +x_0=500000 +y_0=0 {end}"
    off = worst_error(lonlat, about.format(k=1.0))
    between = [f"{south + share * span:.1f}" for share in (1 / 6, 5 / 6)]
    candidates = [
        about.format(k=round(1.0 - min(off, 0.02) / 2.0, 4)),
        f"+proj=lcc {meridian} +lat_0={south:.0f} +lat_1={between[0]} +lat_2={between[1]} "
        f"+x_0=1000000 +y_0=0 {end}",
    ]
    errors = [worst_error(lonlat, crs) for crs in candidates]
    best = int(np.argmin(errors))
    return candidates[best], errors[best]


def worst_error(lonlat: NDArray[np.float64], crs: str) -> float:
    """Largest share by which lengths in a system are off at some places.

    Parameters
    ----------
    lonlat
        Places, degrees, shape (n, 2).
    crs
        A projected coordinate system.
    """
    try:
        return float(length_error(reproject_points(lonlat, WGS84, crs), crs).max(initial=0.0))
    except MaskError:  # A cone that opens at the equator is none.
        return float("inf")


def one_for_all(places: Iterable[tuple[NDArray[np.float64], str]]) -> str:
    """What to do about places in several systems, in words: the system to convert all to.

    Parameters
    ----------
    places
        Coordinates, shape (n, 2), and the system they are in.
    """
    given = list(places)
    if any(crs == LOCAL for _, crs in given):
        return "Local coordinates have no place on earth: give all sessions a coordinate system."
    lonlat = np.concatenate([reproject_points(xy, crs, WGS84) for xy, crs in given])
    found = {crs: worst_error(lonlat, crs) for crs in dict.fromkeys(crs for _, crs in given)}
    nearest = min(found, key=lambda crs: found[crs])
    best, error = nearest, found[nearest]
    if error > NO_MATTER:
        best, error = min([(nearest, error), common_system(lonlat)], key=lambda one: one[1])
    worth = "which does not matter" if error <= NO_MATTER else "and areas twice that"
    return (
        f"Convert all to one: to_crs={best!r}. Lengths in it are at most {100 * error:.2f} % off "
        f"those on the ground at these stations, {worth}."
    )
