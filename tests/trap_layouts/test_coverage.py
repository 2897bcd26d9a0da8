"""Coverage of the reserve and of gradients."""

import numpy as np
import pytest
import shapely

from scr.errors import LayoutError
from scr.habitat.region import Region
from scr.model.spec import ModelSpec
from trap_layouts.coverage import coverage, reserve_share
from trap_layouts.exposure import exposure, planned_design
from trap_layouts.layout import make_layout


def covered(xy, plan, reserve=None):
    layout = make_layout("a", np.array(xy), crs="local")
    assumptions = plan(spec=ModelSpec(density="~ x"), parameters={"density.x": 0.0})
    design = planned_design(layout, assumptions)
    exposed = exposure(design, assumptions.thetas(design)[0], n_occasions=10)
    return coverage(exposed, assumptions, reserve_share(assumptions.mask, reserve))


def test_coverage__stations_at_one_end_see_one_end_of_the_gradient(plan):
    west = covered([[-12_000.0, y] for y in (-8000.0, 0.0, 8000.0)], plan)
    across = covered([[x, 0.0] for x in (-12_000.0, -4000.0, 4000.0, 12_000.0)], plan)
    assert west["gradient.x"] < 0.5
    assert across["gradient.x"] > 0.9


def test_coverage__gaps_are_the_cells_seldom_seen(plan):
    near = Region("near", shapely.box(-2000, -2000, 2000, 2000), crs="local")
    assert covered([[0.0, 0.0]], plan, near)["gaps"] == 0
    assert covered([[0.0, 0.0]], plan)["gaps"] > 0.5
    # h T = 0.5 at the station, exp(-1/2) of it at sigma: p between 0.26 and 0.39 in this square.
    assert 0.26 < covered([[0.0, 0.0]], plan, near)["mean_p"] < 0.3935


def test_reserve_share__is_the_share_of_area(small_mask):
    region = Region("r", shapely.box(-500, 0, 1000, 1000), crs="local")
    share = reserve_share(small_mask, region)
    assert np.sort(share)[-2:].tolist() == [0.5, 1.0]
    assert share.sum() == pytest.approx(1.5)


def test_reserve_share__other_coordinate_system_is_refused(small_mask):
    region = Region("r", shapely.box(-500, 0, 1000, 1000), crs="EPSG:32652")
    with pytest.raises(LayoutError, match="EPSG:32652, but mask is in local"):
        reserve_share(small_mask, region)
