import numpy as np
import pytest
import shapely

from scr.posterior.activity_centres import ActivityCentres
from scr.posterior.contours import cells_that_hold, contours


@pytest.fixture
def centres(make_mask):
    mask = make_mask(21, 21, spacing=500.0)
    middle = np.array([[5250.0, 5250.0], [3250.0, 7250.0]])
    square = ((mask.xy - middle[:, None]) ** 2).sum(axis=2)
    probability = np.exp(-square / (2 * 700.0**2))
    probability /= probability.sum(axis=1, keepdims=True)
    return ActivityCentres(mask, ("a", "b"), probability, "1", "posterior", 1)


def test_contours__hold_their_share_with_the_fewest_cells(centres):
    for probability in centres.probability:
        for share in (0.5, 0.95):
            cells = cells_that_hold(centres.mask, probability, share)
            assert probability[cells].sum() >= share
            assert probability[cells].sum() - probability[cells].min() < share
            rest = np.setdiff1d(np.arange(len(probability)), cells)
            assert probability[rest].max() <= probability[cells].min()


def test_contours__of_a_normal_centre_are_discs(centres):
    # A share s of a bivariate normal lies within sigma sqrt(-2 log(1 - s)).
    table = contours(centres)
    assert table["individual"].tolist() == ["a", "a", "b", "b"]
    for row in table.itertuples():
        expected = np.pi * 0.7**2 * -2 * np.log(1 - row.share)
        assert row.area_km2 == pytest.approx(expected, rel=0.12)
        assert row.area_km2 == pytest.approx(shapely.area(row.geometry) / 1e6)
        x, y = shapely.centroid(row.geometry).coords[0]
        assert np.hypot(x - (5250 if row.individual == "a" else 3250), y) < 7600
    inner, outer = table["geometry"][:2]
    assert shapely.covers(outer, inner)


def test_cells_that_hold__a_denser_small_cell_comes_before_a_larger_one(make_mask):
    mask = make_mask(3, 1, cell_area=np.array([1.0, 0.2, 1.0]))
    probability = np.array([0.4, 0.3, 0.3])
    assert cells_that_hold(mask, probability, 0.3).tolist() == [1]
    assert cells_that_hold(mask, probability, 0.5).tolist() == [0, 1]
