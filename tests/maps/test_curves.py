import numpy as np
import pandas as pd
import pytest

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


@pytest.mark.parametrize("width_mm", [85.0, 174.0])
def test_plot_detection__texts_stay_on_the_sheet_and_apart(width_mm, assert_texts_apart):
    assert_texts_apart(plot_detection(curve_of(["F", "M"]), banner="SIMULATED", width_mm=width_mm))
