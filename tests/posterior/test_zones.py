import numpy as np
import pandas as pd
import pytest
import shapely

from scr.errors import MaskError, MaskWarning
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.posterior.zones import ground_beyond, holds_points, say_what_lies_beyond, zones_on

NOTHING = frozenset()


def lattice(n_columns, n_rows, **fields):
    x, y = np.meshgrid(1000.0 * np.arange(n_columns) + 500, 1000.0 * np.arange(n_rows) + 500)
    return HabitatMask(
        xy=np.column_stack([x.ravel(), y.ravel()]),
        cell_area=1.0,
        crs="local",
        spacing=1000.0,
        **fields,
    )


def box(name, *bounds):
    return Region(name, shapely.box(*bounds), crs="local")


def test_zones_on__without_a_region_takes_every_cell_whole():
    (zone,) = zones_on(lattice(3, 2), None)
    assert zone.share.tolist() == [1.0] * 6
    assert zone.area_beyond == 0


def test_zones_on__cuts_cells_by_the_share_of_their_area():
    (zone,) = zones_on(lattice(2, 1), box("strip", 0, 0, 1250, 500))
    np.testing.assert_allclose(zone.share, [0.5, 0.125])
    assert zone.name == "strip"


def test_zones_on__a_region_of_cells_keeps_them_and_finds_those_beyond():
    mask = lattice(4, 2)
    cells = HabitatMask(
        xy=np.array([[3500.0, 500.0], [4500.0, 500.0]]),
        cell_area=1.0,
        crs="local",
        spacing=1000.0,
        covariates=pd.DataFrame({"forest": [0.1, 0.9]}),
        source="park.csv",
    )
    (zone,) = zones_on(mask, {"park": cells})
    assert zone.share.tolist() == [0, 0, 0, 1, 0, 0, 0, 0]
    assert zone.beyond.covariates["forest"].tolist() == [0.9]
    assert zone.counted_km2(mask) == pytest.approx(2.0)
    assert zone.share_extrapolated(mask) == pytest.approx(0.5)


def test_zones_on__refuses_another_coordinate_system():
    cells = HabitatMask(xy=np.zeros((1, 2)), cell_area=1.0, crs="EPSG:32652", spacing=1000.0)
    with pytest.raises(MaskError, match="coordinate system"):
        zones_on(lattice(2, 2), {"park": cells})


def test_say_what_lies_beyond__is_silent_where_the_mask_covers_the_region():
    mask = lattice(4, 4)
    (zone,) = say_what_lies_beyond(zones_on(mask, box("core", 0, 0, 3100, 2000)), mask, NOTHING)
    assert zone.share_extrapolated(mask) == zone.share_not_covered(mask) == 0


def test_say_what_lies_beyond__names_the_share_extrapolated():
    mask = lattice(20, 10)
    zones = zones_on(mask, box("management unit", 0, 0, 30_000, 10_000))
    with pytest.warns(MaskWarning, match=r"'management unit': 100.0 of its 300.0 km2.*33.3 %"):
        (zone,) = say_what_lies_beyond(zones, mask, NOTHING)
    assert zone.counted_km2(mask) == pytest.approx(300.0)
    assert zone.share_extrapolated(mask) == pytest.approx(1 / 3)


def test_say_what_lies_beyond__leaves_out_what_depends_on_covariates_and_says_so():
    mask = lattice(20, 10)
    zones = zones_on(mask, box("unit", 0, 0, 30_000, 10_000))
    with pytest.warns(MaskWarning, match=r"33.3 %.*not counted.*forest"):
        (zone,) = say_what_lies_beyond(zones, mask, frozenset({"forest"}))
    assert zone.beyond is None
    assert zone.counted_km2(mask) == pytest.approx(200.0)
    assert zone.share_not_covered(mask) == pytest.approx(1 / 3)


@pytest.mark.parametrize("covariates", [NOTHING, frozenset({"forest"})])
def test_say_what_lies_beyond__stops_where_nothing_can_be_counted(covariates):
    mask = lattice(3, 3, bounded=not covariates)
    zones = zones_on(mask, box("island", 50_000, 0, 60_000, 5_000))
    with pytest.raises(MaskError, match="'island' has no habitat"):
        say_what_lies_beyond(zones, mask, covariates)


def test_ground_beyond__shares_cells_between_zones_that_overlap():
    mask = lattice(2, 2)
    zones = zones_on(
        mask, {"all": box("a", 0, 0, 5000, 2000), "part": box("b", 2500, 0, 4000, 2000)}
    )
    beyond = ground_beyond(zones)
    assert len(beyond.cells) == 6
    np.testing.assert_allclose(beyond.share @ beyond.cells.cell_area, [6.0, 3.0])
    by_column = dict(zip(beyond.cells.xy[:, 0], beyond.share.T.tolist(), strict=True))
    assert by_column == {2500.0: [1.0, 0.5], 3500.0: [1.0, 1.0], 4500.0: [1.0, 0.0]}


def test_holds_points__counts_the_edge():
    (zone,) = zones_on(lattice(2, 2), box("core", 0, 0, 1000, 1000))
    assert holds_points(zone, np.array([[1000.0, 500.0], [1001.0, 500.0]])).tolist() == [
        True,
        False,
    ]
