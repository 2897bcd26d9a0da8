"""Regions that were drawn from the stations would show them in public: refused in words."""

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

import scr
from scr.cli.main import app
from scr.io.map_layers import Feature, MapLayers
from scr.maps.results.outlines_of_stations import check_layers, what_shows_stations
from scr.maps.results.outputs import write_outputs

BASE = Path(__file__).resolve().parents[1] / "cases" / "00-base" / "input"
UTM = "EPSG:32652"
RNG = np.random.default_rng(20_261_201)
STATIONS = RNG.uniform((430_000, 4_100_000), (450_000, 4_120_000), (30, 2))
POINTS = shapely.MultiPoint(STATIONS)
HULL = POINTS.convex_hull

DRAWN = {
    "their hull": HULL,
    "their concave hull": shapely.concave_hull(POINTS, ratio=0.3),
    "their hull by a rough hand": shapely.Polygon(
        np.array(HULL.exterior.coords)[:-1] + RNG.normal(0, 8, (len(HULL.exterior.coords) - 1, 2))
    ),
    "a buffer of their hull": HULL.buffer(1500),
    "a buffer of each": POINTS.buffer(2500),
    "a buffer of each, simplified": POINTS.buffer(2500).simplify(20),
    "a buffer of each, with rounded coordinates": shapely.set_precision(POINTS.buffer(2500), 10),
    "a buffer of each that does not meet": POINTS.buffer(300),
}
OF_ITS_OWN = {
    "a box round all": shapely.box(425_000, 4_095_000, 455_000, 4_125_000),
    "a box with its corner at a station": shapely.box(*STATIONS[0], 470_000, 4_140_000),
    "a park of many corners": shapely.Polygon(
        [
            (440_000 + r * np.cos(a), 4_110_000 + r * np.sin(a))
            for a, r in zip(
                np.linspace(0, 2 * np.pi, 200, endpoint=False),
                16_000 + 3000 * np.sin(np.arange(200) / 9) + RNG.normal(0, 300, 200),
                strict=True,
            )
        ]
    ),
    "a circle round the middle": shapely.Point(440_000, 4_110_000).buffer(9000),
    "a park far from most": shapely.Point(480_000, 4_110_000).buffer(15_000),
}


@pytest.mark.parametrize("name", DRAWN)
def test_what_shows_stations__outlines_drawn_from_them_are_found(name):
    assert "of its" in what_shows_stations(DRAWN[name], STATIONS)


@pytest.mark.parametrize("name", OF_ITS_OWN)
def test_what_shows_stations__shapes_of_their_own_are_silent(name):
    assert what_shows_stations(OF_ITS_OWN[name], STATIONS) == ""


def test_what_shows_stations__a_lattice_in_a_square_is_silent():
    x, y = np.meshgrid(np.arange(5) * 2000.0, np.arange(5) * 2000.0)
    lattice = np.column_stack([x.ravel(), y.ravel()])
    square = shapely.box(-3000, -3000, 11_000, 11_000)
    assert what_shows_stations(square, lattice) == ""
    assert what_shows_stations(shapely.segmentize(square, 500), lattice) == ""


@pytest.fixture
def survey(tmp_path):
    for name in ("stations.csv", "deployments.csv", "detections.csv"):
        shutil.copyfile(BASE / name, tmp_path / name)
    return tmp_path


TOML = f"""title = "A survey"
[survey]
traps = "stations.csv"
deployments = "deployments.csv"
detections = "detections.csv"
crs = "{UTM}"
[mask]
buffer = 6000
spacing = 1000
[fit]
engine = "mle"
"""
KEYS = {
    "reserve": '[report]\nreserve = "area.gpkg"\n',
    "zones": '[zones]\nfile = "area.gpkg"\nname = "name"\n',
}


@pytest.mark.parametrize("key", KEYS)
def test_scr__refuses_a_region_that_is_the_hull_of_the_stations_before_the_fit(key, survey):
    places = pd.read_csv(survey / "stations.csv")[["x", "y"]].to_numpy(float)
    area = shapely.MultiPoint(places).buffer(2000)
    gpd.GeoDataFrame({"name": ["minimum area"]}, geometry=[area], crs=UTM).to_file(
        survey / "area.gpkg"
    )
    (survey / "survey.toml").write_text(TOML + KEYS[key], encoding="utf-8")
    for command in (["check", str(survey), "--no-html"], ["fit", str(survey)]):
        run = CliRunner().invoke(app, command)
        said = " ".join(run.output.split())
        assert run.exit_code == 1, said
        assert "follows from the stations" in said
        assert "2,000 m from the nearest one" in said
    assert not (survey / "results" / "public").exists()


@pytest.mark.parametrize("kind", ["towns", "roads"])
def test_scr__refuses_layers_of_maps_that_hold_the_stations(kind, survey):
    places = pd.read_csv(survey / "stations.csv")[["x", "y"]].to_numpy(float)
    shapes = shapely.points(places) if kind == "towns" else [shapely.LineString(places)]
    gpd.GeoDataFrame(geometry=shapes, crs=UTM).to_file(survey / "layer.gpkg")
    text = f'{TOML}[maps]\n{kind} = "layer.gpkg"\n'
    (survey / "survey.toml").write_text(text, encoding="utf-8")
    for command in (["check", str(survey), "--no-html"], ["fit", str(survey)]):
        run = CliRunner().invoke(app, command)
        said = " ".join(run.output.split())
        assert run.exit_code == 1, said
        assert f"layer {kind} of the maps follows from the stations" in said
    assert not (survey / "results" / "public").exists()


def test_check_layers__villages_with_a_station_in_one_of_them_are_fine(make_fit):
    survey = make_fit().survey
    stations = survey.sessions[0].traps.xy
    towns = [*(stations[:1] + 5.0), *(stations[:6] + np.array([700.0, 400.0]))]
    features = tuple(Feature(shapely.Point(place), "x") for place in towns)
    check_layers(survey, MapLayers(survey.crs, {"towns": features}))


def test_write_outputs__refuses_it_too_and_abundance_gives_its_number(make_fit, tmp_path):
    fit = make_fit()
    stations = fit.survey.sessions[0].traps.xy
    region = scr.Region("hull", shapely.MultiPoint(stations).convex_hull.buffer(800), fit.mask.crs)
    with pytest.raises(
        scr.errors.MaskError, match="The outline of 'hull' follows from the stations"
    ):
        write_outputs(fit, tmp_path / "results", region=region)
    assert not (tmp_path / "results" / "public").exists()
    assert scr.abundance(fit, region=region)["median"].iloc[0] > 0
