"""Simulate from known coefficients and get them back."""

from types import SimpleNamespace

import feature_recovery
import numpy as np
import pytest
from feature_recovery import fits_of
from features import FEATURES, mask_of
from recovery import LATENT, N_SURVEYS, WITHIN_SESSION, Case, coverage, study
from scipy.stats import binom

from scr.fit.others_check import others_checks
from scr.simulate.surveys import naming_sexes

N_OF_FEATURE = 12
BIASED = {"lambda0 ~ k_secr": 0.32, "lambda0 ~ K_secr": 0.06}
"""Median error of density where the likelihood is not that of what is simulated; fits say so."""
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
@pytest.mark.parametrize("name", [name for name in FEATURES if name not in BIASED])
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


@pytest.mark.parametrize("name", BIASED)
def test_feature_recovery__captures_of_others_bias_density_by_what_a_fit_says(name):
    results = feature_recovery.read()
    density = results[(results["feature"] == name) & (results["quantity"] == "density.Intercept")]

    bias = np.expm1((density["median"] - density["truth"]).median())

    assert bias == pytest.approx(BIASED[name], abs=0.005)
    message = others_checks(SimpleNamespace(spec=FEATURES[name].spec))[0].message
    assert f"{BIASED[name]:.0%}".replace("%", " %") in message
