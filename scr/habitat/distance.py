"""Distance to roads, rivers, villages or edges as a covariate."""

from pathlib import Path

import numpy as np
import shapely
from shapely.strtree import STRtree

from scr.errors import MaskError
from scr.habitat.mask import HabitatMask
from scr.io.bounds import memory_told
from scr.io.vectors import VectorInput, read_lines_or_any


@memory_told(MaskError)
def distance_to(mask: HabitatMask, given: VectorInput, *, name: str) -> HabitatMask:
    """Add a covariate: the straight distance from each cell centre to the nearest feature.

    Parameters
    ----------
    mask
        The cells.
    given
        Vector file, GeoPandas table, or geometry in the mask's coordinate system: points, lines
        or polygons. It has to reach beyond the mask, or the nearest feature may be absent.
    name
        Name of the covariate in formulas.

    Returns
    -------
    HabitatMask
        The mask with the covariate, metres; 0 in polygons.

    Raises
    ------
    MaskError
        If the file cannot be read, has no feature, or has no coordinate system.

    Examples
    --------
    >>> mask = HabitatMask(xy=np.array([[500.0, 500.0]]), cell_area=np.array([1.0]), crs="local")
    >>> road = shapely.LineString([(0, 2000), (1000, 2000)])
    >>> distance_to(mask, road, name="road").covariates["road"].tolist()
    [1500.0]
    """
    source = Path(given).name if isinstance(given, str | Path) else f"the geometry for {name}"
    features = read_lines_or_any(given, crs=mask.crs, source=source)
    tree = STRtree(shapely.get_parts(features))
    pairs, distance = tree.query_nearest(
        shapely.points(mask.xy), return_distance=True, all_matches=False
    )
    values = np.empty(len(mask))
    values[pairs[0]] = distance
    return mask.with_covariate(name, values)
