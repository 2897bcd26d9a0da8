"""Simulate from known coefficients and get them back."""

import feature_recovery
import pytest
from feature_recovery import fits_of
from features import FEATURES, mask_of
from recovery import LATENT, N_SURVEYS, WITHIN_SESSION, Case, coverage, study
from scipy.stats import binom

from scr.simulate.surveys import naming_sexes

N_OF_FEATURE = 12
CASES = {"sex": (Case(), N_SURVEYS)}
CASES |= {name: (case, N_SURVEYS) for name, case in WITHIN_SESSION.items()}
CASES |= {name: (case, 30) for name, case in LATENT.items()}  # each takes longer


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_fit_laplace__intervals_hold_the_truth_as_often_as_they_say(name):
    case, n_surveys = CASES[name]
    table = coverage(study(n_surveys, case=case))

    outside = table[(table["covered"] < table["least"]) | (table["covered"] > table["most"])]
    assert outside.empty, table.to_string()
    # Medians lie about the truth; those of skewed posteriors by less than a few standard errors.
    assert (table["error"].abs() < 4 * table["error_se"]).all(), table.to_string()


@pytest.mark.slow
@pytest.mark.parametrize("name", FEATURES)
def test_fit_mle__finds_again_what_each_feature_was_simulated_with(name):
    found = fits_of(name, range(1_000, 1_000 + N_OF_FEATURE)).dropna(subset="median")

    table = coverage(found)

    assert found["survey"].nunique() >= N_OF_FEATURE - 1
    assert (table["covered"] >= binom.ppf(1e-4, table["surveys"], 0.95)).all(), table.to_string()


def test_features__are_named_as_models_name_their_coefficients():
    for name, feature in FEATURES.items():
        plan = feature.plan()
        if feature.spec.has_sexes:
            plan = naming_sexes(plan, ("F", "M"))
        names = feature.spec.coefficient_names(plan, mask_of(plan))
        assert set(names) <= set(feature.truth), name
        assert set(feature.left_out) < set(names), name


def test_feature_recovery__page_is_of_the_results_and_most_intervals_hold():
    results = feature_recovery.read()

    assert feature_recovery.PAGE.read_text(encoding="utf-8") == feature_recovery.page(results)
    assert set(results["feature"]) == set(FEATURES)
    fitted = results.dropna(subset="median")
    held = (fitted["lower"] <= fitted["truth"]) & (fitted["truth"] <= fitted["upper"])
    assert 0.93 < held.mean() < 0.97
    assert len(fitted.groupby(["feature", "survey"])) > 0.99 * len(FEATURES) * 40
