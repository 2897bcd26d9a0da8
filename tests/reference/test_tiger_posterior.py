"""A posterior that nimbleSCR found by data augmentation, realised N included."""

import numpy as np
import pytest
from tiger_posterior import ours, recorded


def test_abundance_draws__realised_n_and_coefficients_agree_with_data_augmentation(reference):
    their, our = recorded(reference), ours(draws=2000)

    for name in ("N", "sigma", "p0"):
        sd = their["sd"][name]
        error = sd * np.sqrt(1 / their["ess"][name] + 1 / our["ess"][name])
        assert our["mean"][name] == pytest.approx(their["mean"][name], abs=4 * error), name
        assert our["sd"][name] == pytest.approx(sd, abs=4 * error), name
