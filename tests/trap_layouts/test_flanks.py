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
from trap_layouts.flanks import _plan, flank_information

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


def found(cameras: int, failure: float = FAILURE):
    return flank_information(layout(cameras), MASK, SPEC, TRUTH, days=DAYS, failure=failure)


@pytest.mark.slow
def test_flank_information__is_the_covariance_of_the_scores_of_simulated_surveys():
    information, n = found(1), 250
    plan = _plan(layout(1), DAYS, FAILURE)
    names = SPEC.coefficient_names(plan, MASK)
    theta = np.array([TRUTH[name] for name in names])
    scores = []
    for seed in range(n):
        survey, _ = simulate_survey(
            plan,
            MASK,
            SPEC,
            coefficients={name: TRUTH[name] for name in names},
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


def test_flank_information__lies_between_pairs_known_and_one_flank_alone(monkeypatch):
    monkeypatch.setattr("trap_layouts.flanks.N_ANIMALS", 1000)
    monkeypatch.setattr("trap_layouts.flanks.N_SURVEYS", 12)
    one, two = found(1), found(2)

    for each in (one, two):
        assert each.matched.rse < each.rse < each.one_flank.rse
        assert each.rse_error < 0.1 * each.rse
    assert two.rse < one.rse
    loss = [each.rse / each.matched.rse for each in (one, two)]
    assert loss[1] < loss[0]  # two cameras leave less to be joined


def test_flank_information__refuses_what_it_cannot_work_out():
    with pytest.raises(LayoutError, match="share of camera nights lost"):
        found(1, failure=1.0)
    with pytest.raises(LayoutError, match="joined by other means"):
        flank_information(layout(1), MASK, SPEC, TRUTH | {"confirmed.Intercept": 0.0}, days=DAYS)
    rest = {name: v for name, v in TRUTH.items() if "alone" not in name}
    with pytest.raises(LayoutError, match=r"coefficients lacks lambda0.side\[alone\]"):
        flank_information(layout(1), MASK, SPEC, rest, days=DAYS)
