"""A layout with a station moved, added, taken away or fitted with other cameras."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scr.errors import LayoutError
from scr.survey.traps import Traps
from trap_layouts.layout import Layout

_TOGETHER = 1.0


def with_moved(layout: Layout, places: Mapping[str, NDArray[np.float64]]) -> Layout:
    """The layout with some stations elsewhere.

    Parameters
    ----------
    layout
        The stations.
    places
        New coordinates of stations by name, metres, each of shape (2,).

    Raises
    ------
    LayoutError
        If two stations then coincide.
    """
    xy = layout.xy.copy()
    for i, name in enumerate(layout.traps.names):
        if name in places:
            xy[i] = places[name]
    return Layout(layout.name, replace(layout.traps, xy=xy), layout.cameras)


def with_added(layout: Layout, xy: NDArray[np.float64], *, cameras: int) -> Layout:
    """The layout with one more station, of the first name that is free.

    Parameters
    ----------
    layout
        The stations.
    xy
        Where the new one stands, metres, shape (2,).
    cameras
        Cameras there.

    Raises
    ------
    LayoutError
        If it coincides with another, or stations have covariates, of which it has none.
    """
    _refuse_covariates(layout)
    names = [str(name) for name in layout.traps.names]
    taken = set(names)
    free = next(name for i in range(1, len(names) + 2) if (name := f"L{i:03d}") not in taken)
    numbers = np.append(np.asarray(layout.cameras), cameras)
    return _of(layout, [*names, free], np.vstack([layout.xy, xy]), numbers)


def without(layout: Layout, names: Collection[str]) -> Layout:
    """The layout without some stations.

    Parameters
    ----------
    layout
        The stations.
    names
        Those taken away.

    Raises
    ------
    LayoutError
        If none would be left.
    """
    kept = np.flatnonzero([name not in names for name in layout.traps.names])
    if len(kept) == 0:
        msg = "A layout needs at least one station. Add another before this one is taken away."
        raise LayoutError(msg)
    return layout.take(kept)


def with_cameras(layout: Layout, cameras: int, names: Collection[str] | None = None) -> Layout:
    """The layout with another number of cameras.

    Parameters
    ----------
    layout
        The stations.
    cameras
        1 or 2.
    names
        At which stations; all if left out.
    """
    chosen = [names is None or name in names for name in layout.traps.names]
    return Layout(layout.name, layout.traps, np.where(chosen, cameras, np.asarray(layout.cameras)))


def named(layout: Layout, name: str) -> Layout:
    """The layout under another name.

    Parameters
    ----------
    layout
        The stations.
    name
        What it is called in tables.
    """
    return Layout(name, replace(layout.traps, source=name), layout.cameras)


def joined(layout: Layout, other: Layout) -> Layout:
    """The layout with the stations of another that are not in it.

    Parameters
    ----------
    layout
        The stations.
    other
        More stations. Those within a metre of one of the layout are in it already; those of a name
        that is taken get an ``x`` behind it.

    Raises
    ------
    LayoutError
        If stations have covariates, of which those of the other layout may have none.
    """
    away = np.hypot(*(other.xy[:, None] - layout.xy[None]).transpose(2, 0, 1)).min(axis=1)
    new = np.flatnonzero(away > _TOGETHER)
    if len(new) == 0:
        return layout
    _refuse_covariates(layout)
    names = [str(name) for name in layout.traps.names]
    for name in other.traps.names[new]:
        free = str(name)
        while free in names:
            free += "x"
        names.append(free)
    return _of(
        layout,
        names,
        np.vstack([layout.xy, other.xy[new]]),
        np.append(np.asarray(layout.cameras), np.asarray(other.cameras)[new]),
    )


def _refuse_covariates(layout: Layout) -> None:
    columns = layout.traps.covariates.columns
    if len(columns):
        msg = (
            f"Stations of {layout.name} have {', '.join(map(str, columns))}, which a new station "
            "has not. Add it to the layout's file, with these columns."
        )
        raise LayoutError(msg)


def _of(
    layout: Layout,
    names: Sequence[str],
    xy: NDArray[np.float64],
    cameras: NDArray[np.int64],
) -> Layout:
    traps = Traps(
        names=np.array(names, dtype=object), xy=xy, crs=layout.crs, source=layout.traps.source
    )
    return Layout(layout.name, traps, cameras)
