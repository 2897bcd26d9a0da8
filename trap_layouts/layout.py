"""A layout: stations, with the cameras at each, before any of them is set up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import GeometryCollection

from scr.errors import LayoutError, MaskError
from scr.habitat.checks import check_traps_near
from scr.habitat.region import Region
from scr.io.crs import planar_crs, same_crs
from scr.survey.traps import Traps

_LISTED = 10
_TOGETHER = 1.0


@dataclass(frozen=True, eq=False)
class Layout:
    """Stations that could be set up.

    Parameters
    ----------
    name
        Printed in tables and on maps.
    traps
        The stations, one session, with trap covariates where the model names them; or the areas
        or lines to be searched.
    cameras
        Cameras at each station, 1 or 2, shape (n_stations,); 2 everywhere if left out.

    Raises
    ------
    LayoutError
        If two stations stand within a metre of each other, cameras are not 1 or 2, or the
        stations belong to several sessions.
    MaskError
        If the coordinate system is not planar and in metres.

    Examples
    --------
    >>> traps = Traps(names=["A", "B"], xy=np.array([[0.0, 0.0], [3000.0, 0.0]]), crs="local")
    >>> Layout("two", traps).n_cameras
    4
    """

    name: str
    traps: Traps
    cameras: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        traps = self.traps
        crs = planar_crs(traps.crs, source=traps.source)
        object.__setattr__(self, "traps", replace(traps, crs=crs) if crs != traps.crs else traps)
        cameras = np.full(len(traps), 2) if self.cameras is None else np.array(self.cameras)
        cameras = cameras.astype(np.int64)
        cameras.setflags(write=False)
        object.__setattr__(self, "cameras", cameras)
        if len(traps.sessions) > 1:
            msg = (
                f"{traps.source}: a layout is one survey, but its stations name "
                f"{len(traps.sessions)} sessions. Leave the session column out, or give one file "
                "for each layout."
            )
            raise LayoutError(msg)
        bad = np.flatnonzero((cameras < 1) | (cameras > 2))
        if len(cameras) != len(traps) or len(bad):
            msg = (
                f"{traps.source}: cameras must be 1 or 2 at each of {len(traps)} stations; "
                f"{len(bad)} of {len(cameras)} values are not. Correct the column 'cameras'."
            )
            raise LayoutError(msg)
        check_apart(traps)

    def __len__(self) -> int:
        return len(self.traps)

    @property
    def xy(self) -> NDArray[np.float64]:
        """Coordinates, metres, shape (n_stations, 2)."""
        return self.traps.xy

    @property
    def crs(self) -> str:
        """Coordinate system, as in ``Traps``."""
        return self.traps.crs

    @property
    def n_cameras(self) -> int:
        """Cameras of all stations."""
        return int(np.sum(np.asarray(self.cameras)))

    def take(self, stations: NDArray[np.int64], *, name: str | None = None) -> "Layout":
        """Some of the stations, in the order given.

        Parameters
        ----------
        stations
            Indices from 0.
        name
            Name of the new layout; the same if left out.
        """
        traps = self.traps
        parts = None if traps.parts is None else list(traps.parts.geoms)
        chosen = Traps(
            names=traps.names[stations],
            xy=traps.xy[stations],
            crs=traps.crs,
            covariates=traps.covariates.iloc[stations],
            source=name or traps.source,
            unusable=traps.unusable,
            parts=None if parts is None else GeometryCollection([parts[i] for i in stations]),
        )
        return Layout(name or self.name, chosen, np.asarray(self.cameras)[stations])

    def within(self, region: Region, *, keep: Sequence[int] = ()) -> "Layout":
        """The stations that lie in a region.

        Parameters
        ----------
        region
            The polygon, in the coordinates of the layout.
        keep
            Indices of stations that stay wherever they lie.
        """
        inside = shapely.covers(region.geometry, shapely.points(self.xy))
        inside[list(keep)] = True
        return self.take(np.flatnonzero(inside))


def make_layout(
    name: str,
    xy: NDArray[np.float64],
    *,
    crs: str,
    cameras: int | NDArray[np.int64] = 2,
    covariates: pd.DataFrame | None = None,
) -> Layout:
    """A layout from coordinates, its stations numbered from north to south, west to east.

    Parameters
    ----------
    name
        Name of the layout.
    xy
        Metres, shape (n_stations, 2).
    crs
        Planar coordinate system, or ``"local"``.
    cameras
        Cameras at each station.
    covariates
        One row per station.

    Raises
    ------
    LayoutError
        If there is no station, or two coincide.

    Examples
    --------
    >>> make_layout("pair", np.array([[0.0, 0.0], [0.0, 900.0]]), crs="local").xy.tolist()
    [[0.0, 900.0], [0.0, 0.0]]
    """
    xy = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    if len(xy) == 0:
        msg = (
            f"Layout {name!r} has no station: no place is left inside the reserve and outside the "
            "exclusions. Use a smaller spacing, or check that polygon and stations overlap."
        )
        raise LayoutError(msg)
    order = np.lexsort((xy[:, 0], -xy[:, 1]))
    width = max(3, len(str(len(xy))))
    table = pd.DataFrame() if covariates is None else covariates.iloc[order]
    traps = Traps(
        names=np.array([f"L{i + 1:0{width}d}" for i in range(len(xy))], dtype=object),
        xy=xy[order],
        crs=crs,
        covariates=table,
        source=name,
    )
    return Layout(name, traps, np.broadcast_to(np.asarray(cameras), (len(xy),))[order])


def check_apart(traps: Traps, *, least: float = _TOGETHER) -> None:
    """Refuse stations that coincide, or stand closer than they may.

    Parameters
    ----------
    traps
        Stations or candidates.
    least
        Least distance, metres.

    Raises
    ------
    LayoutError
        Names the pairs.
    """
    pairs = close_pairs(traps.xy, least)
    if len(pairs) == 0:
        return
    listed = ", ".join(f"{traps.names[i]!r} and {traps.names[j]!r}" for i, j in pairs[:_LISTED])
    what = "coincide" if least <= _TOGETHER else f"are less than {least:g} m apart"
    msg = (
        f"{traps.source}: {len(pairs)} pairs of stations {what}: {listed}. "
        "Keep one of each pair; two cameras at one station are one row with cameras = 2."
    )
    raise LayoutError(msg)


def close_pairs(xy: NDArray[np.float64], least: float) -> NDArray[np.int64]:
    """Pairs of points closer than a distance, shape (n_pairs, 2), the first index the lower.

    Parameters
    ----------
    xy
        Metres, shape (n, 2).
    least
        Metres.
    """
    from_tree = shapely.STRtree(shapely.points(xy)).query(
        shapely.points(xy), predicate="dwithin", distance=least * (1 - 1e-9)
    )
    first, second = from_tree
    keep = first < second
    return np.asarray(np.stack([first[keep], second[keep]], axis=1), dtype=np.int64)


def check_inside(layout: Layout, reserve: Region) -> None:
    """Refuse a layout with stations outside the reserve.

    Parameters
    ----------
    layout
        The stations.
    reserve
        Where they may stand.

    Raises
    ------
    LayoutError
        Names the stations outside, with their distance from the edge; or the reading of their
        coordinates that would bring them inside.
    """
    check_near(layout, reserve)
    points = shapely.points(layout.xy)
    outside = np.flatnonzero(~shapely.covers(reserve.geometry, points))
    if len(outside) == 0:
        return
    away = shapely.distance(reserve.geometry, points[outside])
    listed = ", ".join(
        f"{layout.traps.names[i]!r} ({metres:,.0f} m)"
        for i, metres in zip(outside[:_LISTED], away[:_LISTED], strict=True)
    )
    msg = (
        f"{layout.traps.source}: {len(outside)} of {len(layout)} stations lie outside "
        f"{reserve.name}: {listed}. Move them inside, correct their coordinates, or give the "
        "polygon in which stations may stand."
    )
    raise LayoutError(msg)


def check_near(layout: Layout, reserve: Region) -> None:
    """Refuse a layout that cannot be meant for a reserve, as stations of a survey are refused.

    Parameters
    ----------
    layout
        Stations, candidates, or stations that stand already.
    reserve
        The reserve they are for. Some may stand outside.

    Raises
    ------
    LayoutError
        As ``scr.habitat.checks.check_traps_near``, in the same words.
    """
    require_same_crs([layout], reserve.crs, of="the reserve")
    try:
        check_traps_near(layout.traps, reserve)
    except MaskError as error:
        raise LayoutError(
            str(error), kind=error.kind, source=error.source, rows=error.rows
        ) from error


def require_same_crs(layouts: Sequence[Layout], crs: str, *, of: str) -> None:
    """Refuse layouts in another coordinate system.

    Parameters
    ----------
    layouts
        The layouts.
    crs
        The system they must be in.
    of
        What has that system, named in the message.

    Raises
    ------
    LayoutError
        If one differs.
    """
    for layout in layouts:
        if not same_crs(layout.crs, crs):
            msg = (
                f"Layout {layout.name!r} is in {layout.crs}, but {of} is in {crs}. "
                f"Read it with to_crs={crs!r}."
            )
            raise LayoutError(msg)
