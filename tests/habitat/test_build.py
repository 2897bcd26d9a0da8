import geopandas as gpd
import numpy as np
import pytest
import shapely

from scr.errors import MaskError
from scr.habitat.build import build_mask, finer_mask, wider_mask
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.survey.traps import Traps

UTM = "EPSG:32652"


def traps_at(*xy, crs="local", session=()):
    names = [f"K{i + 1}" for i in range(len(xy))]
    return Traps(
        names=names, xy=np.array(xy, dtype=float), crs=crs, session=session, source="stations.csv"
    )


def cells(mask):
    return {(float(x), float(y)) for x, y in mask.xy}


def test_build_mask__one_trap_keeps_centres_within_the_buffer():
    # Centres at odd multiples of 500 m; within 1600 m of the origin are those with
    # |x|, |y| in {500, 1500} but not both 1500 (2121 m).
    mask = build_mask(traps_at((0, 0)), buffer=1600, spacing=1000)
    near = (-1500, -500, 500, 1500)
    expected = {(x, y) for x in near for y in near if np.hypot(x, y) <= 1600}
    assert len(expected) == 12
    assert cells(mask) == expected
    assert mask.area == pytest.approx(12.0)
    assert mask.spacing == 1000.0
    assert mask.notes == ()


def test_build_mask__a_centre_exactly_at_the_buffer_is_kept():
    mask = build_mask(traps_at((500, 500)), buffer=3000, spacing=1000)
    assert {(3500.0, 500.0), (-2500.0, 500.0), (500.0, 3500.0), (500.0, -2500.0)} <= cells(mask)


def test_build_mask__edges_lie_at_whole_multiples_of_the_spacing():
    mask = build_mask(traps_at((123_456.7, 4_765_432.1)), buffer=2000, spacing=250)
    assert np.mod(mask.xy, 250) == pytest.approx(125.0)


def test_build_mask__area_approaches_the_disc():
    mask = build_mask(traps_at((17.0, -3.0)), buffer=10_000, spacing=100)
    assert mask.area == pytest.approx(np.pi * 100, rel=2e-3)


def test_build_mask__habitat_clips_and_exclude_cuts_by_centre():
    habitat = shapely.box(-10_000, -10_000, 0, 10_000)
    lake = shapely.box(-2000, -1000, -1000, 1000)
    whole = build_mask(traps_at((-500, 500)), buffer=3000, spacing=1000)
    mask = build_mask(
        traps_at((-500, 500)), buffer=3000, spacing=1000, habitat=habitat, exclude=lake
    )
    expected = {
        (x, y) for x, y in cells(whole) if x < 0 and not (-2000 < x < -1000 and -1000 < y < 1000)
    }
    assert cells(mask) == expected
    assert len(whole) - len(expected) > 2


def test_build_mask__a_hole_in_the_habitat_holds_no_centre():
    ring = shapely.box(-5000, -5000, 5000, 5000) - shapely.box(1000, -2000, 3000, 2000)
    mask = build_mask(traps_at((0, 0)), buffer=20_000, spacing=500, habitat=ring)
    assert mask.area == pytest.approx(100.0 - 8.0)


def test_build_mask__areas_come_as_files_tables_regions_and_lists(tmp_path):
    trap = (650_250.0, 4_750_250.0)
    sea = shapely.box(650_500, 4_740_000, 660_000, 4_760_000)
    town = shapely.box(640_000, 4_740_000, 650_000, 4_760_000)
    table = gpd.GeoDataFrame(geometry=[sea], crs=UTM)
    path = tmp_path / "sea.geojson"
    table.to_crs(4326).to_file(path)

    mask = build_mask(
        traps_at(trap, crs=UTM),
        buffer=2000,
        spacing=500,
        exclude=[path, Region("town", town, crs=UTM)],
    )
    same = build_mask(traps_at(trap, crs=UTM), buffer=2000, spacing=500, exclude=[table, town])

    assert set(mask.xy[:, 0]) == {650_250.0}
    assert cells(mask) == cells(same)


def test_build_mask__a_reserve_narrower_than_the_buffer_does_not_limit_it():
    # Only habitat and exclude are arguments: there is nothing to pass a reserve by.
    mask = build_mask(traps_at((0, 0)), buffer=5000, spacing=1000)
    assert np.abs(mask.xy).max() == 4500.0


def test_build_mask__each_session_has_its_own_cells():
    traps = traps_at((0, 0), (40_000, 0), session=["A", "B"])
    mask = build_mask(traps, buffer=1600, spacing=1000)
    assert list(dict.fromkeys(mask.session)) == ["A", "B"]
    assert mask.xy[mask.cells_of("A"), 0].max() == 1500.0
    assert mask.xy[mask.cells_of("B"), 0].min() == 38_500.0


def test_build_mask__traps_in_no_cell_are_a_note():
    mask = build_mask(
        traps_at((-500, 0), (2000, 0)),
        buffer=3000,
        spacing=1000,
        habitat=shapely.box(-9000, -9000, 0, 9000),
    )
    assert len(mask.notes) == 1
    assert "1 of 2 traps lie in no cell" in mask.notes[0]
    assert "'K2' (row 3)" in mask.notes[0]


def test_build_mask__a_trap_further_than_the_buffer_from_the_habitat_is_an_error():
    with pytest.raises(MaskError, match=r"stations\.csv: 1 of 2 traps .*buffer of 3 km: 'K2'"):
        build_mask(
            traps_at((-500, 0), (8000, 0)),
            buffer=3000,
            spacing=1000,
            habitat=shapely.box(-9000, -9000, 0, 9000),
        )


@pytest.mark.parametrize("value", [0.0, -5.0, np.nan, np.inf])
@pytest.mark.parametrize("name", ["buffer", "spacing"])
def test_build_mask__distances_must_be_above_0(name, value):
    arguments = {"buffer": 1000.0, "spacing": 100.0, name: value}
    with pytest.raises(MaskError, match=f"{name} is .*above 0"):
        build_mask(traps_at((0, 0)), **arguments)


def test_build_mask__millions_of_cells_are_refused_with_a_spacing_to_try():
    with pytest.raises(MaskError, match=r"about .* cells.*spacing="):
        build_mask(traps_at((0, 0)), buffer=100_000, spacing=10)


def test_build_mask__no_cell_left_names_the_session():
    with pytest.raises(MaskError, match=r"No cell .*session '1' \(stations.csv\).*overlap"):
        build_mask(
            traps_at((0, 0)), buffer=1000, spacing=500, habitat=shapely.box(9e4, 9e4, 9.9e4, 9.9e4)
        )


def test_build_mask__far_from_the_zone_is_refused():
    # Traps made by hand do not pass a reader.
    with pytest.raises(MaskError, match=r"2\.7 % off those on the ground .* EPSG:32655"):
        build_mask(traps_at((2_000_000, 4_700_000), crs=UTM), buffer=2000, spacing=1000)


def test_build_mask__cells_at_the_edge_of_the_zone_are_a_note():
    # k = 0.9996 (1 + x^2 / 2R^2) is 1.01 at 920 km from the meridian.
    traps = traps_at((1_415_000, 4_700_000), crs=UTM)
    mask = build_mask(traps, buffer=40_000, spacing=5000)
    (note,) = [note for note in mask.notes if "off those on the ground" in note]
    assert "1.1 % off" in note


def test_build_mask__lagoon_in_a_reserve_leaves_378_km2():
    # An octagon of 408 km2 with a hole of 5 x 6 km, edges on multiples of 500 m.
    corners = [(427, 4094), (441, 4094), (445, 4098), (445, 4110), (441, 4114), (427, 4114)]
    corners += [(423, 4110), (423, 4098)]
    octagon = shapely.Polygon(np.array(corners) * 1000.0)
    lagoon = shapely.box(438_500, 4_101_000, 443_500, 4_107_000)
    traps = traps_at((434_000, 4_104_000), crs=UTM)
    dry = build_mask(traps, buffer=20_000, spacing=500, habitat=octagon - lagoon)
    wet = build_mask(traps, buffer=20_000, spacing=500, habitat=octagon)
    assert len(wet) - len(dry) == 120
    assert not shapely.contains_xy(lagoon, dry.xy[:, 0], dry.xy[:, 1]).any()


def test_wider_mask__equals_the_mask_built_with_the_wider_buffer():
    traps = traps_at((0, 0), (5000, 1000))
    habitat = shapely.box(-2500, -50_000, 50_000, 50_000)
    lake = shapely.box(1000, 1000, 2000, 2000)
    options = {"spacing": 500, "habitat": habitat, "exclude": lake}
    mask = build_mask(traps, buffer=4000, **options)

    wider = wider_mask(mask, traps, factor=1.5)

    assert wider is not None
    assert cells(wider) == cells(build_mask(traps, buffer=6000, **options))
    assert wider.xy[: len(mask)].tolist() == mask.xy.tolist()
    assert wider.extent.buffer == 6000.0


def test_wider_mask__added_cells_take_the_covariates_of_the_nearest_old_cell():
    traps = traps_at((0, 0))
    mask = build_mask(traps, buffer=3000, spacing=1000)
    mask = mask.with_covariate("east", (mask.xy[:, 0] > 0).astype(float))
    wider = wider_mask(mask, traps)
    assert wider is not None
    expected = (wider.xy[:, 0] > 0).astype(float)
    assert wider.covariates["east"].tolist() == expected.tolist()


def test_wider_mask__sessions_widen_on_their_own():
    traps = traps_at((0, 0), (40_000, 0), session=["A", "B"])
    mask = build_mask(traps, buffer=2000, spacing=1000)
    wider = wider_mask(mask, traps)
    assert wider is not None
    alone = build_mask(traps.of_session("B"), buffer=3000, spacing=1000)
    assert {tuple(xy) for xy in wider.xy[wider.cells_of("B")]} == cells(alone)


def test_wider_mask__nothing_to_add_is_none():
    traps = traps_at((0, 0))
    island = build_mask(traps, buffer=9000, spacing=1000, habitat=shapely.box(-2e3, -2e3, 2e3, 2e3))
    assert wider_mask(island, traps) is None


def test_wider_mask__bounded_and_rotated_masks_are_left_alone():
    traps = traps_at((0, 0))
    xy = build_mask(traps, buffer=2000, spacing=1000).xy
    bounded = HabitatMask(xy=xy, cell_area=np.array(1.0), crs="local", spacing=1000, bounded=True)
    irregular = HabitatMask(xy=xy, cell_area=np.array(1.0), crs="local")
    assert wider_mask(bounded, traps) is None
    assert wider_mask(irregular, traps) is None


def test_wider_mask__a_mask_that_was_read_grows_outwards_but_not_into_its_lake():
    traps = traps_at((0, 0))
    built = build_mask(traps, buffer=4000, spacing=500, exclude=shapely.box(500, 500, 1500, 1500))
    read = HabitatMask(xy=built.xy, cell_area=np.array(0.25), crs="local", spacing=500.0)

    wider = wider_mask(read, traps)

    assert wider is not None
    grown = build_mask(
        traps,
        buffer=1.5 * float(np.hypot(*read.xy.T).max()),
        spacing=500,
        exclude=shapely.box(500, 500, 1500, 1500),
    )
    assert cells(wider) == cells(grown)


def test_finer_mask__four_quarters_cover_the_same_ground():
    mask = build_mask(traps_at((0, 0)), buffer=3000, spacing=1000)
    mask = mask.with_covariate("row", np.arange(len(mask), dtype=float))
    finer = finer_mask(mask)
    assert len(finer) == 4 * len(mask)
    assert finer.area == pytest.approx(mask.area)
    assert finer.spacing == 500.0
    assert np.mod(finer.xy, 500) == pytest.approx(250.0)
    # The centre of gravity of the quarters is the old centre.
    assert finer.xy.reshape(-1, 4, 2).mean(axis=1) == pytest.approx(mask.xy)
    assert finer.covariates["row"].tolist() == np.repeat(np.arange(len(mask)), 4).tolist()


def test_finer_mask__without_a_lattice_a_cell_is_a_square_of_its_area():
    mask = HabitatMask(xy=np.zeros((1, 2)), cell_area=np.array([4.0]), crs="local")
    finer = finer_mask(mask)
    assert cells(finer) == {(-500.0, -500.0), (500.0, -500.0), (-500.0, 500.0), (500.0, 500.0)}
    assert finer.spacing is None


@pytest.mark.parametrize("name", ["buffer", "spacing"])
@pytest.mark.parametrize("metres", [2.1e7, 1e200, 1e308])
def test_build_mask__distances_wider_than_the_earth_are_refused(name, metres):
    traps = Traps(names=["A", "B"], xy=np.array([[680_000.0, 4.77e6], [0.0, 0.0]]), crs="local")
    distances = {"buffer": 5000.0, "spacing": 1000.0, name: metres}
    with pytest.raises(MaskError, match=f"{name} is .* further than from pole to pole"):
        build_mask(traps, **distances)
