"""Stations whose coordinates look wrong among the others."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scr.survey.apart import ANOTHER_PLACE_M, FAR, FAR_M, clusters_of
from scr.survey.spacing import nearest_neighbours
from scr.survey.traps import Traps
from scr.survey.troubles import Trouble, suspicion

_FEW = 5
_STEPS = (100_000, 10_000, 1000)
_MOST_UNEVEN = 0.5


def suspect_places(traps: Traps) -> list[Trouble]:
    """Stations at one place, far from all others, or with rounded coordinates.

    Parameters
    ----------
    traps
        Traps.
    """
    troubles = _rounded(traps)
    for label in traps.sessions:
        rows = np.flatnonzero(traps.session == label)
        xy = traps.xy[rows]
        if len(xy) < 2:
            continue
        nearest = nearest_neighbours(xy)
        same = np.flatnonzero(nearest == 0)
        if len(same):
            names = ", ".join(repr(str(traps.names[rows[k]])) for k in same[:10])
            troubles.append(
                suspicion(
                    "stations at one place",
                    traps.source,
                    traps.rows[rows[same]],
                    found=f"{len(same)} stations stand where another stands: {names}",
                    remedy="If they are cameras of one station give them one name in the "
                    "deployments; otherwise correct the coordinates.",
                )
            )
        usual = float(np.median(nearest))
        far = np.flatnonzero((nearest > FAR * usual) & (nearest > FAR_M))
        if usual > 0 and 0 < len(far) < len(xy) / 4:
            listed = "; ".join(
                f"{traps.names[rows[k]]!r} {nearest[k] / 1000:,.0f} km" for k in far[:10]
            )
            troubles.append(
                suspicion(
                    "station far from all others",
                    traps.source,
                    traps.rows[rows[far]],
                    found=f"{len(far)} stations stand far from their nearest neighbour, usually "
                    f"{usual / 1000:.3g} km away: {listed}",
                    remedy="Check their coordinates for a wrong digit.",
                )
            )
        else:
            troubles += _in_several_places(traps, rows)
    return troubles


def _in_several_places(traps: Traps, rows: NDArray[np.int64]) -> list[Trouble]:
    """Groups of stations of one session so far apart that they may be of two UTM zones."""
    xy = traps.xy[rows]
    cluster, _ = clusters_of(xy)
    if cluster.max() == 0:
        return []
    distance = cKDTree(xy[cluster == 0]).query(xy)[0]
    away = np.flatnonzero((cluster > 0) & (distance > ANOTHER_PLACE_M))
    if len(away) == 0:
        return []
    return [
        suspicion(
            "stations in two places",
            traps.source,
            traps.rows[rows[away]],
            found=f"{len(away)} of {len(xy)} stations stand {distance[away].min() / 1000:,.0f} km "
            "or more from the others",
            remedy="If x and y are of two UTM zones, convert all to one, or give longitude and "
            "latitude. If the places were surveyed apart, give each a session of its own.",
        )
    ]


def _rounded(traps: Traps) -> list[Trouble]:
    """One of x and y in whole kilometres where the other is not even in tens of metres."""
    if len(traps) < _FEW:
        return []
    for axis, name in enumerate("xy"):
        rounded, other = traps.xy[:, axis], traps.xy[:, 1 - axis]
        steps = [step for step in _STEPS if not (rounded % step).any()]
        if steps and rounded.any() and np.mean(other % 10 != 0) > _MOST_UNEVEN:
            return [
                suspicion(
                    "rounded coordinates",
                    traps.source,
                    (),
                    found=f"{name} of all {len(traps)} stations is a multiple of {steps[0]:,} m, "
                    f"while {'yx'[axis]} is not rounded",
                    remedy="A spreadsheet may have shown it as powers of ten and saved what it "
                    "showed. Take it from the source again.",
                )
            ]
    return []
