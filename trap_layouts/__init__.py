"""Layouts of traps: patterns, criteria, comparison and choice.

Names load when they are used, so that ``import trap_layouts`` is quick.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "Assumptions": "trap_layouts.assumptions",
    "Comparison": "trap_layouts.comparison",
    "Constraints": "trap_layouts.constraints",
    "Equipment": "trap_layouts.assumptions",
    "Layout": "trap_layouts.layout",
    "Optimised": "trap_layouts.search",
    "Plan": "trap_layouts.plan",
    "Prices": "trap_layouts.cost",
    "Scenario": "trap_layouts.power",
    "along_lines": "trap_layouts.patterns",
    "allowed_area": "trap_layouts.placement",
    "assume": "trap_layouts.assumptions",
    "balanced_sample": "trap_layouts.patterns",
    "candidates_from_raster": "trap_layouts.placement",
    "check_inside": "trap_layouts.layout",
    "check_near": "trap_layouts.layout",
    "clustered_grid": "trap_layouts.patterns",
    "compare": "trap_layouts.comparison",
    "cost_of": "trap_layouts.cost",
    "criteria_of": "trap_layouts.comparison",
    "draw_comparison": "trap_layouts.figures",
    "draw_layout": "trap_layouts.figures",
    "draw_trade_off": "trap_layouts.figures",
    "expected_counts": "trap_layouts.criteria",
    "expected_information": "trap_layouts.information",
    "hexagonal_grid": "trap_layouts.patterns",
    "hollow_grid": "trap_layouts.patterns",
    "lacework": "trap_layouts.patterns",
    "make_layout": "trap_layouts.layout",
    "optimise": "trap_layouts.search",
    "paired_grid": "trap_layouts.patterns",
    "place": "trap_layouts.placement",
    "power_to_detect": "trap_layouts.change",
    "read_layout": "trap_layouts.files",
    "read_network": "trap_layouts.placement",
    "read_plan": "trap_layouts.plan",
    "read_results": "trap_layouts.studies",
    "run_study": "trap_layouts.studies",
    "site_costs": "trap_layouts.constraints",
    "spaced": "trap_layouts.placement",
    "square_grid": "trap_layouts.patterns",
    "summarise": "trap_layouts.studies",
    "trade_off": "trap_layouts.budgets",
    "within_reach": "trap_layouts.placement",
    "within_slope": "trap_layouts.placement",
    "write_layout": "trap_layouts.files",
}
"""Public names and the module each one lives in."""

__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module 'trap_layouts' has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__]
