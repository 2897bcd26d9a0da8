import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import mahalanobis

from scr.model.novelty import novelty


@pytest.fixture
def near():
    rng = np.random.default_rng(4)
    forest = rng.uniform(0, 1, 200)
    return pd.DataFrame({"forest": forest, "elev": 500 * forest + rng.normal(0, 20, 200) + 1000})


def test_novelty__one_covariate_at_a_time_is_that_of_lowest_and_highest(near):
    low, high = near["elev"].min(), near["elev"].max()
    elev = [low - 0.01, low, 1200.0, high, high + 0.01]
    found = novelty(near, pd.DataFrame({"forest": [0.5] * 5, "elev": elev}))
    assert found.alone["elev"].tolist() == [True, False, False, False, True]
    assert not found.alone["forest"].any()


def test_novelty__a_combination_is_new_beyond_the_furthest_sampled(near):
    # Both values are common, the pair is not: high ground with little forest.
    rng = np.random.default_rng(5)
    cells = pd.DataFrame(
        {"forest": rng.uniform(0.1, 0.9, 300), "elev": rng.uniform(1060, 1440, 300)}
    )
    found = novelty(near, cells)
    assert not found.alone.to_numpy().any()
    inverse = np.linalg.inv(np.cov(near.to_numpy().T))
    centre = near.mean().to_numpy()

    def furthest(table):
        return [mahalanobis(row, centre, inverse) for row in table.to_numpy()]

    expected = np.array(furthest(cells)) > max(furthest(near))
    np.testing.assert_array_equal(found.jointly, expected)
    assert 0.2 < expected.mean() < 0.9


def test_novelty__no_cell_sampled_is_new(near):
    found = novelty(near, near)
    assert not found.jointly.any()


def test_novelty__labels_that_were_not_sampled_and_pairs_of_them():
    near = pd.DataFrame(
        {"soil": ["loam"] * 20 + ["sand"] * 20, "elev": [*range(20), *range(100, 120)]}
    )
    cells = pd.DataFrame({"soil": ["loam", "swamp", "sand"], "elev": [10, 10, 10]})
    found = novelty(near, cells)
    assert found.alone["soil"].tolist() == [False, True, False]
    assert found.jointly.tolist() == [False, True, True]


def test_novelty__a_covariate_constant_within_reach_is_new_wherever_it_differs():
    near = pd.DataFrame({"forest": [0.3] * 5, "elev": [1.0, 2.0, 3.0, 4.0, 5.0]})
    found = novelty(near, pd.DataFrame({"forest": [0.3, 0.4], "elev": [2.0, 2.0]}))
    assert found.jointly.tolist() == [False, True]


def test_novelty__yes_and_no_are_labels():
    near = pd.DataFrame({"park": [True, True, True]})
    assert novelty(near, pd.DataFrame({"park": [True, False]})).jointly.tolist() == [False, True]
