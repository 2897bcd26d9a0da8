"""Plans from files: everything read, every fault named."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from scr.demo import data_folder
from scr.errors import LayoutError
from scr.fit.laplace import fit_laplace
from scr.simulate.surveys import simulate_survey
from trap_layouts.comparison import compare
from trap_layouts.exposure import planned_survey
from trap_layouts.files import read_layout
from trap_layouts.layout import check_inside
from trap_layouts.plan import read_plan

DEMO = data_folder() / "layouts"


def altered(tmp_path, old, new):
    text = (DEMO / "plan.toml").read_text(encoding="utf-8")
    assert old in text
    text = text.replace(old, new).replace('"../', f'"{data_folder().as_posix()}/')
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_read_plan__of_the_demo_has_what_the_file_says():
    plan = read_plan(DEMO / "plan.toml")
    layout = read_layout(DEMO / "grid.csv", to_crs=plan.crs)
    mask = plan.mask_round([layout])
    assumptions = plan.assume(mask)
    assert plan.prices.station == 40
    assert assumptions.n_days == 90
    assert assumptions.equipment.one_flank == 0.6
    assert np.exp(assumptions.coefficients["sigma.Intercept"][0]) == pytest.approx(3500)
    assert list(mask.covariates.columns) == ["elevation"]


@pytest.mark.parametrize("name", ["grid", "clusters", "hollow", "balanced", "single"])
def test_demo__layouts_stand_in_the_reserve_and_off_the_sea(name):
    plan = read_plan(DEMO / "plan.toml")
    layout = read_layout(DEMO / f"{name}.csv", to_crs=plan.crs)
    check_inside(layout, plan.reserve)
    assert not shapely.intersects(plan.exclude[0], shapely.points(layout.xy)).any()
    assert 115 <= layout.n_cameras <= 120


def test_mask_round__of_searches_reaches_beyond_their_outlines(tmp_path):
    plan = read_plan(altered(tmp_path, 'detector = "proximity"', 'detector = "polygon"'))
    west, south, *_ = plan.reserve.geometry.centroid.buffer(10_000).bounds
    areas = [shapely.box(west, south, west + 20_000, south + 3_000)]
    layer = gpd.GeoDataFrame({"station": ["valley"]}, geometry=areas, crs=plan.crs)
    layer.to_file(tmp_path / "areas.gpkg")
    layout = read_layout(tmp_path / "areas.gpkg", to_crs=plan.crs, detector=plan.detector)
    mask = plan.mask_round([layout])
    buffer = plan.tables["mask"]["buffer"]
    assert mask.xy[:, 0].min() < west - 0.9 * buffer
    assert mask.xy[:, 0].max() > west + 20_000 + 0.9 * buffer


def test_mask_round__the_reserve_is_the_same_whatever_the_layout(tmp_path):
    plan = read_plan(altered(tmp_path, "spacing = 1_000", 'spacing = 4_000\naround = "reserve"'))
    layout = read_layout(DEMO / "grid.csv", to_crs=plan.crs)
    whole, part = (plan.mask_round([one]) for one in (layout, layout.take(np.arange(3))))
    np.testing.assert_array_equal(whole.xy, part.xy)
    edge = shapely.distance(plan.reserve.geometry, shapely.points(whole.xy))
    assert 0.9 * 20_000 < edge.max() <= 20_000 + 1


def test_values__of_priors_are_their_medians(tmp_path):
    path = altered(tmp_path, "lambda0 = 0.012", "lambda0 = { normal = [-4.4, 0.3] }")
    values = read_plan(path).values()
    assert values["lambda0"] == pytest.approx(np.exp(-4.4))
    assert values["density.scale(elevation)"] == 0.4


def test_scenarios__are_layouts_by_grid(tmp_path):
    grid = "[study.grid]\ndensity = [0.5, 1.0]\nn_occasions = [60, 90]\n\n[prices]"
    plan = read_plan(altered(tmp_path, "[prices]", grid))
    layout = read_layout(DEMO / "grid.csv", to_crs=plan.crs)
    scenarios = plan.scenarios([layout])
    assert [s.name for s in scenarios][1] == "grid, density = 0.5, n_occasions = 90"
    assert [s.assumptions.n_occasions for s in scenarios] == [60, 90, 60, 90]
    assert scenarios[2].true_n == pytest.approx(2 * scenarios[0].true_n)


def test_read_plan__prior_gives_draws(tmp_path):
    path = altered(tmp_path, "lambda0 = 0.012", "lambda0 = { normal = [-4.4, 0.3] }")
    plan = read_plan(path)
    mask = plan.mask_round([read_layout(DEMO / "grid.csv", to_crs=plan.crs)])
    assert plan.assume(mask, n_draws=7).n_draws == 7


@pytest.fixture
def earlier(tmp_path, small_layout, plan):
    """The fit of an earlier survey of fewer stations, kept beside a plan that names it."""
    assumptions = plan(parameters={"density": 8.0})
    survey, _ = simulate_survey(
        planned_survey(small_layout, assumptions, detector="proximity"),
        assumptions.mask,
        assumptions.spec,
        coefficients={name: float(v[0]) for name, v in assumptions.coefficients.items()},
        seed=4,
    )
    fit = fit_laplace(survey, assumptions.mask, assumptions.spec, draws=400, check_mask=False)
    fit.save(tmp_path / "fit.nc")
    text = (DEMO / "plan.toml").read_text(encoding="utf-8")
    start, end = text.index("[parameters]"), text.index("[survey]")
    text = text[:start] + '[parameters]\nfit = "fit.nc"\n\n' + text[end:]
    text = text.replace('"../', f'"{data_folder().as_posix()}/').replace("unknown_sex = 0.2", "")
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    return read_plan(tmp_path / "plan.toml"), fit


def test_read_plan__fit_gives_its_draws_mask_and_model(earlier, small_layout):
    plan, fit = earlier
    assumptions = plan.assume(None, n_draws=40)
    names = list(fit.coefficient_names)
    assert assumptions.n_draws == 40
    assert list(assumptions.coefficients) == names
    np.testing.assert_array_equal(assumptions.mask.xy, fit.mask.xy)
    drawn = np.stack([assumptions.coefficients[name] for name in names], axis=1)
    assert all((fit.draws == row).all(axis=1).any() for row in drawn)
    np.testing.assert_allclose(drawn.mean(axis=0), fit.draws.mean(axis=0), atol=0.2)
    found = compare([small_layout], assumptions, n_animals=200)
    row = found.table.loc["nine"]
    assert row["rse.lower"] < row["rse"] < row["rse.upper"]


def test_read_plan__parameter_beside_a_fit_is_refused(earlier):
    plan, _ = earlier
    with pytest.raises(LayoutError, match="parameters of a fit, and density beside them"):
        plan.assume(None, changes={"density": 0.5})


def test_scenarios__of_uncertain_parameters_are_at_their_median(tmp_path):
    path = altered(tmp_path, "lambda0 = 0.012", "lambda0 = { normal = [-4.4, 0.3] }")
    plan = read_plan(path)
    (scenario,) = plan.scenarios([read_layout(DEMO / "grid.csv", to_crs=plan.crs)])
    (value,) = scenario.assumptions.coefficients["lambda0.Intercept"]
    assert value == pytest.approx(-4.4, abs=4 * 0.3 / np.sqrt(1000))


def test_read_plan__unknown_keys_are_named(tmp_path):
    path = altered(tmp_path, "failure = 0.05", "failures = 0.05")
    with pytest.raises(LayoutError, match=r"not known: equipment\.failures\. Known are"):
        read_plan(path)


def test_read_plan__parameter_that_is_no_number_is_named(tmp_path):
    plan = read_plan(altered(tmp_path, "share = 0.42", 'share = "half"'))
    mask = plan.mask_round([read_layout(DEMO / "grid.csv", to_crs=plan.crs)])
    with pytest.raises(LayoutError, match=r"parameters\.share = 'half' is neither a number"):
        plan.assume(mask)


def test_read_plan__without_reserve_says_what_to_add(tmp_path):
    (tmp_path / "plan.toml").write_text("title = 'x'\n")
    with pytest.raises(LayoutError, match=r"names no reserve\. Add: reserve"):
        read_plan(tmp_path / "plan.toml")


def test_read_plan__file_that_is_no_toml_is_an_error(tmp_path):
    (tmp_path / "plan.toml").write_text("title = \n")
    with pytest.raises(LayoutError, match="no valid TOML"):
        read_plan(tmp_path / "plan.toml")


def test_mask_round__needs_buffer_and_spacing(tmp_path):
    plan = read_plan(altered(tmp_path, "buffer = 20_000", ""))
    with pytest.raises(LayoutError, match=r"\[mask\] needs buffer"):
        plan.mask_round([read_layout(DEMO / "grid.csv", to_crs=plan.crs)])


def test_mask_round__covariates_are_read_as_a_survey_reads_them(tmp_path):
    plan = read_plan(
        altered(tmp_path, 'elevation.tif"', 'elevation.tif", categorical = true, fill = 0')
    )
    values = plan.mask_round([read_layout(DEMO / "grid.csv", to_crs=plan.crs)]).covariates[
        "elevation"
    ]
    assert {type(value) for value in values} == {str}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('elevation.tif"', 'elevation.tif", fil = 3', r"covariates\.elevation\.fil.*fill"),
        ("raster =", "file =", r"\[covariates\] elevation names no raster"),
    ],
)
def test_read_plan__keys_of_covariates_are_held_against_those_there_are(tmp_path, old, new, words):
    with pytest.raises(LayoutError, match=words):
        read_plan(altered(tmp_path, old, new))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("buffer = 20_000", 'buffer = "20 km"', r"\[mask\] buffer = '20 km' must be a number"),
        ("buffer = 20_000", "buffer = nan", r"\[mask\] buffer = nan must be a number"),
        ("buffer = 20_000", "buffer = true", r"\[mask\] buffer = True must be a number"),
        ('exclude = ["../sea.gpkg"]  ', 'exclude = "../sea.gpkg"  ', r"exclude = .* a list of fil"),
        ('reserve = "../reserve.gpkg"', "reserve = 3", "reserve = 3 must be text"),
        ("n_occasions = 90", "n_occasions = 1.5", r"n_occasions = 1\.5 must be a whole number"),
        ("n_occasions = 90", "n_occasions = inf", "n_occasions = inf must be a whole number"),
        ("km = 1.5", 'km = "x"', r"\[prices\] km = 'x' must be a number"),
        ("failure = 0.05", "failure = [1]", r"\[equipment\] failure = \[1\] must be a number"),
        ('lambda0 = "~ sex"', "lambda0 = 1", r"\[model\] lambda0 = 1 must be text"),
        ("[prices]", "[study]\ngrid = 3\n[prices]", r"\[study\] grid = 3 must be lists of num"),
        ("[prices]", "[study.grid]\ndensity = []\n[prices]", r"\[study\] grid = .* must be lists"),
        ('elevation.tif" }', 'elevation.tif", band = "x" }', r"band = 'x' must be a whole number"),
        ('elevation.tif" }', 'elevation.tif", fill = "mean" }', 'must be a number, or "nearest"'),
    ],
)
def test_read_plan__values_of_the_wrong_kind_are_named(tmp_path, old, new, words):
    with pytest.raises(LayoutError, match=words):
        read_plan(altered(tmp_path, old, new))


@pytest.mark.parametrize("table", ["mask", "model", "survey", "prices", "study", "covariates"])
def test_read_plan__a_table_that_is_none_is_named(tmp_path, table):
    path = tmp_path / "plan.toml"
    path.write_text(f'reserve = "r.gpkg"\n{table} = [3]\n', encoding="utf-8")
    with pytest.raises(LayoutError, match=rf"{table} is no table\. Write \[{table}\]"):
        read_plan(path)


@pytest.mark.parametrize("value", ["{ normal = 3 }", "{ normal = ['a', 1] }", "nan", "[1]"])
def test_read_plan__a_parameter_that_is_neither_number_nor_prior_is_named(tmp_path, value):
    plan = read_plan(altered(tmp_path, "sigma = 3_500", f"sigma = {value}"))
    with pytest.raises(
        LayoutError, match=r"parameters\.sigma = .* is neither a number nor a prior"
    ):
        plan.assume(None)


@pytest.mark.parametrize("value", [1.5, float("nan"), 10**9])
def test_assume__occasions_that_cannot_be_counted_are_refused(tmp_path, value):
    plan = read_plan(altered(tmp_path, "n_occasions = 90", "n_occasions = 30"))
    with pytest.raises(LayoutError, match=r"whole number of occasions|at most 100,000"):
        plan.assume(None, changes={"n_occasions": value})


def test_read_plan__a_folder_is_told_to_be_no_file(tmp_path):
    with pytest.raises(LayoutError, match="is no file"):
        read_plan(tmp_path)


def test_read_plan__a_key_without_a_name_is_not_known(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text('reserve = "r.gpkg"\n"" = 3\n', encoding="utf-8")
    with pytest.raises(LayoutError, match="keys that are not known"):
        read_plan(path)


def test_read_plan__knows_both_flanks_and_one_or_two_cameras(tmp_path):
    plan = read_plan(
        altered(tmp_path, "unknown_sex = 0.2", 'flank = "both"\n[study]\ncameras = [1, 2] #')
    )
    layout = read_layout(DEMO / "grid.csv", to_crs=plan.crs)
    assert plan.assume(plan.mask_round([layout])).flank == "both"
    assert plan.cameras == [1, 2]


@pytest.mark.parametrize("value", ["3", "[]", "[1, 3]", "[true]", '"2"'])
def test_read_plan__cameras_are_a_list_of_one_and_two(value, tmp_path):
    path = altered(tmp_path, "unknown_sex = 0.2", f"[study]\ncameras = {value} #")
    with pytest.raises(LayoutError, match=r"\[study\] cameras = .* must be a list of 1 and 2"):
        read_plan(path)
