import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

import scr as toolkit
from scr.checking.check_survey import check_survey
from scr.cli.main import app
from scr.cli.sources import sources_of
from scr.project.configuration import read_configuration

CONTROL = Path(__file__).parents[1] / "cases" / "00-base" / "input"
DEMO = Path(toolkit.__file__).parent / "demo" / "data"
SURVEY = """title = "Control"
[survey]
traps = "stations.csv"
detections = "detections.csv"
deployments = "deployments.csv"
crs = "EPSG:32652"
[mask]
buffer = 6000
spacing = 500
"""


def scr(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def survey(tmp_path):
    folder = tmp_path / "survey"
    shutil.copytree(CONTROL, folder)
    (folder / "survey.toml").write_text(SURVEY, encoding="utf-8")
    return folder


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_check__the_page_is_written_beside_the_private_results_and_said(survey):
    result = scr("check", survey)
    page = survey / "results" / "private" / "check.html"
    assert result.exit_code == 0, result.output
    assert page.is_file()
    assert str(page) in result.stdout
    assert "warning" not in result.output
    assert "Nothing is wrong with these files." in result.stdout
    assert f"scr fit {survey}" in result.stdout


def test_check__the_page_goes_where_it_is_asked_for_or_nowhere(survey, tmp_path):
    assert scr("check", survey, "--html", tmp_path / "p.html").exit_code == 0
    assert (tmp_path / "p.html").is_file()
    assert scr("check", survey, "--no-html").exit_code == 0
    assert not (survey / "results").exists()


def test_check__with_errors_the_page_is_made_from_what_could_be_read_and_it_exits_1(survey):
    replace(survey / "detections.csv", "Ilse,K16", "Ilse,K61")
    replace(survey / "deployments.csv", "K02,2024-05-03,2024-07-17", "K02,2024-05-03,")
    result = scr("check", survey)
    assert result.exit_code == 1
    for words in ("K61", "row 3", "deployments.csv", "2 kinds of error", "Correct"):
        assert words in result.stderr
    page = (survey / "results" / "private" / "check.html").read_text(encoding="utf-8")
    for words in ("K61", "detections.csv, row 3", "deployments.csv, row 3", "data:image/png"):
        assert words in page
    assert "scr fit" not in result.stdout


def test_check__every_row_is_accounted_for_in_the_terminal(survey):
    replace(survey / "detections.csv", "Ilse,K16", "Ilse,K61")
    lines = scr("check", survey, "--no-html").stdout.splitlines()
    numbers = {
        words: int(line.removeprefix(f"  {words}").split()[0])
        for line in lines
        for words in ("rows read", "left out: error, unknown station", "rows used")
        if line.startswith(f"  {words}")
    }
    assert numbers["rows read"] == 55
    assert sum(numbers.values()) == 2 * 55
    assert numbers["rows used"] == 54


def test_check__a_warning_has_its_number_and_remedy_and_exits_0(survey):
    replace(survey / "survey.toml", "buffer = 6000", "buffer = 1500")
    result = scr("check", survey, "--no-html")
    assert result.exit_code == 0
    line = next(line for line in result.stdout.splitlines() if "mask too narrow" in line)
    for words in ("1.5 km", "times sigma", "%", "buffer of 5.3 km"):
        assert words in line


def test_check__data_without_a_survey_toml_are_checked_as_they_are(survey, monkeypatch, tmp_path):
    (survey / "survey.toml").unlink()
    monkeypatch.chdir(tmp_path)
    result = scr("check", survey, "--crs", "EPSG:32652")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "check.html").is_file()
    assert "buffer that suits it" in result.stdout
    assert "scr init --from" in result.stdout
    (tmp_path / "letter.doc").write_text("Dear all")
    assert scr("check", tmp_path / "letter.doc").exit_code == 1


def test_check__the_demo_has_neither_error_nor_warning():
    found = check_survey(sources_of(read_configuration(DEMO)))
    assert found.of_severity("error") == found.of_severity("warning") == []
    assert found.rows.n_used == found.rows.n_read
