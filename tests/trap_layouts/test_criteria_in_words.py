"""Criteria in words: lights and their reasons."""

import numpy as np
import pytest

from trap_layouts.criteria_in_words import in_a_line, remarks, shown_value
from trap_layouts.layout import make_layout


@pytest.mark.parametrize(
    ("found", "light", "reasons"),
    [
        ({"animals": 40, "recaptures": 60, "rse": 0.15}, "Green", ["40.0 animals expected"]),
        ({"animals": 15, "recaptures": 60}, "Amber", ["15.0 animals expected", "fewer than 20"]),
        ({"animals": 15, "recaptures": 4}, "Red", ["4.0 recaptures", "fewer than 10", "15.0 anim"]),
        (
            {"animals": 25, "recaptures": 60, "rse": 0.25},
            "Amber",
            ["an RSE of 25.0 %", "61 to 163"],
        ),
        ({"animals": 25, "recaptures": 60, "rse": np.inf}, "Red", ["cannot be estimated"]),
    ],
)
def test_remarks__say_the_light_and_its_reasons(found, light, reasons, small_layout):
    told = remarks(small_layout, found)
    assert told[0].startswith(f"{light}: ")
    for reason in reasons:
        assert reason in " ".join(told)


def test_remarks__stations_in_a_line_are_told(small_layout):
    row = make_layout(
        "row", np.stack([np.arange(9) * 2e3, np.arange(9) % 2 * 300.0], 1), crs="local"
    )
    assert "in a line" in " ".join(remarks(row, {"animals": 40, "recaptures": 60}))
    turned = row.xy @ np.array([[0.6, 0.8], [-0.8, 0.6]])
    assert in_a_line(turned)
    assert not in_a_line(small_layout.xy)


def test_shown_value__shares_are_per_cent_and_what_is_none_a_dash():
    assert shown_value("power", 0.456) == "45.6"
    assert shown_value("animals", 10.71) == "10.7"
    assert shown_value("stations", 60.0) == "60"
    assert shown_value("rse", np.inf) == "-"
