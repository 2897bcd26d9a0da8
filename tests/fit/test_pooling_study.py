"""The study of sessions that share a distribution in the documentation."""

import numpy as np
import pandas as pd
import pytest
from pooling import N_SESSIONS, N_SURVEYS, judge
from scipy.stats import binom


@pytest.mark.slow
def test_pooled_sessions__intervals_hold_and_densities_are_nearer_to_the_truth():
    table = pd.DataFrame([judge(seed) for seed in range(101, 101 + N_SURVEYS)])
    assert table["sd_held"].sum() >= binom(N_SURVEYS, 0.95).ppf(0.001)
    # Sessions of one survey share the mean, so that the surveys are the independent units.
    error = table["densities_held"].std(ddof=1) / np.sqrt(N_SURVEYS)
    assert abs(table["densities_held"].mean() - 0.95) < 3.3 * max(
        error, 0.22 / np.sqrt(N_SESSIONS * N_SURVEYS)
    )
    assert table["rmse"].mean() < table["rmse_apart"].mean()
    assert (table["spread"] < table["spread_apart"]).mean() > 0.9
