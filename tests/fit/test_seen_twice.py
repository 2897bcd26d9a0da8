"""Identity risk: animals seen at least twice, ghosts, and pairs that may be one animal."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from identity_risk import (
    N_SURVEYS,
    PAGE,
    RESULTS,
    SPEC,
    page,
    planned,
    simulated,
    study,
    summary,
    with_ghosts,
)

import scr
from scr.fit.merging import _merged, mergings
from scr.fit.seen_twice import seen_once, seen_twice
from scr.likelihood.problem import value_and_gradient


def fitted(survey, mask, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", scr.ScrWarning)
        return scr.fit_mle(survey, mask, SPEC, check_mask=False, **more)


@pytest.fixture(scope="module")
def fit():
    plan, mask = planned()
    return fitted(simulated(plan, mask, 3), mask)


def test_seen_twice__counts_and_agrees_where_every_animal_is_one(fit):
    found = seen_twice(fit)
    captures = fit.survey.sessions[0].captures
    each = np.bincount(captures.individual)
    assert (found.n_animals, found.n_once) == (len(each), int((each == 1).sum()))
    assert found.share_once == found.n_once / len(each)
    assert abs(found.z) < 3
    low, high = found.density_twice[1:]
    assert low < found.density[0] < high
    sigma = np.exp(fit.point[2])
    assert found.sigma[0] == pytest.approx(sigma)


def test_seen_twice__ghosts_move_the_ordinary_estimate_alone(fit):
    ghosts = with_ghosts(fit.survey, 0.08, seed=1)
    other = seen_twice(fitted(ghosts, fit.mask))
    whole = seen_twice(fit)
    assert other.density[0] > 1.15 * whole.density[0]
    assert other.density_twice[0] == pytest.approx(whole.density_twice[0], rel=0.08)
    assert other.z > whole.z + 1


def test_seen_twice__refuses_conditional_models_and_few_animals(fit):
    spec = scr.ModelSpec(number="conditional")
    conditional = scr.fit_mle(fit.survey, fit.mask, spec, check_mask=False)
    with pytest.raises(scr.ScrError, match="Use number='poisson'"):
        seen_twice(conditional)
    once = seen_once(fit.survey)[0]
    kept = once.copy()
    kept[np.flatnonzero(~once)[:4]] = True
    few = scr.fit.without.with_animals(fit.survey, (kept,))
    with pytest.raises(scr.ScrError, match="4 animals were detected at least twice, and 5"):
        seen_twice(replace(fit, survey=few))


def test_mergings__each_is_a_refit_of_the_survey_with_one_animal_less(fit):
    found = mergings(fit)
    assert len(found) in {3, 4}
    assert [one.log_ratio for one in found[:3]] == sorted(
        (one.log_ratio for one in found[:3]), reverse=True
    )
    first = found[0]
    session = fit.survey.sessions[0]
    names = session.captures.individuals.tolist()
    a, b = (names.index(name) for name in first.individuals)
    merged = _merged(session, [(a, b)])
    assert merged.captures.n_individuals == session.captures.n_individuals - 1
    survey = replace(fit.survey, sessions=(merged,))
    again = fitted(survey, fit.mask)
    ratio = np.exp(again.point[0] - fit.point[0])
    assert first.density_ratio == pytest.approx(ratio, rel=1e-4)
    # As one animal or as two, with the density of either: the likelihoods of both surveys.
    one = value_and_gradient(again.problem, fit.point)[0]
    two = value_and_gradient(fit.problem, fit.point)[0]
    n = session.captures.n_individuals
    assert first.log_ratio == pytest.approx(one - two - np.log(n), rel=1e-6)
    assert first.density_ratio < 1


def test_mergings__no_pair_of_two_sexes():
    plan, mask = planned()
    survey = simulated(plan, mask, 3)
    session = survey.sessions[0]
    n = session.captures.n_individuals
    free = mergings(fitted(survey, mask))
    pair = free[0].individuals
    sexes = ["F" if name == pair[0] else "M" for name in session.captures.individuals]
    captures = replace(session.captures, covariates=pd.DataFrame({"sex": sexes}))
    sexed = replace(survey, sessions=(replace(session, captures=captures),))
    assert len(sexes) == n
    assert all(pair[0] not in one.individuals for one in mergings(fitted(sexed, mask)))


def test_page__shows_the_recorded_study_of_60_surveys():
    results = pd.read_csv(RESULTS)
    assert results["survey"].nunique() == N_SURVEYS == 60
    table = summary(results)
    for ghosts in ("none", "5 %"):
        row = table.loc[[(ghosts, "seen at least twice")]].iloc[0]
        assert abs(row["bias"]) < 2.5 * row["error"]
    ordinary = table.loc[[("5 %", "all animals")]].iloc[0]
    assert ordinary["bias"] > 5 * ordinary["error"]
    assert PAGE.read_text(encoding="utf-8") == page(results)


@pytest.mark.slow
def test_seen_twice__recovers_density_with_ghosts_where_all_animals_do_not():
    table = summary(study(30, first_seed=18_001))
    assert abs(table.loc[[("5 %", "seen at least twice")]].iloc[0]["bias"]) < 0.12
    assert table.loc[[("5 %", "all animals")]].iloc[0]["bias"] > 0.12
