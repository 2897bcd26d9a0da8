"""Engines against a posterior summed over a dense grid of coefficients."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

import scr
from scr.fit.log_posterior import LogPosterior
from scr.likelihood.problem import build_problem, value_and_gradient
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.usage import Usage

PRIORS = {
    "density.Intercept": (-1.0, 1.5),
    "lambda0.Intercept": (-3.0, 1.0),
    "sigma.Intercept": (6.5, 0.5),
}
SPEC = scr.ModelSpec(priors={name: scr.Normal(*prior) for name, prior in PRIORS.items()})


def small_survey():
    """25 traps, 12 animals or so: little enough that the posterior is skewed."""
    x, y = np.meshgrid(np.arange(5) * 800.0, np.arange(5) * 800.0)
    traps = scr.Traps(
        names=np.array([f"T{k}" for k in range(25)], dtype=object),
        xy=np.stack([x.ravel(), y.ravel()], axis=1),
        crs="local",
    )
    mask = scr.build_mask(traps, buffer=2500, spacing=400)
    truth = {"density.Intercept": -0.7, "lambda0.Intercept": -3.0, "sigma.Intercept": 6.4}
    plan = plan_survey(traps, Usage(np.full((25, 5), 2.0)))
    survey, _ = simulate_survey(plan, mask, SPEC, coefficients=truth, seed=3)
    return survey, mask


def log_prior(thetas):
    return sum(norm.logpdf(thetas[..., j], *prior) for j, prior in enumerate(PRIORS.values()))


def grid_posterior(survey, mask, *, half_width=7.0, n_points=23):
    """Mean and sd of each coefficient by a Riemann sum along the axes of the mode's ellipsoid."""
    problem = build_problem(survey, mask, SPEC)
    assert problem.design.coefficient_names == tuple(PRIORS)

    def minus_log_posterior(theta):
        return -value_and_gradient(problem, theta)[0] - log_prior(theta)

    found = minimize(minus_log_posterior, [-0.7, -3.0, 6.4], method="Nelder-Mead")
    axes = np.linalg.cholesky(curvature(minus_log_posterior, found.x))
    axis = np.linspace(-half_width, half_width, n_points)
    steps = np.stack([grid.ravel() for grid in np.meshgrid(axis, axis, axis)], axis=1)
    thetas = found.x + steps @ axes.T
    log_posterior = LogPosterior(problem, has_prior=False).many(thetas)[0] + log_prior(thetas)
    weight = np.exp(log_posterior - log_posterior.max())
    weight /= weight.sum()
    assert weight[np.abs(steps).max(axis=1) == half_width].sum() < 1e-5
    mean = weight @ thetas
    return mean, np.sqrt(weight @ (thetas - mean) ** 2)


def curvature(function, at):
    """Inverse of the matrix of second differences."""
    step = 0.02
    unit = np.eye(len(at)) * step
    second = [
        [
            function(at + a + b)
            - function(at + a - b)
            - function(at - a + b)
            + function(at - a - b)
            for a in unit
        ]
        for b in unit
    ]
    return np.linalg.inv(np.array(second) / (4 * step**2))


@pytest.fixture(scope="module")
def small():
    survey, mask = small_survey()
    return survey, mask, *grid_posterior(survey, mask)


def assert_agrees(draws, mean, sd, *, effective):
    """Mean and sd within four Monte Carlo standard errors."""
    centred = (draws - draws.mean(axis=0)) / draws.std(axis=0)
    kurtosis = (centred**4).mean(axis=0)
    assert (np.abs(draws.mean(axis=0) - mean) < 4 * sd / np.sqrt(effective)).all()
    error_of_sd = sd * np.sqrt((kurtosis - 1) / (4 * effective))
    assert (np.abs(draws.std(axis=0) - sd) < 4 * error_of_sd).all()


def test_fit_laplace__mean_and_sd_are_those_of_a_dense_grid(small):
    survey, mask, mean, sd = small

    fit = scr.fit_laplace(survey, mask, SPEC, draws=8000, seed=1, check_mask=False)

    effective = float(fit.sample_stats["effective_draws"])
    assert effective > 4000
    assert_agrees(fit.draws, mean, sd, effective=effective)


def test_fit_nuts__mean_and_sd_are_those_of_a_dense_grid(small):
    survey, mask, mean, sd = small

    fit = scr.fit_nuts(survey, mask, SPEC, draws=1500, seed=1, check_mask=False, progress=False)

    effective = fit.coefficients[["ess_bulk", "ess_tail"]].min().min()
    assert effective > 1500
    assert_agrees(fit.draws, mean, sd, effective=effective)
