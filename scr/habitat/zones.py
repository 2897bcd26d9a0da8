"""Zones: several named areas of one layer, for each of which the number of animals is reported."""

import unicodedata
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from scr.errors import MaskError
from scr.habitat.region import Region, region_of, wanted_crs
from scr.io.bounds import memory_told
from scr.io.vectors import read_layer, read_polygon


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
        If the layer is empty or a file names no coordinate system, there is no such column, a name
        is missing, two names differ only in case, blanks or the form of their letters, or a polygon
        cannot be used, as for ``read_reserve``.

    Warns
    -----
    MaskWarning
        If features of one name cover the same ground, which is counted once.
    """
    source = Path(given).name if isinstance(given, str | Path) else "the zones given"
    frame = read_layer(given, crs=crs) if isinstance(given, str | Path) else given
    labels = _labels(frame, name, source=source)
    crs = wanted_crs(frame, crs, source=source)
    read_polygon(frame, crs=crs, source=source)  # every fault, with the rows of the file
    zones = {}
    for label in dict.fromkeys(labels):
        zones[label] = region_of(
            frame[labels == label], label, crs, source=f"{source}, zone {label!r}"
        )
    return zones


def _labels(frame: gpd.GeoDataFrame, name: str, *, source: str) -> pd.Series:
    """Name of the zone of each feature."""
    if len(frame) == 0:
        msg = f"{source} has no features. Draw a polygon for each zone, or leave the zones out."
        raise MaskError(msg, kind="no polygon", source=source)
    columns = [str(column) for column in frame.columns if column != frame.geometry.name]
    if name not in columns:
        listed = ", ".join(map(repr, columns)) or "none"
        msg = (
            f"{source} has no column {name!r}; its columns are {listed}. "
            "Give as name= the column that holds the name of each zone."
        )
        raise MaskError(msg, kind="column missing", source=source)
    labels = pd.Series(
        ["" if pd.isna(label) else str(label).strip() for label in frame[name]], index=frame.index
    )
    missing = [i + 1 for i, label in enumerate(labels) if label in {"", "nan", "<NA>"}]
    if missing:
        shown = ", ".join(map(str, missing[:10]))
        msg = (
            f"{source}: {len(missing)} of {len(frame)} features have no name in column {name!r}: "
            f"row {shown}. Name them, or delete them from the file."
        )
        raise MaskError(msg, kind="zone without a name", source=source, rows=missing)
    _check_apart(list(dict.fromkeys(labels)), source=source)
    return labels


def _check_apart(names: list[str], *, source: str) -> None:
    """Raise where two names are one to a reader, or to a file system."""
    alike: dict[str, list[str]] = {}
    for name in names:
        plain = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
        alike.setdefault(plain, []).append(name)
    pairs = [" and ".join(map(repr, group)) for group in alike.values() if len(group) > 1]
    if pairs:
        msg = (
            f"{source}: names of zones differ only in case, blanks or the form of their letters: "
            f"{'; '.join(pairs[:10])}. Write one name for one zone, and names that differ for two."
        )
        raise MaskError(msg, kind="names alike", source=source)


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
