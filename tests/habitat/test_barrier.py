import numpy as np
import pytest
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from scr.errors import MaskError
from scr.habitat.barrier import HAIR, MOST_CORNERS, check_barrier, path_lengths
from scr.habitat.build import finer_mask, wider_mask
from scr.habitat.mask import HabitatMask
from scr.survey.traps import Traps

RNG = np.random.default_rng(1)
LAKE = shapely.box(-1000, -3000, 1000, 3000)
CLOSE = 20 * HAIR


def mask_over(half, step=500.0):
    axis = np.arange(-half + step / 2, half, step)
    x, y = np.meshgrid(axis, axis)
    area = (step / 1000) ** 2
    return HabitatMask(np.column_stack([x.ravel(), y.ravel()]), area, "local", spacing=step)


def test_path_lengths__straight_distances_to_the_last_bit_where_nothing_is_in_the_way():
    traps, places = RNG.uniform(-9000, 9000, (30, 2)), RNG.uniform(-9000, 9000, (400, 2))
    traps = traps[~shapely.intersects_xy(LAKE, *traps.T)]
    straight = path_lengths(None, traps, places)

    found = path_lengths(LAKE, traps, places)

    lines = shapely.linestrings(
        np.stack(np.broadcast_arrays(traps[:, None], places[None]), axis=2).reshape(-1, 2, 2)
    )
    clear = ~shapely.intersects(LAKE, lines).reshape(straight.shape)
    assert 0.5 < clear.mean() < 1
    assert (found[clear] == straight[clear]).all()
    assert (found[~clear] > straight[~clear]).all()


def test_path_lengths__round_a_box_over_the_nearer_corners():
    # From (-2000, a) to (2000, b): over both upper, or both lower corners, whichever is shorter.
    for a, b in RNG.uniform(-2500, 2500, (20, 2)):
        over = [
            np.hypot(1000, side * 3000 - a) + 2000 + np.hypot(1000, side * 3000 - b)
            for side in (-1, 1)
        ]
        found = path_lengths(LAKE, np.array([[-2000.0, a]]), np.array([[2000.0, b]]))
        assert found[0, 0] == pytest.approx(min(over), abs=CLOSE)


def test_path_lengths__round_a_disc_as_tangents_and_arc():
    # Closed form: two tangents of length sqrt(d^2 - r^2), and the arc that is left between.
    radius, d = 2000.0, 5000.0
    disc = shapely.Point(0, 0).buffer(radius, quad_segs=100)
    angle = np.pi - 2 * np.arccos(radius / d)

    found = path_lengths(disc, np.array([[-d, 0.0]]), np.array([[d, 0.0]]))

    expected = 2 * np.sqrt(d**2 - radius**2) + radius * angle
    assert found[0, 0] == pytest.approx(expected, rel=1e-4)


def test_path_lengths__a_fence_is_walked_round_its_end_and_a_ring_is_closed():
    fence = HabitatMask(np.array([[0.0, 0.0]]), 1.0, "local").with_barrier(
        shapely.LineString([(500, -1000), (500, 700)])
    )
    end = np.hypot(500, 700)
    found = path_lengths(fence.barrier, np.array([[0.0, 0.0]]), np.array([[1000.0, 0.0]]))
    assert found[0, 0] == pytest.approx(2 * end, abs=CLOSE)

    ring = shapely.Point(0, 0).buffer(3000).difference(shapely.Point(0, 0).buffer(2000))
    found = path_lengths(ring, np.array([[0.0, 0.0]]), np.array([[0.0, 1000.0], [9000.0, 0.0]]))
    assert found[0, 0] == 1000.0
    assert found[0, 1] == np.inf


def test_path_lengths__symmetric_and_no_shorter_way_by_a_third_place():
    star = shapely.Polygon(
        [(r * np.cos(t), r * np.sin(t)) for t, r in
         zip(np.linspace(0, 2 * np.pi, 14, endpoint=False), [4000, 1500] * 7, strict=True)]
    )  # fmt: skip
    xy = RNG.uniform(-6000, 6000, (60, 2))
    xy = xy[~shapely.intersects_xy(star, *xy.T)]

    found = path_lengths(star, xy, xy)

    assert found == pytest.approx(found.T, abs=1e-6)
    assert np.diag(found) == pytest.approx(0)
    by_third = (found[:, :, None] + found[None, :, :]).min(axis=1)
    assert (found <= by_third + CLOSE).all()


def test_path_lengths__agrees_with_paths_over_a_fine_grid():
    # Grid paths of 8 neighbours are at least as long, and at most 8.3 % longer.
    step, n = 250.0, 48
    axis = (np.arange(n) - n / 2 + 0.5) * step
    x, y = np.meshgrid(axis, axis)
    free = ~shapely.intersects_xy(LAKE, x, y)
    number = np.arange(n * n).reshape(n, n)
    rows, columns, lengths = [], [], []
    for di, dj in ((0, 1), (1, 0), (1, 1), (1, -1)):
        i, j = np.nonzero(free[: n - di, max(0, -dj) : n - max(0, dj)])
        j = j + max(0, -dj)
        both = free[i + di, j + dj]
        rows.append(number[i, j][both])
        columns.append(number[i + di, j + dj][both])
        lengths.append(np.full(int(both.sum()), step * np.hypot(di, dj)))
    ends = (np.concatenate(rows), np.concatenate(columns))
    graph = csr_array((np.concatenate(lengths), ends), shape=(n * n, n * n))
    start = number[24, 10]
    on_grid = dijkstra(graph, directed=False, indices=start)[number[free]]

    at = np.column_stack([x[free], y[free]])
    found = path_lengths(LAKE, np.array([[x.ravel()[start], y.ravel()[start]]]), at)[0]

    other = found > 0
    ratio = on_grid[other] / found[other]
    assert ratio.min() > 0.93  # the lake is a little smaller on the grid: no cell is cut
    assert ratio.max() < 1.09


def test_path_lengths__places_in_the_water_by_the_nearest_shore():
    # 400 m into the lake from its west shore, straight across from the station.
    found = path_lengths(LAKE, np.array([[-2000.0, 0.0]]), np.array([[-600.0, 0.0]]))
    assert found[0, 0] == pytest.approx(1400.0, abs=CLOSE)


def test_path_lengths__too_many_corners_are_refused_with_what_to_do():
    t = np.linspace(0, 2 * np.pi, 3 * MOST_CORNERS)
    r = 3000 + 200 * (np.arange(len(t)) % 2)
    comb = shapely.Polygon(np.column_stack([r * np.cos(t), r * np.sin(t)]))
    with pytest.raises(MaskError, match="simplify"):
        path_lengths(comb, np.array([[-9000.0, 0.0]]), np.array([[9000.0, 0.0]]))


def test_check_barrier__stations_in_the_water_are_named():
    traps = Traps(names=["A", "B"], xy=np.array([[0.0, 0.0], [2000.0, 0.0]]), crs="local")
    check_barrier(None, traps)
    with pytest.raises(MaskError, match=r"1 of 2 stations.*'A' \(1,000 m"):
        check_barrier(LAKE, traps)


def test_with_barrier__leaves_out_cells_in_it_and_keeps_to_it_when_widened():
    mask = mask_over(4000.0)
    wet = mask.with_barrier(LAKE)
    assert len(mask) - len(wet) == 4 * 12
    assert "48 cells whose centre lies in the barrier left out" in wet.notes[-1]

    both = wet.with_barrier(shapely.LineString([(2000, -4000), (2000, 4000)]))
    assert len(both) == len(wet)
    assert both.barrier.area > wet.barrier.area

    traps = Traps(names=["A"], xy=np.array([[-2000.0, 0.0]]), crs="local")
    wider = wider_mask(wet.with_barrier(shapely.box(4000, -9000, 5000, 9000)), traps)
    inside = shapely.contains_xy(wider.barrier, *wider.xy.T)
    assert not inside.any()
    assert finer_mask(wet).barrier is wet.barrier


def test_with_barrier__points_are_refused():
    with pytest.raises(MaskError, match="Point"):
        mask_over(1000.0).with_barrier(shapely.Point(0, 0))
