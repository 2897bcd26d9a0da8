"""Rasters smoothed at several scales."""

import numpy as np
import pytest
from affine import Affine
from scipy.special import ndtr

from scr.errors import MaskError
from scr.habitat.covariates import sample_raster
from scr.habitat.mask import HabitatMask
from scr.habitat.smoothing import smoothed
from scr.io.crs import reproject_points
from scr.io.rasters import RasterBand, write_geotiff

UTM = "EPSG:32652"
WEST, NORTH, PIXEL = 600_000.0, 4_704_000.0, 100.0


def band(values, pixel=PIXEL, crs=UTM):
    return RasterBand(values, Affine(pixel, 0, WEST, 0, -pixel, NORTH), crs, "forest.tif, band 1")


def test_smoothed__half_a_plane_becomes_the_normal_distribution():
    values = np.zeros((100, 200))
    values[:, 100:] = 1.0
    found = smoothed(band(values), 800.0, crs=UTM).values[50]
    away = (np.arange(200) + 0.5 - 100) * PIXEL
    inside = np.abs(away) < 5000
    assert found[inside] == pytest.approx(ndtr(away / 800.0)[inside], abs=2e-3)


def test_smoothed__weights_sum_to_one_at_the_edge_of_the_data():
    values = np.full((40, 40), 7.0)
    values[:, 30:] = np.nan
    found = smoothed(band(values), 1000.0, crs=UTM).values
    assert found[:, :30] == pytest.approx(7.0, abs=1e-12)
    assert np.isnan(found[:, 30:]).all()
    values[:, :30] = np.arange(30.0)
    found = smoothed(band(values), 300.0, crs=UTM).values[20]
    kernel = np.exp(-(np.arange(30.0) ** 2) * PIXEL**2 / 2 / 300.0**2)
    kernel[13:] = 0.0
    assert found[0] == pytest.approx(kernel @ np.arange(30.0) / kernel.sum(), rel=1e-9)


def test_smoothed__pixels_in_degrees_are_measured_on_the_ground():
    middle = reproject_points(np.array([[WEST, NORTH]]), UTM, "EPSG:4326")[0]
    values = np.zeros((81, 81))
    values[40, 40] = 1.0
    step = 0.001
    place = Affine(step, 0, middle[0] - 40.5 * step, 0, -step, middle[1] + 40.5 * step)
    found = smoothed(RasterBand(values, place, "EPSG:4326", "forest.tif"), 500.0, crs=UTM).values
    height, width = 111_100.0 * step, 111_320.0 * step * np.cos(np.radians(middle[1]))
    ratio = np.log(found[40, 40] / found[45, 40]), np.log(found[40, 40] / found[40, 45])
    assert ratio[0] == pytest.approx((5 * height) ** 2 / 2 / 500.0**2, rel=0.01)
    assert ratio[1] == pytest.approx((5 * width) ** 2 / 2 / 500.0**2, rel=0.01)


def test_sample_raster__scales_make_a_column_each_and_reach_beyond_the_mask(tmp_path):
    values = np.random.default_rng(1).uniform(size=(120, 120))
    path = tmp_path / "forest.tif"
    transform = Affine(PIXEL, 0, WEST, 0, -PIXEL, NORTH)
    write_geotiff(path, {"forest": values}, transform=transform, crs=UTM, units="1")
    xy = np.array([(WEST + 6050.0, NORTH - 6050.0), (WEST + 6150.0, NORTH - 6050.0)])
    mask = HabitatMask(xy, np.array(0.01), UTM, spacing=PIXEL, source="mask.csv")
    made = sample_raster(mask, path, name="forest", scales=(1000, 200))
    assert made.covariates.columns.tolist() == ["forest_200", "forest_1000"]
    away = (np.arange(120) - 60) * PIXEL
    for scale in (200, 1000):
        kernel = np.exp(-(away**2) / 2 / scale**2) * (np.abs(away) <= 4 * scale)
        expected = kernel @ values @ kernel / kernel.sum() ** 2
        assert made.covariates[f"forest_{scale}"][0] == pytest.approx(expected, rel=1e-9)


def test_sample_raster__refuses_scales_that_no_layer_can_have(tmp_path):
    path = tmp_path / "forest.tif"
    transform = Affine(PIXEL, 0, WEST, 0, -PIXEL, NORTH)
    values = np.random.default_rng(1).uniform(size=(20, 20))
    write_geotiff(path, {"forest": values}, transform=transform, crs=UTM, units="1")
    xy = np.array([(WEST + 1000.0, NORTH - 1000.0)])
    mask = HabitatMask(xy, np.array(0.01), UTM, spacing=PIXEL, source="mask.csv")
    with pytest.raises(MaskError, match=r"pixels are 100 m wide, and scale 50 m is finer"):
        sample_raster(mask, path, name="forest", scales=(50, 500))
    with pytest.raises(MaskError, match="different whole numbers of metres"):
        sample_raster(mask, path, name="forest", scales=(500, 500))
    with pytest.raises(MaskError, match="is the share of the class"):
        sample_raster(mask, path, name="forest", categorical=True, scales=(500, 1000))
