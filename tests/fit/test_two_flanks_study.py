"""The recorded study of both flanks, and a part of it made again."""

import numpy as np
import pandas as pd
import pytest
import two_flanks


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


@pytest.mark.slow
def test_study__made_again_gives_the_recorded_numbers():
    seeds = range(two_flanks.SEEDS[0], two_flanks.SEEDS[0] + 3)
    again, _ = two_flanks.study(seeds)
    results, _ = recorded()
    before = results[results["survey"].isin(seeds)].reset_index(drop=True)
    pd.testing.assert_frame_equal(again, before, rtol=1e-3)
