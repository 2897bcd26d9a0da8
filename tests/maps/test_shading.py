import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from scr.habitat.mask import HabitatMask
from scr.maps.shading import colours_of, draw_cells, scale_of

XY = np.array([[500.0, 500.0], [1500.0, 500.0], [500.0, 1500.0], [3500.0, 2500.0]])


def test_scale_of__runs_from_zero_to_the_largest_value():
    norm = scale_of(np.array([0.5, 2.0, np.nan, 1.0]))
    assert (norm.vmin, norm.vmax) == (0.0, 2.0)


def test_scale_of__a_few_cells_far_above_the_others_may_share_the_last_colour():
    values = np.append(np.linspace(0, 1, 2000), 50.0)
    assert scale_of(values).vmax == 50.0
    assert scale_of(values, clip=True).vmax < 1.01
    # Not where they are not far above: a scale that ends early would hide nothing.
    assert scale_of(np.append(np.linspace(0, 1, 2000), 1.2), clip=True).vmax == 1.2


@pytest.mark.parametrize("values", [np.zeros(3), np.full(3, np.nan), np.zeros(0)])
def test_scale_of__nothing_to_show_has_a_scale_all_the_same(values):
    assert (scale_of(values).vmin, scale_of(values).vmax) == (0.0, 1.0)


def test_scale_of__limits_given_are_kept():
    norm = scale_of(np.array([9.0]), (1.0, 3.0), clip=True)
    assert (norm.vmin, norm.vmax) == (1.0, 3.0)


def test_colours_of__uncertainty_differs_from_density_unless_the_user_chose():
    assert colours_of("median") != colours_of("cv")
    assert colours_of("cv", "magma") == "magma"


@pytest.mark.parametrize("spacing", [1000.0, None])
def test_draw_cells__each_cell_has_its_colour_where_it_lies(spacing):
    values = np.array([1.0, 2.0, 3.0, 4.0])
    figure = Figure(figsize=(4, 3), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 4000), ylim=(0, 3000))
    mask = HabitatMask(XY, 1.0, "local", spacing=spacing)
    drawn = draw_cells(axes, mask, values, norm=scale_of(values), cmap="viridis")
    axes.set_axis_off()
    axes.patch.set_visible(False)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())
    for (x, y), value in zip(XY, values, strict=True):
        shown = pixels[299 - int(y / 10), int(x / 10)] / 255
        np.testing.assert_allclose(shown, drawn.to_rgba(value), atol=0.01)
    empty = pixels[299 - 250, 50] / 255
    np.testing.assert_allclose(empty, to_rgba("white"), atol=0.01)
