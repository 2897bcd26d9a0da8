"""What animals left behind, as columns of records, and the edges of what was searched."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from scr.likelihood.data import LikelihoodData
from scr.likelihood.kernel.arrays import Ints, Parts
from scr.likelihood.kernel.searched import least_panel
from scr.model.detection import SHAPES, DetectionFunction


def parts_of(sessions: Sequence[LikelihoodData], family: DetectionFunction) -> Parts:
    """Edges of the searched parts of all sessions.

    Parameters
    ----------
    sessions
        One record a session.
    family
        The detection function.
    """
    found = [data.parts for data in sessions if data.parts is not None]
    if not found:
        none = np.empty(0)
        return Parts(0, 1.0, 1.0, np.zeros(1, dtype=np.int64), none, none, none, none)
    n_edges = np.concatenate([np.diff(parts.start) for parts in found])
    edges = np.concatenate([parts.edge for parts in found])
    dims = found[0].dims
    return Parts(
        dims,
        SHAPES[family.shape].whole(dims),
        least_panel(family.shape, dims),
        np.concatenate([[0], np.cumsum(n_edges)]).astype(np.int64),
        *(edges[:, j].copy() for j in range(4)),
    )


def records_of_detections(
    data: LikelihoodData, number: Ints, given: Ints, family: DetectionFunction
) -> dict[str, Any]:
    """Records of detection, those that differ by nothing but the occasion merged.

    Parameters
    ----------
    data
        The session.
    number
        Number of the option of each animal and class, shape (n_animals, n_classes).
    given
        Where the distances of each point start.
    family
        The detection function.
    """
    found = data.detections
    option = number[found.animal, found.class_]
    grows = np.isin(data.kinds, ["binary", "binomial"])
    keys = np.stack(
        [option, found.point, found.intensity, found.shape, found.effort, grows], axis=1
    )
    distinct, index = np.unique(keys, axis=0, return_inverse=True)
    option, point, intensity, shape = (distinct[:, j].astype(np.int64) for j in range(4))
    n = len(distinct)
    dims = 0 if data.parts is None else data.parts.dims
    return {
        "option": option,
        "x": data.point_xy[point, 0],
        "y": data.point_xy[point, 1],
        "given": given[point],
        "intensity": intensity,
        "shape": shape,
        "dims": np.full(n, dims),
        "over": np.full(n, SHAPES[family.shape].whole(dims)),
        "away": np.zeros(n),
        "number": np.bincount(index.reshape(-1), weights=found.count, minlength=n).astype(float),
        "effort": distinct[:, 4].copy(),
        "grows": distinct[:, 5].astype(np.int64),
        "linear": np.zeros(n),
    }


def records_of_fixes(
    data: LikelihoodData, number: Ints, family: DetectionFunction
) -> dict[str, Any]:
    """Places of animals by their transmitters, as records.

    Parameters
    ----------
    data, number, family
        As in ``records_of_detections``.
    """
    fixes = data.fixes
    n = len(fixes.animal)
    dims = 2 if n else 0
    return {
        "option": number[fixes.animal, fixes.class_],
        "x": fixes.xy[:, 0],
        "y": fixes.xy[:, 1],
        "given": np.full(n, -1),
        "intensity": np.full(n, -1),
        "shape": fixes.shape,
        "dims": np.full(n, dims),
        "over": np.full(n, SHAPES[family.shape].whole(dims)),
        "away": fixes.away,
        "number": fixes.count,
        "effort": np.ones(n),
        "grows": np.zeros(n, dtype=np.int64),
        "linear": np.zeros(n),
    }
