"""Records of priors."""

import numpy as np
import pytest
from scipy import stats

import scr
from scr.errors import FormulaError


@pytest.mark.parametrize(
    ("prior", "distribution"),
    [
        (scr.Normal(1.0, 2.0), stats.norm(1.0, 2.0)),
        (scr.StudentT(-1.0, 0.5, 4.0), stats.t(4.0, loc=-1.0, scale=0.5)),
    ],
)
def test_log_density__is_that_of_scipy(prior, distribution):
    values = np.linspace(-6, 6, 25)

    np.testing.assert_allclose(prior.log_density(values), distribution.logpdf(values), rtol=1e-12)


@pytest.mark.parametrize("scales", [{"sd": 0.0}, {"sd": -1.0}, {"sd": np.nan}])
def test_normal__refuses_a_scale_that_is_not_above_zero(scales):
    with pytest.raises(FormulaError, match="above 0"):
        scr.Normal(0.0, **scales)
