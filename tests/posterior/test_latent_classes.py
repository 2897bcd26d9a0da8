"""Densities and centres of latent groups: those of each group, weighed by what it explains."""

from types import SimpleNamespace

import numpy as np
import pytest

import scr
from scr.errors import FitError
from scr.likelihood.centres import centre_moments, centre_probabilities, expected_centres
from scr.likelihood.problem import animal_terms, build_problem
from scr.posterior.animal_differences import animal_differences
from scr.posterior.realised import conditional_mean, expected_missed, realised_draws
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

SHARE, SECOND = 0.3, (0.9, -0.4)
BASE = np.array([1.0, -2.6, 6.3])


@pytest.fixture(scope="module")
def data():
    x, y = np.meshgrid(np.arange(5) * 700.0, np.arange(5) * 700.0)
    names = np.array([f"T{k}" for k in range(25)], dtype=object)
    traps = scr.Traps(names=names, xy=np.stack([x.ravel(), y.ravel()], axis=1), crs="local")
    mask = scr.build_mask(traps, buffer=2500, spacing=350)
    plan = plan_survey(traps, Usage(np.full((25, 4), 2.0)), detector="count")
    truth = dict(
        zip(("density.Intercept", "lambda0.Intercept", "sigma.Intercept"), BASE, strict=True)
    )
    return scr.simulate_survey(plan, mask, scr.ModelSpec(), coefficients=truth, seed=6)[0], mask


def model(data, spec, theta):
    problem = build_problem(*data, spec)
    return SimpleNamespace(problem=problem, spec=spec, survey=data[0], mask=data[1]), theta


@pytest.fixture(scope="module")
def grouped(data):
    logit = np.log(SHARE / (1 - SHARE))
    theta = np.array([BASE[0], BASE[1], SECOND[0], BASE[2], SECOND[1], logit])
    return model(data, scr.ModelSpec(lambda0="~ h2", sigma="~ h2"), theta)


@pytest.fixture(scope="module")
def apart(data):
    plain = scr.ModelSpec()
    return [model(data, plain, BASE), model(data, plain, BASE + np.array([0.0, *SECOND]))]


def test_expected_missed__is_that_of_the_groups_by_their_shares(grouped, apart):
    (first,), (second,) = (expected_missed(*each) for each in apart)
    (found,) = expected_missed(*grouped)
    np.testing.assert_allclose(found, (1 - SHARE) * first + SHARE * second, rtol=1e-8)


def test_centre_probabilities__are_those_of_the_groups_by_what_they_explain(grouped, apart):
    weight, centres = [], []
    for (fit, theta), share in zip(apart, (1 - SHARE, SHARE), strict=True):
        weight.append(share * np.exp(animal_terms(fit.problem, theta)[0]))
        centres.append(centre_probabilities(fit.problem, theta)[0])
    expected = (
        sum(w[:, None] * c for w, c in zip(weight, centres, strict=True)) / sum(weight)[:, None]
    )
    fit, theta = grouped
    (found,) = centre_probabilities(fit.problem, theta)
    np.testing.assert_allclose(found, expected, atol=1e-8)
    np.testing.assert_allclose(
        expected_centres(fit.problem, theta)[0], expected.sum(axis=0), atol=1e-7
    )
    ((mean, variance),) = centre_moments(fit.problem, theta)
    np.testing.assert_allclose(mean, expected.sum(axis=0), atol=1e-7)
    np.testing.assert_allclose(variance, (expected * (1 - expected)).sum(axis=0), atol=1e-7)


def test_realised_draws__have_the_conditional_mean_and_classes_of_the_animals(grouped):
    fit, theta = grouped
    draws = realised_draws(fit, np.repeat(theta[None], 3000, axis=0), np.random.default_rng(1))
    counts = draws.counts(0)
    (mean,) = conditional_mean(fit, theta)
    total = counts.sum(axis=1)
    assert total.mean() == pytest.approx(mean.sum(), abs=4 * total.std() / np.sqrt(3000))
    assert set(np.unique(draws.classes[0])) == {0, 1}
    assert draws.missed_second == ()


@pytest.mark.parametrize(
    ("spec", "more"),
    [
        (scr.ModelSpec(lambda0="~ h2"), {2: [0.0], 4: [0.8]}),
        (scr.ModelSpec(lambda0="~ individual", nodes=5), {2: [0.0]}),
    ],
    ids=["groups that are alike", "animals that are alike"],
)
def test_conditional_mean__of_classes_that_are_alike_is_that_without(data, spec, more):
    plain, theta = model(data, scr.ModelSpec(), BASE)
    values = list(BASE)
    for place, value in more.items():
        values[place:place] = value
    alike, other = model(data, spec, np.array(values))
    (expected,), (found,) = conditional_mean(plain, theta), conditional_mean(alike, other)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


def test_animal_differences__are_the_shares_of_what_groups_explain(data, grouped, apart):
    fit, theta = grouped
    weight = np.array(
        [
            share * np.exp(animal_terms(of.problem, at)[0])
            for (of, at), share in zip(apart, (1 - SHARE, SHARE), strict=True)
        ]
    )
    fit = SimpleNamespace(**vars(fit), point=theta, draws=theta[None])
    table = animal_differences(fit)
    np.testing.assert_allclose(table["group_2"], weight[1] / weight.sum(axis=0), atol=1e-8)
    np.testing.assert_allclose(table["group_1"] + table["group_2"], 1.0)
    captures = data[0].sessions[0].captures
    assert table["individual"].tolist() == captures.individuals.tolist()
    assert table["n_detections"].sum() == captures.count.sum()
    assert "effect" not in table


def test_animal_differences__effects_follow_those_of_the_simulated_animals(data):
    survey, mask = data
    spec = scr.ModelSpec(lambda0="~ individual", nodes=21)
    truth = {"density.Intercept": 1.0, "lambda0.Intercept": -2.0, "lambda0.individual": 0.8,
             "sigma.Intercept": 6.3}  # fmt: skip
    survey, told = scr.simulate_survey(survey, mask, spec, coefficients=truth, seed=9)
    fit, theta = model((survey, mask), spec, np.array(list(truth.values())))
    names = fit.problem.design.coefficient_names
    table = animal_differences(SimpleNamespace(**vars(fit), point=theta, coefficient_names=names))
    animals = told.animals.dropna(subset="individual").set_index("individual")
    effect = animals.loc[table["individual"], "effect"].to_numpy()
    # A posterior mean: the truth spreads about it, and not the reverse.
    assert np.corrcoef(table["effect"], effect)[0, 1] > 0.4
    slope = np.polyfit(table["effect"], effect, 1)[0]
    error = effect.std() / table["effect"].std() / np.sqrt(len(effect))
    assert slope == pytest.approx(1.0, abs=4 * error)


def test_animal_differences__refuses_animals_that_are_alike(apart):
    with pytest.raises(FitError, match="takes animals of a sex to be alike"):
        animal_differences(apart[0][0])
