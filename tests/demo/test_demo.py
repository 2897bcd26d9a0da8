"""The bundled files: whole, small, consistent, and said to be simulated."""

import json
import tomllib

import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from scr.demo import copy_demo, data_folder, read_truth
from scr.demo.fieldwork import NIGHTS, days_worked
from scr.errors import ScrError
from scr.habitat.build import build_mask
from scr.habitat.covariates import sample_raster
from scr.habitat.region import read_reserve
from scr.model.spec import ModelSpec
from scr.survey.reading import read_survey
from scr.survey.reading_traps import read_traps

CRS = "EPSG:32652"
DATA = data_folder()


@pytest.fixture(scope="module")
def survey():
    traps = read_traps(DATA / "stations.csv", crs=CRS)
    return read_survey(DATA / "detections.csv", traps, usage=DATA / "deployments.csv")


@pytest.fixture(scope="module")
def mask(survey):
    traps = survey.sessions[0].traps
    cells = build_mask(traps, buffer=20_000, spacing=1_000, exclude=DATA / "sea.gpkg")
    for name in ("elevation", "beyond_border", "forest", "roads"):
        cells = sample_raster(cells, DATA / f"{name}.tif", name=name)
    return cells


@pytest.fixture(scope="module")
def animals():
    return pd.read_csv(DATA / "truth.csv")


def test_data__is_under_three_megabytes_with_its_sources():
    files = [path for path in DATA.parent.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files if "__pycache__" not in path.parts) < 3e6


def test_data__survey_has_the_size_that_its_truth_names(survey):
    counts = read_truth(DATA)["counts"]
    captures = survey.sessions[0].captures
    assert len(survey.sessions[0].traps) == counts["stations"]
    assert captures.n_individuals == counts["animals_identified"]
    assert captures.n_detections == counts["detections"]
    assert captures.covariates["sex"].isna().sum() == counts["sexes_unknown"]
    assert counts["nights"] == NIGHTS


def test_data__no_detection_was_merged_or_left_out(survey):
    assert survey.sessions[0].captures.n_detections == len(pd.read_csv(DATA / "detections.csv"))


def test_data__animals_in_the_truth_are_those_in_the_survey(survey, animals):
    captures = survey.sessions[0].captures
    truth = animals.dropna(subset=["individual"]).set_index("individual")
    assert set(captures.individuals) == set(truth.index)
    count = np.bincount(captures.individual, captures.count)
    assert np.array_equal(count, truth.loc[list(captures.individuals), "n_detections"])
    recorded = captures.covariates["sex"].to_numpy(dtype=object)
    known = ~pd.isna(recorded)
    sex = truth.loc[list(captures.individuals), "sex"].to_numpy(dtype=object)
    assert list(recorded[known]) == list(sex[known])


def test_data__animals_live_in_the_park_as_often_as_the_truth_counts(animals):
    reserve = read_reserve(DATA / "reserve.gpkg").geometry
    inside = shapely.contains_xy(reserve, animals["x"], animals["y"])
    truth = read_truth(DATA)
    assert inside.sum() == truth["parameters"]["realised_N_reserve"]
    identified = truth["counts"]["animals_identified_living_in_reserve"]
    assert (inside & animals["individual"].notna()).sum() == identified
    assert np.array_equal(inside, animals["in_reserve"])


def test_data__no_animal_lives_in_the_sea(animals):
    sea = read_reserve(DATA / "sea.gpkg").geometry.buffer(-1000)
    assert not shapely.contains_xy(sea, animals["x"], animals["y"]).any()


def test_data__effort_is_ninety_nights_but_for_failures(survey):
    effort = survey.sessions[0].usage.effort
    table = pd.read_csv(
        DATA / "deployments.csv", parse_dates=["start", "end", "problem1_from", "problem1_to"]
    )
    assert np.array_equal(effort, days_worked(table))
    failed = table.groupby("station")["problem1_from"].count()
    assert (failed > 0).sum() == round(0.2 * len(failed))
    assert set(failed) == {0, 1, 2}
    nights = pd.Series(effort.sum(axis=1), index=survey.sessions[0].traps.names)
    assert (nights[failed[failed < 2].index] == NIGHTS).all()
    assert (nights < NIGHTS).sum() > 0


def test_data__detections_are_at_night():
    hour = pd.to_datetime(pd.read_csv(DATA / "detections.csv")["datetime"]).dt.hour
    assert ((hour >= 18) | (hour < 6)).all()


def test_data__park_has_one_animal_per_100_km2(mask):
    truth = read_truth(DATA)
    c = truth["coefficients"]
    reserve = read_reserve(DATA / "reserve.gpkg")
    elevation = mask.covariates["elevation"].to_numpy()
    height = (elevation - elevation.mean()) / elevation.std(ddof=1)
    density = np.exp(
        c["density.Intercept"]
        + c["density.scale(elevation)"] * height
        + c["density.beyond_border"] * mask.covariates["beyond_border"].to_numpy()
    )
    inside = np.array(
        [reserve.geometry.intersection(shapely.Point(p).buffer(500, cap_style="square")).area
         for p in mask.xy]
    )  # fmt: skip
    assert inside.sum() == pytest.approx(reserve.geometry.area, rel=1e-9)
    expected = float(density @ inside / 1e6)
    assert expected == pytest.approx(reserve.area_km2 / 100, rel=1e-9)
    assert truth["parameters"]["expected_N_reserve"] == pytest.approx(expected, abs=0.006)


def test_data__border_cells_are_on_one_side_or_the_other(mask):
    assert set(mask.covariates["beyond_border"]) == {0.0, 1.0}


def test_data__truth_is_the_one_of_the_specification():
    truth = read_truth(DATA)
    c, p = truth["coefficients"], truth["parameters"]
    assert c["density.scale(elevation)"] == 0.4
    assert c["density.beyond_border"] == -0.7
    assert np.exp(c["lambda0.Intercept"]) == pytest.approx(0.012)
    assert np.exp(c["lambda0.Intercept"] + c["lambda0.sex[T.M]"]) == pytest.approx(0.015)
    assert np.exp(c["sigma.Intercept"]) == pytest.approx(3500)
    assert np.exp(c["sigma.Intercept"] + c["sigma.sex[T.M]"]) == pytest.approx(6000)
    assert 1 / (1 + np.exp(-c["share.Intercept"])) == pytest.approx(0.42)
    assert p["sigma_m"] == {"F": 3500.0, "M": 6000.0}


def test_survey_toml__names_files_that_are_there_and_the_model_of_the_truth(survey, mask):
    settings = tomllib.loads((DATA / "survey.toml").read_text(encoding="utf-8"))
    named = [settings["survey"][key] for key in ("traps", "deployments", "detections")]
    named += [entry["raster"] for entry in settings["covariates"].values()]
    named += [*settings["mask"]["exclude"], settings["report"]["reserve"]]
    assert all((DATA / name).is_file() for name in named)
    spec = ModelSpec(**settings["model"])
    assert set(spec.coefficient_names(survey, mask)) == set(read_truth(DATA)["coefficients"])


def test_data__says_that_it_is_simulated():
    for name in ("survey.toml", "truth.json", "ATTRIBUTION.md"):
        assert "SIMULATED" in (DATA / name).read_text(encoding="utf-8")
    settings = tomllib.loads((DATA / "survey.toml").read_text(encoding="utf-8"))
    assert settings["banner"] == "SIMULATED"
    for name in ("forest.tif", "roads.tif"):
        with rasterio.open(DATA / name) as dataset:
            assert dataset.tags()["BANNER"] == "SIMULATED"


def test_copy_demo__copies_every_file_and_leaves_others_alone(tmp_path):
    folder = tmp_path / "new" / "demo"
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    settings = copy_demo(folder)
    assert settings == folder / "survey.toml"
    for file in DATA.rglob("*.*"):
        assert (folder / file.relative_to(DATA)).read_bytes() == file.read_bytes()
    assert (folder / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_copy_demo__a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "demo").write_text("", encoding="utf-8")
    with pytest.raises(ScrError, match=r"could not be copied to .*demo"):
        copy_demo(tmp_path / "demo")


def test_read_truth__a_folder_without_truth_is_named(tmp_path):
    with pytest.raises(ScrError, match=r"truth\.json does not exist"):
        read_truth(tmp_path)


def test_read_truth__is_the_file(tmp_path):
    (tmp_path / "truth.json").write_text(json.dumps({"seed": 3}), encoding="utf-8")
    assert read_truth(tmp_path) == {"seed": 3}
