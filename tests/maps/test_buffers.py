from dataclasses import replace

import numpy as np
import pytest

from scr.errors import FitError
from scr.maps.figures.buffers import plot_esa_by_buffer
from scr.posterior.buffers import esa_by_buffer


def test_plot_esa_by_buffer__draws_the_curve_and_marks_the_buffer_used(make_fit):
    fit = make_fit()
    axes = plot_esa_by_buffer(fit).axes[0]
    table = esa_by_buffer(fit).table
    curve, used = axes.lines
    np.testing.assert_allclose(curve.get_xdata(), table["buffer_m"] / 1000)
    np.testing.assert_allclose(curve.get_ydata(), table["median"])
    assert used.get_xdata()[0] == 6.0
    assert axes.texts[0].get_text() == "used: 6 km"


def test_plot_esa_by_buffer__says_what_a_wider_mask_would_add(make_fit, texts_of):
    fit = make_fit()
    words = " ".join(text for text, _ in texts_of(plot_esa_by_buffer(fit, width_mm=174.0)))
    table = esa_by_buffer(fit).table
    used = np.interp(6000, table["buffer_m"], table["median"])
    added = 100 * (table["median"].iloc[-1] - used) / used
    assert f"Widening the buffer by half adds {added:.1f} %" in words


def test_plot_esa_by_buffer__a_bounded_mask_cannot_be_wider(make_fit, texts_of):
    fit = make_fit()
    bounded = replace(fit, mask=replace(fit.mask, bounded=True))
    words = " ".join(text for text, _ in texts_of(plot_esa_by_buffer(bounded, width_mm=174.0)))
    assert "The mask cannot be wider." in words


def test_plot_esa_by_buffer__each_session_has_its_own(make_fit, texts_of):
    fit = make_fit(names=("2023", "2024"))
    words = " ".join(text for text, _ in texts_of(plot_esa_by_buffer(fit, session="2024")))
    assert "Session 2024" in words
    with pytest.raises(FitError, match="no session '1999'"):
        plot_esa_by_buffer(fit, session="1999")


@pytest.mark.parametrize("width_mm", [85.0, 174.0])
@pytest.mark.parametrize("engine", ["laplace", "mle"])
def test_plot_esa_by_buffer__texts_stay_on_the_sheet_and_apart(
    width_mm, engine, make_fit, assert_texts_apart
):
    fit = make_fit(engine=engine)
    assert_texts_apart(
        plot_esa_by_buffer(fit, subject="Far valleys", banner="SIMULATED", width_mm=width_mm)
    )
