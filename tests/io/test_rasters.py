import numpy as np
import pytest
import rasterio
from affine import Affine

from scr.errors import MaskError
from scr.io.nodata import undeclared_code
from scr.io.rasters import raster_place, read_band, write_geotiff

UTM = "EPSG:32652"
GRID = Affine(1000.0, 0.0, 600_000.0, 0.0, -1000.0, 4_703_000.0)
VALUES = np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]])


def save(path, values, *, transform=GRID, crs=UTM, nodata=None, scale=None):
    values = np.atleast_3d(values).transpose(2, 0, 1) if values.ndim == 2 else values
    with rasterio.open(
        path, "w", driver="GTiff", count=len(values), height=values.shape[1],
        width=values.shape[2], dtype=values.dtype, transform=transform, crs=crs, nodata=nodata,
    ) as dataset:  # fmt: skip
        dataset.write(values)
        if scale is not None:
            dataset.scales, dataset.offsets = (scale[0],), (scale[1],)
    return path


def test_read_band__whole_raster_with_place_and_system(tmp_path):
    band = read_band(save(tmp_path / "a.tif", VALUES))
    assert band.values.tolist() == VALUES.tolist()
    assert band.bounds == (600_000, 4_700_000, 604_000, 4_703_000)
    assert band.crs == UTM
    assert band.source == "a.tif, band 1"


def test_read_band__second_band(tmp_path):
    path = save(tmp_path / "a.tif", np.stack([VALUES, VALUES * 10]))
    assert read_band(path, band=2).values[0, 0] == 10.0
    with pytest.raises(MaskError, match="2 bands, but band 3"):
        read_band(path, band=3)


def test_read_band__declared_nodata_is_missing(tmp_path):
    values = VALUES.astype("int16")
    values[0, 0] = -9999
    band = read_band(save(tmp_path / "a.tif", values, nodata=-9999))
    assert np.isnan(band.values[0, 0])
    assert band.values[0, 1] == 2.0


def test_read_band__undeclared_nodata_is_an_error_that_names_it(tmp_path):
    values = VALUES.copy()
    values[0, :2] = -9999
    path = save(tmp_path / "elev.tif", values)
    with pytest.raises(MaskError, match=r"elev.tif, band 1: the value -9999 in 2 pixels"):
        read_band(path)
    assert np.isnan(read_band(path, nodata=-9999).values).sum() == 2
    assert read_band(path, nodata=np.nan).values[0, 0] == -9999


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([0, 40, 100, 255], 255),  # cover in per cent
        ([200, 255, 100, 3], None),  # brightness up to 255
        ([12.0, 300.0, -3.4e38], -3.4e38),
        ([-99.0, -98.5, -97.0], None),
        ([310, 420, 65535], 65535),
        ([5.0, 5.0], None),
        ([255.0, 255.0], None),
        ([-9999.0, -9999.0], -9999),
        ([np.nan, 1.0, -9999.0, 2.0], -9999),
        ([], None),
    ],
)
def test_undeclared_code__a_usual_code_that_stands_apart(values, code):
    assert undeclared_code(np.array(values, dtype=float)) == code


def test_read_band__scale_and_offset_are_applied(tmp_path):
    path = save(tmp_path / "a.tif", VALUES.astype("int16"), scale=(0.1, 50.0))
    assert read_band(path).values[0, 1] == pytest.approx(50.2)


def test_read_band__a_part_keeps_its_place(tmp_path):
    wide = np.arange(20 * 30, dtype=float).reshape(20, 30)
    path = save(tmp_path / "a.tif", wide, transform=Affine(10, 0, 0, 0, -10, 200))
    part = read_band(path, bounds=(101, 51, 119, 69))

    west, south, east, north = part.bounds
    assert max(west - 101, south - 51, 119 - east, 69 - north) <= 0
    assert part.values.size < wide.size
    column, row = int(west // 10), int((200 - north) // 10)
    assert part.values[0, 0] == wide[row, column]


def test_read_band__a_raster_stored_south_up_is_turned(tmp_path):
    up = Affine(1000.0, 0.0, 600_000.0, 0.0, 1000.0, 4_700_000.0)
    band = read_band(save(tmp_path / "a.tif", VALUES[::-1], transform=up))
    assert band.values.tolist() == VALUES.tolist()
    assert band.bounds == (600_000, 4_700_000, 604_000, 4_703_000)


def test_read_band__rotated_raster_is_refused(tmp_path):
    turned = Affine(985.0, 174.0, 600_000.0, 174.0, -985.0, 4_703_000.0)
    path = save(tmp_path / "a.tif", VALUES, transform=turned)
    with pytest.raises(MaskError, match="rotated"):
        read_band(path)


def test_raster_place__without_a_place_is_refused(tmp_path):
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        path = save(tmp_path / "a.tif", VALUES, transform=Affine.identity(), crs=None)
    with pytest.raises(MaskError, match="no place on the map"):
        raster_place(path)


def test_read_band__elsewhere_is_refused(tmp_path):
    with pytest.raises(MaskError, match="does not overlap"):
        read_band(save(tmp_path / "a.tif", VALUES), bounds=(0, 0, 1000, 1000))


def test_read_band__absent_and_unreadable_files_are_named(tmp_path):
    with pytest.raises(MaskError, match="does not exist"):
        read_band(tmp_path / "absent.tif")
    (tmp_path / "text.tif").write_text("no raster")
    with pytest.raises(MaskError, match=r"text.tif cannot be read as a raster"):
        read_band(tmp_path / "text.tif")


def test_write_geotiff__another_reader_finds_everything(tmp_path):
    values = VALUES.copy()
    values[2, 3] = np.nan
    path = write_geotiff(
        tmp_path / "density.tif",
        {"mean": values, "sd": VALUES / 10},
        transform=GRID,
        crs=UTM,
        units="animals per 100 km2",
        tags={"ESTIMAND": "expected density"},
    )

    with rasterio.open(path) as dataset:
        assert dataset.crs.to_epsg() == 32652
        assert dataset.descriptions == ("mean", "sd")
        assert dataset.units == ("animals per 100 km2",) * 2
        assert np.isnan(dataset.nodata)
        assert dataset.tags()["ESTIMAND"] == "expected density"
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert dataset.transform == GRID
        np.testing.assert_array_equal(dataset.read(1), values)
        assert dataset.read(1, masked=True).mask.sum() == 1
    assert [file.name for file in tmp_path.iterdir()] == ["density.tif"]


def test_write_geotiff__units_by_band_and_local_without_a_system(tmp_path):
    path = write_geotiff(
        tmp_path / "a.tif",
        {"mean": VALUES, "cv": VALUES},
        transform=GRID,
        crs="local",
        units={"mean": "animals per 100 km2", "cv": "1"},
    )
    with rasterio.open(path) as dataset:
        assert dataset.crs is None
        assert dataset.units == ("animals per 100 km2", "1")
        assert "without a place" in dataset.tags()["COORDINATES"]


def test_write_geotiff__a_failure_leaves_the_older_file_alone(tmp_path):
    path = tmp_path / "a.tif"
    write_geotiff(path, {"mean": VALUES}, transform=GRID, crs=UTM, units="1")
    before = path.read_bytes()
    with pytest.raises(KeyError):
        write_geotiff(path, {"mean": VALUES * 2}, transform=GRID, crs=UTM, units={"other": "1"})
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.tif"]


def test_write_geotiff__shapes_and_folder_are_checked(tmp_path):
    with pytest.raises(MaskError, match="all of one shape"):
        write_geotiff(tmp_path / "a.tif", {}, transform=GRID, crs=UTM, units="1")
    with pytest.raises(MaskError, match="does not exist"):
        write_geotiff(
            tmp_path / "none" / "a.tif", {"a": VALUES}, transform=GRID, crs=UTM, units="1"
        )


def test_read_band__more_pixels_than_fit_in_memory_are_refused_with_a_remedy(tmp_path):
    path = tmp_path / "fine.tif"
    facts = {"count": 1, "dtype": "uint8", "crs": UTM, "transform": GRID, "sparse_ok": True}
    with rasterio.open(path, "w", driver="GTiff", width=20_000, height=20_000, **facts):
        pass
    with pytest.raises(MaskError, match=r"fine\.tif, band 1: 400,000,000 pixels.*coarser"):
        read_band(path)
