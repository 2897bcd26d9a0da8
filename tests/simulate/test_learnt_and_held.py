"""Surveys with learnt responses, occasions and competing traps are simulated and fitted again."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import scr
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

RAIN = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0])
BAIT = np.tile([0.0, 1.0], 108)
CASES = {
    "multi, learnt at the trap, by rain": (
        "multi",
        "~ bk + rain",
        {"lambda0.bk": 0.9, "lambda0.rain": -0.7},
    ),
    "cameras, learnt everywhere, with a trend and bait": (
        "proximity",
        "~ b + T + bait",
        {"lambda0.b": -0.8, "lambda0.T": 0.15, "lambda0.bait": 0.6},
    ),
    "cameras, the occasion before at the trap": ("proximity", "~ Bk", {"lambda0.Bk": 1.0}),
}


def planned(detector):
    """36 stations 1.5 km apart, six occasions of three days."""
    x, y = np.meshgrid(np.arange(6) * 1500.0, np.arange(6) * 1500.0)
    traps = scr.Traps(
        names=[f"S{k:02d}" for k in range(36)], xy=np.column_stack([x.ravel(), y.ravel()]),
        crs="local",
    )  # fmt: skip
    plan = plan_survey(traps, Usage(np.full((36, 6), 3.0)), detector=detector)
    session = replace(
        plan.sessions[0],
        occasions=pd.DataFrame({"rain": RAIN}),
        by_occasion=pd.DataFrame({"bait": BAIT}),
    )
    return replace(plan, sessions=(session,)), scr.build_mask(traps, buffer=4500, spacing=750)


@pytest.mark.parametrize("case", CASES)
def test_simulate_survey__what_is_simulated_is_found_again(case):
    detector, formula, effects = CASES[case]
    spec = scr.ModelSpec(lambda0=formula)
    truth = {
        "density.Intercept": 0.0, "lambda0.Intercept": -2.6, **effects,
        "sigma.Intercept": np.log(1200.0),
    }  # fmt: skip
    plan, mask = planned(detector)
    survey, _ = scr.simulate_survey(plan, mask, spec, coefficients=truth, seed=11)
    table = scr.fit_mle(survey, mask, spec, check_mask=False).coefficients
    z = (table["estimate"] - pd.Series(truth)[table.index]) / table["se"]
    assert (z.abs() < 3.5).all(), table.assign(z=z).to_string()
    for name, effect in effects.items():  # enough data to tell an effect from none
        assert table.loc[name, "se"] < abs(effect) / 2
