from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from scr.errors import MaskError
from scr.habitat.region import Region, read_areas, read_reserve

CASES = Path(__file__).parent / "cases"
UTM = "EPSG:32652"
SQUARE = shapely.box(600_000, 4_700_000, 610_000, 4_720_000)


def test_read_reserve__hole_is_not_part_of_the_area():
    # An octagon of 408 km2 without a lagoon of 5 x 6 km, in degrees.
    reserve = read_reserve(CASES / "lagoon.geojson", crs=UTM)
    assert reserve.area_km2 == pytest.approx(378.0, rel=1e-4)
    assert reserve.name == "Karan Reserve"
    assert reserve.source == "lagoon.geojson"
    assert reserve.crs == UTM


def test_read_reserve__degrees_without_a_target_name_the_zone():
    with pytest.raises(MaskError, match=r"lagoon\.geojson is in longitude.*EPSG:32652"):
        read_reserve(CASES / "lagoon.geojson")
    with pytest.raises(MaskError, match="EPSG:32736"):
        read_reserve(CASES / "reserve_south.geojson")


def test_read_reserve__planar_file_keeps_its_own_system(tmp_path):
    path = tmp_path / "park.gpkg"
    gpd.GeoDataFrame(geometry=[SQUARE], crs=UTM).to_file(path)
    reserve = read_reserve(path, name="The Park")
    assert (reserve.name, reserve.crs, reserve.area_km2) == ("The Park", UTM, 200.0)


def test_read_reserve__takes_the_name_that_all_features_have(tmp_path):
    path = tmp_path / "boundary_v3_final.gpkg"
    halves = [
        shapely.box(600_000, 4_700_000, 605_000, 4_720_000),
        shapely.box(605_000, 4_700_000, 610_000, 4_720_000),
    ]
    layer = gpd.GeoDataFrame({"NAME": ["Réserve de Tsé"] * 2}, geometry=halves, crs=UTM)
    layer.to_file(path)
    assert read_reserve(path).name == "Réserve de Tsé"
    assert read_reserve(layer).name == "Réserve de Tsé"
    assert read_reserve(path, name="Other").name == "Other"


def test_read_reserve__takes_the_name_from_the_only_text_of_a_layer_in_another_language(tmp_path):
    path = tmp_path / "parque.gpkg"
    layer = gpd.GeoDataFrame({"nombre": ["Doñana"], "ha": [54252.0]}, geometry=[SQUARE], crs=UTM)
    layer.to_file(path)
    assert read_reserve(path).name == "Doñana"
    layer.assign(tipo="parque nacional").to_file(path)
    assert read_reserve(path).name == "parque"


def test_read_reserve__features_of_several_names_are_called_by_the_file(tmp_path):
    path = tmp_path / "blocks.gpkg"
    parts = [SQUARE, shapely.box(620_000, 4_700_000, 630_000, 4_720_000)]
    gpd.GeoDataFrame({"name": ["A", "B"]}, geometry=parts, crs=UTM).to_file(path)
    assert read_reserve(path).name == "blocks"


def test_read_reserve__geometry_needs_a_system():
    assert read_reserve(SQUARE, crs="local").area_km2 == 200.0
    with pytest.raises(MaskError, match="no coordinate system"):
        read_reserve(SQUARE)


def test_region__invalid_polygon_and_system_are_refused():
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.raises(MaskError, match="invalid"):
        Region("R", bow_tie, crs="local")
    with pytest.raises(MaskError, match="longitude"):
        Region("R", SQUARE, crs="EPSG:4326")
    with pytest.raises(MaskError, match="empty"):
        Region("R", shapely.Polygon(), crs="local")


def test_region_in_crs__there_and_back_has_the_same_area():
    region = Region("R", SQUARE, crs=UTM)
    back = region.in_crs("EPSG:32651").in_crs(UTM)
    assert region.in_crs(UTM) is region
    assert back.area_km2 == pytest.approx(200.0, rel=1e-9)


def test_read_areas__joins_what_overlaps():
    other = Region("R", shapely.box(605_000, 4_700_000, 615_000, 4_720_000), crs=UTM)
    assert read_areas([SQUARE, other], crs=UTM, source="exclude").area / 1e6 == pytest.approx(300.0)
    with pytest.raises(MaskError, match="exclude is an empty list"):
        read_areas([], crs=UTM, source="exclude")
