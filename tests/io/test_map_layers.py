"""Layers of the user's own for maps."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

from scr.errors import MaskError
from scr.io.map_layers import read_map_layers

CRS = "EPSG:32652"
AROUND = (700_000.0, 4_700_000.0, 740_000.0, 4_730_000.0)


def layer(path, shapes, *, crs=CRS, **columns):
    gpd.GeoDataFrame(columns, geometry=shapes, crs=crs).to_file(path)
    return path


def height_map(path, *, crs="EPSG:4326"):
    """Heights that rise with longitude, over the area and far round it."""
    lon = np.linspace(130.05, 132.95, 30)
    heights = np.tile(100 * (lon - 130), (20, 1)).astype(np.float32)
    transform = Affine.translation(130.0, 43.4) @ Affine.scale(0.1, -0.1)
    with rasterio.open(
        path, "w", driver="GTiff", width=30, height=20, count=1, dtype="float32", crs=crs,
        transform=transform,
    ) as file:  # fmt: skip
        file.write(heights, 1)
    return path


def test_read_map_layers__cuts_features_at_what_maps_show_and_keeps_their_names(tmp_path):
    river = shapely.LineString([(600_000, 4_710_000), (800_000, 4_710_000)])
    far = shapely.LineString([(100_000, 4_710_000), (200_000, 4_710_000)])
    path = layer(tmp_path / "r.gpkg", [river, far], NAME=["Narva", None])
    layers = read_map_layers({"rivers": path}, crs=CRS, around=AROUND)
    ((found,),) = layers.features.values()
    assert found.name == "Narva"
    assert found.geometry.bounds == (700_000, 4_710_000, 740_000, 4_710_000)


def test_read_map_layers__brings_layers_into_the_coordinates_of_the_map(tmp_path):
    town = gpd.GeoSeries([shapely.Point(720_000, 4_715_000)], crs=CRS).to_crs(4326)
    path = layer(tmp_path / "t.geojson", town, crs=4326, ort=["Ülgii"])
    layers = read_map_layers({"towns": path}, crs=CRS, around=AROUND, label="ORT")
    (found,) = layers.features["towns"]
    assert found.name == "Ülgii"
    assert found.geometry.coords[0] == pytest.approx((720_000, 4_715_000), abs=0.1)


def test_read_map_layers__a_layer_of_the_whole_earth_is_cut_before_it_is_converted(tmp_path):
    land = layer(tmp_path / "w.geojson", [shapely.box(-180, -89, 180, 89)], crs=4326)
    layers = read_map_layers({"borders": land}, crs=CRS, around=AROUND, locator=land)
    (found,) = layers.features["borders"]
    assert found.geometry.intersection(shapely.box(*AROUND)).area > 0
    west, south, east, north = layers.locator[0].bounds
    assert (east - west, north - south) == (50, 50)


@pytest.mark.parametrize(
    ("kind", "shape", "words"),
    [
        ("water", shapely.LineString([(700_000, 4_710_000), (710_000, 4_710_000)]), "polygons"),
        ("roads", shapely.Point(700_000, 4_710_000), "lines"),
        ("towns", shapely.LineString([(700_000, 4_710_000), (710_000, 4_710_000)]), "points"),
    ],
)
def test_read_map_layers__other_shapes_are_an_error(tmp_path, kind, shape, words):
    path = layer(tmp_path / "layer.gpkg", [shape])
    with pytest.raises(MaskError, match=rf"layer\.gpkg .* in row 1\. .* {kind} needs {words}"):
        read_map_layers({kind: path}, crs=CRS, around=AROUND)


def test_read_map_layers__heights_are_those_of_the_raster(tmp_path):
    path = height_map(tmp_path / "dem.tif")
    relief = read_map_layers({}, crs=CRS, around=AROUND, relief=path).relief
    west, south, east, north = relief.bounds
    n_rows, n_columns = relief.heights.shape
    assert max(n_rows, n_columns) <= 1200
    row, column = n_rows // 3, n_columns // 4
    x = west + (column + 0.5) * (east - west) / n_columns
    y = north - (row + 0.5) * (north - south) / n_rows
    lon = gpd.GeoSeries([shapely.Point(x, y)], crs=CRS).to_crs(4326).x[0]
    assert relief.heights[row, column] == pytest.approx(100 * (lon - 130), abs=0.5)


def test_read_map_layers__heights_elsewhere_are_an_error(tmp_path):
    path = height_map(tmp_path / "dem.tif")
    away = (200_000.0, 5_700_000.0, 240_000.0, 5_730_000.0)
    with pytest.raises(MaskError, match=r"dem\.tif has no height where the survey is"):
        read_map_layers({}, crs=CRS, around=away, relief=path)


def test_read_map_layers__a_survey_without_a_place_has_no_relief(tmp_path):
    path = height_map(tmp_path / "dem.tif")
    with pytest.raises(MaskError, match="without a place on earth"):
        read_map_layers({}, crs="local", around=AROUND, relief=path)
