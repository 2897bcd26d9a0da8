"""Information of surveys of both flanks against the scores of simulated surveys."""

import math

import numpy as np
import pytest

import trap_layouts as tl
from scr.errors import LayoutError
from scr.habitat.build import build_mask
from scr.likelihood.problem import build_problem, value_and_gradient
from scr.model.spec import ModelSpec
from scr.simulate.surveys import simulate_survey
from scr.survey.traps import Traps
from trap_layouts.flanks import flank_information
from trap_layouts.monitoring import Monitoring
from trap_layouts.power import Scenario
from trap_layouts.second_camera import by_cameras, second_cameras
from trap_layouts.sided_plan import plan_sides

SPEC = ModelSpec(lambda0="~ 0 + side")
DAYS, FAILURE = 20, 0.2
TRUTH = {
    "density.Intercept": math.log(0.25),
    "lambda0.side[alone]": math.log(0.03),
    "lambda0.side[both]": math.log(0.05),
    "lambda0.side[single]": math.log(0.006),
    "sigma.Intercept": math.log(1500.0),
}


def layout(cameras: int) -> tl.Layout:
    x, y = np.meshgrid(np.arange(4) * 2000.0, np.arange(3) * 2000.0)
    xy = np.column_stack([x.ravel(), y.ravel()])
    traps = Traps(names=[f"K{k}" for k in range(len(xy))], xy=xy, crs="local")
    return tl.Layout("small", traps, np.full(len(xy), cameras))


MASK = build_mask(layout(2).traps, buffer=4500, spacing=750)


def plan(failure: float = FAILURE, spec: ModelSpec = SPEC, truth=TRUTH, **changes):
    equipment = changes.pop("equipment", tl.Equipment(failure=failure))
    how = {"n_occasions": DAYS, "equipment": equipment, "flank": "both"} | changes
    return tl.assume(MASK, spec, truth, **how)


def found(cameras: int, **more):
    return flank_information(layout(cameras), plan(), **more)


@pytest.mark.slow
def test_flank_information__is_the_covariance_of_the_scores_of_simulated_surveys():
    information, n = found(1), 250
    planned = plan_sides(layout(1), plan())
    theta = planned.theta_of(planned.design_of(planned.survey))
    scores = []
    for seed in range(n):
        survey, _ = simulate_survey(
            planned.survey,
            MASK,
            SPEC,
            coefficients=planned.coefficients,
            seed=9000 + seed,
            centres="cell_centre",
        )
        scores.append(value_and_gradient(build_problem(survey, MASK, SPEC), theta)[1])
    back = information.matched.to_coefficients
    by_scores = back.T @ (np.array(scores).T @ np.array(scores) / n) @ back
    expected = information.unknown.matrix
    scale = np.sqrt(np.diag(expected))
    away = (by_scores - expected) / np.outer(scale, scale)
    assert np.abs(away).max() < 4.5 * math.sqrt(2 / n)  # of normal scores
    assert np.diag(information.lost.mean(axis=0)).max() > 0


def test_flank_information__lies_between_pairs_known_and_one_flank_alone():
    one, two = (found(cameras, n_animals=1000) for cameras in (1, 2))

    for each in (one, two):
        assert each.matched.rse < each.rse < each.one_flank.rse
        assert each.rse_error < 0.1 * each.rse
    assert two.rse < one.rse
    loss = [each.rse / each.matched.rse for each in (one, two)]
    assert loss[1] < loss[0]  # two cameras leave less to be joined


def test_plan_sides__refuses_what_it_cannot_work_out():
    said = {
        "joined by other means": plan(truth=TRUTH | {"confirmed.Intercept": 0.0}),
        r"missing lambda0.side\[alone\]": plan(
            truth={name: v for name, v in TRUTH.items() if "alone" not in name}
        ),
        "one_flank = 0.5 beside flank": plan(equipment=tl.Equipment(one_flank=0.5)),
        "detector = 'multi'": plan(detector="multi"),
        "number = 'binomial'": plan(spec=ModelSpec(lambda0="~ 0 + side", number="binomial")),
        "bk in the formulas": plan(spec=ModelSpec(lambda0="~ 0 + side + bk")),
    }
    for words, assumptions in said.items():
        with pytest.raises(LayoutError, match=words):
            plan_sides(layout(1), assumptions)


def test_plan_sides__refuses_coefficients_measured_from_a_side_that_cannot_be():
    relative = ModelSpec(lambda0="~ side")
    base = TRUTH["lambda0.side[alone]"]
    truth = {name: v for name, v in TRUTH.items() if "side" not in name}
    truth |= {"lambda0.Intercept": base}
    truth |= {
        f"lambda0.side[T.{side}]": TRUTH[f"lambda0.side[{side}]"] - base
        for side in ("both", "single")
    }
    whole = plan_sides(layout(2), plan(spec=relative, truth=truth))
    assert set(whole.coefficients) == set(truth)
    with pytest.raises(LayoutError, match='"~ 0 \\+ side"'):
        plan_sides(layout(2), plan(failure=0.0, spec=relative, truth=truth))


def test_plan_sides__hazards_of_a_station_are_those_of_its_three_sides():
    # A station with two cameras, f lost: (1-f)^2 (both + 2 single) + 2f(1-f) 2 alone, at its place.
    exposed = plan_sides(layout(2), plan()).exposure()
    rate = {name.partition("[")[2][:-1]: math.exp(v) for name, v in TRUTH.items() if "side" in name}
    f = FAILURE
    per_day = (1 - f) ** 2 * (rate["both"] + 2 * rate["single"]) + 4 * f * (1 - f) * rate["alone"]
    distance = np.hypot(*(MASK.xy[None] - layout(2).xy[:, None]).transpose(2, 0, 1))
    sigma = math.exp(TRUTH["sigma.Intercept"])

    assert exposed.n_occasions == DAYS
    np.testing.assert_allclose(
        exposed.hazard[0], per_day * np.exp(-0.5 * (distance / sigma) ** 2), rtol=1e-9
    )


def test_compare__says_what_a_second_camera_buys():
    both = by_cameras([layout(2)], [1, 2])
    compared = tl.compare(both, plan(), change=-0.4, n_animals=600)
    table = compared.table

    assert table.index.tolist() == ["small, 2 cameras", "small, 1 camera"]
    assert (table["rse_pairs_known"] < table["rse"]).all()
    assert (table["rse"] < table["rse_one_flank"]).all()
    assert table["cameras"].tolist() == [24, 12]
    (said,) = second_cameras(table)
    assert said.startswith("small: with a second camera (12 more), the RSE goes from ")


def test_run_study__of_both_flanks_has_the_error_that_the_information_says(tmp_path):
    scenario = Scenario("one", layout(1), plan())
    results = tl.run_study([scenario], tmp_path, n_repeats=8, n_workers=1)

    assert results["fitted"].all()
    expected = found(1, n_animals=1000).rse
    error = results["log_se"].std() / np.sqrt(len(results))
    assert results["log_se"].mean() == pytest.approx(expected, abs=4 * error + 0.1 * expected)


def test_compare__refuses_years_with_both_flanks():
    with pytest.raises(LayoutError, match="power over years is not worked out"):
        tl.compare([layout(2)], plan(), change=Monitoring((2026, 2028), -0.3))


def test_optimise__refuses_both_flanks():
    with pytest.raises(LayoutError, match="set one_flank in its stead"):
        tl.optimise(layout(2), plan(), tl.Constraints(n_stations=4))


def test_plan_sides__takes_sexes():
    spec = ModelSpec(lambda0="~ 0 + side", sigma="~ sex")
    truth = TRUTH | {"sigma.sex[T.M]": 0.3, "share.Intercept": 0.0}
    assumptions = plan(spec=spec, truth=truth, unknown_sex=0.2)
    found = flank_information(layout(1), assumptions, n_animals=500)

    assert "sigma.sex[T.M]" in found.matched.names
    assert found.matched.rse < found.rse < found.one_flank.rse


def test_with_cameras__keeps_a_layout_of_ones_and_twos():
    mixed = tl.Layout("mixed", layout(1).traps, np.arange(12) % 2 + 1)
    assert [each.name for each in by_cameras([mixed, layout(1)], [2, 1])] == [
        "mixed",
        "mixed, 1 camera",
        "mixed, 2 cameras",
        "small, 1 camera",
        "small, 2 cameras",
    ]
    assert by_cameras([mixed], ()) == [mixed]
