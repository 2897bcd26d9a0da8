"""The least effort for a power: one less does not reach it."""

from dataclasses import replace

import numpy as np
import pytest

from scr.errors import LayoutError
from trap_layouts.constraints import Constraints
from trap_layouts.layout import make_layout
from trap_layouts.monitoring import Monitoring
from trap_layouts.needed import Places, needed_effort
from trap_layouts.trend_information import power_over_years

YEARS = Monitoring((2026, 2027, 2028), -0.4)


def test_needed_effort__one_less_does_not_reach_the_power(small_layout, plan):
    assumptions = plan(parameters={"density": 40.0, "lambda0": 0.02}, n_occasions=10)
    axis = np.arange(-8000.0, 8001.0, 4000.0)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    places = Places(make_layout("places", grid, crs="local"), None, Constraints())
    found = needed_effort([small_layout], assumptions, YEARS, places=places).set_index("of")
    assert found["now"].to_dict() == {"surveys": 3, "days": 10, "stations": 9}
    assert (found["power"] >= 0.8).all()

    def power(monitoring=YEARS, days=10):
        other = replace(assumptions, n_occasions=int(days))
        return power_over_years([small_layout], other, monitoring, n_animals=1000).power

    surveys, days = (int(found.loc[name, "needed"]) for name in ("surveys", "days"))
    assert power(days=days - 1) < 0.8 <= power(days=days)
    assert power(YEARS.going_on(surveys - 1)) < 0.8 <= power(YEARS.going_on(surveys))
    assert 9 < found.loc["stations", "needed"] <= 25


def test_needed_effort__what_cannot_be_reached_is_missing(small_layout, plan):
    poor = plan(parameters={"density": 0.3})
    found = needed_effort([small_layout], poor, Monitoring((2026, 2027), -0.1)).set_index("of")
    assert np.isnan(found.loc["days", "needed"])
    assert found.loc["days", "power"] < 0.8
    assert found.loc["days", "tried"] == 365


def test_needed_effort__power_out_of_range_is_refused(small_layout, plan):
    with pytest.raises(LayoutError, match=r"above 0\.05 and below 1"):
        needed_effort([small_layout], plan(), YEARS, target=80.0)
