"""How true to scale a coordinate system is where the animals are."""

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Proj

from scr.io.crs import LOCAL, parse_crs

_MOST_STRETCH = 1.1
_NO_PLACE = 1e3


def linear_scale(xy: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Length on the map per length on the ground at some places.

    Parameters
    ----------
    xy
        Coordinates in ``crs``, metres, shape (n, 2).
    crs
        A planar coordinate system; ``"local"`` counts as true to scale.

    Returns
    -------
    ndarray
        Square root of the areal scale, shape (n,); 1 where map and ground agree.
    """
    points = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    if crs == LOCAL or len(points) == 0:
        return np.ones(len(points))
    parsed = parse_crs(crs, source="crs")
    if parsed.geodetic_crs is None:
        return np.ones(len(points))
    return np.sqrt(np.abs(_factors(points, parsed)["areal_scale"]))


def _factors(points: NDArray[np.float64], crs: CRS) -> dict[str, NDArray[np.float64]]:
    """Scales of a projection at some places; infinite where there is no place on earth."""
    projection = Proj(crs)
    to_metres = np.array([axis.unit_conversion_factor for axis in crs.axis_info[:2]])
    x, y = (points * to_metres).T
    lon, lat = projection(x, y, inverse=True)
    factors = projection.get_factors(lon, lat)
    return {
        name: np.asarray(getattr(factors, name), dtype=np.float64)
        for name in ("areal_scale", "tissot_semimajor", "tissot_semiminor")
    }


def length_error(xy: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Share by which lengths on the map differ from those on the ground at some places.

    Parameters
    ----------
    xy
        Coordinates in ``crs``, shape (n, 2).
    crs
        A projected coordinate system; ``"local"`` counts as true to scale.

    Returns
    -------
    ndarray
        Shape (n,), not negative; infinite for a place that is not on earth. A system that keeps
        areas may stretch one direction by a tenth against the other before that counts.
    """
    points = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    if crs == LOCAL or len(points) == 0:
        return np.zeros(len(points))
    parsed = parse_crs(crs, source="crs")
    if parsed.geodetic_crs is None:
        return np.zeros(len(points))
    factors = _factors(points, parsed)
    longest, shortest = factors["tissot_semimajor"], factors["tissot_semiminor"]
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.abs(np.sqrt(np.abs(factors["areal_scale"])) - 1.0)
        stretched = longest > _MOST_STRETCH * shortest
        worst = np.maximum(np.abs(longest - 1.0), np.abs(shortest - 1.0))
        found = np.where(stretched, np.maximum(off, worst), off)
    return np.where(np.isfinite(found) & (found < _NO_PLACE), found, np.inf)
