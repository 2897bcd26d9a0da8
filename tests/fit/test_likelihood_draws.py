from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import gamma

import scr
from scr.errors import ConvergenceWarning
from scr.fit.drawing import Drawn, drawn_of
from scr.fit.likelihood_draws import likelihood_draws
from scr.fit.log_posterior import LogPosterior
from scr.fit.mode import find_mode
from scr.likelihood.problem import build_problem, value_and_gradient

N = 3


def log_density(points):
    """Poisson likelihood of a rate's logarithm: exp(u) is then gamma with shape N."""
    return N * points[:, 0] - np.exp(points[:, 0])


def target_of(many):
    return SimpleNamespace(many=lambda points: (many(points), None), coefficients=lambda u: u)


def mode_of_gamma():
    return find_mode(
        lambda u: (float(N * u[0] - np.exp(u[0])), N - np.exp(u)), np.zeros(1), basis=np.eye(1)
    )


def test_likelihood_draws__follow_the_likelihood_and_not_a_normal():
    drawn = likelihood_draws(target_of(log_density), (mode_of_gamma(),), 1)
    rate = np.exp(drawn.coefficients[:, 0])
    # The likelihood region leaves out no more than about a thousandth.
    for p in (0.025, 0.25, 0.5, 0.75, 0.975):
        share = (rate <= gamma(N).ppf(p)).mean()
        assert share == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / 600) + 0.002)
    assert drawn.checks[0].passed


def test_likelihood_draws__a_likelihood_that_never_falls_to_zero_is_cut_off():
    # Flat below a tenth of its height: with a flat prior its integral is infinite.
    def many(points):
        return np.maximum(log_density(points), -6.0)

    drawn = likelihood_draws(target_of(many), (mode_of_gamma(),), 1)
    lowest = N * np.log(N) - N - 10.83 / 2  # chi-squared with 1 df, 99.9 %
    assert lowest > -6.0
    assert (log_density(drawn.coefficients) >= lowest - 0.01).all()


def test_likelihood_draws__a_likelihood_flat_to_one_side_stays_within_reach():
    def many(points):
        return np.minimum(log_density(points), 0.0) * 0 - np.maximum(points[:, 0], 0.0) ** 2 / 2

    mode = replace(mode_of_gamma(), point=np.zeros(1), value=0.0, vcov=np.eye(1))
    drawn = likelihood_draws(target_of(many), (mode,), 1)
    assert drawn.coefficients.min() >= -6.0
    assert drawn.coefficients.max() < 3.4


@pytest.mark.parametrize(
    ("many", "change", "why"),
    [
        (log_density, {"gain": 1.0}, "did not end at a maximum"),
        (lambda points: np.full(len(points), -np.inf), {}, "are effective"),
    ],
)
def test_likelihood_draws__fall_back_on_the_normal_in_words(many, change, why):
    mode = replace(mode_of_gamma(), **change)
    drawn = likelihood_draws(target_of(many), (mode,), 1)
    (check,) = drawn.checks
    assert not check.passed
    assert why in check.message
    assert "normal distribution" in check.message
    assert "fit_laplace" in check.message
    away = (drawn.coefficients[:, 0] - mode.point[0]) / np.sqrt(mode.vcov[0, 0])
    assert away.std() == pytest.approx(1.0, abs=0.06)


def test_fit_mle__draws_are_made_at_first_use_and_kept(small, monkeypatch):
    made = []

    def counting(*arguments):
        made.append(arguments)
        return likelihood_draws(*arguments)

    monkeypatch.setattr("scr.fit.mle.likelihood_draws", counting)
    fit = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)
    assert made == []
    first = fit.draws
    assert fit.draws is first
    assert len(made) == 1
    assert [check.name for check in fit.every_check][-1] == "draws"
    again = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)
    np.testing.assert_array_equal(again.draws, first)


def test_fit_mle__draws_lie_where_the_likelihood_is(small):
    fit = scr.fit_mle(*small, scr.ModelSpec(), check_mask=False)
    values = np.array([value_and_gradient(fit.problem, theta)[0] for theta in fit.draws[:200]])
    # Twice what is lost is about chi-squared with 3 df: mean 3, and never above the 99.9 %.
    lost = 2 * (fit.log_likelihood - values)
    assert lost.mean() == pytest.approx(3.0, abs=1.0)
    assert lost.max() < 16.3
    problem = build_problem(*small, scr.ModelSpec())
    assert LogPosterior(problem, has_prior=False)(np.zeros(3))[1].shape == (3,)


def test_drawn_of__warns_once_of_draws_that_do_not_do():
    check = scr.fit.checks.Check("draws", 0.9, 0.7, False, "Pareto k is 0.90. Use fit_nuts.")
    record = SimpleNamespace(drawn=lambda: Drawn(np.zeros((2, 1)), (check,)))
    with pytest.warns(ConvergenceWarning, match="Use fit_nuts"):
        drawn_of(record)
    assert drawn_of(record).checks == (check,)
