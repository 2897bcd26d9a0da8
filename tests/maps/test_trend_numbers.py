import pandas as pd
import pytest
import shapely

from scr.errors import FitError, MaskWarning
from scr.habitat.region import Region
from scr.maps.trend_numbers import shared_trend, trend_numbers
from scr.maps.trend_words import trend_sentences, yearly_rates
from scr.posterior.abundance import abundance
from scr.survey.wanted_trend import WantedTrend

PARK = Region("Park", shapely.box(712_000, 4_713_000, 720_000, 4_721_000), crs="EPSG:32652")
FAR = Region("Far", shapely.box(712_000, 4_713_000, 760_000, 4_721_000), crs="EPSG:32652")


@pytest.fixture
def years(make_fit):
    return make_fit(names=("2021", "2022"), density="~ north + session")


def test_trend_numbers__one_session_has_none_and_equal_densities_say_why(make_fit):
    assert trend_numbers(make_fit(), None, None, seed=1) is None
    alike = make_fit(names=("2021", "2022"))
    told = trend_numbers(alike, None, None, seed=1)
    assert "Density is the same in all sessions" in told.lacking
    assert told.table.empty
    with pytest.raises(FitError, match="Density is the same"):
        trend_numbers(alike, None, WantedTrend(), seed=1)


def test_shared_trend__is_of_expected_numbers_of_regions_that_are_shared(years):
    regions = {"Park": PARK, "Far": FAR}
    numbers = trend_numbers(years, regions, None, seed=1, max_draws=40)
    assert set(numbers.table["region"]) == {"Park", "Far"}
    with pytest.warns(MaskWarning, match="beyond"):
        table = abundance(years, regions, max_draws=40)
    shared = shared_trend(numbers, table[table["region"] == "Park"])
    assert set(shared.table["estimand"]) == {"expected N"}
    assert set(shared.table["region"]) == set(shared.power["region"]) == {"Park"}
    for value in shared.table[["median", "lower", "upper"]].to_numpy().ravel():
        assert value == float(f"{value:.3g}")
    assert (shared.table["p_decline"] == shared.table["p_decline"].round(2)).all()


def test_trend_numbers__sessions_and_years_can_be_chosen(make_fit):
    fit = make_fit(names=("2021", "2022", "2023"), density="~ north + session")
    wanted = WantedTrend(sessions=("2021", "2023"), years={"2021": 1.0, "2023": 5.0})
    numbers = trend_numbers(fit, None, wanted, seed=1, max_draws=40)
    assert numbers.timeline.sessions == ("2021", "2023")
    assert numbers.power["years"].min() == 4.0


def test_yearly_rates__one_row_tells_of_all_regions_where_the_model_has_one_rate(make_fit):
    fit = make_fit(names=("2021", "2022"), density="~ north + session")
    half = Region("Half", shapely.box(712_000, 4_713_000, 716_000, 4_721_000), crs="EPSG:32652")
    numbers = trend_numbers(fit, {"Park": PARK, "Half": half}, None, seed=1, max_draws=40)
    (row,) = yearly_rates(numbers.table)
    assert row["region"] == "all regions"
    assert len(yearly_rates(numbers.table, "realised N")) == 2


def test_trend_sentences__tell_the_rate_once_where_regions_share_it():
    row = {"estimand": "expected N", "quantity": "yearly rate", "first": "2023", "last": "2025",
           "median": -12.0, "lower": -30.0, "upper": 9.0, "unit": "% a year",
           "p_decline": 0.86}  # fmt: skip
    table = pd.DataFrame([{**row, "region": "North"}, {**row, "region": "South"}])
    assert trend_sentences(table, animals="leopards") == (
        "From 2023 to 2025 the number of leopards in each region changed by -12 % a year "
        "(-30 to +9); probability of decline 0.86.",
    )
    table.loc[1, "median"] = -11.0
    north, south = trend_sentences(table, animals="leopards")
    assert "in North changed by -12 %" in north
    assert "in South changed by -11 %" in south
    assert trend_sentences(pd.DataFrame(), animals="leopards") == ()
