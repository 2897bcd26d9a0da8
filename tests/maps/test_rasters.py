import numpy as np
import pandas as pd
import pytest
import rasterio
from rio_cogeo.cogeo import cog_validate

from scr.habitat.mask import HabitatMask
from scr.maps.results.rasters import write_raster
from scr.posterior.surface import SUMMARY_COLUMNS, Surface, summarise_draws


@pytest.fixture
def surface():
    x, y = np.meshgrid(700_500 + 1000.0 * np.arange(6), 4_700_500 + 1000.0 * np.arange(4))
    xy = np.column_stack([x.ravel(), y.ravel()])[1:]  # the south-west corner is no habitat
    mask = HabitatMask(xy=xy, cell_area=1.0, crs="EPSG:32652", spacing=1000.0)
    draws = np.random.default_rng(4).gamma(2, 1, (50, 23))
    return Surface(
        mask, summarise_draws(draws), "expected density", "animals per 100 km2", "2024", "x", 50
    )


def test_write_raster__values_come_back_at_the_cells(surface, tmp_path):
    path = write_raster(surface, tmp_path / "density.tif", banner="SIMULATED")
    with rasterio.open(path) as dataset:
        sampled = np.array(list(dataset.sample(surface.mask.xy)))
        corner = next(iter(dataset.sample([(700_500, 4_700_500)])))
    np.testing.assert_allclose(sampled, surface.summary.to_numpy())
    assert np.isnan(corner).all()


def test_write_raster__says_what_it_holds(surface, tmp_path):
    path = write_raster(surface, tmp_path / "density.tif", banner="SIMULATED")
    with rasterio.open(path) as dataset:
        assert dataset.crs.to_epsg() == 32652
        assert np.isnan(dataset.nodata)
        assert dataset.descriptions == SUMMARY_COLUMNS
        assert dataset.units[0] == "animals per 100 km2"
        assert dataset.units[SUMMARY_COLUMNS.index("cv")] == "1"
        tags = dataset.tags()
    assert tags["ESTIMAND"] == "expected density"
    assert tags["SESSION"] == "2024"
    assert tags["BANNER"] == "SIMULATED"


def test_write_raster__writes_only_the_columns_asked_for(surface, tmp_path):
    path = write_raster(surface, tmp_path / "density.tif", columns=["median", "q2.5"])
    with rasterio.open(path) as dataset:
        assert dataset.descriptions == ("median", "q2.5")
    assert [p.name for p in tmp_path.iterdir()] == ["density.tif"]


@pytest.mark.parametrize("n_columns", [40, 1300])
def test_write_raster__is_a_cloud_optimised_geotiff(tmp_path, n_columns):
    x, y = np.meshgrid(700_050 + 100.0 * np.arange(n_columns), 4_700_050 + 100.0 * np.arange(400))
    xy = np.column_stack([x.ravel(), y.ravel()])
    mask = HabitatMask(xy=xy, cell_area=0.01, crs="EPSG:32652", spacing=100.0)
    summary = pd.DataFrame({"mean": np.hypot(*(xy - xy[0]).T), "cv": 0.5})
    surface = Surface(mask, summary, "expected density", "animals per 100 km2", None, "x", 1)
    path = write_raster(surface, tmp_path / "density.tif")
    valid, errors, remarks = cog_validate(path, strict=True, quiet=True)
    assert valid, (errors, remarks)
    assert errors == remarks == []
    with rasterio.open(path) as dataset:
        assert bool(dataset.overviews(1)) == (n_columns > 512)
        assert dataset.descriptions == ("mean", "cv")


def test_write_raster__leaves_the_older_file_where_writing_fails(surface, tmp_path):
    path = write_raster(surface, tmp_path / "density.tif")
    before = path.read_bytes()
    with pytest.raises(KeyError):
        write_raster(surface, path, columns=["median", "no such column"])
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["density.tif"]
