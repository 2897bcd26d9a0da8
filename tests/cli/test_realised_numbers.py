"""Realised density, realised N and numbers of regions as ``scr fit`` writes them."""

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from typer.testing import CliRunner

import scr
from scr.cli.main import app

BASE = Path(__file__).resolve().parents[1] / "cases" / "00-base" / "input"
UTM = "EPSG:32652"

pytestmark = pytest.mark.usefixtures("without_pictures")
TOML = """title = "A survey"
[survey]
traps = "stations.csv"
deployments = "deployments.csv"
detections = "detections.csv"
crs = "EPSG:32652"
[mask]
buffer = 7000
spacing = 1000
[fit]
engine = "{engine}"
"""


def write_survey(folder, text):
    for name in ("stations.csv", "deployments.csv", "detections.csv"):
        shutil.copyfile(BASE / name, folder / name)
    (folder / "survey.toml").write_text(text, encoding="utf-8")
    return folder


def fitted(folder):
    run = CliRunner().invoke(app, ["fit", str(folder)])
    assert run.exit_code == 0, run.output
    return folder / "results" / "private", run


def bands(path):
    with rasterio.open(path) as raster:
        return dict(zip(raster.descriptions, raster.read(), strict=True)), raster.res


@pytest.mark.parametrize("engine", ["laplace", "mle"])
def test_fit__realised_density_has_mean_and_sd_of_one_distribution(engine, tmp_path):
    private, _ = fitted(write_survey(tmp_path, TOML.format(engine=engine)))
    found, (width, height) = bands(private / "realised_density.tif")
    cells = np.isfinite(found["mean"])
    mean, sd = (found[name][cells] * width * height / 1e8 for name in ("mean", "sd"))

    assert (mean > 0).all()
    assert (sd > 0).all()
    # Animals of a cell are sums of independent ones, given the coefficients: their variance is at
    # least that of as many as may be anywhere, mean less its square at most one each.
    assert (sd**2 >= mean * (1 - np.minimum(mean, 1)) - 1e-9).all()
    table = pd.read_csv(private / "realised_density.csv")
    assert (table["sd"] > 0).all()
    assert table["mean"].sum() == pytest.approx(found["mean"][cells].sum(), rel=1e-3)
    numbers = pd.read_csv(private / "abundance.csv").set_index("estimand")
    # Means add up to the number in the mask, up to the error of a hundred draws.
    assert mean.sum() == pytest.approx(numbers.loc["realised N", "mean"], rel=0.05)
    assert mean.sum() > numbers.loc["realised N", "n_detected"]


def test_fit__realised_n_by_maximum_likelihood_is_that_of_flat_priors(tmp_path):
    private, _ = fitted(write_survey(tmp_path, TOML.format(engine="mle")))
    table = pd.read_csv(private / "abundance.csv").set_index("estimand")
    realised = table.loc["realised N"]

    fit = scr.load_fit(private / "fit.nc")
    flat = {name: scr.Normal(0.0, 100.0) for name in fit.coefficient_names}
    other = scr.fit_laplace(fit.survey, fit.mask, scr.ModelSpec(priors=flat), check_mask=False)
    expected = scr.abundance(other).set_index("estimand").loc["realised N"]

    assert realised["lower"] >= realised["n_detected"] == 13
    assert realised["lower"] == round(realised["lower"])
    assert realised["lower"] == pytest.approx(expected["lower"], abs=1.5)
    assert realised["upper"] == pytest.approx(expected["upper"], rel=0.08)
    assert realised["lower"] < realised["median"] < realised["upper"]
    public = pd.read_csv(tmp_path / "results" / "public" / "abundance.csv").set_index("estimand")
    for limit in ("median", "lower", "upper"):
        assert public.loc["realised N", limit] == pytest.approx(realised[limit], abs=1)


def test_fit__density_on_a_scale_is_on_the_scale_of_the_mask_in_every_region(troubles, tmp_path):
    # Of region-scaled-by-itself: by the command line a region is an outline, laid over the mask and
    # its constants. 12.01 is by a scale of the region's own, 0.02 is not scaled, 14.94 is right.
    folder = troubles / "region-scaled-by-itself"
    for name in ("stations.csv", "deployments.csv", "detections.csv", "forest.tif"):
        shutil.copyfile(folder / name, tmp_path / name)
    table = pd.read_csv(folder / "mask.csv")
    west = table[table["x"] < 432_000]
    squares = shapely.box(west["x"] - 250, west["y"] - 250, west["x"] + 250, west["y"] + 250)
    gpd.GeoSeries([shapely.union_all(squares)], crs=UTM).to_file(tmp_path / "west.gpkg")
    for formula in ("~ scale(forest)", "~ forest"):
        text = TOML.format(engine="mle").replace("7000", "6000").replace("1000", "500")
        text += (
            f'[covariates]\nforest = {{ raster = "forest.tif" }}\n[model]\ndensity = "{formula}"\n'
            '[report]\nreserve = "west.gpkg"\n'
        )
        (tmp_path / "survey.toml").write_text(text, encoding="utf-8")
        private, _ = fitted(tmp_path)
        numbers = pd.read_csv(private / "abundance.csv").set_index("estimand")
        assert numbers.loc["expected N", "median"] == pytest.approx(14.94, abs=0.02)


def test_fit__says_each_warning_once(tmp_path):
    write_survey(tmp_path, TOML.format(engine="mle") + '[report]\nreserve = "wide.gpkg"\n')
    wide = shapely.box(413_000, 4_094_000, 455_000, 4_114_000)
    gpd.GeoSeries([wide], crs=UTM).to_file(tmp_path / "wide.gpkg")

    _, run = fitted(tmp_path)

    said = [line for line in run.output.splitlines() if line.startswith("Warning: ")]
    assert sum("lie beyond mask" in line for line in said) == 1
    assert len(said) == len(set(said))
