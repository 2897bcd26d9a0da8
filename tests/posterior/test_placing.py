import numpy as np
import pytest
import shapely
from scipy.stats import binom

from scr.posterior.footprint import share_within, squares
from scr.posterior.placing import animals_in_zones


@pytest.fixture
def mask(make_mask):
    return make_mask(3, 2)


def place(mask, counts, zones, *, seed=1):
    cells = squares(mask.xy, np.full(len(mask), 1000.0))
    share = np.stack([share_within(cells, zone) for zone in zones])
    rng = np.random.default_rng(seed)
    return animals_in_zones(np.asarray(counts, dtype=np.int32), mask, share, zones, rng=rng)


def test_animals_in_zones__whole_cells_are_counted_without_chance(mask):
    counts = np.random.default_rng(3).poisson(2.0, (50, 6))
    west, all_of_it = shapely.box(0, 0, 1000, 2000), shapely.box(0, 0, 3000, 2000)
    found = place(mask, counts, [west, all_of_it])
    np.testing.assert_array_equal(found[:, 0], counts[:, [0, 3]].sum(axis=1))
    np.testing.assert_array_equal(found[:, 1], counts.sum(axis=1))


def test_animals_in_zones__those_of_a_cut_cell_are_binomial_by_the_share_of_its_area(mask):
    # A zone smaller than a cell: 300 m by 500 m of 1 km2, in a cell with 4 animals.
    counts = np.tile([0, 4, 0, 0, 0, 0], (20_000, 1))
    found = place(mask, counts, [shapely.box(1200, 300, 1500, 800)])[:, 0]
    expected = binom.pmf(np.arange(5), 4, 0.15)
    share = np.bincount(found.astype(int), minlength=5) / len(found)
    np.testing.assert_allclose(share, expected, atol=5 * np.sqrt(0.25 / len(found)))


def test_animals_in_zones__zones_that_part_the_ground_part_the_animals(mask):
    counts = np.random.default_rng(4).poisson(3.0, (200, 6))
    slant = shapely.Polygon([(0, 0), (1300, 0), (400, 2000), (0, 2000)])
    rest = shapely.box(0, 0, 3000, 2000).difference(slant)
    found = place(mask, counts, [slant, rest])
    np.testing.assert_array_equal(found.sum(axis=1), counts.sum(axis=1))
    assert found[:, 0].std() > 0


def test_animals_in_zones__an_animal_in_two_zones_counts_in_both(mask):
    counts = np.full((500, 6), 3)
    inner, outer = shapely.box(200, 200, 700, 900), shapely.box(100, 100, 900, 950)
    found = place(mask, counts, [inner, outer])
    assert (found[:, 0] <= found[:, 1]).all()
    assert found[:, 0].mean() == pytest.approx(3 * 0.35, rel=0.1)


def test_animals_in_zones__only_whole_animals(mask):
    found = place(mask, np.full((100, 6), 2), [shapely.box(500, 500, 2500, 1500)])
    np.testing.assert_array_equal(found, np.round(found))
    assert found.mean() == pytest.approx(2 * 2, rel=0.15)
