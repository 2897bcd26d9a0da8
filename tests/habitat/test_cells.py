import numpy as np
import pytest
import shapely

from scr.habitat.cells import cell_side, cell_squares, holes_filled
from scr.habitat.mask import HabitatMask


def test_cell_side__from_spacing_or_area():
    xy = np.array([[0.0, 0.0], [5000.0, 0.0]])
    assert cell_side(HabitatMask(xy, np.array(0.25), "local", spacing=500.0)).tolist() == [500, 500]
    irregular = HabitatMask(xy, np.array([4.0, 0.01]), "local")
    assert cell_side(irregular) == pytest.approx([2000.0, 100.0])


def test_cell_squares__touch_and_cover_the_mask():
    xy = np.array([[250.0, 250.0], [750.0, 250.0]])
    squares = cell_squares(HabitatMask(xy, np.array(0.25), "local", spacing=500.0))
    assert shapely.union_all(squares).equals(shapely.box(0, 0, 1000, 500))


def test_holes_filled__a_bay_is_no_hole():
    xy = np.array([[x, y] for x in range(4) for y in range(4)], dtype=float) * 10
    bay = xy[~((xy[:, 0] == 10) & (xy[:, 1] >= 10))]
    hole = xy[~((xy[:, 0] == 10) & (xy[:, 1] == 10))]
    assert len(holes_filled(bay, 10.0)) == len(bay)
    assert len(holes_filled(hole, 10.0)) == len(xy)
