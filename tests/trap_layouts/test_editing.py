"""Layouts with stations moved, added and taken away."""

import numpy as np
import pytest

from scr.errors import LayoutError
from trap_layouts.editing import joined, with_added, with_moved, without
from trap_layouts.layout import make_layout


def test_with_moved__moves_that_station_alone(small_layout):
    moved = with_moved(small_layout, {"L003": np.array([5.0, 6.0])})
    assert moved.xy[2].tolist() == [5.0, 6.0]
    np.testing.assert_array_equal(np.delete(moved.xy, 2, 0), np.delete(small_layout.xy, 2, 0))
    assert moved.traps.names.tolist() == small_layout.traps.names.tolist()


def test_with_moved__onto_another_is_refused(small_layout):
    with pytest.raises(LayoutError, match="coincide: 'L001' and 'L002'"):
        with_moved(small_layout, {"L001": small_layout.xy[1]})


def test_with_added__takes_the_first_free_name(small_layout):
    layout = with_added(without(small_layout, {"L002"}), np.array([50.0, 60.0]), cameras=1)
    assert layout.traps.names[-1] == "L002"
    assert np.asarray(layout.cameras)[-1] == 1


def test_without__the_last_station_stays(small_layout):
    with pytest.raises(LayoutError, match="needs at least one station"):
        without(small_layout, set(small_layout.traps.names))


def test_joined__adds_what_is_not_there_under_free_names(small_layout):
    xy = np.vstack([small_layout.xy[:2], [[900.0, 900.0]]])
    both = joined(small_layout, make_layout("more", xy, crs="local"))
    assert len(both) == len(small_layout) + 1
    assert both.xy[-1].tolist() == [900.0, 900.0]
    assert len(set(both.traps.names)) == len(both)
