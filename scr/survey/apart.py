"""Stations that stand far from the others of their session, and what may have put them there."""

import re
from collections import Counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from scr.errors import SurveyError
from scr.io.crs import LOCAL, parse_crs, zone_of
from scr.io.readings import readings
from scr.io.tables import COUNTING, row_list
from scr.schema import plain
from scr.survey.spacing import nearest_neighbours
from scr.survey.traps import Traps

FAR = 10.0
"""Times the usual distance between neighbours beyond which a station stands far off."""

FAR_M = 20_000.0
"""Metres below which no station stands far off."""

ANOTHER_PLACE_M = 150_000.0
"""Metres from the others at which stations may be of another UTM zone."""

_ANOTHER_SIGN_M = 1_000_000.0
_MOST = 0.9
_ZONE_COLUMNS = ("zone", "utmzone", "utm")
_ZONE = re.compile(r"(\d{1,2})\s*([C-HJ-NP-X]?)", re.IGNORECASE)


def clusters_of(xy: NDArray[np.float64]) -> tuple[NDArray[np.int64], float]:
    """Clusters of stations with wide empty ground between them.

    Parameters
    ----------
    xy
        Stations of one session, metres, shape (n, 2).

    Returns
    -------
    label
        Cluster of each station, the largest being 0, shape (n,).
    gap
        Least width of the empty ground, metres.
    """
    tree = cKDTree(xy)
    nearest = nearest_neighbours(xy)
    gap = max(FAR_M, FAR * float(np.median(nearest)))
    label = np.arange(len(xy))
    if len(xy) > 1:
        pairs = tree.query_pairs(gap, output_type="ndarray")
        graph = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(xy), len(xy)))
        label = connected_components(graph, directed=False)[1]
    order = np.argsort(-np.bincount(label), kind="stable")
    return np.argsort(order)[label], gap


def check_one_place(traps: Traps) -> None:
    """Refuse stations that stand far from the others unless their coordinates are read otherwise.

    Parameters
    ----------
    traps
        All stations, each held against those of its session.

    Raises
    ------
    SurveyError
        If stations are in another UTM zone than the others, in other units, exchanged or with
        another sign, so that read that way they stand among the others.
    """
    near = zone_of(traps.xy, traps.crs)
    for label in traps.sessions:
        rows = np.flatnonzero(traps.session == label)
        xy = traps.xy[rows]
        cluster, gap = clusters_of(xy)
        if cluster.max(initial=0) == 0 or gap >= ANOTHER_PLACE_M:
            continue
        main = cKDTree(xy[cluster == 0])
        distance = main.query(xy)[0]
        away = np.flatnonzero((cluster > 0) & (distance > ANOTHER_PLACE_M))
        if len(away) == 0:
            continue
        for told, meant in readings(xy[away], traps.crs, near=near):
            least = _ANOTHER_SIGN_M if "sign" in told else ANOTHER_PLACE_M
            joined = main.query(meant)[0] <= gap
            if joined.mean() >= _MOST and distance[away].min() > least:
                _raise_apart(traps, rows[away], told, distance=float(distance[away].min()))


def _raise_apart(traps: Traps, away: NDArray[np.int64], told: str, *, distance: float) -> None:
    listed = ", ".join(f"{traps.names[i]!r} (row {traps.rows[i]})" for i in away[:10])
    more = f" and {len(away) - 10} more" if len(away) > 10 else ""
    zones = "EPSG" in told
    what = "They may be of the UTM zone beside that of the others" if zones else "They may be so"
    remedy = (
        "Convert all stations to one UTM zone, or give longitude and latitude"
        if zones
        else "Correct their coordinates"
    )
    msg = (
        f"{traps.source}: {len(away)} of {len(traps)} stations stand {distance / 1000:,.0f} km "
        f"from the others: {listed}{more}. With {told}, {len(away)} of {len(away)} stand among "
        f"the others. {what}. {remedy}; if they do stand that far off, give them a session of "
        f"their own. {COUNTING}"
    )
    kind = "stations of two zones" if zones else "coordinates misread"
    raise SurveyError(msg, kind=kind, source=traps.source, rows=traps.rows[away])


def check_zone_column(table: pd.DataFrame, crs: str, *, source: str) -> None:
    """Refuse x and y in several UTM zones, where a column of the table tells the zone.

    Parameters
    ----------
    table
        The stations.
    crs
        Coordinate system of x and y.
    source
        Name of the file.

    Raises
    ------
    SurveyError
        If the column names several zones, or another than ``crs``.
    """
    if crs == LOCAL:
        return
    own = re.search(r"zone (\d+)[NS]$", parse_crs(crs, source=source).name)
    column = next((c for c in table.columns if plain(str(c)) in _ZONE_COLUMNS), None)
    if own is None or column is None:
        return
    cells = table[column].dropna().astype(str).str.strip()
    found = [_ZONE.fullmatch(cell) for cell in cells]
    if not len(cells) or None in found:
        return
    numbers = pd.Series([int(match[1]) for match in found if match], index=cells.index)
    # Numbers of another kind (blocks 1, 2, 3) are no zones of the place.
    if not numbers.between(int(own[1]) - 1, int(own[1]) + 1).all():
        return
    wrong = numbers.index[numbers != int(own[1])]
    if len(wrong) == 0:
        return
    counts = ", ".join(f"{zone!r} ({n})" for zone, n in Counter(cells).items())
    msg = (
        f"{source}: column {column!r} tells UTM zones {counts}, but crs={crs!r} is zone {own[1]}; "
        f"{len(wrong)} of {len(table)} stations are in another: {row_list(wrong)}. Tell the system "
        "of each row in a column crs (EPSG:32652) in place of this one, convert all stations to "
        "one UTM zone, or give longitude and latitude. If the column is something else, rename it. "
        f"{COUNTING}"
    )
    raise SurveyError(msg, kind="stations of two zones", source=source, rows=wrong)
