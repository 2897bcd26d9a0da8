from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

from scr.habitat.region import Region
from scr.likelihood.problem import build_problem
from scr.maps.results.public_numbers import LEAST_ANIMALS, numbers_to_share, shared_numbers
from scr.model.spec import ModelSpec

SIGMA = 1000.0  # a square of four sigma has 16 km2
PARK = shapely.box(0, 0, 20_000, 10_000)
WEST, EAST = shapely.box(0, 0, 10_000, 10_000), shapely.box(10_000, 0, 20_000, 10_000)


def table(grounds, *, realised=20.0, beyond=()):
    rows = [
        {
            "session": "1", "region": name, "estimand": estimand, "median": realised, "mean": 20.31,
            "sd": 3.1, "lower": 14.0, "upper": 28.0, "area_km2": ground.area / 1e6,
            "n_detected": 7, "share_extrapolated": 0.0,
            "share_not_covered": 0.0137 if name in beyond else 0.0, "overlaps": "",
        }
        for estimand in ("expected N", "realised N")
        for name, ground in grounds.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def shared(grounds, *, bounded=False, **facts):
    return shared_numbers(table(grounds, **facts), grounds, sigma=SIGMA, bounded=bounded)


def realised_in(found):
    return set(found.table.loc[found.table["estimand"] == "realised N", "region"])


def identified_in(found):
    return set(found.table.loc[found.table["n_detected"].notna(), "region"])


def expected_in(found):
    return set(found.table.loc[found.table["estimand"] == "expected N", "region"])


def test_shared_numbers__large_zones_are_shared_whole():
    found = shared({"park": PARK, "west": WEST, "east": EAST})
    assert realised_in(found) == identified_in(found) == {"park", "west", "east"}
    assert found.withheld == ()
    of_animals = found.table[found.table["estimand"] == "realised N"]
    assert of_animals[["mean", "sd"]].isna().all(axis=None)


def test_shared_numbers__zones_of_a_kilometre_leave_the_region_as_a_whole_alone():
    grid = {
        f"{i}-{j}": shapely.box(i * 1000, j * 1000, (i + 1) * 1000, (j + 1) * 1000)
        for i in range(20)
        for j in range(10)
    }
    found = shared({"park": PARK, **grid})
    assert realised_in(found) == identified_in(found) == {"park"}
    assert expected_in(found) == {"park", *grid}
    assert "Merge '0-0' with" in found.withheld[0]
    assert "16 km2" in found.withheld[0]


def test_shared_numbers__few_animals_in_one_zone_withhold_all_zones():
    grounds = {"park": PARK, "west": WEST, "east": EAST}
    told = table(grounds)
    told.loc[told["region"] == "east", "median"] = LEAST_ANIMALS - 1
    found = shared_numbers(told, grounds, sigma=SIGMA, bounded=False)
    assert realised_in(found) == {"park"}
    assert "Merge 'east' with 'west'" in found.withheld[0]


@pytest.mark.parametrize(
    "others",
    [
        {"most": shapely.box(0, 0, 19_000, 10_000)},
        {"west": WEST, "more": shapely.box(0, 0, 11_000, 10_000)},
        {"west": WEST, "across": shapely.box(9_000, 0, 20_000, 10_000)},
        {"corridor": shapely.box(0, 0, 20_000, 900), "rest": shapely.box(0, 900, 20_000, 10_000)},
        {"north": shapely.box(0, 5_100, 20_000, 10_000), "south": shapely.box(0, 0, 20_000, 4_900)},
    ],
    ids=["what is left", "nested", "overlap", "narrow", "strip between"],
)
def test_shared_numbers__a_difference_of_zones_is_as_large_as_a_zone(others):
    found = shared({"park": PARK, **others})
    assert realised_in(found) == {"park"}
    assert found.withheld


def test_shared_numbers__slivers_of_digitising_are_passed_over():
    east = shapely.box(10_001, 0, 20_000, 10_000)
    found = shared({"park": PARK, "west": WEST, "east": east})
    assert realised_in(found) == {"park", "west", "east"}


def test_shared_numbers__zones_alone_have_no_whole():
    found = shared({"west": WEST, "hut": shapely.box(12_000, 0, 12_500, 500)})
    assert realised_in(found) == set()
    assert expected_in(found) == {"west", "hut"}


def test_shared_numbers__a_small_region_alone_is_not_counted():
    found = shared({"hut": shapely.box(0, 0, 500, 500)})
    assert realised_in(found) == identified_in(found) == set()
    assert "Name a larger region" in found.withheld[0]


def test_shared_numbers__small_zones_at_the_edge_of_the_mask_withhold_all_zones():
    grid = {f"{i}": shapely.box(i * 1000, 0, (i + 1) * 1000, 1000) for i in range(20)}
    found = shared({"park": PARK, **grid}, beyond=("19",))
    assert expected_in(found) == {"park"}
    assert "Widen the mask" in found.withheld[1]
    assert expected_in(shared({"park": PARK, **grid}, beyond=("19",), bounded=True)) == {
        "park",
        *grid,
    }


def test_shared_numbers__what_the_mask_covers_of_a_region_is_told_coarsely():
    found = shared({"park": PARK, "west": WEST}, beyond=("park",))
    told = found.table.set_index(["region", "estimand"])
    assert told.loc[("park", "expected N"), "area_km2"] == 200.0
    assert set(found.table["share_not_covered"]) == {"none", "some"}


def test_shared_numbers__without_a_region_all_of_the_mask_is_told():
    told = table({"habitat mask": PARK})
    found = shared_numbers(told, {}, sigma=SIGMA, bounded=False)
    assert expected_in(found) == realised_in(found) == {"habitat mask"}
    assert set(found.table["area_km2"]) == {200.0}
    assert found.withheld == ()


def test_shared_numbers__shares_of_what_was_not_sampled_are_to_the_next_tenth():
    told = table({"park": PARK}).assign(share_unsampled=0.0312, share_unsampled_jointly=0.4567)
    found = shared_numbers(told, {"park": PARK}, sigma=SIGMA, bounded=False).table
    assert set(found["share_unsampled"]) == {"less than 10 %"}
    assert set(found["share_unsampled_jointly"]) == {"about 50 %"}


def test_shared_numbers__estimates_have_three_digits():
    told = table({"park": PARK}, realised=123.456)
    found = shared_numbers(told, {"park": PARK}, sigma=SIGMA, bounded=False).table
    assert set(found["median"]) == {123.0}
    assert found.loc[0, "mean"] == 20.3


def test_numbers_to_share__a_ring_of_detection_keeps_places_apart_as_a_sigma_does(make_fit):
    fit = make_fit(n_draws=4)
    grounds = {"park": PARK, "west": WEST, "east": EAST}  # of 100 km2
    region = {name: Region(name, shape, crs=fit.mask.crs) for name, shape in grounds.items()}
    spec = ModelSpec(detection="hazard_annular_normal")
    problem = build_problem(fit.survey, fit.mask, spec)
    for ring, told in ((2000.0, {"park", "west", "east"}), (3000.0, {"park"})):
        draws = np.log([[0.02, 0.05, 300.0, ring]] * 4)
        annular = replace(fit, spec=spec, problem=problem, draws=draws)
        assert realised_in(numbers_to_share(annular, table(grounds), region)) == told
