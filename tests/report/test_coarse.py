import numpy as np
import pandas as pd
import pytest

from scr.habitat.mask import HabitatMask
from scr.posterior.surface import Surface
from scr.report.coarse import coarse_surface


@pytest.fixture
def surface():
    """Seven by seven cells of 2 km, whose values are plain functions of their places."""
    x, y = np.meshgrid(*[101_000 + 2000.0 * np.arange(7)] * 2)
    xy = np.column_stack([x.ravel(), y.ravel()])
    mask = HabitatMask(xy, 4.0, "local", spacing=2000.0)
    table = pd.DataFrame({"mean": xy[:, 0], "cv": np.ones(49)})
    support = pd.DataFrame({"p_dot": xy[:, 1]})
    return Surface(mask, table, "realised density", "animals", None, "posterior", 9, support)


def test_coarse_surface__keeps_area_and_sum(surface):
    coarse = coarse_surface(surface, 3)
    assert len(coarse.mask) == 9
    assert coarse.mask.spacing == 6000.0
    assert coarse.mask.area == pytest.approx(surface.mask.area)
    for column in ("mean", "p_dot"):
        assert coarse.table[column] @ coarse.mask.cell_area == pytest.approx(
            surface.table[column] @ surface.mask.cell_area
        )


def test_coarse_surface__a_whole_block_has_the_value_of_its_middle(surface):
    coarse = coarse_surface(surface, 3)
    whole = coarse.mask.cell_area == 36.0
    assert whole.sum() == 4
    np.testing.assert_allclose(coarse.summary["mean"][whole], coarse.mask.xy[whole, 0])
    np.testing.assert_allclose(coarse.support["p_dot"][whole], coarse.mask.xy[whole, 1])


def test_coarse_surface__factor_one_leaves_it_alone(surface):
    assert coarse_surface(surface, 1) is surface
