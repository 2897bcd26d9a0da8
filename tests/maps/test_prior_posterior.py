from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from scr.errors import FitError
from scr.fit.result import coefficient_table
from scr.likelihood.problem import build_problem
from scr.maps.figures.prior_posterior import plot_prior_posterior, posterior_density
from scr.model.default_prior import model_prior
from scr.model.joint_prior import JointPrior, independent
from scr.model.priors import Normal
from scr.model.spec import ModelSpec


@pytest.fixture
def fit(make_fit):
    plain = make_fit(n_draws=400)
    return replace(plain, prior=model_prior(plain.problem.design))


TITLES = {"lambda0.sex[T.M]": "lambda0: sex, M"}


def panels(figure, fit):
    return dict(zip(fit.coefficient_names, figure.axes, strict=False))


def test_plot_prior_posterior__each_panel_has_the_prior_of_its_coefficient(fit):
    for name, axes in panels(plot_prior_posterior(fit), fit).items():
        (line,) = axes.lines
        prior = fit.priors[name]
        # A scale to two digits: that of a slope follows from where stations stand.
        expected = norm.pdf(line.get_xdata(), prior.mean, float(f"{prior.sd:.2g}"))
        np.testing.assert_allclose(line.get_ydata(), expected, rtol=1e-9)
        assert axes.get_title() == TITLES.get(name, name.replace(".", ": ").lower())


def test_plot_prior_posterior__the_filled_area_is_one_and_lies_over_the_draws(fit):
    for j, axes in enumerate(panels(plot_prior_posterior(fit), fit).values()):
        xy = axes.collections[0].get_paths()[0].vertices
        x, first = np.unique(xy[:, 0], return_index=True)
        height = np.array([xy[xy[:, 0] == value, 1].max() for value in x])
        assert len(first) > 100
        assert np.trapezoid(height, x) == pytest.approx(1.0, abs=0.02)
        middle = np.trapezoid(height * x, x)
        draws = fit.draws[:, j]
        assert middle == pytest.approx(draws.mean(), abs=0.1 * draws.std())


def test_plot_prior_posterior__a_wide_prior_does_not_squeeze_the_posterior(fit):
    wide = replace(
        fit, prior=independent(dict.fromkeys(fit.coefficient_names, Normal(0.0, 1000.0)))
    )
    for j, axes in enumerate(panels(plot_prior_posterior(wide), wide).values()):
        spread = np.ptp(np.quantile(wide.draws[:, j], [0.001, 0.999]))
        assert spread > 0.15 * np.ptp(axes.get_xlim())


def test_plot_prior_posterior__an_intercept_far_from_the_data_gives_way_to_the_level_there(fit):
    names = fit.coefficient_names
    slope = names.index("density.north")
    contrasts = np.eye(len(names))
    contrasts[0, slope] = 2024.0  # as of years: the intercept is that of the year 0
    kinds = ("level", *("slope",) * (len(names) - 1))
    far = JointPrior(names, contrasts, (Normal(1.0, 2.0),) * len(names), kinds)
    axes = plot_prior_posterior(replace(fit, prior=far)).axes[0]
    assert axes.get_title() == "density: at mean covariates"
    (line,) = axes.lines
    np.testing.assert_allclose(line.get_ydata(), norm.pdf(line.get_xdata(), 1.0, 2.0))
    at_mean = fit.draws[:, 0] + 2024.0 * fit.draws[:, slope]
    low, high = axes.get_xlim()
    assert low < at_mean.min()
    assert high > at_mean.max()


def test_posterior_density__of_many_normal_draws_is_normal():
    draws = np.random.default_rng(1).normal(3.0, 2.0, 20_000)
    value = np.linspace(0.0, 6.0, 7)
    np.testing.assert_allclose(
        posterior_density(draws, value), norm.pdf(value, 3.0, 2.0), rtol=0.06
    )


def test_plot_prior_posterior__maximum_likelihood_has_no_prior(make_fit):
    with pytest.raises(FitError, match="maximum likelihood fit has no priors"):
        plot_prior_posterior(make_fit(engine="mle"))


@pytest.mark.parametrize("width_mm", [85.0, 174.0])
def test_plot_prior_posterior__texts_stay_on_the_sheet_and_apart(width_mm, fit, assert_texts_apart):
    words = assert_texts_apart(
        plot_prior_posterior(fit, subject="Far valleys", banner="SIMULATED", width_mm=width_mm)
    )
    assert {"density: north", *TITLES.values()} <= set(words)


def test_plot_prior_posterior__of_a_standard_deviation_is_folded_at_0(fit):
    spec = ModelSpec(lambda0="~ individual", nodes=3)
    problem = build_problem(fit.survey, fit.mask, spec)
    names = problem.design.coefficient_names
    draws = np.abs(np.random.default_rng(2).normal(0.5, 0.2, (400, len(names))))
    changed = replace(
        fit,
        spec=spec,
        problem=problem,
        draws=draws,
        coefficients=coefficient_table(names, draws),
        prior=model_prior(problem.design),
    )
    axes = panels(plot_prior_posterior(changed), changed)["lambda0.individual"]
    (line,) = axes.lines
    x, y = line.get_data()
    assert x[0] == 0.0
    np.testing.assert_allclose(y, 2 * norm.pdf(x), rtol=1e-9)
    assert axes.get_xlabel() == "log lambda0"
    assert axes.get_title().startswith("lambda0: standard deviation")
