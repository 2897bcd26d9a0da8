"""The colours of a map: cells, their scale, the bar that explains it."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from scr.habitat.cells import cell_side
from scr.habitat.mask import HabitatMask
from scr.maps.figures.layout import SMALL_PT, TEXT_PT
from scr.maps.grid import grid_of
from scr.posterior.surface import ABOVE, Surface


class _Words(dict[str, str]):
    """Words of columns, those for a probability above a threshold made when they are asked for."""

    def __missing__(self, column: str) -> str:
        if not column.startswith(ABOVE):
            raise KeyError(column)
        return f"probability above {column.removeprefix(ABOVE)}"


COLUMN_WORDS = _Words(
    {
        "median": "median",
        "mean": "mean",
        "sd": "standard deviation",
        "cv": "coefficient of variation",
        "q2.5": "lower limit (2.5 %)",
        "q25": "lower quartile",
        "q75": "upper quartile",
        "q97.5": "upper limit (97.5 %)",
        "p_dot": "probability of being detected",
        "extrapolated": "extrapolated",
        "p_decline": "probability of decline",
    }
)
"""Columns of a summary in words."""

_NO_CELL = "#ededed"
_ENDS = {
    (False, False): "neither",
    (False, True): "max",
    (True, False): "min",
    (True, True): "both",
}


def draw_cells(
    axes: Axes, mask: HabitatMask, values: NDArray[np.float64], *, norm: Normalize, cmap: str
) -> Any:
    """Colour the cells: pixels where they lie on a lattice, else squares.

    Parameters
    ----------
    axes
        The map, its limits set.
    mask
        The cells.
    values
        One for each cell, shape (n_cells,).
    norm
        From ``scale_for``.
    cmap
        Name of a colour map.

    Returns
    -------
    ScalarMappable
        For the colour bar.
    """
    axes.set_facecolor(_NO_CELL)
    if mask.spacing is None:
        half = cell_side(mask)[:, None, None] / 2
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        squares = PolyCollection(mask.xy[:, None, :] + half * corners, norm=norm, cmap=cmap)
        squares.set_array(values)
        return axes.add_collection(squares)
    grid = grid_of(mask)
    west, south, east, north = grid.bounds
    limits = axes.get_xlim(), axes.get_ylim()
    image = axes.imshow(
        grid.filled(values),
        extent=(west, east, south, north),
        norm=norm,
        cmap=cmap,
        interpolation="nearest",
        aspect="auto",
    )
    axes.set(xlim=limits[0], ylim=limits[1])
    return image


def add_colour_bar(
    figure: Figure, axes: Axes, drawn: Any, *, label: str, values: NDArray[np.float64]
) -> None:
    """A bar of colours with its numbers and its name.

    Parameters
    ----------
    figure
        The figure.
    axes
        Where the bar stands.
    drawn
        What ``draw_cells`` returned.
    label
        What the colours mean, with the unit.
    values
        All that is drawn on this scale, any shape: the bar ends in an arrow where some of it is
        beyond the scale.
    """
    above = bool(np.nanmax(values, initial=-np.inf) > drawn.norm.vmax)
    below = bool(np.nanmin(values, initial=np.inf) < drawn.norm.vmin)
    bar = figure.colorbar(
        drawn,
        cax=axes,
        orientation="horizontal",
        extend=_ENDS[below, above],
        ticks=MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]),
    )
    bar.set_label(label, size=TEXT_PT, labelpad=1.5)
    bar.ax.tick_params(labelsize=SMALL_PT, length=2, width=0.5, pad=1.5)
    bar.outline.set_linewidth(0.5)


def label_of(surface: Surface, column: str) -> str:
    """What the colours of a map mean, with the unit.

    Parameters
    ----------
    surface
        What is drawn.
    column
        Column of its summary.
    """
    if column == "cv":
        return "Coefficient of variation"
    unit = surface.unit.replace("km2", "km²")
    if column == "p_decline":
        return "Probability of decline"
    if column.startswith(ABOVE):
        return f"Probability of more than {column.removeprefix(ABOVE)} {unit}"
    words = "" if column == surface.headline else f", {COLUMN_WORDS[column]}"
    return f"{unit[0].upper()}{unit[1:]}{words}"
