"""Placement: reserve, access, slope, spacing and fixed stations are kept."""

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

from scr.errors import LayoutError
from scr.habitat.region import Region
from scr.io.rasters import write_geotiff
from trap_layouts import placement
from trap_layouts.layout import make_layout
from trap_layouts.patterns import square_grid

PARK = Region("Park", shapely.box(0, 0, 20_000, 20_000), crs="EPSG:32652")
LAKE = shapely.box(5_000, 5_000, 12_000, 12_000)
ROAD = shapely.LineString([(0, 10_000), (20_000, 10_000)])


def raster(tmp_path, values):
    path = tmp_path / "values.tif"
    transform = Affine(1000.0, 0, 0, 0, -1000.0, 20_000.0)
    write_geotiff(path, {"v": values}, transform=transform, crs="EPSG:32652", units="m")
    assert rasterio.open(path).count == 1
    return path


def test_place__keeps_stations_out_of_exclusions():
    layout = placement.place(
        "a", square_grid(PARK.geometry, spacing=1000.0), reserve=PARK, exclude=[LAKE]
    )
    assert len(layout) == 400 - 49


def test_place__snapped_stations_stand_on_the_road_within_reach():
    grid = square_grid(PARK.geometry, spacing=1000.0)
    layout = placement.place("a", grid, reserve=PARK, network=ROAD, reach=600.0, least=500.0)
    assert layout.xy[:, 1] == pytest.approx(10_000.0)
    assert len(layout) == 20


def test_place__within_reach_leaves_stations_where_they_are():
    grid = square_grid(PARK.geometry, spacing=1000.0)
    layout = placement.place("a", grid, reserve=PARK, network=ROAD, reach=600.0, snapped=False)
    assert sorted(set(layout.xy[:, 1])) == [9500.0, 10_500.0]


def test_place__fixed_stations_are_kept_and_others_keep_their_distance():
    fixed = make_layout("old", np.array([[1234.0, 5678.0]]), crs="EPSG:32652")
    grid = square_grid(PARK.geometry, spacing=1000.0)
    layout = placement.place("a", grid, reserve=PARK, least=1000.0, fixed=fixed)
    away = np.hypot(*(layout.xy - fixed.xy[0]).T)
    assert np.sort(away)[0] == 0
    assert np.sort(away)[1] >= 1000.0


def test_place__least_distance_holds_between_all():
    xy = np.random.default_rng(1).uniform(0, 20_000, (500, 2))
    layout = placement.place("a", xy, reserve=PARK, least=1500.0)
    distance = np.hypot(*(layout.xy[:, None] - layout.xy[None]).transpose(2, 0, 1))
    assert distance[np.triu_indices(len(layout), 1)].min() >= 1500.0


def test_allowed_area__exclusions_that_cover_the_reserve_are_an_error():
    with pytest.raises(LayoutError, match="cover all of Park"):
        placement.allowed_area(PARK, exclude=[PARK.geometry.buffer(10)])


def test_candidates_from_raster__are_centres_of_cells_in_range(tmp_path):
    values = np.zeros((20, 20))
    values[2, 3] = 7.0
    path = raster(tmp_path, values)
    found = placement.candidates_from_raster(path, PARK.geometry, crs=PARK.crs, least=5.0)
    assert found.tolist() == [[3500.0, 17_500.0]]
    with pytest.raises(LayoutError, match="no cell with a value from 8"):
        placement.candidates_from_raster(path, PARK.geometry, crs=PARK.crs, least=8.0)
    with pytest.raises(LayoutError, match="Reproject the raster"):
        placement.candidates_from_raster(path, PARK.geometry, crs="EPSG:32653")


def test_within_slope__keeps_what_is_flat_enough(tmp_path):
    plane = np.tile(np.arange(20.0) * 577.35, (20, 1))  # rises 577.35 m per km: 30 degrees
    path = raster(tmp_path, plane)
    xy = np.array([[5500.0, 5500.0], [99_000.0, 5500.0]])
    assert len(placement.within_slope(xy, path, crs=PARK.crs, most_degrees=31.0)) == 1
    assert len(placement.within_slope(xy, path, crs=PARK.crs, most_degrees=29.0)) == 0
