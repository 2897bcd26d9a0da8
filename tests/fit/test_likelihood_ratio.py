from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2

import scr
from scr.errors import ConvergenceWarning, FitError


def mle(small, **formulas):
    return scr.fit_mle(*small, scr.ModelSpec(**formulas), check_mask=False)


@pytest.fixture(scope="module")
def constant(small):
    return mle(small)


def test_likelihood_ratio__is_chi_square(small, constant):
    larger = mle(small, density="~ elev")

    found = larger.likelihood_ratio(constant)

    statistic = 2 * (larger.log_likelihood - constant.log_likelihood)
    assert (found.statistic, found.df) == (pytest.approx(statistic), 1)
    assert found.p_value == pytest.approx(chi2.sf(statistic, 1))
    assert found.notes == ()
    assert constant.likelihood_ratio(larger) == found
    assert str(found).startswith(f"chi-square {statistic:.2f} for 1 coefficient, p = ")


def test_likelihood_ratio__a_standard_deviation_at_0_has_half_the_p_value(small, constant):
    larger = mle(small, lambda0="~ individual")
    # Made by hand, so that the case does not hang on the data.
    larger = replace(larger, log_likelihood=constant.log_likelihood + 1.0)
    found = larger.likelihood_ratio(constant)
    # Self & Liang (1987), case 5: half chi-square of 0 and half of 1 degree of freedom.
    assert found.p_value == pytest.approx(chi2.sf(2.0, 1) / 2)
    assert "standard deviation" in found.notes[0]


def test_likelihood_ratio__latent_groups_have_no_p_value(small, constant):
    with pytest.warns(ConvergenceWarning, match="pmix"):
        larger = mle(small, lambda0="~ h2")
    found = larger.likelihood_ratio(constant)
    assert np.isnan(found.p_value)
    assert found.df == 2
    assert "simulated from the smaller" in found.notes[0]
    assert "no p-value" in str(found)


def test_likelihood_ratio__refuses_models_that_are_not_nested(small, constant):
    for formulas, why in (
        ({"detection": "hazard_exponential", "density": "~ elev"}, "detection is hazard_half"),
        ({"density": "~ 0 + elev"}, "the larger has no"),
        ({}, "the same coefficients"),
    ):
        other = mle(small, **formulas)
        with pytest.raises(FitError, match=why):
            other.likelihood_ratio(constant)


def test_likelihood_ratio__refuses_posteriors_other_data_and_lower_maxima(small, constant):
    drawn = scr.fit_laplace(*small, scr.ModelSpec(), draws=100, check_mask=False)
    with pytest.raises(FitError, match="these are by mle and laplace"):
        constant.likelihood_ratio(drawn)
    survey, _ = small
    coarse = scr.build_mask(survey.sessions[0].traps, buffer=2500, spacing=500)
    other = scr.fit_mle(survey, coarse, scr.ModelSpec(), check_mask=False)
    with pytest.raises(FitError, match="the mask"):
        constant.likelihood_ratio(other)
    larger = mle(small, density="~ elev")
    short = replace(larger, log_likelihood=constant.log_likelihood - 0.5)
    with pytest.raises(FitError, match="ended at a lower maximum"):
        short.likelihood_ratio(constant)
