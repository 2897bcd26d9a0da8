"""Searched areas and lines, places of detections and fixes, from files."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, Polygon

import scr
from scr.errors import MaskError, SurveyError
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.secr_files import write_secr
from scr.survey.usage import Usage

SQUARE = Polygon([(500_000, 0), (504_000, 0), (504_000, 3000), (500_000, 3000)])
OTHER = Polygon([(505_500, 3500), (508_500, 3500), (508_500, 7000), (506_000, 6500)])
UTM = "EPSG:32631"


def layer(parts=(SQUARE, OTHER), crs=UTM, **columns):
    table = {"name": ["p1", "p2"][: len(parts)], "thicket": [0.2, 0.7][: len(parts)]} | columns
    return gpd.GeoDataFrame(table, geometry=list(parts), crs=crs)


def finds(**changes):
    table = pd.DataFrame({
        "individual": ["b", "a", "b", "b", "a"],
        "trap": ["p1", "p1", "p1", "p2", "p1"],
        "occasion": [1, 2, 1, 2, 1],
        "x": [500_100.0, 503_000.0, 501_000.0, 506_500.0, 502_000.0],
        "y": [100.0, 200.0, 300.0, 4000.0, 500.0],
    })  # fmt: skip
    return table.assign(**changes)


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "shp"])
def test_read_searched__takes_outlines_names_and_covariates(tmp_path, ending):
    path = tmp_path / f"areas.{ending}"
    layer().to_file(path)

    traps = scr.read_searched(path, to_crs=UTM)

    assert traps.names.tolist() == ["p1", "p2"]
    assert traps.crs == UTM
    assert traps.covariates["thicket"].tolist() == [0.2, 0.7]
    assert traps.parts.geoms[0].area == pytest.approx(12e6, rel=1e-6)
    assert traps.parts.geoms[1].contains(Point(traps.xy[1]))


def test_read_searched__converts_degrees():
    traps = scr.read_searched(layer().to_crs("EPSG:4326"), to_crs=UTM)
    assert len(traps.parts.geoms[0].exterior.coords) < 12  # and not one for each cut of an edge
    assert traps.parts.geoms[1].symmetric_difference(OTHER).area < 1e-3 * OTHER.area


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (layer(parts=(SQUARE, Point(0, 0))), "'p2' (Point)"),
        (layer(parts=(SQUARE, LineString([(0, 0), (9, 9)]))), "'p2' (LineString)"),
        (layer(parts=(SQUARE, Polygon([(0, 0), (9, 9), (9, 0), (0, 9)]))), "Self-intersection"),
        (layer(name=["p1", None]), "no name"),
        (layer(name=["p1", "p1"]), "more than once"),
    ],
)
def test_read_searched__refuses_what_cannot_be_searched(given, told):
    with pytest.raises(SurveyError) as caught:
        scr.read_searched(given)
    assert told in str(caught.value)


def test_read_searched__asks_for_metres():
    with pytest.raises(MaskError, match="longitude and latitude"):
        scr.read_searched(layer().to_crs("EPSG:4326"))


def test_read_survey__keeps_the_place_of_each_detection():
    survey = scr.read_survey(finds(), scr.read_searched(layer()), usage=2, detector="polygon")

    captures = survey.sessions[0].captures
    who = captures.individuals[np.repeat(captures.individual, captures.count)]
    where = np.repeat(captures.trap, captures.count)
    found = {
        (str(i), int(k), *xy) for i, k, xy in zip(who, where, captures.xy.tolist(), strict=True)
    }
    given = finds()
    assert found == {
        (i, int(k == "p2"), x, y)
        for i, k, x, y in given[["individual", "trap", "x", "y"]].itertuples(index=False)
    }
    assert not {"x", "y"} & set(captures.covariates.columns)


def test_read_survey__takes_longitude_and_latitude():
    points = gpd.points_from_xy(finds()["x"], finds()["y"], crs=UTM).to_crs("EPSG:4326")
    table = finds().drop(columns=["x", "y"]).assign(longitude=points.x, latitude=points.y)
    survey = scr.read_survey(table, scr.read_searched(layer()), usage=2, detector="polygon")
    assert survey.sessions[0].captures.xy[:, 0].min() == pytest.approx(500_100.0, abs=1e-3)


@pytest.mark.parametrize(
    ("table", "detector", "told"),
    [
        (finds(x=[0.0, 503_000, 501_000, 506_500, 502_000]), "polygon", "row 2"),
        (finds(trap="p1"), "polygon", "m from 'p1'"),
        (finds(count=[2, 1, 1, 1, 1]), "polygon", "one row for each"),
        (finds(x=[np.nan, 503_000, 501_000, 506_500, 502_000]), "polygon", "missing in"),
        (finds().drop(columns="y"), "polygon", "needs columns x and y"),
        (finds(), "polygon_exclusive", "once an occasion at most"),
        (finds(), "transect", "not lines"),
        (finds(), "count", "stands at points"),
    ],
)
def test_read_survey__refuses_places_that_cannot_be(table, detector, told):
    with pytest.raises(SurveyError) as caught:
        scr.read_survey(table, scr.read_searched(layer()), usage=2, detector=detector)
    assert told in str(caught.value)


def test_read_survey__refuses_a_search_at_points():
    stations = pd.DataFrame({"trap": ["p1", "p2"], "x": [0, 3000], "y": [0, 0]})
    traps = scr.read_traps(stations, crs="local")
    with pytest.raises(SurveyError, match="points alone"):
        scr.read_survey(finds(x=0.0, y=0.0), traps, usage=2, detector="polygon")


FIXES = pd.DataFrame({
    "individual": ["a", "a", "z"], "x": [500_100.0, 503_000.0, 501_000.0],
    "y": [100.0, 200.0, 300.0], "time": ["2024-05-01 02:00"] * 3,
})  # fmt: skip


def test_read_survey__takes_fixes_of_transmitters():
    traps = scr.read_searched(layer())
    survey = scr.read_survey(
        finds(), traps, usage=2, detector="polygon", fixes=FIXES, telemetry="dependent"
    )
    fixes = survey.sessions[0].fixes
    assert fixes.individual.tolist() == ["a", "a", "z"]
    assert fixes.xy[1].tolist() == [503_000.0, 200.0]
    assert fixes.telemetry == "dependent"
    assert any("independent of each other" in note for note in survey.notes)


TOML = """
[survey]
traps = "areas.gpkg"
detections = "detections.csv"
usage = "usage.csv"
detector = "polygon"
{more}
[mask]
buffer = 4000
spacing = 500
[model]
detection = "hazard_half_normal"
"""


@pytest.fixture
def project(tmp_path):
    """A simulated survey of two areas, in files."""
    layer().to_file(tmp_path / "areas.gpkg")
    traps = scr.read_searched(tmp_path / "areas.gpkg")
    mask = scr.build_mask(traps, buffer=4000, spacing=500)
    truth = {"density.Intercept": 0.0, "lambda0.Intercept": 0.5, "sigma.Intercept": 6.8}
    survey, _ = simulate_survey(
        plan_survey(traps, Usage(np.ones((2, 4))), detector="polygon"),
        mask, scr.ModelSpec(), coefficients=truth, seed=3,
    )  # fmt: skip
    captures = survey.sessions[0].captures
    record = np.repeat(np.arange(len(captures.trap)), captures.count)
    pd.DataFrame({
        "individual": captures.individuals[captures.individual[record]],
        "trap": traps.names[captures.trap[record]],
        "occasion": captures.occasion[record] + 1,
        "x": captures.xy[:, 0], "y": captures.xy[:, 1],
    }).to_csv(tmp_path / "detections.csv", index=False)  # fmt: skip
    pd.DataFrame({"trap": ["p1", "p2"]} | {f"u{s}": [1, 1] for s in range(1, 5)}).to_csv(
        tmp_path / "usage.csv", index=False
    )
    (tmp_path / "survey.toml").write_text(TOML.format(more=""), encoding="utf-8")
    return tmp_path, survey


def test_load_project__reads_searches_from_a_survey_toml(project):
    folder, survey = project
    found = scr.load_project(folder)
    mine, theirs = found.survey.sessions[0], survey.sessions[0]
    assert mine.captures.n_individuals == theirs.captures.n_individuals
    assert np.sort(mine.captures.xy[:, 0]) == pytest.approx(np.sort(theirs.captures.xy[:, 0]))
    log_likelihood = [
        scr.log_likelihood(one, found.mask, found.spec, coefficients={
            "density.Intercept": 0.1, "lambda0.Intercept": 0.4, "sigma.Intercept": 6.9,
        })
        for one in (survey, found.survey)
    ]  # fmt: skip
    assert log_likelihood[0] == pytest.approx(log_likelihood[1], rel=1e-9)


def test_build_mask__goes_round_the_whole_of_an_area():
    traps = scr.read_searched(layer(parts=(SQUARE,)))
    mask = scr.build_mask(traps, buffer=1000, spacing=250)
    expected = SQUARE.buffer(1000).area / 1e6
    assert mask.area == pytest.approx(expected, rel=0.03)


def test_fit__of_a_search_can_be_saved_loaded_and_mapped(project):
    folder, _ = project
    data = scr.load_project(folder).data
    fit = scr.fit_laplace(*data, seed=1, draws=200)
    fit.save(folder / "fit.nc")

    again = scr.load_fit(folder / "fit.nc")

    assert again.log_likelihood == pytest.approx(fit.log_likelihood, rel=1e-9)
    assert np.array_equal(again.survey.sessions[0].captures.xy, fit.survey.sessions[0].captures.xy)
    realised = scr.realised_density(again, seed=1)
    assert np.isfinite(realised.table["mean"].to_numpy()).all()


def test_write_secr__writes_corners_and_places_as_secr_reads_them(project, tmp_path):
    # read.traps takes a line a corner, with usage and covariates in each, and closes the ring;
    # read.capthist takes places with fmt = "XY".
    _, survey = project
    session = survey.sessions[0]
    captures, traps = write_secr(survey, tmp_path)

    rows = [line.split() for line in traps.read_text().splitlines() if line[0] != "#"]
    for name, part in zip(session.traps.names, session.traps.parts.geoms, strict=True):
        corners = [[float(x) for x in row[1:3]] for row in rows if row[0] == name]
        assert Polygon(corners).equals(part)
    effort = {row[0]: row[3 : 3 + session.usage.effort.shape[1]] for row in rows}
    assert [[float(x) for x in effort[n]] for n in session.traps.names] == (
        session.usage.effort.tolist()
    )
    found = [line.split() for line in captures.read_text().splitlines() if line[0] != "#"]
    assert [[float(x) for x in row[3:5]] for row in found] == session.captures.xy.tolist()
    record = np.repeat(np.arange(len(session.captures.trap)), session.captures.count)
    assert [int(row[2]) for row in found] == (session.captures.occasion[record] + 1).tolist()
    names = session.captures.individuals[session.captures.individual[record]]
    assert [row[1] for row in found] == names.tolist()


def test_write_secr__areas_with_holes_and_fixes_are_refused(project, tmp_path):
    _, survey = project
    session = survey.sessions[0]
    hole = SQUARE.difference(Polygon([(501_000, 100), (501_100, 100), (501_100, 200)]))
    parts = shapely.GeometryCollection([hole, *list(session.traps.parts.geoms)[1:]])
    traps = replace(session.traps, parts=parts)
    with pytest.raises(SurveyError, match="1 parts have holes or several pieces"):
        write_secr(replace(survey, sessions=(replace(session, traps=traps),)), tmp_path)


def test_read_survey__finds_the_part_in_which_a_place_lies():
    traps = scr.read_searched(layer())
    table = finds().drop(columns="trap")
    named = scr.read_survey(finds(), traps, usage=2, detector="polygon").sessions[0].captures

    found = scr.read_survey(table, traps, usage=2, detector="polygon").sessions[0].captures

    assert found.trap.tolist() == named.trap.tolist()
    assert found.xy.tolist() == named.xy.tolist()
    with pytest.raises(SurveyError, match="in none"):
        scr.read_survey(table.assign(x=0.0), traps, usage=2, detector="polygon")
