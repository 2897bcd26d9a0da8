import geopandas as gpd
import numpy as np
import pytest
import shapely

from scr.errors import MaskError
from scr.habitat.build import build_mask
from scr.habitat.distance import distance_to
from scr.habitat.mask import HabitatMask
from scr.survey.traps import Traps

UTM = "EPSG:32652"


def test_distance_to__a_straight_road_and_a_village(tmp_path):
    traps = Traps(names=["A"], xy=np.array([[650_000.0, 4_750_000.0]]), crs=UTM)
    mask = build_mask(traps, buffer=5000, spacing=500)
    path = tmp_path / "roads.geojson"
    road = gpd.GeoSeries([shapely.LineString([(6e5, 4_751_000), (7e5, 4_751_000)])], crs=UTM)
    village = gpd.GeoSeries([shapely.Point(649_000, 4_748_000)], crs=UTM)
    gpd.GeoSeries([*road, *village], crs=UTM).to_crs(4326).to_file(path)

    found = distance_to(mask, path, name="road").covariates["road"].to_numpy()

    to_road = np.abs(mask.xy[:, 1] - 4_751_000)
    to_village = np.hypot(mask.xy[:, 0] - 649_000, mask.xy[:, 1] - 4_748_000)
    # A 100 km straight line in degrees is off the line in metres by up to some 150 m.
    assert np.abs(found - np.minimum(to_road, to_village)).max() < 200
    exact = distance_to(mask, gpd.GeoSeries([*road, *village], crs=UTM), name="road")
    assert exact.covariates["road"].to_numpy() == pytest.approx(np.minimum(to_road, to_village))


def test_distance_to__inside_a_polygon_is_0():
    mask = HabitatMask(np.array([[0.0, 0.0], [3000.0, 0.0]]), np.array(1.0), "local")
    lake = shapely.box(-500, -500, 500, 500)
    assert distance_to(mask, lake, name="lake").covariates["lake"].tolist() == [0.0, 2500.0]


def test_distance_to__no_feature_is_an_error(tmp_path):
    path = tmp_path / "none.geojson"
    gpd.GeoDataFrame(geometry=[], crs=UTM).to_file(path)
    mask = HabitatMask(np.array([[0.0, 0.0]]), np.array(1.0), UTM)
    with pytest.raises(MaskError, match=r"none\.geojson has no feature"):
        distance_to(mask, path, name="road")
