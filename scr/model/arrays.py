"""Parameters as the likelihood takes them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class ModelArrays:
    """Parameters as the likelihood takes them, made from coefficients by the design.

    Parameters
    ----------
    log_density
        For each session log D per km2, shape (1 or n_classes, n_cells).
    intensity
        lambda0 per day, or g0, by level, shape (n_intensity,).
    sigma
        Spatial scale by level, metres, shape (n_shape,).
    z
        Second shape parameter by level, shape (n_shape,); ones where the family has none.
    log_share
        Log of the share of each class, shape (n_sessions, n_classes).
    resistance
        For each session resistance of the cells to movement, 1 for straight distances, shape
        (n_cells,); none where distance has no formula.
    """

    log_density: tuple[NDArray[np.float64], ...]
    intensity: NDArray[np.float64]
    sigma: NDArray[np.float64]
    z: NDArray[np.float64]
    log_share: NDArray[np.float64]
    resistance: tuple[NDArray[np.float64], ...] = ()
