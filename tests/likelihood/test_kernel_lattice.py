"""Row and column factors of a lattice against pairs of trap and cell."""

import numpy as np
import pandas as pd
import pytest

from scr.fit.log_posterior import LogPosterior
from scr.habitat.mask import HabitatMask
from scr.likelihood.kernel.cells import order_cells
from scr.likelihood.kernel.evaluate import evaluate
from scr.likelihood.kernel.packing import pack
from scr.likelihood.problem import build_problem, parameters_of, value_and_gradient
from scr.model.spec import ModelSpec
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage

SPACING = 500.0


def make_session(rng, name, detector):
    """Traps off the lattice, uneven effort, animals of both sexes and of none."""
    n_animals, n_traps, n_occasions = 6, 9, 3
    effort = rng.integers(0, 4, (n_traps, n_occasions)).astype(float)
    effort[0, 0] = 1.0
    counts = np.zeros((n_animals, n_traps, n_occasions), dtype=int)
    counts[:, 0, 0] = 1
    counts += rng.random(counts.shape) < 0.15
    counts[:, effort == 0] = 0
    if detector == "proximity":
        counts = np.minimum(counts, 1)
    elif detector == "binomial_count":
        counts = np.minimum(counts, effort.astype(int))
    individual, trap, occasion = np.nonzero(counts)
    return Session(
        name=name,
        traps=Traps(
            names=[f"T{k}" for k in range(n_traps)],
            xy=rng.uniform(0, 6000, (n_traps, 2)),
            crs="local",
            session=[name] * n_traps,
            covariates=pd.DataFrame({"lure": rng.normal(size=n_traps)}),
        ),
        usage=Usage(effort),
        captures=CaptureHistory(
            individuals=[f"{name}-{i}" for i in range(n_animals)],
            individual=individual,
            occasion=occasion,
            trap=trap,
            count=counts[individual, trap, occasion],
            covariates=pd.DataFrame({"sex": ["F", "M", None] * 2}, dtype=object),
        ),
    )


def make_mask():
    """A lattice with a lake in it, a ragged edge and a gap between two rows."""
    axis = np.arange(-9_750.0, 16_000.0, SPACING)
    x, y = (grid.ravel() for grid in np.meshgrid(axis, axis))
    lake = np.hypot(x - 2500, y - 3500) < 1200
    kept = (np.hypot(x - 3000, y - 3000) < 12_500) & ~lake & (np.abs(y - 9250) > 1)
    return HabitatMask(
        xy=np.stack([x, y], axis=1)[kept],
        cell_area=np.full(kept.sum(), 0.25),
        crs="local",
        spacing=SPACING,
        covariates=pd.DataFrame({"elev": np.sin(x[kept] / 5000)}),
    )


def make_problem(detector):
    rng = np.random.default_rng(3)
    survey = Survey([make_session(rng, name, detector) for name in ("a", "b")], detector)
    spec = ModelSpec(density="~ elev", lambda0="~ lure + sex", sigma="~ sex")
    return build_problem(survey, make_mask(), spec)


THETA = np.array([-2.0, 0.4, -2.5, 0.3, -0.4, np.log(1500.0), 0.4, -0.2])


@pytest.mark.parametrize("sigma", [250.0, 1500.0, 8000.0])
@pytest.mark.parametrize("intensity", [1e-6, 0.08, 3.0])
@pytest.mark.parametrize("detector", ["proximity", "count", "binomial_count"])
def test_evaluate__is_the_same_by_lattice_and_by_pairs(detector, intensity, sigma):
    problem = make_problem(detector)
    theta = THETA.copy()
    theta[problem.design.blocks["lambda0"].start] = np.log(intensity)
    theta[problem.design.blocks["sigma"].start] = np.log(sigma)
    parameters = parameters_of(problem, theta)
    by_pairs = pack(problem.sessions, problem.design.spec.family, evaluator="pairs")
    assert problem.packed.is_lattice
    assert not by_pairs.is_lattice

    found = evaluate(problem.packed, parameters)
    expected = evaluate(by_pairs, parameters)

    assert found.log_animal == pytest.approx(expected.log_animal, rel=1e-10)
    assert found.expected == pytest.approx(expected.expected, rel=1e-10, abs=1e-10)
    for of_lattice, of_pairs in zip(found.gradient, expected.gradient, strict=True):
        scale = np.abs(of_pairs).max(initial=0.0)  # empty where distance is no parameter
        assert of_lattice == pytest.approx(of_pairs, rel=1e-8, abs=1e-9 * scale)


def test_order_cells__marks_the_holes_of_the_lattice():
    problem = make_problem("count")
    packed = problem.packed.cells
    order = packed.order

    n_cells = sum(data.n_cells for data in problem.sessions)
    assert np.array_equal(np.sort(order[order >= 0]), np.arange(n_cells))
    xy = np.concatenate([data.cell_xy for data in problem.sessions])
    cells = np.stack([packed.x, packed.y], axis=1)[order >= 0]
    assert cells == pytest.approx(xy[order[order >= 0]], abs=1e-6)


def test_order_cells__finds_no_lattice_among_shifted_cells():
    problem = make_problem("count")
    data = problem.sessions[0]
    shifted = data.cell_xy.copy()
    shifted[7, 0] += 0.01
    sessions = [type(data)(**{**vars(data), "cell_xy": shifted})]
    cells, _, is_lattice = order_cells(sessions, on_lattice=True)
    assert not is_lattice
    assert len(cells.column_x) == 0
    assert cells.box.shape[1] > 1


@pytest.mark.parametrize(
    "coefficient", ["density.Intercept", "lambda0.Intercept", "sigma.sex[T.M]"]
)
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e3])
def test_value_and_gradient__is_minus_infinity_where_a_coefficient_is_beyond_all_numbers(
    coefficient, value
):
    problem = make_problem("proximity")
    theta = THETA.copy()
    theta[problem.design.coefficient_names.index(coefficient)] = value

    found, gradient = value_and_gradient(problem, theta)

    assert found == -np.inf
    assert not gradient.any()


def test_values__do_not_depend_on_the_number_of_threads():
    problem = make_problem("proximity")
    thetas = THETA + np.random.default_rng(1).normal(0, 0.1, (12, len(THETA)))

    targets = [LogPosterior(problem, has_prior=False, n_threads=n) for n in (1, 3)]
    one, three = (target.many(target.of(thetas))[0] for target in targets)

    assert np.array_equal(one, three)
    assert one == pytest.approx([value_and_gradient(problem, t)[0] for t in thetas], rel=1e-14)
