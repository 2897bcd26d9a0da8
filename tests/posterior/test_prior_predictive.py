"""What priors expect of a survey, and how much the posterior leans on them."""

import warnings

import numpy as np
import pytest
from scipy.stats import norm

import scr
from scr.fit.power_scaling import power_scaling
from scr.model.joint_prior import independent
from scr.posterior.prior_predictive import prior_draws, prior_predictive
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

TRUTH = {"density.Intercept": 1.0, "lambda0.Intercept": -1.5, "sigma.Intercept": 6.5}


@pytest.fixture(scope="module")
def survey_and_mask():
    axis = np.arange(4) * 1000.0
    x, y = np.meshgrid(axis, axis)
    traps = scr.Traps(
        names=[f"T{k}" for k in range(16)],
        xy=np.stack([x.ravel(), y.ravel()], axis=1),
        crs="local",
    )
    mask = scr.build_mask(traps, buffer=2500, spacing=500)
    plan = plan_survey(traps, Usage(np.ones((16, 6))))
    return scr.simulate_survey(plan, mask, scr.ModelSpec(), coefficients=TRUTH, seed=4)[0], mask


def fitted(survey, mask, spec, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", scr.ScrWarning)
        return scr.fit_laplace(survey, mask, spec, check_mask=False, draws=1000, **more)


def test_prior_draws__have_the_quantiles_of_their_records():
    prior = independent(
        {
            "a": scr.Normal(1.0, 2.0),
            "b": scr.StudentT(0.0, 0.5, 5.0),
            "a.individual": scr.Normal(0, 1),
        }
    )
    a, b, sd = prior_draws(prior, 40_000, np.random.default_rng(1)).T
    assert np.quantile(a, 0.975) == pytest.approx(1 + 1.96 * 2, abs=0.1)
    assert np.quantile(b, 0.975) == pytest.approx(0.5 * 2.571, abs=0.04)
    assert sd.min() >= 0
    assert np.median(sd) == pytest.approx(norm.ppf(0.75), abs=0.02)


def test_prior_predictive__of_density_and_sigma_is_the_default_prior_itself(survey_and_mask):
    survey, mask = survey_and_mask
    fit = fitted(survey, mask, scr.ModelSpec())
    table = prior_predictive(fit, draws=500).set_index("quantity")
    assert list(table.index) == [
        "animals detected", "recaptures", "density near the stations", "sigma",
    ]  # fmt: skip
    # Stations 1 km apart: log sigma ~ N(log 1000, 1), log D ~ N(log 0.25, 2) per km2.
    assert np.log(table.loc["sigma", "median"] / 1000) == pytest.approx(0.0, abs=0.2)
    assert np.log(table.loc["sigma", "upper"] / 1000) == pytest.approx(1.96, abs=0.4)
    assert np.log(table.loc["density near the stations", "median"] / 25) == pytest.approx(
        0.0, abs=0.4
    )
    assert table.loc["animals detected", "found"] == survey.n_individuals
    captures = survey.sessions[0].captures
    assert table.loc["recaptures", "found"] == captures.n_detections - captures.n_individuals
    assert table["above"].between(0, 1).all()


def test_prior_predictive__narrow_priors_expect_what_they_say(survey_and_mask):
    survey, mask = survey_and_mask
    narrow = {name: scr.Normal(value, 1e-4) for name, value in TRUTH.items()}
    fit = fitted(survey, mask, scr.ModelSpec(priors=narrow))
    table = prior_predictive(fit, draws=200).set_index("quantity")
    many = [
        scr.simulate_survey(
            survey, mask, scr.ModelSpec(), coefficients=TRUTH, seed=seed, centres="cell_centre"
        )[0].sessions[0].captures
        for seed in range(1, 31)
    ]  # fmt: skip
    seen = np.mean([captures.n_individuals for captures in many])
    again = np.mean([captures.n_detections - captures.n_individuals for captures in many])
    assert table.loc["animals detected", "median"] == pytest.approx(seen, rel=0.08)
    assert table.loc["recaptures", "median"] == pytest.approx(again, rel=0.1)


def test_power_scaling__tells_a_prior_that_fights_the_data_from_one_that_does_not(survey_and_mask):
    survey, mask = survey_and_mask
    table = power_scaling(fitted(survey, mask, scr.ModelSpec())).set_index("coefficient")
    assert (table["prior"] < 0.05).all()
    assert (table["likelihood"] > 0.05).all()
    assert set(table["verdict"]) == {"the prior matters little"}
    fights = scr.ModelSpec(priors={"sigma.Intercept": scr.Normal(7.5, 0.1)})
    table = power_scaling(fitted(survey, mask, fights)).set_index("coefficient")
    assert table.loc["sigma.Intercept", "prior"] > 0.05
    assert "disagree" in table.loc["sigma.Intercept", "verdict"]


def test_priors__maximum_likelihood_is_refused_in_words(survey_and_mask):
    survey, mask = survey_and_mask
    fit = scr.fit_mle(survey, mask, scr.ModelSpec(), check_mask=False)
    with pytest.raises(scr.ScrError, match="no priors to lean on"):
        power_scaling(fit)
    with pytest.raises(scr.ScrError, match="has no priors"):
        prior_predictive(fit)
