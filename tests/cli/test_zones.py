import warnings
from types import SimpleNamespace

import geopandas as gpd
import pytest
import shapely
from typer.testing import CliRunner

import scr.checking
from scr.checking.doubts import Doubts
from scr.cli.main import app
from scr.errors import ScrError
from scr.project.configuration import read_configuration
from scr.project.loading import regions_of

SURVEY = """
[survey]
traps = "stations.csv"
detections = "detections.csv"
deployments = "deployments.csv"
[mask]
buffer = 15_000
spacing = 1000
"""
ZONES = '[zones]\nfile = "districts.gpkg"\nname = "district"\n'


@pytest.fixture
def folder(tmp_path):
    for name in ("stations.csv", "detections.csv", "deployments.csv"):
        (tmp_path / name).touch()
    layer = gpd.GeoDataFrame(
        {"district": ["North", "South"]},
        geometry=[shapely.box(0, 2000, 4000, 4000), shapely.box(0, 0, 4000, 2000)],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a layer without a place on earth
        layer.to_file(tmp_path / "districts.gpkg")
    (tmp_path / "survey.toml").write_text(SURVEY + ZONES, encoding="utf-8")
    return tmp_path


def reserve_named(name):
    return scr.Region(name, shapely.box(0, 0, 4000, 4000), crs="local")


def test_regions_of__reserve_and_zones_are_reported_together(folder):
    configuration = read_configuration(folder)
    assert list(regions_of(configuration, None, "local")) == ["North", "South"]
    regions = regions_of(configuration, reserve_named("Park"), "local")
    assert {name: region.area_km2 for name, region in regions.items()} == {
        "Park": 16.0, "North": 8.0, "South": 8.0,
    }  # fmt: skip


def test_regions_of__without_zones_there_is_the_reserve_alone(folder):
    (folder / "survey.toml").write_text(SURVEY, encoding="utf-8")
    reserve = reserve_named("Park")
    assert regions_of(read_configuration(folder), reserve, "local") is reserve


def test_regions_of__refuses_two_areas_of_one_name(folder):
    with pytest.raises(ScrError, match="has a zone 'North', which is also the reserve's name"):
        regions_of(read_configuration(folder), reserve_named("North"), "local")


def test_read_configuration__zones_need_a_file(folder):
    (folder / "survey.toml").write_text(SURVEY + '[zones]\nname = "x"\n', encoding="utf-8")
    with pytest.raises(ScrError, match=r"\[zones\] lacks file"):
        read_configuration(folder)


def test_map__takes_zones_by_name_from_the_command_line(folder, monkeypatch):
    kept = folder / "results" / "private" / "fit.nc"
    kept.parent.mkdir(parents=True)
    kept.touch()
    written = []
    fit = SimpleNamespace(survey=SimpleNamespace(crs="local"), mask=None, made_from={}, checks=())
    fit.labelled = lambda _: fit
    monkeypatch.setattr("scr.project.map_look_of", lambda *_: None)
    monkeypatch.setattr(scr.checking, "doubts_of", lambda *_: Doubts((), (), (), ()), raising=False)
    monkeypatch.setattr(scr, "load_fit", lambda _: fit, raising=False)
    monkeypatch.setattr("scr.cli.redraw.answers_in", lambda _: [])
    for name in ("write_results", "write_outputs"):
        monkeypatch.setattr(
            scr, name, lambda *_, **options: written.append(options["region"]), raising=False
        )

    def draw(*options):
        result = CliRunner().invoke(app, ["map", str(folder), *options])
        assert result.exit_code == 0, result.output
        return written[-1]

    layer = str(folder / "districts.gpkg")
    assert list(draw()) == ["North", "South"]
    assert list(draw("--region", layer, "--region-name", "district")) == ["North", "South"]
    assert draw("--region", layer).area_km2 == 16.0
