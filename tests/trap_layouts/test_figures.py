"""Figures: what is drawn, and that it is drawn."""

import numpy as np
import pandas as pd
import pytest
import shapely

from scr.habitat.region import Region
from trap_layouts.comparison import compare
from trap_layouts.figures import draw_comparison, draw_layout, draw_trade_off
from trap_layouts.layout import make_layout

PARK = Region("park", shapely.box(-8000, -8000, 8000, 8000), crs="local")


def test_draw_comparison__has_a_map_per_layout_best_first(small_layout, plan, tmp_path):
    other = make_layout("two", np.array([[0.0, 0.0], [1900.0, 0.0]]), crs="local", cameras=1)
    found = compare([other, small_layout], plan(), reserve=PARK, n_animals=300)
    figure = draw_comparison(found, tmp_path / "a.png", title="Both")
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[:3] == ["1. nine", "2. two", "RSE of N in the reserve, %"]
    assert (tmp_path / "a.png").stat().st_size > 10_000
    stations = [line for line in figure.axes[1].lines if line.get_label() == "1 camera"]
    assert len(stations[0].get_xdata()) == 2


def test_draw_comparison__of_searches_shows_their_outlines(four_areas, plan):
    found = compare([four_areas], plan(detector="polygon", parameters={"lambda0": 1.0}),
                    n_animals=100)  # fmt: skip
    figure = draw_comparison(found)
    outlines = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 5]
    assert len(outlines) == 4
    assert figure.axes[0].get_xlabel().startswith("4 areas\nE[n]")


def test_draw_layout__shows_candidates_and_stations(small_layout, plan, tmp_path):
    chosen = small_layout.take(np.array([0, 4]), name="chosen")
    figure = draw_layout(chosen, plan(), tmp_path / "a.png", reserve=PARK, candidates=small_layout)
    drawn = {line.get_label(): len(line.get_xdata()) for line in figure.axes[0].lines}
    assert drawn["candidates"] == 9
    assert drawn["2 cameras"] == 2


def test_draw_trade_off__has_both_curves_in_percent(tmp_path):
    front = pd.DataFrame(
        {"cost": [1.0, 2.0], "stations": [3, 6], "rse": [0.4, 0.3], "rule_rse": [0.35, 0.25]}
    )
    figure = draw_trade_off(front, tmp_path / "a.png")
    curves = {line.get_label(): line.get_ydata() for line in figure.axes[0].lines}
    assert curves["expected information"] == pytest.approx([40.0, 30.0])
    assert curves["rule of thumb"] == pytest.approx([35.0, 25.0])
