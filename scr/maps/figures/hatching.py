"""Cells whose covariates were not sampled, hatched: what the model says there is a guess."""

from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import Patch, PathPatch
from numpy.typing import NDArray

from scr.habitat.cells import cell_squares
from scr.maps.figures.backdrop import path_of
from scr.posterior.surface import Surface

NOT_SAMPLED = "Covariates not sampled"
"""What the legend says of hatched cells."""

_LOOK: dict[str, Any] = {
    "facecolor": "none",
    "edgecolor": "white",
    "linewidth": 0.0,
    "hatch": "//////",
}


def not_sampled(surface: Surface) -> NDArray[np.bool_]:
    """Cells whose covariates, or the combination of them, were not sampled near the stations.

    Parameters
    ----------
    surface
        Estimates; of what is public nothing is known.

    Returns
    -------
    NDArray
        Shape (n_cells,).
    """
    support = surface.support
    if support is None or "extrapolated" not in support or surface.estimand == "detectability":
        return np.zeros(len(surface.mask), dtype=np.bool_)
    return np.asarray(support["extrapolated"].to_numpy() > 0)


def add_hatching(axes: Axes, surface: Surface) -> None:
    """Hatch the cells whose covariates were not sampled.

    Parameters
    ----------
    axes
        The map.
    surface
        What is drawn.
    """
    beyond = not_sampled(surface)
    if not beyond.any():
        return
    ground = shapely.union_all(cell_squares(surface.mask)[beyond])
    axes.add_patch(PathPatch(path_of(ground), zorder=1.5, **_LOOK))


def hatching_handle() -> Patch:
    """Entry of the legend for hatched cells."""
    return Patch(label=NOT_SAMPLED, **{**_LOOK, "facecolor": "#9a9a9a"})
