import numpy as np
import pytest

import scr
from scr.fit.labellings import class_means, parameters_by_class, relabellings
from scr.likelihood.problem import build_problem


@pytest.fixture(scope="module")
def design(two_sessions, by_sex):
    return build_problem(*two_sessions, by_sex).design


def test_relabellings__classes_get_each_others_parameters_and_shares(design):
    theta = np.random.default_rng(1).normal(0, 0.5, design.n_coefficients)
    (other,) = relabellings(design, theta)

    before, after = design.arrays(theta), design.arrays(other)
    for session in range(2):
        for levels, name in ((design.intensity, "intensity"), (design.shape, "sigma")):
            of_class = levels.of_session[session]
            old, new = (getattr(arrays, name)[of_class] for arrays in (before, after))
            np.testing.assert_allclose(new, old[::-1], rtol=1e-10)
        old, new = before.log_share[session], after.log_share[session]
        np.testing.assert_allclose(new, old[::-1], rtol=1e-10)
    np.testing.assert_array_equal(after.log_density[1], before.log_density[1])


def test_relabellings__twice_is_where_it_began(design):
    theta = np.random.default_rng(2).normal(0, 0.5, design.n_coefficients)
    (there,) = relabellings(design, theta)
    (back,) = relabellings(design, there)
    np.testing.assert_allclose(back, theta, atol=1e-10)


def test_relabellings__likelihood_is_the_same_where_no_sex_is_known_but_two(two_sessions):
    # Without the animals of known sex, labels would not matter at all: the likelihood changes by
    # the terms of these alone.
    survey, mask = two_sessions
    spec = scr.ModelSpec(lambda0="~ sex", sigma="~ sex", share="~ session")
    problem = build_problem(survey, mask, spec)
    theta = np.array([0.3, -2.4, 0.4, 6.2, 0.3, -0.3, 0.2])
    (other,) = relabellings(problem.design, theta)
    terms = [scr.fit.pointwise.terms_of_many(problem, point[None]) for point in (theta, other)]
    unknown = np.concatenate([data.animals.allowed.all(axis=1) for data in problem.sessions])
    assert 0 < unknown.sum() < len(unknown)
    one, two = (term.log_animal[0] for term in terms)
    np.testing.assert_allclose(one[unknown], two[unknown], rtol=1e-8)
    assert (np.abs(one - two)[~unknown] > 1e-3).all()
    np.testing.assert_allclose(terms[0].expected, terms[1].expected, rtol=1e-8)


def test_relabellings__there_is_none_without_classes(small):
    design = build_problem(*small, scr.ModelSpec()).design
    assert relabellings(design, np.zeros(3)) == []


def test_relabellings__without_intercept_the_coefficients_change_places(two_sessions):
    spec = scr.ModelSpec(lambda0="~ 0 + sex", sigma="~ sex")
    design = build_problem(*two_sessions, spec).design
    theta = np.array([0.3, -2.4, -2.0, 6.2, 0.3, -0.3])
    (other,) = relabellings(design, theta)
    np.testing.assert_allclose(other, [0.3, -2.0, -2.4, 6.5, -0.3, 0.3], atol=1e-10)


def test_class_means__average_the_linear_predictor(design):
    names = design.coefficient_names
    theta = np.zeros(len(names))
    theta[names.index("sigma.Intercept")] = 6.0
    theta[names.index("sigma.sex[T.M]")] = 0.5
    theta[names.index("sigma.camera[T.old]")] = -0.2  # half of the cameras
    np.testing.assert_allclose(class_means(design, theta, "sigma"), [5.9, 6.4])
    assert parameters_by_class(design) == ["sigma", "lambda0"]
