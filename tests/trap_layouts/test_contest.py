"""Stations chosen for the RSE: common animals, patterns, rivals, and the last word."""

import numpy as np
import pytest
import shapely

from scr.errors import LayoutError
from scr.habitat.region import Region
from scr.model.spec import ModelSpec
from trap_layouts import exchange
from trap_layouts.candidates import candidate_reach
from trap_layouts.common_animals import CommonAnimals
from trap_layouts.constraints import Constraints, make_task
from trap_layouts.coverage import coverage, reserve_share
from trap_layouts.exposure import exposure, planned_design
from trap_layouts.information import expected_information
from trap_layouts.layout import make_layout
from trap_layouts.rivals import pattern_choices
from trap_layouts.search import optimise

QUICK = {"n_starts": 1, "n_kicks": 1, "n_exchanges": 6}


def grid(n, spacing):
    axis = (np.arange(n) - (n - 1) / 2) * spacing
    x, y = np.meshgrid(axis, axis)
    return make_layout("candidates", np.stack([x.ravel(), y.ravel()], axis=1), crs="local")


def judge_of(candidates, assumptions, seed=1, n_animals=4000):
    return CommonAnimals(candidates, assumptions, None, n_animals=n_animals, seed=seed)


@pytest.mark.parametrize("detector", ["proximity", "count", "multi"])
@pytest.mark.parametrize("number", ["poisson", "binomial"])
def test_common_animals__tell_what_the_expected_information_of_the_layout_does(
    plan, detector, number
):
    assumptions = plan(detector=detector, spec=ModelSpec(number=number))
    candidates, stations = grid(6, 2500.0), np.arange(0, 36, 3)
    common = judge_of(candidates, assumptions).told_by(stations)
    alone = expected_information(candidates.take(stations), assumptions, seed=7)
    assert common.expected == pytest.approx(alone.expected)
    error = np.hypot(common.rse_error, alone.rse_error)
    assert common.rse == pytest.approx(alone.rse, abs=4 * error)


def test_common_animals__tell_two_layouts_apart_better_than_animals_of_their_own(plan):
    candidates, assumptions = grid(6, 2500.0), plan()
    one = np.arange(0, 36, 3)
    two = np.append(one[:-1], 34)
    common, own = [], []
    for seed in range(8):
        judge = judge_of(candidates, assumptions, seed=seed, n_animals=800)
        common.append(judge.told_by(one).rse - judge.told_by(two).rse)
        other = judge_of(candidates, assumptions, seed=seed + 100, n_animals=800)
        own.append(judge.told_by(one).rse - other.told_by(two).rse)
    assert np.std(common) < 0.6 * np.std(own)


def test_exchange__score_of_both_is_made_of_animals_and_moves(plan):
    candidates, assumptions = grid(5, 2500.0), plan()
    reach, given = candidate_reach(candidates, assumptions), Constraints(n_stations=8)
    task = make_task(candidates, assumptions, reach, criterion="rse", given=given, reserve=None)
    state = exchange.make_state(task._replace(weight=2.5), np.arange(0, 25, 4))
    n, moves = state.totals[0], state.totals[2]
    value = exchange.score_now(task._replace(weight=2.5), state)
    assert value - 1e-4 * n == pytest.approx(1 / (1 / n + 2.5 / moves))  # and a tie-breaker


def test_pattern_choices__keep_the_constraints_and_use_all_stations(plan):
    candidates, assumptions = grid(9, 1500.0), plan()
    given = Constraints(n_stations=10, least_spacing=2000.0, fixed=[0])
    task = make_task(
        candidates,
        assumptions,
        candidate_reach(candidates, assumptions),
        criterion="rse",
        given=given,
        reserve=None,
    )
    area = shapely.box(-7000, -7000, 7000, 7000)
    choices = pattern_choices(candidates.xy, area, task)
    assert {name.split(",")[0] for name in choices} >= {"square", "hexagonal", "clusters of 4"}
    for stations in choices.values():
        assert 0 in stations
        assert len(stations) <= 10
        xy = candidates.xy[stations]
        distance = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
        assert distance[np.triu_indices(len(xy), 1)].min() >= 2000.0
    assert max(map(len, choices.values())) == 10


def test_optimise__for_the_rse_is_no_worse_than_patterns_rivals_and_the_rule(plan):
    reserve = Region("park", shapely.box(-9000, -9000, 9000, 9000), crs="local")
    candidates, assumptions = grid(10, 1800.0), plan()
    given = Constraints(n_stations=12)
    by_rule = optimise(
        candidates, assumptions, given, criterion="min_nr", reserve=reserve, n_starts=1, n_kicks=1
    )
    found = optimise(
        candidates, assumptions, given, reserve=reserve, rivals=[by_rule.layout], **QUICK
    )
    assert found.contest.index[0] != "optimised"
    assert {"optimised", "greedy", "search 1"} <= set(found.contest.index)
    judged = found.contest["rse"].dropna()
    assert judged.iloc[0] == judged.min() == found.score
    own, rule = (
        expected_information(layout, assumptions, reserve=reserve, seed=11)
        for layout in (found.layout, by_rule.layout)
    )
    assert own.rse < rule.rse
    assert own.rse == pytest.approx(found.score, abs=4 * own.rse_error)
    assert len(found.layout) == 12


def test_optimise__an_unbeatable_rival_is_the_answer(plan):
    # Two candidates only: the rival is all that may be chosen.
    candidates = grid(2, 3000.0)
    rival = candidates.take(np.arange(4), name="all")
    found = optimise(candidates, plan(), Constraints(n_stations=4), rivals=[rival], **QUICK)
    assert found.stations.tolist() == [0, 1, 2, 3]


def test_optimise__rivals_must_be_candidates_and_keep_the_constraints(plan):
    candidates, given = grid(4, 2500.0), Constraints(n_stations=4, least_spacing=3000.0)
    elsewhere = make_layout("kept", np.array([[100.0, 0.0], [3000.0, 0.0]]), crs="local")
    with pytest.raises(LayoutError, match="are not among the candidates: 'L001'"):
        optimise(candidates, plan(), given, rivals=[elsewhere], **QUICK)
    with pytest.raises(LayoutError, match="it has 5 stations; stations stand too close"):
        optimise(candidates, plan(), given, rivals=[candidates.take(np.arange(5))], **QUICK)


def test_optimise__interrupted_contest_returns_the_best_so_far(plan):
    def interrupt(_):
        raise KeyboardInterrupt

    given = Constraints(n_stations=5)
    found = optimise(grid(5, 2500.0), plan(), given, report=interrupt, **QUICK)
    assert not found.finished
    assert found.contest.index.tolist() == ["greedy"]
    assert len(found.layout) == 5


def test_optimise__coverage_is_the_mean_probability_of_detection(plan):
    reserve = Region("park", shapely.box(-9000, -9000, 9000, 9000), crs="local")
    candidates, assumptions = grid(6, 3000.0), plan()
    given = Constraints(n_stations=8)
    found = optimise(
        candidates, assumptions, given, criterion="coverage", reserve=reserve, n_kicks=1
    )
    design = planned_design(found.layout, assumptions)
    exposed = exposure(design, assumptions.thetas(design)[0], n_occasions=assumptions.n_occasions)
    share = reserve_share(assumptions.mask, reserve)
    assert found.score == pytest.approx(coverage(exposed, assumptions, share)["mean_p"])
    assert "with probability" in found.in_words()
