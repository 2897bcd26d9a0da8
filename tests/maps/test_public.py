import numpy as np
import pytest
import shapely

from scr.maps.public import public_cells
from scr.posterior.footprint import take_cells


def shown_places(mask, ground=None, sigma=2000.0):
    return {tuple(xy) for xy in mask.xy[public_cells(mask, ground, sigma=sigma)]}


def test_public_cells__are_those_of_a_region_that_the_mask_covers(place):
    traps, mask_round = place
    region = shapely.box(712_000, 4_713_000, 719_500, 4_718_000)
    shown = shown_places(mask_round(traps()), region)
    assert len(shown) == 8 * 5
    assert all(region.intersects(shapely.Point(xy).buffer(600)) for xy in shown)


@pytest.mark.parametrize("region", [None, shapely.box(690_000, 4_690_000, 717_000, 4_740_000)])
def test_public_cells__do_not_change_when_an_outer_station_moves_by_sigma(place, region):
    traps, mask_round = place
    masks = [mask_round(traps(shift)) for shift in [(0, 0), (-1500, -900), (700, 1500)]]
    assert len({len(mask) for mask in masks}) > 1
    shown = [shown_places(mask, region) for mask in masks]
    assert shown[0]
    assert shown[0] == shown[1] == shown[2]


def test_public_cells__without_a_region_are_whole_blocks_as_wide_as_the_buffer(place):
    traps, mask_round = place
    shown = shown_places(mask_round(traps()), sigma=1000.0)
    corners = {(int(x // 6000), int(y // 6000)) for x, y in shown}
    assert len(shown) == 36 * len(corners)


def test_public_cells__are_all_of_a_bounded_mask(place):
    traps, mask_round = place
    mask = mask_round(traps(), extent=False)
    island = type(mask)(mask.xy, 1.0, mask.crs, spacing=1000.0, bounded=True)
    assert len(public_cells(island, None, sigma=2000.0)) == len(mask)


def test_public_cells__a_hole_left_out_on_purpose_hides_nothing(place):
    traps, mask_round = place
    mask = mask_round(traps(), extent=False)
    lake = np.hypot(*(mask.xy - [716_500, 4_716_500]).T) < 900
    holed = take_cells(mask, np.flatnonzero(~lake))
    gone = {tuple(xy) for xy in mask.xy[lake]}
    assert shown_places(holed) == shown_places(mask) - gone


def test_public_cells__none_where_the_mask_is_smaller_than_a_block(place):
    traps, mask_round = place
    mask = mask_round(traps()[:1], buffer=3000.0)
    assert shown_places(mask, sigma=5000.0) == set()
