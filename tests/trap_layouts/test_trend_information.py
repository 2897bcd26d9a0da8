"""Power over years: expected information of all years against fits of many animals, and limits."""

from dataclasses import replace

import numpy as np
import pytest

from scr.errors import LayoutError
from scr.fit.mle import fit_mle
from scr.model.spec import ModelSpec
from scr.posterior.log_linear import power_of_trend
from scr.simulate.surveys import simulate_survey
from trap_layouts.assumptions import assume
from trap_layouts.information import expected_information
from trap_layouts.layout import make_layout
from trap_layouts.monitoring import Monitoring, over_years, yearly_survey
from trap_layouts.trend_information import power_over_years

BOOST = 100.0
YEARS = Monitoring((2026, 2027, 2029), -0.4)


def fitted_error(layouts, assumptions, monitoring):
    """Standard error of the log change by a fit of many times the animals, brought back."""
    mask = assumptions.mask
    many = replace(mask, cell_area=mask.cell_area * BOOST)
    every = over_years(assumptions, monitoring)
    coefficients = {name: float(v[0]) for name, v in every.coefficients.items()}
    survey, _ = simulate_survey(
        yearly_survey(layouts, assumptions, monitoring),
        many,
        every.spec,
        coefficients=coefficients,
        seed=3,
        centres="cell_centre",
    )
    fit = fit_mle(survey, many, every.spec, starting=coefficients, check_mask=False)
    weight = np.exp(monitoring.log_rate * monitoring.since_first)
    each = [expected_information(layout, assumptions, n_animals=100) for layout in layouts]
    expected = sum(w * each[i % len(each)].expected for i, w in enumerate(weight))
    span = monitoring.since_first[-1]
    se = fit.coefficients.loc["density.year", "se"] * span
    return se * np.sqrt(survey.n_individuals / expected)


@pytest.fixture
def elsewhere(small_layout):
    return make_layout("elsewhere", small_layout.xy[:7] + np.array([1500.0, -800.0]), crs="local")


def test_power_over_years__is_that_of_a_fit_of_all_years_at_once(small_layout, plan):
    told = power_over_years([small_layout], plan(), YEARS, n_animals=8000)
    assert told.se == pytest.approx(fitted_error([small_layout], plan(), YEARS), rel=0.04)


def test_power_over_years__other_stations_each_year_and_a_covariate(
    small_layout, elsewhere, plan, small_mask
):
    east = small_mask.covariates.assign(east=500 + small_mask.xy[:, 0] / 1000)
    assumptions = plan(
        mask=replace(small_mask, covariates=east),
        spec=ModelSpec(density="~ east"),
        parameters={"density": 0.002, "density.east": 0.015},
    )
    layouts = [small_layout, elsewhere]
    told = power_over_years(layouts, assumptions, YEARS, n_animals=8000)
    assert told.se == pytest.approx(fitted_error(layouts, assumptions, YEARS), rel=0.04)


def test_power_over_years__shared_detection_leaves_only_the_chance_of_numbers(small_layout, plan):
    # Numbers alone: independent Poisson counts with log-linear means have exactly this variance.
    told = power_over_years([small_layout], plan(), YEARS)
    caught = expected_information(small_layout, plan()).expected
    w, t = np.exp(YEARS.log_rate * YEARS.since_first), YEARS.since_first / 3
    variance = 1 / (caught * w @ (t - np.average(t, weights=w)) ** 2)
    assert told.se == pytest.approx(np.sqrt(variance), rel=1e-6)
    alone = power_of_trend(
        YEARS.yearly, YEARS.since_first, rse=expected_information(small_layout, plan()).rse
    )
    assert told.power > alone


def test_power_over_years__interval_and_power_follow_from_the_error(small_layout, plan):
    told = power_over_years([small_layout], plan(), YEARS)
    assert (1 + told.lower) * (1 + told.upper) == pytest.approx(0.6**2)
    draws = np.random.default_rng(1).normal(np.log(0.6), told.se, 400_000)
    assert told.power == pytest.approx(np.mean(np.abs(draws) > 1.959964 * told.se), abs=0.003)
    assert "(-15.7 % a year)" in told.in_words()


def test_power_over_years__monte_carlo_error_is_the_spread_over_seeds(
    small_layout, elsewhere, plan, small_mask
):
    east = small_mask.covariates.assign(east=small_mask.xy[:, 0] / 16_000)
    assumptions = plan(
        mask=replace(small_mask, covariates=east),
        spec=ModelSpec(density="~ east", sigma="~ 1"),
        parameters={"density": 3.0, "density.east": 0.8},
    )
    layouts = [small_layout, elsewhere]
    told = [
        power_over_years(layouts, assumptions, YEARS, n_animals=300, seed=seed) for seed in range(8)
    ]
    spread = np.std([one.power for one in told], ddof=1)
    stated = np.median([one.power_error for one in told])
    assert 0.4 < stated / spread < 2.5


def test_power_over_years__one_station_tells_of_no_change(plan):
    one = make_layout("one", np.zeros((1, 2)), crs="local")
    told = power_over_years([one], plan(), YEARS, n_animals=200)
    assert told.power == 0.05
    assert told.in_words().endswith("a change cannot be estimated")


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (ModelSpec(number="conditional"), "estimates no density"),
        (ModelSpec(sigmak="~ 1"), "sigma follows density"),
        (ModelSpec(density="~ 0 + block"), "no intercept"),
    ],
)
def test_power_over_years__models_without_a_trend_are_refused(spec, words, plan, small_layout):
    scale = "sigmak" if spec.sigmak else "sigma"
    names = {"density.block": 0.1} if "block" in spec.density else {"density": 1.0}
    given = names | {"lambda0": 0.05, scale: 3000.0}
    assumptions = assume(plan().mask, spec, given, n_occasions=10)
    with pytest.raises(LayoutError, match=words):
        over_years(assumptions, YEARS)


@pytest.mark.parametrize(
    ("years", "change", "words"),
    [
        ((2026,), -0.2, "two or more different years"),
        ((2028, 2026), -0.2, "the first year first"),
        ((2026, 2028), 0.0, "must be above -1 and not 0"),
        ((2026, 2028), -1.0, "must be above -1 and not 0"),
    ],
)
def test_monitoring__impossible_plans_are_refused(years, change, words):
    with pytest.raises(LayoutError, match=words):
        Monitoring(years, change)


def test_monitoring__goes_on_at_its_yearly_rate():
    longer = Monitoring((2026, 2028, 2030), -0.36).going_on(5)
    assert longer.years == (2026, 2028, 2030, 2032, 2034)
    assert longer.change == pytest.approx(0.64**2 - 1)
