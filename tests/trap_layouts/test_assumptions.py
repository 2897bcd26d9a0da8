"""Assumptions: parameters by any name, as values, priors or draws."""

import numpy as np
import pytest

from scr.errors import LayoutError
from scr.fit.mle import fit_mle
from scr.model.priors import Normal
from scr.model.spec import ModelSpec
from scr.simulate.surveys import simulate_survey
from trap_layouts.assumptions import Equipment, assume
from trap_layouts.exposure import planned_design, planned_survey


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("sigma", -3.0, "sigma = -3 metres is out of range: it must be above 0"),
        ("lambda0", 0.0, "lambda0 = 0 per day is out of range"),
        ("g0", 1.0, "g0 = 1 is out of range: it must be above 0 and below 1"),
        ("density", np.inf, "density = inf animals per 100 km2 is out of range"),
        ("sigma.sex[T.M]", np.nan, "not a finite number"),
        ("speed", 3.0, "'speed' is no parameter"),
    ],
)
def test_assume__parameter_out_of_range_is_named(name, value, words, small_mask):
    with pytest.raises(LayoutError) as caught:
        assume(small_mask, ModelSpec(), {name: value})
    assert words in str(caught.value)


def test_assume__values_on_their_own_scale_become_intercepts(small_layout, plan):
    design = planned_design(small_layout, plan())
    theta = plan().thetas(design)[0]
    arrays = design.arrays(theta)
    assert np.exp(arrays.log_density[0][0, 0]) == pytest.approx(0.02)
    assert arrays.intensity.tolist() == pytest.approx([0.05])
    assert arrays.sigma.tolist() == pytest.approx([3000.0])


def test_thetas__parameters_that_do_not_fit_the_model_are_named(small_layout, plan):
    assumptions = plan(parameters={"z": 3.0})
    design = planned_design(small_layout, assumptions)
    with pytest.raises(LayoutError, match=r"missing none; unknown z\.Intercept"):
        assumptions.thetas(design)


def test_assume__priors_give_draws_and_values_stay(small_mask):
    parameters = {"density": 1.0, "lambda0": Normal(-4.0, 0.2), "sigma": Normal(8.0, 0.1)}
    found = assume(small_mask, ModelSpec(), parameters, n_draws=2000, seed=3)
    assert found.n_draws == 2000
    assert np.ptp(found.coefficients["density.Intercept"]) == 0
    assert found.coefficients["sigma.Intercept"].mean() == pytest.approx(8.0, abs=0.01)
    assert found.coefficients["sigma.Intercept"].std() == pytest.approx(0.1, abs=0.01)
    assert found.of_draw(7).n_draws == 1


def test_assume__last_years_fit_gives_its_draws(small_layout, plan):
    before = plan(parameters={"density": 8.0})
    survey, _ = simulate_survey(
        planned_survey(small_layout, before, detector="proximity"),
        before.mask,
        before.spec,
        coefficients={name: float(v[0]) for name, v in before.coefficients.items()},
        seed=4,
    )
    fit = fit_mle(survey, before.mask, before.spec, check_mask=False)
    found = assume(fit.mask, fit.spec, fit, n_occasions=10, n_draws=400)
    assert found.n_draws == 400
    for name, values in found.coefficients.items():
        # Draws of a fit by maximum likelihood follow the likelihood, which need not be normal.
        own = fit.draws[:, fit.coefficient_names.index(name)]
        assert values.mean() == pytest.approx(own.mean(), abs=4 * own.std() / 20)
        assert values.std() == pytest.approx(own.std(), rel=0.2)


def test_assume__unknown_detector_lists_the_known(small_mask):
    with pytest.raises(LayoutError, match="Use one of 'proximity', 'count', 'multi'"):
        assume(small_mask, ModelSpec(), {"density": 1.0}, detector="single")


def test_assume__responses_to_being_found_in_a_search_are_refused_in_words(small_mask):
    with pytest.raises(LayoutError, match="detector='polygon' is a search"):
        assume(small_mask, ModelSpec(lambda0="~ b"), {"density": 1.0}, detector="polygon")


def test_thetas__a_number_left_out_of_the_likelihood_still_needs_density(small_layout, plan):
    assumptions = plan(spec=ModelSpec(number="conditional"))
    names = planned_design(small_layout, assumptions).coefficient_names
    assert names == ("density.Intercept", "lambda0.Intercept", "sigma.Intercept")
    assert assumptions.thetas(planned_design(small_layout, assumptions)).shape == (1, 3)


def test_assume__no_occasion_is_refused(small_mask):
    with pytest.raises(LayoutError, match="at least one occasion"):
        assume(small_mask, ModelSpec(), {"density": 1.0}, n_occasions=0)


def test_assume__same_parameter_twice_is_refused(small_mask):
    with pytest.raises(LayoutError, match="given twice"):
        assume(small_mask, ModelSpec(), {"sigma": 3000.0, "sigma.Intercept": 8.0})


def test_equipment__two_cameras_fail_together_only():
    # Simulated nights: each camera fails with 0.2; one working camera identifies 0.6 of passes.
    rng = np.random.default_rng(1)
    works = rng.random((200_000, 2)) > 0.2
    identified = np.where(works.sum(axis=1) == 2, 1.0, np.where(works.sum(axis=1) == 1, 0.6, 0.0))
    one, two = Equipment(failure=0.2, one_flank=0.6).effort(np.array([1, 2]))
    assert two == pytest.approx(identified.mean(), abs=0.005)
    assert one == pytest.approx(0.8 * 0.6)


def test_equipment__shares_out_of_range_are_refused():
    with pytest.raises(LayoutError, match="camera nights lost"):
        Equipment(failure=1.0)


@pytest.mark.parametrize("fitted", ["multi", "single"])
def test_assume__a_fit_of_traps_that_hold_animals_is_not_of_cameras(small_layout, plan, fitted):
    before = plan(parameters={"density": 8.0})
    survey, _ = simulate_survey(
        planned_survey(small_layout, before, detector=fitted),
        before.mask,
        before.spec,
        coefficients={name: float(v[0]) for name, v in before.coefficients.items()},
        seed=4,
    )
    fit = fit_mle(survey, before.mask, before.spec, check_mask=False)
    with pytest.raises(LayoutError, match=f"of detector='{fitted}'.*Give detector='multi'"):
        assume(fit.mask, fit.spec, fit, n_occasions=10)
    assert assume(fit.mask, fit.spec, fit, detector="multi", n_occasions=10).detector == "multi"
