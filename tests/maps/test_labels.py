import numpy as np
import pytest
import shapely
from matplotlib.figure import Figure

from scr.maps.figures.labels import Name, add_names


@pytest.fixture
def axes():
    """A map of 100 mm by 80 mm, 1 km to the millimetre."""
    figure = Figure(figsize=(100 / 25.4, 80 / 25.4))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 100_000), ylim=(0, 80_000))
    axes.set_axis_off()
    return axes


def town(x, y, text="Town"):
    return Name(text, shapely.Point(1000 * x, 1000 * y), 6.0)


def test_add_names__none_touches_another_however_many_there_are(axes, assert_texts_apart):
    rng = np.random.default_rng(4)
    names = [town(*rng.uniform([0, 0], [100, 80]), text=f"Town {i}") for i in range(300)]
    written = add_names(axes, names)
    assert 60 < len(written) < 300
    assert sorted(assert_texts_apart(axes.figure)) == sorted(written)


def test_add_names__the_first_has_the_first_choice(axes):
    assert add_names(axes, [town(50, 40, "A" * 90), town(50, 40, "B")]) == ["B"]
    crowd = [town(50 + 0.1 * i, 40, f"Name {i:02d}") for i in range(30)]
    written = add_names(axes, crowd)
    assert written[0] == "Name 00"
    assert len(written) < 30


def test_add_names__stays_off_what_is_taken(axes, texts_of):
    taken = shapely.box(51_000, 0, 100_000, 80_000)
    add_names(axes, [town(50, 40)], taken=[taken])
    ((_, box),) = texts_of(axes.figure)
    assert box.x1 <= 51 / 100 * axes.figure.bbox.width


def test_add_names__goes_where_it_hides_least(axes, texts_of):
    line = shapely.LineString([(52_000, 0), (52_000, 80_000)])
    add_names(axes, [town(50, 40)], better_free=[line])
    ((_, box),) = texts_of(axes.figure)
    assert box.x1 <= 52 / 100 * axes.figure.bbox.width


def test_add_names__of_a_line_runs_along_it_and_is_read_from_the_left(axes):
    river = shapely.LineString([(80_000, 70_000), (20_000, 10_000)])
    assert add_names(axes, [Name("River", river, 6.0)]) == ["River"]
    (text,) = axes.texts
    assert text.get_rotation() == pytest.approx(45)


def test_add_names__of_a_polygon_stands_in_it(axes):
    lake = shapely.box(10_000, 10_000, 40_000, 30_000)
    add_names(axes, [Name("Lake", lake, 6.0)])
    assert shapely.Point(axes.texts[0].get_position()).within(lake)


def test_add_names__what_is_off_the_map_has_no_name(axes):
    assert add_names(axes, [town(150, 40)]) == []
