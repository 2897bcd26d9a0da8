"""What [maps] of a survey.toml asks for."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

from scr.habitat.build import build_mask
from scr.habitat.region import Region
from scr.project.configuration import MapsKeys
from scr.project.map_look import map_look_of
from scr.survey.traps import Traps

CRS = "EPSG:32652"


def mask_round(shift=(0.0, 0.0)):
    x, y = np.meshgrid(712_000 + 2000.0 * np.arange(5), 4_712_000 + 2000.0 * np.arange(5))
    xy = np.column_stack([x.ravel(), y.ravel()])
    xy[0] += shift
    return build_mask(Traps([f"s{i}" for i in range(25)], xy, crs=CRS), buffer=6000, spacing=500)


@pytest.fixture
def keys(tmp_path):
    """A road across the area in longitude and latitude, and heights like waves."""
    road = gpd.GeoSeries([shapely.LineString([(6e5, 4.71e6), (8e5, 4.72e6)])], crs=CRS)
    road.to_crs(4326).to_file(tmp_path / "road.geojson")
    wave = np.sin(np.arange(400) / 9)[None, :] * np.cos(np.arange(400) / 7)[:, None]
    transform = Affine.translation(690_000, 4_740_000) @ Affine.scale(123, -123)
    with rasterio.open(
        tmp_path / "dem.tif", "w", driver="GTiff", width=400, height=400, count=1,
        dtype="float32", crs=CRS, transform=transform,
    ) as file:  # fmt: skip
        file.write(wave.astype(np.float32), 1)
    return MapsKeys(relief=tmp_path / "dem.tif", roads=tmp_path / "road.geojson", margin=3000.0)


def test_map_look_of__holds_all_that_maps_can_show(keys):
    region = Region("Far", shapely.box(740_000, 4_710_000, 750_000, 4_716_000), CRS)
    look = map_look_of(SimpleNamespace(maps=keys), mask_round(), region)
    west, south, east, north = look.layers.relief.bounds
    assert west <= 706_000 - 3000
    assert south <= 4_706_000 - 3000
    assert east >= 750_000 + 3000
    assert north >= 4_726_000 + 3000
    assert look.margin == 3000


def test_map_look_of__layers_do_not_tell_where_an_outer_station_stands(keys):
    # Maps for the public show these layers: they may not change with one station.
    looks = [
        map_look_of(SimpleNamespace(maps=keys), mask_round(shift), None)
        for shift in ((0.0, 0.0), (-900.0, -700.0))
    ]
    one, two = (look.layers for look in looks)
    assert one.relief.bounds == two.relief.bounds
    np.testing.assert_array_equal(one.relief.heights, two.relief.heights)
    roads = [layers.features["roads"][0].geometry for layers in (one, two)]
    assert shapely.equals_exact(*roads)


def test_map_look_of__without_layers_there_is_only_the_size():
    bare = SimpleNamespace(maps=MapsKeys(size="A4"))
    look = map_look_of(bare, mask_round(), None)
    assert (look.layers, look.size, look.margin) == (None, "A4", None)
