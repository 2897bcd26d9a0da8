import numpy as np
import pytest
from scipy.stats import poisson

from scr.likelihood.reference import history_log_probability, p_dot
from scr.model.spec import ModelSpec
from scr.posterior.realised import (
    add_centres,
    conditional_mean,
    expected_missed,
    moments_over_draws,
    realised_draws,
)

BY_SEX = ModelSpec(density="~ x", lambda0="~ sex", sigma="~ sex")
THETA = np.array([np.log(0.3), 0.0002, np.log(0.1), 0.4, np.log(1200.0), 0.3, -0.4])


@pytest.fixture
def fit(make_fit, make_mask, sexed_session):
    return make_fit(sexed_session, make_mask(7, 6), BY_SEX, draws=np.tile(THETA, (3000, 1)))


def brute_force(fit, theta):
    """Probabilities of class and cell of each animal, and expected numbers missed."""
    design, (data,) = fit.problem.design, fit.problem.sessions
    arrays = design.arrays(theta)
    area, family = data.cell_area, fit.spec.family
    weight = np.exp(arrays.log_density[0] + arrays.log_share[0][:, None]) * area
    centres = []
    for animal in range(data.n_animals):
        log_history = history_log_probability(data, arrays, family, animal=animal)
        joint = weight * np.exp(log_history) * data.animals.allowed[animal][:, None]
        centres.append(joint / joint.sum())
    missed = (weight * (1 - p_dot(data, arrays, family))).sum(axis=0)
    return np.array(centres), missed


def test_expected_missed__equals_the_sum_over_classes_by_the_plain_likelihood(fit):
    _, missed = brute_force(fit, THETA)
    np.testing.assert_allclose(expected_missed(fit, THETA)[0], missed, rtol=1e-9)


def test_conditional_mean__equals_summed_centre_probabilities_and_the_missed(fit):
    centres, missed = brute_force(fit, THETA)
    np.testing.assert_allclose(
        conditional_mean(fit, THETA)[0], centres.sum(axis=(0, 1)) + missed, rtol=1e-8
    )


def test_moments_over_draws__are_those_given_the_coefficients_where_draws_are_equal(fit):
    centres, missed = brute_force(fit, THETA)
    p = centres.sum(axis=1)  # (n_animals, n_cells)
    (mean,), (sd,) = moments_over_draws(fit, fit.draws)
    np.testing.assert_allclose(mean, p.sum(axis=0) + missed, rtol=1e-8)
    np.testing.assert_allclose(sd**2, (p * (1 - p)).sum(axis=0) + missed, rtol=1e-8)


def test_moments_over_draws__add_the_variance_between_draws(fit):
    # Two draws of the coefficients: the number is a mixture of two, in equal parts.
    thetas = np.stack([THETA, THETA + np.array([0.5, 0, 0.3, 0, -0.2, 0, 0])])
    (mean,), (sd,) = moments_over_draws(fit, thetas)
    each = [brute_force(fit, theta) for theta in thetas]
    means = np.array([centres.sum(axis=(0, 1)) + missed for centres, missed in each])
    within = np.mean(
        [(c.sum(axis=1) * (1 - c.sum(axis=1))).sum(axis=0) + missed for c, missed in each],
        axis=0,
    )
    np.testing.assert_allclose(mean, means.mean(axis=0), rtol=1e-8)
    np.testing.assert_allclose(sd**2, within + means.var(axis=0, ddof=1), rtol=1e-8)


def test_moments_over_draws__are_those_of_the_counts_drawn(fit):
    thetas = THETA + np.random.default_rng(3).normal(0, 0.1, (4000, 7)) * np.array(
        [1, 0, 1, 1, 1, 1, 1]
    )
    counts = realised_draws(fit, thetas, np.random.default_rng(4)).counts(0)
    (mean,), (sd,) = moments_over_draws(fit, thetas)
    total_error = 5 * counts.std(axis=0) / np.sqrt(4000) + 5 * mean * 0.25 / np.sqrt(100)
    assert (np.abs(mean - counts.mean(axis=0)) < total_error).all()
    # The variance of a count of 0 or 1 is known about as well as its mean, from 4,000 draws.
    assert np.median(np.abs(sd**2 / counts.var(axis=0) - 1)) < 0.08
    assert (np.abs(sd - counts.std(axis=0)) < 0.25 * sd + 0.01).all()


def test_realised_draws__centres_and_classes_follow_their_joint_probability(fit):
    centres, _ = brute_force(fit, THETA)
    draws = realised_draws(fit, fit.draws, np.random.default_rng(5))
    n_draws = len(fit.draws)
    for animal in range(3):
        cell, class_ = draws.centres[0][:, animal], draws.classes[0][:, animal]
        found = np.zeros(centres.shape[1:])
        np.add.at(found, (class_, cell), 1 / n_draws)
        error = np.sqrt(centres[animal] * (1 - centres[animal]) / n_draws)
        assert (np.abs(found - centres[animal]) <= 5 * error + 1e-9).all()


def test_realised_draws__animals_missed_are_poisson_and_apart_from_those_caught(fit):
    _, missed = brute_force(fit, THETA)
    draws = realised_draws(fit, fit.draws, np.random.default_rng(6))
    total = draws.missed[0].sum(axis=1)
    error = np.sqrt(missed.sum() / len(total))
    assert total.mean() == pytest.approx(missed.sum(), abs=4 * error)
    assert total.var() == pytest.approx(missed.sum(), rel=0.12)
    at_most = poisson.cdf(4, missed.sum())
    assert (total <= 4).mean() == pytest.approx(at_most, abs=4 * np.sqrt(0.25 / len(total)))


def test_realised_draws__cells_sum_to_the_caught_and_the_missed_in_every_draw(fit):
    draws = realised_draws(fit, fit.draws[:50], np.random.default_rng(7))
    np.testing.assert_array_equal(draws.counts(0).sum(axis=1), 3 + draws.missed[0].sum(axis=1))


def test_realised_draws__the_same_seed_gives_the_same_draws(fit):
    one, two = (realised_draws(fit, fit.draws[:20], np.random.default_rng(8)) for _ in range(2))
    np.testing.assert_array_equal(one.counts(0), two.counts(0))


def test_add_centres__counts_animals_that_share_a_cell():
    counts = add_centres(np.zeros((2, 3), dtype=np.int32), np.array([[0, 0], [1, 2]]))
    assert counts.tolist() == [[2, 0, 0], [0, 1, 1]]
