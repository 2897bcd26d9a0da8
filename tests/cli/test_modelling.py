"""``[[models]]`` on the command line, with fits that are made up: the whole path is slow."""

from types import SimpleNamespace

import pandas as pd
import pytest

import scr
from scr.cli.modelling import kept_models, reported_in
from scr.errors import FitError
from scr.fit.comparison import Comparison
from tests.cli.test_fitting import SURVEY, engines, folder, run

__all__ = ["engines", "folder"]
"""Fixtures of the other file."""

MODELS = """
[[models]]
name = "slope"
[[models]]
name = "constant"
density = "~ 1"
[comparison]
weights = "aic"
"""


def made_up(names):
    table = pd.DataFrame(
        {
            "n_coefficients": 3 + pd.RangeIndex(len(names)),
            "delta_aic": 2.5 * pd.RangeIndex(len(names)),
            "weight_aic": [0.75, 0.25][: len(names)],
        },
        index=list(names),
    )
    return Comparison(dict.fromkeys(names), table, "aic", {}, ("Look twice.",), {"odd": "no data"})


@pytest.fixture
def compared(monkeypatch):
    """What ``fit_all`` and ``compare`` were asked for."""
    asked = SimpleNamespace(stopped=False)

    def fit_all(survey, mask, specs, **options):
        asked.specs, asked.options = specs, options
        return SimpleNamespace(stopped=asked.stopped, __len__=lambda _: 1)

    def compare(fits, *, weights):
        asked.weights = weights
        return made_up(["constant", "slope"])

    monkeypatch.setattr(scr, "fit_all", fit_all, raising=False)
    monkeypatch.setattr(scr, "compare", compare, raising=False)
    return asked


def with_models(folder, more=""):
    (folder / "survey.toml").write_text(SURVEY + MODELS + more, encoding="utf-8")
    return folder


def test_fit__models_are_compared_and_the_one_that_weighs_most_reported(folder, engines, compared):
    result = run("fit", with_models(folder), "--engine", "mle")
    assert result.exit_code == 0, result.output
    assert {name: spec.density for name, spec in compared.specs.items()} == {
        "slope": "~ elev", "constant": "~ 1"
    }  # fmt: skip
    assert compared.options["engine"] == "mle"
    assert compared.weights == "aic"
    assert [spec.density for spec in engines.specs] == ["~ 1"]
    shown = " ".join(result.stdout.split())
    assert "constant 3 0.0 0.75 slope 4 2.5 0.25" in shown
    assert "note: Look twice." in shown


def test_fit__reports_the_model_that_is_asked_for(folder, engines, compared):
    result = run("fit", with_models(folder, 'report = "slope"\n'), "--engine", "laplace")
    assert result.exit_code == 0, result.output
    assert [spec.density for spec in engines.specs] == ["~ elev"]
    assert compared.options["draws"] == 1000


def test_fit__a_line_of_the_command_line_fits_that_model_alone(folder, engines, compared):
    result = run("fit", with_models(folder), "--model", "density ~ 1", "--engine", "mle")
    assert result.exit_code == 0, result.output
    assert not hasattr(compared, "specs")


def test_reported_in__a_model_that_failed_is_told():
    keys = SimpleNamespace(comparison=SimpleNamespace(report="odd"))
    with pytest.raises(FitError, match=r"'odd', could not be fitted: no data"):
        reported_in(keys, made_up(["constant"]))


def test_kept_models__none_are_kept_before_a_run(folder):
    configuration = scr.project.configuration.read_configuration(with_models(folder))
    assert kept_models(configuration, folder / "results") is None
