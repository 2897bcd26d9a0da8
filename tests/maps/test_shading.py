import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from scr.habitat.mask import HabitatMask
from scr.maps.figures.scales import scale_of
from scr.maps.figures.shading import draw_cells

XY = np.array([[500.0, 500.0], [1500.0, 500.0], [500.0, 1500.0], [3500.0, 2500.0]])


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
