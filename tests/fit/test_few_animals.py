"""Intervals after maximum likelihood hold the truth where few animals were detected."""

import pandas as pd
import pytest
from few_animals import (
    FIRST_SEED,
    HIGHEST,
    KINDS,
    LOWEST,
    N_SURVEYS,
    PAGE,
    RESULTS,
    covered,
    page,
    study,
)


@pytest.mark.slow
def test_abundance__realised_n_of_few_animals_is_held_as_often_as_it_says():
    table = covered(study())
    assert LOWEST <= table.loc["realised N, all surveys", "share"] <= HIGHEST, table.to_string()
    assert table.loc["expected N, all surveys", "share"] >= LOWEST, table.to_string()


def test_abundance__a_few_surveys_of_few_animals_are_held():
    results = study(6, first_seed=FIRST_SEED + 100_000)
    inside = (results["lower"] <= results["truth"]) & (results["truth"] <= results["upper"])
    assert inside.mean() > 0.7
    assert set(results["kind"]) == set(KINDS)
    realised = results[results["quantity"] == "realised N"]
    assert (realised["lower"] < realised["median"]).all()
    assert (realised["median"] < realised["upper"]).all()


def test_page__shows_the_recorded_study_of_300_surveys():
    results = pd.read_csv(RESULTS)
    assert results["survey"].nunique() == N_SURVEYS == 300
    assert results["survey"].min() >= FIRST_SEED
    share = covered(results).loc["realised N, all surveys", "share"]
    assert LOWEST <= share <= HIGHEST
    assert PAGE.read_text(encoding="utf-8") == page(results)
