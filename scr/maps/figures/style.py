"""How a map is drawn: what its maker chooses."""

from collections.abc import Mapping
from dataclasses import dataclass

from scr.io.map_layers import MapLayers
from scr.maps.figures.layout import COLUMN_WIDTH_MM
from scr.maps.figures.scales import Limits


@dataclass(frozen=True, eq=False)
class MapStyle:
    """How a map is drawn.

    Parameters
    ----------
    subject
        What the survey is called; put on the second line.
    banner
        Text stamped on the figure, such as ``"SIMULATED"``.
    width_mm
        Width of the figure, millimetres: 85 for a column, 174 for a page.
    limits
        Smallest and largest value of the colours; or those of each quantity, from
        ``common_limits`` of several surfaces; from 0 to nearly the largest value if left out.
    bounds
        West, south, east and north of the map, metres; all cells and outlines if left out.
    colours
        Name of a matplotlib colour map; one that colour-blind readers can read if left out.
    layers
        Relief, water, rivers, roads, borders, towns and locator, such as ``load_project(...)``
        has in ``map_layers``; none if left out.
    margin
        Ground shown round the outlines, or round the cells where there are none, metres; 3 % of
        the width of all if left out or less.
    clip
        Whether colours end at the outline of the regions, and not at the edges of whole cells.
    """

    subject: str | None = None
    banner: str | None = None
    width_mm: float = COLUMN_WIDTH_MM
    limits: Limits | Mapping[str, Limits] | None = None
    bounds: tuple[float, float, float, float] | None = None
    colours: str | None = None
    layers: MapLayers | None = None
    margin: float | None = None
    clip: bool = False
