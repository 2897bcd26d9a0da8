"""Every file that is at hand, given to every reader: a result, or an error of ours."""

import os
import traceback
import warnings
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import scr
import trap_layouts
from scr.cli.main import app
from scr.errors import ScrError, ScrWarning
from scr.io.camtrap_dp import read_camtrap_dp
from scr.io.camtrapr import read_camtrapr
from scr.io.gpx import read_gpx
from scr.io.oscr import read_oscr
from scr.io.recognise import recognise
from scr.io.secr_text import read_secr
from scr.io.spacecap import read_spacecap
from scr.io.wildlife_insights import read_wildlife_insights
from scr.project.configuration import read_configuration
from scr.survey.formats import survey_from_project

TESTS = Path(__file__).resolve().parents[1]
DEMO = TESTS.parent / "scr" / "demo" / "data"
CRS = "EPSG:32652"
N_SAMPLED = 900
"""Pairs of file and reader of the quick test, of some thirty thousand."""
TRAPS = scr.read_traps(DEMO / "stations.csv", crs=CRS)
MASK = scr.build_mask(TRAPS, buffer=3000, spacing=2000)


def _survey_of(project):
    degrees = "lon" in project.traps.columns
    return survey_from_project(project, **({"to_crs": CRS} if degrees else {"crs": CRS}))


def _checked(path, *more):
    """What ``scr check`` said; raises what it did not tell in words."""
    done = CliRunner().invoke(app, ["check", str(path), "--no-html", *more])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code in (0, 1), f"exit code {done.exit_code}\n{done.output}"
    assert "Traceback" not in done.output
    return done


READERS = {
    "traps in metres": lambda path: scr.read_traps(path, crs=CRS),
    "traps of any place": lambda path: scr.read_traps(path, to_crs=CRS),
    "detections": lambda path: scr.read_survey(path, TRAPS, usage=DEMO / "deployments.csv"),
    "usage": lambda path: scr.read_survey(DEMO / "detections.csv", TRAPS, usage=path),
    "session covariates": lambda path: scr.read_survey(
        DEMO / "detections.csv", TRAPS, usage=DEMO / "deployments.csv", session_covariates=path
    ),
    "occasion covariates": lambda path: scr.read_survey(
        DEMO / "detections.csv", TRAPS, usage=DEMO / "deployments.csv", occasion_covariates=path
    ),
    "identities": lambda path: scr.read_survey(
        DEMO / "detections.csv", TRAPS, usage=DEMO / "deployments.csv", identities=path
    ),
    "mask": lambda path: scr.read_mask(path, crs=CRS),
    "mask in degrees": lambda path: scr.read_mask(path, crs="EPSG:4326"),
    "habitat": lambda path: scr.build_mask(TRAPS, buffer=3000, spacing=2000, habitat=path),
    "exclude": lambda path: scr.build_mask(TRAPS, buffer=3000, spacing=2000, exclude=path),
    "reserve": lambda path: scr.read_reserve(path, crs=CRS),
    "zones": lambda path: scr.read_zones(path, name="name", crs=CRS),
    "raster": lambda path: scr.sample_raster(MASK, path, name="new"),
    "classes": lambda path: scr.sample_raster(MASK, path, name="new", categorical=True),
    "distance": lambda path: scr.distance_to(MASK, path, name="new"),
    "fit": scr.load_fit,
    "recognised": lambda path: _survey_of(recognise(path).read()),
    "camtrap dp": lambda path: _survey_of(read_camtrap_dp(path)),
    "camtrap dp, media": lambda path: read_camtrap_dp(path, observation_level="media"),
    "wildlife insights": lambda path: _survey_of(read_wildlife_insights(path)),
    "camtrapr": lambda path: _survey_of(read_camtrapr(path, path)),
    "secr": lambda path: _survey_of(read_secr(path, path)),
    "secr, places": lambda path: read_secr(path, path, form="XY"),
    "oscr": lambda path: _survey_of(read_oscr(path, path)),
    "spacecap": lambda path: _survey_of(read_spacecap(path, path, path)),
    "gpx": read_gpx,
    "layout": lambda path: trap_layouts.read_layout(path, to_crs=CRS),
    "network": lambda path: trap_layouts.read_network(path, crs=CRS),
    "plan": trap_layouts.read_plan,
    "survey.toml": read_configuration,
    "scr check": _checked,
    "scr check, with a crs": lambda path: _checked(path, "--crs", CRS),
}


def every_file(shared):
    """Every file of tests/ and ../shared, in an order that does not change."""
    found = []
    for folder in (TESTS, shared):
        for place, inner, names in os.walk(folder):
            inner[:] = sorted(name for name in inner if name != "__pycache__")
            found += [Path(place) / name for name in sorted(names)]
    return [path for path in found if path.is_file()]


def surveys_in(shared):
    """Every survey.toml of the demonstration, of the cases and of the troubles."""
    found = [DEMO / "survey.toml"]
    for folder in (TESTS, shared / "cases", shared / "troubles"):
        found += sorted(p for p in folder.rglob("*.toml") if p.name.startswith("survey"))
    return found


def fault_of(path, reader):
    """The traceback where a reader ends in any way but a result or an error of ours."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ScrWarning)
            READERS[reader](path)
    except ScrError:
        return ""
    except Exception:
        return f"{path}, read as {reader}:\n{traceback.format_exc()}"
    return ""


def faults_of(pairs):
    return "\n".join(filter(None, (fault_of(path, reader) for path, reader in pairs)))


@pytest.fixture
def shared(reference):
    """Folder of ../shared; a test that asks for it is skipped where it is absent."""
    return reference.parent.resolve()


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """What a command writes goes to a folder of its own."""
    monkeypatch.chdir(tmp_path)


def test_readers__a_sample_of_all_files_gives_results_or_errors_of_ours(shared):
    pairs = list(product(every_file(shared), READERS))
    chosen = np.random.default_rng(20).choice(len(pairs), N_SAMPLED, replace=False)
    assert faults_of(pairs[k] for k in chosen) == ""


def test_readers__files_of_this_checkout_alone_give_results_or_errors_of_ours():
    files = [path for path in sorted(DEMO.rglob("*")) if path.is_file()]
    pairs = list(product(files, READERS))
    chosen = np.random.default_rng(21).choice(len(pairs), N_SAMPLED // 10, replace=False)
    assert faults_of(pairs[k] for k in chosen) == ""


@pytest.mark.slow
def test_readers__every_file_given_to_every_reader_gives_results_or_errors_of_ours(shared):
    assert faults_of(product(every_file(shared), READERS)) == ""


def test_check__every_survey_ends_with_a_verdict(shared):
    surveys = surveys_in(shared)
    assert len(surveys) > 20
    assert faults_of((path, "scr check") for path in surveys) == ""


@pytest.mark.slow
def test_check__every_survey_gets_its_page(shared, tmp_path):
    for k, path in enumerate(surveys_in(shared)):
        page = tmp_path / f"{k}.html"
        done = CliRunner().invoke(app, ["check", str(path), "--html", str(page)])
        assert done.exit_code in (0, 1), f"{path}\n{done.output}\n{done.exc_info}"
        assert page.exists() or done.exit_code == 1, path
