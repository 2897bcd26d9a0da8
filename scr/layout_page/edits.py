"""What a person does to a layout on the map, by the rules of the plan."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scr.errors import LayoutError
from scr.layout_page.board import Board
from scr.layout_page.desk import PRESENT, Desk
from trap_layouts.assumptions import Assumptions
from trap_layouts.constraints import Criterion
from trap_layouts.editing import joined, named, with_added, with_moved, without
from trap_layouts.from_here import improved
from trap_layouts.layout import Layout, make_layout
from trap_layouts.pattern_names import Sizes, pattern_points
from trap_layouts.patterns import square_grid
from trap_layouts.placement import spaced
from trap_layouts.site_rules import allowed_places, settled

_MOST_STATIONS = 2000


def edited(desk: Desk, board: Board, columns: Mapping[str, Sequence[object]]) -> Board:
    """The board after the map's stations were moved, added or taken away; the same if none was.

    Parameters
    ----------
    desk
        Rules of the plan.
    board
        What was shown before.
    columns
        Columns ``name``, ``x`` and ``y`` of the map's stations; new ones have no name.

    Raises
    ------
    LayoutError
        If a rule forbids it: the reason.
    """
    layout = board.layout
    where = {str(name): xy for name, xy in zip(layout.traps.names, layout.xy, strict=True)}
    told = [
        (str(name), np.array([x, y], dtype=np.float64))
        for name, x, y in zip(columns["name"], columns["x"], columns["y"], strict=True)
    ]
    gone = where.keys() - {name for name, _ in told}
    if gone:
        board = taken_away(desk, board, gone)
        layout = board.layout
    for name, xy in told:
        if name in where and (xy != where[name]).any():
            check_loose(desk, board, [name])
            others = without(layout, {name}) if len(layout) > 1 else None
            layout = with_moved(layout, {name: settled(desk.rules, xy, others)})
        elif name not in where:
            cameras = int(np.median(np.asarray(layout.cameras)))
            layout = with_added(layout, settled(desk.rules, xy, layout), cameras=cameras)
    return board if layout is board.layout else replace(board, layout=layout)


def taken_away(desk: Desk, board: Board, names: set[str]) -> Board:
    """The board without some stations.

    Parameters
    ----------
    desk
        Which stations stand already.
    board
        What was shown before.
    names
        Those taken away.

    Raises
    ------
    LayoutError
        If one is locked, or none would be left.
    """
    check_loose(desk, board, names)
    return replace(board, layout=without(board.layout, names))


def check_loose(desk: Desk, board: Board, names: Sequence[str] | set[str]) -> None:
    """Refuse to touch stations that are locked.

    Parameters
    ----------
    desk
        Which stations stand already.
    board
        Which are locked.
    names
        Those to be touched.

    Raises
    ------
    LayoutError
        Naming the first.
    """
    for name in sorted(names):
        if name in desk.fixed:
            msg = f"Station {name} stands already: it can be neither moved nor taken away."
            raise LayoutError(msg)
        if name in board.locked:
            msg = f"Station {name} is locked. Choose it and press Lock, unlock to free it."
            raise LayoutError(msg)


def laid(desk: Desk, board: Board, pattern: str, *, spacing: float, gap: float) -> Board:
    """The board with a pattern in place of the stations that are not locked.

    Parameters
    ----------
    desk
        Rules of the plan.
    board
        What was shown before.
    pattern
        Its name.
    spacing, gap
        Between neighbours, and between groups or lines, metres.

    Raises
    ------
    LayoutError
        If no station could stand, or more than 2,000 would.
    """
    sizes: Sizes = {"spacing": spacing, "gap": gap}
    points = pattern_points(pattern, desk.rules.area, sizes, lines=desk.rules.network)
    if len(points) > _MOST_STATIONS:
        msg = (
            f"The pattern has {len(points):,} stations, more than {_MOST_STATIONS:,}. Use a wider "
            "spacing."
        )
        raise LayoutError(msg)
    if desk.rules.candidates is not None:
        xy = desk.rules.candidates.xy
        points = xy[np.unique(cKDTree(xy).query(points)[1])]
    points = allowed_places(desk.rules, points)
    layout = board.layout
    stay = np.flatnonzero([name in board.locked for name in layout.traps.names])
    fixed = layout.take(stay) if len(stay) else None
    xy = spaced(points, least=max(desk.rules.least, 1.0), fixed=None if fixed is None else fixed.xy)
    cameras = int(np.median(np.asarray(layout.cameras)))
    if fixed is None:
        return replace(board, layout=make_layout(PRESENT, xy, crs=layout.crs, cameras=cameras))
    if len(xy) == len(fixed):
        return replace(board, layout=fixed)
    made = make_layout(PRESENT, xy[len(fixed) :], crs=layout.crs, cameras=cameras)
    return replace(board, layout=joined(fixed, made))


def bettered(
    desk: Desk,
    board: Board,
    assumptions: Assumptions,
    *,
    criterion: Criterion,
    spacing: float,
    report: Callable[[str], None],
) -> Board:
    """The board improved from here; locked stations stay.

    Parameters
    ----------
    desk
        Rules of the plan.
    board
        What was shown before.
    assumptions
        What the survey is planned under.
    criterion, report
        As in ``improved``.
    spacing
        Of the grid of places, metres, where the plan names no candidates.

    Raises
    ------
    LayoutError
        As ``improved``.
    """
    layout, rules = board.layout, desk.rules
    xy = square_grid(rules.area, spacing=spacing)
    places = allowed_places(rules, xy if rules.candidates is None else rules.candidates.xy)
    found = improved(
        layout,
        places,
        assumptions,
        criterion=criterion,
        reserve=desk.plan.reserve,
        locked=board.locked,
        least=rules.least,
        report=report,
    )
    return replace(board, layout=_as_before(named(found, PRESENT), layout))


def _as_before(found: Layout, layout: Layout) -> Layout:
    """The stations of a layout in the order and with the names of those before, where they stay."""
    away, nearest = cKDTree(layout.xy).query(found.xy)
    order: NDArray[np.int64] = np.lexsort((nearest, away > 1.0))
    return found.take(order)
