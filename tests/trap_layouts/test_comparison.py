"""Comparisons: ranks and differences against what each layout alone says."""

import numpy as np
import pandas as pd
import pytest

from scr.errors import LayoutError
from scr.model.priors import Normal
from scr.model.spec import ModelSpec
from trap_layouts.comparison import compare, criteria_of
from trap_layouts.cost import Prices
from trap_layouts.layout import make_layout


def grid(name, n, spacing):
    axis = (np.arange(n) - (n - 1) / 2) * spacing
    x, y = np.meshgrid(axis, axis)
    return make_layout(name, np.stack([x.ravel(), y.ravel()], axis=1), crs="local")


@pytest.fixture
def three():
    return [grid("tight", 3, 700.0), grid("good", 4, 3500.0), grid("same", 4, 3510.0)]


def test_compare__ranks_by_rse_and_says_which_differences_matter(three, plan):
    found = compare(three, plan(parameters={"density": 5.0}))
    assert found.table.index[-1] == "tight"
    pairs = found.differences.set_index(["better", "worse"])
    best, second = found.table.index[:2]
    assert not pairs.loc[(best, second), "matters"]
    assert pairs.loc[(best, "tight"), "matters"]
    assert "tight is clearly worse" in found.conclusion()
    assert f"not clearly better than {second}" in found.conclusion()


def test_compare__numbers_are_those_of_each_layout_alone(three, plan):
    assumptions = plan(spec=ModelSpec(density="~ x"), parameters={"density.x": 1e-5})
    prices = Prices(station=10.0)
    found = compare(three[:2], assumptions, prices=prices, change=-0.5, n_animals=400)
    alone = criteria_of(three[1], assumptions, prices=prices, change=-0.5, n_animals=400)
    for name, value in alone.items():
        assert found.table.loc["good", name] == pytest.approx(value)
    assert {"rse", "rule_rse", "power", "cost", "se.x", "gradient.x"} <= set(alone)
    assert alone["cost"] == pytest.approx(160.0)


def test_compare__with_priors_each_criterion_has_a_distribution(three, plan):
    assumptions = plan(parameters={"sigma": Normal(np.log(3000.0), 0.3)}, n_draws=12)
    found = compare(three[:2], assumptions, by="recaptures")
    row = found.table.loc["good"]
    assert row["animals.lower"] < row["animals"] < row["animals.upper"]
    assert found.table["best"].sum() == pytest.approx(1.0)
    each = found.draws.pivot_table(index="draw", columns="layout", values="recaptures")
    expected = (each["good"] > each["tight"]).mean()
    pair = found.differences.iloc[0]
    assert pair["probability"] == pytest.approx(max(expected, 1 - expected))


def test_compare__multi_catch_is_ranked_by_expected_information_too(three, plan):
    found = compare(three[:2], plan(detector="multi"), n_animals=200)
    assert found.by == "rse"
    assert (found.table["rse"] > 0).all()


def test_compare__unknown_criterion_lists_the_known(three, plan):
    with pytest.raises(LayoutError, match=r"Criterion 'beauty' is not known\. Use one of stations"):
        compare(three[:1], plan(detector="multi"), by="beauty", n_animals=200)


def test_compare__names_that_repeat_are_refused(three, plan):
    with pytest.raises(LayoutError, match="different names"):
        compare([three[0], three[0]], plan())


def test_compare__other_coordinate_system_is_refused(plan):
    xy = np.array([[680_000.0, 4_830_000.0]])
    with pytest.raises(LayoutError, match="but the mask is in local"):
        compare([make_layout("far", xy, crs="EPSG:32652")], plan())


def test_compare__differences_have_one_row_per_pair(three, plan):
    found = compare(three, plan(detector="multi"), n_animals=200)
    assert len(found.differences) == 3
    assert isinstance(found.differences, pd.DataFrame)
