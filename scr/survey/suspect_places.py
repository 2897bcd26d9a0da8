"""Stations whose coordinates look wrong among the others."""

import numpy as np
from scipy.spatial import cKDTree

from scr.survey.apart import FAR, FAR_M
from scr.survey.traps import Traps
from scr.survey.troubles import Trouble, suspicion


def suspect_places(traps: Traps) -> list[Trouble]:
    """Stations at one place, and stations far from all others.

    Parameters
    ----------
    traps
        Traps.
    """
    troubles = []
    for label in traps.sessions:
        rows = np.flatnonzero(traps.session == label)
        xy = traps.xy[rows]
        if len(xy) < 2:
            continue
        nearest = cKDTree(xy).query(xy, k=2)[0][:, 1]
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
    return troubles
