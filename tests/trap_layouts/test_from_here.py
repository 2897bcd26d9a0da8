"""Layouts improved from where they stand."""

import numpy as np
import pytest
import shapely

from trap_layouts.comparison import criteria_of
from trap_layouts.from_here import improved
from trap_layouts.layout import make_layout
from trap_layouts.patterns import square_grid

PLACES = square_grid(shapely.box(-8000, -8000, 8000, 8000), spacing=2000.0)


@pytest.fixture
def crowded():
    xy = np.array([[0, 0], [1500, 0], [0, 1500], [1500, 1500], [700, 700]], dtype=float)
    return make_layout("crowded", xy, crs="local")


def animals(layout, assumptions):
    return criteria_of(layout, assumptions, information=False)["animals"]


def test_improved__is_better_with_as_many_stations_and_locked_ones_stay(crowded, plan):
    assumptions = plan()
    better = improved(crowded, PLACES, assumptions, criterion="animals", locked=frozenset({"L003"}))
    assert len(better) == len(crowded)
    assert animals(better, assumptions) > 1.2 * animals(crowded, assumptions)
    kept = crowded.xy[crowded.traps.names == "L003"].tolist()[0]
    assert kept in better.xy.tolist()


def test_improved__stopped_at_once_is_the_layout_itself(crowded, plan):
    def stop(_):
        raise KeyboardInterrupt

    found = improved(crowded, PLACES, plan(), criterion="min_nr", report=stop)
    assert sorted(found.xy.tolist()) == sorted(crowded.xy.tolist())
