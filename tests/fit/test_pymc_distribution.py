"""Capture histories as a random variable: draws against log probability, and PyMC's own use."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest

import scr
from scr.errors import SurveyError
from scr.fit.pymc_distribution import Plan
from scr.fit.pymc_model import COMPILE_MODE
from scr.likelihood.problem import animal_terms, build_problem, value_and_gradient
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.mixed import with_detectors

N_DRAWS = 150
TRUTH = {"density.Intercept": 0.3, "lambda0.Intercept": -2.6, "sigma.Intercept": 6.4}


def own(survey, mask, **options):
    with pm.Model() as model:
        log_density = pm.Normal("log_density", 0.3, 0.2)
        scr.SpatialCapture(
            "captures",
            survey,
            mask,
            coefficients={
                "density": log_density,
                "lambda0": pm.Normal("log_lambda0", -2.6, 0.1),
                "sigma": pm.Normal("log_sigma", 6.4, 0.1),
            },
            **options,
        )
    return model


@pytest.mark.parametrize("detector", ["proximity", "multi", "count"])
@pytest.mark.parametrize("learnt", [False, True])
def test_draw__frequencies_are_those_of_the_log_probability(small, detector, learnt):
    # The mean of L(other) / L over surveys drawn at given parameters is 1 at any others.
    survey, mask = small
    (session,) = survey.sessions
    planned = plan_survey(session.traps, session.usage, detector=detector)
    survey, _ = simulate_survey(planned, mask, scr.ModelSpec(), coefficients=TRUTH, seed=6)
    spec = scr.ModelSpec(lambda0="~ bk") if learnt else scr.ModelSpec()
    theta = np.array([0.3, -2.6, 0.5, 6.4] if learnt else [0.3, -2.6, 6.4])
    other = theta + np.array([0.03, 0.03, -0.05, 0.01] if learnt else [0.03, 0.03, 0.01])
    plan = Plan(build_problem(survey, mask, spec), rows=200)
    arrays = plan.problem.design.arrays(theta)
    rng = np.random.default_rng(4)
    ratio, n = np.empty(N_DRAWS), np.empty(N_DRAWS)
    for k in range(N_DRAWS):
        value = plan.draw(rng, arrays)
        problem = plan.problem_of(value)
        n[k] = problem.design.survey.n_individuals
        ratio[k] = np.exp(
            value_and_gradient(problem, other)[0] - value_and_gradient(problem, theta)[0]
        )
    error = ratio.std() / np.sqrt(N_DRAWS)
    assert error < 0.05
    assert abs(ratio.mean() - 1.0) < 4.0 * error
    expected = animal_terms(plan.problem, theta)[1].sum()
    assert abs(n.mean() - expected) < 4.0 * np.sqrt(expected / N_DRAWS)


def test_spatial_capture__value_is_the_survey_and_reads_back(small):
    survey, mask = small
    plan = Plan(build_problem(survey, mask, scr.ModelSpec()))
    captures = survey.sessions[0].captures
    value = plan.observed.reshape(plan.shape[0], 25, 5)
    assert value.sum() == captures.count.sum()
    assert (value[captures.individual, captures.trap, captures.occasion] == captures.count).all()
    assert not value[captures.n_individuals :].any()
    shuffled = np.random.default_rng(1).permutation(plan.observed)
    theta = np.array([0.3, -2.6, 6.4])
    expected, _ = value_and_gradient(plan.problem, theta)
    assert plan.problem_of(plan.observed) is plan.problem
    assert value_and_gradient(plan.problem_of(shuffled), theta)[0] == pytest.approx(expected)


def test_spatial_capture__is_observed_and_drawn_by_pymc(small):
    survey, mask = small
    with own(survey, mask) as model:
        assert [v.name for v in model.observed_RVs] == ["captures"]
        prior = pm.sample_prior_predictive(40, random_seed=1, compile_kwargs={"mode": COMPILE_MODE})
        drawn = prior["prior_predictive"]["captures"].to_numpy()
        after = pm.sample_posterior_predictive(
            prior["prior"].to_dataset().rename({}),
            random_seed=2,
            progressbar=False,
            compile_kwargs={"mode": COMPILE_MODE},
        )
    assert drawn.shape == (1, 40, 2 * survey.n_individuals + 50, 125)
    assert after["posterior_predictive"]["captures"].shape == drawn.shape
    assert set(np.unique(drawn)) == {0, 1}
    n = (drawn[0].sum(axis=2) > 0).sum(axis=1)
    assert len(set(n)) > 5
    held = prior["observed_data"]["captures"].to_numpy()
    assert held.sum() == survey.sessions[0].captures.count.sum()


def test_spatial_capture__logp_of_another_array(small):
    survey, mask = small
    model = own(survey, mask)
    plan = Plan(build_problem(survey, mask, scr.ModelSpec()))
    one = np.zeros((3, 125), dtype=np.int32)
    one[1, 7] = 1
    theta = np.array([0.3, -2.6, 6.4])
    given = dict(zip(("log_density", "log_lambda0", "log_sigma"), theta, strict=True))
    logp = pm.logp(model["captures"], one)
    free = [model[name] for name in given]
    found = logp.eval(dict(zip(free, theta, strict=True)))
    assert found == pytest.approx(value_and_gradient(plan.problem_of(one), theta)[0], rel=1e-9)
    nobody = pm.logp(model["captures"], np.zeros((1, 125), dtype=np.int32))
    expected = animal_terms(plan.problem, theta)[1].sum()
    assert nobody.eval(dict(zip(free, theta, strict=True))) == pytest.approx(-expected, rel=1e-9)


def test_spatial_capture__refuses_arrays_that_do_not_fit(small, two_sessions, by_sex):
    survey, mask = small
    with pytest.raises(SurveyError, match=r"rows\. Give a larger rows="):
        own(survey, mask, rows=3)
    model = own(survey, mask, rows=survey.n_individuals)
    with pytest.raises(SurveyError, match="125 columns, one for each trap and occasion"):
        pm.logp(model["captures"], np.zeros((3, 4), dtype=np.int32))
    for wrong in (1.5, -1.0, np.nan):
        counts = np.zeros((3, 125))
        counts[1, 7] = wrong
        with pytest.raises(SurveyError, match=r"no counts, the first .* in row 2, column 8"):
            Plan(build_problem(survey, mask, scr.ModelSpec())).problem_of(counts)
    with pytest.raises(SurveyError, match="Give the array itself"):
        pm.logp(model["captures"], pt.imatrix())
    conditional = Plan(build_problem(survey, mask, scr.ModelSpec(number="conditional")))
    with pytest.raises(SurveyError, match="nothing of how many animals"):
        conditional.problem_of(conditional.observed[:3])
    by_sexes = Plan(build_problem(*two_sessions, by_sex))
    with pytest.raises(SurveyError, match="have a sex"):
        by_sexes.problem_of(by_sexes.observed[::-1])


def test_spatial_capture__an_animal_has_a_row_in_each_session(two_sessions):
    survey, mask = two_sessions
    plain = [
        scr.survey.survey.Session(s.name, s.traps, s.usage, without_sex(s.captures))
        for s in survey.sessions
    ]
    plan = Plan(build_problem(scr.Survey(tuple(plain)), mask, scr.ModelSpec()))
    both = np.zeros((2, plan.shape[1]), dtype=np.int32)
    both[1, [0, plan.edges[1]]] = 1
    with pytest.raises(SurveyError, match=r"Row 2 .* in two sessions"):
        plan.problem_of(both)
    apart = np.zeros((2, plan.shape[1]), dtype=np.int32)
    apart[0, 0] = apart[1, plan.edges[1]] = 1
    assert [s.captures.n_individuals for s in plan.problem_of(apart).design.survey.sessions] == [
        1,
        1,
    ]


def without_sex(captures):
    return scr.survey.captures.CaptureHistory(
        captures.individuals,
        captures.individual,
        captures.occasion,
        captures.trap,
        captures.count,
    )


def test_draw__of_latent_groups_has_frequencies_of_the_log_probability(small):
    survey, mask = small
    spec = scr.ModelSpec(lambda0="~ h2")
    plan = Plan(build_problem(survey, mask, spec), rows=200)
    names = plan.problem.design.coefficient_names
    known = {"density.Intercept": 0.3, "sigma.Intercept": 6.4, "pmix.Intercept": -0.5}
    rates = [-2.9 if name.endswith("Intercept") else 0.8 for name in names]
    theta = np.array([known.get(name, rate) for name, rate in zip(names, rates, strict=True)])
    arrays, rng = plan.problem.design.arrays(theta), np.random.default_rng(2)
    drawn = [(plan.draw(rng, arrays).sum(axis=1) > 0).sum() for _ in range(200)]
    expected = animal_terms(plan.problem, theta)[1].sum()
    assert abs(np.mean(drawn) - expected) < 4.0 * np.sqrt(expected / 200)


def test_draw__of_a_fixed_number_has_that_many_animals(small):
    survey, mask = small
    plan = Plan(build_problem(survey, mask, scr.ModelSpec(number="binomial")), rows=200)
    theta = np.array([0.3, -0.5, 6.4])
    arrays, rng = plan.problem.design.arrays(theta), np.random.default_rng(2)
    drawn = np.array([(plan.draw(rng, arrays).sum(axis=1) > 0).sum() for _ in range(300)])
    living = float(np.exp(0.3) * mask.cell_area.sum())
    expected = living * detected_share(plan, theta)
    assert abs(drawn.mean() - expected) < 4.0 * np.sqrt(expected / 300)
    assert drawn.var() < 0.9 * expected


def detected_share(plan, theta):
    poisson = build_problem(plan.problem.design.survey, plan.problem.design.mask, scr.ModelSpec())
    expected = animal_terms(poisson, theta)[1].sum()
    return expected / (np.exp(theta[0]) * poisson.design.mask.cell_area.sum())


def mean_ratio(plan, theta, other, *, n_draws=N_DRAWS):
    """Mean of L(other) / L over surveys drawn at theta, and its standard error."""
    arrays = plan.problem.design.arrays(theta)
    rng = np.random.default_rng(4)
    ratio = np.empty(n_draws)
    for k in range(n_draws):
        problem = plan.problem_of(plan.draw(rng, arrays))
        at_other, at_theta = (value_and_gradient(problem, t)[0] for t in (other, theta))
        ratio[k] = np.exp(at_other - at_theta)
    return ratio.mean(), ratio.std() / np.sqrt(n_draws)


def test_draw__of_mixed_detectors_has_frequencies_of_the_log_probability(small):
    survey, mask = small
    kinds = ["proximity", "count", "multi", "binomial_count", "count"]
    plan = Plan(build_problem(with_detectors(survey, kinds), mask, scr.ModelSpec()), rows=200)

    mean, error = mean_ratio(plan, np.array([0.3, -2.6, 6.4]), np.array([0.33, -2.57, 6.41]))

    assert error < 0.05
    assert abs(mean - 1.0) < 4.0 * error


def test_draw__of_a_fixed_number_has_frequencies_of_the_log_probability(small):
    survey, mask = small
    spec = scr.ModelSpec(number="binomial")
    plan = Plan(build_problem(survey, mask, spec), rows=200)
    density = np.log(80 / mask.area)  # a whole number of animals

    mean, error = mean_ratio(plan, np.array([density, -2.6, 6.4]), np.array([density, -2.57, 6.41]))

    assert error < 0.05
    assert abs(mean - 1.0) < 4.0 * error


def test_draw__of_chances_a_day_takes_g0_and_z_back(small):
    survey, mask = small
    spec = scr.ModelSpec(detection="compound_half_normal")
    problem = build_problem(survey, mask, spec)
    with pm.Model() as model:
        scr.SpatialCapture(
            "captures", survey, mask, spec=spec, rows=300,
            coefficients={"density": 1.0, "g0": -3.0, "sigma": 6.4, "z": 0.7},
        )  # fmt: skip
        drawn = pm.draw(model["captures"], draws=40, mode=COMPILE_MODE, random_seed=2)

    expected = animal_terms(problem, np.array([1.0, -3.0, 6.4, 0.7]))[1].sum()
    n = (drawn.sum(axis=2) > 0).sum(axis=1)
    assert abs(n.mean() - expected) < 4.0 * np.sqrt(expected / 40)
