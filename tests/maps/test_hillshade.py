import numpy as np

from scr.io.relief import Relief
from scr.maps.figures.hillshade import shadow

BOUNDS = (0.0, 0.0, 10_000.0, 10_000.0)


def of(heights):
    return shadow(Relief(np.asarray(heights, dtype=np.float32), BOUNDS))


def test_shadow__level_ground_and_ground_without_height_are_clear():
    heights = np.full((20, 20), 300.0)
    heights[:, :5] = np.nan
    assert of(heights)[:, 7:, 3].max() < 1e-6
    assert of(heights)[:, :4, 3].max() < 1e-6


def test_shadow__slopes_towards_the_north_west_are_light_and_others_dark():
    row, column = np.mgrid[:41, :41]
    hill = 3000.0 - 60.0 * np.hypot(row - 20, column - 20)
    image = of(hill)
    assert image[10, 10, 0] == 1.0  # north-west of the top
    assert image[30, 30, 0] == 0.0  # south-east of it
    assert image[10, 10, 3] > 0.05
    assert image[30, 30, 3] > 0.05
    assert image[..., 3].min() >= 0
    assert image[..., 3].max() < 0.6
