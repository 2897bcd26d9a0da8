from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine

from scr.errors import MaskError
from scr.habitat.covariates import fill_missing, sample_at_traps, sample_raster
from scr.habitat.mask import HabitatMask
from scr.habitat.reading import read_mask
from scr.io.crs import reproject_points
from scr.survey.traps import Traps

CASES = Path(__file__).parent / "cases"
UTM = "EPSG:32652"
WEST, NORTH = 600_000.0, 4_704_000.0


def save(path, values, *, pixel=1000.0, crs=UTM, nodata=None, colours=False, corner=None):
    west, north = corner or (WEST, NORTH)
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=values.shape[0], width=values.shape[1],
        dtype=values.dtype, crs=crs, nodata=nodata,
        transform=Affine(pixel, 0, west, 0, -pixel, north),
    ) as dataset:  # fmt: skip
        dataset.write(values, 1)
        if colours:
            dataset.write_colormap(1, {1: (0, 128, 0), 2: (0, 0, 255), 7: (9, 9, 9)})
    return path


def mask_of(*centres, side=1000.0, crs=UTM):
    """Cells by their offset, in km, from the raster's north-west corner; y counts south."""
    xy = np.array([(WEST + 1000 * x, NORTH - 1000 * y) for x, y in centres])
    return HabitatMask(xy, np.array((side / 1000) ** 2), crs, spacing=side, source="mask.csv")


STEPS = np.array([[1.0, 2.0, 4.0, 8.0], [10.0, 20.0, 40.0, 80.0], [0.0] * 4, [0.0] * 4])


def test_sample_raster__a_cell_equal_to_a_pixel_takes_its_value(tmp_path):
    mask = sample_raster(
        mask_of((0.5, 0.5), (3.5, 1.5)), save(tmp_path / "a.tif", STEPS), name="forest"
    )
    assert mask.covariates["forest"].tolist() == [1.0, 80.0]
    assert mask.notes == ()


def test_sample_raster__pixels_count_by_the_area_inside_the_cell(tmp_path):
    # A cell of 1 km, 250 m east and 100 m south of a pixel's corner: shares .75 and .25 across,
    # .9 and .1 down.
    mask = sample_raster(mask_of((0.75, 0.6)), save(tmp_path / "a.tif", STEPS), name="f")
    expected = 0.9 * (0.75 * 1 + 0.25 * 2) + 0.1 * (0.75 * 10 + 0.25 * 20)
    assert mask.covariates["f"][0] == pytest.approx(expected)


def test_sample_raster__a_large_cell_takes_the_mean_and_not_its_centre(tmp_path):
    mask = sample_raster(mask_of((1, 1), side=2000.0), save(tmp_path / "a.tif", STEPS), name="f")
    assert mask.covariates["f"][0] == pytest.approx((1 + 2 + 10 + 20) / 4)


def test_sample_raster__a_plane_in_degrees_gives_the_centre_in_degrees(tmp_path):
    # Value = longitude of the pixel's centre + 2 latitude: means are values at the middle.
    pixel, west, north = 0.002, 130.9, 42.6
    lon = west + pixel * (np.arange(400) + 0.5)
    lat = north - pixel * (np.arange(300) + 0.5)
    path = save(
        tmp_path / "a.tif",
        lon[None, :] + 2 * lat[:, None],
        pixel=pixel,
        crs="EPSG:4326",
        corner=(west, north),
    )
    x, y = np.meshgrid(np.arange(665_500, 700_000, 7000.0), np.arange(4_675_500, 4_700_000, 7000.0))
    xy = np.column_stack([x.ravel(), y.ravel()])
    mask = HabitatMask(xy, np.array(1.0), UTM, spacing=1000.0)

    found = sample_raster(mask, path, name="plane").covariates["plane"].to_numpy()

    degrees = reproject_points(xy, UTM, "EPSG:4326")
    # The plane changes by 0.03 across a cell; steps of a pixel, cut anywhere, by up to
    # (1 + 2) x 0.002 x (0.002 / 0.012) / 8 on either side.
    assert found == pytest.approx(degrees[:, 0] + 2 * degrees[:, 1], abs=2.5e-4)


def test_sample_raster__nodata_in_less_than_half_of_a_cell_does_not_count(tmp_path):
    values = STEPS.copy()
    values[0, 0] = -9999.0
    path = save(tmp_path / "a.tif", values, nodata=-9999.0)
    # Shifted 600 m east, 60 % of the cell lies on the pixel of value 2.
    mask = sample_raster(mask_of((1.1, 0.5)), path, name="f")
    assert mask.covariates["f"][0] == pytest.approx(2.0)


def test_sample_raster__more_than_half_of_a_cell_missing_is_an_error(tmp_path):
    values = STEPS.copy()
    values[0, 0] = np.nan
    path = save(tmp_path / "forest.tif", values)
    with pytest.raises(MaskError) as error:
        sample_raster(mask_of((0.9, 0.5), (2.5, 0.5), (3.5, 0.5)), path, name="forest")
    found = str(error.value)
    for words in ("forest.tif", "1 of 3 cells", "33.3 %", "less than half", "(600900, 4703500)"):
        assert words in found
    assert "fill" in found


def test_sample_raster__a_raster_that_misses_cells_counts_them(tmp_path):
    path = save(tmp_path / "small.tif", STEPS)
    mask = mask_of((3.5, 0.5), (4.5, 0.5), (9.5, 0.5), (3.5, -0.5))
    with pytest.raises(MaskError, match=r"no value in 3 of 4 cells of mask\.csv, 75\.0 %"):
        sample_raster(mask, path, name="forest")


def test_sample_raster__a_raster_elsewhere_is_an_error(tmp_path):
    path = save(tmp_path / "far.tif", STEPS)
    with pytest.raises(MaskError, match=r"far\.tif covers none of the 1 cells of mask\.csv"):
        sample_raster(mask_of((500, 500)), path, name="forest")


def test_sample_raster__fill_is_declared_and_noted(tmp_path):
    path = save(tmp_path / "small.tif", STEPS)
    mask = mask_of((2.5, 0.5), (3.5, 0.5), (5.5, 0.5))
    number = sample_raster(mask, path, name="f", fill=-1.5)
    nearest = sample_raster(mask, path, name="f", fill="nearest")
    assert number.covariates["f"].tolist() == [4.0, 8.0, -1.5]
    assert nearest.covariates["f"].tolist() == [4.0, 8.0, 8.0]
    assert "f: 1 of 3 cells (33.3 % of the area) had no value; filled with -1.5." in number.notes
    assert "filled by the nearest cell" in nearest.notes[0]


def test_sample_raster__undeclared_nodata_is_never_averaged(tmp_path):
    values = STEPS.copy()
    values[3, 3] = -9999.0
    path = save(tmp_path / "elev.tif", values)
    mask = mask_of((3.1, 3.1))
    with pytest.raises(MaskError, match=r"-9999 in 1 pixels.*nodata=-9999"):
        sample_raster(mask, path, name="elev")
    declared = sample_raster(mask, path, name="elev", nodata=-9999)
    # 0.6 x 0.6 of the cell is missing; the rest of the pixels are 0.
    assert declared.covariates["elev"][0] == pytest.approx(0.0)


def test_sample_raster__standardised_with_the_constants_kept(tmp_path):
    path = save(tmp_path / "a.tif", STEPS)
    mask = sample_raster(
        mask_of((0.5, 0.5), (1.5, 0.5), (2.5, 0.5)), path, name="f", standardise=True
    )
    raw = pd.Series([1.0, 2.0, 4.0])
    assert mask.constants["f"] == pytest.approx((raw.mean(), raw.std()))
    assert mask.covariates["f"].tolist() == pytest.approx(list((raw - raw.mean()) / raw.std()))

    other = sample_raster(mask_of((3.5, 0.5)), path, name="f", standardise=mask.constants["f"])
    assert other.covariates["f"][0] == pytest.approx((8.0 - raw.mean()) / raw.std())


def test_sample_raster__a_constant_cannot_be_standardised(tmp_path):
    path = save(tmp_path / "a.tif", np.full((4, 4), 3.0))
    with pytest.raises(MaskError, match="has to vary"):
        sample_raster(mask_of((0.5, 0.5), (1.5, 0.5)), path, name="f", standardise=True)


def test_sample_raster__classes_are_never_averaged(tmp_path):
    classes = np.array([[1, 1, 2, 2], [1, 7, 7, 2], [7, 7, 7, 2], [2, 2, 2, 2]], dtype="uint8")
    path = save(tmp_path / "cover.tif", classes, colours=True)
    mask = mask_of((0.6, 0.6), (1.5, 1.5), (3.2, 0.5))

    with pytest.raises(MaskError, match=r"cover\.tif.*classes.*categorical=True"):
        sample_raster(mask, path, name="cover")
    found = sample_raster(mask, path, name="cover", categorical=True).covariates["cover"]

    # 0.9 x 0.9 of the first cell is 1 (and 0.18 more), the second is a pixel of 7.
    assert found.tolist() == ["1", "7", "2"]
    numbers = sample_raster(mask, path, name="cover", categorical=False).covariates["cover"]
    assert numbers[0] == pytest.approx(0.99 * 1 + 0.01 * 7)
    with pytest.raises(MaskError, match="cannot be standardised"):
        sample_raster(mask, path, name="cover", categorical=True, standardise=True)


def test_sample_raster__systems_that_cannot_be_brought_together_are_refused(tmp_path):
    nowhere = save(tmp_path / "plain.tif", STEPS, crs=None)
    placed = save(tmp_path / "placed.tif", STEPS)
    with pytest.raises(MaskError, match=r"plain\.tif has no coordinate system"):
        sample_raster(mask_of((0.5, 0.5)), nowhere, name="f")
    with pytest.raises(MaskError, match=r"placed\.tif is in EPSG:32652.*local"):
        sample_raster(mask_of((0.5, 0.5), crs="local"), placed, name="f")
    local = sample_raster(mask_of((0.5, 0.5), crs="local"), nowhere, name="f")
    assert local.covariates["f"].tolist() == [1.0]


def test_sample_raster__cells_without_a_lattice_are_squares_of_their_area(tmp_path):
    xy = np.array([(WEST + 1000.0, NORTH - 1000.0)])
    mask = HabitatMask(xy, np.array([4.0]), UTM)
    found = sample_raster(mask, save(tmp_path / "a.tif", STEPS), name="f")
    assert found.covariates["f"][0] == pytest.approx((1 + 2 + 10 + 20) / 4)


def test_sample_raster__published_elevation_equals_a_fine_sum_of_points(reference):
    # Means over 2 km cells of a raster of 990 m, against 500 x 500 points in each cell.
    folder = reference / "snowleopard_secr_workflow"
    whole = read_mask(folder / "region_mask.csv", crs="EPSG:32643")
    some = np.arange(0, len(whole), 2500)
    mask = HabitatMask(whole.xy[some], whole.cell_area[some], whole.crs, spacing=2000.0)

    found = sample_raster(mask, folder / "example-elev.tif", name="elev").covariates["elev"]

    offset = (np.arange(500) + 0.5) / 500 * 2000 - 1000
    with rasterio.open(folder / "example-elev.tif") as dataset:
        values, place = dataset.read(1), dataset.transform
    for i, (x, y) in enumerate(mask.xy):
        column = np.floor((x + offset - place.c) / place.a).astype(int)
        row = np.floor((y + offset - place.f) / place.e).astype(int)
        assert found[i] == pytest.approx(values[np.ix_(row, column)].mean(), abs=1.0)


def traps_of(table):
    return Traps(
        names=table["station"].to_numpy(dtype=object),
        xy=table[["x", "y"]].to_numpy(dtype=float),
        crs=UTM,
        source="stations.csv",
    )


def test_sample_at_traps__a_raster_in_degrees_gives_the_pixel_of_each_station():
    # Value = 100 row + column from the north-west, in EPSG:4326.
    traps = traps_of(pd.read_csv(CASES / "stations.csv"))
    found = sample_at_traps(traps, CASES / "forest_degrees.tif", name="forest")
    expected = pd.read_csv(CASES / "forest_degrees.csv")
    assert traps.names.tolist() == expected["station"].tolist()
    assert found.covariates["forest"].tolist() == expected["value"].tolist()


def test_sample_at_traps__traps_without_a_value_are_named(tmp_path):
    path = save(tmp_path / "a.tif", STEPS)
    table = pd.DataFrame(
        {"station": ["A", "B"], "x": [WEST + 500, WEST + 4100], "y": [NORTH - 500] * 2}
    )
    with pytest.raises(MaskError, match=r"no value at 1 of 2 traps: 'B' \(row 3\)"):
        sample_at_traps(traps_of(table), path, name="f")


def test_fill_missing__text_takes_the_nearest_too():
    xy = np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 0.0], [4.0, 0.0]])
    filled = fill_missing(pd.Series(["a", None, "b", None]), xy, fill="nearest")
    assert filled.tolist() == ["a", "a", "b", "b"]
