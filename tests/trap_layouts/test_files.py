"""Layouts come back from every format as they went out."""

import geopandas as gpd
import gpxpy
import numpy as np
import pytest
import shapely

from scr.errors import LayoutError
from trap_layouts.files import read_layout, write_layout
from trap_layouts.layout import make_layout

PLACE = np.array([[680_000.0, 4_830_000.0], [684_000.0, 4_830_000.0], [682_000.0, 4_826_500.0]])


@pytest.fixture
def placed():
    return make_layout("ridge", PLACE, crs="EPSG:32652", cameras=np.array([1, 2, 2]))


@pytest.mark.parametrize("ending", ["csv", "gpkg", "geojson", "gpx"])
def test_read_layout__returns_what_write_layout_wrote(ending, placed, tmp_path):
    path = write_layout(placed, tmp_path / f"ridge.{ending}")
    back = read_layout(path, to_crs="EPSG:32652")
    assert back.name == "ridge"
    assert back.traps.names.tolist() == placed.traps.names.tolist()
    assert back.xy == pytest.approx(placed.xy, abs=0.1)
    assert back.cameras.tolist() == placed.cameras.tolist()


def test_read_layout__of_a_search_has_its_outlines_and_keeps_them_with_their_names(tmp_path):
    boxes = [shapely.box(x, 4_830_000, x + 2000, 4_832_000) for x in (680_000, 684_000, 688_000)]
    layer = gpd.GeoDataFrame({"station": ["A", "B", "C"]}, geometry=boxes, crs="EPSG:32652")
    layer.to_file(tmp_path / "areas.gpkg")
    found = read_layout(tmp_path / "areas.gpkg", to_crs="EPSG:32652", detector="polygon")
    some = found.take(np.array([2, 0]))
    assert [part.area for part in found.traps.parts.geoms] == pytest.approx([4e6] * 3)
    assert some.traps.names.tolist() == ["C", "A"]
    assert some.traps.parts.geoms[0].bounds == pytest.approx(boxes[2].bounds)


def test_write_layout__gpx_has_a_named_waypoint_per_station(placed, tmp_path):
    path = write_layout(placed, tmp_path / "ridge.gpx")
    points = gpxpy.parse(path.read_text()).waypoints
    assert [point.name for point in points] == ["L001", "L002", "L003"]
    assert points[0].longitude == pytest.approx(131.235, abs=0.01)
    assert points[0].latitude == pytest.approx(43.601, abs=0.01)


def test_read_layout__csv_without_crs_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("station,x,y\nA,1,2\nB,900,2\n")
    with pytest.raises(LayoutError, match="coordinate system"):
        read_layout(tmp_path / "a.csv")


def test_read_layout__absent_file_is_named(tmp_path):
    with pytest.raises(LayoutError, match=r"nowhere\.csv does not exist"):
        read_layout(tmp_path / "nowhere.csv")


def test_read_layout__stations_that_coincide_are_named(tmp_path):
    (tmp_path / "a.csv").write_text("station,x,y\nA,1,2\nB,1,2\n")
    with pytest.raises(LayoutError, match="'A' and 'B'"):
        read_layout(tmp_path / "a.csv", crs="local")


def test_read_layout__gpx_without_waypoints_says_so(tmp_path):
    (tmp_path / "a.gpx").write_text('<gpx version="1.1" creator="x"></gpx>')
    with pytest.raises(LayoutError, match="no waypoints"):
        read_layout(tmp_path / "a.gpx", to_crs="EPSG:32652")


def test_write_layout__unknown_ending_lists_the_known(placed, tmp_path):
    with pytest.raises(LayoutError, match=r"\.csv, \.gpkg, \.geojson, \.gpx"):
        write_layout(placed, tmp_path / "ridge.kml")


def test_write_layout__local_coordinates_cannot_become_gpx(tmp_path, small_layout):
    with pytest.raises(LayoutError, match="local coordinates"):
        write_layout(small_layout, tmp_path / "nine.gpx")
