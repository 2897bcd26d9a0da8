"""Outlines that follow from the stations: drawn in public, they would show where these stand."""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from scr.errors import MaskError
from scr.habitat.mask import HabitatMask
from scr.io.map_layers import MapLayers
from scr.maps.results.public_numbers import grounds_of
from scr.posterior.zones import Regions
from scr.survey.survey import Survey

_AT_A_STATION_M = 30.0
_FEWEST_STATIONS = 3
_SHARE_AT_STATIONS = 0.5
_FEWEST_CORNERS = 12
_SAME_DISTANCE = 0.02
_SHARE_AT_ONE_DISTANCE = 0.9


def check_outlines(survey: Survey, regions: Regions | None, crs: str) -> None:
    """Refuse regions whose outline is a hull of the stations, or runs at one distance from them.

    Outlines of regions are drawn in public maps and tables, as those of parks and districts are
    known to all. One that was drawn from the stations shows where the outer ones stand.

    Parameters
    ----------
    survey
        The data; of it the places of the stations.
    regions
        Where the number of animals is to be reported.
    crs
        Planar coordinate system of the stations.

    Raises
    ------
    MaskError
        Naming the region, and what gives the stations away.
    """
    if isinstance(regions, HabitatMask):
        return  # cells are squares of a lattice
    stations = np.concatenate([session.traps.xy for session in survey.sessions])
    for name, ground in grounds_of(regions, crs).items():
        why = what_shows_stations(ground, stations)
        if why:
            msg = (
                f"The outline of {name!r} follows from the stations: {why}. Drawn in public/ it "
                "would show where they stand. Report for a park, a district or a shape of its own; "
                "abundance() in Python gives the numbers of this one, for the project alone."
            )
            raise MaskError(msg, kind="outline of stations")


def check_layers(survey: Survey, layers: MapLayers) -> None:
    """Refuse layers of maps that hold the stations, or lines from station to station.

    Parameters
    ----------
    survey
        The data; of it the places of the stations.
    layers
        What maps show beside the colours, in public too.

    Raises
    ------
    MaskError
        Naming the layer, and what gives the stations away.
    """
    stations = np.concatenate([session.traps.xy for session in survey.sessions])
    for kind, features in layers.features.items():
        shapes = [feature.geometry for feature in features]
        for shape in (shapely.GeometryCollection(shapes), *shapes):
            why = "" if shape.is_empty else what_shows_stations(shape, stations)
            if why:
                msg = (
                    f"The layer {kind} of the maps follows from the stations: {why}. Drawn in "
                    "public/ it would show where they stand. Leave it out of [maps]; private maps "
                    "show the stations themselves."
                )
                raise MaskError(msg, kind="outline of stations")


def what_shows_stations(ground: BaseGeometry, stations: NDArray[np.float64]) -> str:
    """In words, how an outline was drawn from stations; empty where it was not.

    Parameters
    ----------
    ground
        Polygons, lines or points, metres.
    stations
        Their places, shape (n_stations, 2), metres.

    Examples
    --------
    >>> stations = np.array([[0.0, 0.0], [9e3, 1e3], [4e3, 7e3], [3e3, 3e3]])
    >>> what_shows_stations(shapely.MultiPoint(stations).convex_hull, stations)
    '3 of its 3 corners are at stations'
    """
    corners = np.unique(shapely.get_coordinates(ground), axis=0)
    distance, nearest = cKDTree(stations).query(corners)
    at = distance <= _AT_A_STATION_M
    if (
        at.mean() >= _SHARE_AT_STATIONS
        and len(np.unique(stations[nearest[at]], axis=0)) >= _FEWEST_STATIONS
    ):
        return f"{at.sum()} of its {len(corners)} corners are at stations"
    usual = float(np.median(distance))
    alike = np.abs(distance - usual) <= _SAME_DISTANCE * usual
    if len(corners) >= _FEWEST_CORNERS and alike.mean() >= _SHARE_AT_ONE_DISTANCE:
        return (
            f"{alike.sum()} of its {len(corners)} corners are {usual:,.0f} m from the nearest one"
        )
    return ""
