"""The coordinate system in which a project's stations are to be read."""

import pandas as pd

from scr.io.crs import LOCAL, utm_zone
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
        One entry.
    """
    if not {"lon", "lat"} <= set(project.traps.columns):
        return {"crs": crs or project.crs or LOCAL}
    if crs is not None:
        return {"to_crs": crs}
    lon, lat = (
        float(pd.to_numeric(project.traps[column], errors="coerce").mean())
        for column in ("lon", "lat")
    )
    return {"to_crs": utm_zone(lon, lat)}
