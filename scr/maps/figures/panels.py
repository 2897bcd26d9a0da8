"""One map of a figure, with all that stands on it, and the legend of them all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.patches import PathPatch
from numpy.typing import NDArray

from scr.habitat.region import Region
from scr.io.map_layers import MapLayers
from scr.maps.figures.backdrop import (
    add_layers,
    layer_handles,
    lines_of,
    marks_of,
    names_of,
    path_of,
)
from scr.maps.figures.furniture import (
    TrapsShown,
    add_outlines,
    add_ticks,
    add_traps,
    outline_handles,
    trap_handle,
)
from scr.maps.figures.hatching import add_hatching, hatching_handle, not_sampled
from scr.maps.figures.labels import add_names
from scr.maps.figures.layout import MM_PER_INCH
from scr.maps.figures.locator import add_locator
from scr.maps.figures.shading import draw_cells
from scr.maps.figures.style import MapStyle
from scr.posterior.surface import Surface

_TOWN_MM = 0.6


@dataclass(frozen=True, eq=False)
class Panel:
    """A surface on a map.

    Parameters
    ----------
    surface
        What is drawn.
    column
        Column of its summary.
    title
        What stands above the map, where there are several.
    traps
        Coordinates of traps, metres, shape (n_traps, 2), what was searched, or None.
    norm
        The scale of its colours.
    colours
        Name of a colour map.
    """

    surface: Surface
    column: str
    title: str
    traps: TrapsShown | None
    norm: Normalize
    colours: str

    @property
    def values(self) -> NDArray[np.float64]:
        """What is drawn, shape (n_cells,)."""
        return self.surface.summary[self.column].to_numpy(dtype=np.float64)


def draw_panel(
    axes: Axes, panel: Panel, outlines: Sequence[Region], style: MapStyle, *, first: bool = True
) -> Any:
    """Draw a surface with outlines, stations and the user's own layers.

    Parameters
    ----------
    axes
        The map, its limits and its place on the sheet set.
    panel
        What to draw.
    outlines
        Regions, in the coordinates of the surface.
    style
        Layers, and whether colours end at the outlines.
    first
        Whether northings or latitudes and the small map stand on this map.

    Returns
    -------
    ScalarMappable
        For the colour bar.
    """
    mask = panel.surface.mask
    drawn = draw_cells(axes, mask, panel.values, norm=panel.norm, cmap=panel.colours)
    if style.clip and outlines:
        ground = path_of(shapely.union_all([region.geometry for region in outlines]))
        drawn.set_clip_path(PathPatch(ground, transform=axes.transData))
    add_hatching(axes, panel.surface)
    if panel.traps is not None:
        add_traps(axes, panel.traps)
    draw_ground(axes, mask.crs, outlines, style.layers, shown=mask.xy, first=first)
    return drawn


def draw_ground(
    axes: Axes,
    crs: str,
    outlines: Sequence[Region],
    layers: MapLayers | None,
    *,
    shown: NDArray[np.float64],
    first: bool = True,
) -> None:
    """Draw degrees, outlines and layers with their names.

    Parameters
    ----------
    axes
        The map, its limits and its place on the sheet set.
    crs
        Its coordinate system.
    outlines
        Regions, in the coordinates of the map.
    layers
        In the same coordinates, or None.
    shown
        Places that the small map should not hide, shape (n, 2).
    first
        Whether latitudes and the small map stand on this map.
    """
    add_ticks(axes, crs, first=first)
    add_outlines(axes, outlines)
    if layers is None:
        return
    add_layers(axes, layers)
    inset = add_locator(axes, layers.locator, crs, shown=shown) if first else None
    marks = marks_of(axes, layers, reach=_TOWN_MM * _metres_per_mm(axes))
    add_names(
        axes,
        names_of(axes, layers),
        taken=[*marks, *([] if inset is None else [inset])],
        better_free=[*(region.geometry for region in outlines), *lines_of(axes, layers)],
    )


def handles_of(
    panels: Sequence[Panel],
    outlines: Sequence[Region],
    style: MapStyle,
    *,
    window: tuple[float, float, float, float],
) -> list[Artist]:
    """Entries of the legend of all maps of a figure.

    Parameters
    ----------
    panels
        What is drawn.
    outlines
        Regions.
    style
        Layers.
    window
        West, south, east and north of the first map.
    """
    handles: list[Artist] = [*outline_handles(outlines)]
    shown = [panel.traps for panel in panels if panel.traps is not None]
    if shown:
        handles.append(trap_handle(shown[0]))
    if any(not_sampled(panel.surface).any() for panel in panels):
        handles.append(hatching_handle())
    if style.layers is not None:
        handles += layer_handles(window, style.layers)
    return handles


def _metres_per_mm(axes: Axes) -> float:
    figure = axes.get_figure(root=True)
    dpi = 100.0 if figure is None else figure.dpi
    return float(np.ptp(axes.get_xlim())) / (axes.get_window_extent().width / dpi * MM_PER_INCH)
