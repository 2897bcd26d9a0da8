"""The search against the best of all layouts, the recorded one, random ones and its constraints."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from scr.errors import LayoutError
from scr.habitat.mask import HabitatMask
from scr.habitat.region import Region
from scr.model.spec import ModelSpec
from trap_layouts import exchange
from trap_layouts.assumptions import assume
from trap_layouts.candidates import candidate_reach
from trap_layouts.constraints import Constraints, make_task, site_costs
from trap_layouts.cost import Prices
from trap_layouts.criteria import expected_counts
from trap_layouts.exposure import exposure, planned_design
from trap_layouts.layout import make_layout
from trap_layouts.search import criterion_of, optimise

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "layouts"


def grid(n, spacing):
    axis = (np.arange(n) - (n - 1) / 2) * spacing
    x, y = np.meshgrid(axis, axis)
    return make_layout("candidates", np.stack([x.ravel(), y.ravel()], axis=1), crs="local")


def counts_of(layout, assumptions):
    design = planned_design(layout, assumptions)
    theta = assumptions.thetas(design)[0]
    exposed = exposure(design, theta, n_occasions=assumptions.n_occasions)
    return expected_counts(exposed, assumptions.detector)


@pytest.mark.parametrize("detector", ["proximity", "count", "multi"])
@pytest.mark.parametrize("criterion", ["min_nr", "animals", "recaptures", "moves", "at_two"])
def test_exchange__sums_are_the_formulas_after_many_changes(detector, criterion, plan):
    if (detector, criterion) == ("multi", "at_two"):
        return
    candidates = grid(6, 2500.0)
    assumptions = plan(detector=detector)
    reach = candidate_reach(candidates, assumptions)
    given = Constraints(n_stations=10)
    task = make_task(candidates, assumptions, reach, criterion=criterion, given=given, reserve=None)
    rng = np.random.default_rng(1)
    state = exchange.make_state(task, rng.choice(36, 8, replace=False))
    for _ in range(200):
        j = int(rng.integers(36))
        exchange.change(task, state, j, -1.0 if state.chosen[j] else 1.0)
    free = int(np.flatnonzero(~state.chosen)[0])
    expected = counts_of(
        candidates.take(np.append(np.flatnonzero(state.chosen), free)), assumptions
    )
    found = exchange.totals_with(task, state, free)
    assert found[0] == pytest.approx(expected.animals, rel=1e-3)
    assert found[1] == pytest.approx(expected.detections, rel=1e-3)
    if criterion in {"moves", "at_two"}:
        assert found[2] == pytest.approx(criterion_of(expected, criterion), rel=1e-3)


@pytest.mark.parametrize("criterion", ["min_nr", "moves", "at_two"])
def test_optimise__finds_the_best_of_all_layouts(criterion, plan):
    candidates = grid(3, 4000.0)
    assumptions = plan()
    every = [
        criterion_of(counts_of(candidates.take(np.array(s)), assumptions), criterion)
        for s in combinations(range(9), 3)
    ]
    found = optimise(
        candidates, assumptions, Constraints(n_stations=3), criterion=criterion, n_kicks=10
    )
    assert found.score == pytest.approx(max(every))


def test_optimise__beats_the_recorded_genetic_algorithm():
    if not REFERENCE.exists():
        pytest.skip("../shared/reference is absent")
    record = json.loads((REFERENCE / "secrdesign_reference.json").read_text())["GAoptim"][1]
    cells = pd.read_csv(REFERENCE / "GA_mask.csv")
    sites = pd.read_csv(REFERENCE / "GA_alltraps.csv")[["x", "y"]].to_numpy(float)
    mask = HabitatMask(
        xy=cells[["x", "y"]].to_numpy(float), cell_area=cells.area_ha.to_numpy() / 100, crs="local"
    )
    parameters = {
        "density": record["D_per_ha"] * 1e4,
        "lambda0": record["lambda0"],
        "sigma": record["sigma"],
    }
    assumptions = assume(mask, ModelSpec(), parameters, n_occasions=record["noccasions"])
    candidates = make_layout("all", sites, crs="local")
    given = Constraints(n_stations=20)
    found = optimise(candidates, assumptions, given, criterion="min_nr", n_starts=2, n_kicks=8)
    assert found.score > 48.8545
    assert len(found.layout) == 20


def test_optimise__is_not_worse_than_a_thousand_random_layouts(plan):
    candidates, assumptions = grid(9, 2000.0), plan()
    reach = candidate_reach(candidates, assumptions)
    given = Constraints(n_stations=12)
    task = make_task(candidates, assumptions, reach, criterion="min_nr", given=given, reserve=None)
    rng = np.random.default_rng(1)
    scores = []
    for _ in range(1000):
        state = exchange.make_state(task, rng.choice(81, 12, replace=False))
        scores.append(min(state.totals[0], state.totals[1] - state.totals[0]))
    found = optimise(candidates, assumptions, given, criterion="min_nr", n_starts=1, n_kicks=0)
    assert found.score > max(scores)


def test_optimise__same_seed_gives_the_same_layout(plan):
    candidates, given = grid(8, 2000.0), Constraints(n_stations=8)
    one, two = (
        optimise(candidates, plan(), given, criterion="min_nr", n_kicks=3, seed=5) for _ in range(2)
    )
    assert one.stations.tolist() == two.stations.tolist()


def test_optimise__keeps_budget_spacing_and_fixed_stations(plan):
    candidates = grid(8, 2000.0)
    cost = 1.0 + np.arange(64) / 32
    given = Constraints(budget=12.0, site_cost=cost, fixed=[63, 9], least_spacing=3000.0)
    found = optimise(candidates, plan(), given, criterion="min_nr", n_kicks=5)
    assert cost[found.stations].sum() <= 12.0
    assert found.cost == pytest.approx(cost[found.stations].sum())
    assert {63, 9} <= set(found.stations.tolist())
    distance = np.hypot(*(found.layout.xy[:, None] - found.layout.xy[None]).transpose(2, 0, 1))
    assert distance[np.triu_indices(len(found.layout), 1)].min() >= 3000.0


def test_optimise__balance_spreads_stations_over_the_reserve(plan):
    # All animals live in the west; balance puts stations in the east all the same.
    candidates = grid(8, 2000.0)
    reserve = Region("park", shapely.box(-8000, -8000, 8000, 8000), crs="local")
    west = plan(spec=ModelSpec(density="~ x"), parameters={"density.x": -1e-4})
    shares = []
    for balance in (0.0, 0.9):
        given = Constraints(n_stations=16, balance=balance)
        found = optimise(candidates, west, given, criterion="min_nr", reserve=reserve, n_kicks=2)
        shares.append((found.layout.xy[:, 0] > 0).mean())
    assert shares[0] < 0.35
    assert shares[1] == pytest.approx(0.5, abs=0.07)


def test_optimise__only_animals_of_the_reserve_count(plan):
    # With animals all round, stations go to the edge; for those inside alone, they stay off it.
    reserve = Region("park", shapely.box(-8000, -8000, 8000, 8000), crs="local")
    candidates, given = grid(8, 2200.0), Constraints(n_stations=9)
    inside = optimise(candidates, plan(), given, reserve=reserve, criterion="animals", n_kicks=3)
    anywhere = optimise(candidates, plan(), given, criterion="animals", n_kicks=3)
    from_middle = [np.abs(found.layout.xy).max(axis=1).mean() for found in (inside, anywhere)]
    assert from_middle[0] < from_middle[1]
    assert inside.score < inside.counts.animals


def test_optimise__stopped_by_time_returns_the_best_so_far(plan):
    given = Constraints(n_stations=8)
    found = optimise(grid(8, 2000.0), plan(), given, criterion="min_nr", n_kicks=10**6, seconds=0.3)
    assert not found.finished
    assert len(found.layout) == 8


def test_optimise__interrupted_returns_the_best_so_far(plan):
    def interrupt(_):
        raise KeyboardInterrupt

    given = Constraints(n_stations=8)
    found = optimise(
        grid(8, 2000.0), plan(), given, criterion="min_nr", n_kicks=10**6, report=interrupt
    )
    assert not found.finished
    assert len(found.layout) == 8


def test_optimise__reports_how_far_it_has_come(plan):
    lines = []
    given = Constraints(n_stations=6)
    optimise(grid(6, 2000.0), plan(), given, criterion="min_nr", n_kicks=2, report=lines.append)
    assert "kicks" in lines[-1]


def test_optimise__unknown_criterion_lists_the_known(plan):
    with pytest.raises(LayoutError, match="Use one of 'rse', 'min_nr', 'animals'"):
        optimise(grid(3, 2000.0), plan(), Constraints(n_stations=2), criterion="beauty")


def test_optimise__budget_that_buys_no_station_names_the_cheapest(plan):
    given = Constraints(budget=5.0, site_cost=np.arange(9.0) + 7)
    with pytest.raises(LayoutError, match="buys no station: the cheapest of 9 candidates, 'L001'"):
        optimise(grid(3, 2000.0), plan(), given)


def test_optimise__candidate_outside_the_reserve_is_named(plan):
    reserve = Region("Park", shapely.box(-1000, -1000, 9000, 9000), crs="local")
    with pytest.raises(LayoutError, match="5 of 9 stations lie outside Park"):
        optimise(grid(3, 2000.0), plan(), Constraints(n_stations=2), reserve=reserve)


def test_optimise__more_stations_than_candidates_is_refused(plan):
    with pytest.raises(LayoutError, match="12 stations were asked for, and there are 9"):
        optimise(grid(3, 2000.0), plan(), Constraints(n_stations=12))


def test_optimise__neither_number_nor_budget_is_refused(plan):
    with pytest.raises(LayoutError, match="Neither n_stations nor budget"):
        optimise(grid(3, 2000.0), plan(), Constraints())


def test_optimise__fixed_stations_beyond_the_budget_are_refused(plan):
    given = Constraints(budget=2.0, fixed=[0, 1, 2])
    with pytest.raises(LayoutError, match="3 fixed stations alone exceed"):
        optimise(grid(3, 2000.0), plan(), given)


def test_optimise__two_stations_at_multi_catch_traps_are_refused(plan):
    with pytest.raises(LayoutError, match="cannot be searched for"):
        optimise(
            grid(3, 2000.0), plan(detector="multi"), Constraints(n_stations=2), criterion="at_two"
        )


def test_candidate_reach__nothing_in_reach_is_an_error(plan):
    with pytest.raises(LayoutError, match="no candidate reaches any animal"):
        candidate_reach(grid(3, 2000.0), plan(parameters={"lambda0": 1e-9}))


def test_site_costs__add_the_walk_from_the_road():
    candidates = grid(2, 2000.0)
    road = shapely.LineString([(-5000, 1000), (5000, 1000)])
    prices = Prices(station=10, camera=100, km=1, battery=5, visits=4, battery_days=30, detour=1.0)
    found = site_costs(candidates, prices, n_days=60, network=road)
    fixed = 10 + 200 + 2 * 2 * 5
    assert found.tolist() == pytest.approx([fixed, fixed, fixed + 16, fixed + 16])
