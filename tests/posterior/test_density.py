import numpy as np
import pandas as pd
import pytest

from scr.errors import FitError, FormulaError, MaskError
from scr.habitat.mask import HabitatMask
from scr.model.spec import ModelSpec
from scr.posterior.density import density_surface, realised_density
from scr.posterior.realised import conditional_mean, expected_missed, realised_draws
from scr.survey.survey import Survey

FOREST = ModelSpec(density="~ scale(forest)")
POINT = np.array([np.log(0.3), 0.5, np.log(0.1), np.log(1200.0)])
VCOV = 0.01 * np.array([[4, 1, 0, 0], [1, 9, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]])


@pytest.fixture
def forest_mask(make_mask):
    return make_mask(7, 6, covariates=pd.DataFrame({"forest": np.linspace(10, 90, 42)}))


@pytest.fixture
def bayes(make_fit, forest_mask, sexed_session):
    draws = np.random.default_rng(1).multivariate_normal(POINT, VCOV, 500)
    return make_fit(sexed_session, forest_mask, FOREST, draws=draws)


@pytest.fixture
def mle(make_fit, forest_mask, sexed_session):
    return make_fit(sexed_session, forest_mask, FOREST, point=POINT, vcov=VCOV)


def scaled(forest):
    given = np.linspace(10, 90, 42)
    return (np.asarray(forest) - given.mean()) / given.std(ddof=1)


def test_density_surface__is_the_formula_cell_by_cell_in_animals_per_100_km2(bayes):
    surface = density_surface(bayes)
    z = scaled(np.linspace(10, 90, 42))
    density = 100 * np.exp(bayes.draws[:, [0]] + bayes.draws[:, [1]] * z)
    np.testing.assert_allclose(surface.summary["median"], np.median(density, axis=0))
    np.testing.assert_allclose(surface.summary["q97.5"], np.quantile(density, 0.975, axis=0))
    np.testing.assert_allclose(
        surface.summary["cv"], density.std(axis=0, ddof=1) / density.mean(axis=0)
    )
    assert surface.unit == "animals per 100 km2"
    assert surface.estimand == "expected density"


def test_density_surface__maximum_likelihood_has_the_delta_method_of_the_predictor(mle):
    summary = density_surface(mle).summary
    z = scaled(np.linspace(10, 90, 42))
    value = 100 * np.exp(POINT[0] + POINT[1] * z)
    se = 0.1 * np.sqrt(4 + 2 * z + 9 * z**2)
    np.testing.assert_allclose(summary["median"], value)
    np.testing.assert_allclose(summary["sd"], value * se)
    np.testing.assert_allclose(summary["q2.5"], value * np.exp(-1.95996398 * se))


def test_density_surface__keeps_the_constants_of_scale_on_other_cells(mle, make_mask):
    other = make_mask(2, 1, covariates=pd.DataFrame({"forest": [50.0, 200.0]}))
    summary = density_surface(mle, mask=other).summary
    np.testing.assert_allclose(
        summary["median"], 100 * np.exp(POINT[0] + POINT[1] * scaled([50.0, 200.0]))
    )


def test_density_surface__names_the_covariate_that_other_cells_lack(mle, make_mask):
    with pytest.raises(FormulaError, match="forest"):
        density_surface(mle, mask=make_mask(2, 2))


def test_density_surface__refuses_cells_in_another_coordinate_system(mle):
    other = HabitatMask(xy=np.zeros((1, 2)), cell_area=1.0, crs="EPSG:32652", spacing=1000.0)
    with pytest.raises(MaskError, match="coordinate system"):
        density_surface(mle, mask=other)


def test_density_surface__asks_for_a_session_where_density_differs(
    make_fit, make_mask, make_session
):
    traps = [(2500, 2500), (4500, 2500)]
    sessions = tuple(make_session(name, traps, [(0, 0, 0)]) for name in ("2023", "2024"))
    fit = make_fit(
        Survey(sessions),
        make_mask(7, 6),
        ModelSpec(density="~ session"),
        point=[np.log(0.3), np.log(2), np.log(0.1), np.log(1200.0)],
        vcov=0.01 * np.eye(4),
    )
    with pytest.raises(FitError, match="'2023', '2024'"):
        density_surface(fit)
    with pytest.raises(FitError, match="no session '2025'"):
        density_surface(fit, session="2025")
    assert density_surface(fit, session="2024").summary["median"].iloc[0] == pytest.approx(60)


def test_realised_density__mean_is_that_of_the_counts(bayes):
    surface = realised_density(bayes, n_draws=500, seed=2)
    exact = np.mean([conditional_mean(bayes, theta)[0] for theta in bayes.draws], axis=0)
    error = surface.summary["sd"] / 100 / np.sqrt(500)
    assert (np.abs(surface.summary["mean"] / 100 - exact) < 5 * error).all()
    assert surface.estimand == "realised density"
    assert surface.headline == "mean"


def test_realised_density__sd_is_above_0_wherever_the_mean_is(bayes):
    # In two draws most cells have no animal: the sd is not 0 for that.
    draws = realised_draws(bayes, bayes.draws[:2], np.random.default_rng(6))
    empty = draws.counts(0).sum(axis=0) == 0
    summary = realised_density(bayes, draws=draws).summary
    assert empty.sum() > 3
    assert (summary["mean"] > 0).all()
    # At least that of the Poisson number missed, at most that of a Poisson number caught too.
    variance = (summary["sd"] / 100) ** 2
    missed = [expected_missed(bayes, theta)[0] for theta in bayes.draws[:2]]
    assert (variance >= np.mean(missed, axis=0)).all()
    most = summary["mean"] / 100 + np.var(
        [conditional_mean(bayes, theta)[0] for theta in bayes.draws[:2]], axis=0, ddof=1
    )
    assert (variance <= most * (1 + 1e-9)).all()
    np.testing.assert_allclose(summary["cv"], summary["sd"] / summary["mean"])


def test_realised_density__is_higher_than_expected_where_animals_were_caught(mle):
    realised, expected = realised_density(mle), density_surface(mle)
    near = np.hypot(*(mle.mask.xy - [3500, 3500]).T) < 2000
    total = [surface.summary["mean"][near].sum() for surface in (realised, expected)]
    assert total[0] > total[1]


def test_realised_density__the_same_seed_gives_the_same_surface(bayes):
    one, two = (realised_density(bayes, seed=5, n_draws=30).summary for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


def test_density_surface__probability_above_a_threshold_is_the_share_of_draws(bayes):
    surface = density_surface(bayes, threshold=30)
    z = scaled(np.linspace(10, 90, 42))
    density = 100 * np.exp(bayes.draws[:, [0]] + bayes.draws[:, [1]] * z)
    np.testing.assert_allclose(surface.summary["p_above_30"], (density > 30).mean(axis=0))
    assert 0 < surface.summary["p_above_30"].min() < surface.summary["p_above_30"].max()


def test_density_surface__probability_above_the_plug_in_is_a_half(mle):
    value = density_surface(mle).summary["median"]
    found = density_surface(mle, threshold=float(value[3])).summary
    assert found.filter(like="p_above_").iloc[3].item() == pytest.approx(0.5)
    assert (density_surface(mle, threshold=0).summary["p_above_0"] == 1).all()


def test_realised_density__probability_above_a_threshold_counts_animals(bayes):
    # Cells of 1 km2: more than 150 animals per 100 km2 are two or more animals.
    draws = realised_draws(bayes, bayes.draws, np.random.default_rng(4))
    surface = realised_density(bayes, draws=draws, threshold=150)
    expected = (draws.counts(0) >= 2).mean(axis=0)
    np.testing.assert_allclose(surface.summary["p_above_150"], expected)
    assert expected.max() > 0


def test_realised_density__a_threshold_needs_draws(mle):
    with pytest.raises(FitError, match="fit_laplace or fit_nuts"):
        realised_density(mle, threshold=2)
