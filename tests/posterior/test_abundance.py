import numpy as np
import pandas as pd
import pytest
import shapely

from scr.errors import FitError, FormulaError, MaskError, MaskWarning
from scr.habitat.region import Region
from scr.model.spec import ModelSpec
from scr.posterior.abundance import abundance, abundance_draws
from scr.posterior.density import density_surface, realised_density
from scr.survey.survey import Survey

CONSTANT = ModelSpec()
COEFFICIENTS = [np.log(0.3), np.log(0.1), np.log(1200.0)]
VCOV = np.diag([0.04, 0.02, 0.01])


def box(name, *bounds):
    return Region(name, shapely.box(*bounds), crs="local")


@pytest.fixture
def bayes(make_fit, make_mask, sexed_session):
    draws = np.random.default_rng(1).multivariate_normal(COEFFICIENTS, VCOV, 600)
    return make_fit(sexed_session, make_mask(7, 6), CONSTANT, draws=draws)


@pytest.fixture
def mle(make_fit, make_mask, sexed_session):
    return make_fit(sexed_session, make_mask(7, 6), CONSTANT, point=COEFFICIENTS, vcov=VCOV)


def pick(table, region, estimand):
    (row,) = table[(table.region == region) & (table.estimand == estimand)].to_dict("records")
    return row


def test_abundance__expected_number_is_density_times_area(bayes):
    row = pick(abundance(bayes, box("core", 0, 0, 3500, 1250)), "core", "expected N")
    number = 3.5 * 1.25 * np.exp(bayes.draws[:, 0])
    assert row["area_km2"] == pytest.approx(4.375)
    assert row["median"] == pytest.approx(np.median(number))
    assert [row["lower"], row["upper"]] == pytest.approx(np.quantile(number, [0.025, 0.975]))


def test_abundance__maximum_likelihood_has_the_plug_in_and_a_log_normal_interval(mle):
    row = pick(abundance(mle), "habitat mask", "expected N")
    # One parameter: log N is normal with the standard error of log D, here 0.2.
    assert row["median"] == row["mean"] == pytest.approx(42 * 0.3)
    assert row["sd"] == pytest.approx(42 * 0.3 * 0.2)
    assert row["lower"] == pytest.approx(42 * 0.3 * np.exp(-1.959964 * 0.2))
    assert row["upper"] == pytest.approx(42 * 0.3 * np.exp(1.959964 * 0.2))


def test_abundance__realised_number_is_never_below_the_animals_identified(bayes):
    table = abundance(bayes)
    row = pick(table, "habitat mask", "realised N")
    assert row["lower"] >= 3
    assert row["n_detected"] == 3
    assert row["sd"] < pick(table, "habitat mask", "expected N")["sd"] + 3


def test_abundance__realised_plug_in_sums_the_realised_map(mle):
    row = pick(abundance(mle), "habitat mask", "realised N")
    surface = realised_density(mle)
    assert row["median"] == pytest.approx(surface.summary["mean"].sum() / 100)


def test_abundance_draws__zones_of_a_partition_sum_to_the_whole_in_every_draw(bayes):
    line = shapely.Polygon([(0, 0), (3300, 0), (2100, 6000), (0, 6000)])
    whole = shapely.box(0, 0, 7000, 6000)
    zones = {
        "west": Region("west", line, crs="local"),
        "east": Region("east", whole.difference(line), crs="local"),
        "all": Region("all", whole, crs="local"),
    }
    draws = abundance_draws(bayes, zones, max_draws=300)
    for table in (draws.expected, draws.realised):
        np.testing.assert_allclose(table["west"] + table["east"], table["all"], rtol=1e-9)
    assert draws.realised["west"].var() > 0


def test_abundance_draws__zones_beyond_the_mask_are_drawn_together(bayes):
    zones = {"all": box("all", 0, 0, 9000, 6000), "part": box("part", 7000, 0, 9000, 6000)}
    inside = box("in", 0, 0, 7000, 6000)
    with pytest.warns(MaskWarning):
        draws = abundance_draws(bayes, {**zones, "in": inside}, max_draws=300)
    np.testing.assert_allclose(draws.realised["part"] + draws.realised["in"], draws.realised["all"])
    expected = 12 * np.exp(bayes.draws[:, 0]).mean()
    assert draws.realised["part"].mean() == pytest.approx(expected, rel=0.15)


def test_abundance__a_constant_model_reaches_beyond_the_mask_with_a_warning(mle):
    with pytest.warns(MaskWarning, match=r"'unit': 42.0 of its 84.0 km2.*50.0 %"):
        table = abundance(mle, box("unit", 0, 0, 14_000, 6000))
    row = pick(table, "unit", "expected N")
    assert row["median"] == pytest.approx(84 * 0.3)
    assert row["share_extrapolated"] == pytest.approx(0.5)
    within = pick(abundance(mle), "habitat mask", "realised N")["median"]
    assert pick(table, "unit", "realised N")["median"] == pytest.approx(within + 42 * 0.3)


def test_abundance__other_cells_with_covariates_carry_the_model_beyond(
    make_fit, make_mask, sexed_session
):
    forest = np.linspace(-1, 1, 42)
    mask = make_mask(7, 6, covariates=pd.DataFrame({"forest": forest}))
    point = [np.log(0.3), 0.5, np.log(0.1), np.log(1200.0)]
    fit = make_fit(
        sexed_session, mask, ModelSpec(density="~ forest"), point=point, vcov=0.01 * np.eye(4)
    )
    park = make_mask(
        3, 2, origin=(6000.0, 0.0), covariates=pd.DataFrame({"forest": [0.0, 1, 2, 0, 1, 2]})
    )
    with (
        pytest.warns(MaskWarning, match=r"4.0 of its 6.0 km2.*covariates"),
        pytest.warns(MaskWarning, match="51 % of its expected animals.*not sampled"),
    ):
        table = abundance(fit, {"park": park})
    row = pick(table, "park", "expected N")
    assert row["median"] == pytest.approx(2 * 0.3 * np.exp([0.0, 0.5, 1.0]).sum())
    assert row["area_km2"] == pytest.approx(6.0)
    # Forest is -1 to 1 within reach of the stations; a third of the park has 2.
    of_two = np.exp(1.0) / np.exp([0.0, 0.5, 1.0]).sum()
    assert row["share_unsampled_jointly"] == pytest.approx(of_two)
    with pytest.warns(MaskWarning, match="not counted"):
        table = abundance(fit, box("park", 6000, 0, 9000, 2000))
    assert pick(table, "park", "expected N")["share_not_covered"] == pytest.approx(2 / 3)
    with pytest.raises(FormulaError, match="forest"):
        abundance(fit, {"park": make_mask(2, 2)})


def test_abundance__counts_the_animals_detected_by_traps_inside(bayes):
    # Animal 0 was at traps 0 and 1, animal 1 at trap 3, animal 2 at traps 2 and 0.
    table = abundance(bayes, {"south": box("s", 0, 0, 7000, 3000), "rest": box("r", 0, 5500, 1, 1)})
    assert pick(table, "south", "realised N")["n_detected"] == 2
    assert pick(table, "rest", "realised N")["n_detected"] == 0


def test_abundance__stops_where_a_region_is_elsewhere(make_fit, make_mask, sexed_session):
    mask = make_mask(7, 6, bounded=True)
    fit = make_fit(sexed_session, mask, CONSTANT, point=COEFFICIENTS, vcov=VCOV)
    with pytest.raises(MaskError, match="'island' has no habitat"):
        abundance(fit, box("island", 90_000, 0, 95_000, 5000))


def test_abundance__sessions_on_shared_ground_are_reported_in_turn(
    make_fit, make_mask, make_session
):
    traps = [(2500, 2500), (4500, 2500)]
    sessions = (
        make_session("2023", traps, [(0, 0, 0), (1, 1, 1)]),
        make_session("2024", traps, [(0, 0, 0)]),
    )
    fit = make_fit(Survey(sessions), make_mask(7, 6), CONSTANT, point=COEFFICIENTS, vcov=VCOV)
    table = abundance(fit)
    assert table["session"].tolist() == ["2023", "2023", "2024", "2024"]
    assert table["n_detected"].tolist() == [2, 2, 1, 1]
    with pytest.raises(FitError, match="session="):
        abundance_draws(fit)
    assert density_surface(fit).session is None


def test_abundance__sessions_that_lie_apart_add_up(make_fit, make_mask, make_session):
    sessions = (
        make_session("A", [(2500, 2500), (4500, 2500)], [(0, 0, 0), (1, 1, 1)]),
        make_session("B", [(52_500, 2500)], []),
    )
    west, east = make_mask(7, 6), make_mask(5, 5, origin=(50_000.0, 0.0))
    mask = make_mask(1, 1)
    mask = type(mask)(
        xy=np.concatenate([west.xy, east.xy]),
        cell_area=1.0,
        crs="local",
        spacing=1000.0,
        session=["A"] * 42 + ["B"] * 25,
    )
    fit = make_fit(Survey(sessions), mask, CONSTANT, point=COEFFICIENTS, vcov=VCOV)
    row = pick(abundance(fit), "habitat mask", "expected N")
    assert row["session"] == "A, B"
    assert row["median"] == pytest.approx(67 * 0.3)
    alone = pick(abundance(fit, session="B"), "habitat mask", "expected N")
    assert alone["median"] == pytest.approx(25 * 0.3)
