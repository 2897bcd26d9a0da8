from typer.testing import CliRunner

import scr.demo
from scr.cli.main import app


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_demo__does_not_replace_the_files_of_another_survey(tmp_path):
    (tmp_path / "detections.csv").write_text("mine")
    result = run("demo", tmp_path)
    assert result.exit_code == 1
    assert "detections.csv" in result.stderr
    assert "Name another folder" in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["detections.csv"]


def test_demo__survey_is_sound(tmp_path):
    result = run("check", scr.demo.copy_demo(tmp_path))
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("SIMULATED")
    truth = scr.demo.read_truth(tmp_path)["counts"]
    shown = {
        " ".join(parts[:-1]): parts[-1]
        for line in result.stdout.splitlines()
        if (parts := line.split())
    }
    assert int(shown["stations"]) == truth["stations"]
    assert int(shown["animals identified"]) == truth["animals_identified"]
    assert int(shown["detections"]) == truth["detections"]
