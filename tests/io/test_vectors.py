import geopandas as gpd
import numpy as np
import pytest
import shapely

from scr.errors import MaskError, SurveyError
from scr.io.vectors import read_layer, read_lines_or_any, read_points, read_polygon, vector_place

UTM = "EPSG:32652"
SQUARE = shapely.box(600_000, 4_700_000, 610_000, 4_720_000)
OCTAGON = [(427, 4094), (441, 4094), (445, 4098), (445, 4110), (441, 4114), (427, 4114)]
OCTAGON += [(423, 4110), (423, 4098)]


def save(folder, geometries, *, name="area.gpkg", crs=UTM):
    path = folder / name
    gpd.GeoDataFrame({"row": range(len(geometries))}, geometry=geometries, crs=crs).to_file(path)
    return path


@pytest.mark.parametrize("name", ["area.gpkg", "area.geojson", "area.shp"])
def test_read_polygon__formats_give_the_same_area(tmp_path, name):
    crs = "EPSG:4326" if name.endswith("geojson") else UTM
    shape = gpd.GeoSeries([SQUARE], crs=UTM).to_crs(crs)
    path = save(tmp_path, list(shape), name=name, crs=crs)
    polygon = read_polygon(path, crs=UTM)
    assert polygon.area / 1e6 == pytest.approx(200.0, rel=1e-4)


def test_read_polygon__holes_are_kept_and_features_joined(tmp_path):
    holed = shapely.Polygon(
        SQUARE.exterior.coords, [shapely.box(602_000, 4_702_000, 605_000, 4_706_000).exterior]
    )
    neighbour = shapely.box(609_000, 4_700_000, 612_000, 4_720_000)  # overlaps by 1 km
    polygon = read_polygon(save(tmp_path, [holed, neighbour]), crs=UTM)
    assert polygon.area / 1e6 == pytest.approx(200 - 12 + 40)


def test_read_polygon__geometry_and_table_are_taken_too():
    table = gpd.GeoDataFrame(geometry=[SQUARE], crs=UTM)
    assert read_polygon(SQUARE, crs=UTM).equals(SQUARE)
    assert read_polygon(table, crs=UTM).equals(SQUARE)
    assert read_polygon(table.geometry, crs=UTM).equals(SQUARE)


def test_read_polygon__heights_are_dropped():
    assert not read_polygon(shapely.force_3d(SQUARE, 12.0), crs=UTM).has_z


def test_read_polygon__bow_tie_names_file_row_place_and_areas(tmp_path):
    # Corners 3 and 4 of an octagon exchanged. Their order encloses 360 km2 by the
    # formula for a ring; the lobes and the rest add up to 378.
    corners = [OCTAGON[i] for i in (0, 1, 3, 2, 4, 5, 6, 7)]
    bow_tie = shapely.Polygon(np.array(corners) * 1000.0)
    path = save(tmp_path, [SQUARE, bow_tie], name="reserve.gpkg")

    with pytest.raises(MaskError) as error:
        read_polygon(path, crs=UTM)

    found = str(error.value)
    assert all(word in found for word in ["reserve.gpkg", "row 2", "360 km2", "378 km2", "corners"])
    # The edges (441, 4094)-(445, 4110) and (445, 4098)-(441, 4114) meet at x = 443.5, y = 4104.
    assert "Self-intersection at (443500 4104000)" in found


def test_read_polygon__bow_tie_in_degrees_gives_areas_of_the_planar_system(tmp_path):
    corners = [OCTAGON[i] for i in (0, 1, 3, 2, 4, 5, 6, 7)]
    shape = gpd.GeoSeries([shapely.Polygon(np.array(corners) * 1000.0)], crs=UTM)
    path = save(tmp_path, list(shape.to_crs(4326)), name="reserve.geojson", crs="EPSG:4326")
    with pytest.raises(MaskError, match=r"360 km2, an automatic repair 378 km2"):
        read_polygon(path, crs=UTM)


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        (shapely.Polygon(), ["empty", "row 1"]),
        (shapely.LineString([(0, 0), (1, 1)]), ["polygons only", "LineString"]),
        (shapely.Point(0, 0), ["polygons only", "Point"]),
    ],
)
def test_read_polygon__what_is_no_polygon_is_refused(geometry, words):
    with pytest.raises(MaskError) as error:
        read_polygon(geometry, crs=UTM, source="reserve.gpkg")
    assert all(word in str(error.value) for word in ["reserve.gpkg", *words])


def test_read_polygon__layer_without_features_is_refused(tmp_path):
    path = save(tmp_path, [], name="none.geojson", crs="EPSG:4326")
    with pytest.raises(MaskError, match=r"none\.geojson"):
        read_polygon(path, crs=UTM)


def test_read_polygon__a_layer_that_names_no_system_is_in_the_one_given(tmp_path):
    path = save(tmp_path, [SQUARE], name="plain.shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(MaskError, match=r"plain.shp has no coordinate system"):
        read_polygon(path, crs=UTM)
    assert read_polygon(path, crs="local").equals(SQUARE)
    assert read_polygon(gpd.read_file(path), crs=UTM).equals(SQUARE)


def test_read_polygon__degrees_without_a_system_are_not_taken_for_metres(tmp_path):
    path = save(tmp_path, [shapely.box(128.1, 43.0, 128.3, 43.2)], name="plain.shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(MaskError, match=r"plain.shp has no coordinate system.*look like degrees"):
        read_polygon(path, crs=UTM)


def test_read_polygon__a_place_on_earth_does_not_fit_a_local_survey(tmp_path):
    with pytest.raises(MaskError, match="local"):
        read_polygon(save(tmp_path, [SQUARE]), crs="local")


def test_read_polygon__metres_in_a_geojson_without_crs_are_not_degrees(tmp_path):
    path = tmp_path / "metres.geojson"
    path.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {},'
        f' "geometry": {shapely.to_geojson(SQUARE)}}}]}}'
    )
    with pytest.raises(MaskError, match=r"metres\.geojson is taken to be in longitude and"):
        read_polygon(path, crs=UTM)
    assert read_polygon(path, crs="local").equals(SQUARE)


def test_read_polygon__absent_and_unreadable_files_are_named(tmp_path):
    with pytest.raises(MaskError, match="does not exist"):
        read_polygon(tmp_path / "absent.gpkg", crs=UTM)
    broken = tmp_path / "broken.gpkg"
    broken.write_text("not a GeoPackage")
    with pytest.raises(MaskError, match=r"broken.gpkg cannot be read"):
        read_polygon(broken, crs=UTM)


def test_read_polygon__several_layers_are_not_guessed_at(tmp_path):
    path = tmp_path / "two.gpkg"
    table = gpd.GeoDataFrame(geometry=[SQUARE], crs=UTM)
    table.to_file(path, layer="park")
    table.to_file(path, layer="sea")
    with pytest.raises(MaskError, match="2 layers: park, sea"):
        read_polygon(path, crs=UTM)


def test_read_lines_or_any__keeps_lines_points_and_polygons(tmp_path):
    road = shapely.LineString([(600_000, 4_700_000), (600_000, 4_701_000)])
    features = read_lines_or_any(save(tmp_path, [road]), crs=UTM)
    assert features.length == pytest.approx(1000.0)
    mixed = gpd.GeoSeries([road, shapely.Point(0, 0), SQUARE], crs=UTM)
    assert read_lines_or_any(mixed, crs=UTM).geom_type == "GeometryCollection"


def test_read_points__coordinates_and_attributes_in_file_order(tmp_path):
    path = tmp_path / "stations.gpkg"
    points = [shapely.Point(2, 3), shapely.MultiPoint([(4, 5)])]
    gpd.GeoDataFrame({"trap": ["001", "B"], "x": [9, 9]}, geometry=points, crs=UTM).to_file(path)

    table, crs = read_points(path)

    assert crs == UTM
    assert table["trap"].tolist() == ["001", "B"]
    assert table[["x", "y"]].to_numpy().tolist() == [[2.0, 3.0], [4.0, 5.0]]
    assert "geometry" not in table


def test_read_points__polygons_are_refused_with_their_rows(tmp_path):
    path = save(tmp_path, [SQUARE], name="stations.gpkg")
    with pytest.raises(SurveyError, match=r"stations.gpkg: 1 of 1 .*Polygon in row 1"):
        read_points(path)


def test_vector_place__middle_of_a_layer_in_degrees(tmp_path):
    path = save(tmp_path, [shapely.box(32, -4, 34, -2)], name="a.geojson", crs="EPSG:4326")
    assert vector_place(read_layer(path, crs=None)) == ("EPSG:4326", (33.0, -3.0))
    assert vector_place(read_layer(save(tmp_path, [SQUARE]), crs=None)) == (UTM, None)
    assert vector_place(SQUARE) == (None, None)
