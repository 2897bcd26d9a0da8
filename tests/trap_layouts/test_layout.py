"""Layouts: what is refused, and in which words."""

import numpy as np
import pytest
import shapely

from scr.errors import LayoutError, MaskError
from scr.habitat.region import Region
from scr.survey.traps import Traps
from trap_layouts.layout import Layout, check_inside, close_pairs, make_layout


def traps(xy, crs="local", **more):
    xy = np.array(xy, dtype=float)
    return Traps(names=[f"T{i}" for i in range(len(xy))], xy=xy, crs=crs, **more)


def test_layout__stations_that_coincide_are_named():
    with pytest.raises(LayoutError, match="1 pairs of stations coincide: 'T0' and 'T2'"):
        Layout("two", traps([[0, 0], [900, 0], [0.4, 0]]))


def test_layout__cameras_other_than_one_or_two_are_refused():
    with pytest.raises(LayoutError, match="cameras must be 1 or 2 at each of 2 stations; 1 of 2"):
        Layout("two", traps([[0, 0], [900, 0]]), np.array([1, 3]))


def test_layout__degrees_are_refused():
    with pytest.raises(MaskError, match="longitude and latitude"):
        Layout("two", traps([[130.0, 43.0], [131.0, 43.0]], crs="EPSG:4326"))


def test_layout__several_sessions_are_refused():
    with pytest.raises(LayoutError, match="2 sessions"):
        Layout("two", traps([[0, 0], [900, 0]], session=["1", "2"]))


def test_make_layout__without_a_station_says_so():
    with pytest.raises(LayoutError, match="has no station"):
        make_layout("none", np.zeros((0, 2)), crs="local")


def test_check_inside__names_stations_outside_and_how_far():
    reserve = Region("Park", shapely.box(0, 0, 5000, 5000), crs="local")
    layout = Layout("two", traps([[100, 100], [5250, 100]]))
    with pytest.raises(LayoutError, match=r"1 of 2 stations lie outside Park: 'T1' \(250 m\)"):
        check_inside(layout, reserve)


def test_check_inside__other_coordinate_system_is_refused():
    reserve = Region("Park", shapely.box(0, 0, 5000, 5000), crs="EPSG:32652")
    with pytest.raises(LayoutError, match="is in local, but the reserve is in EPSG:32652"):
        check_inside(Layout("two", traps([[100, 100], [5250, 100]])), reserve)


def test_close_pairs__are_those_of_all_distances():
    xy = np.random.default_rng(1).uniform(0, 1000, (60, 2))
    distance = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    expected = np.argwhere(np.triu(distance < 150, k=1))
    found = close_pairs(xy, 150.0)
    assert sorted(map(tuple, found)) == sorted(map(tuple, expected))


def test_take__keeps_names_cameras_and_covariates():
    layout = make_layout("five", np.arange(10.0).reshape(5, 2) * 900, crs="local", cameras=1)
    some = layout.take(np.array([4, 0]), name="some")
    assert some.traps.names.tolist() == [layout.traps.names[4], layout.traps.names[0]]
    assert some.n_cameras == 2
