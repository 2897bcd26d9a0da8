import heapq

import numpy as np
import pytest
import shapely

from scr.errors import MaskError
from scr.habitat.least_cost import path_grid

STEP = 500.0


def lattice(n_x, n_y, holes=()):
    x, y = np.meshgrid(np.arange(n_x) * STEP, np.arange(n_y) * STEP)
    xy = np.stack([x.ravel(), y.ravel()], axis=1)
    return xy[[tuple(place) not in holes for place in (xy / STEP).astype(int)]]


def by_hand(xy, resistance, start):
    """Dijkstra over all moves of up to two cells, their cost by a fine sum along the line."""
    number = {tuple(place): i for i, place in enumerate(np.rint(xy / STEP).astype(int).tolist())}
    moves = [(i, j) for i in range(-2, 3) for j in range(-2, 3) if np.gcd(i, j) == 1]
    along = (np.arange(400) + 0.5) / 400
    found, waiting = {}, [(0.0, tuple(np.rint(xy[start] / STEP).astype(int).tolist()))]
    while waiting:
        cost, at = heapq.heappop(waiting)
        if at in found:
            continue
        found[at] = cost
        for move in moves:
            to = (at[0] + move[0], at[1] + move[1])
            if to not in number or to in found:
                continue
            line = np.array(at) + along[:, None] * np.array(move)
            cells = [tuple(cell) for cell in np.floor(line + 0.5 - 1e-12).astype(int).tolist()]
            if abs(move[0]) == abs(move[1]):  # passes a corner between two cells
                beside = [(to[0], at[1]), (at[0], to[1])]
                if not any(cell in number for cell in beside):
                    continue
                cells = [at if f < 0.5 else to for f in along]
            if all(cell in number for cell in cells):
                mean = np.mean([resistance[number[cell]] for cell in cells])
                heapq.heappush(waiting, (cost + STEP * np.hypot(*move) * mean, to))
    return np.array([found.get(tuple(p), np.inf) for p in np.rint(xy / STEP).astype(int).tolist()])


def test_lengths__agree_with_a_search_by_hand_round_holes():
    holes = {(5, j) for j in range(6)} | {(3, 8), (4, 9)}
    xy = lattice(10, 11, holes)
    resistance = np.exp(np.random.default_rng(5).normal(0, 0.6, len(xy)))
    start = 14
    grid = path_grid(xy, xy[[start]], STEP)

    found = grid.lengths(resistance)[0]

    expected = by_hand(xy, resistance, start)
    # From its own cell's centre a trap may go straight to cells 2.3 sides away, no further.
    assert found == pytest.approx(expected, rel=1e-9)


def test_lengths__of_resistance_1_are_straight_to_within_3_percent():
    xy = lattice(31, 31)
    traps = np.random.default_rng(6).uniform(4000, 11000, (6, 2))
    grid = path_grid(xy, traps, STEP)
    straight = np.hypot(*np.moveaxis(traps[:, None] - xy[None], 2, 0))

    ratio = grid.lengths(np.ones(len(xy))) / straight

    assert ratio.min() > 1 - 1e-9
    # 16 directions cost 2.75 % at most; a place off the centre of its cell some of a step more.
    assert (ratio < 1.0276 + 0.06 * STEP / straight)[straight > 3 * STEP].all()
    # And a common factor of resistance is a factor of all distances.
    assert grid.lengths(np.full(len(xy), 2.5)) == pytest.approx(2.5 * ratio * straight)


def test_lengths_and_slopes__slopes_are_those_of_finite_differences_away_from_path_switches():
    xy = lattice(20, 20)
    rng = np.random.default_rng(7)
    columns = np.stack([rng.normal(size=len(xy)), np.sin(xy[:, 0] / 1500.0)])
    traps = rng.uniform(1000, 8000, (4, 2))
    grid = path_grid(xy, traps, STEP)
    alpha = np.array([0.5, -0.8])

    def lengths(a):
        return grid.lengths(np.exp(a @ columns))

    length, slope = grid.lengths_and_slopes(np.exp(alpha @ columns), columns)
    assert (length == lengths(alpha)).all()
    for j in range(2):
        step = np.zeros(2)
        step[j] = 1e-6
        above, below = lengths(alpha + step), lengths(alpha - step)
        by_difference = (above - below) / 2e-6
        # Where the path is the same on both sides the second difference is nearly nothing.
        same = np.abs(above - 2 * length + below) < 1e-6 * np.maximum(length, 1.0)
        assert same.mean() > 0.99
        assert slope[j][same] == pytest.approx(by_difference[same], rel=1e-5, abs=1e-3)


def test_path_grid__cells_apart_are_out_of_reach_and_barriers_are_not_crossed():
    xy = lattice(9, 5, holes={(4, j) for j in range(5)})
    grid = path_grid(xy, np.array([[0.0, 0.0]]), STEP)
    length, slope = grid.lengths_and_slopes(np.ones(len(xy)), np.ones((1, len(xy))))
    east = xy[:, 0] > 4 * STEP
    assert np.isinf(length[0, east]).all()
    assert np.isfinite(length[0, ~east]).all()
    assert (slope[0, 0, east] == 0).all()
    assert slope[0, 0, ~east] == pytest.approx(length[0, ~east])  # d/da of e^a d is d

    fence = shapely.LineString([(1750, -9000), (1750, 1250)]).buffer(0.01)
    fenced = path_grid(lattice(9, 5), np.array([[0.0, 0.0]]), STEP, fence)
    open_ = path_grid(lattice(9, 5), np.array([[0.0, 0.0]]), STEP)
    ones = np.ones(45)
    longer = fenced.lengths(ones)[0] > open_.lengths(ones)[0] + 1
    assert longer[8]
    assert not longer[[0, 3, 36]].any()


def test_path_grid__a_trap_outside_of_cells_is_joined_to_the_nearest():
    xy = lattice(5, 5)
    grid = path_grid(xy, np.array([[-700.0, 1000.0]]), STEP)
    assert grid.lengths(np.ones(25))[0, 10] == pytest.approx(700.0)
    assert grid.lengths(np.ones(25))[0, 14] == pytest.approx(2700.0)


def test_path_grid__needs_a_lattice():
    with pytest.raises(MaskError, match="lattice"):
        path_grid(lattice(3, 3), np.zeros((1, 2)), None)
