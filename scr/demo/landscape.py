"""The demo's landscape: real coast, borders and elevation; drawn park; made-up forest and roads."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.warp import Resampling, reproject
from scipy.ndimage import distance_transform_edt, gaussian_filter
from shapely.geometry.base import BaseGeometry

from scr.io.crs import WGS84
from scr.io.rasters import write_geotiff

CRS = "EPSG:32652"
RESERVE_NAME = "Simulated Leopard Reserve"
SOURCES = Path(__file__).parent / "geography"

_CELL = 1000.0
_WEST, _NORTH, _COLUMNS, _ROWS = 590_000.0, 4_880_000.0, 165, 200
_FROM_BORDER, _ROUNDING = 800.0, 500.0
_LEAST_SEA_KM2 = 10.0

_OUTLINE_KM = (
    (668, 4838), (690, 4840), (701, 4836), (709, 4827), (712.5, 4815), (710, 4803), (704, 4793),
    (700, 4781), (697, 4775), (690, 4769), (687, 4760), (682, 4750), (674, 4742), (662, 4737),
    (650, 4735), (638, 4733.5), (628, 4729), (622, 4729.5), (614, 4727.5), (612, 4734),
    (640, 4752), (668, 4765), (668, 4800), (665, 4825),
)  # fmt: skip
"""Corners of the park before it is cut at the border, kilometres east and north."""

_ROADS_KM = (
    ((727, 4806), (716, 4797), (708, 4784), (702, 4770), (694, 4757), (688, 4744), (672, 4733),
     (650, 4731), (640, 4729), (634, 4722)),
    ((716, 4797), (700, 4803), (688, 4806)),
    ((702, 4770), (690, 4776), (681, 4783)),
    ((688, 4744), (676, 4750)),
    ((727, 4806), (722, 4825), (712, 4845), (705, 4870)),
    ((604, 4742), (625, 4752), (645, 4757), (662, 4768), (664, 4790), (660, 4820), (655, 4860)),
    ((625, 4752), (616, 4738)),
)  # fmt: skip
"""Made-up roads, kilometres east and north."""


@dataclass(frozen=True, eq=False)
class Landscape:
    """Polygons of the demo, all in ``CRS``.

    Parameters
    ----------
    home
        Land on the park's side of the border.
    beyond
        Land on the other side.
    sea
        Sea and bays, with the islands in them.
    reserve
        The park.
    """

    home: BaseGeometry
    beyond: BaseGeometry
    sea: BaseGeometry
    reserve: BaseGeometry


def read_landscape() -> Landscape:
    """Coast and borders from Natural Earth, with the park drawn between them."""
    countries = gpd.read_file(SOURCES / "borders.geojson").set_index("name")
    box = shapely.box(*countries.total_bounds)
    water = shapely.get_parts(box.difference(countries.union_all()))
    filled = [shapely.Polygon(part.exterior) for part in water]
    sea = _planar(shapely.union_all(filled), countries.crs)
    parts = [part for part in shapely.get_parts(sea) if part.area > _LEAST_SEA_KM2 * 1e6]
    home = _planar(countries.geometry["Russia"], countries.crs)
    foreign = _planar(countries.drop(index="Russia").union_all(), countries.crs)
    beyond = foreign.union(_west_of(foreign))
    drawn = shapely.Polygon(1000.0 * np.array(_OUTLINE_KM))
    cut = drawn.intersection(home.buffer(-_FROM_BORDER)).buffer(-_ROUNDING).buffer(_ROUNDING)
    return Landscape(
        home=home,
        beyond=beyond,
        sea=_on_the_metre(shapely.union_all(parts)),
        reserve=_on_the_metre(cut.simplify(100.0)),
    )


def write_polygons(landscape: Landscape, folder: Path) -> None:
    """Write ``reserve.gpkg`` and ``sea.gpkg``.

    Parameters
    ----------
    landscape
        What to write.
    folder
        Where.
    """
    for file, name, geometry in (
        ("reserve.gpkg", RESERVE_NAME, landscape.reserve),
        ("sea.gpkg", "Sea of Japan", landscape.sea),
    ):
        (folder / file).unlink(missing_ok=True)
        gpd.GeoDataFrame({"name": [name]}, geometry=[geometry], crs=CRS).to_file(folder / file)


def write_map_layers(folder: Path) -> None:
    """Write ``relief.tif`` and ``roads.geojson``, which the maps show.

    Parameters
    ----------
    folder
        Where.
    """
    shutil.copyfile(SOURCES / "elevation_5arcmin.tif", folder / "relief.tif")
    lines = [shapely.LineString(1000.0 * np.array(line)) for line in _ROADS_KM]
    roads = gpd.GeoDataFrame({"name": [""] * len(lines)}, geometry=lines, crs=CRS).to_crs(WGS84)
    rounded = {"COORDINATE_PRECISION": 5, "WRITE_NAME": "NO"}
    roads.to_file(folder / "roads.geojson", driver="GeoJSON", **rounded)


def write_rasters(landscape: Landscape, folder: Path, *, rng: np.random.Generator) -> None:
    """Write elevation, the far side of the border, forest and roads, on cells of 1 km.

    Cells without land have no data.

    Parameters
    ----------
    landscape
        Coast and border.
    folder
        Where.
    rng
        Source of the made-up forest.
    """
    cells = _squares()
    land = _area(cells, landscape.home) + _area(cells, landscape.beyond)
    elevation = _elevation()
    beyond = _area(cells, landscape.beyond) > 0.5 * land
    roads = shapely.MultiLineString([1000.0 * np.array(line) for line in _ROADS_KM])
    road_km = shapely.length(shapely.intersection(cells, roads)) / 1000.0
    values = {
        "elevation": (np.round(elevation), "m"),
        "beyond_border": (beyond.astype(np.float64), "1 beyond the border, else 0"),
        "forest": (np.round(_forest(elevation, rng), 2), "share of the cell"),
        "roads": (np.round(road_km, 2), "km per km2"),
    }
    for name, (grid, unit) in values.items():
        write_geotiff(
            folder / f"{name}.tif",
            {name: np.where(land > 0, grid, np.nan)},
            transform=_transform(),
            crs=CRS,
            units=unit,
            tags=_tags(name),
        )


def _tags(name: str) -> Mapping[str, str]:
    if name == "elevation":
        return {"SOURCE": "Altitude data of pvlib, 5 arc minutes, interpolated to 1 km"}
    if name == "beyond_border":
        return {"SOURCE": "Natural Earth 1:10m"}
    return {"SOURCE": "SIMULATED", "BANNER": "SIMULATED"}


def _planar(geometry: BaseGeometry, crs: object) -> BaseGeometry:
    """A geometry in degrees converted to metres, its long straight edges kept on the map."""
    return gpd.GeoSeries([shapely.segmentize(geometry, 0.02)], crs=crs).to_crs(CRS).iloc[0]


def _west_of(foreign: BaseGeometry) -> BaseGeometry:
    """The strip, all land, between the western edge of the borders' file and of the rasters."""
    west, _, _, north = foreign.bounds
    return shapely.box(_WEST, _NORTH - _CELL * _ROWS, west + 3 * _CELL, north)


def _on_the_metre(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.set_precision(geometry, 1.0)


def _transform() -> Affine:
    return Affine(_CELL, 0.0, _WEST, 0.0, -_CELL, _NORTH)


def _squares() -> NDArray[np.object_]:
    """The raster's cells, shape (n_rows, n_columns)."""
    west, north = np.meshgrid(
        _WEST + _CELL * np.arange(_COLUMNS), _NORTH - _CELL * np.arange(_ROWS)
    )
    squares: NDArray[np.object_] = shapely.box(west, north - _CELL, west + _CELL, north)
    return squares


def _area(cells: NDArray[np.object_], geometry: BaseGeometry) -> NDArray[np.float64]:
    """Area of each cell inside a polygon, m2."""
    shapely.prepare(geometry)
    area = np.where(shapely.contains_properly(geometry, cells), _CELL**2, 0.0)
    cut = shapely.intersects(geometry, cells) & (area == 0)
    area[cut] = shapely.area(shapely.intersection(cells[cut], geometry))
    return np.asarray(area, dtype=np.float64)


def _elevation() -> NDArray[np.float64]:
    """Elevation in metres, the sea taken from the nearest land before interpolating."""
    with rasterio.open(SOURCES / "elevation_5arcmin.tif") as dataset:
        coarse = dataset.read(1).astype(np.float64)
        nearest = distance_transform_edt(
            np.isnan(coarse), return_distances=False, return_indices=True
        )
        fine = np.full((_ROWS, _COLUMNS), np.nan)
        reproject(
            np.maximum(coarse[tuple(nearest)], 0.0),
            fine,
            src_transform=dataset.transform,
            src_crs=dataset.crs,
            dst_transform=_transform(),
            dst_crs=CRS,
            resampling=Resampling.bilinear,
        )
    return fine


def _forest(elevation: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Share of forest: more of it higher up, in patches of a few kilometres."""
    patches = gaussian_filter(rng.standard_normal(elevation.shape), 4.0)
    height = (elevation - elevation.mean()) / elevation.std()
    logit = 0.8 + 0.8 * height + 1.2 * patches / patches.std()
    return np.asarray(1 / (1 + np.exp(-logit)), dtype=np.float64)
