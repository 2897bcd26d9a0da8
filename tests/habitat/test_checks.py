from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from scr.errors import MaskError
from scr.habitat.build import build_mask
from scr.habitat.checks import check_mask_covers, check_scale, check_traps_near
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region, read_reserve
from scr.io.crs import reproject_points
from scr.survey.traps import Traps

CASES = Path(__file__).parent / "cases"


def traps_at(*xy, crs="local", session=()):
    names = [f"K{i + 1}" for i in range(len(xy))]
    return Traps(
        names=names, xy=np.array(xy, dtype=float), crs=crs, session=session, source="stations.csv"
    )


def square_mask(half, *, side=1000.0, crs="local", **facts):
    axis = np.arange(-half + side / 2, half, side)
    x, y = np.meshgrid(axis, axis)
    return HabitatMask(
        xy=np.column_stack([x.ravel(), y.ravel()]),
        cell_area=np.array((side / 1000) ** 2),
        crs=crs,
        spacing=side,
        source="mask.csv",
        **facts,
    )


def test_check_mask_covers__every_trap_in_a_cell_needs_no_note():
    assert check_mask_covers(square_mask(5000), traps_at((0, 0), (4999, -4999))) == ()


def test_check_mask_covers__a_trap_on_the_edge_of_a_cell_is_in_it():
    assert check_mask_covers(square_mask(5000), traps_at((5000, 0))) == ()


def test_check_mask_covers__a_trap_just_outside_is_a_note_with_its_name():
    (note,) = check_mask_covers(square_mask(5000), traps_at((0, 0), (5600, 0)))
    assert "1 of 2 traps lie in no cell of mask.csv: 'K2' (row 3)" in note


def test_check_mask_covers__beyond_the_buffer_is_an_error_with_name_and_distance():
    # The nearest centre to (25000, 0) is (4500, 500) or (4500, -500).
    away = np.hypot(25_000 - 4500, 500) / 1000
    with pytest.raises(MaskError) as error:
        check_mask_covers(square_mask(5000), traps_at((0, 0), (25_000, 0)), buffer=10_000)
    found = str(error.value)
    assert "1 of 2 traps" in found
    assert "buffer of 10 km" in found
    assert "'K2'" in found
    assert f"{away:.1f} km" in found


def test_check_mask_covers__a_read_mask_reaches_as_far_as_its_cells_do():
    # Cells reach hypot(4.5, 4.5) = 6.4 km from the trap that lies in the mask.
    mask = square_mask(5000)
    assert len(check_mask_covers(mask, traps_at((0, 0), (10_000, 0)))) == 1
    with pytest.raises(MaskError, match=r"buffer of 6\.36 km: 'K2'"):
        check_mask_covers(mask, traps_at((0, 0), (12_000, 0)))


def test_check_mask_covers__no_trap_in_the_mask_is_an_error_not_a_wide_buffer():
    with pytest.raises(MaskError, match="2 of 2 traps are further"):
        check_mask_covers(square_mask(5000), traps_at((900_000, 0), (903_000, 0)))


def test_check_mask_covers__a_built_mask_brings_its_buffer():
    traps = traps_at((0, 0))
    mask = build_mask(traps, buffer=3000, spacing=500)
    with pytest.raises(MaskError, match="buffer of 3 km"):
        check_mask_covers(mask, traps_at((0, 0), (6500, 0)))


def test_check_mask_covers__sessions_are_held_against_their_own_cells():
    mask = square_mask(5000, session=np.array(["A"] * 50 + ["B"] * 50, dtype=object))
    # Session A holds the southern half (y < 0), B the northern.
    assert check_mask_covers(mask, traps_at((0, -100), (0, 100), session=["A", "B"])) == ()
    (note,) = check_mask_covers(mask, traps_at((0, 2000), (0, -100), (0, 100), session="AAB"))
    assert "'K1' of session 'A' (row 2)" in note
    with pytest.raises(MaskError, match="no cells for session 'C'"):
        check_mask_covers(mask, traps_at((0, 0), session=["C"]))


def test_check_mask_covers__rotated_lattices_have_their_traps_in_cells():
    turn = np.radians(30.0)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    xy = square_mask(5000).xy @ rotation.T
    mask = HabitatMask(xy=xy, cell_area=np.array(1.0), crs="local")
    corner = rotation @ np.array([100.0, 90.0])
    assert check_mask_covers(mask, traps_at(tuple(corner))) == ()


def test_check_mask_covers__two_coordinate_systems_are_refused():
    with pytest.raises(MaskError, match=r"EPSG:32652.*local"):
        check_mask_covers(square_mask(5000, crs="EPSG:32652"), traps_at((0, 0)))


def test_check_traps_near__inside_outside_and_far():
    region = Region("Park", shapely.box(0, 0, 10_000, 10_000), crs="local")
    assert check_traps_near(traps_at((1, 1), (5, 5)), region) == ()
    assert check_traps_near(traps_at((1, 1), (-5, 5)), region) == (
        "1 of 2 traps of stations.csv lie outside Park.",
    )
    with pytest.raises(MaskError, match=r"1 of 1 traps lie outside Park .*200 km away"):
        check_traps_near(traps_at((-200_000, 5)), region)


@pytest.mark.parametrize("zone", ["EPSG:32630", "EPSG:32736"])
def test_check_traps_near__longitude_and_latitude_exchanged_is_recognised(zone):
    # At 3 degrees south and 32 degrees east both numbers are possible either way.
    table = pd.read_csv(CASES / "stations_swapped.csv")
    lonlat = table[["longitude", "latitude"]].to_numpy(dtype=float)
    traps = Traps(
        names=table["station"].to_numpy(dtype=object),
        xy=reproject_points(lonlat, "EPSG:4326", zone),
        crs=zone,
        source="stations.csv",
    )
    reserve = read_reserve(CASES / "reserve_south.geojson", crs="EPSG:32736")
    with pytest.raises(MaskError) as error:
        check_traps_near(traps, reserve)
    found = str(error.value)
    assert "stations.csv: 25 of 25 traps lie outside" in found
    assert "With longitude and latitude exchanged, 25 of 25 lie inside" in found


def test_check_traps_near__east_and_north_exchanged_is_recognised():
    reserve = Region("Park", shapely.box(6e5, 4.7e6, 6.2e5, 4.72e6), crs="EPSG:32652")
    traps = traps_at((4_710_000, 610_000), crs="EPSG:32652")
    with pytest.raises(MaskError, match="With x and y exchanged, 1 of 1 lie inside"):
        check_traps_near(traps, reserve)


def test_check_scale__utm_in_its_zone_is_fine_and_far_outside_is_not():
    inside = HabitatMask(np.array([[650_000.0, 4.76e6]]), np.array(1.0), "EPSG:32652")
    outside = HabitatMask(np.array([[2_500_000.0, 4.76e6]]), np.array(1.0), "EPSG:32652")
    assert check_scale(inside) == ()
    # k = 0.9996 (1 + x^2 / 2R^2) for x = 2000 km from the meridian, to first order.
    with pytest.raises(MaskError, match="UTM zone of the study area, EPSG:32656") as error:
        check_scale(outside)
    off = 100 * (0.9996 * (1 + 2.0**2 / (2 * 6.38**2)) - 1)
    assert float(str(error.value).split(" %")[0].rsplit(" ", 1)[1]) == pytest.approx(off, abs=0.5)
