"""Draws thinned evenly."""

import numpy as np
from numpy.typing import NDArray


def thinned[T: np.generic](draws: NDArray[T], max_draws: int) -> NDArray[T]:
    """Rows evenly spaced among the draws, all where there are no more than wanted.

    Parameters
    ----------
    draws
        Shape (n_draws, ...).
    max_draws
        Rows wanted, at least 1.

    Examples
    --------
    >>> thinned(np.arange(10.0)[:, None], 4).ravel()
    array([0., 3., 6., 9.])
    """
    if len(draws) <= max_draws:
        return draws
    rows = np.round(np.linspace(0, len(draws) - 1, max_draws)).astype(np.int64)
    return draws[rows]
