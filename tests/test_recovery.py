"""Simulate from known coefficients and get them back."""

import pytest
from recovery import LATENT, N_SURVEYS, WITHIN_SESSION, Case, coverage, study

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
