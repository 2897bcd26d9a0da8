import numpy as np
import pytest

from scr.errors import MaskError
from scr.habitat.mask import HabitatMask
from scr.maps.grid import grid_of


def mask_of(xy, **fields):
    return HabitatMask(xy=np.array(xy), cell_area=0.25, crs="local", **fields)


def test_grid_of__pixel_centres_are_the_cells():
    xy = np.array([[700250.0, 4700250.0], [700750.0, 4700250.0], [701750.0, 4701250.0]])
    grid = grid_of(mask_of(xy, spacing=500.0))
    assert grid.shape == (3, 4)
    x, y = grid.transform @ (grid.column + 0.5, grid.row + 0.5)
    np.testing.assert_allclose(np.column_stack([x, y]), xy)


def test_grid_of__north_is_up_and_gaps_are_nan():
    grid = grid_of(mask_of([[0.0, 0.0], [500.0, 500.0]], spacing=500.0))
    image = grid.filled(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(image, [[np.nan, 2.0], [1.0, np.nan]])


def test_grid_of__refuses_cells_without_a_lattice():
    with pytest.raises(MaskError, match="lattice along the axes"):
        grid_of(mask_of([[0.0, 0.0], [130.0, 417.0]]))


def test_grid_of__refuses_cells_off_the_lattice_of_the_others():
    with pytest.raises(MaskError, match="1 cells of"):
        grid_of(mask_of([[0.0, 0.0], [500.0, 0.0], [760.0, 500.0]], spacing=500.0))
