"""One simulated and fitted survey."""

import numpy as np
import pytest
import shapely

from scr.errors import LayoutError
from scr.fit.mle import fit_mle
from scr.habitat.region import Region
from scr.model.priors import Normal
from scr.model.spec import ModelSpec
from scr.simulate.surveys import simulate_survey
from trap_layouts.exposure import planned_survey
from trap_layouts.monitoring import Monitoring
from trap_layouts.power import Scenario, simulate_and_fit
from trap_layouts.trend_information import power_over_years


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


@pytest.mark.parametrize(
    ("detector", "spec", "more"),
    [
        ("multi", ModelSpec(), {}),
        ("proximity", ModelSpec(lambda0="~ b"), {"lambda0.b": 0.5}),
        ("proximity", ModelSpec(number="binomial"), {}),
        ("proximity", ModelSpec(number="conditional"), {}),
        ("polygon", ModelSpec(), {"lambda0": 1.0}),
    ],
)
def test_simulate_and_fit__any_survey_that_can_be_fitted(
    small_layout, four_areas, plan, detector, spec, more
):
    layout = four_areas if detector == "polygon" else small_layout
    assumptions = plan(detector=detector, spec=spec, parameters={"density": 40.0} | more)
    row = simulate_and_fit(Scenario("one", layout, assumptions), 0, seed=4, engine="mle")
    assert row["problem"] == ""
    assert row["true_n"] == pytest.approx(0.4 * 32**2)
    assert row["lower"] < row["n"] < row["upper"]
    assert abs(np.log(row["n"] / row["true_n"])) < 4 * row["log_se"]


def test_simulate_and_fit__given_the_number_detected_density_is_that_of_a_poisson_number(
    small_layout, plan
):
    poisson, derived = (
        simulate_and_fit(
            Scenario("one", small_layout, plan(spec=spec, parameters={"density": 40.0})),
            0,
            seed=4,
            engine="mle",
        )
        for spec in (ModelSpec(), ModelSpec(number="conditional"))
    )
    assert derived["n"] == pytest.approx(poisson["n"], rel=1e-3)
    assert derived["log_se"] == pytest.approx(poisson["log_se"], rel=0.02)


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


def test_simulate_and_fit__years_that_are_fitted_together_tell_the_change(small_layout, plan):
    years = Monitoring((2026, 2027, 2029), -0.5)
    scenario = Scenario("nine", small_layout, plan(parameters={"density": 40.0}), monitoring=years)
    row = simulate_and_fit(scenario, 0, seed=4, engine="mle")
    told = power_over_years([small_layout], scenario.assumptions, years)
    assert row["problem"] == ""
    assert row["true_change"] == -0.5
    assert row["true_n"] == pytest.approx(0.4 * 32**2)
    assert abs(np.log(row["n"] / row["true_n"])) < 4 * row["log_se"]
    assert abs(np.log((1 + row["change"]) / 0.5)) < 4 * row["change_log_se"]
    assert row["change_lower"] < row["change"] < row["change_upper"]
    assert row["change_log_se"] == pytest.approx(told.se, rel=0.2)


def test_scenario__over_years_density_must_be_estimated(small_layout, plan):
    spec = ModelSpec(number="conditional")
    with pytest.raises(LayoutError, match="Power over years is not worked out"):
        Scenario("nine", small_layout, plan(spec=spec), monitoring=Monitoring((1, 2), -0.5))
