"""Codes for no data and codes of classes in rasters are never taken for values, nor averaged."""

import numpy as np
import pytest
import rasterio
from rasterio.warp import transform

import scr
from scr.errors import MaskError
from scr.habitat.covariates import sample_at_traps
from scr.io.nodata import averaged_with, is_code, undeclared_code

KINDS = {
    "smear.tif": ("averaged nodata", "120 pixels lie between -9999", "gdalwarp -srcnodata -9999"),
    "nd_float_1e20.tif": ("undeclared nodata", "1e+20 in 200 pixels", "nodata = 1e+20"),
    "nd_int32_2147483647.tif": (
        "undeclared nodata", "2147483647 in 200 pixels", "nodata = 2147483647",
    ),
    "lc_rat.tif": ("classes cannot be averaged", "LAYER_TYPE", "categorical = true"),
}  # fmt: skip


def smooth(high=98.0):
    """A surface of 70 by 70 pixels without a value twice in a row, from 2 to ``high``."""
    rows, columns = np.mgrid[0:70, 0:70]
    wave = np.sin(rows / 9) + np.cos(columns / 7)
    return (2 + (wave + 2) / 4 * (high - 2)).astype("float32")


def classes(*codes):
    """Patches of 7 by 7 pixels, each of one class."""
    rng = np.random.default_rng(3)
    return np.kron(rng.choice(codes, (10, 10)), np.ones((7, 7))).astype("uint8")


def use(good, values, entry="", formula=None, **more):
    """The good survey with another raster, and further keys in its entry."""
    good.raster("forest.tif", values, **more)
    good.replace("survey.toml", '"forest.tif"', f'"forest.tif"{entry}')
    if formula:
        good.replace("survey.toml", '"~ forest"', f'"{formula}"')


@pytest.mark.parametrize("name", KINDS)
def test_nodata_not_known__is_an_error_in_python_and_on_the_command_line(name, troubled):
    kind, *words = KINDS[name]
    survey = troubled("nodata-not-known")
    survey.replace("survey.toml", "smear.tif", name)
    (trouble,) = survey.found().of("error")
    assert (trouble.kind, trouble.source) == (kind, name)
    checked = survey.checked()
    assert checked.exit_code == 1
    assert [word for word in (name, *words) if word not in checked.words] == []


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("nd_float_1e20.tif", 'nodata = 1e20, fill = "nearest"'),
        ("nd_int32_2147483647.tif", "nodata = 2147483647, fill = 50"),
        ("nd_int32_2147483647.tif", "nodata = [-9999, 2147483647], fill = 50"),
    ],
)
def test_nodata_not_known__the_remedy_works(name, entry, troubled):
    survey = troubled("nodata-not-known")
    survey.replace("survey.toml", '"smear.tif"', f'"{name}", {entry}')
    found = survey.found()
    assert found.of("error") == []
    values = found.mask.covariates["forest"]
    assert 2 <= values.min() < values.max() <= 98
    assert survey.checked().exit_code == 0


def test_landcover__is_refused_and_then_a_factor(troubled):
    survey = troubled("landcover-command-line")
    (trouble,) = survey.found().of("error")
    assert (trouble.kind, trouble.source) == ("classes cannot be averaged", "landcover.tif")
    checked = survey.checked()
    assert checked.exit_code == 1
    assert "11, 40, 82" in checked.words
    assert "categorical = true" in checked.words

    survey.replace("survey.toml", '"landcover.tif"', '"landcover.tif", categorical = true')
    found = survey.found()
    assert set(found.mask.covariates["landcover"]) == {"11", "40", "82"}
    with rasterio.open(survey.path("landcover.tif")) as layer:
        # Cells of 500 m take the class of most of their ground; most cells lie within one class.
        places = zip(*transform("EPSG:32652", layer.crs, *found.mask.xy.T), strict=True)
        at_centres = np.array([str(value[0]) for value in layer.sample(places)])
    assert (at_centres == found.mask.covariates["landcover"]).mean() > 0.8
    checked = survey.checked()
    assert checked.exit_code == 0
    assert "density.landcover[T.40], density.landcover[T.82]" in checked.words


def test_remedies__nodata_and_fill_are_keys(troubled):
    survey = troubled("remedy-the-toml-refuses")
    found = survey.found()
    assert found.of("error") == []
    assert found.mask.covariates["forest"].min() > 0
    checked = survey.checked()
    assert checked.exit_code == 0
    assert "100 of 1485 cells" in checked.words

    survey.replace("survey.toml", ', nodata = -9999, fill = "nearest"', "")
    assert "nodata = -9999" in survey.checked().words
    survey.replace("survey.toml", '"forest.tif"', '"forest.tif", nodata = -9999')
    assert 'fill = "nearest"' in survey.checked().words


RELATIVES = {
    "3.4e38": (np.float32(-3.4e38), "nodata = -3.4e+38"),
    "the fill value of netCDF": (np.float32(9.96921e36), "nodata = 9.96921e+36"),
    "-999.9": (np.float32(-999.9), "nodata = -999.9"),
    "-32768 averaged": (np.float32(-32768), "gdalwarp -srcnodata -32768"),
    "65535 averaged": (np.float32(65535), "gdalwarp -srcnodata 65535"),
}


@pytest.mark.parametrize("name", RELATIVES)
def test_raster__other_codes_are_told_with_the_remedy(name, good):
    code, remedy = RELATIVES[name]
    values = smooth()
    values[20:26, 20:30] = code
    if "averaged" in name:
        # Bilinear resampling by a shift of a third of a pixel.
        values = (values * 2 / 3 + np.roll(values, 1, axis=1) / 3).astype("float32")
        values[20:26, 21:29] = code
    use(good, values)
    assert len(good.found().of("error")) == 1
    checked = good.checked()
    assert checked.exit_code == 1
    assert remedy in checked.words


def test_raster__a_second_code_is_told_beside_the_first(good):
    values = smooth()
    values[20:26, 20:30], values[40:42, 40:42] = -9999, 1e20
    use(good, values, ', fill = "nearest", nodata = -9999')
    assert "nodata = [-9999, 1e+20]" in good.checked().words
    good.replace("survey.toml", "nodata = -9999", "nodata = [-9999, 1e+20]")
    assert good.checked().exit_code == 0
    assert good.found().mask.covariates["forest"].min() >= 2


def test_raster__true_values_can_be_called_so(good):
    values = smooth(high=40)
    values[0:30, 0:30] = 255
    use(good, values)
    assert "nodata = nan" in good.checked().words
    good.replace("survey.toml", '"forest.tif"', '"forest.tif", nodata = nan')
    assert good.checked().exit_code == 0
    assert good.found().mask.covariates["forest"].max() > 200


CLASSES = {
    "three codes beside each other in no order": (classes(1, 2, 3), {}),
    "codes of a world map": (classes(10, 20, 30, 40, 50, 60, 80, 90, 95, 100), {}),
    "two codes": (classes(1, 2), {}),
    "many codes, as decimal numbers": (
        classes(*range(111, 144), 211, 221, 231).astype("float32"), {}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CLASSES)
def test_raster__classes_are_known_by_their_values(name, good):
    values, more = CLASSES[name]
    use(good, values, **more)
    (trouble,) = good.found().of("error")
    assert trouble.kind == "classes cannot be averaged"
    assert "categorical = true" in good.checked().words
    good.replace("survey.toml", '"forest.tif"', '"forest.tif", categorical = true')
    found = good.found()
    assert found.of("error") == []
    assert set(found.mask.covariates["forest"]) <= {f"{value:g}" for value in np.unique(values)}


@pytest.mark.parametrize("sidecar", ["forest.tif.aux.xml", "forest.tif.vat.dbf"])
def test_raster__classes_are_known_by_a_file_beside_it(sidecar, good):
    use(good, smooth())
    names = "<PAMDataset><PAMRasterBand band='1'><CategoryNames><Category>forest</Category>"
    end = "</CategoryNames></PAMRasterBand></PAMDataset>"
    good.write(sidecar, names + end)
    (trouble,) = good.found().of("error")
    assert trouble.kind == "classes cannot be averaged"


NUMBERS = {
    "forest or none": classes(0, 1),
    "per cent in whole numbers": smooth().astype("uint8"),
    "height in whole metres": (smooth(900) + 300).astype("int16"),
    "nearly flat": (smooth(30) / 2).astype("float32").round(),
    "zeros and a long tail": np.where(smooth() > 70, smooth() ** 3, 0).astype("float32"),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_raster__numbers_raise_no_alarm(name, good):
    use(good, NUMBERS[name])
    found = good.found()
    assert (found.of("error"), found.of("warning")) == ([], [])
    assert found.mask.covariates["forest"].dtype == np.float64


def test_sample_at_traps__classes_are_a_factor_at_stations_too(good):
    good.raster("cover.tif", classes(11, 40, 82))
    traps = scr.read_traps(good.path("stations.csv"), crs="EPSG:32652")
    with pytest.raises(MaskError, match=r"cover\.tif.*11, 40, 82.*categorical=True"):
        sample_at_traps(traps, good.path("cover.tif"), name="cover")
    factor = sample_at_traps(traps, good.path("cover.tif"), name="cover", categorical=True)
    assert set(factor.covariates["cover"]) <= {"11", "40", "82"}


def test_undeclared_code__leaves_true_extremes_alone():
    rng = np.random.default_rng(1)
    for values in (
        rng.lognormal(3, 2, 5000),
        np.append(rng.uniform(0, 200, 500), 255.0),
        rng.normal(0, 400, 5000),
        np.append(rng.uniform(0, 5000, 500), 9999.0).clip(0, 6000),
    ):
        assert undeclared_code(values) is None


def test_averaged_with__bathymetry_beside_land_is_not_taken_for_a_code():
    rng = np.random.default_rng(2)
    land, sea = rng.uniform(0, 100, 900), rng.uniform(-90, 0, 100)
    assert not averaged_with(np.concatenate([land, sea, [-9999.0]]), -9999.0).any()


def test_is_code__knows_the_limits_of_types_and_rows_of_nines():
    codes = (-9999, -999, -99, 255, 65535, -32768, 2147483647, 3.4e38, 1e20, 999, -99.9)
    assert [code for code in codes if not is_code(code)] == []
    assert [value for value in (99, 0, -9, 100, 1234, -4000) if is_code(value)] == []
