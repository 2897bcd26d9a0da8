"""A doubt where detection answers to captures of others, and none where to an animal's own."""

import pytest
from features import FEATURES, mask_of

import scr
from scr.errors import ConvergenceWarning
from scr.fit.others_check import others_checks
from scr.likelihood.problem import build_problem


def simulated(name):
    feature = FEATURES[name]
    plan = feature.plan()
    mask = mask_of(plan)
    survey, _ = scr.simulate_survey(plan, mask, feature.spec, coefficients=feature.truth, seed=3)
    return survey, mask, feature.spec


def test_fit_mle__of_captures_of_others_says_that_density_is_biased():
    survey, mask, spec = simulated("lambda0 ~ K")
    with pytest.warns(ConvergenceWarning, match="takes animals never caught for animals that met"):
        fit = scr.fit_mle(survey, mask, spec, check_mask=False)
    told = {check.name: check for check in fit.checks if check.is_told}
    assert "K (1: any animal was caught at this trap" in told["captures_of_others"].message


@pytest.mark.parametrize("name", ["b", "B", "bk", "Bk"])
def test_others_checks__of_an_animals_own_captures_are_none(name):
    survey, mask, spec = simulated(f"lambda0 ~ {name}")
    assert others_checks(build_problem(survey, mask, spec).design) == ()
