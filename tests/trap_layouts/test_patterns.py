"""Patterns against the geometry that defines them."""

import numpy as np
import pytest
import shapely
from scipy.spatial import cKDTree

from scr.errors import LayoutError
from trap_layouts import patterns
from trap_layouts.cut_groups import cut_groups

AREA = shapely.box(0, 0, 30_000, 24_000)


def neighbours(xy, spacing):
    return [len(found) - 1 for found in cKDTree(xy).query_ball_point(xy, spacing * 1.001)]


def test_square_grid__inner_stations_have_four_neighbours():
    xy = patterns.square_grid(AREA, spacing=3000.0)
    assert len(xy) == 80
    assert max(neighbours(xy, 3000.0)) == 4


def test_square_grid__rotation_keeps_distances():
    xy = patterns.square_grid(AREA, spacing=3000.0, rotation=30.0)
    nearest = cKDTree(xy).query(xy, k=2)[0][:, 1]
    assert nearest == pytest.approx(3000.0)
    assert len(xy) == pytest.approx(80, abs=8)


def test_square_grid__seeds_give_different_origins_and_the_same_seed_the_same():
    one, two, again = (patterns.square_grid(AREA, spacing=3000.0, seed=s) for s in (1, 2, 1))
    assert np.array_equal(one, again)
    assert not np.isin(one[:, 0], two[:, 0]).any()


def test_hexagonal_grid__inner_stations_have_six_neighbours_and_density_two_by_root_three():
    xy = patterns.hexagonal_grid(AREA, spacing=1500.0)
    assert max(neighbours(xy, 1500.0)) == 6
    expected = AREA.area / (1500.0**2 * np.sqrt(3) / 2)
    assert len(xy) == pytest.approx(expected, rel=0.1)


def test_hollow_grid__has_the_edge_of_each_square():
    xy = patterns.hollow_grid(
        shapely.box(0, 0, 24_000, 24_000), spacing=1000.0, side=4, gap=12_000.0
    )
    assert len(xy) == 4 * 12


def test_clustered_grid__has_whole_clusters_at_the_gap():
    xy = patterns.clustered_grid(
        shapely.box(0, 0, 30_000, 20_000), spacing=1000.0, side=3, gap=10_000.0
    )
    assert len(xy) % 9 == 0
    assert max(neighbours(xy, 1000.0)) == 4
    assert sum(n == 4 for n in neighbours(xy, 1000.0)) == len(xy) // 9


def test_paired_grid__every_station_has_its_partner():
    xy = patterns.paired_grid(shapely.box(0, 0, 60_000, 60_000), spacing=6000.0, apart=500.0)
    nearest = cKDTree(xy).query(xy, k=2)[0][:, 1]
    assert np.median(nearest) == pytest.approx(500.0)


def test_lacework__stations_lie_on_lines_a_spacing_apart():
    xy = patterns.lacework(AREA, spacing=1000.0, lines=5000.0)
    on_x = np.isclose((xy[:, 0] - xy[0, 0]) % 5000, 0) | np.isclose(
        (xy[:, 0] - xy[0, 0]) % 5000, 5000
    )
    assert cKDTree(xy).query(xy, k=2)[0][:, 1] == pytest.approx(1000.0)
    assert 0.4 < on_x.mean() < 0.7


def test_along_lines__joins_lines_and_keeps_steps():
    trail = shapely.MultiLineString([[(0, 0), (2500, 0)], [(2500, 0), (5000, 0)]])
    xy = patterns.along_lines(trail, spacing=1000.0)
    assert xy[:, 0].tolist() == [500.0, 1500.0, 2500.0, 3500.0, 4500.0]


def test_along_lines__needs_lines():
    with pytest.raises(LayoutError, match="needs lines, but found Polygon"):
        patterns.along_lines(AREA, spacing=1000.0)


def test_balanced_sample__has_the_size_asked_for_and_equal_chances():
    grid = np.stack(np.meshgrid(np.arange(8.0), np.arange(8.0)), axis=-1).reshape(-1, 2)
    times = np.zeros(64)
    for seed in range(400):
        sample = patterns.balanced_sample(grid, 16, seed=seed)
        assert len(sample) == 16
        times[(sample[:, 1] * 8 + sample[:, 0]).astype(int)] += 1
    error = np.sqrt(400 * 0.25 * 0.75)
    assert np.abs(times - 100).max() < 4.5 * error


def test_balanced_sample__is_more_even_than_simple_random_samples():
    rng = np.random.default_rng(1)
    grid = np.stack(np.meshgrid(np.arange(20.0), np.arange(20.0)), axis=-1).reshape(-1, 2)

    def unevenness(sample):
        _, nearest = cKDTree(sample).query(grid)
        return np.bincount(nearest, minlength=len(sample)).var()

    balanced = np.mean([unevenness(patterns.balanced_sample(grid, 40, seed=s)) for s in range(20)])
    simple = np.mean([unevenness(grid[rng.choice(400, 40, replace=False)]) for _ in range(20)])
    assert balanced < 0.5 * simple


def test_balanced_sample__more_stations_than_candidates_is_refused():
    with pytest.raises(LayoutError, match="5 stations were asked for, and there are 3 candidates"):
        patterns.balanced_sample(np.zeros((3, 2)), 5, seed=1)


def test_square_grid__spacing_of_zero_is_refused():
    with pytest.raises(LayoutError, match="above 0 metres"):
        patterns.square_grid(AREA, spacing=0.0)


def test_cut_groups__counts_what_the_edge_cuts_off():
    centres = np.array([[0.0, 0.0], [9000.0, 0.0], [18_000.0, 0.0]])
    cluster = np.stack(np.meshgrid([0.0, 1000.0, 2000.0], [0.0, 1000.0, 2000.0]), -1).reshape(-1, 2)
    points = (centres[:, None] + cluster).reshape(-1, 2)
    assert cut_groups("clusters", points, spacing=1000.0, side=3) == ""
    told = cut_groups("clusters", points[:-3], spacing=1000.0, side=3)
    assert told == "1 of 3 clusters was cut, to 6 of 9 stations,"
    told = cut_groups("clusters", points[1:-3], spacing=1000.0, side=3)
    assert told == "2 of 3 clusters were cut, to 6 and 8 of 9 stations,"
    assert cut_groups("square", points, spacing=1000.0) == ""
