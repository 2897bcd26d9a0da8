"""One scale of colours for all sessions and layers of one quantity, in figures, HTML and .qml."""

from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from scr.habitat.mask import HabitatMask
from scr.maps.figures.interactive import Layer, interactive_map
from scr.maps.figures.plots import MapStyle, plot_surface
from scr.maps.figures.scales import (
    colours_of,
    common_limits,
    quantity_of,
    scale_for,
    scale_of,
    wide_limits,
)
from scr.maps.results.qgis_style import write_surface_style
from scr.posterior.change import change_surface
from scr.posterior.density import density_surface
from scr.posterior.surface import Surface
from scr.report.layers import expected_surfaces, private_layers, public_layers


def surface_of(values, *, session="2023", estimand="expected density", extrapolated=None):
    xy = np.column_stack([1000.0 * np.arange(len(values)) + 500, np.full(len(values), 500.0)])
    values = np.asarray(values, dtype=float)
    table = pd.DataFrame({"median": values, "q2.5": values / 2, "q97.5": 2 * values, "cv": 0.1})
    support = None
    if extrapolated is not None:
        support = pd.DataFrame({"p_dot": 0.5, "extrapolated": np.asarray(extrapolated, float)})
    mask = HabitatMask(xy, 1.0, "local", spacing=1000.0)
    return Surface(
        mask, table, estimand, "animals per 100 km2", session, "posterior", 9, support=support
    )


def test_scale_of__runs_from_zero_to_the_largest_value():
    norm = scale_of(np.array([0.5, 2.0, np.nan, 1.0]))
    assert (norm.vmin, norm.vmax) == (0.0, 2.0)


def test_scale_of__a_few_cells_far_above_the_others_share_the_last_colour():
    assert scale_of(np.append(np.linspace(0, 1, 2000), 50.0)).vmax < 1.01
    # Not where they are not far above: a scale that ends early would hide nothing.
    assert scale_of(np.append(np.linspace(0, 1, 2000), 1.2)).vmax == 1.2


@pytest.mark.parametrize("values", [np.zeros(3), np.full(3, np.nan), np.zeros(0)])
def test_scale_of__nothing_to_show_has_a_scale_all_the_same(values):
    assert (scale_of(values).vmin, scale_of(values).vmax) == (0.0, 1.0)


def test_scale_for__limits_given_are_kept():
    norm = scale_for(surface_of([9.0]), "median", (1.0, 3.0))
    assert (norm.vmin, norm.vmax) == (1.0, 3.0)


def test_colours_of__uncertainty_differs_from_density_unless_the_user_chose():
    surface = surface_of([1.0])
    assert colours_of(surface, "median") != colours_of(surface, "cv")
    assert colours_of(surface, "cv", "magma") == "magma"


def test_common_limits__are_those_of_all_sessions_and_of_estimate_and_limits():
    one, two = surface_of([1.0, 2.0]), surface_of([1.0, 5.0], session="2024")
    limits = common_limits([one, two])
    assert limits["expected density"] == (0.0, 5.0)
    for surface in (one, two):
        for column in ("median", "q2.5", "q97.5"):
            assert scale_for(surface, column, limits).vmax == 5.0
    assert quantity_of(one, "cv") != quantity_of(one, "median")


def test_common_limits__cells_that_were_not_sampled_do_not_rule():
    surface = surface_of([1.0, 2.0, 90.0], extrapolated=[0, 0, 1])
    assert common_limits([surface])["expected density"] == (0.0, 2.0)
    assert common_limits([surface_of([1.0, 90.0], extrapolated=[1, 1])])["expected density"][1] > 2


def test_common_limits__a_change_has_the_same_reach_on_both_sides():
    change = surface_of([-1.0, 4.0], estimand="change of expected density, 2021 to 2023")
    assert common_limits([change])["change of expected density"] == (-4.0, 4.0)
    assert colours_of(change, "median") == "BrBG"


@pytest.fixture
def years(make_fit):
    return make_fit(names=("2021", "2023"), density="~ north + session")


def test_scales__figures_styles_and_page_of_all_sessions_agree(years, tmp_path):
    expected = expected_surfaces(years)
    limits = common_limits(expected.of_fit)
    (_, top) = limits["expected density"]
    each = [float(surface.summary["median"].max()) for surface in expected.of_fit]
    assert each[0] != pytest.approx(each[1])
    assert top == pytest.approx(max(each))
    for surface in expected.of_fit:
        image = plot_surface(surface, style=MapStyle(limits=limits)).axes[0].images[0]
        assert (image.norm.vmin, image.norm.vmax) == (0.0, top)
        style = write_surface_style(surface, tmp_path / "density.tif", band=1, limits=limits)
        shader = ET.parse(style).getroot().find("pipe/rasterrenderer/rastershader/colorrampshader")
        assert float(shader.get("maximumValue")) == pytest.approx(top, rel=1e-9)
    layers = private_layers(years, expected, None)
    of_density = [layer for layer in layers if layer.label.startswith("Expected density, median")]
    assert len(of_density) == 2
    for layer in of_density:
        assert layer.limits["expected density"] == (0.0, pytest.approx(top))


def test_scales__the_page_has_an_arrow_where_a_layer_goes_on_above_its_last_colour():
    high = surface_of([1.0, 4.0])
    upper = Layer("Upper", high, "q97.5", "animals")
    median = Layer("Median", high, "median", "animals")
    for layer, arrow in ((upper, True), (median, False)):
        script, _ = interactive_map([layer])
        assert ("25b6" in script) is arrow


def test_wide_limits__hold_the_upper_limit_too():
    one, two = surface_of([1.0, 2.0]), surface_of([1.0, 5.0], session="2024")
    assert wide_limits([one, two]) == {"expected density": (0.0, 10.0)}


def test_wide_limits__a_change_has_the_same_reach_on_both_sides():
    change = surface_of([-1.0, 4.0], estimand="change of expected density, 2021 to 2023")
    assert wide_limits([change]) == {"change of expected density": (-8.0, 8.0)}


def test_scales__what_is_public_has_a_scale_from_what_is_public(years):
    expected = expected_surfaces(years)
    shown = public_layers(years, expected, [])
    top = shown[0].limits["expected density"][1]
    values = np.concatenate([layer.values for layer in shown if layer.column == "median"])
    assert top == pytest.approx(values.max(), rel=1e-5)
    everywhere = max(surface.summary["median"].max() for surface in expected.of_fit)
    assert top < everywhere


def test_change_surface__is_the_difference_of_the_two_maps_draw_by_draw(years):
    change = change_surface(years, first="2021", last="2023")
    one, two = (density_surface(years, session=name) for name in ("2021", "2023"))
    assert change.summary["mean"].to_numpy() == pytest.approx(
        (two.summary["mean"] - one.summary["mean"]).to_numpy()
    )
    slope = years.draws[:, years.coefficient_names.index("density.session[T.2023]")]
    assert change.summary["p_decline"].to_numpy() == pytest.approx((slope < 0).mean())
    assert change.headline == "median"
    figure = plot_surface(change)
    norm = figure.axes[0].images[0].norm
    assert norm.vmin == -norm.vmax
