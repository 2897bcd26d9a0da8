"""Searched areas and lines: their outlines, and where detections lie in them."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryCollection

from scr.errors import SurveyError

NEAR = 1.0
"""Metres by which a place may lie outside its part: coordinates are rounded."""

MANY = 100
"""About as many points stand for a part where that is near enough."""

KINDS = {"areas": ("Polygon", "MultiPolygon"), "lines": ("LineString", "MultiLineString")}
"""Geometries of searched areas and of searched lines."""


def check_parts(
    names: Sequence[str], parts: GeometryCollection, *, searched: str, source: str
) -> None:
    """Raise where what was searched is not of the kind that the detector takes.

    Parameters
    ----------
    names
        Name of each part.
    parts
        Its outline, in the same order.
    searched
        ``"areas"`` or ``"lines"``.
    source
        Where they come from, for the message.

    Raises
    ------
    SurveyError
        Naming the parts: of the wrong kind, empty, or crossing themselves.
    """
    named = list(zip(names, parts.geoms, strict=True))
    wrong = [f"{name!r} ({part.geom_type})" for name, part in named
             if part.geom_type not in KINDS[searched]]  # fmt: skip
    if wrong:
        msg = (
            f"{source}: {len(wrong)} parts are not {searched}: {', '.join(wrong[:10])}. A detector "
            f"that searches {searched} needs {' or '.join(KINDS[searched])}: give these parts, or "
            "the detector that fits them."
        )
        raise SurveyError(msg)
    bad = [f"{name!r} ({shapely.is_valid_reason(part)})" for name, part in named
           if part.is_empty or not part.is_valid or not np.isfinite(part.bounds).all()
           or part.length == 0.0]  # fmt: skip
    if bad:
        msg = (
            f"{source}: {len(bad)} parts are empty or cross themselves: {', '.join(bad[:10])}. "
            "Correct their outlines."
        )
        raise SurveyError(msg)


def places_of(parts: GeometryCollection) -> NDArray[np.float64]:
    """A place in each part, for maps and the mask: in areas within, on lines halfway.

    Parameters
    ----------
    parts
        Areas or lines.

    Returns
    -------
    NDArray
        Metres, shape (n_parts, 2).
    """
    points = [
        part.representative_point()
        if part.geom_type in KINDS["areas"]
        else part.interpolate(0.5, normalized=True)
        for part in parts.geoms
    ]
    return np.array([(point.x, point.y) for point in points], dtype=np.float64).reshape(-1, 2)


def joined_parts(sessions: Sequence[GeometryCollection | None]) -> GeometryCollection | None:
    """The parts of several sessions in one; None where detectors stand at points.

    Parameters
    ----------
    sessions
        Parts of each session.
    """
    found = [parts for parts in sessions if parts is not None]
    return GeometryCollection([part for parts in found for part in parts.geoms]) if found else None


def spread_over(
    parts: GeometryCollection,
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Points evenly over each part, about a hundred: what stands for it where that is near enough.

    Parameters
    ----------
    parts
        Areas or lines.

    Returns
    -------
    xy
        Metres, shape (n, 2).
    part
        Part of each point, shape (n,).
    measure
        Area, m2, or length, m, that each stands for, shape (n,).
    """
    points = [_points_over(part) for part in parts.geoms]
    number = [len(xy) for xy in points]
    sizes = [part.area or part.length for part in parts.geoms]
    part = np.repeat(np.arange(len(points)), number)
    measure = np.repeat(np.array(sizes) / np.array(number), number)
    return np.concatenate([np.zeros((0, 2)), *points]), part, measure


def _points_over(part: shapely.Geometry) -> NDArray[np.float64]:
    if part.geom_type in KINDS["lines"]:
        at = (np.arange(MANY) + 0.5) / MANY
        points = shapely.line_interpolate_point(shapely.line_merge(part), at, normalized=True)
        return np.asarray(shapely.get_coordinates(points), dtype=np.float64)
    west, south, east, north = part.bounds
    step = float(np.sqrt(part.area / MANY))
    axes = (np.arange(low, high + step, step) for low, high in ((west, east), (south, north)))
    x, y = (axis.ravel() for axis in np.meshgrid(*axes))
    inside = shapely.contains_xy(part, x, y)
    xy = np.stack([x[inside], y[inside]], axis=1)
    return xy if len(xy) else places_of(GeometryCollection([part]))


def ground_of(parts: GeometryCollection) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Points over each part and along its outline, and the part of each: for distances to it.

    Parameters
    ----------
    parts
        Areas or lines.
    """
    over, part, _ = spread_over(parts)
    outlines = [
        shapely.get_coordinates(shapely.segmentize(geometry, geometry.length / MANY))
        for geometry in parts.geoms
    ]
    number = np.repeat(np.arange(len(outlines)), [len(xy) for xy in outlines])
    return np.concatenate([over, *outlines]), np.concatenate([part, number])


def scale_of(parts: GeometryCollection) -> NDArray[np.float64]:
    """A length by which each part is large: side of a square as large; a quarter of a line.

    Parameters
    ----------
    parts
        Areas or lines.

    Returns
    -------
    NDArray
        Metres, shape (n_parts,).
    """
    sizes = [np.sqrt(part.area) if part.area else part.length / 4 for part in parts.geoms]
    return np.array(sizes, dtype=np.float64)


def edges_of(parts: GeometryCollection) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Edges of each part; the inside of an area lies to the left of its edges.

    Parameters
    ----------
    parts
        Areas or lines.

    Returns
    -------
    start
        First edge of each part (and one past the last), shape (n_parts + 1,).
    edge
        x and y of both ends, metres, shape (n_edges, 4).
    """
    found: list[NDArray[np.float64]] = []
    numbers = [0]
    for part in parts.geoms:
        edges = [_edges_of_line(line) for line in _lines_of(part)]
        numbers.append(numbers[-1] + sum(map(len, edges)))
        found += edges
    return np.array(numbers, dtype=np.int64), np.concatenate([np.empty((0, 4)), *found])


def _lines_of(part: shapely.Geometry) -> list[shapely.Geometry]:
    if part.geom_type in KINDS["lines"]:
        return list(shapely.get_parts(part))
    areas = shapely.get_parts(shapely.orient_polygons(part))
    return [ring for area in areas for ring in (area.exterior, *area.interiors)]


def _edges_of_line(line: shapely.Geometry) -> NDArray[np.float64]:
    xy = shapely.get_coordinates(line)
    edges = np.hstack([xy[:-1], xy[1:]])
    return np.asarray(edges[np.any(xy[:-1] != xy[1:], axis=1)], dtype=np.float64)


def outside(
    parts: GeometryCollection, part: NDArray[np.int64], xy: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Metres by which places lie outside the part they are said to be in, shape (n,).

    Parameters
    ----------
    parts
        Areas or lines.
    part
        Part of each place, shape (n,).
    xy
        Places, metres, shape (n, 2).
    """
    of_place = np.array(parts.geoms, dtype=object)[part] if len(part) else np.empty(0, dtype=object)
    return np.asarray(shapely.distance(of_place, shapely.points(xy)), dtype=np.float64)
