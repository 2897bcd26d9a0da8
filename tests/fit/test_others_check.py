"""A doubt where captures of others are taken by the rule of secr, and none elsewhere."""

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


def test_fit_mle__of_captures_of_others_as_secr_says_that_density_is_biased():
    survey, mask, spec = simulated("lambda0 ~ K_secr")
    with pytest.warns(ConvergenceWarning, match="takes animals never caught for animals that met"):
        fit = scr.fit_mle(survey, mask, spec, check_mask=False)
    told = {check.name: check for check in fit.checks if check.is_told}
    assert "K_secr (1: as K, but for animals never caught 0" in told["captures_of_others"].message


@pytest.mark.parametrize("name", ["b", "B", "bk", "Bk", "k", "K"])
def test_others_checks__of_exact_responses_are_none(name):
    survey, mask, spec = simulated(f"lambda0 ~ {name}")
    assert others_checks(build_problem(survey, mask, spec).design) == ()
