"""Candidates of the search for stations, as options of the command line name them."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trap_layouts
from scr.cli.messages import say
from scr.errors import LayoutError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from trap_layouts.assumptions import Assumptions
    from trap_layouts.constraints import Constraints
    from trap_layouts.layout import Layout
    from trap_layouts.plan import Plan


@dataclass(frozen=True)
class Choice:
    """Where stations may stand, and what limits their choice.

    Parameters
    ----------
    candidates
        File of places; a grid of ``spacing`` if None.
    spacing
        Of that grid, metres.
    network
        File of trails or roads within ``reach`` of which grid places lie.
    reach
        Metres.
    fixed
        File of stations that stand already.
    cameras
        At each station.
    stations
        Most stations, or None.
    budget
        Most that stations may cost, or None.
    rivals
        Files of layouts that take part.
    least
        Least distance between stations, metres.
    balance
        Weight of spatial balance, 0 to 1.
    """

    candidates: Path | None
    spacing: float
    network: Path | None
    reach: float
    fixed: Path | None
    cameras: int
    stations: int | None
    least: float
    balance: float
    budget: float | None = None
    rivals: tuple[Path, ...] = ()


def problem_of(plan: "Plan", choice: Choice) -> "tuple[Layout, Assumptions, Constraints]":
    """Candidates, assumptions and constraints of a choice.

    Parameters
    ----------
    plan
        The plan of the survey.
    choice
        What the options say.

    Raises
    ------
    LayoutError
        If a file cannot be used, or fixed stations are not among the candidates.
    """
    lines = lines_of(choice.network, plan)
    old = None if choice.fixed is None else read_places(choice.fixed, plan)
    places = _candidates(plan, choice, lines=lines, old=old)
    assumptions = plan.assume(plan.mask_round([places]))
    constraints = trap_layouts.Constraints(
        n_stations=choice.stations,
        budget=choice.budget,
        site_cost=_site_cost(plan, places, lines, n_days=assumptions.n_days),
        fixed=[] if old is None else _indices(places, old),
        least_spacing=choice.least,
        balance=choice.balance,
    )
    return places, assumptions, constraints


def read_places(file: Path, plan: "Plan") -> "Layout":
    """Stations, candidates or what is searched in the plan's coordinates, not far from its reserve.

    Parameters
    ----------
    file
        Their file.
    plan
        The plan of the survey.

    Raises
    ------
    LayoutError
        If they cannot be read, or cannot be meant for the reserve.
    """
    places: Layout = trap_layouts.read_layout(file, to_crs=plan.crs, detector=plan.detector)
    trap_layouts.check_near(places, plan.reserve)
    return places


def read_layouts(files: list[Path], plan: "Plan") -> "list[Layout]":
    """Layouts of files, all their stations in the reserve.

    Parameters
    ----------
    files
        Files of stations.
    plan
        The plan of the survey.

    Raises
    ------
    LayoutError
        If one cannot be read, or a station lies outside the reserve.
    """
    layouts = [read_places(file, plan) for file in files]
    for layout in layouts:
        trap_layouts.check_inside(layout, plan.reserve)
        _say_excluded(layout, plan)
    if plan.cameras and plan.tables["study"].get("stations") == "other":
        msg = (
            '[study] has stations = "other", by which layouts stand in turn, and cameras, by which '
            "each is judged with one and with two. Leave one of the two out of the plan."
        )
        raise LayoutError(msg)
    cameras = import_module("trap_layouts.second_camera")
    found: list[Layout] = cameras.by_cameras(layouts, plan.cameras)
    return found


def _say_excluded(layout: "Layout", plan: "Plan") -> None:
    """Name stations on ground that the plan excludes."""
    if not plan.exclude or layout.traps.parts is not None:
        return
    shapely = import_module("shapely")
    excluded = shapely.union_all(list(plan.exclude))
    names = layout.traps.names[shapely.contains_xy(excluded, layout.xy)]
    if len(names):
        say(
            f"{layout.traps.source}: {len(names)} of {len(layout)} stations stand on ground that "
            f"the plan excludes: {', '.join(map(repr, names[:10]))}"
            f"{' and others' if len(names) > 10 else ''}. They are judged as they are."
        )


def lines_of(network: Path | None, plan: "Plan") -> "BaseGeometry | None":
    """Trails or roads in the coordinates of the plan; None without a file.

    Parameters
    ----------
    network
        Their file.
    plan
        The plan of the survey.
    """
    return None if network is None else trap_layouts.read_network(network, crs=plan.crs)


def _site_cost(
    plan: "Plan", places: "Layout", lines: "BaseGeometry | None", *, n_days: float
) -> Any:
    prices = plan.prices or trap_layouts.Prices(station=1.0)
    return trap_layouts.site_costs(places, prices, n_days=n_days, network=lines)


def _candidates(
    plan: "Plan", choice: Choice, *, lines: "BaseGeometry | None", old: "Layout | None"
) -> "Layout":
    if choice.candidates is not None:
        return _inside(read_places(choice.candidates, plan), plan, old=old)
    area = trap_layouts.allowed_area(plan.reserve, exclude=plan.exclude)
    grid = trap_layouts.square_grid(area, spacing=choice.spacing)
    if lines is not None:
        grid = trap_layouts.within_reach(grid, lines, reach=choice.reach)
    known = ([] if old is None else [old]) + [read_places(file, plan) for file in choice.rivals]
    for layout in known:
        grid = trap_layouts.spaced(grid, least=1.0, fixed=layout.xy)
    made: Layout = trap_layouts.make_layout(
        "candidates", grid, crs=plan.crs, cameras=choice.cameras
    )
    return made


def _inside(places: "Layout", plan: "Plan", *, old: "Layout | None") -> "Layout":
    """The candidates without those outside the reserve, which are named; old stations stay."""
    inside = places.within(plan.reserve, keep=[] if old is None else _indices(places, old))
    if len(inside) in {0, len(places)}:
        return places  # where none lies in it the search tells of their coordinates
    kept = set(inside.traps.names)
    names = [name for name in places.traps.names if name not in kept]
    say(
        f"{places.traps.source}: {len(names)} of {len(places)} candidates lie outside "
        f"{plan.reserve.name} and are left out: {', '.join(map(repr, names[:10]))}"
        f"{' and others' if len(names) > 10 else ''}."
    )
    return inside


def _indices(places: "Layout", old: "Layout") -> list[int]:
    """Candidates at which stations stand already."""
    distance = ((places.xy[None] - old.xy[:, None]) ** 2).sum(axis=-1)  # (n_old, n_candidates)
    nearest = distance.argmin(axis=1)
    absent = [i for i in range(len(old)) if distance[i, nearest[i]] > 1.0]
    if absent:
        listed = ", ".join(repr(old.traps.names[i]) for i in absent[:10])
        msg = (
            f"{old.traps.source}: {len(absent)} fixed stations are not among the candidates: "
            f"{listed}. Add them to the file of candidates."
        )
        raise LayoutError(msg)
    return [int(i) for i in nearest]
