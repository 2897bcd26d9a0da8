"""Expected information against identities that hold whatever the code, and simulated surveys."""

import numpy as np
import pytest
import shapely

from scr.errors import LayoutError
from scr.habitat.region import Region
from scr.likelihood.problem import build_problem, value_and_gradient
from scr.model.spec import ModelSpec
from scr.simulate.surveys import simulate_survey
from trap_layouts.exposure import exposure, planned_design, planned_survey
from trap_layouts.information import Information, expected_information
from trap_layouts.layout import make_layout

SEXES = ModelSpec(density="~ scale(x)", lambda0="~ sex", sigma="~ sex")
MORE_B = {"lambda0.b": 0.8, "lambda0.sex[T.M]": 0.3, "share": 0.4}
MORE_LINES = {"lambda0": 0.5, "lambda0.sex[T.M]": 0.3, "share": 0.4}
MORE = {"density.scale(x)": 0.3, "lambda0.sex[T.M]": 0.3, "sigma.sex[T.M]": 0.3, "share": 0.4}
MODELS = {
    "sex": ("proximity", SEXES, MORE),
    "latent groups": (
        "proximity",
        ModelSpec(lambda0="~ h2", sigma="~ h2"),
        {"lambda0.h2[T.2]": 1.0, "sigma.h2[T.2]": -0.2, "pmix": 0.3},
    ),
    "effects of animals": (
        "count",
        ModelSpec(lambda0="~ individual"),
        {"lambda0.individual": 0.6},
    ),
    "multi": ("multi", SEXES, MORE),
    "occasions": ("proximity", ModelSpec(lambda0="~ T"), {"lambda0.T": -0.1}),
    "response": ("proximity", ModelSpec(lambda0="~ b + sex"), MORE_B),
    "response at a trap": ("multi", ModelSpec(lambda0="~ Bk"), {"lambda0.Bk": 0.7}),
    "areas": ("polygon", ModelSpec(sigma="~ T"), {"lambda0": 1.0, "sigma.T": 0.05}),
    "exclusive areas": ("polygon_exclusive", ModelSpec(), {"lambda0": 1.0}),
    "lines": ("transect", ModelSpec(lambda0="~ sex"), MORE_LINES),
    "fixed number": ("proximity", ModelSpec(number="binomial", density="~ x"), {"density.x": 5e-5}),
}


def expected_animals(layout, assumptions, theta):
    design = planned_design(layout, assumptions)
    exposed = exposure(design, theta, n_occasions=assumptions.n_occasions)
    return (exposed.animals * exposed.detectability).sum()


@pytest.mark.parametrize("name", MODELS)
def test_expected_information__scores_have_the_mean_that_the_likelihood_demands(
    small_layout, four_areas, four_lines, plan, name
):
    # The expected score of the whole likelihood is nothing: Lambda E[g] = d Lambda / d theta.
    detector, spec, more = MODELS[name]
    layout = {"polygon": four_areas, "transect": four_lines}.get(
        detector.removesuffix("_exclusive"), small_layout
    )
    assumptions = plan(spec=spec, parameters=more, unknown_sex=0.3, detector=detector)
    n_animals = 1000 if assumptions.changing else 3000
    found = expected_information(layout, assumptions, n_animals=n_animals, seed=2)
    theta = assumptions.thetas(planned_design(layout, assumptions))[0]
    slope = np.zeros(len(theta))
    for j in range(len(theta)):
        step = np.zeros(len(theta))
        step[j] = 1e-5 * (1e-4 if assumptions.spec.density == "~ x" and j == 1 else 1)
        above, below = (expected_animals(layout, assumptions, theta + s * step) for s in (1, -1))
        slope[j] = (above - below) / (2 * step[j])
    slope = slope @ found.to_coefficients
    each = found.weights[:, None] * found.gradients
    mean = each.sum(axis=0)
    error = np.sqrt((each**2).sum(axis=0))
    assert (np.abs(mean - slope) <= 4 * error + 1e-6).all()
    assert found.expected == pytest.approx(expected_animals(layout, assumptions, theta))


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


def observed_information(layout, assumptions, n_surveys, seed=1):
    """Of each of some simulated surveys, by differences of the gradient of the log-likelihood."""
    spec = assumptions.spec
    drawn_from = spec if spec.number == "binomial" else assumptions.planned_spec
    coefficients = {name: float(v[0]) for name, v in assumptions.coefficients.items()}
    empty = planned_survey(layout, assumptions, detector=assumptions.detector)
    found = []
    for repeat in range(n_surveys):
        survey, _ = simulate_survey(
            empty, assumptions.mask, drawn_from, coefficients=coefficients,
            seed=seed + repeat, centres="cell_centre",
        )  # fmt: skip
        problem = build_problem(survey, assumptions.mask, spec)
        theta = np.array([coefficients[name] for name in problem.design.coefficient_names])
        slopes = [
            value_and_gradient(problem, theta + step)[1]
            - value_and_gradient(problem, theta - step)[1]
            for step in 1e-4 * np.eye(len(theta))
        ]
        found.append(-np.array(slopes) / 2e-4)
    return np.array(found)


OBSERVED = {
    "multi": ("multi", ModelSpec(), {"lambda0": 0.1}),
    "bk": ("proximity", ModelSpec(lambda0="~ bk"), {"lambda0.bk": 0.8}),
    "areas": ("polygon", ModelSpec(), {"lambda0": 1.0}),
    "binomial": ("proximity", ModelSpec(number="binomial"), {"lambda0": 0.15}),
    "conditional": ("multi", ModelSpec(number="conditional"), {"lambda0": 0.1}),
}


@pytest.mark.parametrize("name", OBSERVED)
def test_expected_information__is_the_mean_of_that_observed_in_simulated_surveys(
    small_layout, four_areas, plan, name
):
    detector, spec, more = OBSERVED[name]
    layout = four_areas if detector == "polygon" else small_layout
    assumptions = plan(spec=spec, detector=detector, parameters={"density": 40.0} | more)
    n_animals = 1500 if assumptions.changing else 4000
    found = expected_information(layout, assumptions, n_animals=n_animals)
    observed = observed_information(layout, assumptions, n_surveys=10)

    back = np.linalg.inv(found.to_coefficients)
    matrix = back.T @ found.matrix @ back
    if spec.number == "conditional":  # Detection alone: density is derived
        matrix = np.linalg.inv(found.covariance[1:, 1:])
    mean = observed.mean(axis=0)
    error = observed.std(axis=0, ddof=1) / np.sqrt(len(observed))
    error += 3e-2 * np.sqrt(np.outer(np.diag(mean), np.diag(mean)))  # Monte Carlo of the expected
    assert (np.abs(matrix - mean) < 3 * error).all(), (matrix - mean) / error


def test_expected_information__a_fixed_number_tells_more_of_density(small_layout, plan):
    # Of the number caught alone: variance Lambda (1 - p) in place of Lambda.
    poisson, fixed = (
        expected_information(
            small_layout,
            plan(spec=ModelSpec(number=number), parameters={"lambda0": 0.5, "sigma": 6000.0}),
            n_animals=500,
        )
        for number in ("poisson", "binomial")
    )
    design = planned_design(small_layout, plan())
    theta = plan(parameters={"lambda0": 0.5, "sigma": 6000.0}).thetas(design)[0]
    living = exposure(design, theta, n_occasions=10).animals.sum()
    p = poisson.expected / living
    more = np.linalg.eigvalsh(fixed.matrix - poisson.matrix)
    assert p > 0.5
    assert fixed.matrix[0, 0] == pytest.approx(poisson.expected / (1 - p))
    assert more[0] == pytest.approx(0, abs=1e-6 * more[-1])
    assert more[1] == pytest.approx(0, abs=1e-6 * more[-1])


def test_expected_information__of_responses_to_other_animals_is_refused(small_layout, plan):
    assumptions = plan(spec=ModelSpec(lambda0="~ k"), parameters={"lambda0.k": 0.5})
    with pytest.raises(LayoutError, match="name k: an animal then depends on those caught before"):
        expected_information(small_layout, assumptions)


def test_expected_information__reserve_off_the_mask_is_refused(small_layout, plan):
    far = Region("Far", shapely.box(1e6, 1e6, 1.1e6, 1.1e6), crs="local")
    with pytest.raises(LayoutError, match="Far does not meet"):
        expected_information(small_layout, plan(), reserve=far)
