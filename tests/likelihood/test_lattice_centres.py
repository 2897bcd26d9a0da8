"""Draws by products against the plain posterior of centre and class."""

import numpy as np
import pytest

import scr
from scr.likelihood.centres import centre_probability, draw_centres
from scr.likelihood.problem import build_problem
from scr.simulate.surveys import plan_survey
from scr.survey.usage import Usage

NAMES = ("density.Intercept", "density.x", "lambda0.Intercept", "lambda0.sex[T.M]",
         "sigma.Intercept", "sigma.sex[T.M]", "share.Intercept")  # fmt: skip
SPEC = scr.ModelSpec(density="~ x", lambda0="~ sex", sigma="~ sex")


def stations(west, n):
    """A square of stations 1 km apart."""
    axis = 1000.0 * np.arange(n) + 130.0
    x, y = (a.ravel() for a in np.meshgrid(west + axis, axis))
    names = np.array([f"T{k}" for k in range(n * n)], dtype=object)
    return scr.Traps(names=names, xy=np.column_stack([x, y]), crs="local")


def problem_of(lambda0, *, effort=4.0, detector="proximity"):
    traps = stations(0, 4)
    plan = plan_survey(traps, Usage(np.full((16, 5), effort)), detector=detector)
    mask = scr.build_mask(traps, buffer=2500, spacing=500)
    truth = (np.log(0.5), 1e-4, np.log(0.1), 0.3, np.log(700.0), 0.2, 0.1)
    survey, _ = scr.simulate_survey(
        plan, mask, SPEC, coefficients=dict(zip(NAMES, truth, strict=True)), seed=3, unknown_sex=0.5
    )
    problem = build_problem(survey, mask, SPEC)
    return problem, np.array([*truth[:2], np.log(lambda0), *truth[3:]])


@pytest.mark.parametrize("detector", ["proximity", "count"])
@pytest.mark.parametrize("lambda0", [0.02, 0.4, 3.0, 60.0])
def test_draw_centres__follows_the_posterior_for_weak_and_strong_hazards(lambda0, detector):
    # The strongest hazards leave nothing of exp(-H), and products give way to logarithms.
    problem, theta = problem_of(lambda0, detector=detector)
    n_animals, n_draws = problem.sessions[0].n_animals, 4000
    uniform = np.random.default_rng(8).random((n_draws, n_animals))
    drawn = np.array([draw_centres(problem, theta, row) for row in uniform])
    for animal in range(min(n_animals, 6)):
        expected = centre_probability(problem, theta, animal)
        found = np.zeros_like(expected)
        np.add.at(found, (drawn[:, 1, animal], drawn[:, 0, animal]), 1 / n_draws)
        error = np.sqrt(expected * (1 - expected) / n_draws)
        assert (np.abs(found - expected) <= 5 * error + 2 / n_draws).all()


def test_draw_centres__takes_the_ends_of_the_uniform_numbers():
    problem, theta = problem_of(0.1)
    n_animals, n_cells = problem.sessions[0].n_animals, problem.sessions[0].n_cells
    for end in (0.0, np.nextafter(1.0, 0.0)):
        cells, classes = draw_centres(problem, theta, np.full(n_animals, end))
        assert ((cells >= 0) & (cells < n_cells)).all()
        assert set(classes.tolist()) <= {0, 1}


def test_draw_centres__same_numbers_give_the_same_draws():
    problem, theta = problem_of(0.1)
    uniform = np.random.default_rng(1).random(problem.sessions[0].n_animals)
    one, two = (draw_centres(problem, theta, uniform) for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_draw_centres__several_sessions_keep_their_own_cells():
    # The second session stands on ground of its own, with twice as many cells.
    first, second = (scr.build_mask(stations(x, n), buffer=2500, spacing=500)
                     for x, n in ((0, 3), (40_000, 5)))  # fmt: skip
    traps = scr.Traps(
        names=np.array([f"T{k}" for k in range(9 + 25)], dtype=object),
        xy=np.concatenate([stations(0, 3).xy, stations(40_000, 5).xy]),
        crs="local",
        session=["a"] * 9 + ["b"] * 25,
    )
    usage = [Usage(np.full((n, 5), 4.0)) for n in (9, 25)]
    plan = plan_survey(traps, usage, detector="proximity")
    xy = np.concatenate([first.xy, second.xy])
    mask = scr.HabitatMask(
        xy=xy,
        cell_area=0.25,
        crs="local",
        spacing=500.0,
        session=["a"] * len(first) + ["b"] * len(second),
    )
    spec = scr.ModelSpec()
    truth = dict(zip(("density.Intercept", "lambda0.Intercept", "sigma.Intercept"),
                     (np.log(0.4), np.log(0.1), np.log(700.0)), strict=True))  # fmt: skip
    survey, _ = scr.simulate_survey(plan, mask, spec, coefficients=truth, seed=5)
    problem = build_problem(survey, mask, spec)
    assert problem.packed.is_lattice
    theta = np.array(list(truth.values()))
    sizes = [data.n_animals for data in problem.sessions]
    assert min(sizes) > 0
    n_draws = 3000
    uniform = np.random.default_rng(2).random((n_draws, sum(sizes)))
    drawn = np.array([draw_centres(problem, theta, row)[0] for row in uniform])
    for animal in (0, sizes[0] - 1, sizes[0], sum(sizes) - 1):
        expected = centre_probability(problem, theta, animal)[0]
        found = np.bincount(drawn[:, animal], minlength=len(expected)) / n_draws
        error = np.sqrt(expected * (1 - expected) / n_draws)
        assert (np.abs(found - expected) <= 5 * error + 2 / n_draws).all()
