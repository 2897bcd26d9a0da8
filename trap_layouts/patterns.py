"""Patterns of stations: grids, clusters, pairs, lines and spatially balanced samples.

Each returns coordinates in metres, shape (n_stations, 2), inside a polygon. Without ``seed`` a grid
starts at its default place; with one its origin is drawn at random, as design-based inference asks.
"""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from scr.errors import LayoutError

Points = NDArray[np.float64]


def square_grid(
    area: BaseGeometry, *, spacing: float, rotation: float = 0.0, seed: int | None = None
) -> Points:
    """Stations at the corners of squares.

    Parameters
    ----------
    area
        Polygon in which stations may stand.
    spacing
        Distance between neighbours, metres.
    rotation
        Degrees counter-clockwise.
    seed
        Draws the origin at random.

    Raises
    ------
    LayoutError
        If the spacing is not above 0.

    Examples
    --------
    >>> len(square_grid(shapely.box(0, 0, 3000, 2000), spacing=1000.0))
    6
    """
    return _inside(_lattice(area, (spacing, spacing), rotation=rotation, seed=seed), area)


def hexagonal_grid(
    area: BaseGeometry, *, spacing: float, rotation: float = 0.0, seed: int | None = None
) -> Points:
    """Stations at the corners of equilateral triangles, six neighbours each.

    Parameters
    ----------
    area, spacing, rotation, seed
        As in ``square_grid``.
    """
    height = spacing * np.sqrt(3.0)
    one = _lattice(area, (spacing, height), rotation=rotation, seed=seed)
    shift = _rotated(np.array([[spacing / 2, height / 2]]), rotation)
    return _inside(np.concatenate([one, one + shift]), area)


def hollow_grid(
    area: BaseGeometry,
    *,
    spacing: float,
    side: int,
    gap: float,
    rotation: float = 0.0,
    seed: int | None = None,
) -> Points:
    """Hollow squares: the edges of small grids, laid out on a large one.

    Parameters
    ----------
    area, rotation, seed
        As in ``square_grid``.
    spacing
        Distance along the edge of a square, metres.
    side
        Stations along an edge, 3 or more for a square that is hollow.
    gap
        Distance between centres of the squares, metres.

    References
    ----------
    Efford & Fewster (2013) Oikos 122:918-928, for hollow grids.
    """
    ring = _cluster(spacing, side)
    edge = np.abs(ring).max(axis=1) > (side - 1) / 2 * spacing - 1e-6
    return _on_grid(area, ring[edge], gap=gap, rotation=rotation, seed=seed)


def clustered_grid(
    area: BaseGeometry,
    *,
    spacing: float,
    side: int,
    gap: float,
    rotation: float = 0.0,
    seed: int | None = None,
) -> Points:
    """Small square grids laid out on a large one.

    Parameters
    ----------
    area, rotation, seed
        As in ``square_grid``.
    spacing
        Distance between neighbours within a cluster, metres.
    side
        Stations along the edge of a cluster.
    gap
        Distance between centres of the clusters, metres.

    References
    ----------
    Clark (2019) Ecol. Evol. 9:528-541, for clustered designs of large areas.

    Examples
    --------
    >>> area = shapely.box(0, 0, 20000, 20000)
    >>> len(clustered_grid(area, spacing=1000.0, side=2, gap=10000.0))
    16
    """
    return _on_grid(area, _cluster(spacing, side), gap=gap, rotation=rotation, seed=seed)


def paired_grid(
    area: BaseGeometry,
    *,
    spacing: float,
    apart: float,
    rotation: float = 0.0,
    seed: int = 1,
) -> Points:
    """Pairs of stations on a grid, each pair in a direction of its own.

    Parameters
    ----------
    area, rotation
        As in ``square_grid``.
    spacing
        Distance between pairs, metres.
    apart
        Distance within a pair, metres.
    seed
        Draws the origin and the directions.
    """
    _require_positive(apart=apart)
    centres = _inside(_lattice(area, (spacing, spacing), rotation=rotation, seed=seed), area)
    angle = np.random.default_rng(seed).uniform(0, np.pi, len(centres))
    half = apart / 2 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _inside(np.concatenate([centres - half, centres + half]), area)


def lacework(
    area: BaseGeometry,
    *,
    spacing: float,
    lines: float,
    rotation: float = 0.0,
    seed: int | None = None,
) -> Points:
    """Crossing lines of closely spaced stations.

    Parameters
    ----------
    area, rotation, seed
        As in ``square_grid``.
    spacing
        Distance along a line, metres.
    lines
        Distance between parallel lines, metres; a whole multiple of the spacing is taken.

    References
    ----------
    Efford (2025) secrdesign, ``make.lacework``.

    Examples
    --------
    >>> len(lacework(shapely.box(0, 0, 4000, 4000), spacing=1000.0, lines=2000.0))
    16
    """
    _require_positive(spacing=spacing, lines=lines)
    every = max(int(np.rint(lines / spacing)), 1)
    knots = _lattice(area, (every * spacing, every * spacing), rotation=rotation, seed=seed)
    steps = np.arange(every) * spacing
    along = np.stack([steps, np.zeros(every)], axis=1)
    across = np.stack([np.zeros(every - 1), steps[1:]], axis=1)
    arms = _rotated(np.concatenate([along, across]), rotation)
    return _inside((knots[:, None, :] + arms[None]).reshape(-1, 2), area)


def along_lines(lines: BaseGeometry, *, spacing: float, area: BaseGeometry | None = None) -> Points:
    """Stations at equal steps along trails, roads or rivers.

    Parameters
    ----------
    lines
        Lines; those that touch end to end are joined first.
    spacing
        Distance along the line, metres; the first station stands half of it from the start.
    area
        Polygon in which stations may stand.

    Raises
    ------
    LayoutError
        If there is no line.

    Examples
    --------
    >>> along_lines(shapely.LineString([(0, 0), (2000, 0)]), spacing=1000.0).tolist()
    [[500.0, 0.0], [1500.0, 0.0]]
    """
    _require_positive(spacing=spacing)
    parts = [part for part in shapely.get_parts(lines) if part.geom_type == "LineString"]
    if not parts:
        msg = f"A pattern along lines needs lines, but found {lines.geom_type}. Give trails."
        raise LayoutError(msg)
    merged = shapely.line_merge(shapely.union_all(parts))
    found = []
    for line in shapely.get_parts(merged):
        steps = np.arange(spacing / 2, line.length, spacing)
        found.append(shapely.get_coordinates(shapely.line_interpolate_point(line, steps)))
    points = np.concatenate(found)
    return points if area is None else _inside(points, area)


def balanced_sample(candidates: Points, n_stations: int, *, seed: int) -> Points:
    """A spatially balanced random sample of candidates, by the local pivotal method.

    Every candidate has the same chance; neighbours seldom come both.

    Parameters
    ----------
    candidates
        Metres, shape (n_candidates, 2).
    n_stations
        Stations wanted.
    seed
        Seed of the sample.

    Raises
    ------
    LayoutError
        If there are fewer candidates than stations wanted.

    References
    ----------
    Grafstrom, Lundstrom & Schelin (2012) Biometrics 68:514-520, algorithm LPM 2.

    Examples
    --------
    >>> line = np.stack([np.arange(10.0), np.zeros(10)], axis=1)
    >>> len(balanced_sample(line, 5, seed=1))
    5
    """
    n = len(candidates)
    if not 1 <= n_stations <= n:
        msg = (
            f"{n_stations} stations were asked for, and there are {n} candidates. "
            "Ask for 1 or more and at most as many as there are, or give more candidates."
        )
        raise LayoutError(msg)
    rng = np.random.default_rng(seed)
    chance = np.full(n, n_stations / n)
    open_ = np.arange(n)
    while len(open_) > 1:
        i = open_[rng.integers(len(open_))]
        square = ((candidates[open_] - candidates[i]) ** 2).sum(axis=1)
        square[open_ == i] = np.inf
        nearest = np.flatnonzero(square == square.min())
        j = open_[nearest[rng.integers(len(nearest))]]
        chance[i], chance[j] = _contest(chance[i], chance[j], rng)
        settled = (chance < 1e-9) | (chance > 1 - 1e-9)
        open_ = open_[~settled[open_]]
    return candidates[chance > 0.5]


def _contest(a: float, b: float, rng: np.random.Generator) -> tuple[float, float]:
    """Two chances after one takes from the other what it can."""
    total = a + b
    if total < 1:
        return (0.0, total) if rng.random() < b / total else (total, 0.0)
    if rng.random() < (1 - b) / (2 - total):
        return 1.0, total - 1
    return total - 1, 1.0


def _lattice(
    area: BaseGeometry, step: tuple[float, float], *, rotation: float, seed: int | None
) -> Points:
    """Lattice over the circle round an area, so that any rotation covers it."""
    _require_positive(spacing=min(step))
    west, south, east, north = area.bounds
    centre = np.array([(west + east) / 2, (south + north) / 2])
    radius = np.hypot(east - west, north - south) / 2
    shift = 0.5 if seed is None else np.random.default_rng(seed).random(2)
    axes = []
    for size in step:
        reach = int(np.ceil(radius / size)) + 1
        axes.append(np.arange(-reach, reach + 1) * size)
    x, y = np.meshgrid(*axes)
    grid = np.stack([x.ravel(), y.ravel()], axis=1) + np.asarray(shift) * np.array(step)
    if seed is None:  # cells of the grid begin at the south-west corner of the area
        grid += np.mod(np.array([west, south]) - centre, np.array(step))
    return centre + _rotated(grid, rotation)


def _on_grid(
    area: BaseGeometry, cluster: Points, *, gap: float, rotation: float, seed: int | None
) -> Points:
    centres = _lattice(area, (gap, gap), rotation=rotation, seed=seed)
    turned = _rotated(cluster, rotation)
    return _inside((centres[:, None, :] + turned[None]).reshape(-1, 2), area)


def _cluster(spacing: float, side: int) -> Points:
    if side < 1:
        msg = f"side={side}: a cluster needs at least one station along its edge. Correct it."
        raise LayoutError(msg)
    _require_positive(spacing=spacing)
    axis = (np.arange(side) - (side - 1) / 2) * spacing
    x, y = np.meshgrid(axis, axis)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def _rotated(xy: Points, degrees: float) -> Points:
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(xy @ turn)


def _inside(xy: Points, area: BaseGeometry) -> Points:
    shapely.prepare(area)
    return np.asarray(xy[shapely.intersects_xy(area, xy[:, 0], xy[:, 1])])


def _require_positive(**lengths: float) -> None:
    for name, value in lengths.items():
        if not (np.isfinite(value) and value > 0):
            msg = f"{name}={value:g}: a distance must be above 0 metres. Correct it."
            raise LayoutError(msg)
