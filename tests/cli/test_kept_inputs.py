"""Results never take the place of what they are made from: refused before anything is done."""

import hashlib
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scr.cli.main import app


def run(*arguments):
    found = CliRunner().invoke(app, [str(word) for word in arguments])
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found


def digests(folder):
    return {
        path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in Path(folder).rglob("*")
        if path.is_file()
    }


@pytest.fixture
def survey(tmp_path):
    folder = tmp_path / "survey"
    folder.mkdir()
    places = [(680_000 + i % 3 * 2000, 4_770_000 + i // 3 * 2000) for i in range(9)]
    (folder / "stations.csv").write_text(
        "station,x,y\n" + "".join(f"K{i},{x},{y}\n" for i, (x, y) in enumerate(places))
    )
    (folder / "deployments.csv").write_text(
        "station,start,end\n" + "".join(f"K{i},2024-05-02,2024-07-15\n" for i in range(9))
    )
    (folder / "detections.csv").write_text(
        "individual,station,datetime\n"
        + "".join(f"A{i % 3},K{i},2024-06-0{i + 1} 22:00\n" for i in range(9))
    )
    (folder / "survey.toml").write_text(
        'title = "S"\noutput = "results"\n[survey]\ntraps = "stations.csv"\n'
        'deployments = "deployments.csv"\ndetections = "detections.csv"\ncrs = "EPSG:32652"\n'
        "[mask]\nbuffer = 9000\nspacing = 1000\n"
    )
    return folder


def change(survey, old, new):
    path = survey / "survey.toml"
    path.write_text(path.read_text().replace(old, new))


def into_itself(survey):
    change(survey, '"results"', '"."')


def by_a_longer_way(survey):
    change(survey, '"results"', '"../survey/x/.."')
    (survey / "x").mkdir()


def in_other_letters(survey):
    change(survey, '"results"', '"../SURVEY"')


def by_a_link(survey):
    (survey / "results").symlink_to(survey, target_is_directory=True)


def input_among_results(survey):
    (survey / "results" / "private").mkdir(parents=True)
    shutil.move(survey / "stations.csv", survey / "results" / "private" / "stations.csv")
    change(survey, '"stations.csv"', '"results/private/stations.csv"')


def input_by_a_link(survey):
    (survey / "results").mkdir()
    (survey / "data").mkdir()
    shutil.move(survey / "stations.csv", survey / "data" / "stations.csv")
    change(survey, '"stations.csv"', '"data/stations.csv"')
    (survey / "results" / "public").symlink_to(survey / "data", target_is_directory=True)


WAYS = [
    into_itself, by_a_longer_way, in_other_letters, by_a_link, input_among_results,
    input_by_a_link,
]  # fmt: skip


@pytest.mark.parametrize("command", ["check", "fit", "map", "report"])
@pytest.mark.parametrize("way", WAYS)
def test_results__never_stand_where_inputs_are(way, command, survey):
    way(survey)
    before = digests(survey)

    said = run(command, survey)

    assert said.exit_code == 1
    words = " ".join(said.output.split())
    assert "older of results" in words or "where results are written" in words
    assert digests(survey) == before


def test_results__option_is_held_to_the_same_rule(survey):
    before = digests(survey)

    said = run("fit", survey, "--out", survey)

    assert said.exit_code == 1
    assert "--out results" in said.output
    assert digests(survey) == before


@pytest.mark.parametrize("name", ["stations.csv", "survey.toml", "new"])
def test_check__page_is_never_an_input(name, survey):
    before = digests(survey)

    said = run("check", survey, "--html", survey / name)

    assert said.exit_code == 1
    assert "End it with .html" in said.output
    assert digests(survey) == before


def test_check__a_good_survey_is_no_trouble(survey):
    assert run("check", survey, "--html", survey / "page.html").exit_code == 0
