import numpy as np
import pytest

import scr
from scr.posterior.realised import realised_draws
from scr.report import layers as module
from scr.report.layers import expected_surfaces, private_layers, public_layers


def labels(layers):
    return [layer.label for layer in layers]


@pytest.fixture(scope="module")
def draws(fit):
    return realised_draws(fit, fit.draws[:20], np.random.default_rng(1))


def test_public_layers__expected_density_within_the_region_alone(fit, region):
    found = public_layers(fit, expected_surfaces(fit), [region])
    assert labels(found) == [
        "Expected density, median",
        "Expected density, lower limit",
        "Expected density, upper limit",
    ]
    for layer in found:
        xy = layer.surface.mask.xy
        assert xy.min(axis=0).tolist() == [708_500, 4_708_500]
        assert xy.max(axis=0).tolist() == [715_500, 4_715_500]
        assert set(layer.surface.table.columns) == {"median", "q2.5", "q97.5"}


def test_public_layers__without_a_region_the_edge_of_the_mask_is_left_out(fit):
    (shown, *_) = public_layers(fit, expected_surfaces(fit), [])
    edge = np.abs(fit.mask.xy - fit.mask.xy.mean(axis=0)).max(axis=1) > 10_000
    kept = {tuple(xy) for xy in shown.surface.mask.xy}
    assert edge.any()
    assert not kept & {tuple(xy) for xy in fit.mask.xy[edge]}


def test_private_layers__has_uncertainty_realised_density_and_detectability(fit, draws):
    found = private_layers(fit, expected_surfaces(fit), draws)
    assert {
        "Expected density, coefficient of variation",
        "Realised density, mean",
        "Probability of being detected",
    } <= set(labels(found))
    assert all(len(layer.values) == len(fit.mask) for layer in found)
    p_dot = next(layer for layer in found if layer.column == "p_dot").values
    assert 0 < p_dot.min() < 0.5 < p_dot.max() <= 1


def test_private_layers__sessions_on_shared_ground_have_layers_of_their_own(make_fit):
    fit = make_fit(names=("spring", "autumn"), engine="mle")
    found = labels(private_layers(fit, expected_surfaces(fit), None))
    assert "Expected density, median, session spring" in found
    assert "Realised density, mean, session spring" in found
    assert "Realised density, mean, session autumn" in found


def test_expected_surfaces__cells_given_for_a_region_are_public(fit):
    cells = scr.HabitatMask(
        np.array([[740_500.0, 4_720_500.0], [741_500.0, 4_720_500.0]]),
        1.0,
        fit.mask.crs,
        spacing=1000.0,
    ).with_covariate("north", np.array([0.0, 1.0]))
    found = public_layers(fit, expected_surfaces(fit, {"next valley": cells}), [])
    assert labels(found)[-3] == "Expected density, median, next valley"
    np.testing.assert_array_equal(found[-3].surface.mask.xy, cells.xy)


def test_layers__are_made_coarser_until_they_fit(fit, draws, monkeypatch):
    monkeypatch.setattr(module, "MOST_NUMBERS", 600)
    found = private_layers(fit, expected_surfaces(fit), draws)
    assert len(found) == 8
    assert sum(len(layer.values) for layer in found) < 600
    masks = {id(layer.surface.mask): layer.surface.mask for layer in found}
    assert len(masks) == 2
    for mask in masks.values():
        assert mask.area == pytest.approx(fit.mask.area)
