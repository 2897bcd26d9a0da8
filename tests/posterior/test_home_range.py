import numpy as np
import pytest
from scipy.integrate import quad

from scr.model.detection import detection_function
from scr.model.spec import ModelSpec
from scr.posterior.home_range import home_range_radius, radius_in_sigma


@pytest.mark.parametrize("share", [0.5, 0.95])
@pytest.mark.parametrize(
    ("name", "z"),
    [
        ("half_normal", 1.0),
        ("exponential", 1.0),
        ("hazard_rate", 3.5),
        ("hazard_variable_power", 1.4),
    ],
)
def test_radius_in_sigma__holds_the_share_of_the_integral_over_the_plane(name, z, share):
    family = detection_function(name)

    def use(r):
        return float(family.k(np.array(r), 1.0, z)) * r

    radius = radius_in_sigma(family.shape, z, share=share)
    inside = quad(use, 1e-9, radius, limit=200)[0]
    beyond = quad(use, radius, np.inf, limit=500)[0]
    assert inside / (inside + beyond) == pytest.approx(share, rel=1e-6)


def test_radius_in_sigma__a_tail_too_heavy_for_the_plane_has_none():
    assert radius_in_sigma("hazard_rate", 2.0, share=0.95) == np.inf
    assert radius_in_sigma("hazard_rate", 2.5, share=0.95) < np.inf


def test_home_range_radius__of_draws_is_in_proportion_to_sigma_of_each_class(
    make_fit, make_mask, sexed_session
):
    theta = np.array([np.log(0.3), np.log(0.1), 0.4, np.log(1200.0), 0.3, -0.4])
    draws = theta + np.random.default_rng(2).normal(0, 0.1, (41, 6))
    spec = ModelSpec(lambda0="~ sex", sigma="~ sex")
    fit = make_fit(sexed_session, make_mask(7, 6), spec, draws=draws)
    table = home_range_radius(fit).set_index("class")
    sigma = {"F": np.exp(draws[:, 3]), "M": np.exp(draws[:, 3] + draws[:, 4])}
    for label, values in sigma.items():
        ordered = np.sort(values) * np.sqrt(-2 * np.log(0.05))
        row = table.loc[label]
        assert row["median"] == pytest.approx(ordered[20])
        assert row["lower"] == pytest.approx(ordered[1])
        assert row["upper"] == pytest.approx(ordered[39])


def test_home_range_radius__of_maximum_likelihood_is_log_normal(make_fit, make_mask, sexed_session):
    vcov = np.diag([0.1, 0.1, 0.04])
    point = [np.log(0.3), np.log(0.1), np.log(1200.0)]
    fit = make_fit(sexed_session, make_mask(7, 6), ModelSpec(), point=point, vcov=vcov)
    (row,) = home_range_radius(fit).to_dict("records")
    assert row["median"] == pytest.approx(1200 * 2.4477, rel=1e-4)
    assert row["upper"] / row["median"] == pytest.approx(np.exp(1.959964 * 0.2), rel=1e-6)
    assert row["median"] / row["lower"] == pytest.approx(row["upper"] / row["median"])
