import geopandas as gpd
import pytest
import shapely

from scr.errors import MaskError
from scr.habitat.zones import overlaps_of, read_zones

CRS = "EPSG:32652"


@pytest.fixture
def layer():
    boxes = [(0, 0, 4, 4), (4, 0, 8, 4), (1, 1, 2, 2), (8, 0, 9, 1)]
    return gpd.GeoDataFrame(
        {"district": ["North", "South", "Core", "South"], "rank": [1, 2, 3, 4]},
        geometry=[shapely.transform(shapely.box(*b), lambda xy: 7e5 + 1000 * xy) for b in boxes],
        crs=CRS,
    )


@pytest.mark.parametrize("ending", ["gpkg", "geojson"])
def test_read_zones__takes_every_name_of_a_layer(layer, tmp_path, ending):
    path = tmp_path / f"districts.{ending}"
    given = layer if ending == "gpkg" else layer.to_crs("EPSG:4326")
    given.to_file(path)
    zones = read_zones(path, name="district", crs=CRS)
    assert list(zones) == ["North", "South", "Core"]
    assert [zone.name for zone in zones.values()] == ["North", "South", "Core"]
    assert [zone.area_km2 for zone in zones.values()] == pytest.approx([16, 17, 1], rel=1e-4)


def test_read_zones__reads_other_columns_as_text(layer):
    assert list(read_zones(layer, name="rank")) == ["1", "2", "3", "4"]


def test_read_zones__names_the_columns_there_are(layer):
    with pytest.raises(MaskError, match="no column 'name'; its columns are 'district', 'rank'"):
        read_zones(layer, name="name")


@pytest.mark.parametrize("label", [None, "", float("nan")])
def test_read_zones__names_the_features_without_a_name(layer, label):
    layer["district"] = layer["district"].astype(object)
    layer.loc[2, "district"] = label
    with pytest.raises(MaskError, match=r"1 of 4 features have no name.*row 3"):
        read_zones(layer, name="district")


def test_overlaps_of__neighbours_that_share_a_border_do_not_overlap(layer):
    zones = {n: z.geometry for n, z in read_zones(layer, name="district").items()}
    assert overlaps_of(zones) == {"North": ["Core"], "South": [], "Core": ["North"]}
