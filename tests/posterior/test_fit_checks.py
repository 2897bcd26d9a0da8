"""Checks of a fit: statistics by hand, uniform p-values, and models that can be checked."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fit_checks import (
    KINDS,
    PAGE,
    RESULTS,
    RIGHT,
    SPEC,
    page,
    planned,
    power,
    study,
    uniformity,
)

import scr
from scr.posterior.check_statistics import STATISTICS, fletcher, steps_of
from scr.posterior.fit_checks import FitChecks, adjusted, check_fit
from scr.simulate.surveys import plan_survey
from scr.survey.captures import CaptureHistory
from scr.survey.usage import Usage

DAYS = 6


def stations(n=4, *, covariates=None, gap=1000.0):
    axis = np.arange(n) * gap
    x, y = np.meshgrid(axis, axis)
    return scr.Traps(
        names=[f"T{k}" for k in range(n * n)],
        xy=np.stack([x.ravel(), y.ravel()], axis=1),
        crs="local",
        **({} if covariates is None else {"covariates": covariates}),
    )


BASE = {"density.Intercept": 1.0, "lambda0.Intercept": -1.5, "sigma.Intercept": 6.5}


def simulated(spec, more=None, *, detector="proximity", days=DAYS, effort=1.0, seed=4):
    traps = stations()
    plan = plan_survey(traps, Usage(np.full((16, days), effort)), detector=detector)
    mask = scr.build_mask(traps, buffer=2500, spacing=500)
    truth = {**BASE, **(more or {})}
    if spec.intensity_name == "g0":
        truth["g0.Intercept"] = truth.pop("lambda0.Intercept")
    survey, _ = scr.simulate_survey(plan, mask, spec, coefficients=truth, seed=seed)
    return survey, mask


def fitted(survey, mask, spec, *, engine=scr.fit_laplace, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", scr.ScrWarning)
        return engine(survey, mask, spec, seed=1, check_mask=False, **more)


MODELS = {
    "g0": (scr.ModelSpec(detection="half_normal"), {}, "proximity"),
    "counts": (scr.ModelSpec(), {}, "count"),
    "binomial counts": (scr.ModelSpec(), {}, "binomial_count"),
    "multi-catch": (scr.ModelSpec(), {}, "multi"),
    "learned": (scr.ModelSpec(lambda0="~ bk"), {"lambda0.bk": 0.5}, "proximity"),
    "learned, multi-catch": (scr.ModelSpec(lambda0="~ b"), {"lambda0.b": 0.5}, "multi"),
    "occasions": (scr.ModelSpec(lambda0="~ T"), {"lambda0.T": 0.1}, "proximity"),
    "animals": (
        scr.ModelSpec(lambda0="~ individual", nodes=5),
        {"lambda0.individual": 0.5},
        "proximity",
    ),
    "sexes": (
        scr.ModelSpec(lambda0="~ sex"),
        {"lambda0.sex[T.M]": 0.5, "share.Intercept": 0.0},
        "proximity",
    ),
    "fixed number": (scr.ModelSpec(number="binomial"), {}, "proximity"),
}


@pytest.mark.parametrize("name", MODELS)
def test_check_fit__every_statistic_is_told_of_every_model(name):
    spec, more, detector = MODELS[name]
    survey, mask = simulated(spec, more, detector=detector)
    found = check_fit(fitted(survey, mask, spec, draws=200), draws=40, seed=2)
    assert found.refused == {}
    assert list(found.table["check"]) == [statistic.name for statistic in STATISTICS]
    assert found.table["p_value"].between(0, 1).all()
    assert found.table["p_value"].min() > 1e-4
    assert found.c_hat >= 1.0


def test_check_fit__conditional_numbers_and_unknown_sexes():
    spec = scr.ModelSpec(lambda0="~ sex", number="conditional")
    survey, mask = simulated(
        scr.ModelSpec(lambda0="~ sex"), {"lambda0.sex[T.M]": 0.5, "share.Intercept": 0.0}
    )
    session = survey.sessions[0]
    sex = session.captures.covariates.assign(sex=[None, *session.captures.covariates["sex"][1:]])
    captures = replace(session.captures, covariates=sex)
    survey = replace(survey, sessions=(replace(session, captures=captures),))
    assert check_fit(fitted(survey, mask, spec, draws=200), draws=40).refused == {}


def test_check_fit__same_seed_same_answer_and_maximum_likelihood_too():
    survey, mask = simulated(scr.ModelSpec())
    fit = fitted(survey, mask, scr.ModelSpec(), engine=scr.fit_mle)
    first, again = (check_fit(fit, draws=32, seed=3).table for _ in range(2))
    pd.testing.assert_frame_equal(first, again)


def test_check_fit__one_occasion_has_no_before_and_after():
    spec = scr.ModelSpec()
    survey, mask = simulated(spec, detector="count", days=1, effort=6.0)
    found = check_fit(fitted(survey, mask, spec, draws=200), draws=40)
    assert set(found.refused) == {
        "learned response",
        "learned response at the trap",
        "closure",
        "first half",
    }
    assert "one occasion" in found.refused["closure"]
    with pytest.raises(scr.ScrError, match="one occasion"):
        found.of("closure")


def test_check_fit__refuses_in_words_what_no_replicate_can_be_made_of():
    survey, mask = simulated(scr.ModelSpec())
    fit = fitted(survey, mask, scr.ModelSpec(), draws=200)
    with pytest.raises(scr.ScrError, match="draws=5 are too few for 3 coefficients"):
        check_fit(fit, draws=5)
    session = survey.sessions[0]
    gone = np.zeros(session.captures.n_individuals, dtype=bool)
    gone[0] = True
    removed = replace(session, captures=replace(session.captures, removed=gone))
    fit = fitted(replace(survey, sessions=(removed,)), mask, scr.ModelSpec(), draws=200)
    with pytest.raises(scr.ScrError, match="1 animals were removed"):
        check_fit(fit)
    spec = scr.ModelSpec(lambda0="~ K")
    with pytest.raises(scr.ScrError, match="captures of other animals"):
        check_fit(fitted(survey, mask, spec, draws=200))


def test_adjusted__takes_off_what_an_estimated_mean_explains():
    # y_i ~ N(theta, 1), 10 of them, T the mean of the first five: T - b S has b = 1 / 10, so that
    # of the data half the difference of the two halves is left, whatever theta.
    rng = np.random.default_rng(1)
    data = rng.normal(3.0, 1.0, 10)
    thetas = rng.normal(data.mean(), 10**-0.5, 4000)
    replicates = rng.normal(thetas[:, None], 1.0, (4000, 10))
    scores = [(data - thetas[:, None]).sum(axis=1), (replicates - thetas[:, None]).sum(axis=1)]
    values = (np.full(4000, data[:5].mean()), replicates[:, :5].mean(axis=1))
    own, other = adjusted(values, (scores[0][:, None], scores[1][:, None]), thetas[:, None])
    half = (data[:5].mean() - data[5:].mean()) / 2
    assert own == pytest.approx(half, abs=0.03)
    assert other.std() == pytest.approx((2 / 5) ** 0.5 / 2, rel=0.05)


def test_fletcher__of_poisson_counts_is_one_and_of_doubled_ones_two():
    rng = np.random.default_rng(2)
    mean = rng.uniform(0.2, 3.0, 20_000)
    assert fletcher(rng.poisson(mean).astype(float), mean) == pytest.approx(1.0, abs=0.03)
    assert fletcher(2.0 * rng.poisson(mean / 2), mean) == pytest.approx(2.0, abs=0.08)


def test_statistics__of_a_survey_counted_by_hand():
    survey, mask = simulated(scr.ModelSpec())
    session = survey.sessions[0]
    # Of three animals: one once; one at T0, T1 and T0 again; one twice at T5, early and late.
    individual, occasion, trap = [0, 1, 1, 1, 2, 2], [0, 0, 2, 5, 0, 5], [3, 0, 1, 0, 5, 5]
    captures = CaptureHistory(
        individuals=["a", "b", "c"],
        individual=individual,
        occasion=occasion,
        trap=trap,
        count=np.ones(6, dtype=int),
    )
    changed = replace(session, captures=captures)
    assert [steps.tolist() for steps in steps_of(changed)] == [[1000.0, 1000.0], [0.0]]
    fit = fitted(replace(survey, sessions=(changed,)), mask, scr.ModelSpec(), draws=200)
    table = check_fit(fit, draws=40).table.set_index("check")["observed"]
    assert table["singletons"] == 1
    assert table["distance moved"] == pytest.approx(2000 / 3)
    assert table["longest distance moved"] == pytest.approx(500.0)
    assert table["closure"] == 2
    assert table["first half"] == pytest.approx(4 / 6)


def test_widened__stretches_limits_of_expected_numbers_alone():
    checks = FitChecks((), {}, 100, 4.0)
    table = pd.DataFrame(
        {
            "estimand": ["expected N", "realised N"],
            "median": [10.0, 10.0],
            "lower": [5.0, 8.0],
            "upper": [20.0, 13.0],
        }
    )
    wider = checks.widened(table)
    assert wider["lower"].tolist() == pytest.approx([2.5, 8.0])  # twice as far on the log scale
    assert wider["upper"].tolist() == pytest.approx([40.0, 13.0])
    with pytest.raises(scr.ScrError, match="one occasion"):
        FitChecks((), {"overdispersion": "one occasion"}, 9, float("nan")).widened(table)


def test_check_fit__sees_detection_that_differs_by_trap_and_leaves_the_true_model_alone():
    p_values = {}
    for kind in (RIGHT, "traps differ"):
        survey, mask = KINDS[kind][1](5), planned(5)[1]
        fit = fitted(survey, mask, SPEC, draws=200)
        p_values[kind] = check_fit(fit, draws=50).table.set_index("check")["p_value"]
    assert p_values["traps differ"]["traps"] < 0.02
    assert p_values[RIGHT].min() > 0.01


SEES = {
    "traps differ": "traps",
    "learned response": "learned response at the trap",
    "wrong detection function": "shape of detection",
    "animals differ": "animals",
    "turnover": "closure",
}
"""The check that is there for each thing that can be wrong."""


def test_page__shows_the_recorded_study():
    results = pd.read_csv(RESULTS)
    found = power(results)
    for kind, check in SEES.items():
        assert found.loc[check, kind] >= 0.6, (kind, check)
    whole = uniformity(results)
    assert (whole["ks"] > 0.01 / len(whole)).all()
    assert whole["small"].mean() < 0.1
    # What is allowed for is not small: the ordinary p-value of the shape keeps near a half.
    assert whole.loc["shape of detection", "plain_sd"] < 0.2
    assert PAGE.read_text(encoding="utf-8") == page(results)


@pytest.mark.slow
def test_check_fit__p_values_are_uniform_under_the_true_model_and_small_under_three_violations():
    true = uniformity(study(200, first_seed=27_001, kinds=(RIGHT,)))
    assert (true["ks"] > 0.01 / len(true)).all(), true.to_string()
    wrong = power(study(25, first_seed=27_001, kinds=tuple(SEES)[:3]))
    for kind in tuple(SEES)[:3]:
        assert wrong.loc[SEES[kind], kind] > 0.6, wrong.to_string()
