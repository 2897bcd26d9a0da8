import os
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from scr.cli.main import app


def scr(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def survey(tmp_path):
    assert scr("init", tmp_path).exit_code == 0
    return tmp_path


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_app__help_names_every_command():
    result = scr("--help")
    assert result.exit_code == 0
    for command in ("init", "check", "fit", "map", "report", "demo"):
        assert re.search(rf"^\s+{command}\s", result.stdout, re.MULTILINE)


def test_app__version_is_that_of_the_distribution():
    result = scr("--version")
    assert (result.exit_code, result.stdout.split()[0]) == (0, "scr")


def test_app__help_loads_no_numerical_library():
    code = "import sys, scr.cli.main; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert "typer" in loaded
    assert not loaded & {"numpy", "pandas", "scipy", "geopandas", "matplotlib", "pymc"}


@pytest.mark.parametrize(
    "arguments", [["fitt"], ["fit"], ["fit", "survey.toml", "--engine", "jags"], ["check", "--x"]]
)
def test_app__wrong_use_exits_2(arguments):
    assert scr(*arguments).exit_code == 2


def test_app__bad_input_exits_1_with_a_message_and_no_traceback(tmp_path):
    command = [sys.executable, "-m", "scr", "check", str(tmp_path / "nowhere.toml")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "There is no file" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_app__interruption_exits_130(survey, monkeypatch):
    def interrupted(configuration):
        raise KeyboardInterrupt

    monkeypatch.setattr("scr.cli.check.sources_of", interrupted)
    result = scr("check", survey)
    assert result.exit_code == 130
    assert "kept" in result.stderr


def test_check__templates_are_a_sound_survey(survey):
    result = scr("check", survey / "survey.toml")
    assert result.exit_code == 0, result.stderr
    shown = {
        " ".join(parts[:-1]): parts[-1]
        for line in result.stdout.splitlines()
        if (parts := line.split())
    }
    # Counted by hand from the templates: 60 + (60 - 8) + 59 + 60 + 59 + 59 days.
    assert shown["stations"] == "6"
    assert shown["animals identified"] == "3"
    assert shown["detections"] == "7"
    assert shown["recaptures"] == "4"
    assert shown["animals seen at 2 or more stations"] == "2"
    assert shown["effort (days)"] == "349"
    assert "sex is unknown for 1 of 3 animals" in result.stdout


def test_check__the_worth_of_the_mask_is_told(survey):
    replace(survey / "survey.toml", "buffer = 15_000", "buffer = 4_000")
    result = scr("check", survey)
    assert result.exit_code == 0
    assert "density comes out too high" in result.stdout


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("detections.csv", "L02,B2", "L02,B9", ["detections.csv", "B9"]),
        ("detections.csv", "2026-04-20", "2026-06-20", ["detections.csv", "A3"]),
        ("stations.csv", "B2,704000", "B1,704000", ["stations.csv", "B1"]),
        ("stations.csv", "B2,704000", "B2,", ["stations.csv", "B2"]),
        ("survey.toml", '"EPSG:32643" ', '"EPSG:4326" ', ["longitude", "as metres are"]),
        ("survey.toml", '"~ 1"', '"~ forest"', ["forest"]),
        ("survey.toml", "buffer = 15_000", "bufer = 15_000", ["bufer", "buffer"]),
    ],
)
def test_check__names_file_and_place_of_a_fault(survey, file, old, new, words):
    replace(survey / file, old, new)
    result = scr("check", survey)
    assert result.exit_code == 1
    for word in words:
        assert word in result.stderr


def test_completion__tells_the_shell_the_commands():
    # As the line that '--install-completion' puts into the shell's start-up file asks for them.
    environment = os.environ | {
        "_SCR_COMPLETE": "complete_bash", "COMP_WORDS": "scr re", "COMP_CWORD": "1",
    }  # fmt: skip
    shown = subprocess.run(
        [sys.executable, "-m", "scr.cli.main"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert shown.stdout.split() == ["report"]
