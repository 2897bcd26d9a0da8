"""Simulate from known coefficients and get them back."""

import pytest
from recovery import N_SURVEYS, WITHIN_SESSION, Case, coverage, study


@pytest.mark.slow
@pytest.mark.parametrize("case", [Case(), *WITHIN_SESSION.values()], ids=["sex", *WITHIN_SESSION])
def test_fit_laplace__intervals_hold_the_truth_as_often_as_they_say(case):
    table = coverage(study(N_SURVEYS, case=case))

    outside = table[(table["covered"] < table["least"]) | (table["covered"] > table["most"])]
    assert outside.empty, table.to_string()
    # Medians lie about the truth; those of skewed posteriors by less than a few standard errors.
    assert (table["error"].abs() < 4 * table["error_se"]).all(), table.to_string()
