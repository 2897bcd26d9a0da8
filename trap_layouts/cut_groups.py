"""Groups of stations of a pattern that the edge of the area cut."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import eye_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree


def cut_groups(
    name: str, points: NDArray[np.float64], *, spacing: float, side: int = 3, apart: float = 1000.0
) -> str:
    """Clusters or pairs of which the edge of the area cut some stations off, in words.

    Parameters
    ----------
    name
        The pattern.
    points
        From ``pattern_points``, shape (n, 2).
    spacing, side, apart
        As it was made.

    Returns
    -------
    str
        Such as ``"2 of 7 clusters were cut, to 4 and 6 of 9 stations,"``; empty where none was.
    """
    whole = {"clusters": side**2, "hollow": 4 * (side - 1), "pairs": 2}.get(name)
    if whole is None or side < 2 or len(points) == 0:
        return ""
    reach = 1.01 * (apart if name == "pairs" else spacing * (side - 1) * 2**0.5)
    groups = cKDTree(points).sparse_distance_matrix(cKDTree(points), reach)
    n_groups, of = connected_components(groups + eye_array(len(points)), directed=False)
    sizes = np.bincount(of)
    cut = sorted(sizes[sizes < whole].tolist())
    if not cut:
        return ""
    what = "pairs" if name == "pairs" else "clusters"
    were = "was" if len(cut) == 1 else "were"
    listed = " and ".join(", ".join(map(str, cut)).rsplit(", ", 1))
    return f"{len(cut)} of {n_groups} {what} {were} cut, to {listed} of {whole} stations,"
