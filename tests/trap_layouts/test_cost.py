"""Cost, and rounds against all rounds there are."""

from itertools import permutations

import numpy as np
import pytest

from scr.errors import LayoutError
from trap_layouts.cost import Prices, cost_of, route_km
from trap_layouts.layout import make_layout


def test_route_km__is_the_shortest_of_all_rounds_of_seven_stations():
    rng = np.random.default_rng(2)
    for _ in range(5):
        xy = rng.uniform(0, 10_000, (7, 2))
        rounds = (np.array([0, *order]) for order in permutations(range(1, 7)))
        shortest = min(np.hypot(*(xy[r] - xy[np.roll(r, -1)]).T).sum() for r in rounds)
        assert route_km(xy) == pytest.approx(shortest / 1000, rel=0.05)


def test_route_km__of_a_grid_is_near_its_number_of_steps():
    x, y = np.meshgrid(np.arange(10), np.arange(10))
    xy = np.stack([x.ravel(), y.ravel()], axis=1) * 1000.0
    assert 100.0 <= route_km(xy) <= 110.0


def test_cost_of__adds_what_is_paid():
    layout = make_layout(
        "two", np.array([[0.0, 0.0], [3000.0, 0.0]]), crs="local", cameras=np.array([1, 2])
    )
    prices = Prices(station=10, camera=100, km=2, battery=5, visits=3, battery_days=30, detour=1.5)
    cost = cost_of(layout, prices, n_days=90)
    assert (cost.stations, cost.cameras, cost.batteries) == (2, 3, 9)
    assert cost.route_km == pytest.approx(9.0)
    assert cost.total == pytest.approx(2 * 10 + 3 * 100 + 27 * 2 + 9 * 5)


def test_prices__out_of_range_are_named():
    with pytest.raises(LayoutError, match="camera = -5"):
        Prices(camera=-5.0)
    with pytest.raises(LayoutError, match="visits be 2 or more"):
        Prices(visits=1)
