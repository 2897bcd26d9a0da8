"""Barriers that animals do not cross: the sea, a lake, a fence; and distances round them."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from shapely.geometry.base import BaseGeometry

from scr.errors import MaskError
from scr.io.vectors import VectorInput, read_lines_or_any
from scr.survey.traps import Traps

type Floats = NDArray[np.float64]
type Flags = NDArray[np.bool_]

FENCE = 0.01
"""Half the width of a barrier drawn as a line, metres."""

HAIR = 0.01
"""How far from a barrier a path goes round its corners, metres."""

MOST_CORNERS = 4_000
"""Corners of barriers between which sight lines are looked for."""

_CHUNK = 200_000
_LISTED = 10
_AREAS, _LINES = ("Polygon", "MultiPolygon"), ("LineString", "MultiLineString", "LinearRing")


def read_barrier(given: VectorInput, *, crs: str) -> BaseGeometry:
    """A barrier as one area: its polygons, and its lines a hair wide.

    Parameters
    ----------
    given
        Vector file, GeoPandas table, or geometry in ``crs``: polygons and lines.
    crs
        Coordinate system of the mask.

    Raises
    ------
    MaskError
        If the file cannot be read, has no feature, or holds points.
    """
    source = Path(given).name if isinstance(given, str | Path) else "the barrier given"
    parts = shapely.get_parts(read_lines_or_any(given, crs=crs, source=source))
    kinds = {part.geom_type for part in parts}
    if kinds - {*_AREAS, *_LINES}:
        msg = (
            f"{source} holds {', '.join(sorted(kinds - {*_AREAS, *_LINES}))}. Barriers are "
            "polygons (sea, lakes) or lines (fences). Draw it as one of these."
        )
        raise MaskError(msg)
    areas = [part for part in parts if part.geom_type in _AREAS]
    lines = [part for part in parts if part.geom_type in _LINES]
    wide = shapely.buffer(lines, FENCE, cap_style="square", join_style="mitre")
    return shapely.union_all([*areas, *wide])


def check_barrier(barrier: BaseGeometry | None, traps: Traps) -> None:
    """Raise where stations stand in a barrier, or areas and lines are searched.

    Parameters
    ----------
    barrier
        Of the mask; None where there is none.
    traps
        Stations of a session.

    Raises
    ------
    MaskError
        Naming the stations.
    """
    if barrier is None:
        return
    if traps.parts is not None:
        msg = (
            f"{traps.source}: areas or lines were searched, and the mask has a barrier. What an "
            "animal leaves in an area is not known yet where its paths bend. Leave the barrier "
            "out."
        )
        raise MaskError(msg)
    inside = np.flatnonzero(_within(barrier, traps.xy))
    if len(inside):
        shore = shapely.distance(shapely.boundary(barrier), shapely.points(traps.xy[inside]))
        told = [
            f"{traps.names[i]!r} ({away:,.0f} m from its edge)"
            for i, away in zip(inside, shore, strict=True)
        ]
        more = f" and {len(told) - _LISTED} more" if len(told) > _LISTED else ""
        msg = (
            f"{traps.source}: {len(inside)} of {len(traps)} stations stand in the barrier, where "
            f"no path leads: {', '.join(told[:_LISTED])}{more}. Correct their coordinates, or the "
            "edge of the barrier, which may be drawn too coarsely there."
        )
        raise MaskError(msg, kind="station in the barrier", source=traps.source)


def path_lengths(barrier: BaseGeometry | None, traps: Floats, places: Floats) -> Floats:
    """Length of the shortest path from each trap to each place that does not cross a barrier.

    It is the straight distance, as ``np.hypot`` gives it, wherever the straight line does not
    touch the barrier. Elsewhere the path leads over corners of the barrier in sight of each other,
    at 1 cm from it, which makes it longer by a few centimetres. A path to a place in the barrier
    ends at the nearest edge, and goes on from there in a straight line.

    Parameters
    ----------
    barrier
        The barrier; None for straight distances.
    traps
        Metres, shape (n_traps, 2), none in the barrier.
    places
        Metres, shape (n_places, 2).

    Returns
    -------
    NDArray
        Metres, shape (n_traps, n_places); infinite where no path leads.

    Raises
    ------
    MaskError
        If the barrier has so many corners that paths cannot be found.

    References
    ----------
    Lozano-Pérez & Wesley (1979) Commun. ACM 22:560-570, for paths over corners.

    Examples
    --------
    >>> lake = shapely.box(-1000, -3000, 1000, 3000)
    >>> path_lengths(lake, np.array([[-2000.0, 0.0]]), np.array([[2000.0, 0.0]])).round(1)
    array([[8324.6]])
    """
    offset = traps[:, None, :] - places[None, :, :]
    length = np.hypot(offset[..., 0], offset[..., 1])
    if barrier is None or len(traps) == 0 or len(places) == 0:
        return np.asarray(length)
    seen = np.ones(length.shape, dtype=np.bool_)
    near = _may_be_between(barrier, traps, places)
    seen[near] = sees(barrier, traps[near[0]], places[near[1]])
    hidden = np.flatnonzero(~seen.all(axis=0))
    if len(hidden):
        round_it = _over_corners(barrier, traps, places[hidden])
        length[:, hidden] = np.where(seen[:, hidden], length[:, hidden], round_it)
    return np.asarray(length)


def _may_be_between(
    barrier: BaseGeometry, traps: Floats, places: Floats
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of trap and place whose bounding box meets that of the barrier."""
    low, high = np.array(barrier.bounds).reshape(2, 2)
    lowest = np.minimum(traps[:, None, :], places[None, :, :])
    highest = np.maximum(traps[:, None, :], places[None, :, :])
    trap, place = np.nonzero(((lowest <= high) & (highest >= low)).all(axis=-1))
    return trap, place


def _within(barrier: BaseGeometry, xy: Floats) -> Flags:
    """Which places are in a barrier or on its edge."""
    shapely.prepare(barrier)
    return np.asarray(shapely.intersects_xy(barrier, xy[:, 0], xy[:, 1]))


def sees(barrier: BaseGeometry, start: Floats, end: Floats) -> Flags:
    """Whether straight lines do not touch a barrier.

    Parameters
    ----------
    barrier
        The barrier.
    start, end
        Ends of each line, metres, shape (n, 2).

    Returns
    -------
    NDArray
        Shape (n,).
    """
    shapely.prepare(barrier)
    found = np.empty(len(start), dtype=np.bool_)
    for first in range(0, len(start), _CHUNK):
        part = slice(first, first + _CHUNK)
        lines = shapely.linestrings(np.stack([start[part], end[part]], axis=1))
        found[part] = ~shapely.intersects(barrier, lines)
    return found


class _Corners(NamedTuple):
    """Corners that a path can bend at, shape (n, 2), and the pairs that see each other."""

    xy: Floats
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    edge: BaseGeometry


@lru_cache(maxsize=4)
def _corners_of(barrier: BaseGeometry) -> _Corners:
    """Corners a hair outside of a barrier, where it turns away from the path."""
    outside = shapely.buffer(barrier, HAIR, join_style="mitre")
    found = []
    for part in shapely.get_parts(outside):
        exterior = shapely.get_coordinates(part.exterior)
        holes = [(shapely.get_coordinates(ring), -1.0) for ring in part.interiors]
        for ring, side in [(exterior, 1.0), *holes]:
            xy = ring[:-1]  # without the first corner again
            before, after = xy - np.roll(xy, 1, axis=0), np.roll(xy, -1, axis=0) - xy
            area = np.sum(xy[:, 0] * np.roll(xy[:, 1], -1) - np.roll(xy[:, 0], -1) * xy[:, 1])
            turn = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
            found.append(xy[side * np.sign(area) * turn > 0])
    xy = np.concatenate(found)
    if len(xy) > MOST_CORNERS:
        msg = (
            f"The barrier has {len(xy):,} corners that paths could lead round; up to "
            f"{MOST_CORNERS:,} can be used. Cut it to the study area and the ground that paths "
            "may take round it, and simplify its outline to a tenth of the spacing of the mask or "
            "so (QGIS: Vector geometry, Simplify)."
        )
        raise MaskError(msg, kind="barrier of too many corners")
    first, second = np.triu_indices(len(xy), k=1)
    seen = sees(barrier, xy[first], xy[second])
    return _Corners(xy, first[seen], second[seen], shapely.boundary(outside))


def _over_corners(barrier: BaseGeometry, traps: Floats, places: Floats) -> Floats:
    """Shortest length by way of at least one corner, shape (n_traps, n_places)."""
    corners = _corners_of(barrier)
    leg = np.zeros(len(places))
    inside = np.flatnonzero(_within(barrier, places))
    if len(inside):
        to_edge = shapely.shortest_line(corners.edge, shapely.points(places[inside]))
        leg[inside] = shapely.length(to_edge)
        places = places.copy()
        places[inside] = shapely.get_coordinates(to_edge).reshape(-1, 2, 2)[:, 0]
    of_traps = _from_traps(barrier, traps, corners)  # (n_traps, n_corners)
    last = _in_sight(barrier, corners.xy, places)  # (n_corners, n_places)
    length = np.stack([(row[:, None] + last).min(axis=0, initial=np.inf) for row in of_traps])
    if len(inside):  # a place in the barrier may be reached without a corner
        length[:, inside] = np.minimum(length[:, inside], _in_sight(barrier, traps, places[inside]))
    return np.asarray(length + leg)


def _from_traps(barrier: BaseGeometry, traps: Floats, corners: _Corners) -> Floats:
    """Length of the shortest path from each trap to each corner."""
    n, n_traps = len(corners.xy), len(traps)
    direct = _in_sight(barrier, traps, corners.xy)
    trap, corner = np.nonzero(np.isfinite(direct))
    between = np.hypot(*(corners.xy[corners.first] - corners.xy[corners.second]).T)
    rows = np.concatenate([corners.first, n + trap])
    columns = np.concatenate([corners.second, corner])
    values = np.concatenate([between, direct[trap, corner]])
    graph = csr_array((values, (rows, columns)), shape=(n + n_traps, n + n_traps))
    found = dijkstra(graph, directed=False, indices=n + np.arange(n_traps))
    return np.asarray(found[:, :n])


def _in_sight(barrier: BaseGeometry, start: Floats, end: Floats) -> Floats:
    """Straight distances, infinite where the barrier is between, shape (n_start, n_end)."""
    i, j = (index.ravel() for index in np.indices((len(start), len(end))))
    length = np.hypot(*(start[i] - end[j]).T)
    length[~sees(barrier, start[i], end[j])] = np.inf
    return np.asarray(length.reshape(len(start), len(end)))
