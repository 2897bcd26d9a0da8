"""The demo's geography against places whose coordinates are known."""

import numpy as np
import pytest
import rasterio
from pyproj import Transformer
from shapely import Point, box

from scr.demo.landscape import read_landscape, write_polygons, write_rasters


@pytest.fixture(scope="module")
def landscape():
    return read_landscape()


def place(lon, lat):
    return Point(
        *Transformer.from_crs("EPSG:4326", "EPSG:32652", always_xy=True).transform(lon, lat)
    )


def test_read_landscape__known_places_lie_where_they_should(landscape):
    assert landscape.beyond.contains(place(130.36, 42.86))  # Hunchun
    assert landscape.home.contains(place(131.38, 42.88))  # Slavyanka
    assert landscape.home.contains(place(131.43, 43.19))  # Barabash
    assert landscape.sea.contains(place(131.75, 43.10))  # Amur Bay
    assert landscape.sea.contains(place(131.0, 42.3))  # open sea
    assert landscape.sea.contains(place(131.85, 43.0))  # Russky Island counts as sea


def test_read_landscape__land_and_sea_do_not_overlap(landscape):
    mainland = landscape.home.difference(landscape.sea)
    assert landscape.home.intersection(landscape.beyond).area < 1e6
    assert landscape.beyond.intersection(landscape.sea).area < 1e6
    assert mainland.area > 0.9 * landscape.home.area


def test_read_landscape__park_is_as_described(landscape):
    park = landscape.reserve
    assert park.is_valid
    assert park.geom_type == "Polygon"
    assert park.area / 1e6 == pytest.approx(2600, rel=0.02)
    assert box(614_000, 4_703_000, 720_000, 4_848_000).contains(park)
    assert landscape.home.contains(park)
    assert not park.intersects(landscape.sea)
    west, south, east, north = park.bounds
    assert north - south == pytest.approx(120_000, rel=0.1)
    widths = [
        park.intersection(box(west, y, east, y + 1)).area
        for y in np.arange(4_752_000, 4_838_000, 1000.0)
    ]
    assert min(widths) > 10_000
    assert max(widths) < 40_000


def test_write_rasters__have_values_on_land_alone_and_the_sides_of_the_border(landscape, tmp_path):
    write_rasters(landscape, tmp_path, rng=np.random.default_rng(1))
    hunchun, barabash, sea = place(130.36, 42.86), place(131.43, 43.19), place(131.75, 43.0)
    spots = [(p.x, p.y) for p in (hunchun, barabash, sea)]
    values = {}
    for name in ("elevation", "beyond_border", "forest", "roads"):
        with rasterio.open(tmp_path / f"{name}.tif") as dataset:
            values[name] = np.array([v[0] for v in dataset.sample(spots)])
            assert dataset.crs.to_epsg() == 32652
            assert dataset.res == (1000.0, 1000.0)
    assert all(np.isnan(v[2]) for v in values.values())
    assert list(values["beyond_border"][:2]) == [1.0, 0.0]
    assert np.all((values["forest"][:2] >= 0) & (values["forest"][:2] <= 1))
    assert np.all(values["roads"][:2] >= 0)
    # Hunchun stands at about 40 m, in a valley between hills of several hundred
    assert 0 <= values["elevation"][0] < 300


def test_write_polygons__replaces_what_was_there(landscape, tmp_path):
    write_polygons(landscape, tmp_path)
    write_polygons(landscape, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["reserve.gpkg", "sea.gpkg"]
