"""Sides that are joined by other means: joined with a probability, or known before the survey."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, xlog1py, xlogy

from scr.fit.log_posterior import LogPosterior
from scr.fit.pymc_model import build_pymc_model
from scr.habitat.mask import HabitatMask
from scr.likelihood.kernel.evaluate import evaluate
from scr.likelihood.partners import pairs_of
from scr.likelihood.problem import build_problem, parameters_of, value_and_gradient
from scr.model.spec import ModelSpec
from scr.simulate.surveys import plan_survey, simulate_survey
from scr.survey.sided_records import CONFIRMED, IN_LIBRARY
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage
from tests.likelihood.matching.test_matching import enumerated
from tests.likelihood.sided_surveys import session_of, stations, survey_of, with_pairs
from tests.likelihood.test_sides import SPEC, by_enumeration, some_mask, some_session, start_of

Q, RHO = 0.4, 0.3


def with_known(session: Session, *, n_confirmed: int = 1, n_library: int = 2) -> Session:
    """The session with some pairs joined, and with some animals known before."""
    left, right = (np.flatnonzero(session.sides.side == side) for side in (1, 2))
    pairs = list(zip(left[:n_confirmed].tolist(), right[:n_confirmed].tolist(), strict=True))
    apart = with_pairs(session, pairs)  # all complete
    number = np.setdiff1d(np.arange(len(session.sides.side)), right[:n_confirmed])
    side = session.sides.side[number]
    side[np.isin(number, left[:n_confirmed])] = 0
    known = np.where(np.isin(number, left[:n_confirmed]), CONFIRMED, 0)
    library = np.flatnonzero((side < 2) & (known == 0))[:n_library]  # complete, or left alone
    side[library], known[library] = 0, IN_LIBRARY
    return replace(apart, sides=replace(apart.sides, side=side, known=known))


def problem_and_theta(*sessions: Session, spec: ModelSpec = SPEC):
    mask = some_mask()
    problem = build_problem(survey_of(*sessions), mask, spec)
    theta = start_of(problem, mask)
    names = problem.design.coefficient_names
    for name, p in (("confirmed", Q), ("library", RHO)):
        if f"{name}.Intercept" in names:
            theta[names.index(f"{name}.Intercept")] = np.log(p / (1 - p))
    return problem, theta


SESSIONS = (
    with_known(some_session(7)),
    with_known(some_session(8, name="2"), n_library=1),
)


def test_value_and_gradient__sums_over_every_matching_of_those_that_were_not_joined():
    problem, theta = problem_and_theta(*SESSIONS)
    value, gradient = value_and_gradient(problem, theta)

    bare = [
        replace(s, sides=replace(s.sides, known=np.zeros_like(s.sides.known))) for s in SESSIONS
    ]
    of_others = [n.partition(".")[0] not in {"confirmed", "library"} for n in problem.design.blocks]
    assert sum(of_others) == 3
    expected = by_enumeration(survey_of(*bare), some_mask(), SPEC, theta[:-2])
    for session, pairs in zip(SESSIONS, pairs_of(problem, theta), strict=True):
        confirmed, library = session.sides.n_known
        others = len(session.sides.side) - library
        assert min(confirmed, library) >= 1
        weight = np.exp(pairs.log_weight)
        expected += enumerated(weight)[0] - enumerated(weight * (1 - RHO) / (1 - Q))[0]
        expected += xlogy(confirmed, Q) + xlogy(library, RHO) + xlog1py(others, -RHO)
    assert value == pytest.approx(expected, rel=1e-10)
    for j in range(len(theta)):
        step = 1e-5 * np.eye(len(theta))[j]
        above, below = (value_and_gradient(problem, theta + s * step)[0] for s in (1, -1))
        assert gradient[j] == pytest.approx((above - below) / 2e-5, rel=1e-6, abs=1e-5)


def test_build_pymc_model__has_the_same_likelihood_of_known_sides():
    problem, theta = problem_and_theta(SESSIONS[0])
    model = build_pymc_model(problem.design.survey, problem.design.mask, SPEC)
    target, log_posterior = LogPosterior(problem), model.compile_logp()
    values = []
    for moved in (theta, theta + 0.1):
        vector = target.prior.contrasts @ moved
        point = model.initial_point()
        for name in point:
            block = problem.design.blocks[name.removesuffix("_contrasts")]
            point[name] = vector[block] if name.endswith("_contrasts") else moved[block]
        values.append(log_posterior(point) - target(target.of(moved))[0])
    assert values[0] == pytest.approx(values[1], abs=1e-8)


def test_build_problem__has_no_such_coefficients_where_nothing_was_joined():
    problem, _ = problem_and_theta(some_session(7))
    assert set(problem.design.blocks) == {"density", "lambda0", "sigma"}


# A world of two cells, two stations with a single camera and one occasion: nothing is seen from
# both sides at once, so that who is complete was joined, or known before.
CELLS = np.array([[0.0, 0.0], [1500.0, 0.0]])
PLACES = np.array([[100.0, 0.0], [1400.0, 0.0]])
SIGMA, LAMBDA0 = 900.0, 1.1
WORLD = HabitatMask(xy=CELLS, cell_area=np.ones(2), crs="local")
LIVING = 0.6  # animals per cell
THETA = np.log([LIVING, LAMBDA0, SIGMA])
HISTORIES = [(0, 1), (1, 0), (1, 1)]


def seen_in_world(
    left: list[int], right: list[int], joined: list[tuple[int, ...]], kinds: list[int]
):
    """A survey of left, right and complete animals; ``joined`` has both histories of the last."""
    one = np.ones((2, 1))
    counts = []
    for side, numbers in ((3, left), (4, right)):
        for number in numbers:
            count = np.zeros((5, 2, 1), dtype=np.int64)
            count[side, :, 0] = HISTORIES[number]
            counts.append(count)
    for histories in joined:
        count = np.zeros((5, 2, 1), dtype=np.int64)
        count[3, :, 0], count[4, :, 0] = np.array(histories).reshape(2, 2)
        counts.append(count)
    session = session_of(PLACES, np.zeros((2, 1)), one, counts)
    side = np.array([1] * len(left) + [2] * len(right) + [0] * len(joined), dtype=np.int64)
    known = np.array([0] * (len(left) + len(right)) + kinds, dtype=np.int64)
    return survey_of(replace(session, sides=replace(session.sides, side=side, known=known)))


def log_probability(survey: Survey, q: float, rho: float) -> float:
    """Of the survey, animals in their order."""
    problem = build_problem(survey, WORLD, ModelSpec())
    theta = np.concatenate([THETA, np.zeros(problem.design.n_coefficients - 3)])
    parameters = parameters_of(problem, theta)._replace(known=np.array([q, rho]))
    found = evaluate(problem.packed, parameters, with_gradient=False)
    return float(found.log_animal.sum() + found.number.sum() + problem.constant)


def orders(animals: tuple) -> float:
    """Orders that tell animals of one kind apart."""
    counted = [animals.count(each) for each in set(animals)]
    return math.factorial(len(animals)) / math.prod(map(math.factorial, counted))


def worlds(n: int, q: float, rho: float, seed: int) -> dict[tuple, int]:
    """How often each survey comes out of many simulated worlds, by no line of the likelihood."""
    rng = np.random.default_rng(seed)
    distance = np.hypot(*(PLACES[:, None] - CELLS).transpose(2, 0, 1))
    p = -np.expm1(-LAMBDA0 * np.exp(-(distance**2) / (2 * SIGMA**2)))
    found: dict[tuple, int] = {}
    for numbers in rng.poisson(LIVING, (n, 2)):
        left, right, joined = [], [], []
        for cell in np.repeat([0, 1], numbers):
            x, y = rng.random((2, 2)) < p[:, cell]
            if not (x.any() or y.any()):
                continue
            both = (*x.astype(int).tolist(), *y.astype(int).tolist())
            if rng.random() < rho:
                joined.append((IN_LIBRARY, both))
            elif x.any() and y.any() and rng.random() < q:
                joined.append((CONFIRMED, both))
            else:
                left += [HISTORIES.index(both[:2])] if x.any() else []
                right += [HISTORIES.index(both[2:])] if y.any() else []
        key = (tuple(sorted(left)), tuple(sorted(right)), tuple(sorted(joined)))
        found[key] = found.get(key, 0) + 1
    return found


def chi_square(found: dict[tuple, int], n: int, q: float, rho: float) -> tuple[float, int]:
    """Of surveys that are expected ten times or more."""
    total, cells = 0.0, 0
    for (left, right, joined), count in found.items():
        if not (left or right or joined):
            continue
        kinds, both = [k for k, _ in joined], [h for _, h in joined]
        survey = seen_in_world(list(left), list(right), both, kinds)
        expected = n * np.exp(log_probability(survey, q, rho))
        expected *= orders(left) * orders(right) * orders(joined)
        if expected >= 10:
            total += (count - expected) ** 2 / expected
            cells += 1
    return float(total), cells


def test_log_likelihood__is_the_frequency_of_simulated_worlds():
    n = 6_000
    found = worlds(n, Q, RHO, seed=3)
    common = {key: count for key, count in found.items() if count >= 7}
    right, cells = chi_square(common, n, Q, RHO)

    assert cells > 20
    assert right < cells + 4 * math.sqrt(2 * cells)
    without_q, _ = chi_square(
        {key: c for key, c in common.items() if all(k != CONFIRMED for k, _ in key[2])}, n, 0.0, RHO
    )
    assert without_q > 5 * right


def test_sum_over_matchings__probabilities_of_all_surveys_add_up_to_one():
    # Joined and known animals are Poisson processes apart from the others; these are left here.
    alone = np.array([0.10, 0.08, 0.05])  # left histories alone; right ones alike
    pair = np.array([[0.06, 0.02, 0.03], [0.02, 0.05, 0.01], [0.03, 0.01, 0.04]])
    q, rho = 0.6, 0.35
    expected = (1 - rho) * (2 * alone.sum() + (1 - q) * pair.sum())
    sets = [c for n in range(7) for c in itertools.combinations_with_replacement(range(3), n)]
    total = 0.0
    for left, right in itertools.product(sets, sets):
        i, j = list(left), list(right)
        weight = (1 - q) / (1 - rho) * pair[np.ix_(i, j)] / np.outer(alone[i], alone[j])
        z = np.exp(enumerated(weight)[0]) if i and j and len(i) + len(j) <= 8 else 1.0
        if i and j and len(i) + len(j) > 8:
            continue
        n = len(i) + len(j)
        product = (1 - rho) ** n * np.prod(alone[i]) * np.prod(alone[j]) * z
        counted = [math.prod(math.factorial(of.count(c)) for c in set(of)) for of in (left, right)]
        total += product / math.prod(counted) * np.exp(-expected)
    assert total == pytest.approx(1.0, abs=1e-5)


def test_simulate_survey__joins_and_knows_as_many_as_it_is_told():
    rng, xy = np.random.default_rng(5), stations()
    two = (rng.random((len(xy), 40)) < 0.15).astype(np.float64)
    traps = Traps(names=[f"K{k}" for k in range(len(xy))], xy=xy, crs="local")
    plan = plan_survey(traps, Usage(np.ones_like(two)), two_cameras=[two])
    truth = {
        "density.Intercept": 1.0,
        "lambda0.Intercept": math.log(0.04),
        "lambda0.side[T.both]": 0.0,
        "lambda0.side[T.single]": -1.0,
        "sigma.Intercept": math.log(1500.0),
    }
    known = {"confirmed.Intercept": 0.5, "library.Intercept": -1.0}
    survey, told = simulate_survey(plan, some_mask(), SPEC, coefficients=truth | known, seed=1)
    sides = survey.sessions[0].sides
    confirmed, library = sides.n_known
    names = [str(name) for name in survey.sessions[0].captures.individuals]
    animals = {name.partition(" ")[0] for name in names}
    pairs = len(names) - len(animals)

    assert dict(told.coefficients) == truth | known
    share, sd = library / len(animals), math.sqrt(expit(-1) * expit(1) / len(animals))
    assert abs(share - expit(-1.0)) < 4 * sd
    of_pairs = confirmed + pairs
    assert abs(confirmed / of_pairs - expit(0.5)) < 4 * 0.5 / math.sqrt(of_pairs)
