import numpy as np
import pytest

import scr
from scr.fit.pointwise import distinct_terms, joined, log_likelihoods, terms_of_many
from scr.likelihood.problem import animal_terms, value_and_gradient


@pytest.fixture
def drawn(two_sessions, by_sex):
    fit = scr.fit_laplace(*two_sessions, by_sex, draws=300, check_mask=False)
    return fit.problem, fit.draws


def test_log_likelihoods__are_those_of_value_and_gradient(drawn):
    problem, draws = drawn

    found = log_likelihoods(problem, terms_of_many(problem, draws, n_threads=2))

    expected = [value_and_gradient(problem, theta)[0] for theta in draws]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_log_likelihoods__coefficients_beyond_reason_are_impossible(drawn):
    problem, draws = drawn
    absurd = np.full((1, draws.shape[1]), 800.0)

    assert log_likelihoods(problem, terms_of_many(problem, absurd)).tolist() == [-np.inf]


def test_distinct_terms__draws_that_repeat_keep_their_places(drawn):
    problem, draws = drawn
    draws = draws[[3, 0, 3, 1, 0, 2]]

    found = distinct_terms(problem, draws)

    for theta, log_animal, expected in zip(draws, found.log_animal, found.expected, strict=True):
        of_animals, of_sessions = animal_terms(problem, theta)
        np.testing.assert_array_equal(log_animal, of_animals)
        np.testing.assert_array_equal(expected, of_sessions)


def test_joined__lots_evaluated_apart_are_those_evaluated_together(drawn):
    problem, draws = drawn
    whole = terms_of_many(problem, draws)

    found = joined([terms_of_many(problem, draws[:7]), terms_of_many(problem, draws[7:])])

    np.testing.assert_array_equal(found.log_animal, whole.log_animal)
    np.testing.assert_array_equal(found.expected, whole.expected)
