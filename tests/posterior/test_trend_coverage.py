"""The yearly rate of three surveys holds the truth as often as it says."""

import pandas as pd
import pytest
from trend_coverage import FIRST_SEED, N_SURVEYS, PAGE, RATES, RESULTS, page, study, summary


def assert_held(results):
    table = summary(results)
    assert (table["covered"] >= table["least"]).all(), table.to_string()
    told = table.loc["expected N"]
    for rate in RATES[1:]:
        shown = told.loc[rate, "shown"] / told.loc[rate, "surveys"]
        assert told.loc[rate, "power"] == pytest.approx(shown, abs=0.15), table.to_string()


@pytest.mark.slow
def test_trend__the_yearly_rate_is_held_and_the_power_told_is_found():
    assert_held(study(n_workers=2))


def test_trend__a_few_surveys_are_held():
    results = study(1, first_seed=FIRST_SEED + 100_000)
    inside = (results["lower"] <= results["truth"]) & (results["truth"] <= results["upper"])
    assert inside.mean() >= 0.6
    assert set(results["rate"]) == set(RATES)


def test_page__shows_the_recorded_study():
    results = pd.read_csv(RESULTS)
    assert results["survey"].nunique() == N_SURVEYS * len(RATES) == 400
    assert results["survey"].min() == FIRST_SEED
    assert_held(results)
    assert PAGE.read_text(encoding="utf-8") == page(results)
