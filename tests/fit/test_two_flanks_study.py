"""The recorded study of both flanks, and a part of it made again."""

import numpy as np
import pandas as pd
import pytest
import two_flanks
import two_flanks_sums as study_of_sums
import two_flanks_tables as tables

from scr.likelihood.matching.whole import sum_matchings, width_needed
from scr.likelihood.partners import pairs_of
from scr.likelihood.problem import build_problem


def recorded():
    return pd.read_csv(two_flanks.RESULTS), pd.read_csv(two_flanks.PAIRS)


def check(results):
    table = two_flanks.summary(results).set_index(["share", "estimator"])
    kept = table.drop(index=two_flanks.GHOSTS, level="estimator")
    assert kept["covered"].between(kept["least"], kept["most"]).all(), table.to_string()


def test_page__shows_the_recorded_study_of_a_hundred_surveys_of_each_share():
    results, pairs = recorded()

    assert len(two_flanks.SEEDS) == 100
    assert (results.groupby(["share", "estimator"]).size() == 100).all()
    assert two_flanks.PAGE.read_text(encoding="utf-8") == two_flanks.page(results, pairs)


def test_both_flanks__cover_density_and_are_narrower_than_one_flank():
    results, _ = recorded()
    check(results)
    table = two_flanks.summary(results).set_index(["share", "estimator"])
    for share in two_flanks.SHARES:
        both, left = table.loc[share, two_flanks.BOTH], table.loc[share, two_flanks.LEFT]
        assert both["width"] < left["width"]


def test_flank_pairs__are_one_animal_as_often_as_their_probability_says():
    _, pairs = recorded()
    expected, sd = (
        pairs["n"] * pairs["probability"],
        np.sqrt(pairs["n"] * pairs["probability"] * (1 - pairs["probability"])),
    )
    away = (pairs["one_animal"] - expected) / sd
    assert (away[pairs["n"] >= 20].abs() < 4).all(), pairs.assign(away=away).to_string()


def test_sums__estimates_agree_with_exact_sums_and_their_posterior():
    sums = tables.read("sums")

    assert sums["width"].value_counts().to_dict() == study_of_sums.SURVEYS_OF_WIDTH
    assert sum(study_of_sums.SURVEYS_OF_WIDTH.values()) == 20
    assert (sums["draws"] == study_of_sums.N_DRAWS).all()  # all of their sums were exact
    assert sums["bethe"].between(-1.4, 0.0).all()
    assert (sums["estimate"].abs() < 0.02).all()
    assert (sums["reweighted_away"] < 0.05).all()
    assert (sums["reweighted_away"] < sums["bethe_away"]).all()
    assert (sums["sd_ratio"] - 1).abs().max() < 0.02
    for name in ("density", "n"):
        exact, spread = sums[f"{name}_exact"], sums[f"{name}_sd_exact"]
        assert ((sums[f"{name}_reweighted"] - exact).abs() < 0.05 * spread).all()
        assert (sums[f"{name}_sd_reweighted"] / spread - 1).abs().max() < 0.02


def test_sums__made_again_give_the_recorded_log_z():
    row = tables.read("sums").iloc[0]
    survey, mask = study_of_sums.wide_survey(int(row["survey"]))
    problem = build_problem(survey, mask, study_of_sums.SPEC)
    theta = np.array([two_flanks.TRUTH[name] for name in problem.design.coefficient_names])
    log_weight = pairs_of(problem, theta)[0].log_weight

    assert width_needed(log_weight) == row["width"]
    assert sum_matchings(log_weight, 20)[0] == pytest.approx(row["log_z"], abs=1e-4)
    rough = sum_matchings(log_weight, 0)[0]
    assert rough - row["log_z"] == pytest.approx(row["bethe"], abs=2e-4)


def test_known__coverage_holds_where_sides_joined_by_other_means_are_said():
    table = tables.known_summary(tables.read("known")).set_index(["how", "model"])
    said = table.loc[[("confirmed", "said"), ("library", "said")]]

    assert said["covered"].between(said["least"], said["most"]).all(), table.to_string()
    assert (said["bias"].abs() < 3 * said["bias_se"]).all(), table.to_string()
    assert said["share"].to_numpy() == pytest.approx([0.5, 0.3], abs=0.1)
    silent = table.loc[("confirmed", "not said")]
    assert silent["bias"] < -2 * silent["bias_se"]


def test_pairs_by_draws__are_one_animal_as_often_as_their_probability_says():
    drawn = tables.read_drawn()
    assert set(drawn["share"]) == set(two_flanks.SHARES)
    of_most = drawn[drawn["probability"] < 0.6]  # all but 46 of some 55,000
    for table in (of_most, tables.read("pairs_true")):
        value, cells, p = tables.misfit(table)
        assert p > 1e-2, (value, cells)


def test_pairs_by_draws__above_0_6_are_told_too_high_and_the_page_says_so():
    drawn = tables.read_drawn()
    high = drawn[drawn["probability"] > 0.6]
    expected = (high["n"] * high["probability"]).sum()

    assert high["one_animal"].sum() < 0.8 * expected
    assert (
        f"Above 0.6 there are then {high['n'].sum()} pairs, of which {expected:.0f} were "
        f"expected to be one animal and {high['one_animal'].sum()} were"
    ) in two_flanks.PAGE.read_text(encoding="utf-8")


def test_cameras__information_lies_between_its_bounds():
    found = tables.read("cameras")
    assert (found["matched"] < found["rse"]).all()
    assert (found["rse"] < found["one_flank"]).all()


@pytest.mark.slow
def test_study__made_again_gives_the_recorded_numbers():
    seeds = range(two_flanks.SEEDS[0], two_flanks.SEEDS[0] + 3)
    again, _ = two_flanks.study(seeds)
    results, _ = recorded()
    before = results[results["survey"].isin(seeds)].reset_index(drop=True)
    pd.testing.assert_frame_equal(again, before, rtol=1e-3)
