"""A survey of two years, from its files to the trend that is printed."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import scr
from scr.cli.main import app
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

SURVEY = """
title = "Léopards of the Far Valley"
[survey]
traps = "stations.csv"
usage = "stations.csv"
detections = "detections.csv"
crs = "local"
[mask]
buffer = 5000
spacing = 1250
[model]
density = "~ year"
"""
LABELS = ("2022", "2024")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Stations with five occasions of ten days, and detections of animals that became fewer."""
    folder = tmp_path_factory.mktemp("years")
    x, y = (a.ravel() for a in np.meshgrid(2000.0 * np.arange(5), 2000.0 * np.arange(5)))
    names = [f"S{k:02d}" for k in range(25)]
    traps = scr.Traps(
        names=names * 2,
        xy=np.tile(np.column_stack([x, y]), (2, 1)),
        session=[label for label in LABELS for _ in names],
        crs="local",
    )
    plan = plan_survey(traps, [Usage(np.full((25, 5), 10.0))] * 2)
    mask = scr.build_mask(traps, buffer=5000, spacing=1250)
    coefficients = {
        "density.Intercept": np.log(0.15) + 0.35 * 2022,
        "density.year": -0.35,
        "lambda0.Intercept": np.log(0.03),
        "sigma.Intercept": np.log(1500.0),
    }
    spec = scr.ModelSpec(density="~ year")
    survey, _ = scr.simulate_survey(plan, mask, spec, coefficients=coefficients, seed=5)
    table = pd.DataFrame({"station": traps.names, "x": traps.xy[:, 0], "y": traps.xy[:, 1]})
    effort = {f"u{k}": 10.0 for k in range(1, 6)}
    table.assign(session=traps.session, **effort).to_csv(folder / "stations.csv", index=False)
    rows = [
        (session.name, captures.individuals[i], session.traps.names[k], o + 1)
        for session in survey.sessions
        for captures in [session.captures]
        for i, k, o in zip(captures.individual, captures.trap, captures.occasion, strict=True)
    ]
    columns = ["session", "individual", "station", "occasion"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "detections.csv", index=False)
    return folder


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def fitted(files):
    (files / "survey.toml").write_text(SURVEY, encoding="utf-8")
    result = run("fit", files, "--engine", "mle")
    assert result.exit_code == 0, result.output
    return files


def test_fit__two_years_become_a_trend_in_tables_figures_and_pages(fitted):
    results = fitted / "results"
    table = pd.read_csv(results / "private" / "trend.csv")
    assert set(table["estimand"]) == {"expected N", "realised N"}
    rate = table[(table["quantity"] == "yearly rate") & (table["estimand"] == "expected N")].iloc[0]
    coefficients = pd.read_csv(results / "private" / "coefficients.csv").set_index("coefficient")
    slope = coefficients.loc["density.year", "estimate"]
    assert rate["median"] == pytest.approx(100 * np.expm1(slope), rel=1e-4)
    assert set(pd.read_csv(results / "public" / "trend.csv")["estimand"]) == {"expected N"}
    told = json.loads((results / "public" / "summary.json").read_text(encoding="utf-8"))
    assert told["trend"][0]["quantity"] == "yearly rate"
    for name in ("private/density_change.tif", "private/density_change.png"):
        assert (results / name).is_file(), name
    for where in ("public", "private"):
        assert (results / where / "trend_power.csv").is_file()
        assert (results / where / "figures" / "animals_by_session.png").is_file()
        page = (results / where / "report.html").read_text(encoding="utf-8")
        assert "Change between sessions" in page
        assert "% a year (" in page


def test_map__takes_the_years_that_survey_toml_gives_now(fitted):
    (fitted / "survey.toml").write_text(
        f"{SURVEY}[trend]\nyears = {{ 2022 = 2022.0, 2024 = 2032 }}\n", encoding="utf-8"
    )
    result = run("report", fitted, "--out", fitted / "again")
    assert result.exit_code == 0, result.output
    page = (fitted / "again" / "private" / "report.html").read_text(encoding="utf-8")
    table = pd.read_csv(fitted / "results" / "private" / "trend.csv")
    whole = table[(table["quantity"] == "change") & (table["estimand"] == "expected N")].iloc[0]
    rate = 100 * ((1 + whole["median"] / 100) ** 0.1 - 1)
    assert f"{rate:+.0f} % a year (" in page or f"{rate:+.1f} % a year (" in page


def test_check__a_trend_that_the_model_cannot_tell_is_refused(files):
    text = SURVEY.replace("~ year", "~ 1") + "[trend]\n"
    (files / "survey.toml").write_text(text, encoding="utf-8")
    for command in ("check", "fit"):
        result = run(command, files)
        assert result.exit_code != 0
        assert "it shows no change" in " ".join(result.output.split())
