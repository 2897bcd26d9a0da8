"""A fixed number of animals, and the conditional likelihood, after the fit."""

import numpy as np
import pytest

import scr
from scr.errors import FitError, FormulaError
from scr.fit.compare import compare
from scr.posterior.realised import expected_missed, free_share, realised_draws
from scr.simulate.population import simulate_population
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.usage import Usage
from tests.fit.conftest import grid_traps

TRUTH = {"density.Intercept": 0.3, "lambda0.Intercept": -2.2, "sigma.Intercept": 6.4}
FIXED = scr.ModelSpec(number="binomial")


@pytest.fixture(scope="module")
def data():
    traps = scr.Traps(**grid_traps(5, 800.0), crs="local")
    mask = scr.build_mask(traps, buffer=2500, spacing=400)
    plan = plan_survey(traps, Usage(np.full((25, 5), 2.0)))
    return simulate_survey(plan, mask, FIXED, coefficients=TRUTH, seed=5)[0], mask


@pytest.fixture(scope="module")
def fixed(data):
    return scr.fit_mle(*data, FIXED, check_mask=False)


@pytest.fixture(scope="module")
def conditional(data):
    return scr.fit_mle(*data, scr.ModelSpec(number="conditional"), check_mask=False)


def test_realised_draws__of_a_fixed_number_has_as_many_animals_as_density_says(fixed):
    thetas = np.tile(fixed.point, (400, 1))
    living = fixed.mask.area * np.exp(fixed.point[0])

    draws = realised_draws(fixed, thetas, np.random.default_rng(1))

    totals = draws.counts(0).sum(axis=1)
    assert set(totals.tolist()) <= {int(np.floor(living)), int(np.ceil(living))}
    assert totals.mean() == pytest.approx(living, abs=4 * 0.5 / np.sqrt(400))
    missed = expected_missed(fixed, fixed.point)[0]
    assert missed.sum() == pytest.approx(living - fixed.survey.n_individuals)
    found = draws.missed[0].mean(axis=0)
    sd = np.sqrt(missed * free_share(fixed, missed) / 400)
    assert (np.abs(found - missed) < 5 * sd + 1e-3).all()


def test_abundance__of_a_fixed_number_is_no_less_sure_than_density(fixed):
    table = scr.abundance(fixed).set_index("estimand")

    expected, realised = table.loc["expected N"], table.loc["realised N"]
    assert realised["median"] == pytest.approx(expected["median"], rel=1e-6)
    assert realised["sd"] == pytest.approx(expected["sd"], rel=1e-4)


def test_simulate_population__of_a_fixed_number_has_that_many():
    traps = scr.Traps(**grid_traps(3, 800.0), crs="local")
    mask = scr.build_mask(traps, buffer=1000, spacing=400)
    log_density = np.full((1, len(mask)), np.log(40 / mask.area))
    rng = np.random.default_rng(2)

    sizes = [
        len(simulate_population(mask, log_density, share=np.ones(1), rng=rng, is_fixed=True))
        for _ in range(20)
    ]

    assert sizes == [40] * 20


def test_conditional__is_refused_where_density_is_needed(conditional, data, tmp_path):
    for function in (scr.abundance, scr.density_surface, scr.realised_density):
        with pytest.raises(FitError, match="derived_density"):
            function(conditional)
    with pytest.raises(FormulaError, match="no density"):
        simulate_survey(*data, conditional.spec, coefficients={}, seed=1)
    assert "derived density" in repr(conditional)
    conditional.save(tmp_path / "fit.nc")
    again = scr.load_fit(tmp_path / "fit.nc")
    assert again.spec.number == "conditional"
    assert again.point == pytest.approx(conditional.point)


def test_compare__refuses_likelihoods_of_other_numbers(fixed, conditional):
    with pytest.raises(FitError, match="number="):
        compare({"fixed": fixed, "conditional": conditional})
