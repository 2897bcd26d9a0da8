"""Where a station may stand, and the reason where it may not."""

import numpy as np
import pytest
import shapely

from scr.errors import LayoutError
from scr.habitat.region import Region
from trap_layouts.layout import make_layout
from trap_layouts.site_rules import SiteRules, allowed_places, settled

SQUARE = shapely.box(-10_000, -10_000, 10_000, 10_000)
LAKE = shapely.box(6000, 6000, 8000, 8000)
ROAD = shapely.LineString([(-10_000, 0), (10_000, 0)])


@pytest.fixture
def rules():
    def make(**changes):
        reserve = Region("Park", SQUARE, crs="local")
        return SiteRules(reserve, shapely.difference(SQUARE, LAKE), **changes)

    return make


def place(x, y):
    return np.array([x, y], dtype=float)


def test_settled__stands_where_it_was_set_down_to_a_tenth_of_a_metre(rules):
    assert settled(rules(), place(12.34, -56.78), None).tolist() == [12.3, -56.8]


@pytest.mark.parametrize(
    ("changes", "xy", "reason"),
    [
        ({}, (10_320, 0), "320 m outside Park"),
        ({}, (7000, 7000), "the plan excludes that ground"),
        ({"least": 1000.0}, (480, 0), "480 m from station L001: the plan keeps stations 1,000 m"),
        ({}, (0.4, 0), "Station L001 stands there already"),
        ({"network": ROAD, "reach": 500.0}, (3000, 730), "730 m from the nearest trail or road"),
    ],
)
def test_settled__says_why_not(changes, xy, reason, rules):
    others = make_layout("others", np.zeros((1, 2)), crs="local")
    with pytest.raises(LayoutError, match=reason):
        settled(rules(**changes), place(*xy), others)


def test_settled__takes_the_nearest_candidate(rules):
    candidates = make_layout("places", np.array([[0.0, 0.0], [4000.0, 0.0]]), crs="local")
    found = settled(rules(candidates=candidates), place(2600, 900), None)
    assert found.tolist() == [4000.0, 0.0]


def test_allowed_places__are_those_that_settle(rules):
    xy = np.array([[0.0, 100.0], [0.0, 900.0], [7000.0, 7000.0], [20_000.0, 0.0]])
    kept = allowed_places(rules(network=ROAD, reach=500.0), xy)
    assert kept.tolist() == [[0.0, 100.0]]
