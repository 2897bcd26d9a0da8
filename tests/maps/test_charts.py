import itertools

import pytest

from scr.maps.figures.charts import Room, chart_sheet, plain_axes
from scr.maps.figures.layout import Heading


@pytest.mark.parametrize("width_mm", [85.0, 174.0])
@pytest.mark.parametrize("grid", [(1, 1), (2, 3), (4, 2)])
def test_chart_sheet__panels_have_the_size_asked_for_and_stand_apart(grid, width_mm):
    figure, panels = chart_sheet(
        Heading("T", "d"), width_mm=width_mm, panel_mm=20.0, grid=grid, room=Room(foot=5.0)
    )
    assert len(panels) == grid[0] * grid[1]
    assert figure.get_figwidth() * 25.4 == pytest.approx(width_mm)
    height = figure.get_figheight() * 25.4
    boxes = [axes.get_position() for axes in panels]
    for box in boxes:
        assert box.height * height == pytest.approx(20.0)
        assert box.width * width_mm == pytest.approx(width_mm / grid[1] - 17.0)
        assert box.y0 * height >= 5.0 + 9.5 - 1e-6
        assert box.x1 <= 1.0
    for a, b in itertools.combinations(boxes, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        assert min(across, min(a.y1, b.y1) - max(a.y0, b.y0)) < -1e-6


def test_chart_sheet__panels_are_counted_row_by_row_from_the_top():
    _, panels = chart_sheet(Heading("T", "d"), width_mm=174.0, panel_mm=20.0, grid=(2, 2))
    first, second, third, _ = (axes.get_position() for axes in panels)
    assert first.x0 < second.x0
    assert first.y0 == pytest.approx(second.y0)
    assert third.x0 == pytest.approx(first.x0)
    assert third.y1 < first.y0


def test_chart_sheet__a_longer_heading_makes_a_higher_sheet_not_a_smaller_panel(
    assert_texts_apart,
):
    heights = []
    for words in ("short", "many words about a survey and how it was made " * 6):
        figure, (axes,) = chart_sheet(Heading("T", words), width_mm=85.0, panel_mm=30.0)
        height = figure.get_figheight() * 25.4
        assert axes.get_position().height * height == pytest.approx(30.0)
        heights.append(height)
        assert_texts_apart(figure)
    assert heights[1] > heights[0] + 10


def test_plain_axes__names_both_axes_and_leaves_no_box():
    _, (axes,) = chart_sheet(Heading("T", "d"), width_mm=85.0, panel_mm=30.0)
    plain_axes(axes, x="Distance (km)", y="Probability", left=False)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Distance (km)", "Probability")
    assert [side for side, spine in axes.spines.items() if spine.get_visible()] == ["bottom"]
