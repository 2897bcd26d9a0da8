"""Regions: named areas for which the number of animals is reported."""

from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from pandas.api.types import is_string_dtype
from shapely.geometry.base import BaseGeometry

from scr.errors import MaskError
from scr.io.bounds import memory_told
from scr.io.crs import planar_crs, reproject_geometry, same_crs, zone_of
from scr.io.places import MOST_OFF, short_name
from scr.io.scale import length_error
from scr.io.vectors import Layer, VectorInput, read_layer, read_polygon, vector_place
from scr.units import M2_PER_KM2


@dataclass(frozen=True, eq=False)
class Region:
    """A named area. It never limits the habitat mask.

    Parameters
    ----------
    name
        Printed in tables and on maps.
    geometry
        Polygon or MultiPolygon, metres.
    crs
        Planar coordinate system, as in ``Traps``.
    source
        Name of the file, used in messages.

    Raises
    ------
    MaskError
        If the polygon is empty or invalid, or ``crs`` is not planar and in metres.

    Examples
    --------
    >>> Region("Block A", shapely.box(0, 0, 2000, 5000), crs="local").area_km2
    10.0
    """

    name: str
    geometry: BaseGeometry
    crs: str
    source: str = "region"

    def __post_init__(self) -> None:
        crs = planar_crs(self.crs, source=self.source)
        object.__setattr__(self, "crs", crs)
        checked = read_polygon(self.geometry, crs=crs, source=self.source)
        object.__setattr__(self, "geometry", checked)

    @property
    def area_km2(self) -> float:
        """Area on the map, holes left out, km2."""
        return float(shapely.area(self.geometry)) / M2_PER_KM2

    def in_crs(self, crs: str) -> "Region":
        """The same region in another planar coordinate system.

        Parameters
        ----------
        crs
            Planar coordinate system wanted, that of the mask say.
        """
        if same_crs(self.crs, crs):
            return self
        geometry = reproject_geometry(self.geometry, self.crs, crs)
        return replace(self, geometry=geometry, crs=crs)


@memory_told(MaskError)
def read_reserve(given: VectorInput, *, crs: str | None = None, name: str | None = None) -> Region:
    """Read the area for which the number of animals is reported; it never limits the mask.

    Parameters
    ----------
    given
        GeoPackage, GeoJSON, KML, KMZ or Shapefile with one or more polygons, a GeoPandas table,
        or a geometry in ``crs``.
    crs
        Planar coordinate system wanted, best that of the traps; also that of a table that names
        none. Left out, the file's own, which then has to be planar.
    name
        Name of the region. Left out, the one name that all features have in a column ``name`` (in
        any case), or in the only column of text, or else the file's name without its ending.

    Returns
    -------
    Region
        All polygons of the file joined, holes kept.

    Raises
    ------
    MaskError
        If the file cannot be read, has no polygon or an invalid or empty one, names no
        coordinate system, has one in degrees and ``crs`` is left out (the message names the zone to
        use), or lengths in the coordinate system are more than 1 % off there.

    Warns
    -----
    MaskWarning
        If features cover the same ground, which is counted once.
    """
    if isinstance(given, str | Path):
        source, otherwise = Path(given).name, Path(given).stem
        given = read_layer(given, crs=crs)
    else:
        named = getattr(given, "attrs", {}).get("source", "the reserve given")
        source, otherwise = str(named), "region"
    label = name or _name_in(given) or otherwise
    return region_of(given, label, wanted_crs(given, crs, source=source), source=source)


def _name_in(layer: Layer) -> str | None:
    """The one name that all features of a layer have; None where there are several or none."""
    if not isinstance(layer, gpd.GeoDataFrame):
        return None
    texts = [column for column in layer.columns if is_string_dtype(layer[column])]
    called = [column for column in layer.columns if str(column).casefold() == "name"]
    columns = called or (texts if len(texts) == 1 else [])
    values = {str(v).strip() for column in columns for v in layer[column].dropna()} - {""}
    return values.pop() if len(values) == 1 else None


def region_of(layer: Layer, name: str, crs: str, *, source: str) -> Region:
    """All polygons of a layer as one region.

    Parameters
    ----------
    layer
        The polygons.
    name
        Name of the region.
    crs
        Planar coordinate system of the result.
    source
        What the polygons are called in messages.

    Raises
    ------
    MaskError
        As ``read_reserve``.
    """
    geometry = read_polygon(layer, crs=crs, source=source, warn_overlap=True)
    if geometry.area <= 0:
        msg = f"{source} encloses no area. Draw it as a closed polygon with three corners or more."
        raise MaskError(msg, kind="invalid polygon", source=source)
    _check_scale(geometry, crs, source)
    return Region(name=name, geometry=geometry, crs=crs, source=source)


def _check_scale(geometry: BaseGeometry, crs: str, source: str) -> None:
    """Raise where the middle of an area lies where its coordinate system is not true to scale."""
    middle = shapely.get_coordinates(shapely.centroid(geometry))
    off = float(length_error(middle, crs).max(initial=0.0))
    if off <= MOST_OFF:
        return
    zone = zone_of(middle, crs)
    size = f"{100 * off:.1f} %" if np.isfinite(off) else "beyond all measure"
    msg = (
        f"{source} lies where lengths in {short_name(crs)} are {size} off those on the ground, and "
        "areas twice that. Check that it is the file meant and that it names its own coordinate "
        f"system; if so, use the UTM zone of the study area{f', {zone}' if zone else ''}."
    )
    raise MaskError(msg, kind="system not true to scale", source=source)


def wanted_crs(layer: Layer, crs: str | None, *, source: str) -> str:
    """The planar coordinate system wanted, or a layer's own.

    Parameters
    ----------
    layer
        A layer.
    crs
        What is wanted; None for the layer's own.
    source
        Name of the file.

    Raises
    ------
    MaskError
        If it is not planar; the message names the zone to use.
    """
    if crs is not None:
        return planar_crs(crs, source=source)
    own, lonlat = vector_place(layer)
    return planar_crs(own, source=source, lonlat=lonlat)


def read_areas(given: "AreaInput | list[AreaInput]", *, crs: str, source: str) -> BaseGeometry:
    """Several files, tables, geometries or regions joined into one polygon.

    Parameters
    ----------
    given
        One area, or a list of them.
    crs
        Planar coordinate system of the result.
    source
        Name of the argument, used in messages for geometries without a file.

    Raises
    ------
    MaskError
        As ``read_polygon``; or an empty list.
    """
    areas = given if isinstance(given, list | tuple) else [given]
    if not areas:
        msg = f"{source} is an empty list. Name at least one polygon, or leave it out."
        raise MaskError(msg)
    polygons = []
    for area in areas:
        if isinstance(area, Region):
            polygons.append(area.in_crs(crs).geometry)
        else:
            name = Path(area).name if isinstance(area, str | Path) else source
            polygons.append(read_polygon(area, crs=crs, source=name))
    return shapely.union_all(polygons)


type AreaInput = VectorInput | Region
"""A polygon as a file, a GeoPandas table, a geometry or a ``Region``."""
