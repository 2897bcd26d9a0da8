"""Animals seen at least twice: their probability by closed form, enumeration and simulation."""

from itertools import product

import numpy as np
import pytest
from scipy.special import exp1, gammaln

import scr
from scr.likelihood.problem import build_problem, value_and_gradient
from scr.likelihood.reference import history_log_probability
from scr.likelihood.seen_once import (
    beyond_ordinary,
    expected_twice,
    require_seen_once,
    seen_none_and_once,
)
from scr.simulate.surveys import plan_survey
from scr.survey.captures import CaptureHistory
from scr.survey.usage import Usage

THETA = np.log([0.5, 0.3, 600.0])
TRUTH = {
    "density.Intercept": float(np.log(0.5)),
    "lambda0.Intercept": float(np.log(0.3)),
    "sigma.Intercept": float(np.log(600.0)),
}


def planned(detector="proximity", *, n_traps=2, effort=None, buffer=3000, spacing=250):
    xy = np.array([[0.0, 0.0], [800.0, 0.0], [0.0, 900.0]])[:n_traps]
    traps = scr.Traps(names=[f"T{k}" for k in range(n_traps)], xy=xy, crs="local")
    effort = np.ones((n_traps, 2)) if effort is None else effort
    mask = scr.build_mask(traps, buffer=buffer, spacing=spacing)
    return plan_survey(traps, Usage(effort), detector=detector), mask


def with_captures(survey, records):
    """The survey with animals of given records (animal, occasion, trap, count)."""
    session = survey.sessions[0]
    animal, occasion, trap, count = np.array(records).reshape(-1, 4).T
    captures = CaptureHistory(
        individuals=[f"A{k}" for k in range(animal.max() + 1)],
        individual=animal,
        occasion=occasion,
        trap=trap,
        count=count,
    )
    return scr.Survey(
        (type(session)(session.name, session.traps, session.usage, captures),), survey.detector
    )


@pytest.mark.parametrize("effort", [np.ones((2, 2)), np.array([[1.0, 2.5], [0.0, 1.5]])])
def test_expected_twice__is_the_sum_over_all_histories_of_two_detections_or_more(effort):
    plan, mask = planned(effort=effort)
    places = [(s, k) for s, k in product(range(2), range(2)) if effort[k, s] > 0]
    histories = [
        [place for place, seen in zip(places, flags, strict=True) if seen]
        for flags in product([0, 1], repeat=len(places))
    ]
    histories = [history for history in histories if len(history) > 1]
    records = [(i, s, k, 1) for i, history in enumerate(histories) for s, k in history]
    problem = build_problem(with_captures(plan, records), mask, scr.ModelSpec())
    arrays = problem.design.arrays(THETA)
    data = problem.sessions[0]
    pr = sum(
        np.exp(history_log_probability(data, arrays, problem.design.spec.family, animal=i))
        for i in range(len(histories))
    )
    expected = 0.5 * float((pr * data.cell_area).sum())
    assert expected_twice(problem, THETA)[1] == pytest.approx([expected], rel=1e-10)


def test_expected_twice__counts_at_one_trap_match_the_closed_form():
    # h = h0 exp(-d^2 / 2 s^2) over the plane: the area seen twice or more is 2 pi s^2 times the
    # integral of (1 - e^-h - h e^-h) / h from 0 to h0, which is Ein(h0) - (1 - e^-h0).
    days = 4.0
    plan, mask = planned("count", n_traps=1, effort=np.array([[days]]), buffer=6000, spacing=100)
    survey = with_captures(plan, [(0, 0, 0, 2)])
    h0 = 0.3 * days
    ein = exp1(h0) + np.log(h0) + np.euler_gamma
    area = 2 * np.pi * 0.6**2 * (ein - (1 - np.exp(-h0)))
    problem = build_problem(survey, mask, scr.ModelSpec())
    assert expected_twice(problem, THETA)[1] == pytest.approx([0.5 * area], rel=1e-6)


@pytest.mark.parametrize("detector", ["proximity", "count", "binomial_count", "multi"])
def test_expected_twice__is_what_simulated_surveys_bring(detector):
    effort = np.array([[1.0, 2.0, 1.0], [1.0, 1.0, 1.0], [2.0, 0.0, 1.0]])
    plan, mask = planned(detector, n_traps=3, effort=effort)
    truth = TRUTH | {"density.Intercept": float(np.log(200.0))}
    survey, animals = scr.simulate_survey(
        plan, mask, scr.ModelSpec(), coefficients=truth, seed=3, centres="cell_centre"
    )
    problem = build_problem(survey, mask, scr.ModelSpec())
    _, twice, living = expected_twice(problem, np.log([200.0, 0.3, 600.0]))
    seen = int((animals.animals["n_detections"] >= 2).sum())
    assert seen == pytest.approx(twice[0], abs=3.5 * twice[0] ** 0.5)
    assert len(animals.animals) == pytest.approx(living[0], abs=3.5 * living[0] ** 0.5)


def test_beyond_ordinary__makes_the_likelihood_of_animals_seen_twice():
    plan, mask = planned()
    records = [(0, 0, 0, 1), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 1, 1)]
    problem = build_problem(with_captures(plan, records), mask, scr.ModelSpec())
    arrays, data = problem.design.arrays(THETA), problem.sessions[0]
    log_l = [
        np.log(
            (
                np.exp(history_log_probability(data, arrays, problem.design.spec.family, animal=i))
                * 0.5
                * data.cell_area
            ).sum()
        )
        for i in range(2)
    ]
    twice = expected_twice(problem, THETA)[1][0]
    found = value_and_gradient(problem, THETA)[0] + beyond_ordinary(problem, THETA)
    assert found == pytest.approx(-twice + sum(log_l) - gammaln(3), rel=1e-9)


def test_seen_none_and_once__sexes_and_occasions_have_their_own():
    plan, mask = planned()
    survey = with_captures(plan, [(0, 0, 0, 1), (0, 1, 1, 1)])
    by_day = build_problem(survey, mask, scr.ModelSpec(lambda0="~ T"))
    theta = np.array([np.log(0.5), np.log(0.3), 0.7, np.log(600.0)])
    ((none, once),) = seen_none_and_once(by_day, theta)
    data = by_day.sessions[0]
    away = np.hypot(*(data.point_xy[:, None, :] - data.cell_xy).transpose(2, 0, 1))
    h = 0.3 * np.exp(-(away**2) / (2 * 600.0**2))
    p = [-np.expm1(-h * np.exp(0.7 * t)) for t in (0, 1)]
    q = np.concatenate([1 - p[0], 1 - p[1]])
    assert none[0] == pytest.approx(q.prod(axis=0), rel=1e-9)
    assert once[0] == pytest.approx((q.prod(axis=0) * ((1 - q) / q).sum(axis=0)), rel=1e-9)


def test_require_seen_once__refuses_learned_responses_in_words():
    plan, mask = planned()
    survey = with_captures(plan, [(0, 0, 0, 1), (0, 1, 1, 1)])
    problem = build_problem(survey, mask, scr.ModelSpec(lambda0="~ b"))
    with pytest.raises(scr.ScrError, match="answers to earlier captures"):
        require_seen_once(problem)
