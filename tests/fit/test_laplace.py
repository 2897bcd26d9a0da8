import numpy as np
import pytest

import scr
from scr.errors import ConvergenceWarning, FormulaError
from scr.fit.importance import WeightedDraws
from scr.fit.laplace import effective_draws


def test_fit_laplace__draws_do_not_depend_on_cores(two_sessions, by_sex):
    one, two = (
        scr.fit_laplace(*two_sessions, by_sex, draws=400, seed=3, cores=n, check_mask=False)
        for n in (1, 2)
    )

    np.testing.assert_array_equal(one.draws, two.draws)


def test_fit_laplace__seed_decides_the_draws(small):
    first, second, other = (
        scr.fit_laplace(*small, scr.ModelSpec(), draws=200, seed=seed, check_mask=False)
        for seed in (1, 1, 2)
    )

    np.testing.assert_array_equal(first.draws, second.draws)
    assert (first.draws != other.draws).any()


def test_fit_laplace__tight_priors_win(small):
    priors = {
        "density.Intercept": scr.Normal(1.0, 1e-3),
        "lambda0.Intercept": scr.Normal(-2.0, 1e-3),
        "sigma.Intercept": scr.StudentT(6.0, 1e-3, 30.0),
    }

    fit = scr.fit_laplace(*small, scr.ModelSpec(priors=priors), draws=1000, check_mask=False)

    np.testing.assert_allclose(fit.coefficients["estimate"], [1.0, -2.0, 6.0], atol=2e-3)
    np.testing.assert_allclose(fit.coefficients["se"], 1e-3, rtol=0.1)
    assert fit.priors == priors
    assert fit.aic is None


def test_fit_laplace__wide_priors_peak_where_the_likelihood_does(small):
    maximum = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)
    wide = {name: scr.Normal(0.0, 1e3) for name in maximum.coefficient_names}

    fit = scr.fit_laplace(*small, scr.ModelSpec(priors=wide), check_mask=False)

    assert fit.log_likelihood == pytest.approx(maximum.log_likelihood, abs=1e-5)
    nearest = fit.draws[fit.sample_stats["lp"].to_numpy()[0].argmax()]
    away = nearest - maximum.coefficients["estimate"].to_numpy()
    assert (np.abs(away) < 0.25 * maximum.coefficients["se"].to_numpy()).all()


def test_fit_laplace__keeps_weights_and_tail(small):
    fit = scr.fit_laplace(*small, scr.ModelSpec(), draws=500, check_mask=False)

    stats = fit.sample_stats
    assert np.exp(stats["proposal_log_weight"]).sum() == pytest.approx(1.0)
    assert fit.k_hat == float(stats["k_hat"])
    weight = np.exp(stats["proposal_log_weight"].to_numpy())
    assert float(stats["effective_draws"]) == pytest.approx(1 / (weight**2).sum())
    assert stats["lp"].shape == (1, 500)


def test_fit_laplace__warns_of_a_heavy_tail(small, monkeypatch):
    monkeypatch.setattr("scr.fit.laplace.K_HAT_LIMIT", -np.inf)

    with pytest.warns(ConvergenceWarning, match=r"Pareto k is .* Use fit_nuts"):
        fit = scr.fit_laplace(*small, scr.ModelSpec(), draws=300, check_mask=False)

    assert any("fit_nuts" in note for note in fit.notes)


def test_fit_laplace__names_a_prior_of_no_coefficient(small):
    spec = scr.ModelSpec(priors={"sigma.sex[T.M]": scr.Normal(0.0, 1.0)})

    with pytest.raises(FormulaError, match=r"sigma\.sex\[T\.M\]"):
        scr.fit_laplace(*small, spec)


def test_effective_draws__equals_the_number_where_weights_are_equal():
    points = np.random.default_rng(1).standard_normal((50, 2))
    even = WeightedDraws(points, np.full(50, -np.log(50)), np.zeros(50), 0.0, 1)

    table = effective_draws(even, ("a", "b"))

    np.testing.assert_allclose(table["ess_bulk"], 50.0)
