"""Sums of exposures with equal parameters: what they cover, and how little of it is waste."""

import numpy as np
import pandas as pd
import pytest

import scr
from scr.likelihood.kernel.packing import pack
from scr.likelihood.kernel.reach import reach, runs_within
from scr.likelihood.kernel.sheet_layout import MOST_WASTE, lay_out
from scr.likelihood.problem import build_problem, contiguous
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

SPACING = 500.0


def plan(*, lures):
    """Forty traps on a long strip, with so many levels of a covariate."""
    rng = np.random.default_rng(5)
    xy = np.stack([rng.uniform(0, 40_000, 40), rng.uniform(0, 6_000, 40)], axis=1)
    traps = scr.Traps(
        names=[f"T{k}" for k in range(40)],
        xy=xy,
        crs="local",
        covariates=pd.DataFrame({"lure": np.arange(40) % lures * 1.0}),
    )
    return plan_survey(traps, Usage(np.ones((40, 5))))


def strip():
    x, y = np.meshgrid(np.arange(-6_000, 46_001, SPACING), np.arange(-6_000, 12_001, SPACING))
    return scr.HabitatMask(
        xy=np.stack([x.ravel(), y.ravel()], axis=1),
        cell_area=np.full(x.size, 0.25),
        crs="local",
        spacing=SPACING,
    )


@pytest.mark.parametrize("lures", [1, 3, 40])
@pytest.mark.parametrize("family", ["half_normal", "hazard_exponential", "hazard_rate"])
def test_lay_out__covers_what_is_in_reach_and_little_more(family, lures):
    covariate = "~ lure" if lures > 1 else "~ 1"
    name = "lambda0" if family == "hazard_exponential" else "g0"
    spec = scr.ModelSpec(detection=family, **{name: covariate})
    problem = build_problem(plan(lures=lures), strip(), spec)
    data = pack(problem.sessions, spec.family, evaluator="pairs")
    intensity = {"g0": [-4.0], "lambda0": [-4.0]}[name] + [0.01] * (lures > 1)
    theta = np.array([-3.0, *intensity, np.log(400.0), *[1.1] * spec.family.has_z])
    _, levels, sigma, z, _ = contiguous(problem, theta)

    runs = runs_within(data, sigma, z, reach(data, levels, sigma, 10.0))
    layout = lay_out(data, runs)

    n_sheets = layout.n_sheets[0]
    assert n_sheets >= lures
    first, last = runs.start[data.exposure_curve], runs.start[data.exposure_curve + 1]
    in_reach = sum(runs.length[a:b].sum() for a, b in zip(first, last, strict=True))
    covered = layout.row_value[layout.row_start[n_sheets]]
    assert covered <= MOST_WASTE * in_reach
    for e, (a, b) in enumerate(zip(first, last, strict=True)):
        sheet = layout.of_exposure[e]
        assert layout.intensity[sheet] == data.exposure_intensity[e]
        rows = layout.row_start[sheet] + runs.row[a:b] - layout.first_row[sheet]
        assert (rows < layout.row_start[sheet + 1]).all()
        begin = layout.row_value[rows] + runs.cell[a:b] - layout.row_cell[rows]
        assert (begin >= layout.row_value[rows]).all()
        assert (begin + runs.length[a:b] <= layout.row_value[rows + 1]).all()


def test_runs_within__hold_every_cell_in_reach():
    problem = build_problem(plan(lures=1), strip(), scr.ModelSpec())
    data = pack(problem.sessions, problem.design.spec.family, evaluator="pairs")
    sigma = np.array([700.0])
    runs = runs_within(data, sigma, np.zeros(1), np.array([2_500.0]))
    assert runs.start[-1] > 0
    for curve in range(len(data.curve_x)):
        away = np.hypot(data.cell_x - data.curve_x[curve], data.cell_y - data.curve_y[curve])
        held = np.zeros(len(away), dtype=bool)
        for run in range(runs.start[curve], runs.start[curve + 1]):
            cells = slice(runs.cell[run], runs.cell[run] + runs.length[run])
            assert not held[cells].any()
            held[cells] = True
            k = np.exp(-0.5 * (away[cells] / sigma[0]) ** 2)
            assert (k <= runs.most_k[run] * (1 + 1e-12)).all()
        assert held[(away <= 2_500.0) & (data.cell_order >= 0)].all()
        assert held.sum() < 0.2 * len(away)
