"""The model of one's own in the documentation."""

import numpy as np
from own_model import model_of_reserves, two_reserves

from scr.fit.pymc_model import COMPILE_MODE


def test_model_of_reserves__has_a_likelihood_of_each_and_one_distribution_of_sigma():
    reserves = two_reserves()
    model = model_of_reserves(reserves)
    assert [v.name for v in model.observed_RVs] == ["Alder_captures", "Birch_captures"]
    value = model.compile_logp(mode=COMPILE_MODE)(model.initial_point())
    assert np.isfinite(value)
