"""Growth curves: slopes, counts of pairs, the page."""

import make_growth
import numpy as np
import pytest


def test_slope_of_a_power():
    n = [10, 20, 50, 400]
    assert make_growth.slope(n, [3.0 * i**1.5 for i in n]) == pytest.approx(1.5)


def test_small_surveys_are_measured_and_told(tmp_path):
    size = make_growth.Size
    sizes = (size(traps_by_side=3), size(traps_by_side=4), size(traps_by_side=5))
    points = make_growth.measure({"traps": sizes}, rounds=1)
    curves = list(make_growth.curves(points))
    assert [curve.evaluator for curve in curves] == ["lattice", "pairs"]
    assert curves[0].n == [9, 16, 25]
    assert np.all(np.diff(curves[0].pairs) > 0)
    make_growth.draw(curves, tmp_path / "growth.png")
    assert (tmp_path / "growth.png").stat().st_size > 1000
    page = make_growth.page(curves)
    assert page.count("| traps | ") == 2
    assert "9 to 25" in page


def test_pairs_are_those_within_seven_sigma():
    problem = make_growth.problem_of(make_growth.Size(traps_by_side=2))
    data = problem.sessions[0]
    distance = np.hypot(*(data.point_xy[:, None] - data.cell_xy[None]).T)
    assert make_growth.pairs_within(problem) == (distance <= 7 * make_growth.SIGMA).sum()
