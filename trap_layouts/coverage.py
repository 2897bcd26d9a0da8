"""Coverage: how evenly a layout sees the reserve and the gradients that density follows."""

import numpy as np
from numpy.typing import NDArray

from scr.errors import LayoutError
from scr.habitat.cells import cell_squares
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.io.crs import same_crs
from scr.posterior.footprint import share_within
from trap_layouts.assumptions import Assumptions
from trap_layouts.exposure import Exposure

GAP = 0.1
"""A cell whose animals are detected with a lower probability is a gap."""


def reserve_share(mask: HabitatMask, reserve: Region | None) -> NDArray[np.float64]:
    """Share of each cell that lies in the reserve, shape (n_cells,).

    Parameters
    ----------
    mask
        The cells.
    reserve
        The region; the whole mask if left out.

    Raises
    ------
    LayoutError
        If no cell lies in it, or its coordinate system is another.
    """
    if reserve is None:
        return np.ones(len(mask))
    if not same_crs(mask.crs, reserve.crs):
        msg = (
            f"{reserve.name} is in {reserve.crs}, but {mask.source} is in {mask.crs}. "
            f"Read it with crs={mask.crs!r}."
        )
        raise LayoutError(msg)
    share = share_within(cell_squares(mask), reserve.geometry)
    if not share.any():
        msg = f"{reserve.name} does not meet {mask.source}. Build the mask round the reserve."
        raise LayoutError(msg)
    return share


def coverage(
    exposed: Exposure, assumptions: Assumptions, share: NDArray[np.float64]
) -> dict[str, float]:
    """Detectability over the reserve, gaps, and how the gradients are sampled.

    Parameters
    ----------
    exposed
        Cells and hazards.
    assumptions
        For the covariates of the density formula.
    share
        Share of each cell in the reserve, shape (n_cells,).

    Returns
    -------
    dict
        ``mean_p``: probability that an animal living anywhere in the reserve is detected.
        ``gaps``: share of the reserve where it is below 0.1. ``gradient.<covariate>``: overlap of
        the covariate over the reserve with the covariate where animals are detected (1 less the
        largest difference of the two distribution functions): 1 where the survey sees the
        gradient as it is, near 0 where it sees one end of it.
    """
    mask = assumptions.mask
    area = share * mask.cell_area
    classes = exposed.animals.sum(axis=1)
    seen = np.average(exposed.detectability, axis=0, weights=classes)  # (n_cells,)
    found = {
        "mean_p": float(np.average(seen, weights=area)),
        "gaps": float(np.average(seen < GAP, weights=area)),
    }
    for name in sorted(assumptions.spec.variables("density")):
        values = {"x": mask.xy[:, 0], "y": mask.xy[:, 1]}.get(name, mask.covariates.get(name))
        if values is None:
            continue
        _, level = np.unique(np.asarray(values), return_inverse=True)
        found[f"gradient.{name}"] = 1 - _largest_difference(level.reshape(-1), area, seen * area)
    return found


def _largest_difference(
    level: NDArray[np.int64], first: NDArray[np.float64], second: NDArray[np.float64]
) -> float:
    if second.sum() <= 0:
        return 1.0
    a, b = (np.cumsum(np.bincount(level, weights=w) / w.sum()) for w in (first, second))
    return float(np.abs(a - b).max())
