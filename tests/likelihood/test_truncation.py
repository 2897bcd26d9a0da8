"""What the compiled likelihood leaves out, against the plain one, which leaves out nothing."""

import numpy as np
import pandas as pd
import pytest

from scr.habitat.mask import HabitatMask
from scr.likelihood import reference
from scr.likelihood.kernel.evaluate import find_centres
from scr.likelihood.kernel.reach import TOLERANCE, find_runs
from scr.likelihood.problem import build_problem, parameters_of, value_and_gradient
from scr.model.spec import ModelSpec
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage

ROUNDING = 2e-13
"""Relative to the sum of the sizes of the terms of the log-likelihood."""


def make_problem(family, *, detector="proximity", regular=True):
    """Sixteen traps in the middle of a wide mask; seven animals, some at several traps."""
    rng = np.random.default_rng(4)
    axis = np.arange(4) * 2500.0
    traps_xy = np.stack([a.ravel() for a in np.meshgrid(axis, axis)], axis=1)
    n_animals, n_occasions = 7, 4
    counts = np.zeros((n_animals, 16, n_occasions), dtype=int)
    for animal in range(n_animals):
        for trap in rng.choice([0, 1, 4, 5, 10], size=1 + animal % 3, replace=False):
            counts[animal, trap, rng.integers(n_occasions)] = 1
    individual, trap, occasion = np.nonzero(counts)
    session = Session(
        name="a",
        traps=Traps(names=[f"T{k}" for k in range(16)], xy=traps_xy, crs="local"),
        usage=Usage(np.full((16, n_occasions), 5.0)),
        captures=CaptureHistory(
            individuals=[f"i{i}" for i in range(n_animals)],
            individual=individual,
            occasion=occasion,
            trap=trap,
            count=np.ones(len(trap), dtype=int),
        ),
    )
    axis = np.arange(-20_000.0, 27_501.0, 900.0)
    xy = np.stack([a.ravel() for a in np.meshgrid(axis, axis)], axis=1)
    if not regular:
        xy = xy + rng.uniform(-200, 200, xy.shape)
    mask = HabitatMask(
        xy=xy,
        cell_area=np.full(len(xy), 0.81),
        crs="local",
        spacing=900.0 if regular else None,
        covariates=pd.DataFrame({"elev": np.sin(xy[:, 0] / 9000)}),
    )
    return build_problem(
        Survey([session], detector), mask, ModelSpec(density="~ elev", detection=family)
    )


def draw_coefficients(problem, rng):
    """Any density and intensity, and sigma from far below to far above the spacing of traps."""
    intensity = rng.uniform(np.log(1e-5), np.log(3.0))
    if problem.design.spec.family.form == "probability":
        intensity = rng.uniform(-9.0, 3.0)
    theta = [rng.uniform(-9, 2), rng.normal(), intensity, rng.uniform(np.log(150), np.log(90_000))]
    return np.array(theta + [rng.uniform(0.7, 2.0)] * problem.design.spec.family.has_z)


def error_and_rounding(problem, theta):
    """Difference from the plain log-likelihood, and what rounding alone may come to."""
    arrays, family = problem.design.arrays(theta), problem.design.spec.family
    (data,) = problem.sessions
    plain = reference.log_likelihood(problem.sessions, arrays, family)
    sizes = np.abs(reference.log_animal_terms(data, arrays, family, session=0)).sum()
    sizes += reference.expected_detected(data, arrays, family, session=0)
    return abs(value_and_gradient(problem, theta)[0] - plain), ROUNDING * sizes


@pytest.mark.parametrize("regular", [True, False])
@pytest.mark.parametrize("detector", ["proximity", "count"])
@pytest.mark.parametrize(
    "family", ["hazard_half_normal", "half_normal", "hazard_exponential", "hazard_rate"]
)
def test_value_and_gradient__leaves_out_less_than_the_stated_bound(family, detector, regular):
    problem = make_problem(family, detector=detector, regular=regular)
    rng = np.random.default_rng(11)
    for _ in range(12):
        theta = draw_coefficients(problem, rng)
        error, rounding = error_and_rounding(problem, theta)
        assert error <= TOLERANCE + rounding, theta


@pytest.mark.parametrize("regular", [True, False])
def test_find_centres__leaves_out_most_cells_where_sigma_is_short(regular):
    # The bound above says nothing unless something is left out.
    problem = make_problem("hazard_half_normal", regular=regular)
    theta = np.array([-3.0, 0.3, np.log(0.05), np.log(600.0)])
    assert problem.packed.is_lattice == regular
    centres, _ = find_centres(problem.packed, parameters_of(problem, theta))
    n_cells = np.diff(centres.end, prepend=0)
    assert (n_cells > 0).all()
    assert (n_cells < 0.5 * problem.sessions[0].n_cells).all()


def test_find_runs__hold_every_cell_in_reach_and_few_others():
    problem = make_problem("half_normal", regular=False)
    cells, curves, rows = (
        problem.packed.cells,
        problem.packed.curves,
        problem.packed.sessions.row,
    )
    start = np.zeros(len(curves.x) + 1, dtype=np.int64)
    run = np.empty((len(curves.x) * rows[1], 2), dtype=np.int64)
    find_runs(cells, rows, curves, np.array([6_000.0]), start, run)
    for curve in range(len(curves.x)):
        away = np.hypot(cells.x - curves.x[curve], cells.y - curves.y[curve])
        held = np.zeros(len(away), dtype=bool)
        for first, n in run[start[curve] : start[curve + 1]]:
            assert not held[first : first + n].any()
            held[first : first + n] = True
        assert held[(away <= 6_000.0) & (cells.order >= 0)].all()
        assert held.sum() < 0.2 * len(away)


def test_value_and_gradient__where_density_overflows_is_no_value_and_no_failure():
    # A climb may try such a density.
    problem = make_problem("hazard_half_normal")
    theta = np.array([800.0, 0.0, -3.0, 7.0])
    with np.errstate(over="ignore", invalid="ignore"):
        value, gradient = value_and_gradient(problem, theta)
    assert value == -np.inf
    assert (gradient == 0).all()
