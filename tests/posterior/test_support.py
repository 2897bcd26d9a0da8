import numpy as np
import pandas as pd
import pytest

from scr.likelihood.reference import p_dot
from scr.model.spec import ModelSpec
from scr.posterior.density import density_surface, realised_density
from scr.posterior.place import place_of
from scr.posterior.support import support_of
from scr.survey.survey import Survey

SIGMA = 400.0
POINT = [np.log(0.3), 0.5, np.log(0.1), np.log(SIGMA)]


@pytest.fixture
def covariates(make_mask):
    """Forest grows to the east; one cell of swamp far from all traps."""
    x = make_mask(7, 6).xy[:, 0]
    soil = np.where(x > 6000, "swamp", "loam")
    return pd.DataFrame({"forest": x / 1000, "soil": soil})


@pytest.fixture
def squares(make_session):
    """Two squares of stations 200 m apart: cells within 600 m of one are within reach."""
    square = np.array([(0, 0), (200, 0), (0, 200), (200, 200)])
    traps = np.concatenate([square + np.array((x, 2400)) for x in (2500, 4500)])
    return make_session("1", traps, [(0, 0, 0), (0, 2, 1), (1, 1, 5), (2, 3, 4)])


@pytest.fixture
def fit(make_fit, make_mask, squares, covariates):
    mask = make_mask(7, 6, covariates=covariates)
    spec = ModelSpec(density="~ forest")
    return make_fit(squares, mask, spec, point=POINT, vcov=0.01 * np.eye(4))


def test_support_of__p_dot_is_that_of_the_plain_likelihood(fit):
    (data,), arrays = fit.problem.sessions, fit.problem.design.arrays(fit.point)
    expected = p_dot(data, arrays, fit.spec.family)[0]
    for surface in (density_surface(fit), realised_density(fit)):
        np.testing.assert_allclose(surface.support["p_dot"], expected, rtol=1e-9, atol=1e-12)


def test_support_of__classes_count_by_their_share(make_fit, make_mask, sexed_session):
    theta = np.array([np.log(0.3), np.log(0.1), 0.4, np.log(1200.0), 0.3, -0.4])
    spec = ModelSpec(lambda0="~ sex", sigma="~ sex")
    fit = make_fit(sexed_session, make_mask(7, 6), spec, point=theta, vcov=0.01 * np.eye(6))
    (data,), arrays = fit.problem.sessions, fit.problem.design.arrays(theta)
    by_class = p_dot(data, arrays, fit.spec.family)
    male = 1 / (1 + np.exp(0.4))
    expected = (1 - male) * by_class[0] + male * by_class[1]
    found = support_of(fit, place_of(fit))["p_dot"]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_support_of__flags_covariates_outside_those_near_traps(fit):
    # Cells at x = 2500 and 4500 are within reach: forest from 2.5 to 4.5 was sampled.
    flag = support_of(fit, place_of(fit))["extrapolated"].to_numpy()
    forest = fit.mask.covariates["forest"].to_numpy()
    np.testing.assert_array_equal(flag, ((forest < 2.4) | (forest > 4.6)).astype(float))


def test_support_of__flags_labels_that_no_cell_near_a_trap_has(
    make_fit, make_mask, squares, covariates
):
    mask = make_mask(7, 6, covariates=covariates)
    fit = make_fit(squares, mask, ModelSpec(density="~ soil"), point=POINT, vcov=0.01 * np.eye(4))
    flag = support_of(fit, place_of(fit))["extrapolated"].to_numpy()
    np.testing.assert_array_equal(flag, (covariates["soil"] == "swamp").astype(float))


def test_support_of__nothing_is_extrapolated_where_density_is_constant(
    make_fit, make_mask, sexed_session, covariates
):
    mask = make_mask(7, 6, covariates=covariates)
    point = [POINT[0], *POINT[2:]]
    fit = make_fit(sexed_session, mask, ModelSpec(), point=point, vcov=0.01 * np.eye(3))
    assert support_of(fit, place_of(fit))["extrapolated"].sum() == 0


def test_support_of__other_cells_have_their_own(fit, make_mask):
    # The mask itself, given as other cells, is treated alike.
    again = make_mask(7, 6, covariates=fit.mask.covariates)
    same = density_surface(fit, mask=again).support
    pd.testing.assert_frame_equal(same, density_surface(fit).support, rtol=1e-9, atol=1e-12)
    far = make_mask(2, 1, origin=(90_000.0, 0.0), covariates=pd.DataFrame({"forest": [3.0, 9.0]}))
    support = density_surface(fit, mask=far).support
    assert support["p_dot"].max() < 1e-12
    assert support["extrapolated"].tolist() == [0.0, 1.0]


def test_support_of__where_sessions_share_ground_the_best_one_counts(
    make_fit, make_mask, make_session
):
    sessions = (
        make_session("2023", [(1500, 1500)], [(0, 0, 0)]),
        make_session("2024", [(5500, 4500)], [(0, 0, 0)]),
    )
    point = [POINT[0], *POINT[2:]]
    fit = make_fit(
        Survey(sessions), make_mask(7, 6), ModelSpec(), point=point, vcov=0.01 * np.eye(3)
    )
    each = [support_of(fit, place_of(fit, name))["p_dot"] for name in ("2023", "2024")]
    np.testing.assert_allclose(density_surface(fit).support["p_dot"], np.maximum(*each))
