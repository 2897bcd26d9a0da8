import numpy as np
import pytest
import shapely

from scr.habitat.region import Region
from scr.likelihood.centres import centre_probability
from scr.model.spec import ModelSpec
from scr.posterior.abundance import abundance, abundance_draws
from scr.posterior.ground import ground_of
from scr.posterior.place import place_of
from scr.posterior.placing import animals_in_zones
from scr.posterior.prediction import predicted_cells, predicted_number
from scr.posterior.realised import conditional_mean, expected_missed, realised_draws

THETA = np.array([np.log(0.3), 0.0002, np.log(0.1), 0.4, np.log(1200.0), 0.3, -0.4])
BY_SEX = ModelSpec(density="~ x", lambda0="~ sex", sigma="~ sex")


@pytest.fixture
def fit(make_fit, make_mask, sexed_session):
    half = np.random.default_rng(1).normal(0, 0.006, (7, 7)) * np.abs(THETA)[:, None]
    return make_fit(sexed_session, make_mask(7, 6), BY_SEX, point=THETA, vcov=half @ half.T)


def region():
    return Region("west", shapely.box(0, 0, 3400, 6000), crs="local")


def test_predicted_number__variance_is_that_of_animals_given_the_coefficients_and_of_these(fit):
    ground = ground_of(fit, region(), None)
    (row,) = predicted_number(fit, ground).to_dict("records")
    rng = np.random.default_rng(2)
    means = [
        (ground.share @ conditional_mean(fit, theta)[0])[0]
        for theta in rng.multivariate_normal(THETA, fit.vcov, 1500)
    ]
    counts = realised_draws(fit, np.tile(THETA, (6000, 1)), rng).counts(0)
    outline = [region().geometry]
    known = animals_in_zones(counts, fit.mask, ground.share, outline, rng=rng)[:, 0]
    assert row["mean"] == pytest.approx(known.mean(), abs=4 * known.std() / np.sqrt(6000))
    assert row["sd"] == pytest.approx(np.sqrt(np.var(means) + known.var()), rel=0.05)


def test_predicted_number__without_error_of_coefficients_is_exact(
    make_fit, make_mask, sexed_session
):
    fit = make_fit(sexed_session, make_mask(7, 6), BY_SEX, point=THETA, vcov=np.zeros((7, 7)))
    ground = ground_of(fit, region(), None)
    (row,) = predicted_number(fit, ground).to_dict("records")
    share = ground.share[0]
    variance = share @ expected_missed(fit, THETA)[0]
    for animal in range(3):
        p = centre_probability(fit.problem, THETA, animal).sum(axis=0)
        variance += (p @ share) * (1 - p @ share)
    assert row["sd"] == pytest.approx(np.sqrt(variance), rel=1e-7)


def test_abundance__limits_after_maximum_likelihood_are_those_of_animals_drawn(fit):
    table = abundance(fit, seed=4).set_index("estimand")
    row, drawn = table.loc["realised N"], abundance_draws(fit, seed=4).realised.iloc[:, 0]
    value = predicted_number(fit, ground_of(fit, None, None)).iloc[0]
    assert (row["median"], row["sd"]) == (value["mean"], value["sd"])
    assert (row["lower"], row["upper"]) == tuple(np.quantile(drawn, [0.025, 0.975]))
    assert row["lower"] >= 3


def test_predicted_cells__agree_with_regions_of_a_single_cell(fit):
    mean, sd = predicted_cells(fit, place_of(fit, realised=True))
    for cell in (0, 16, 41):
        x, y = fit.mask.xy[cell]
        square = Region("cell", shapely.box(x - 500, y - 500, x + 500, y + 500), crs="local")
        (row,) = predicted_number(fit, ground_of(fit, square, None)).to_dict("records")
        assert [mean[cell], sd[cell]] == pytest.approx([row["mean"], row["sd"]], rel=1e-6)
