"""Zones: several named areas of one layer, for each of which the number of animals is reported."""

from itertools import combinations
from pathlib import Path

import geopandas as gpd
import shapely

from scr.errors import MaskError
from scr.habitat.region import Region, read_reserve
from scr.io.bounds import memory_told
from scr.io.vectors import read_layer


@memory_told(MaskError)
def read_zones(
    given: "str | Path | gpd.GeoDataFrame", *, name: str, crs: str | None = None
) -> dict[str, Region]:
    """Read named areas from a layer: a park and its core, districts, the sides of a border.

    Parameters
    ----------
    given
        GeoPackage, GeoJSON, KML, KMZ or Shapefile with polygons, or a GeoPandas table.
    name
        Column with the name of each zone; features of one name are joined.
    crs
        Planar coordinate system wanted, best that of the traps. Left out, the file's own, which
        then has to be planar.

    Returns
    -------
    dict
        Zones by name, in the order of the file, to be given as ``region=`` to ``abundance``. Zones
        may overlap: an animal living in two of them counts in both.

    Raises
    ------
    MaskError
        If there is no such column, a name is missing, or a polygon cannot be used, as for
        ``read_reserve``.
    """
    source = Path(given).name if isinstance(given, str | Path) else "the zones given"
    frame = read_layer(given) if isinstance(given, str | Path) else given
    columns = [str(column) for column in frame.columns if column != frame.geometry.name]
    if name not in columns:
        listed = ", ".join(map(repr, columns)) or "none"
        msg = (
            f"{source} has no column {name!r}; its columns are {listed}. "
            "Name the one that holds the name of each zone."
        )
        raise MaskError(msg)
    labels = frame[name].map(lambda label: "" if label is None else str(label).strip())
    missing = [str(i + 1) for i, label in enumerate(labels) if label in {"", "nan", "<NA>"}]
    if missing or len(frame) == 0:
        msg = (
            f"{source}: {len(missing)} of {len(frame)} features have no name in column {name!r}: "
            f"row {', '.join(missing[:10])}. Name them, or delete them from the file."
        )
        raise MaskError(msg)
    zones = {}
    for label in dict.fromkeys(labels):
        part = frame[labels == label]
        part.attrs["source"] = source
        zones[label] = read_reserve(part, crs=crs, name=label)
    return zones


def overlaps_of(
    zones: "dict[str, shapely.Geometry]", *, share: float = 1e-6
) -> dict[str, list[str]]:
    """Which zones overlap which.

    Parameters
    ----------
    zones
        Polygons by name, in one coordinate system.
    share
        Share of the smaller zone that has to lie in the other one.

    Returns
    -------
    dict
        For each zone the names of the zones that it overlaps.

    Examples
    --------
    >>> overlaps_of({"a": shapely.box(0, 0, 2, 2), "b": shapely.box(1, 1, 3, 3)})
    {'a': ['b'], 'b': ['a']}
    """
    found: dict[str, list[str]] = {name: [] for name in zones}
    for one, two in combinations(zones, 2):
        common = shapely.area(shapely.intersection(zones[one], zones[two]))
        if common > share * min(shapely.area(zones[one]), shapely.area(zones[two])):
            found[one].append(two)
            found[two].append(one)
    return found
