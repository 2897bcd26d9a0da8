"""The likelihood of two flanks against the sum over every matching of ordinary likelihoods."""

import math

import numpy as np
import pytest
from scipy.special import gammaln

from scr.errors import ConvergenceWarning, FormulaError
from scr.habitat.mask import HabitatMask
from scr.likelihood.problem import (
    Problem,
    build_problem,
    every_term,
    log_likelihood,
    value_and_gradient,
    with_widest,
)
from scr.model.spec import ModelSpec
from scr.survey.sides import by_type, n_of_sides
from scr.survey.survey import Session, Survey
from tests.likelihood.matching.test_matching import enumerated
from tests.likelihood.sided_surveys import (
    drawn_counts,
    session_of,
    split,
    stations,
    survey_of,
    two_camera_days,
    with_pairs,
)

SPEC = ModelSpec(lambda0="~ side")


def some_mask(spacing: float = 1000.0) -> HabitatMask:
    xy = stations()
    x = np.arange(xy[:, 0].min() - 4500, xy[:, 0].max() + 4501, spacing)
    y = np.arange(xy[:, 1].min() - 4500, xy[:, 1].max() + 4501, spacing)
    grid = np.column_stack([part.ravel() for part in np.meshgrid(x, y)])
    area = np.full(len(grid), (spacing / 1000) ** 2)
    return HabitatMask(xy=grid, cell_area=area, crs="local", spacing=spacing)


def some_session(seed: int, *, n: int = 12, name: str = "1", with_sex: bool = False) -> Session:
    rng, xy = np.random.default_rng(seed), stations()
    two, one = two_camera_days(rng, len(xy), 12, 0.85)
    centres = rng.uniform(xy.min(axis=0) - 2500, xy.max(axis=0) + 2500, (n, 2))
    counts = split(drawn_counts(rng, xy, two, one, centres=centres))
    sexes = [str(sex) if sex != "" else None for sex in rng.choice(["F", "M", ""], len(counts))]
    return session_of(xy, two, one, counts, sexes if with_sex else None, name)


def start_of(problem: Problem, mask: HabitatMask) -> np.ndarray:
    values = {"density.Intercept": math.log(0.15), "lambda0.Intercept": math.log(0.04)}
    values |= {"sigma.Intercept": math.log(1500.0)}
    slopes = {"lambda0.side[T.both]": 0.2, "lambda0.side[T.single]": -0.7, "sigma.sex[T.M]": 0.3}
    values |= slopes | {"share.Intercept": 0.4}
    return np.array([values.get(name, 0.05) for name in problem.design.coefficient_names])


def by_enumeration(survey: Survey, mask: HabitatMask, spec: ModelSpec, theta: np.ndarray) -> float:
    """Log L_i of every animal and of every pair as one animal; a sum over all matchings of them."""
    apart = survey_of(*(with_pairs(session, []) for session in survey.sessions))
    log_animal, _, number = every_term(build_problem(apart, mask, spec), theta)
    total, first = float(log_animal.sum() + number.sum()), 0
    for index, session in enumerate(survey.sessions):
        left, right = (np.flatnonzero(session.sides.side == which) for which in (1, 2))
        weight = np.zeros((len(left), len(right)))
        for i, j in np.ndindex(weight.shape):
            if not _may_be_one(session, left[i], right[j]):
                continue
            paired = list(apart.sessions)
            paired[index] = with_pairs(session, [(left[i], right[j])])
            terms = every_term(build_problem(survey_of(*paired), mask, spec), theta)[0]
            both = terms[first + left[i] - (right[j] < left[i])]  # in the left animal's place
            weight[i, j] = np.exp(both - log_animal[first + left[i]] - log_animal[first + right[j]])
        total += enumerated(weight)[0] - gammaln(np.array(n_of_sides(session)) + 1).sum()
        first += session.captures.n_individuals
    return float(total)


def _may_be_one(session: Session, left: int, right: int) -> bool:
    if "sex" not in session.captures.covariates:
        return True
    sexes = session.captures.covariates["sex"].iloc[[left, right]].dropna()
    return sexes.nunique() < 2


CASES = [
    (survey_of(some_session(3)), SPEC),
    (survey_of(some_session(4, with_sex=True)), ModelSpec(lambda0="~ side", sigma="~ sex")),
    (survey_of(some_session(5, n=7), some_session(6, n=8, name="2")), SPEC),
]


@pytest.mark.parametrize(("survey", "spec"), CASES, ids=["one", "sexes", "two sessions"])
def test_value_and_gradient__sums_over_every_matching(survey, spec):
    mask = some_mask()
    problem = build_problem(survey, mask, spec)
    theta = start_of(problem, mask)
    value, gradient = value_and_gradient(problem, theta)

    assert all(min(n_of_sides(session)[1:]) >= 2 for session in survey.sessions)
    assert value == pytest.approx(by_enumeration(survey, mask, spec, theta), rel=1e-10)
    for j in range(len(theta)):
        step = 1e-5 * np.eye(len(theta))[j]
        above, below = (value_and_gradient(problem, theta + s * step)[0] for s in (1, -1))
        assert gradient[j] == pytest.approx((above - below) / 2e-5, rel=1e-6, abs=1e-5)


def test_value_and_gradient__wide_pieces_are_approximated_from_below():
    survey, mask = CASES[0][0], some_mask()
    problem = build_problem(survey, mask, SPEC)
    theta = start_of(problem, mask)
    exact, rough = (value_and_gradient(with_widest(problem, w), theta)[0] for w in (14, 0))

    assert exact - 1.0 < rough < exact
    _, gradient = value_and_gradient(with_widest(problem, 0), theta)
    for j in range(len(theta)):
        step = 1e-4 * np.eye(len(theta))[j]
        above, below = (
            value_and_gradient(with_widest(problem, 0), theta + s * step)[0] for s in (1, -1)
        )
        assert gradient[j] == pytest.approx((above - below) / 2e-4, rel=1e-5, abs=1e-4)


def test_build_problem__complete_animals_have_the_likelihood_of_three_types_of_detectors():
    session = some_session(3)
    whole = with_pairs(session, [])
    survey, mask = survey_of(whole), some_mask()
    problem = build_problem(survey, mask, SPEC)
    theta = start_of(problem, mask)
    ordinary = build_problem(by_type(survey), mask, SPEC)

    assert value_and_gradient(problem, theta)[0] == value_and_gradient(ordinary, theta)[0]


@pytest.mark.parametrize(
    "spec",
    [
        ModelSpec(lambda0="~ 1"),
        ModelSpec(lambda0="~ side", number="conditional", density="~ 1"),
        ModelSpec(lambda0="~ side + b"),
    ],
    ids=["one rate", "conditional", "response"],
)
def test_build_problem__refuses_what_a_sum_over_matchings_does_not_hold_for(spec):
    with pytest.raises(FormulaError, match=r"side|flank"):
        build_problem(CASES[0][0], some_mask(), spec)


def test_log_likelihood__is_exact_and_warns_where_it_cannot_be(monkeypatch):
    survey, mask = CASES[0][0], some_mask()
    problem = build_problem(survey, mask, SPEC)
    theta = start_of(problem, mask)
    coefficients = dict(zip(problem.design.coefficient_names, theta, strict=True))
    exact = log_likelihood(survey, mask, SPEC, coefficients=coefficients)
    monkeypatch.setattr("scr.likelihood.problem._WIDEST", 1)
    with pytest.warns(ConvergenceWarning, match="estimated from 4,000 weighted matchings"):
        estimated = log_likelihood(survey, mask, SPEC, coefficients=coefficients)

    assert exact == pytest.approx(value_and_gradient(problem, theta)[0], rel=1e-12)
    assert estimated == pytest.approx(exact, abs=0.05)
    assert estimated != exact
