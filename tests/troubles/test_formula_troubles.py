"""Formulas of survey.toml: nothing in one is run, and a message says what to write."""

import pytest
from typer.testing import CliRunner

from scr.cli.main import app


def told(good, density, command):
    """What a command says of a formula."""
    good.replace("survey.toml", 'density = "~ forest"', f"density = {density!r}")
    arguments = {"check": ["--no-html"], "fit": []}[command]
    run = CliRunner().invoke(app, [command, str(good.folder), *arguments])
    assert run.exit_code == 1, run.output
    assert isinstance(run.exception, SystemExit), repr(run.exception)
    return " ".join(run.output.split())


@pytest.mark.parametrize("command", ["check", "fit"])
@pytest.mark.parametrize(
    "formula",
    [
        '~ I(forest + 0*__import__("pathlib").Path("mark").touch())',
        '~ {__import__("pathlib").Path("mark").touch()}',
        '~ (__import__("pathlib").Path("mark").touch())(forest)',
        '~ scale(forest, center=open("mark", "w"))',
    ],
)
def test_formula__is_not_run_by_the_command_line(good, formula, command, monkeypatch):
    monkeypatch.chdir(good.folder)

    said = told(good, formula, command)

    assert "is not a function of formulas" in said or "has no place in a formula" in said
    assert not (good.folder / "mark").exists()


@pytest.mark.parametrize("command", ["check", "fit"])
@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("~ I(forest^2)", "write I(forest**2), or poly(forest, 2)"),
        ("~ s(forest):forest", "s(forest)"),
        ("~ tree cover", "in backticks: `tree cover`"),
        ("~ b", "b stands for what changes within a session"),
        ("~ T", "for the formulas of lambda0 or g0, sigma and z"),
        ("~ forrest", "Write forest if that is meant"),
    ],
)
def test_formula__message_of_the_command_line_says_what_to_write(good, formula, words, command):
    assert words in told(good, formula, command)


def test_formula__name_with_a_blank_stands_in_backticks(good):
    good.replace("survey.toml", "forest = {", '"forest cover" = {')
    good.replace("survey.toml", 'density = "~ forest"', 'density = "~ scale(`forest cover`)"')

    checked = good.checked()

    assert checked.exit_code == 0, checked.output
