import numpy as np
import pandas as pd
import pytest
import shapely

from scr.errors import FitError
from scr.habitat.region import Region
from scr.model.spec import ModelSpec
from scr.posterior.abundance import AbundanceDraws, abundance_draws
from scr.posterior.zone_sums import zone_sums

SPEC = ModelSpec()


@pytest.fixture
def draws(make_fit, make_mask, sexed_session):
    vcov = np.diag([0.04, 0.02, 0.01])
    coefficients = np.random.default_rng(1).multivariate_normal(
        [np.log(0.3), np.log(0.1), np.log(1200.0)], vcov, 500
    )
    fit = make_fit(sexed_session, make_mask(7, 6), SPEC, draws=coefficients)
    boxes = {"west": (0, 0, 3300, 6000), "east": (3300, 0, 7000, 6000), "all": (0, 0, 7000, 6000)}
    zones = {n: Region(n, shapely.box(*box), crs="local") for n, box in boxes.items()}
    return abundance_draws(fit, zones)


def test_zone_sums__halves_sum_to_the_whole_and_differ_as_their_draws_do(draws):
    sums = {
        "west + east": {"west": 1, "east": 1},
        "east - west": {"east": 1, "west": -1},
        "all": {"all": 1},
    }
    table = zone_sums(draws, sums).set_index(["sum", "estimand"])
    columns = ["median", "mean", "sd", "lower", "upper"]
    for estimand in ("expected N", "realised N"):
        np.testing.assert_allclose(
            table.loc[("west + east", estimand), columns].astype(float),
            table.loc[("all", estimand), columns].astype(float),
        )
    difference = draws.realised["east"] - draws.realised["west"]
    row = table.loc[("east - west", "realised N")]
    np.testing.assert_allclose(
        [row["lower"], row["upper"]], np.quantile(difference, [0.025, 0.975])
    )
    assert row["p_above_0"] == (difference > 0).mean()


def test_zone_sums__the_joint_interval_is_not_that_of_independent_zones():
    rng = np.random.default_rng(3)
    common, own = rng.gamma(20, 1, (2, 5000))
    table = pd.DataFrame({"a": common, "b": 0.5 * common + 0.1 * own})
    sd = zone_sums(AbundanceDraws(table, table, pd.DataFrame()), {"a - b": {"a": 1, "b": -1}})["sd"]
    assert sd[0] == pytest.approx((table["a"] - table["b"]).std())
    assert sd[0] < 0.7 * np.hypot(table["a"].std(), table["b"].std())


@pytest.mark.parametrize("weights", [{"north": 1}, {}])
def test_zone_sums__names_the_zones_there_are(draws, weights):
    with pytest.raises(FitError, match="'west', 'east', 'all'"):
        zone_sums(draws, {"x": weights})


def test_abundance_draws__says_which_zones_overlap(draws):
    assert draws.facts["overlaps"].tolist() == ["all", "all", "west, east"]
