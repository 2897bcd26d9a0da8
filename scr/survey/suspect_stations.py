"""Stations that may be one: names alike, and cameras a few metres apart."""

import numpy as np
from scipy.spatial import cKDTree

from scr.survey.name_likeness import alike, spelled
from scr.survey.traps import Traps
from scr.survey.troubles import Trouble, suspicion

_NEAR_M = 100.0
_NEAR = 0.05
_OTHERS = 4


def suspect_stations(traps: Traps) -> list[Trouble]:
    """Stations with names alike, and stations a few metres from another.

    Few metres are less than 100, and less than a twentieth of the usual distance to the fourth
    nearest station, so that up to four cameras of one station are told from a dense array.

    Parameters
    ----------
    traps
        Traps.
    """
    troubles = []
    for label in traps.sessions:
        rows = np.flatnonzero(traps.session == label)
        troubles += [*_near(traps, rows), *_named_alike(traps, rows)]
    return troubles


def _near(traps: Traps, rows: np.ndarray) -> list[Trouble]:
    if len(rows) < _OTHERS:
        return []
    tree = cKDTree(traps.xy[rows])
    k = min(len(rows), _OTHERS + 1)
    usual = float(np.median(tree.query(traps.xy[rows], k=k)[0][:, -1]))
    limit = min(_NEAR_M, _NEAR * usual)
    pairs = sorted(tree.query_pairs(limit)) if limit > 0 else []
    apart = [float(np.hypot(*(traps.xy[rows[i]] - traps.xy[rows[j]]))) for i, j in pairs]
    found = [(i, j, metres) for (i, j), metres in zip(pairs, apart, strict=True) if metres > 0]
    if not found:
        return []
    listed = "; ".join(
        f"{traps.names[rows[i]]!r} and {traps.names[rows[j]]!r}, {metres:.0f} m"
        for i, j, metres in found[:10]
    )
    more = f"; and {len(found) - 10} more" if len(found) > 10 else ""
    return [
        suspicion(
            "stations a few metres apart",
            traps.source,
            traps.rows[rows[sorted({k for i, j, _ in found for k in (i, j)})]],
            found=f"{len(found)} pair{'' if len(found) == 1 else 's'} of stations stand a few "
            f"metres apart, where stations usually have {usual / 1000:.2g} km to their fourth "
            f"neighbour: {listed}{more}",
            remedy="If they are cameras of one station give them one name, here and in the other "
            "tables, and one row here; each camera keeps its row in the deployments.",
        )
    ]


def _named_alike(traps: Traps, rows: np.ndarray) -> list[Trouble]:
    twins = alike(map(str, traps.names[rows]))
    if not twins:
        return []
    names = {name for group in twins for name in group}
    return [
        suspicion(
            "names alike",
            traps.source,
            [int(traps.rows[k]) for k in rows if str(traps.names[k]) in names],
            found="names of stations look the same or nearly so: "
            f"{'; '.join(spelled(group) for group in twins[:10])}",
            remedy="If they are one station write its name in one way in all tables.",
        )
    ]
