import json
import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
import xarray as xr

import scr
from scr.errors import MaskWarning, PrivacyWarning
from scr.fit.compare import compare
from scr.fit.saving import load_fit
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.maps.results.outputs import write_outputs
from scr.written_columns import WRITTEN

RESERVE = Region(
    "Far Valley Reserve", shapely.box(712_000, 4_713_000, 719_500, 4_718_000), crs="EPSG:32652"
)


@pytest.fixture(scope="module")
def cached():
    return {}


@pytest.fixture
def written(make_fit, tmp_path_factory, cached):
    """A fit and the folder of its results, written once for all tests."""
    if not cached:
        folder = tmp_path_factory.mktemp("results")
        fit = make_fit()
        files = write_outputs(
            fit, folder, region=RESERVE, title="Far Valley", banner="SIMULATED", max_draws=30
        )
        cached.update(fit=fit, folder=folder, files=files)
    return cached["fit"], cached["folder"], cached["files"]


def models_of(make_fit):
    """Two models that were compared; of animals seen once each there is no AIC."""
    fits = {"station-07 left out": make_fit(), "curved": make_fit(density="~ poly(north, 2)")}
    for name, fit in fits.items():
        table = fit.coefficients.assign(ess_bulk=40.0)
        fits[name] = replace(fit, coefficients=table)
    return compare(fits)


def test_write_outputs__models_compared_keep_likelihoods_and_animals_private(
    make_fit, tmp_path, without_pictures
):
    models = models_of(make_fit)
    assert np.isnan(models.table["aic"]).all()
    options = {"region": RESERVE, "max_draws": 20, "banner": "SIMULATED"}
    write_outputs(models.best, tmp_path, models=models, **options)

    public, private = tmp_path / "public", tmp_path / "private"
    shared = pd.read_csv(public / "models.csv")
    assert {"log_likelihood", "aic", "elpd_loo", "largest_k"}.isdisjoint(shared)
    assert shared["weight"].sum() == pytest.approx(1.0, abs=0.02)
    # A name that holds that of a station is not shared, nor are fits and single animals.
    assert set(shared["model"]) in ({"curved", "model 1"}, {"curved", "model 2"})
    text = "".join(path.read_text(encoding="utf-8") for path in public.glob("*.[cj]s*"))
    assert "station-07" not in text
    assert {path.stem for path in (private / "models").iterdir()} == {
        "curved", "station-07-left-out"
    }  # fmt: skip
    assert not (public / "models").exists()
    k = pd.read_csv(private / "models_pareto_k.csv", index_col="individual")
    np.testing.assert_allclose(k["curved"], models.pareto_k["curved"], rtol=1e-5)
    assert not (public / "models_pareto_k.csv").exists()
    # What was averaged sums to what is told of the whole mask.
    whole = pd.read_csv(private / "averaged_density.csv")
    told = scr.abundance(models, max_draws=20).set_index("estimand").loc["expected N", "mean"]
    assert (whole["mean"] / 100 * whole["area_km2"]).sum() == pytest.approx(told, rel=1e-5)
    kept = pd.read_csv(public / "averaged_abundance.csv")
    assert list(kept["estimand"]) == ["expected N", "realised N"]
    assert (public / "averaged_density.csv").exists()


def test_write_outputs__lists_every_file_and_leaves_nothing_else(written):
    _, folder, files = written
    found = {path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"}
    assert found == set(files)
    names = {str(path.relative_to(folder)) for path in files}
    assert {
        "public/manifest.json",
        "private/manifest.json",
        "public/expected_density.tif",
        "public/expected_density.png",
        "public/figures/detection_function.png",
        "private/figures/effort.png",
        "private/figures/expected_density_with_cv.png",
        "public/abundance.csv",
        "public/summary.csv",
        "public/summary.json",
        "private/expected_density_cv.png",
        "private/realised_density.tif",
        "private/detectability.tif",
        "private/activity_centres.tif",
        "private/activity_centres.pdf",
        "private/expected_density.qml",
        "private/expected_density.csv",
        "private/surfaces.nc",
        "private/survey.gpkg",
        "public/expected_density.qml",
        "public/expected_density.csv",
        "public/surfaces.nc",
        "public/zones.gpkg",
        "private/fit.nc",
    } <= names


def test_write_outputs__public_text_names_no_station_animal_or_place(written):
    fit, folder, _ = written
    places = np.round(fit.survey.sessions[0].traps.xy).astype(int).astype(str).ravel().tolist()
    for path in (folder / "public").iterdir():
        if path.suffix in {".csv", ".json"}:
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"station-\d|Bek \d", text), path
            assert not [place for place in places if place in text], path


def test_write_outputs__public_rasters_hold_whole_cells_of_the_region_alone(written):
    _, folder, _ = written
    rasters = list((folder / "public").glob("*.tif"))
    assert [path.name for path in rasters] == ["expected_density.tif"]
    with rasterio.open(rasters[0]) as dataset:
        assert dataset.descriptions == ("median", "q2.5", "q97.5")
        shown = dataset.read_masks(1) > 0
        assert shown.sum() == 8 * 5
        assert dataset.bounds == (712_000, 4_713_000, 720_000, 4_718_000)
        assert dataset.tags()["BANNER"] == "SIMULATED"


def test_write_outputs__stamps_the_banner_on_tables(written):
    _, _folder, files = written
    for path in files:
        if path.suffix == ".csv":
            assert (pd.read_csv(path)["note"] == "SIMULATED").all(), path
        if path.name == "summary.json":
            assert json.loads(path.read_text(encoding="utf-8"))["banner"] == "SIMULATED"


def test_write_outputs__cells_of_the_realised_map_sum_to_the_realised_number(written):
    fit, folder, _ = written
    with rasterio.open(folder / "private" / "realised_density.tif") as dataset:
        mean = dataset.read(dataset.descriptions.index("mean") + 1, masked=True)
    draws = pd.read_csv(folder / "private" / "abundance_draws.csv")
    assert mean.sum() / 100 >= fit.survey.n_individuals
    assert len(draws) == 30
    table = pd.read_csv(folder / "public" / "abundance.csv").set_index("estimand")
    realised = draws["realised Far Valley Reserve"]
    assert table.loc["realised N", "median"] == pytest.approx(realised.median(), rel=1e-4)


def test_write_outputs__the_fit_is_kept_whole(written):
    fit, folder, _ = written
    np.testing.assert_array_equal(load_fit(folder / "private" / "fit.nc").draws, fit.draws)


def test_write_outputs__one_band_for_each_animal_sums_to_one(written):
    _, folder, _ = written
    with rasterio.open(folder / "private" / "activity_centres.tif") as dataset:
        assert dataset.descriptions == ("Bek 0", "Bek 1", "Bek 2", "Bek 3")
        sums = np.nansum(dataset.read(), axis=(1, 2)) / 100
    np.testing.assert_allclose(sums, 1.0, rtol=1e-6)


@pytest.mark.usefixtures("without_pictures")
def test_write_outputs__sessions_on_shared_ground_have_files_of_their_own(make_fit, tmp_path):
    fit = make_fit(names=("spring", "autumn 24"), engine="mle")
    names = {path.name for path in write_outputs(fit, tmp_path, max_draws=10)}
    assert {"realised_density_spring.tif", "realised_density_autumn-24.tif"} <= names
    assert "expected_density.tif" in names
    table = pd.read_csv(tmp_path / "public" / "abundance.csv")
    assert table["session"].tolist() == ["spring", "spring", "autumn 24", "autumn 24"]


@pytest.mark.usefixtures("without_pictures")
def test_write_outputs__cells_given_for_a_region_have_a_public_map(make_fit, tmp_path):
    x, y = np.meshgrid(730_500 + 1000.0 * np.arange(4), 4_720_500 + 1000.0 * np.arange(3))
    xy = np.column_stack([x.ravel(), y.ravel()])
    cells = HabitatMask(
        xy=xy,
        cell_area=1.0,
        crs="EPSG:32652",
        spacing=1000.0,
        covariates=pd.DataFrame({"north": np.linspace(0, 1, 12)}),
    )
    fit = make_fit(engine="mle")
    with (
        pytest.warns(MaskWarning, match="'next valley'"),
        pytest.warns(PrivacyWarning, match="Name a larger region"),
    ):
        write_outputs(fit, tmp_path, region={"next valley": cells}, max_draws=10)
    with rasterio.open(tmp_path / "public" / "expected_density_of_next-valley.tif") as dataset:
        (found,) = dataset.sample(xy[[11]], indexes=1)
    assert found == float(f"{100 * 0.02 * np.exp(0.2):.3g}")  # public: three digits


def test_write_outputs__public_vector_and_netcdf_files_hold_zones_and_shared_columns_alone(written):
    _, folder, _ = written
    assert pyogrio.list_layers(folder / "public" / "zones.gpkg")[:, 0].tolist() == ["zones"]
    (zone,) = gpd.read_file(folder / "public" / "zones.gpkg").itertuples()
    assert zone.zone == "Far Valley Reserve"
    assert zone.geometry.equals(RESERVE.geometry)
    layers = pyogrio.list_layers(folder / "private" / "survey.gpkg")[:, 0].tolist()
    assert layers == ["zones", "traps", "activity_centres", "activity_centre_contours"]
    with xr.open_dataset(folder / "public" / "surfaces.nc") as data:
        names = {f"expected_density_{c}" for c in ("median", "q2_5", "q97_5")}
        assert set(data.data_vars) == {"crs", *names}


@pytest.mark.usefixtures("without_pictures")
def test_write_outputs__without_a_region_no_outline_of_the_mask_is_public(make_fit, tmp_path):
    files = write_outputs(make_fit(engine="mle"), tmp_path, max_draws=10)
    names = {str(path.relative_to(tmp_path)) for path in files}
    assert "public/zones.gpkg" not in names
    assert gpd.read_file(tmp_path / "private" / "survey.gpkg", layer="zones").zone[0]


@pytest.mark.usefixtures("without_pictures")
def test_write_outputs__several_zones_are_counted_together(make_fit, tmp_path):
    boxes = {"north": (712, 4716, 719, 4719), "core": (713, 4713, 716, 4718)}
    zones = {
        name: Region(name, shapely.transform(shapely.box(*box), lambda xy: 1000 * xy), "EPSG:32652")
        for name, box in boxes.items()
    }
    with pytest.warns(PrivacyWarning, match="Merge 'north' with 'core'"):
        write_outputs(make_fit(), tmp_path, region=zones, max_draws=20)
    draws = pd.read_csv(tmp_path / "private" / "abundance_draws.csv")
    assert {"expected north", "realised north", "expected core", "realised core"} == set(draws)
    layer = gpd.read_file(tmp_path / "public" / "zones.gpkg")
    assert layer["zone"].tolist() == ["north", "core"]
    assert layer["overlaps"].tolist() == ["core", "north"]
    assert layer["realised_median"].isna().all()
    assert layer["n_detected"].isna().all()
    kept = gpd.read_file(tmp_path / "private" / "survey.gpkg", layer="zones")
    assert kept["realised_median"].notna().all()


def test_write_outputs__every_column_is_in_the_data_dictionary(
    written, make_fit, tmp_path, without_pictures
):
    _, folder, files = written
    years = make_fit(names=("2021", "2023"), density="~ north + session")
    files = [*files, *write_outputs(years, tmp_path / "years", max_draws=20)]
    models = models_of(make_fit)
    files += write_outputs(models.best, tmp_path / "models", max_draws=20, models=models)
    files = [path for path in files if not path.stem.endswith(("_2021", "_2023"))]
    seen = {(path.stem, tuple(pd.read_csv(path))) for path in files if path.suffix == ".csv"}
    for path in (folder / "private" / "survey.gpkg", folder / "public" / "zones.gpkg"):
        for layer in pyogrio.list_layers(path)[:, 0]:
            seen.add((layer, tuple(gpd.read_file(path, layer=layer).columns)))
    elsewhere = {"fit_checks", "flank_pairs", "animals_photographed"}  # asked for, or both flanks
    assert {name for name, _ in seen} == set(WRITTEN) - elsewhere
    for table, columns in seen:
        listed = {column.name for column in WRITTEN[table]}
        varies = {f"{c.split()[0]} <region>": c for c in columns if table == "abundance_draws"}
        extra = {"geometry", "sex", "n_detections", "n_traps", *varies.values()}
        extra |= set(models.fits) if table == "models_pareto_k" else set()
        assert set(columns) <= listed | extra, table
        assert set(varies) - {"note <region>"} <= listed
