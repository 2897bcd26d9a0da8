"""Relief as light and shadow over a map."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LightSource
from numpy.typing import NDArray

from scr.io.relief import Relief

_FROM_DEGREES, _HEIGHT_DEGREES = 315.0, 45.0
_STEEP, _STEEP_SHARE, _MOST_EXAGGERATED = 0.5, 0.95, 30.0
_DARKEST, _LIGHTEST = 0.4, 0.3


def add_hillshade(axes: Axes, relief: Relief, *, zorder: float) -> None:
    """Darken slopes that look away from a light in the north-west, lighten those that face it.

    Level ground keeps its colour, so that the scale of colours holds there. Heights are exaggerated
    until the steep twentieth of the ground has a slope of 1 in 2.

    Parameters
    ----------
    axes
        The map, its limits set.
    relief
        Heights in its coordinates.
    zorder
        Where it stands among what is drawn.
    """
    west, south, east, north = relief.bounds
    limits = axes.get_xlim(), axes.get_ylim()
    axes.imshow(
        shadow(relief),
        extent=(west, east, south, north),
        interpolation="bilinear",
        aspect="auto",
        zorder=zorder,
    )
    axes.set(xlim=limits[0], ylim=limits[1])


def shadow(relief: Relief) -> NDArray[np.float64]:
    """Black where it is dark and white where it is light, each with its opacity.

    Parameters
    ----------
    relief
        Heights.

    Returns
    -------
    NDArray
        Red, green, blue and opacity from 0 to 1, shape (n_rows, n_columns, 4). Level ground and
        ground without a height are clear.
    """
    heights = relief.heights.astype(np.float64)
    known = np.isfinite(heights)
    heights = np.where(known, heights, 0.0)
    n_rows, n_columns = heights.shape
    west, south, east, north = relief.bounds
    dx, dy = (east - west) / n_columns, (north - south) / n_rows
    slope = np.hypot(*np.gradient(heights, dy, dx))
    steep = float(np.quantile(slope[known], _STEEP_SHARE))
    exaggerated = float(np.clip(_STEEP / steep if steep > 0 else 1.0, 1.0, _MOST_EXAGGERATED))
    # Light as it falls: shade_normals of matplotlib would stretch it, and level ground change.
    towards = LightSource(_FROM_DEGREES, _HEIGHT_DEGREES).direction
    lit = np.clip(_normals(heights * exaggerated, dx, dy) @ towards, 0.0, 1.0)
    level = np.sin(np.radians(_HEIGHT_DEGREES))
    change = np.where(known, lit - level, 0.0)
    opacity = np.where(
        change < 0, _DARKEST * np.minimum(-change / level, 1.0), _LIGHTEST * change / (1 - level)
    )
    tone = np.repeat((change > 0).astype(np.float64)[..., None], 3, axis=2)
    return np.dstack([tone, np.clip(opacity, 0.0, 1.0)])


def _normals(heights: NDArray[np.float64], dx: float, dy: float) -> NDArray[np.float64]:
    """Unit vectors that stand on the ground, east, north and up; rows run from the north."""
    to_south, to_east = np.gradient(heights, dy, dx)
    normal = np.dstack([-to_east, to_south, np.ones_like(heights)])
    return np.asarray(normal / np.linalg.norm(normal, axis=2, keepdims=True))
