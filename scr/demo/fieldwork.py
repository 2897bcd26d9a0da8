"""The demo's field work: stations on a grid, two cameras each, some of which fail."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import points
from shapely.geometry.base import BaseGeometry

GRID = 5000.0
NIGHTS = 90
FIRST_DAY = np.datetime64("2024-02-01")

_DAY = np.timedelta64(1, "D")
_REACH = 600.0
_MOVED = 400.0
_SET_UP_DAYS = 10
_FAILING = 0.2
_LEAST_FAILURE, _MOST_FAILURE = 7, 45


def place_stations(
    reserve: BaseGeometry, allowed: BaseGeometry, *, rng: np.random.Generator
) -> pd.DataFrame:
    """Stations on a grid of 5 km in and just outside the park, each moved to the nearest trail.

    Parameters
    ----------
    reserve
        The park.
    allowed
        Where stations may stand.
    rng
        Source of random numbers.

    Returns
    -------
    DataFrame
        ``station``, ``x`` and ``y`` in whole metres, from north to south.
    """
    west, south, east, north = reserve.buffer(_REACH).bounds
    x, y = np.meshgrid(
        np.arange(np.floor(west / GRID), east / GRID + 1) * GRID + GRID / 2,
        np.arange(np.floor(south / GRID), north / GRID + 1)[::-1] * GRID + GRID / 2,
    )
    node = np.column_stack([x.ravel(), y.ravel()])
    near = points(node)
    inside = np.array([reserve.distance(p) <= _REACH and allowed.contains(p) for p in near])
    moved = node[inside] + rng.normal(0.0, _MOVED, size=(int(inside.sum()), 2))
    kept = np.array([allowed.contains(p) for p in points(moved)])
    xy = np.round(np.where(kept[:, None], moved, node[inside])).astype(np.int64)
    names = [f"S{k + 1:03d}" for k in range(len(xy))]
    return pd.DataFrame({"station": names, "x": xy[:, 0], "y": xy[:, 1]})


def deploy_cameras(stations: pd.Series, *, rng: np.random.Generator) -> pd.DataFrame:
    """Two cameras a station for 90 nights, set up over ten days from north to south.

    At a fifth of the stations one camera fails for a week or more; at half of these the other
    one fails too, so that the station does not work where both failures meet.

    Parameters
    ----------
    stations
        Names, from north to south.
    rng
        Source of random numbers.

    Returns
    -------
    DataFrame
        ``station``, ``camera``, ``start``, ``end``, ``problem1_from``, ``problem1_to``; days, both
        ends included, missing where nothing failed.
    """
    n = len(stations)
    n_failing = round(_FAILING * n)
    failing = rng.permutation(n)[:n_failing]
    both = set(failing[: n_failing // 2].tolist())
    one = set(failing.tolist())
    rows = []
    for k, station in enumerate(stations):
        start = FIRST_DAY + k * _SET_UP_DAYS // n * _DAY
        end = start + (NIGHTS - 1) * _DAY
        first, last = _failure(rng)
        for camera in ("A", "B"):
            row = {"station": station, "camera": camera, "start": start, "end": end}
            if k in both or (k in one and camera == "A"):
                shift = 0 if camera == "A" else int(rng.integers(0, 5))
                row["problem1_from"] = start + (first + shift) * _DAY
                row["problem1_to"] = min(start + (last + shift) * _DAY, end)
            rows.append(row)
    return pd.DataFrame(rows)


def _failure(rng: np.random.Generator) -> tuple[int, int]:
    """First and last day of a failure, counted from set-up."""
    length = int(rng.integers(_LEAST_FAILURE, _MOST_FAILURE + 1))
    first = int(rng.integers(1, NIGHTS - _LEAST_FAILURE - 5))
    return first, first + length - 1


def days_worked(deployments: pd.DataFrame) -> NDArray[np.float64]:
    """Effort, day by day: 1 where at least one camera of the station worked.

    Parameters
    ----------
    deployments
        From ``deploy_cameras``.

    Returns
    -------
    NDArray
        Shape (n_stations, n_days), stations in order of first appearance.
    """
    stations = deployments["station"].to_numpy()
    start, end, failed, mended = (
        deployments[name].to_numpy(dtype="datetime64[D]")[:, None]
        for name in ("start", "end", "problem1_from", "problem1_to")
    )
    days = np.arange(FIRST_DAY, end.max() + _DAY)
    failing = (days >= failed) & (days <= mended)  # (n_cameras, n_days), False where none failed
    working = (days >= start) & (days <= end) & ~failing
    of_station = [working[stations == station].any(axis=0) for station in dict.fromkeys(stations)]
    return np.array(of_station, dtype=np.float64)
