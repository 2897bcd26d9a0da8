"""The coordinate system in which a project's stations are to be read."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.io.crs import LOCAL, WGS84, middle_of, reproject_points, utm_zone
from scr.io.project import ProjectTables


def place_of_project(project: ProjectTables, *, crs: str | None = None) -> dict[str, str]:
    """Arguments of ``read_traps``: ``crs`` of x and y, or ``to_crs`` for longitude and latitude.

    Parameters
    ----------
    project
        Its tables.
    crs
        Coordinate system given by the user; left out, longitude and latitude go to the UTM zone in
        which the stations lie on average, and x and y are taken as the format tells, or as local.

    Returns
    -------
    dict
        One entry; none where longitude and latitude cannot be read, which reading tells of.
    """
    if not {"lon", "lat"} <= set(project.traps.columns):
        return {"crs": crs or project.crs or LOCAL}
    if crs is not None:
        return {"to_crs": crs}
    lonlat = [pd.to_numeric(project.traps[c], errors="coerce").to_numpy() for c in ("lon", "lat")]
    middle = middle_of(np.column_stack(lonlat))
    return {} if middle is None or abs(middle[1]) > 90 else {"to_crs": utm_zone(*middle)}


def place_in_words(xy: NDArray[np.float64], crs: str) -> str:
    """Where on earth places lie, in longitude and latitude, for someone who knows them.

    Parameters
    ----------
    xy
        Coordinates, shape (n, 2).
    crs
        Their coordinate system, or ``"local"``.

    Raises
    ------
    MaskError
        If they lie nowhere on earth in this system.

    Examples
    --------
    >>> place_in_words(np.array([[500_000.0, 4_760_000.0], [600_000.0, 4_800_000.0]]), "EPSG:32652")
    'longitude 129.00 to 130.23, latitude 42.99 to 43.35'
    >>> place_in_words(np.zeros((1, 2)), "local")
    'planar metres without a place on earth'
    """
    if crs == LOCAL:
        return "planar metres without a place on earth"
    (west, south), (east, north) = (
        reduce(reproject_points(xy, crs, WGS84), axis=0) for reduce in (np.nanmin, np.nanmax)
    )
    return f"longitude {west:.2f} to {east:.2f}, latitude {south:.2f} to {north:.2f}"
