import csv
import json
import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from typer.testing import CliRunner

import scr.checking
import scr.fit
from scr.checking.doubts import Doubts
from scr.cli.main import app
from scr.fit.checks import Check
from scr.shown import Shown

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "leopard_like"

SURVEY = """
title = "Leopard-like"
banner = "SIMULATED"
[survey]
traps = "traps.csv"
usage = "traps.csv"
detections = "detections.csv"
crs = "local"
[mask]
cells = "mask.csv"
[model]
density = "~ elev"
"""


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def folder(tmp_path):
    for name in ("traps.csv", "detections.csv", "mask.csv"):
        shutil.copyfile(GOLDEN / name, tmp_path / name)
    (tmp_path / "survey.toml").write_text(SURVEY, encoding="utf-8")
    return tmp_path


@dataclass(frozen=True)
class FakeFit:
    """As much of a fit as the command asks for."""

    engine: str
    coefficients: pd.DataFrame
    checks: list
    save: Callable
    made_from: dict = field(default_factory=dict)

    def labelled(self, labels):
        return self


def fake_fit(engine, k_hat, kept):
    table = pd.DataFrame(
        {"estimate": [1.0], "se": [0.5], "lower": [0.0], "upper": [2.0]}, index=["density.x"]
    )
    checks = [Check("k_hat", k_hat, 0.7, k_hat <= 0.7, "")]
    return FakeFit(engine, table, checks, kept.append)


@pytest.fixture
def engines(monkeypatch):
    """Engines that only note that they were called, with the k-hat that Laplace is to find."""
    notes = SimpleNamespace(called=[], specs=[], kept=[], written=[], k_hat=0.2, interrupted=False)

    def engine(name):
        def fit(*data, **options):
            notes.called.append((name, options["seed"]))
            notes.specs.append(data[2])
            if notes.interrupted and name == "nuts":
                raise KeyboardInterrupt
            return fake_fit(name, notes.k_hat, notes.kept)

        return fit

    for name in ("mle", "laplace", "nuts"):
        monkeypatch.setattr(scr, f"fit_{name}", engine(name), raising=False)
    monkeypatch.setattr(scr.checking, "doubts_of", lambda *_: Doubts((), (), (), ()), raising=False)
    monkeypatch.setattr("scr.cli.redraw.answers_in", lambda _: [])
    monkeypatch.setattr(scr.fit, "fit_shown", lambda _: Shown("a fit", {}), raising=False)
    monkeypatch.setattr(
        scr, "write_results", lambda fit, folder, **_: notes.written.append(fit), raising=False
    )
    return notes


@pytest.mark.parametrize("name", ["mle", "laplace", "nuts"])
def test_fit__engine_and_seed_of_the_command_line_are_used(folder, engines, name):
    assert run("fit", folder, "--engine", name, "--seed", 7).exit_code == 0
    assert engines.called == [(name, 7)]


def test_fit__model_of_the_command_line_is_used(folder, engines):
    assert run("fit", folder, "--model", "density ~ 1", "--model", "sigma ~ x").exit_code == 1
    assert run("fit", folder, "--model", "density ~ 1", "--model", "lambda0 ~ 1").exit_code == 0
    assert [spec.formulas["density"] for spec in engines.specs] == ["~ 1"]


def test_fit__a_label_of_no_covariate_is_told(folder, engines):
    with (folder / "survey.toml").open("a", encoding="utf-8") as file:
        file.write('[labels]\nelv = "Elevation"\n')
    result = run("fit", folder)
    assert result.exit_code == 1
    assert "[labels] elv is the name of no covariate. Did you mean elev?" in " ".join(
        result.output.split()
    )


def test_fit__auto_stays_with_laplace_where_it_suffices(folder, engines):
    result = run("fit", folder)
    assert [name for name, _ in engines.called] == ["laplace"]
    assert result.stdout.splitlines()[-1].startswith("Results are in ")


@pytest.mark.parametrize("k_hat", [0.71, math.nan])
def test_fit__auto_goes_on_to_nuts_where_k_hat_is_high(folder, engines, k_hat):
    engines.k_hat = k_hat
    result = run("fit", folder)
    assert [name for name, _ in engines.called] == ["laplace", "nuts"]
    assert "going on to NUTS" in result.stdout
    assert engines.written[0].engine == "nuts"


def test_fit__auto_uses_nuts_where_coefficients_are_many(folder, engines, monkeypatch):
    monkeypatch.setattr("scr.cli.fitting.MOST_COEFFICIENTS", 3)
    result = run("fit", folder)
    assert [name for name, _ in engines.called] == ["nuts"]
    assert "4 coefficients are many" in result.stdout


def test_fit__interrupted_nuts_keeps_the_laplace_fit(folder, engines):
    engines.k_hat, engines.interrupted = 0.9, True
    result = run("fit", folder)
    assert result.exit_code == 130
    assert engines.kept == [folder / "results" / "unfinished" / "private" / "fit.nc"]
    assert engines.written == []


def test_fit__maps_and_tables_are_written_and_can_be_drawn_again(folder, request):
    result = run("fit", folder, "--engine", "mle")
    assert result.exit_code == 0, result.output
    results = folder / "results"
    assert result.stdout.splitlines()[-1].startswith(f"Results are in {results}")
    assert result.stdout.splitlines()[0] == "SIMULATED"
    recorded = json.loads((GOLDEN / "secr_reference.json").read_text(encoding="utf-8"))
    model = next(m for m in recorded["general"] if m["label"] == "HHN_Delev_general")
    expected = {row["_row"]: row for row in model["beta"]}["sigma"]
    with (results / "private" / "coefficients.csv").open(encoding="utf-8") as stream:
        found = {row["coefficient"]: float(row["estimate"]) for row in csv.DictReader(stream)}
    assert found["sigma.Intercept"] == pytest.approx(
        expected["beta"], abs=0.02 * expected["SE.beta"]
    )

    for where in ("public", "private"):
        assert (results / where / "report.html").stat().st_size < 5_000_000

    request.getfixturevalue("without_pictures")
    again = run("map", folder, "--out", folder / "again")
    assert again.exit_code == 0, again.output
    first = (results / "public" / "abundance.csv").read_bytes()
    assert (folder / "again" / "public" / "abundance.csv").read_bytes() == first

    pages = run("report", folder, "--out", folder / "pages")
    assert pages.exit_code == 0, pages.output
    written = {
        str(p.relative_to(folder / "pages"))
        for p in (folder / "pages").rglob("*.*")
        if p.name != ".lock"
    }
    assert written == {
        f"{w}/{f}" for w in ("public", "private") for f in ("report.html", "manifest.json")
    }


@pytest.mark.parametrize("command", ["map", "report"])
def test_kept__without_a_fit_says_what_to_run(folder, command):
    result = run(command, folder)
    assert result.exit_code == 1
    assert f"Run 'scr fit {folder}' first" in result.stderr
