"""The coordinate system in which a project's stations are to be read."""

import numpy as np
import pandas as pd

from scr.io.crs import LOCAL, middle_of, utm_zone
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
