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
        For each session log D per km2, shape (1, n_cells); or of each class where the shares of
        sexes vary between cells, which are in it and not in ``log_share``, shape (n_classes,
        n_cells).
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

    def of_classes(self, session: int) -> NDArray[np.float64]:
        """Log density of each class, its share taken, shape (n_classes, n_cells).

        Parameters
        ----------
        session
            Index of the session.
        """
        return np.asarray(self.log_share[session][:, None] + self.log_density[session])

    def shares_in_cells(self, session: int) -> NDArray[np.float64]:
        """Share of each class among the animals of each cell, shape (n_classes, n_cells or 1).

        Parameters
        ----------
        session
            Index of the session.
        """
        if len(self.log_density[session]) == 1:
            return np.asarray(np.exp(self.log_share[session])[:, None])
        of_classes = self.of_classes(session)
        return np.asarray(np.exp(of_classes - np.logaddexp.reduce(of_classes, axis=0)))

    def mean_shares(self, session: int, area: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of each class among the animals of all cells, shape (n_classes,).

        Parameters
        ----------
        session
            Index of the session.
        area
            Area of each cell, shape (n_cells,).
        """
        if len(self.log_density[session]) == 1:
            return np.asarray(np.exp(self.log_share[session]))
        of_classes = self.of_classes(session)
        living = np.exp(of_classes - of_classes.max()) @ area
        return np.asarray(living / living.sum())
