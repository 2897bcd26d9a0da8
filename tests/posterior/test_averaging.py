import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from shapely import box

import scr
from scr.fit.comparison import Comparison
from scr.posterior.averaging import averaged_estimate, summarise_mixture
from scr.posterior.realised import realised_draws

WEIGHTS = {"trend": 0.7, "constant": 0.3}
BETA = {"trend": [-2.0, 0.4], "constant": [-1.5]}


def compared(fits, weights=WEIGHTS):
    names = [*fits]
    table = pd.DataFrame({"weight_aic": [weights[name] for name in names]}, index=names)
    return Comparison(fits, table, "aic", {}, (), {})


@pytest.fixture
def models(make_mask, make_session, make_fit):
    """Density with and without a covariate, on 6 x 6 cells; draws or estimates of our choice."""
    mask = make_mask(6, 6)
    mask = mask.with_covariate("north", mask.xy[:, 1] / 1000 - 3)
    traps = [(2500, 2500), (3500, 2500), (2500, 3500)]
    session = make_session("1", traps, [(0, 0, 0), (0, 1, 1), (1, 0, 2), (1, 2, 1)])

    def make(engine):
        fits = {}
        for name, formula in (("trend", "~ north"), ("constant", "~ 1")):
            point = np.array([*BETA[name], -2.0, 6.7])
            vcov = np.diag([0.04] * len(BETA[name]) + [0.01, 0.01])
            given = {"point": point, "vcov": vcov}
            if engine == "laplace":
                rng = np.random.default_rng(len(point))
                given = {"draws": rng.multivariate_normal(point, vcov, 300)}
            fits[name] = make_fit(session, mask, scr.ModelSpec(density=formula), **given)
        return compared(fits)

    return make


def densities(fit):
    """Density per km2 of each draw and cell, by the formula of the model."""
    north = fit.mask.xy[:, 1] / 1000 - 3
    slope = fit.draws[:, [1]] if fit.spec.density == "~ north" else 0.0
    return np.exp(fit.draws[:, [0]] + slope * north)


def test_density_surface__the_mean_is_the_weighted_mean_of_the_models(models):
    comparison = models("laplace")
    found = scr.density_surface(comparison)

    parts = {name: densities(fit) for name, fit in comparison.fits.items()}
    mean = sum(WEIGHTS[name] * part.mean(axis=0) for name, part in parts.items())
    np.testing.assert_allclose(found.summary["mean"], 100 * mean, rtol=1e-12)
    second = sum(WEIGHTS[name] * (part**2).mean(axis=0) for name, part in parts.items())
    np.testing.assert_allclose(found.summary["sd"], 100 * np.sqrt(second - mean**2), rtol=1e-9)
    # Each draw of the first as often as its weight says, 7 to 3.
    mixed = np.concatenate([np.repeat(parts["trend"], 7, axis=0),
                            np.repeat(parts["constant"], 3, axis=0)])  # fmt: skip
    for column, share in (("q2.5", 0.025), ("median", 0.5), ("q97.5", 0.975)):
        below = (100 * mixed <= found.summary[column].to_numpy()).mean(axis=0)
        np.testing.assert_allclose(below, share, atol=0.7 / 300)  # one draw
    assert found.estimand == "expected density, averaged over 2 models"
    assert found.headline == "median"


@pytest.mark.parametrize("engine", ["laplace", "mle"])
def test_density_surface__averaged_sums_to_averaged_abundance(models, engine):
    comparison = models(engine)
    surface = scr.density_surface(comparison)
    per_cell = surface.summary["mean"].to_numpy() / 100 * surface.mask.cell_area

    expected = scr.abundance(comparison).set_index("estimand").loc["expected N"]
    assert per_cell.sum() == pytest.approx(expected["mean"], rel=1e-12)

    # Whole cells, half of the mask.
    region = scr.Region("south", box(0, 0, 6000, 3000), crs="local")
    south = surface.mask.xy[:, 1] < 3000
    expected = scr.abundance(comparison, region).set_index("estimand").loc["expected N"]
    assert per_cell[south].sum() == pytest.approx(expected["mean"], rel=1e-9)


@pytest.mark.parametrize("engine", ["laplace", "mle"])
def test_abundance__is_the_weighted_mean_of_the_models(models, engine):
    comparison = models(engine)
    alone = {name: scr.abundance(fit) for name, fit in comparison.fits.items()}
    found = scr.abundance(comparison)
    assert list(found.columns) == list(alone["trend"].columns)
    mean = sum(WEIGHTS[name] * table["mean"] for name, table in alone.items())
    np.testing.assert_allclose(found["mean"], mean, rtol=1e-12)
    square = sum(
        WEIGHTS[name] * (table["sd"] ** 2 + (table["mean"] - mean) ** 2)
        for name, table in alone.items()
    )
    # Draws have the divisor n - 1 where they stand alone.
    np.testing.assert_allclose(found["sd"], np.sqrt(square), rtol=2e-3)
    assert (found["lower"] < found["median"]).all()
    assert (found["median"] < found["upper"]).all()


def test_abundance__takes_draws_made_before_for_the_model_they_are_of(models):
    comparison = models("laplace")
    trend, constant = comparison.fits["trend"], comparison.fits["constant"]
    draws = realised_draws(trend, trend.draws[::2] + 0.3, np.random.default_rng(5))
    given = comparison.drawn_from(trend, draws.thetas)
    assert given.fits["constant"] is constant
    found = scr.abundance(given, draws=draws).set_index("estimand")["mean"]

    own = {"trend": draws.counts(0).sum(axis=1).mean(), "constant": None}
    own["constant"] = scr.abundance(constant).set_index("estimand").loc["realised N", "mean"]
    mean = sum(WEIGHTS[name] * value for name, value in own.items())
    assert found["realised N"] == pytest.approx(mean, rel=1e-12)
    surface = scr.density_surface(given)
    total = (surface.summary["mean"] / 100 * surface.mask.cell_area).sum()
    assert found["expected N"] == pytest.approx(total, rel=1e-12)


def test_abundance__draws_of_none_of_the_models_are_not_used(models):
    comparison = models("laplace")
    trend = comparison.fits["trend"]
    other = realised_draws(trend, trend.draws + 1.0, np.random.default_rng(5))
    pd.testing.assert_frame_equal(scr.abundance(comparison, draws=other), scr.abundance(comparison))


def test_density_surface__maximum_likelihood_has_the_unconditional_error(models):
    comparison = models("mle")
    found = scr.density_surface(comparison, threshold=20.0).summary
    north = comparison.best.mask.xy[:, 1] / 1000 - 3
    trend, constant = np.exp(-2.0 + 0.4 * north), np.full(36, np.exp(-1.5))
    mean = 0.7 * trend + 0.3 * constant
    se_trend = trend * np.sqrt(0.04 + 0.04 * north**2)
    variance = 0.7 * (se_trend**2 + (trend - mean) ** 2)
    variance += 0.3 * ((0.2 * constant) ** 2 + (constant - mean) ** 2)
    np.testing.assert_allclose(found["mean"], 100 * mean, rtol=1e-9)
    np.testing.assert_allclose(found["sd"], 100 * np.sqrt(variance), rtol=1e-9)
    log_se = np.sqrt(variance) / mean
    np.testing.assert_allclose(found["q97.5"], 100 * mean * np.exp(norm.ppf(0.975) * log_se))
    above = norm.cdf((np.log(mean) - np.log(0.2)) / log_se)
    np.testing.assert_allclose(found["p_above_20"], above, rtol=1e-6)


def test_density_surface__a_model_that_weighs_all_stands_alone(models):
    comparison = models("laplace")
    alone = compared(comparison.fits, {"trend": 1.0, "constant": 0.0})
    one = scr.density_surface(comparison.fits["trend"])
    found = scr.density_surface(alone)
    pd.testing.assert_frame_equal(found.table, one.table)
    assert found.estimand == "expected density"
    pd.testing.assert_frame_equal(scr.abundance(alone), scr.abundance(comparison.fits["trend"]))


def test_summarise_mixture__of_equal_weights_has_the_quantiles_of_numpy():
    rng = np.random.default_rng(2)
    parts = [rng.gamma(2.0, size=(50, 7)), rng.gamma(3.0, size=(50, 7))]
    found = summarise_mixture(parts, [0.5, 0.5])
    together = np.concatenate(parts)
    for column, share in (("q2.5", 0.025), ("q25", 0.25), ("median", 0.5), ("q97.5", 0.975)):
        np.testing.assert_allclose(found[column], np.quantile(together, share, axis=0))


def test_averaged_estimate__models_that_agree_keep_their_error():
    value, error = averaged_estimate([np.array([2.0])] * 2, [np.array([0.3])] * 2, [0.4, 0.6])
    assert (value[0], error[0]) == (pytest.approx(2.0), pytest.approx(0.3))
