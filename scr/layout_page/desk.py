"""What all tabs of a page share: the plan, its rules and ground, and the layout started from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from scr.errors import LayoutError
from scr.fit.saving import load_fit
from scr.habitat.mask import HabitatMask
from scr.io.map_layers import MapLayers
from scr.io.vectors import read_polygon
from scr.survey.detectors import DETECTORS
from trap_layouts.assumptions import Assumptions
from trap_layouts.editing import joined, named
from trap_layouts.files import read_layout
from trap_layouts.layout import Layout, check_inside, check_near, make_layout
from trap_layouts.patterns import square_grid
from trap_layouts.plan import Plan, read_plan
from trap_layouts.site_rules import SiteRules, allowed_places, rules_of, settled
from trap_layouts.surroundings import layers_of

PRESENT, START = "present", "start"
"""Names of the layout that is being made and of the one started from."""

_SIGMAS_APART, _SPACING = 2.0, 5000.0
_MOST_AT_FIRST, _MANY_DRAWS = 100, 1000
_SAME = 1.0


@dataclass(frozen=True, eq=False)
class Desk:
    """What all tabs of a page share.

    Parameters
    ----------
    plan
        The plan, its mask round the reserve, so that layouts made at any time are comparable.
    path
        Its file.
    rules
        Where stations may stand.
    mask
        Cells in which animals live.
    start
        The layout started from, with the stations that stand already.
    fixed
        Names of these in it.
    layers
        What the map shows beside the colours, or None.
    zones
        Outlines of zones.
    """

    plan: Plan
    path: Path
    rules: SiteRules
    mask: HabitatMask
    start: Layout
    fixed: frozenset[str]
    layers: MapLayers | None
    zones: tuple[BaseGeometry, ...]

    def assume(self, values: Mapping[str, float]) -> Assumptions:
        """Assumptions with other values than the plan's, each a single number.

        Parameters
        ----------
        values
            Parameters or entries of [survey] by name.
        """
        own = self.plan.values()
        if own:
            return self.plan.assume(self.mask, n_draws=1, changes={**own, **values})
        return self.plan.assume(self.mask, n_draws=_MANY_DRAWS, changes=values).centre()


def open_desk(path: Path, layout: Path | None = None) -> Desk:
    """Read a plan, and the layout to start from.

    Parameters
    ----------
    path
        The plan, TOML.
    layout
        File of stations; a square grid two sigma apart if None.

    Raises
    ------
    LayoutError
        If a file cannot be used, areas or lines are searched, or stations lie outside the reserve.
    """
    plan = read_plan(path)
    if DETECTORS[plan.detector].searched:
        msg = (
            f"The page moves stations, and detector = {plan.detector!r} of {path.name} searches "
            f"{DETECTORS[plan.detector].searched}. Compare files of these: scr layouts compare."
        )
        raise LayoutError(msg)
    plan = _round_the_reserve(plan)
    rules = rules_of(plan)
    given = _first(plan, rules) if layout is None else _read(layout, plan)
    start = named(given if rules.fixed is None else joined(given, rules.fixed), START)
    fit = plan.tables.get("parameters", {}).get("fit")
    mask = plan.mask_round([start]) if fit is None else load_fit(plan.folder / fit).mask
    (west, south), (east, north) = mask.xy.min(axis=0).tolist(), mask.xy.max(axis=0).tolist()
    return Desk(
        plan=plan,
        path=path,
        rules=rules,
        mask=mask,
        start=start,
        fixed=frozenset() if rules.fixed is None else _standing(start, rules.fixed),
        layers=layers_of(plan, (west, south, east, north)),
        zones=tuple(
            read_polygon(plan.folder / name, crs=plan.crs)
            for name in plan.tables.get("maps", {}).get("zones", [])
        ),
    )


def _round_the_reserve(plan: Plan) -> Plan:
    if "fit" in plan.tables.get("parameters", {}):
        return plan  # the mask is that of the fit
    mask = {**plan.tables.get("mask", {}), "around": "reserve"}
    return replace(plan, tables={**plan.tables, "mask": mask})


def _read(file: Path, plan: Plan) -> Layout:
    layout = read_layout(file, to_crs=plan.crs, detector=plan.detector)
    check_near(layout, plan.reserve)
    check_inside(layout, plan.reserve)
    return layout


def _first(plan: Plan, rules: SiteRules) -> Layout:
    """Stations to start from, where none were named: a grid, or candidates spread like one."""
    spacing = max(_SIGMAS_APART * plan.values().get("sigma", _SPACING / 2), rules.least)
    while True:
        grid = square_grid(rules.area, spacing=spacing)
        if len(grid) <= _MOST_AT_FIRST:
            break
        spacing *= 1.1
    chosen: list[NDArray[np.float64]] = []
    for point in grid if rules.candidates is not None else allowed_places(rules, grid):
        others = None
        if chosen:
            others = make_layout(START, np.array(chosen), crs=plan.crs)
        try:
            chosen.append(settled(rules, point, others))
        except LayoutError:
            continue
    return make_layout(START, np.array(chosen), crs=plan.crs)


def _standing(layout: Layout, fixed: Layout) -> frozenset[str]:
    away = shapely.distance(shapely.MultiPoint(fixed.xy), shapely.points(layout.xy))
    return frozenset(layout.traps.names[away <= _SAME])
