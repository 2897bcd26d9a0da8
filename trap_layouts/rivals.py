"""Rivals of the search: patterns over the area, and layouts that were kept."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from scr.errors import LayoutError
from trap_layouts import exchange
from trap_layouts.layout import Layout
from trap_layouts.patterns import clustered_grid, hexagonal_grid, square_grid

_SHARES = (1.0, 0.85, 0.7, 0.55, 0.4)
_CLUSTERS = ((2, 0.5), (3, 0.4))
_NEAR = 0.4
_SAME = 1.0


def pattern_choices(
    xy: NDArray[np.float64], area: BaseGeometry, task: exchange.Task
) -> dict[str, NDArray[np.int64]]:
    """Grids and clusters with as many stations as may be, each at the nearest candidate.

    Grids reach over the whole area, or are denser about its middle; where a pattern has fewer
    stations than may be the best candidates fill it up.

    Parameters
    ----------
    xy
        Candidates, metres, shape (n_candidates, 2).
    area
        What the patterns are laid over.
    task
        The constraints, and the criterion by which patterns are filled up.

    Returns
    -------
    dict
        Indices of candidates, ascending, by the name of the pattern.
    """
    cheapest = float(np.sort(task.cost)[: max(len(xy) // 2, 1)].mean())
    most = task.most if np.isinf(task.budget) else min(task.most, task.budget / max(cheapest, 1e-9))
    full = float(np.sqrt(area.area / max(most, 1.0)))
    found = {}
    for share in _SHARES:
        spacing = full * share
        found[f"square, {spacing:,.0f} m"] = square_grid(area, spacing=spacing), spacing
        wide = spacing * float(np.sqrt(2 / np.sqrt(3)))  # as dense as squares
        found[f"hexagonal, {wide:,.0f} m"] = hexagonal_grid(area, spacing=wide), spacing
    for side, share in _CLUSTERS:
        spacing, gap = full * share, full * side
        name = f"clusters of {side * side}, {spacing:,.0f} m"
        found[name] = clustered_grid(area, spacing=spacing, side=side, gap=gap), spacing
    middle = np.array(area.centroid.coords[0])
    tree = cKDTree(xy)
    choices = {}
    for name, (points, spacing) in found.items():
        order = np.argsort(np.hypot(*(points - middle).T), kind="stable")
        away, nearest = tree.query(points[order])
        choices[name] = _within(task, nearest[away <= _NEAR * spacing])
    return {name: stations for name, stations in choices.items() if len(stations)}


def kept_choices(
    kept: Sequence[Layout], candidates: Layout, task: exchange.Task
) -> dict[str, NDArray[np.int64]]:
    """Layouts as choices among candidates.

    Parameters
    ----------
    kept
        The layouts.
    candidates
        Every place where a station may stand.
    task
        The constraints.

    Returns
    -------
    dict
        Indices of candidates, ascending, by the name of the layout.

    Raises
    ------
    LayoutError
        If a station is not within a metre of a candidate, or a layout breaks a constraint.
    """
    choices = {}
    tree = cKDTree(candidates.xy)
    for layout in kept:
        away, nearest = tree.query(layout.xy)
        absent = layout.traps.names[away > _SAME]
        if len(absent):
            msg = (
                f"{layout.traps.source}: {len(absent)} of {len(layout)} stations are not among the "
                f"candidates: {', '.join(map(repr, absent[:10]))}. Add them to the candidates."
            )
            raise LayoutError(msg)
        state = exchange.make_state(task, nearest)
        broken = [
            words
            for words, is_so in (
                (f"it has {len(nearest)} stations", len(nearest) > task.most),
                (f"it costs {task.cost[nearest].sum():g}", state.totals[3] > task.budget + 1e-9),
                ("stations stand too close", bool((state.close[nearest] > 0).any())),
                ("fixed stations are not in it", not state.chosen[task.fixed].all()),
            )
            if is_so
        ]
        if broken:
            msg = (
                f"{layout.traps.source} breaks the constraints that the search must keep: "
                f"{'; '.join(broken)}. Leave it out, or change the constraints."
            )
            raise LayoutError(msg)
        choices[layout.name] = np.sort(nearest).astype(np.int64)
    return choices


def _within(task: exchange.Task, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """The stations wanted as far as the constraints allow, and the best beside them."""
    state = exchange.make_state(task, np.flatnonzero(task.fixed))
    number = int(state.chosen.sum())
    for j in wanted:
        room = state.totals[3] + task.cost[j] <= task.budget
        if number < task.most and room and not state.chosen[j] and not state.close[j]:
            exchange.change(task, state, int(j), 1.0)
            number += 1
    exchange.fill(task, state, bool(np.isfinite(task.budget)))
    return np.flatnonzero(state.chosen)
