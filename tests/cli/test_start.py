from typer.testing import CliRunner

from scr.cli.main import app
from scr.project.configuration import read_configuration


def scr(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_init__writes_a_survey_toml_that_reads(tmp_path):
    result = scr("init", tmp_path / "new")
    assert result.exit_code == 0
    configuration = read_configuration(tmp_path / "new")
    assert configuration.survey.deployments == tmp_path / "new" / "deployments.csv"
    assert result.stdout.splitlines()[-1].endswith(f"scr check {tmp_path / 'new' / 'survey.toml'}")


def test_init__never_overwrites(tmp_path):
    mine = tmp_path / "detections.csv"
    mine.write_text("mine")
    result = scr("init", tmp_path)
    assert result.exit_code == 0
    assert mine.read_text() == "mine"
    assert (tmp_path / "stations.csv").is_file()
    assert f"kept    {mine}" in result.stdout


def test_init__a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "survey").touch()
    result = scr("init", tmp_path / "survey")
    assert result.exit_code == 1
    assert "is a file" in result.stderr
