"""One simulated and fitted survey."""

import numpy as np
import pytest
import shapely

from scr.errors import LayoutError
from scr.fit.mle import fit_mle
from scr.habitat.region import Region
from scr.model.priors import Normal
from scr.simulate.surveys import simulate_survey
from trap_layouts.exposure import planned_survey
from trap_layouts.power import Scenario, simulate_and_fit


def test_simulate_and_fit__without_covariates_n_is_density_times_area(small_layout, plan):
    assumptions = plan(parameters={"density": 8.0})
    park = Region("park", shapely.box(-5000, -5000, 5000, 5000), crs="local")
    scenario = Scenario("nine", small_layout, assumptions, park)
    row = simulate_and_fit(scenario, 0, seed=4, engine="mle")

    survey, _ = simulate_survey(
        planned_survey(small_layout, assumptions, detector="proximity"),
        assumptions.mask,
        assumptions.spec,
        coefficients={name: float(v[0]) for name, v in assumptions.coefficients.items()},
        seed=4,
    )
    fit = fit_mle(survey, assumptions.mask, assumptions.spec, check_mask=False)
    density = fit.coefficients.loc["density.Intercept"]
    assert scenario.true_n == pytest.approx(8.0)
    assert row["fitted"]
    assert row["n"] == pytest.approx(100 * np.exp(density.estimate), rel=1e-3)
    assert row["log_se"] == pytest.approx(density.se, rel=1e-2)
    assert row["lower"] == pytest.approx(100 * np.exp(density.lower), rel=1e-2)
    assert row["animals"] == survey.n_individuals


def test_simulate_and_fit__laplace_gives_an_interval_from_its_draws(small_layout, plan):
    scenario = Scenario("nine", small_layout, plan(parameters={"density": 8.0}))
    row = simulate_and_fit(scenario, 0, seed=4, engine="laplace")
    assert row["lower"] < row["n"] < row["upper"]
    assert row["log_se"] == pytest.approx(np.log(row["upper"] / row["lower"]) / 3.92, rel=0.2)


def test_simulate_and_fit__nuts_agrees_with_laplace(small_layout, plan, capsys):
    scenario = Scenario("nine", small_layout, plan(parameters={"density": 8.0}))
    nuts = simulate_and_fit(scenario, 0, seed=4, engine="nuts")
    laplace = simulate_and_fit(scenario, 0, seed=4, engine="laplace")
    assert nuts["problem"] == ""
    assert nuts["animals"] == laplace["animals"]
    assert nuts["n"] == pytest.approx(laplace["n"], rel=0.05)
    assert nuts["log_se"] == pytest.approx(laplace["log_se"], rel=0.1)
    assert capsys.readouterr().err == ""


def test_simulate_and_fit__a_survey_without_animals_is_a_failure_that_says_why(small_layout, plan):
    scenario = Scenario("nine", small_layout, plan(parameters={"density": 1e-6}))
    row = simulate_and_fit(scenario, 0, seed=4, engine="mle")
    assert not row["fitted"]
    assert "no detections" in row["problem"]
    assert np.isnan(row["n"])


def test_simulate_and_fit__unknown_engine_lists_the_known(small_layout, plan):
    scenario = Scenario("nine", small_layout, plan())
    row = simulate_and_fit(scenario, 0, seed=4, engine="magic")
    assert "Use one of 'mle', 'laplace', 'nuts'" in row["problem"]


def test_scenario__needs_single_values_and_a_detector_that_is_simulated(small_layout, plan):
    with pytest.raises(LayoutError, match="single values"):
        Scenario("a", small_layout, plan(parameters={"sigma": Normal(8.0, 0.1)}))
    with pytest.raises(LayoutError, match="detector 'proximity' or 'count'"):
        Scenario("a", small_layout, plan(detector="multi"))
