"""Values put into the text of a plan, all else as it was."""

import tomllib

import pytest

from scr.errors import LayoutError
from trap_layouts.plan_text import with_values

PLAN = """\
title = "A plan"  # not touched

[parameters]
density = 0.8                        # animals per 100 km2
"density.scale(elevation)" = 0.4
lambda0 = { normal = [-4.4, 0.3] }   # a prior

[survey]
n_occasions = 90
"""


def test_with_values__changes_these_keys_and_keeps_remarks():
    values = {
        ("parameters", "density"): 1.25,
        ("parameters", "lambda0"): 0.01,
        ("survey", "n_occasions"): 60,
        ("mask", "around"): "reserve",
        ("survey", "occasion_days"): 1.0,
    }
    text = with_values(PLAN, values)
    told = tomllib.loads(text)
    assert told["parameters"] == {
        "density": 1.25, "density.scale(elevation)": 0.4, "lambda0": 0.01,
    }  # fmt: skip
    assert told["survey"] == {"n_occasions": 60, "occasion_days": 1.0}
    assert told["mask"] == {"around": "reserve"}
    assert "density = 1.25                        # animals per 100 km2" in text
    assert text.startswith('title = "A plan"  # not touched\n')


def test_with_values__a_table_in_one_line_is_told():
    with pytest.raises(LayoutError, match=r"Change it by hand: \[survey\] n_occasions = 60"):
        with_values("survey = { n_occasions = 90 }\n", {("survey", "n_occasions"): 60})
