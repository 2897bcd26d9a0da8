"""The trade-off: more money never buys less."""

import numpy as np
import pytest

from scr.errors import LayoutError
from trap_layouts.budgets import trade_off
from trap_layouts.constraints import Constraints
from trap_layouts.layout import make_layout


def test_trade_off__more_money_buys_more_precision(plan):
    axis = np.linspace(-7000, 7000, 6)
    x, y = np.meshgrid(axis, axis)
    candidates = make_layout("all", np.stack([x.ravel(), y.ravel()], axis=1), crs="local")
    given = Constraints(site_cost=np.full(36, 10.0))
    front, found = trade_off(
        candidates, plan(), given, budgets=[200.0, 60.0, 120.0], criterion="min_nr", n_kicks=2
    )
    assert front["stations"].tolist() == [6, 12, 20]
    assert (front["cost"] <= front["budget"]).all()
    assert (np.diff(front["rule_rse"]) < 0).all()
    assert (np.diff(front["rse"]) < 0).all()
    assert len(found) == 3


def test_trade_off__without_a_budget_is_refused(plan, small_layout):
    with pytest.raises(LayoutError, match="No budget was given"):
        trade_off(small_layout, plan(), Constraints(), budgets=[])
