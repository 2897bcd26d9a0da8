"""``scr layouts`` from a shell: files in, files out, faults in words."""

import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

import trap_layouts
from scr.cli.main import app
from scr.demo import copy_demo
from scr.errors import MaskWarning


def scr(*arguments):
    return CliRunner().invoke(app, ["layouts", *(str(a) for a in arguments)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = copy_demo(tmp_path_factory.mktemp("demo")).parent / "layouts"
    plan = place / "plan.toml"
    text = plan.read_text(encoding="utf-8").replace("spacing = 1_000", "spacing = 2_500")
    text = text.replace('lambda0 = "~ sex"', 'lambda0 = "~ 1"').replace('"lambda0.sex', '#"')
    plan.write_text(text, encoding="utf-8")
    return place


@pytest.mark.parametrize(
    ("options", "n"),
    [
        (["--pattern", "square", "--spacing", "8000"], (30, 55)),
        (["--pattern", "hexagonal", "--spacing", "8000"], (35, 60)),
        (["--pattern", "clusters", "--spacing", "2000", "--gap", "20000"], (20, 80)),
        (["--pattern", "hollow", "--spacing", "2000", "--gap", "20000", "--side", "4"], (20, 90)),
        (["--pattern", "pairs", "--spacing", "10000"], (20, 70)),
        (["--pattern", "lacework", "--spacing", "3000", "--gap", "12000"], (60, 160)),
        (["--pattern", "balanced", "--spacing", "3000", "--stations", "30"], (30, 30)),
    ],
)
def test_generate__writes_stations_in_the_reserve(options, n, folder, tmp_path):
    out = tmp_path / "new.gpx"
    result = scr("generate", folder / "plan.toml", "--out", out, *options)
    assert result.exit_code == 0, result.output
    assert n[0] <= out.read_text().count("<wpt") <= n[1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--pattern", "spiral"], "--pattern spiral is not known"),
        (["--pattern", "balanced"], "needs --stations"),
        (["--pattern", "lines"], "needs --network"),
    ],
)
def test_generate__what_is_missing_is_named(options, words, folder, tmp_path):
    result = scr("generate", folder / "plan.toml", "--out", tmp_path / "new.csv", *options)
    assert result.exit_code == 1
    assert words in result.output


def test_compare__writes_table_and_figure_and_ranks(folder, tmp_path):
    files = [folder / "grid.csv", folder / "clusters.csv"]
    result = scr("compare", folder / "plan.toml", *files, "--out", tmp_path, "--change", "-0.3")
    assert result.exit_code == 0, result.output
    table = pd.read_csv(tmp_path / "comparison.csv", index_col="layout")
    assert table.index.tolist() == ["grid", "clusters"]
    assert (table["rse"].diff().dropna() > 0).all()
    assert table["power"].between(0.05, 1).all()
    assert "grid ranks first by RSE (" in result.output
    assert "RSE, %" in result.output
    assert "The number of animals is estimated with an RSE of" in result.output
    assert (tmp_path / "comparison.png").exists()


def test_optimise__writes_the_best_stations_and_a_map(folder, tmp_path):
    out = tmp_path / "best.csv"
    result = scr(
        *("optimise", folder / "plan.toml", "--out", out, "--stations", "12"),
        *("--spacing", "6000", "--kicks", "1", "--starts", "1", "--least", "7000"),
        *("--exchanges", "2"),
    )
    assert result.exit_code == 0, result.output
    assert "animals expected to be photographed" in result.output
    assert "RSE" in result.output
    xy = pd.read_csv(out)[["x", "y"]].to_numpy()
    distance = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    assert len(xy) == 12
    assert distance[np.triu_indices(12, 1)].min() >= 7000
    assert out.with_suffix(".png").exists()


def test_optimise__fixed_stations_are_kept(folder, tmp_path):
    fixed = pd.read_csv(folder / "grid.csv").iloc[[0, 30]]
    fixed.to_csv(tmp_path / "old.csv", index=False)
    out = tmp_path / "best.csv"
    result = scr(
        *("optimise", folder / "plan.toml", "--out", out, "--stations", "8", "--kicks", "0"),
        *("--spacing", "8000", "--starts", "1", "--fixed", tmp_path / "old.csv"),
        *("--criterion", "min_nr"),
    )
    assert result.exit_code == 0, result.output
    kept = pd.read_csv(out).merge(fixed, on=["x", "y"])
    assert len(kept) == 2


def test_optimise__candidates_outside_the_reserve_are_left_out_and_named(folder, tmp_path):
    places = pd.read_csv(folder / "grid.csv")
    outside = places.iloc[[0]].assign(station="far", x=places["x"].min() - 30_000)
    pd.concat([places, outside]).to_csv(tmp_path / "places.csv", index=False)
    result = scr(
        *("optimise", folder / "plan.toml", "--out", tmp_path / "best.csv", "--stations", "8"),
        *("--candidates", tmp_path / "places.csv", "--criterion", "min_nr", "--kicks", "0"),
        *("--starts", "1"),
    )
    assert result.exit_code == 0, result.output
    assert "candidates lie outside" in result.output
    assert "'far'" in result.output


def test_optimise__budget_that_buys_nothing_is_an_error(folder, tmp_path):
    out = tmp_path / "best.csv"
    result = scr("optimise", folder / "plan.toml", "--out", out, "--budget", "5")
    assert result.exit_code == 1
    assert "buys no station" in result.output


def test_trade_off__writes_a_front_its_figure_and_its_layouts(folder, tmp_path):
    result = scr(
        *("trade-off", folder / "plan.toml", "--out", tmp_path, "--budget", "6000"),
        *("--budget", "3000", "--spacing", "8000", "--kicks", "0", "--starts", "1"),
        *("--criterion", "min_nr"),
    )
    assert result.exit_code == 0, result.output
    front = pd.read_csv(tmp_path / "trade_off.csv")
    assert front["budget"].tolist() == [3000, 6000]
    assert (front["cost"] <= front["budget"]).all()
    assert front["rse"].is_monotonic_decreasing
    assert (tmp_path / "trade_off.png").exists()
    for row in front.itertuples():
        layout = pd.read_csv(tmp_path / f"budget_{row.budget:.0f}.csv")
        assert len(layout) == row.stations


def test_trade_off__plan_without_prices_is_an_error(folder, tmp_path):
    text = (folder / "plan.toml").read_text(encoding="utf-8")
    bare = folder / "bare.toml"
    bare.write_text(text[: text.index("[prices]")], encoding="utf-8")
    result = scr("trade-off", bare, "--out", tmp_path, "--budget", "6000")
    assert result.exit_code == 1
    assert "no [prices]" in result.output


def test_power__stores_results_and_summarises(folder, tmp_path):
    arguments = ("power", folder / "plan.toml", folder / "grid.csv", "--out", tmp_path)
    result = scr(*arguments, "--repeats", "2", "--workers", "1")
    assert result.exit_code == 0, result.output
    assert len(pd.read_parquet(tmp_path / "results.parquet")) == 2
    assert pd.read_csv(tmp_path / "summary.csv")["surveys"].tolist() == [2]


def test_power__over_years_is_stated_and_searched_for(folder, tmp_path):
    pd.read_csv(folder / "grid.csv").iloc[::6].to_csv(folder / "ten.csv", index=False)
    plan, text = folder / "years.toml", (folder / "plan.toml").read_text(encoding="utf-8")
    text += '[stations]\ncandidates = "ten.csv"\n[study]\nchange = -0.5\n'
    plan.write_text(text + "years = [2026, 2027, 2028]\n", encoding="utf-8")
    arguments = ("power", plan, folder / "ten.csv", "--out", tmp_path)
    result = scr(*arguments, "--repeats", "1", "--workers", "1", "--target", "0.6")
    assert result.exit_code == 0, result.output
    assert "3 surveys from 2026 to 2028: a change of -50 %" in result.output
    told = pd.read_csv(tmp_path / "power.csv").iloc[0]
    assert told["change_lower"] < -0.5 < told["change_upper"]
    needed = pd.read_csv(tmp_path / "needed.csv")
    assert needed["of"].tolist() == ["surveys", "days", "stations"]
    fitted = pd.read_parquet(tmp_path / "results.parquet").iloc[0]
    assert fitted["true_change"] == -0.5
    assert "power_error" in pd.read_csv(tmp_path / "summary.csv")


def test_power__other_stations_stand_in_turn(folder, tmp_path):
    files = [folder / "grid.csv", folder / "hollow.csv"]
    years = ("--year", "2026", "--year", "2028", "--change", "-0.5", "--stations", "other")
    result = scr("power", folder / "plan.toml", *files, *years, "--repeats", "0", "-o", tmp_path)
    assert result.exit_code == 0, result.output
    assert "grid, then hollow, 2 surveys" in result.output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--year", "2026", "--year", "2028"), "years of surveys and no change"),
        (("--stations", "other"), "there are no years"),
        (("--target", "0.8"), "a monitoring plan, and there is none"),
    ],
)
def test_power__half_a_monitoring_plan_is_refused(options, words, folder, tmp_path):
    arguments = ("power", folder / "plan.toml", folder / "grid.csv", "--out", tmp_path)
    result = scr(*arguments, *options, "--repeats", "0")
    assert result.exit_code == 1
    assert words in " ".join(result.output.split())


def test_generate__clusters_that_are_cut_and_a_line_are_said(folder, tmp_path):
    made = ("generate", folder / "plan.toml", "--out", tmp_path / "new.csv")
    result = scr(*made, "--pattern", "clusters", "--spacing", "4000", "--gap", "24000")
    assert "clusters were cut" in result.output
    assert "to fit Simulated Leopard Reserve" in result.output


def test_compare__stations_on_excluded_ground_and_an_exclusion_that_is_far_are_said(
    folder, tmp_path
):
    grid = pd.read_csv(folder / "grid.csv")
    x, y = grid.loc[0, ["x", "y"]]
    near, far = (
        gpd.GeoSeries([shapely.Point(x + east, y).buffer(500)], crs="EPSG:32652")
        for east in (0, 70_000)
    )
    near.to_file(folder / "near.gpkg")
    far.to_file(folder / "far.gpkg")
    text = (folder / "plan.toml").read_text(encoding="utf-8")
    plan = folder / "excluding.toml"
    plan.write_text(
        text.replace(
            'exclude = ["../sea.gpkg"]            #', 'exclude = ["near.gpkg", "far.gpkg"]  #'
        ),
        encoding="utf-8",
    )
    result = scr("power", plan, folder / "grid.csv", "--repeats", "0", "--out", tmp_path)
    told = " ".join(result.output.split())
    assert "1 of 60 stations stand on ground that the plan excludes" in told
    with pytest.warns(MaskWarning, match=r"'far\.gpkg' lies \d+ km from"):
        trap_layouts.read_plan(plan)


def test_compare__station_outside_the_reserve_is_named(folder, tmp_path):
    table = pd.read_csv(folder / "grid.csv")
    table.loc[0, "x"] += 50_000
    table.to_csv(tmp_path / "moved.csv", index=False)
    result = scr("compare", folder / "plan.toml", tmp_path / "moved.csv", "--out", tmp_path)
    assert result.exit_code == 1
    assert "1 of 60 stations lie outside Simulated Leopard Reserve" in result.output


@pytest.mark.parametrize(
    ("command", "written"),
    [
        (("generate",), "plan.toml"),
        (("generate",), "grid.csv"),
        (("optimise", "--stations", "8"), "grid.csv"),
        (("optimise", "--stations", "8"), "GRID.csv"),
        (("optimise", "--stations", "8"), "x/../grid.csv"),
    ],
)
def test_layouts__are_never_written_over_what_is_read(command, written, folder, tmp_path):
    place = tmp_path / "plan"
    shutil.copytree(folder, place)
    (place / "x").mkdir()
    before = {path: path.read_bytes() for path in place.iterdir() if path.is_file()}

    name, *options = command
    given = ("--fixed", place / "grid.csv")
    result = scr(name, place / "plan.toml", "--out", place / written, *options, *given)

    assert result.exit_code == 1, result.output
    assert "would write over" in " ".join(result.output.split())
    assert {path: path.read_bytes() for path in place.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("command", ["compare", "power"])
def test_layouts__tables_are_never_written_over_a_layout(command, folder, tmp_path):
    for name in ("comparison.csv", "summary.csv"):
        shutil.copy(folder / "grid.csv", tmp_path / name)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    files = (tmp_path / "comparison.csv", tmp_path / "summary.csv")
    result = scr(command, folder / "plan.toml", *files, "--out", tmp_path)

    assert result.exit_code == 1, result.output
    assert "which is read" in " ".join(result.output.split())
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
