"""What coordinates may have been meant, where stations do not lie in their reserve."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from scr.habitat.region import Region
from scr.io.crs import zone_of
from scr.io.readings import readings
from scr.survey.traps import Traps

_MOST = 0.9


@dataclass(frozen=True)
class PlaceHypothesis:
    """A reading of the coordinates under which stations lie in the reserve.

    Parameters
    ----------
    told
        In words, to follow "With".
    inside
        Stations that then lie inside, of those asked for, shape (n,).
    """

    told: str
    inside: NDArray[np.bool_]


def explain_places(traps: Traps, region: Region, rows: NDArray[np.int64]) -> PlaceHypothesis | None:
    """The reading of coordinates that puts most of some stations into a region.

    Exchanged coordinates, signs of longitude and latitude, kilometres for metres, and the UTM zones
    and hemispheres round the region are tried, in this order.

    Parameters
    ----------
    traps
        All stations.
    region
        Where they should lie.
    rows
        Indices of the stations that do not.

    Returns
    -------
    PlaceHypothesis or None
        None if none puts nine tenths of them inside.
    """
    geometry = region.in_crs(traps.crs).geometry
    shapely.prepare(geometry)
    best: PlaceHypothesis | None = None
    west, south, east, north = region.geometry.bounds
    near = zone_of(np.array([[west, south], [east, north]]), region.crs)
    for told, xy in readings(traps.xy[rows], traps.crs, near=near):
        inside = shapely.intersects_xy(geometry, xy[:, 0], xy[:, 1])
        if inside.mean() >= _MOST and (best is None or inside.sum() > best.inside.sum()):
            best = PlaceHypothesis(told, inside)
    return best
