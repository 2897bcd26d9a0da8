import numpy as np
import pytest
from shapely.geometry import box

from scr.habitat.build import build_mask
from scr.habitat.region import Region
from scr.maps.figures.survey_map import plot_survey
from scr.survey.traps import Traps


def grid(n):
    x, y = np.meshgrid(np.arange(n) * 2000.0, np.arange(n) * 2000.0)
    xy = np.column_stack([x.ravel(), y.ravel()])
    return Traps(names=[f"K{k:03d}" for k in range(n * n)], xy=xy, crs="local")


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def legend(figure):
    return [t.get_text() for axes in figure.axes if axes.get_legend() for t in
            axes.get_legend().get_texts()]  # fmt: skip


def test_plot_survey__names_every_station_where_there_are_few():
    traps = grid(3)
    figure = plot_survey(traps, marked=["K004"])
    assert set(traps.names) <= set(texts(figure))
    assert legend(figure) == ["Stations", "With a trouble"]


def test_plot_survey__names_only_those_in_trouble_where_there_are_many():
    figure = plot_survey(grid(9), marked=["K004", "K017"])
    assert [text for text in texts(figure) if text.startswith("K")] == ["K004", "K017"]


def test_plot_survey__mask_and_reserve_are_in_the_picture():
    traps = grid(3)
    mask = build_mask(traps, buffer=5000, spacing=1000)
    reserve = Region(name="Park", geometry=box(-9000, 0, 1000, 1000), crs="local", source="park")
    figure = plot_survey(traps, mask, regions=[reserve])
    assert legend(figure) == ["Stations", "Habitat mask", "Park"]
    west, east = figure.axes[0].get_xlim()
    assert west <= -9000
    assert east >= 9000
    assert figure.axes[0].images


@pytest.mark.parametrize("n", [1, 2])
def test_plot_survey__one_station_or_a_few_can_be_drawn(n):
    assert plot_survey(grid(n)).axes


def test_plot_survey__names_do_not_touch_and_those_in_trouble_come_first():
    near = Traps(
        names=["first", "second", "third"],
        xy=np.array([[0.0, 0.0], [40.0, 0.0], [9000.0, 9000.0]]),
        crs="local",
    )
    figure = plot_survey(near, marked=["second"])
    names = [t for axes in figure.axes for t in axes.texts if t.get_text() in near.names]
    assert "second" in {name.get_text() for name in names}
    figure.canvas.draw()
    boxes = [name.get_window_extent() for name in names]
    assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
