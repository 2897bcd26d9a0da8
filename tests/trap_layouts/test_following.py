"""Criteria of moved layouts, followed by rows of hazards, against those worked out anew."""

import numpy as np
import pytest

from scr.model.spec import ModelSpec
from trap_layouts.comparison import criteria_of
from trap_layouts.cost import Prices
from trap_layouts.editing import with_added, with_cameras, with_moved, without
from trap_layouts.following import criteria_followed, follow, ground_of

PRICES = Prices(station=10.0, camera=5.0, km=1.0)
MODELS = {
    "proximity": {},
    "count": {"detector": "count"},
    "two sexes": {
        "spec": ModelSpec(sigma="~ sex"),
        "parameters": {"sigma.sex[T.M]": 0.4, "share": 0.4},
    },
    "hazard_rate": {
        "spec": ModelSpec(detection="hazard_hazard_rate"),
        "parameters": {"z": 3.0},
    },
    "multi": {"detector": "multi"},
    "a trend over occasions": {
        "spec": ModelSpec(lambda0="~ T"),
        "parameters": {"lambda0.T": 0.1},
    },
}


@pytest.mark.parametrize("changes", MODELS.values(), ids=MODELS)
def test_criteria_followed__are_those_of_the_layout_after_many_changes(changes, plan, small_layout):
    assumptions = plan(**changes)
    ground = ground_of(small_layout, assumptions, prices=PRICES)
    layout, followed = small_layout, follow(ground, small_layout)
    rng = np.random.default_rng(1)
    for _ in range(8):
        name = rng.choice(layout.traps.names)
        layout = with_moved(layout, {name: rng.uniform(-6000, 6000, 2)})
        followed = follow(ground, layout, followed)
    layout = with_cameras(with_added(layout, np.array([100.0, 7000.0]), cameras=1), 1, {"L004"})
    layout = without(layout, {"L002"})
    followed = follow(ground, layout, followed)

    found = criteria_followed(ground, followed)
    expected = criteria_of(layout, assumptions, prices=PRICES, information=False)

    assert found.keys() == expected.keys()
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_follow__the_way_back_gives_the_first_numbers(plan, small_layout):
    ground = ground_of(small_layout, plan())
    first = follow(ground, small_layout)
    there = follow(ground, with_moved(small_layout, {"L001": np.array([9000.0, 9000.0])}), first)
    back = follow(ground, small_layout, there)
    assert criteria_followed(ground, back) == pytest.approx(
        criteria_followed(ground, first), rel=1e-12
    )
