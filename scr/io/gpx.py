"""Waypoints of a GPS receiver."""

from pathlib import Path

import gpxpy
import pandas as pd
from gpxpy.gpx import GPXException

from scr.errors import SurveyError
from scr.io.bounds import memory_told
from scr.io.project import named_table
from scr.io.xml_text import parsed_xml


@memory_told(SurveyError)
def read_gpx(path: str | Path, *, descriptions: bool = False) -> pd.DataFrame:
    """Waypoints as a table of stations.

    Parameters
    ----------
    path
        GPX file.
    descriptions
        Whether to keep what is written at each waypoint, as column ``description``.

    Returns
    -------
    DataFrame
        Columns trap, lon, lat (degrees, WGS 84); the index counts waypoints from 1.

    Raises
    ------
    SurveyError
        If it is no GPX file, or has no waypoint.
    """
    path = Path(path)
    if not path.is_file():
        msg = f"{path} was not found. Check the name and the folder it is looked for in."
        raise SurveyError(msg, kind="file not found", source=path.name)
    try:
        content = path.read_bytes()
        parsed_xml(content)
        parsed = gpxpy.parse(content.decode("utf-8-sig"))
    except (GPXException, ValueError, LookupError) as fault:
        msg = f"{path.name} is no GPX file ({fault}). Export the waypoints again as GPX."
        raise SurveyError(msg, kind="unreadable table", source=path.name) from fault
    if not parsed.waypoints:
        n_tracks = len(parsed.tracks) + len(parsed.routes)
        msg = (
            f"{path.name} has no waypoints ({n_tracks} tracks or routes). Stations are waypoints: "
            "export these."
        )
        raise SurveyError(msg, kind="empty file", source=path.name)
    table = pd.DataFrame(
        [(w.name, w.longitude, w.latitude) for w in parsed.waypoints],
        columns=["trap", "lon", "lat"],
        index=pd.RangeIndex(1, len(parsed.waypoints) + 1, name="row"),
    )
    if descriptions:
        table["description"] = [w.description or "" for w in parsed.waypoints]
    return named_table(table, path.name)
