import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from scr.maps.curves import plot_detection
from scr.posterior.detectability import DetectionCurve


def curve_of(labels):
    km = np.linspace(0, 8000, 20)
    tables = [
        pd.DataFrame({"class": label, "distance_m": km, "median": 0.1, "lower": 0.05, "upper": 0.2})
        for label in labels
    ]
    return DetectionCurve(pd.concat(tables, ignore_index=True), "2024", "posterior")


def test_plot_detection__draws_a_line_and_a_band_for_each_class():
    axes = plot_detection(curve_of(["F", "M"])).axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["F", "M"]
    assert len(axes.lines) == len(axes.collections) == 2
    assert axes.get_xlim() == (0, 8)


def test_plot_detection__one_class_needs_no_legend():
    assert plot_detection(curve_of([""])).axes[0].get_legend() is None


def test_plot_detection__texts_stay_on_the_sheet_and_apart():
    figure = plot_detection(curve_of(["F", "M"]), banner="SIMULATED")
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    boxes = [
        text.get_window_extent(renderer)
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip()
    ]
    width, height = figure.get_size_inches() * figure.dpi
    assert all(b.x0 >= 0 and b.x1 <= width and b.y0 >= 0 and b.y1 <= height for b in boxes)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])
