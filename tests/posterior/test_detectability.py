import numpy as np
import pytest
from scipy.special import exp1

from scr.likelihood.reference import p_dot
from scr.model.spec import ModelSpec
from scr.posterior.detectability import (
    detectability_surface,
    detection_curve,
    detection_parameters,
    effective_sampling_area,
)

BY_SEX = ModelSpec(lambda0="~ sex", sigma="~ sex")
THETA = np.array([np.log(0.3), np.log(0.1), 0.4, np.log(1200.0), 0.3, -0.4])
MALES = 1 / (1 + np.exp(0.4))


@pytest.fixture
def fit(make_fit, make_mask, sexed_session):
    return make_fit(sexed_session, make_mask(7, 6), BY_SEX, point=THETA, vcov=1e-3 * np.eye(6))


def test_detectability_surface__averages_the_plain_p_dot_by_the_shares(fit):
    (data,) = fit.problem.sessions
    by_class = p_dot(data, fit.problem.design.arrays(THETA), fit.spec.family)
    surface = detectability_surface(fit, max_draws=4)
    expected = (1 - MALES) * by_class[0] + MALES * by_class[1]
    np.testing.assert_allclose(surface.summary["median"], expected, rtol=1e-9)


def test_effective_sampling_area__one_trap_matches_the_closed_form(
    make_fit, make_mask, make_session
):
    # On an open plane a = 2 pi sigma^2 Ein(h), h = lambda0 x effort, Ein(h) = E1(h) + ln h + gamma.
    session = make_session("1", [(0.0, 0.0)], [(0, 0, 0)], n_occasions=30)
    mask = make_mask(60, 60, spacing=250.0, origin=(-7500.0, -7500.0))
    point = [0.0, np.log(0.05), np.log(1000.0)]
    fit = make_fit(session, mask, ModelSpec(), point=point, vcov=np.diag([1, 0.02, 0.01]))

    (row,) = effective_sampling_area(fit).to_dict("records")

    h = 0.05 * 30
    ein = exp1(h) + np.log(h) + np.euler_gamma
    assert row["median"] == pytest.approx(2 * np.pi * ein, rel=1e-6)
    # d log a / d log sigma = 2 and d log a / d log h = (1 - exp(-h)) / Ein(h).
    log_se = np.sqrt(4 * 0.01 + 0.02 * ((1 - np.exp(-h)) / ein) ** 2)
    assert row["sd"] == pytest.approx(row["median"] * log_se, rel=1e-4)
    assert row["mask_km2"] == pytest.approx(225.0)


def test_effective_sampling_area__posterior_draws_give_their_quantiles(
    make_fit, make_mask, sexed_session
):
    draws = THETA + np.random.default_rng(2).normal(0, 0.1, (40, 6))
    fit = make_fit(sexed_session, make_mask(7, 6), BY_SEX, draws=draws)
    (data,) = fit.problem.sessions
    areas = []
    for theta in draws:
        arrays = fit.problem.design.arrays(theta)
        by_class = p_dot(data, arrays, fit.spec.family)
        areas.append(np.exp(arrays.log_share[0]) @ by_class @ data.cell_area)
    (row,) = effective_sampling_area(fit).to_dict("records")
    assert row["median"] == pytest.approx(np.median(areas))
    assert row["upper"] == pytest.approx(np.quantile(areas, 0.975))


def test_detection_curve__is_the_detection_function_of_each_sex(fit):
    curve = detection_curve(fit, distances=np.array([0.0, 1500.0])).table
    hazard = {"F": (0.1, 1200.0), "M": (0.1 * np.exp(0.4), 1200.0 * np.exp(0.3))}
    for label, (lambda0, sigma) in hazard.items():
        h = lambda0 * np.exp(-(np.array([0.0, 1500.0]) ** 2) / (2 * sigma**2))
        found = curve[curve["class"] == label]
        np.testing.assert_allclose(found["median"], 1 - np.exp(-h), rtol=1e-9)
        assert (found["lower"] < found["median"]).all()
        assert (found["upper"] > found["median"]).all()


def test_detection_curve__reaches_to_four_sigma_of_the_wider_class(fit):
    curve = detection_curve(fit)
    assert curve.table["distance_m"].max() == pytest.approx(4 * 1200 * np.exp(0.3))


def test_detection_parameters__are_on_their_natural_scales(fit):
    table = detection_parameters(fit).set_index(["parameter", "class"])
    assert table["median"].to_dict() == pytest.approx(
        {
            ("lambda0", "F"): 0.1,
            ("lambda0", "M"): 0.1 * np.exp(0.4),
            ("sigma", "F"): 1200.0,
            ("sigma", "M"): 1200.0 * np.exp(0.3),
            ("share", "F"): 1 - MALES,
            ("share", "M"): MALES,
        }
    )
    assert table["session"].isna().all()
    assert table["unit"].to_dict()["sigma", "F"] == "m"
    # log sigma of females is one coefficient, of males the sum of two independent ones.
    sd = table["sd"] / table["median"]
    assert sd["sigma", "F"] == pytest.approx(np.sqrt(1e-3), rel=1e-5)
    assert sd["sigma", "M"] == pytest.approx(np.sqrt(2e-3), rel=1e-5)


def test_detection_curve__hazard_rate_is_g0_at_the_centre(make_fit, make_mask, sexed_session):
    point = [np.log(0.3), -2.0, np.log(1200.0), 1.2]
    spec = ModelSpec(detection="hazard_rate")
    fit = make_fit(sexed_session, make_mask(7, 6), spec, point=point, vcov=1e-3 * np.eye(4))
    table = detection_curve(fit).table
    assert table["distance_m"].iloc[0] == 0.0
    assert table["median"].iloc[0] == pytest.approx(1 / (1 + np.exp(2.0)))


def test_detection_curve__reaches_beyond_the_ring_of_an_annular_normal(
    make_fit, make_mask, sexed_session
):
    point = np.array([np.log(0.3), np.log(0.1), np.log(300.0), np.log(3000.0)])
    spec = ModelSpec(detection="hazard_annular_normal")
    fit = make_fit(sexed_session, make_mask(7, 6), spec, point=point, vcov=1e-6 * np.eye(4))
    table = detection_curve(fit).table
    top = table.loc[table["median"].idxmax()]
    assert top["distance_m"] == pytest.approx(3000.0, abs=50)
    assert top["median"] == pytest.approx(1 - np.exp(-0.1), rel=0.01)
    assert table["distance_m"].max() == pytest.approx(3000.0 + 4 * 300.0)
