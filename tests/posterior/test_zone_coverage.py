"""Intervals of numbers in zones hold the truth as often as they say."""

import pandas as pd
import pytest
from recovery import coverage
from scipy.stats import binom
from zone_coverage import N_SURVEYS, OUTLINES, PAGE, RESULTS, page, study


def outside(table):
    return table[(table["covered"] < table["least"]) | (table["covered"] > table["most"])]


@pytest.mark.slow
def test_abundance_draws__intervals_of_zones_hold_the_truth_as_often_as_they_say():
    table = coverage(study(N_SURVEYS))
    assert outside(table).empty, table.to_string()


def test_abundance_draws__a_few_surveys_are_within_wide_limits():
    results = study(3, first_seed=501, draws=600)
    inside = (results["lower"] <= results["truth"]) & (results["truth"] <= results["upper"])
    # Zones of one survey are alike, so that surveys are counted, not zones.
    by_survey = inside.groupby(results["survey"]).mean()
    assert (by_survey > 0.6).sum() >= binom(3, 0.9).ppf(1e-3)
    assert set(results["quantity"].str.split(", ").str[1]) == {*OUTLINES, "park - district"}
    assert (results["lower"] < results["upper"]).mean() > 0.8


def test_page__shows_the_recorded_study_of_a_hundred_surveys():
    results = pd.read_csv(RESULTS)
    assert results["survey"].nunique() == N_SURVEYS == 100
    table = coverage(results)
    assert outside(table).empty, table.to_string()
    assert PAGE.read_text(encoding="utf-8") == page(results)
