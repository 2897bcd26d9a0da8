import re
import shutil
from dataclasses import fields
from datetime import date
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

import scr
import scr.demo
from scr.errors import ScrError
from scr.model.labels import Label
from scr.model.priors import Normal
from scr.project import spec_of
from scr.project.configuration import (
    ComparisonKeys,
    CovariateKeys,
    FitKeys,
    MapsKeys,
    MaskKeys,
    ModelKeys,
    PriorKeys,
    ReportKeys,
    SurveyKeys,
    TrendKeys,
    read_configuration,
)

LEAST = """
[survey]
traps = "stations.csv"
detections = "detections.csv"
deployments = "deployments.csv"
[mask]
buffer = 15_000
spacing = 1000
"""


def write(folder: Path, text: str) -> Path:
    for name in ("stations.csv", "detections.csv", "deployments.csv", "sea.gpkg", "forest.tif"):
        (folder / name).touch()
    path = folder / "survey.toml"
    path.write_text(text, encoding="utf-8")
    return path


def message(folder: Path, text: str) -> str:
    with pytest.raises(ScrError) as caught:
        read_configuration(write(folder, text))
    return str(caught.value)


def test_read_configuration__least_file_has_the_stated_defaults(tmp_path):
    configuration = read_configuration(write(tmp_path, LEAST))
    assert configuration.survey.traps == tmp_path / "stations.csv"
    assert configuration.mask.buffer == 15_000.0
    assert configuration.survey.detector == "proximity"
    assert configuration.survey.occasion_days == 1
    assert configuration.survey.day_starts == "midnight"
    assert configuration.model.detection == "hazard_half_normal"
    assert configuration.fit.engine == "auto"
    assert configuration.fit.seed == 1
    assert configuration.output == tmp_path / "results"


def test_read_configuration__every_part_is_read(tmp_path):
    text = LEAST.replace("[mask]", '[mask]\nexclude = "sea.gpkg"')
    configuration = read_configuration(
        write(
            tmp_path,
            'title = "Here"\nbanner = "SIMULATED"\noutput = "out"\n'
            + text
            + """
[covariates]
forest = { raster = "forest.tif", fill = 0 }
[model]
density = "~ forest"
[model.priors]
"density.forest" = { mean = 0, sd = 0.5 }
[fit]
engine = "nuts"
""",
        )
    )
    assert configuration.title == "Here"
    assert configuration.banner == "SIMULATED"
    assert configuration.output == tmp_path / "out"
    assert configuration.mask.exclude == (tmp_path / "sea.gpkg",)
    assert configuration.covariates == {
        "forest": CovariateKeys(raster=tmp_path / "forest.tif", fill=0.0)
    }
    assert configuration.model.priors == {"density.forest": PriorKeys(mean=0.0, sd=0.5)}
    assert configuration.fit.engine == "nuts"


def test_read_configuration__a_folder_stands_for_its_survey_toml(tmp_path):
    write(tmp_path, LEAST)
    assert read_configuration(tmp_path).path == tmp_path / "survey.toml"


def test_read_configuration__unknown_key_gets_a_suggestion(tmp_path):
    text = message(tmp_path, LEAST.replace("[mask]", 'detectr = "count"\n[mask]'))
    assert "[survey] detectr: not a key here. Did you mean detector?" in text
    assert str(tmp_path / "survey.toml") in text


def test_read_configuration__all_faults_are_listed_at_once(tmp_path):
    text = message(
        tmp_path,
        """
tilte = "x"
[survey]
traps = "station.csv"
detector = "camera"
occasion_days = "one"
[mask]
buffer = -5
spacing = 1000
[covariates]
forest = { rastr = "forest.tif" }
[fit]
chains = 0
""",
    )
    for fault in (
        "has 10 faults",
        "tilte: not a key here. Did you mean title?",
        "[survey] traps: is 'station.csv', but there is no such file",
        "did you mean 'stations.csv'?",
        "[survey] detections: is missing",
        "[survey] lacks deployments, or usage",
        "[survey] detector: is 'camera', but must be one of 'proximity', 'count', 'binomial_count'",
        "[survey] occasion_days: is 'one', but must be a whole number",
        "[mask] buffer: is -5, but must be above 0",
        "[covariates.forest] rastr: not a key here. Did you mean raster?",
        "[covariates] forest: needs either raster or distance_to",
        "[fit] chains: is 0, but must be above 0",
    ):
        assert fault in text


def test_read_configuration__missing_file_says_how_to_start(tmp_path):
    with pytest.raises(ScrError, match=r"There is no file .*scr init"):
        read_configuration(tmp_path / "absent.toml")


def test_read_configuration__faulty_toml_names_the_line(tmp_path):
    assert "line 3" in message(tmp_path, '\n[survey]\ntraps = "C:\\data\\stations.csv"\n')


def test_read_configuration__deployments_and_usage_together_are_refused(tmp_path):
    text = LEAST.replace("[mask]", 'usage = "stations.csv"\n[mask]')
    assert "both deployments and usage" in message(tmp_path, text)


def test_read_configuration__a_mask_needs_buffer_and_spacing_or_cells(tmp_path):
    assert "[mask] lacks buffer" in message(tmp_path, LEAST.replace("buffer = 15_000", ""))
    text = LEAST.replace("spacing = 1000", 'cells = "stations.csv"')
    assert "[mask] has cells" in message(tmp_path, text)


def test_read_configuration__text_in_place_of_a_table_is_a_fault(tmp_path):
    text = message(tmp_path, 'fit = "nuts"\n' + LEAST)
    assert "fit: is 'nuts', but must be a table [fit]" in text


@pytest.mark.parametrize(
    "keys",
    [
        *(SurveyKeys, MaskKeys, CovariateKeys, PriorKeys, ModelKeys),
        *(ComparisonKeys, FitKeys, ReportKeys, MapsKeys, TrendKeys),
    ],
)
def test_template__explains_every_key(keys):
    text = (files("scr.cli") / "templates" / "survey.toml").read_text(encoding="utf-8")
    for item in fields(keys):
        assert re.search(rf"\b{item.name}\b", text), item.name


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("occasion_days = 7", "occasion_days", 7),
        ('occasion_days = "month"', "occasion_days", "month"),
        ("first_day = 2024-02-01", "first_day", date(2024, 2, 1)),
        ('first_day = "2024-02-01"', "first_day", "2024-02-01"),
        ('flank = "left"', "flank", "left"),
        ('observation_level = "media"', "observation_level", "media"),
        ('identities = "names.csv"', "identities", "names.csv"),
    ],
)
def test_read_configuration__occasions_flanks_and_identities(tmp_path, line, name, value):
    text = LEAST.replace("[mask]", f"{line}\n[mask]")
    (tmp_path / "names.csv").touch()
    found = getattr(read_configuration(write(tmp_path, text)).survey, name)
    assert found == (tmp_path / value if name == "identities" else value)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('occasion_days = "year"', "must be a whole number, or one of 'week', 'month'"),
        ("occasion_days = 0", "occasion_days: is 0, but must be above 0"),
        ("first_day = 20240201", "must be a day, as in 2024-02-01, or text"),
        ('flank = "upper"', "must be one of 'left', 'right'"),
        ('identities = "names.csv"', "there is no such file"),
    ],
)
def test_read_configuration__wrong_occasions_flanks_and_identities(tmp_path, line, fault):
    assert fault in message(tmp_path, LEAST.replace("[mask]", f"{line}\n[mask]"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n[survey]", 'output = "a\\u0000b"\n[survey]'),
        ("stations.csv", "a\\u0000b"),
        ("[mask]", '[covariates]\n"a\\u0000b" = { raster = "forest.tif" }\n[mask]'),
        ("[mask]", '[report]\nreserve_name = "a\\u0000b"\n[mask]'),
        ("[mask]", '[survey.nodata]\n"a\\u0000b" = 1\n[mask]'),
    ],
)
def test_read_configuration__a_null_character_is_told(tmp_path, old, new):
    text = message(tmp_path, LEAST.replace(old, new, 1))
    assert r"'a\x00b' holds the character \x00, which can be in no name" in text


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("density ~ forest", "density", "~ forest"),
        ("density=~ scale(forest)", "density", "~ scale(forest)"),
        (' sigma = "~ sex" ', "sigma", "~ sex"),
        ("detection = hazard_exponential", "detection", "hazard_exponential"),
        ("density ~ C(kind, levels=['a', \"b\"])", "density", "~ C(kind, levels=['a', \"b\"])"),
        ("density = '~ C(kind, levels=[\"a\"])'", "density", '~ C(kind, levels=["a"])'),
    ],
)
def test_with_model__takes_a_line_of_the_model(tmp_path, line, key, value):
    configuration = read_configuration(write(tmp_path, LEAST)).with_model([line])
    assert getattr(configuration.model, key) == value
    assert configuration.model.share == "~ 1"


@pytest.mark.parametrize("line", ["densty ~ forest", "density forest", "", "priors = x", "~ x"])
def test_with_model__refuses_what_is_no_line_of_the_model(tmp_path, line):
    configuration = read_configuration(write(tmp_path, LEAST))
    with pytest.raises(ScrError, match="names no part of the model"):
        configuration.with_model([line])


def test_with_model__refuses_a_key_given_twice(tmp_path):
    configuration = read_configuration(write(tmp_path, LEAST))
    with pytest.raises(ScrError, match="gives density twice, '~ a' and '~ b'"):
        configuration.with_model(["density ~ a", "sigma ~ 1", "density = ~ b"])


def test_read_configuration__a_trend_is_wanted_where_its_table_stands(tmp_path):
    assert read_configuration(write(tmp_path, LEAST)).wanted_trend is None
    whole = read_configuration(write(tmp_path, f"{LEAST}[trend]\n")).wanted_trend
    assert (whole.sessions, whole.years) == (None, None)
    some = '[trend]\nsessions = ["a", "b"]\nyears = { a = 2019, b = 2021.5 }\n'
    wanted = read_configuration(write(tmp_path, LEAST + some)).wanted_trend
    assert wanted.sessions == ("a", "b")
    assert wanted.years == {"a": 2019.0, "b": 2021.5}
    assert "[trend] years" in message(tmp_path, f'{LEAST}[trend]\nyears = {{ a = "2019" }}\n')


def test_read_configuration__labels_are_a_name_or_a_table(tmp_path):
    text = f"""{LEAST}[labels]
elevation = "Elevation"
forest = {{ name = "Forest cover", unit = "%" }}
sex = {{ name = "Sex", levels = {{ F = "females" }} }}
"""
    assert read_configuration(write(tmp_path, text)).labels == {
        "elevation": Label("Elevation"),
        "forest": Label("Forest cover", "%"),
        "sex": Label("Sex", levels={"F": "females"}),
    }
    text = message(tmp_path, f'{LEAST}[labels]\nforest = {{ unit = "%" }}\nroads = 3\n')
    assert "[labels.forest] name: is missing" in text
    assert "labels.roads: is 3" in text


def test_spec_of__a_model_without_density_is_refused_with_what_to_write(tmp_path):
    path = write(tmp_path, f'{LEAST}[model]\nnumber = "conditional"\n')
    with pytest.raises(ScrError, match="Maps and reports need density in the model: write 'poi"):
        spec_of(read_configuration(path))


def test_spec_of__pools_sessions_with_a_prior_for_their_standard_deviation(tmp_path):
    text = f"""{LEAST}[model]
density = "~ (1 | session)"
[model.priors]
"density.session_sd" = {{ mean = 0, sd = 0.5 }}
"""
    spec = spec_of(read_configuration(write(tmp_path, text)))
    assert spec.pooled == ("density",)
    assert spec.priors["density.session_sd"] == Normal(0.0, 0.5)


MODELS = (
    LEAST
    + """
[model]
density = "~ forest"
lambda0 = "~ sex"
classes = "sex"
[model.priors]
"density.forest" = { mean = 0, sd = 0.5 }
[[models]]
name = "forest"
[[models]]
name = "constant"
density = "~ 1"
sigma = "~ sex"
[[models]]
name = "area"
a0 = "~ 1"
[models.priors]
"density.forest" = { mean = 1, sd = 2 }
"""
)


def test_read_configuration__models_are_the_model_but_for_their_own_keys(tmp_path):
    models = read_configuration(write(tmp_path, MODELS)).models
    assert list(models) == ["forest", "constant", "area"]
    assert (models["forest"].density, models["forest"].lambda0) == ("~ forest", "~ sex")
    assert (models["constant"].density, models["constant"].sigma) == ("~ 1", "~ sex")
    # One of lambda0, g0 and a0 replaces the others.
    assert (models["area"].a0, models["area"].lambda0) == ("~ 1", None)
    assert {model.classes for model in models.values()} == {"sex"}
    assert models["area"].priors["density.forest"].sd == 2


def test_with_model__a_line_of_the_command_line_is_a_model_alone(tmp_path):
    configuration = read_configuration(write(tmp_path, MODELS))
    assert list(configuration.with_model([]).models) == ["forest", "constant", "area"]
    assert configuration.with_model(["density ~ 1"]).models == {}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('name = "constant"\n', "", "[[models]] 2: lacks name"),
        ('name = "constant"', 'name = "Forest"', "'Forest' is the name of another model"),
        ('density = "~ 1"', 'densty = "~ 1"', "[models.constant] densty: not a key here"),
        ('name = "area"', 'name = "area"\nsigma = 3', "[models.area] sigma: is 3"),
        ("[[models]]", "[models]", "write each model as a table [[models]]"),
        ("[model]", '[comparison]\nreport = "frest"\n[model]', "'frest' is the name of no model"),
        ("[model]", '[comparison]\nweights = "bic"\n[model]', "must be one of 'stacking'"),
    ],
)
def test_read_configuration__faults_of_models_are_told(tmp_path, old, new, told):
    text = MODELS.replace(old, new, 1)
    if new == "[models]":
        text = LEAST + '[models]\nname = "one"\n'
    assert told in message(tmp_path, text)


def test_read_configuration__one_model_has_nothing_to_be_compared_with(tmp_path):
    text = LEAST + '[[models]]\nname = "one"\n'
    assert "[[models]] has one model alone" in message(tmp_path, text)


def test_mask_of__distances_lead_round_the_barrier_of_survey_toml(tmp_path):
    shutil.copytree(scr.demo.data_folder(), tmp_path, dirs_exist_ok=True)
    toml = tmp_path / "survey.toml"
    toml.write_text(toml.read_text().replace("[mask]", '[mask]\nbarrier = "sea.gpkg"', 1))
    project = scr.load_project(toml)
    sea = gpd.read_file(tmp_path / "sea.gpkg").to_crs(project.mask.crs).union_all()
    assert project.mask.barrier.symmetric_difference(sea).area < 1e-3 * sea.area
    assert not shapely.contains_xy(project.mask.barrier, *project.mask.xy.T).any()
