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
from scr.maps.grid import grid_of
from scr.maps.layout import SMALL_PT, TEXT_PT
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
        "q2.5": "2.5 % quantile",
        "q25": "25 % quantile",
        "q75": "75 % quantile",
        "q97.5": "97.5 % quantile",
        "p_dot": "probability of being detected",
        "extrapolated": "extrapolated",
    }
)
"""Columns of a summary in words."""

_CLIPPED_SHARE, _MUCH_LESS = 0.002, 0.7
_COLOURS = {"cv": "cividis", "sd": "cividis"}
_NO_CELL = "#ededed"


def colours_of(column: str, given: str | None = None) -> str:
    """Name of the colour map of a column: that given, or one for colour-blind readers.

    Parameters
    ----------
    column
        Column of a summary.
    given
        The user's choice.
    """
    return given or _COLOURS.get(column, "viridis")


def scale_of(
    values: NDArray[np.float64], limits: tuple[float, float] | None = None, *, clip: bool = False
) -> Normalize:
    """The values that the ends of the colours stand for.

    Parameters
    ----------
    values
        What is drawn, any shape; those that are not finite do not count.
    limits
        The ends, where they are given.
    clip
        Whether a few values much above all others may share the last colour.
    """
    if limits is not None:
        return Normalize(*limits)
    finite = values[np.isfinite(values)]
    if len(finite) == 0 or finite.max() <= 0:
        return Normalize(0.0, 1.0)
    top, nearly = float(finite.max()), float(np.quantile(finite, 1 - _CLIPPED_SHARE))
    return Normalize(0.0, nearly if clip and 0 < nearly < _MUCH_LESS * top else top)


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
        From ``scale_of``.
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


def add_colour_bar(figure: Figure, axes: Axes, drawn: Any, *, label: str, above: bool) -> None:
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
    above
        Whether some cells are above the scale.
    """
    bar = figure.colorbar(
        drawn,
        cax=axes,
        orientation="horizontal",
        extend="max" if above else "neither",
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
    if column.startswith(ABOVE):
        return f"Probability of more than {column.removeprefix(ABOVE)} {unit}"
    words = "" if column == surface.headline else f", {COLUMN_WORDS[column]}"
    return f"{unit[0].upper()}{unit[1:]}{words}"
