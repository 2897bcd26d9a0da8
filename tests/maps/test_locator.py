import numpy as np
import pytest
import shapely
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from scr.maps.figures.locator import add_locator

CRS = "EPSG:32652"
LAND = [shapely.box(110, 30, 150, 55)]


@pytest.fixture
def axes():
    figure = Figure(figsize=(70 / 25.4, 70 / 25.4))
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    axes.set(xlim=(600_000, 700_000), ylim=(4_700_000, 4_800_000))
    return axes


def test_add_locator__its_frame_is_where_the_map_is(axes):
    add_locator(axes, LAND, CRS, shown=np.zeros((0, 2)))
    (mark,) = [p for p in axes.figure.axes[1].patches if isinstance(p, Rectangle)]
    west, south = mark.get_xy()
    assert west < 130.22 + 0.01  # 600 km east in zone 52 at 42.4 N
    assert west + mark.get_width() > 131.43
    assert south < 42.44 < south + mark.get_height()


@pytest.mark.parametrize(
    ("x", "y"), [((600, 700), (750, 800)), ((600, 700), (700, 750)), ((650, 700), (700, 800))]
)
def test_add_locator__stands_in_the_emptiest_corner(axes, x, y):
    rng = np.random.default_rng(1)
    cells = 1000 * rng.uniform([x[0], 4000 + y[0]], [x[1], 4000 + y[1]], (500, 2))
    ground = add_locator(axes, LAND, CRS, shown=cells)
    assert not shapely.contains_xy(ground, *cells.T).any()
    assert ground.within(shapely.box(600_000, 4_700_000, 700_000, 4_800_000))


def test_add_locator__without_land_there_is_none(axes):
    assert add_locator(axes, [], CRS, shown=np.zeros((0, 2))) is None
    assert len(axes.figure.axes) == 1
