"""Expected information against identities that hold whatever the code."""

import numpy as np
import pytest
import shapely

from scr.errors import LayoutError
from scr.habitat.region import Region
from scr.model.spec import ModelSpec
from trap_layouts.exposure import exposure, planned_design
from trap_layouts.information import Information, expected_information
from trap_layouts.layout import make_layout

SEXES = ModelSpec(density="~ scale(x)", lambda0="~ sex", sigma="~ sex")
MORE = {"density.scale(x)": 0.3, "lambda0.sex[T.M]": 0.3, "sigma.sex[T.M]": 0.3, "share": 0.4}
MODELS = {
    "sex": (SEXES, MORE),
    "latent groups": (
        ModelSpec(lambda0="~ h2", sigma="~ h2"),
        {"lambda0.h2[T.2]": 1.0, "sigma.h2[T.2]": -0.2, "pmix": 0.3},
    ),
    "effects of animals": (ModelSpec(lambda0="~ individual"), {"lambda0.individual": 0.6}),
}


def expected_animals(layout, assumptions, theta):
    design = planned_design(layout, assumptions)
    exposed = exposure(design, theta, n_occasions=assumptions.n_occasions)
    return (exposed.animals * exposed.detectability).sum()


@pytest.mark.parametrize("name", MODELS)
def test_expected_information__scores_have_the_mean_that_the_likelihood_demands(
    small_layout, plan, name
):
    # The expected score of the whole likelihood is nothing: Lambda E[g] = d Lambda / d theta.
    spec, more = MODELS[name]
    assumptions = plan(spec=spec, parameters=more, unknown_sex=0.3)
    found = expected_information(small_layout, assumptions, n_animals=6000, seed=2)
    theta = assumptions.thetas(planned_design(small_layout, assumptions))[0]
    slope = np.zeros(len(theta))
    for j in range(len(theta)):
        step = np.zeros(len(theta))
        step[j] = 1e-5
        above, below = (
            expected_animals(small_layout, assumptions, theta + s * step) for s in (1, -1)
        )
        slope[j] = (above - below) / 2e-5
    slope = slope @ found.to_coefficients
    each = found.weights[:, None] * found.gradients
    mean = each.sum(axis=0)
    error = np.sqrt((each**2).sum(axis=0))
    assert (np.abs(mean - slope) <= 4 * error + 1e-6).all()
    assert found.expected == pytest.approx(expected_animals(small_layout, assumptions, theta))


def test_expected_information__of_the_intercept_of_density_is_the_animals_expected(
    small_layout, plan
):
    found = expected_information(small_layout, plan(), n_animals=500)
    assert found.matrix[0, 0] == pytest.approx(found.expected)
    assert found.log_n_gradient == pytest.approx([1.0, 0.0, 0.0])


def test_expected_information__twice_the_density_halves_the_variance(small_layout, plan):
    one = expected_information(small_layout, plan(), n_animals=500)
    two = expected_information(small_layout, plan(parameters={"density": 4.0}), n_animals=500)
    assert two.rse == pytest.approx(one.rse / np.sqrt(2), rel=4 * one.rse_error / one.rse)


def test_expected_information__stated_error_is_the_spread_between_seeds(small_layout, plan):
    found = [
        expected_information(small_layout, plan(), n_animals=400, seed=seed) for seed in range(12)
    ]
    spread = np.std([one.rse for one in found], ddof=1)
    stated = np.median([one.rse_error for one in found])
    assert 0.5 < stated / spread < 2.0


def test_dominance__is_the_share_of_the_most_telling_animal():
    # One coefficient: an animal of gradient 2 and nine of gradient 1 bring 4 and 9 of 13.
    gradients = np.array([[2.0], *[[1.0]] * 9])
    matrix, weights = gradients.T @ gradients, np.ones(10)
    found = Information(
        ("density.Intercept",), np.eye(1), matrix, np.ones(1), gradients, weights, 10.0
    )
    assert found.dominance == pytest.approx(4 / 13)


def test_dominance__is_missing_where_nothing_can_be_told():
    found = Information(
        ("a",), np.eye(1), np.zeros((1, 1)), np.ones(1), np.zeros((0, 1)), np.zeros(0), 0.0
    )
    assert np.isnan(found.dominance)


def test_dominance__falls_with_the_number_of_animals(small_layout, plan):
    few, many = (
        expected_information(small_layout, plan(), n_animals=n).dominance for n in (200, 5000)
    )
    assert many < 0.5 * few


def test_expected_information__one_station_cannot_tell_sigma(plan):
    layout = make_layout("one", np.array([[0.0, 0.0]]), crs="local")
    found = expected_information(layout, plan(parameters={"lambda0": 0.001}), n_animals=300)
    assert found.rse > 2


def test_expected_information__multi_catch_is_refused(small_layout, plan):
    with pytest.raises(LayoutError, match="multi-catch traps is not worked out yet"):
        expected_information(small_layout, plan(detector="multi"))


def test_expected_information__reserve_off_the_mask_is_refused(small_layout, plan):
    far = Region("Far", shapely.box(1e6, 1e6, 1.1e6, 1.1e6), crs="local")
    with pytest.raises(LayoutError, match="Far does not meet"):
        expected_information(small_layout, plan(), reserve=far)
