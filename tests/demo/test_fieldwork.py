"""Stations and cameras of the demo."""

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree
from shapely import Point, box

from scr.demo.fieldwork import days_worked, deploy_cameras, place_stations


def test_place_stations__stand_near_a_5_km_grid_and_only_where_allowed():
    reserve = box(0, 0, 50_000, 30_000)
    allowed = box(-50_000, 3_000, 100_000, 100_000)
    stations = place_stations(reserve, allowed, rng=np.random.default_rng(1))
    xy = stations[["x", "y"]].to_numpy(dtype=float)
    assert list(stations["station"][:2]) == ["S001", "S002"]
    assert len(stations) == 10 * 5  # nodes at 2.5 km, 7.5 km, ...; the lowest row is not allowed
    node = np.floor(xy / 5000) * 5000 + 2500
    assert np.abs(xy - node).max() < 2000
    assert all(allowed.contains(Point(*p)) for p in xy)
    assert (np.diff(node[:, 1]) <= 0).all()  # from north to south
    distance, _ = cKDTree(xy).query(xy, k=2)
    assert np.median(distance[:, 1]) > 4000


def test_deploy_cameras__two_at_each_station_for_ninety_days():
    table = deploy_cameras(pd.Series([f"S{k}" for k in range(50)]), rng=np.random.default_rng(2))
    assert list(table["camera"]) == ["A", "B"] * 50
    assert ((table["end"] - table["start"]).dt.days == 89).all()
    assert table["start"].max() - table["start"].min() == pd.Timedelta("9D")
    failing = table.dropna(subset=["problem1_from"])
    assert failing["station"].nunique() == 10
    assert len(failing) == 15  # both cameras at five of the ten stations
    assert (failing["problem1_from"] > failing["start"]).all()
    assert (failing["problem1_to"] <= failing["end"]).all()
    assert (failing["problem1_to"] >= failing["problem1_from"]).all()


def test_days_worked__one_working_camera_is_enough():
    day = pd.Timestamp("2024-02-01")
    rows = [
        ("X", 0, 4, None, None),
        ("X", 0, 4, 1, 2),
        ("Y", 1, 5, 2, 4),
        ("Y", 1, 5, 3, 5),
    ]
    table = pd.DataFrame(
        [
            [name] + [pd.NaT if d is None else day + pd.Timedelta(days=d) for d in days]
            for name, *days in rows
        ],
        columns=["station", "start", "end", "problem1_from", "problem1_to"],
    )
    expected = [[1, 1, 1, 1, 1, 0], [0, 1, 1, 0, 0, 1]]
    assert days_worked(table).tolist() == expected
