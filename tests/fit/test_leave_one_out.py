import arviz as az
import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import norm, poisson

import scr
from scr.errors import FitError
from scr.fit.leave_one_out import leave_one_out, stacking_weights
from scr.likelihood import reference
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage
from tests.fit.conftest import grid_traps

PRIORS = {
    "density.Intercept": scr.Normal(0.0, 1.0),
    "lambda0.Intercept": scr.Normal(-3.0, 1.0),
    "sigma.Intercept": scr.Normal(6.5, 0.5),
}


@pytest.fixture(scope="module")
def fit():
    """Nine traps, so that the plain likelihood is quick on a grid."""
    traps = scr.Traps(**grid_traps(3, 800.0), crs="local")
    mask = scr.build_mask(traps, buffer=2000, spacing=500)
    plan = plan_survey(traps, Usage(np.full((9, 4), 2.0)))
    truth = {"density.Intercept": 0.3, "lambda0.Intercept": -2.3, "sigma.Intercept": 6.4}
    survey, _ = scr.simulate_survey(plan, mask, scr.ModelSpec(), coefficients=truth, seed=4)
    return scr.fit_laplace(survey, mask, scr.ModelSpec(priors=PRIORS), check_mask=False)


def exact_elpd(fit):
    """Each animal's elpd from the posterior given the others, on a grid.

    Density is constant, so that log L_i - log Lambda depends on lambda0 and sigma alone, and
    Lambda = D A with A the effective sampling area.
    """
    (data,), design = fit.problem.sessions, fit.problem.design
    centre, sd = fit.draws.mean(axis=0), fit.draws.std(axis=0)
    axes = [np.linspace(m - 6 * s, m + 5 * s, 21) for m, s in zip(centre, sd, strict=True)]
    log_prior = [
        norm.logpdf(axis, p.mean, p.sd) for axis, p in zip(axes, PRIORS.values(), strict=True)
    ]
    history, area = [], []
    for lambda0 in axes[1]:
        for sigma in axes[2]:
            arrays = design.arrays(np.array([0.0, lambda0, sigma]))
            family = fit.spec.family
            area.append(reference.expected_detected(data, arrays, family, session=0))
            terms = reference.log_animal_terms(data, arrays, family, session=0)
            history.append(terms - np.log(area[-1]))
    history = np.array(history)  # (n_detection, n_animals)
    expected = np.exp(axes[0])[:, None] * np.array(area)  # (n_density, n_detection)
    n = data.n_animals
    number = logsumexp(poisson.logpmf(n, expected) + log_prior[0][:, None], axis=0)

    log_prior_detection = (log_prior[1][:, None] + log_prior[2][None, :]).ravel()
    others = history.sum(axis=1)[:, None] - history + log_prior_detection[:, None]
    others = others + number[:, None]
    return logsumexp(others + history, axis=0) - logsumexp(others, axis=0)


def test_leave_one_out__is_that_of_exact_refits_with_the_history_unknown_and_n_known(fit):
    found = leave_one_out(fit)

    exact = exact_elpd(fit)
    # 4000 draws: the Monte Carlo error of one animal is about sd(log L_i) / sqrt(4000).
    np.testing.assert_allclose(found["elpd"], exact, atol=0.03)
    assert found["elpd"].sum() == pytest.approx(exact.sum(), abs=0.15)
    assert found["pareto_k"].max() < 0.7
    assert list(found.index) == [
        f"1/{name}" for name in fit.survey.sessions[0].captures.individuals
    ]


def test_leave_one_out__needs_a_posterior(small):
    fit = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)
    with pytest.raises(FitError, match="fit_laplace"):
        leave_one_out(fit)


def test_stacking_weights__are_those_of_arviz(small):
    survey, mask = small
    specs = {"half": scr.ModelSpec(), "exp": scr.ModelSpec(detection="hazard_exponential")}
    fits = scr.fit_all(survey, mask, specs, draws=1000, check_mask=False)

    elpd = np.stack([leave_one_out(fit)["elpd"] for fit in fits.values()], axis=1)
    found = stacking_weights(elpd)

    data = {
        name: az.loo(fit.idata, var_name="history", pointwise=True) for name, fit in fits.items()
    }
    theirs = az.compare(data, round_to="none").loc[list(fits)]
    np.testing.assert_allclose(found, theirs["weight"], atol=0.02)
    np.testing.assert_allclose(elpd.sum(axis=0), theirs["elpd"], atol=0.05)


def test_stacking_weights__of_histories_far_below_the_smallest_number():
    elpd = np.log([[0.8, 0.2], [0.8, 0.2], [0.2, 0.8]]) - 2000.0
    # Maximum of 2 log(0.2 + 0.6 w) + log(0.8 - 0.6 w): w = 7/9.
    np.testing.assert_allclose(stacking_weights(elpd), [7 / 9, 2 / 9], atol=1e-5)


def test_stacking_weights__a_model_worse_for_every_animal_weighs_nothing():
    elpd = np.log([[0.5, 0.4], [0.3, 0.2], [0.9, 0.1]])
    assert stacking_weights(elpd).tolist() == [1.0, 0.0]
