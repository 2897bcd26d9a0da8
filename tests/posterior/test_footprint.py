import numpy as np
import pandas as pd
import pytest
import shapely

from scr.habitat.mask import HabitatMask, MaskExtent
from scr.posterior.footprint import cells_beyond, footprint, share_within, squares, take_cells


def lattice(n_columns, n_rows, spacing=1000.0, origin=(0.0, 0.0), **fields):
    x = origin[0] + spacing * (np.arange(n_columns) + 0.5)
    y = origin[1] + spacing * (np.arange(n_rows) + 0.5)
    xy = np.column_stack([a.ravel() for a in np.meshgrid(x, y)])
    return HabitatMask(
        xy=xy, cell_area=(spacing / 1000) ** 2, crs="local", spacing=spacing, **fields
    )


def test_share_within__equals_the_share_of_random_points():
    rng = np.random.default_rng(1)
    polygon = shapely.Polygon([(0.3, 0.1), (2.7, 0.4), (2.2, 2.9), (1.2, 1.1)])
    xy = np.column_stack([a.ravel() for a in np.meshgrid([0.5, 1.5, 2.5], [0.5, 1.5, 2.5])])
    n_points = 20_000

    share = share_within(squares(xy, np.ones(9)), polygon)

    points = xy[:, None, :] + rng.uniform(-0.5, 0.5, (9, n_points, 2))
    expected = shapely.contains_xy(polygon, points[..., 0], points[..., 1]).mean(axis=1)
    np.testing.assert_allclose(share, expected, atol=4 * 0.5 / np.sqrt(n_points))


def test_share_within__shares_of_a_partition_sum_to_one():
    mask = lattice(7, 5)
    cells = squares(mask.xy, np.full(35, 1000.0))
    whole = shapely.box(0, 0, 7000, 5000)
    left = shapely.Polygon([(0, 0), (3300, 0), (4100, 2100), (1900, 5000), (0, 5000)])

    total = share_within(cells, left) + share_within(cells, whole.difference(left))

    np.testing.assert_allclose(total, 1.0, rtol=1e-9)


def test_footprint__has_the_area_of_the_cells_and_no_cracks():
    mask = lattice(12, 9, spacing=333.3, origin=(612345.67, 4712345.67))
    ground = footprint(mask)
    assert ground.area == pytest.approx(12 * 9 * 333.3**2, rel=1e-9)
    assert ground.geom_type == "Polygon"
    assert len(ground.interiors) == 0


def test_footprint__counts_ground_shared_by_sessions_once():
    one = lattice(3, 2)
    twice = HabitatMask(
        xy=np.concatenate([one.xy, one.xy]),
        cell_area=1.0,
        crs="local",
        spacing=1000.0,
        session=np.repeat(["a", "b"], 6),
    )
    assert footprint(twice).area == pytest.approx(6e6)


def test_footprint__closes_the_gaps_of_a_rotated_lattice():
    turn = np.deg2rad(30)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    xy = lattice(20, 20).xy @ rotation.T
    ground = footprint(HabitatMask(xy=xy, cell_area=1.0, crs="local"))
    assert ground.geom_type == "Polygon"
    assert len(ground.interiors) == 0
    assert ground.area == pytest.approx(400e6, rel=0.05)


@pytest.mark.parametrize("shift", [0.0, 0.31])
def test_cells_beyond__with_the_cells_of_the_mask_make_up_the_region(shift):
    mask = lattice(20, 10)
    region = shapely.affinity.translate(shapely.box(5000, 2000, 35000, 12000), shift * 1000, 77)
    inside = share_within(squares(mask.xy, np.full(200, 1000.0)), region) @ mask.cell_area

    beyond = cells_beyond(mask, region)

    assert inside + beyond.area == pytest.approx(300.0, rel=1e-9)
    assert (beyond.xy - mask.xy[0]) % 1000 == pytest.approx(0, abs=1e-6)


def test_cells_beyond__none_where_the_mask_covers_the_region():
    assert cells_beyond(lattice(10, 10), shapely.box(1100, 1100, 8300, 8300)) is None


def test_cells_beyond__none_beyond_a_bounded_mask():
    assert cells_beyond(lattice(4, 4, bounded=True), shapely.box(0, 0, 9000, 9000)) is None


def test_cells_beyond__leaves_out_what_was_excluded_and_what_is_not_habitat():
    extent = MaskExtent(
        buffer=3000.0,
        habitat=shapely.box(0, 0, 10_000, 4000),
        exclude=shapely.box(6000, 0, 7000, 4000),
    )
    mask = lattice(4, 4, extent=extent)
    beyond = cells_beyond(mask, shapely.box(0, 0, 12_000, 5000))
    # Columns 4, 5, 7, 8 and 9 of four rows; column 6 is excluded, the rest is outside habitat.
    assert beyond.area == pytest.approx(20.0)
    assert sorted(set(beyond.xy[:, 0])) == [4500.0, 5500.0, 7500.0, 8500.0, 9500.0]


def test_cells_beyond__takes_a_surrounded_hole_as_no_habitat_where_the_extent_is_unknown():
    mask = lattice(5, 5)
    holed = take_cells(mask, np.setdiff1d(np.arange(25), [12]))
    assert cells_beyond(holed, shapely.box(0, 0, 5000, 5000)) is None


def test_take_cells__keeps_area_and_covariates_of_the_rows():
    mask = lattice(3, 1, covariates=pd.DataFrame({"forest": [1.0, 2.0, 3.0]}))
    part = take_cells(mask, np.array([2, 0]))
    assert part.xy[:, 0].tolist() == [2500.0, 500.0]
    assert part.covariates["forest"].tolist() == [3.0, 1.0]
