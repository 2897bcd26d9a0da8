"""Make a habitat mask round the traps, and wider and finer ones to check it with."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from scr.errors import MaskError
from scr.habitat.cells import cell_side, holes_filled
from scr.habitat.checks import check_mask_covers, check_scale, warn_far_layer
from scr.habitat.mask import HabitatMask, MaskExtent
from scr.habitat.region import AreaInput, read_areas
from scr.io.bounds import memory_told
from scr.survey.traps import Traps
from scr.units import M2_PER_KM2

_MOST_CELLS = 2_000_000
_WIDEST = 20_000_000.0
"""Most metres of buffer and spacing: half the way round the Earth."""
_SHARED = ""


@memory_told(MaskError)
def build_mask(
    traps: Traps,
    *,
    buffer: float,
    spacing: float,
    habitat: AreaInput | list[AreaInput] | None = None,
    exclude: AreaInput | list[AreaInput] | None = None,
) -> HabitatMask:
    """Square cells round the traps, in which activity centres can lie.

    A cell is kept if its centre is within ``buffer`` of a trap, inside ``habitat`` and not inside
    ``exclude``. Edges of cells lie at whole multiples of ``spacing``, so that masks of one
    spacing fit together. The reserve does not limit the mask: animals that live outside it are
    caught too, and a mask cut at its boundary gives too high a density.

    Parameters
    ----------
    traps
        Traps of one or more sessions; with several, each session gets its own cells.
    buffer
        Distance kept round every trap, metres, more than 0 (``advise_buffer``: about 4 sigma).
    spacing
        Side of a cell, metres, more than 0 (``advise_spacing``: about half of sigma).
    habitat
        Polygons outside which no animal of the species can live: files, GeoPandas tables,
        geometries in the coordinate system of the traps, regions, or a list of them.
    exclude
        Polygons that are cut out (sea, lakes, towns), likewise.

    Returns
    -------
    HabitatMask
        Cells ordered by session, then from south to north, then from west to east.

    Raises
    ------
    MaskError
        If ``buffer`` or ``spacing`` is not above 0, there would be more than two million cells, a
        polygon cannot be read, no cell is left, or a trap is further than ``buffer`` from every
        cell.

    Examples
    --------
    >>> traps = Traps(names=["A"], xy=np.array([[0.0, 0.0]]), crs="local")
    >>> mask = build_mask(traps, buffer=1000, spacing=1000)
    >>> len(mask), mask.area
    (4, 4.0)
    """
    for name, value in (("buffer", buffer), ("spacing", spacing)):
        if not (np.isfinite(value) and value > 0):
            msg = f"{name} is {value}, but a distance in metres above 0 is needed."
            raise MaskError(msg)
        if value > _WIDEST:
            msg = (
                f"{name} is {value:g} m, which is further than from pole to pole. Give it in "
                "metres: 4 to 5 sigma for buffer, half of sigma or less for spacing."
            )
            raise MaskError(msg)
    extent = MaskExtent(
        buffer=float(buffer),
        habitat=_read_optional(habitat, traps.crs, "habitat"),
        exclude=_read_optional(exclude, traps.crs, "exclude"),
    )
    if extent.exclude is not None:
        of = f"the nearest station of {traps.source}"
        warn_far_layer(extent.exclude, shapely.MultiPoint(traps.ground), source="exclude", of=of)
    _check_size(traps, buffer, spacing)
    parts: dict[str, NDArray[np.float64]] = {}
    for label in traps.sessions:
        of_session = traps.of_session(label)
        xy = _cells_within(of_session.ground, extent, spacing=spacing, origin=np.zeros(2))
        if len(xy) == 0:
            msg = (
                f"No cell of {spacing:g} m is left round the {len(of_session)} traps of session "
                f"{label!r} ({traps.source}). Check that traps, habitat and exclude overlap as "
                "meant, widen the buffer or use smaller cells."
            )
            raise MaskError(msg, kind="no cell left", source=traps.source)
        parts[label] = xy
    several = len(parts) > 1
    mask = HabitatMask(
        xy=np.concatenate(list(parts.values())),
        cell_area=np.array(spacing**2 / M2_PER_KM2),
        crs=traps.crs,
        spacing=float(spacing),
        session=_labels(parts) if several else None,
        extent=extent,
        source=f"mask of {buffer:g} m round {traps.source}",
    )
    notes = check_mask_covers(mask, traps, buffer=buffer) + check_scale(mask)
    return replace(mask, notes=notes)


def _read_optional(
    given: AreaInput | list[AreaInput] | None, crs: str, source: str
) -> BaseGeometry | None:
    return None if given is None else read_areas(given, crs=crs, source=source)


def _check_size(traps: Traps, buffer: float, spacing: float) -> None:
    """Raise before memory runs out: the area of the discs bounds the number of cells."""
    discs = shapely.union_all(shapely.buffer(shapely.points(traps.ground), buffer, quad_segs=8))
    n_cells = float(shapely.area(discs)) / spacing / spacing
    if n_cells > _MOST_CELLS:
        side = np.sqrt(shapely.area(discs) / 20_000)
        msg = (
            f"{traps.source}: a buffer of {buffer:g} m with cells of {spacing:g} m makes about "
            f"{n_cells:,.0f} cells. A few thousand to {_MOST_CELLS:,} are needed: "
            f"try spacing={side:.2g}, and check that coordinates are in metres."
        )
        raise MaskError(msg, kind="too many cells", source=traps.source)


def _labels(parts: Mapping[str, NDArray[np.float64]]) -> NDArray[np.object_]:
    return np.concatenate([np.full(len(xy), label, dtype=object) for label, xy in parts.items()])


def _cells_within(
    trap_xy: NDArray[np.float64],
    extent: MaskExtent,
    *,
    spacing: float,
    origin: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Centres of the cells kept, shape (n, 2); ``origin`` is a corner where four cells meet."""
    tree = cKDTree(trap_xy)
    first = np.floor((trap_xy - extent.buffer - origin) / spacing).astype(np.int64)
    last = np.ceil((trap_xy + extent.buffer - origin) / spacing).astype(np.int64)
    kept = []
    for row in _covered(first[:, 1], last[:, 1]):
        near = (first[:, 1] <= row) & (row < last[:, 1])
        x = origin[0] + (_covered(first[near, 0], last[near, 0]) + 0.5) * spacing
        line = np.column_stack([x, np.full(len(x), origin[1] + (row + 0.5) * spacing)])
        # A hair of slack, so that a centre exactly at the buffer does not hang on rounding.
        distance, _ = tree.query(line, distance_upper_bound=extent.buffer * (1 + 1e-9))
        kept.append(line[np.isfinite(distance)])
    xy = np.concatenate(kept) if kept else np.empty((0, 2))
    return xy[inside_extent(xy, extent)]


def _covered(first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole numbers in at least one of several ranges, in order; gaps between them cost nothing."""
    order = np.argsort(first, kind="stable")
    first, reach = first[order], np.maximum.accumulate(last[order])
    cut = np.flatnonzero(first[1:] > reach[:-1]) + 1
    starts, ends = first[np.r_[0, cut]], reach[np.r_[cut - 1, len(reach) - 1]]
    return np.concatenate([np.arange(a, b) for a, b in zip(starts, ends, strict=True)])


def inside_extent(xy: NDArray[np.float64], extent: MaskExtent) -> NDArray[np.bool_]:
    """Whether places are inside the habitat and outside what is excluded.

    Parameters
    ----------
    xy
        Coordinates, metres, shape (n, 2).
    extent
        How a mask was cut out; its buffer is not looked at.

    Returns
    -------
    ndarray
        Shape (n,). A place on the very edge of a polygon is kept.
    """
    keep = np.ones(len(xy), dtype=np.bool_)
    if extent.habitat is not None:
        shapely.prepare(extent.habitat)
        keep &= shapely.intersects_xy(extent.habitat, xy[:, 0], xy[:, 1])
    if extent.exclude is not None:
        shapely.prepare(extent.exclude)
        keep &= ~shapely.contains_xy(extent.exclude, xy[:, 0], xy[:, 1])
    return keep


def wider_mask(mask: HabitatMask, traps: Traps, *, factor: float = 1.5) -> HabitatMask | None:
    """The mask with cells added all round it, to see whether the buffer was wide enough.

    Parameters
    ----------
    mask
        A mask on a lattice. All its cells are kept.
    traps
        The traps it was made for.
    factor
        How many times the buffer, more than 1. For a mask that was read, the buffer is taken to
        be the largest distance from one of its cells to the nearest trap.

    Returns
    -------
    HabitatMask or None
        Added cells lie on the same lattice, where ``habitat`` and ``exclude`` allow; of a mask
        that was read, holes stay holes. Their covariates are those of the nearest old cell. None
        if the mask is bounded, has no lattice, or nothing can be added.
    """
    if mask.bounded or mask.spacing is None:
        return None
    labels = traps.sessions if mask.session is not None else (_SHARED,)
    pieces = []
    for label in labels:
        cells = mask.cells_of(label) if label != _SHARED else np.arange(len(mask))
        trap_xy = traps.of_session(label).ground if label != _SHARED else traps.ground
        added = _ring(mask, cells, trap_xy=trap_xy, factor=factor)
        _, nearest = cKDTree(mask.xy[cells]).query(added) if len(added) else (None, [])
        pieces.append((label, added, cells[np.asarray(nearest, dtype=np.int64)]))
    n_added = sum(len(added) for _, added, _ in pieces)
    if n_added == 0:
        return None
    source_cells = np.concatenate([np.arange(len(mask)), *(cells for _, _, cells in pieces)])
    extent = mask.extent and replace(mask.extent, buffer=mask.extent.buffer * factor)
    session = None
    if mask.session is not None:
        session = np.concatenate(
            [mask.session, *(np.full(len(xy), label, dtype=object) for label, xy, _ in pieces)]
        )
    area = mask.spacing**2 / M2_PER_KM2
    return replace(
        mask,
        xy=np.concatenate([mask.xy, *(added for _, added, _ in pieces)]),
        cell_area=np.concatenate([mask.cell_area, np.full(n_added, area)]),
        covariates=_rows(mask.covariates, source_cells),
        session=session,
        extent=extent,
        source=f"{mask.source}, widened {factor:g} times",
        notes=(),
    )


def _ring(
    mask: HabitatMask, cells: NDArray[np.int64], *, trap_xy: NDArray[np.float64], factor: float
) -> NDArray[np.float64]:
    """Centres that a buffer ``factor`` times as wide adds to one session, shape (n, 2)."""
    xy = mask.xy[cells]
    spacing = float(mask.spacing or 0.0)
    extent = mask.extent
    if extent is None:
        reach = float(cKDTree(trap_xy).query(xy)[0].max())
        extent = MaskExtent(buffer=reach)
        taken = holes_filled(xy, spacing)
    else:
        taken = xy
    candidates = _cells_within(
        trap_xy,
        replace(extent, buffer=extent.buffer * factor),
        spacing=spacing,
        origin=xy[0] - spacing / 2,
    )
    if mask.barrier is not None:
        candidates = candidates[inside_extent(candidates, MaskExtent(0.0, exclude=mask.barrier))]
    if len(candidates) == 0:
        return candidates
    distance, _ = cKDTree(taken).query(candidates)
    return np.asarray(candidates[distance > spacing / 2], dtype=np.float64)


def finer_mask(mask: HabitatMask) -> HabitatMask:
    """Every cell cut into four, to see whether cells were small enough.

    Parameters
    ----------
    mask
        Any mask.

    Returns
    -------
    HabitatMask
        Four times as many cells over the same ground, each with the covariates of the cell that
        it was cut from. Without a lattice a cell is taken to be a square of its area.
    """
    quarter = np.repeat(cell_side(mask) / 4, 4)[:, None]
    corner = np.tile([[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]], (len(mask), 1))
    parent = np.repeat(np.arange(len(mask)), 4)
    return replace(
        mask,
        xy=mask.xy[parent] + quarter * corner,
        cell_area=mask.cell_area[parent] / 4,
        covariates=_rows(mask.covariates, parent),
        spacing=None if mask.spacing is None else mask.spacing / 2,
        session=None if mask.session is None else mask.session[parent],
        source=f"{mask.source}, cells halved",
        notes=(),
    )


def _rows(covariates: pd.DataFrame, cells: NDArray[np.int64]) -> pd.DataFrame:
    return covariates.iloc[cells].reset_index(drop=True)
