import numpy as np
import pandas as pd
import pytest

from scr.maps.figures.curves import plot_detection
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


@pytest.mark.parametrize("width_mm", [85.0, 174.0])
def test_plot_detection__texts_stay_on_the_sheet_and_apart(width_mm, assert_texts_apart):
    assert_texts_apart(plot_detection(curve_of(["F", "M"]), banner="SIMULATED", width_mm=width_mm))


def radius_of(rows):
    return pd.DataFrame(rows, columns=["class", "median", "lower", "upper"])


def test_plot_detection__marks_and_states_the_home_range_radius(texts_of):
    radius = radius_of([("F", 4200.0, 3900.0, 4700.0), ("M", 6100.0, 5500.0, 7000.0)])
    figure = plot_detection(curve_of(["F", "M"]), radius=radius, width_mm=174.0)
    marked = [line.get_xdata()[0] for line in figure.axes[0].lines[2:]]
    assert marked == [4.2, 6.1]
    words = " ".join(text for text, _ in texts_of(figure))
    assert "95 % home-range radius (dotted): F 4.2 km (3.9 to 4.7), M 6.1 km (5.5 to 7.0)" in words


def test_plot_detection__a_radius_that_is_not_finite_is_said_and_not_drawn(texts_of):
    radius = radius_of([("", np.inf, 3900.0, np.inf)])
    figure = plot_detection(curve_of([""]), radius=radius)
    assert len(figure.axes[0].lines) == 1
    assert "not finite" in " ".join(text for text, _ in texts_of(figure))
    open_ended = radius_of([("", 4200.0, 3900.0, np.inf)])
    figure = plot_detection(curve_of([""]), radius=open_ended)
    assert "4.2 km (3.9 to no limit)" in " ".join(text for text, _ in texts_of(figure))
