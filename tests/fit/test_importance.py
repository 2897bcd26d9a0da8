import numpy as np
import pytest

from scr.fit.importance import at_peak, fit_mixture, resample, sample_about_modes


def banana(bend):
    """x standard normal, y normal about bend (x^2 - 1): sd 1 and sqrt(1 + 2 bend^2), means 0."""

    def log_densities(points):
        x, y = points.T
        return -0.5 * (x**2 + (y - bend * (x**2 - 1)) ** 2)

    return log_densities


def sample_about_mode(log_densities, mode, vcov, *, draws, rng):
    return sample_about_modes(log_densities, (at_peak(mode, vcov),), draws=draws, rng=rng)


def moments(weighted):
    weight = np.exp(weighted.log_weight)
    mean = weight @ weighted.points
    return mean, np.sqrt(weight @ (weighted.points - mean) ** 2)


def test_sample_about_mode__normal_needs_one_round():
    rng = np.random.default_rng(1)

    weighted = sample_about_mode(banana(0.0), np.zeros(2), np.eye(2), draws=4000, rng=rng)

    assert weighted.n_rounds == 1
    assert weighted.k_hat < 0.5
    assert weighted.effective > 3000
    mean, sd = moments(weighted)
    error = 4 / np.sqrt(weighted.effective)
    np.testing.assert_allclose(mean, 0.0, atol=error)
    np.testing.assert_allclose(sd, 1.0, atol=error)


def test_sample_about_mode__refits_where_the_mode_says_too_little():
    bend = 1.0
    results = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        mode = np.array([0.0, -bend])
        results.append(sample_about_mode(banana(bend), mode, np.eye(2), draws=4000, rng=rng))

    assert max(weighted.n_rounds for weighted in results) > 1
    assert np.median([weighted.k_hat for weighted in results]) < 0.7
    mean, sd = np.mean([moments(weighted) for weighted in results], axis=0)
    np.testing.assert_allclose(mean, 0.0, atol=0.1)
    np.testing.assert_allclose(sd, [1.0, np.sqrt(1 + 2 * bend**2)], rtol=0.1)


def test_sample_about_mode__proposals_that_will_not_do_cost_a_thousand_draws():
    asked = []

    def log_densities(points):
        asked.append(len(points))
        return banana(1.0)(points)

    rng = np.random.default_rng(1)
    weighted = sample_about_mode(
        log_densities, np.array([0.0, -1.0]), np.eye(2), draws=4000, rng=rng
    )

    assert weighted.n_rounds > 1
    assert asked[0] == 1000
    assert sum(asked) == len(weighted.points) == len(weighted.log_density)
    np.testing.assert_array_equal(weighted.log_density, banana(1.0)(weighted.points))


def test_sample_about_mode__estimates_a_normal_although_rounds_differ_in_size(monkeypatch):
    # A first proposal twice too narrow is refitted: 1,000 of its draws and 8,000 of the next.
    monkeypatch.setattr("scr.fit.importance._MOST_ROUNDS", 2)
    errors, widths = [], []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        weighted = sample_about_mode(
            banana(0.0), np.full(2, 0.5), 0.04 * np.eye(2), draws=8000, rng=rng
        )
        assert len(weighted.points) == 9000
        mean, sd = moments(weighted)
        errors.append(mean)
        widths.append(sd)

    np.testing.assert_allclose(np.mean(errors, axis=0), 0.0, atol=0.05)
    np.testing.assert_allclose(np.mean(widths, axis=0), 1.0, atol=0.05)


def test_sample_about_mode__points_out_of_the_domain_have_no_weight():
    # Half normal: x > 0 only, mean sqrt(2 / pi).
    def log_densities(points):
        return np.where(points[:, 0] > 0, -0.5 * points[:, 0] ** 2, -np.inf)

    rng = np.random.default_rng(2)
    weighted = sample_about_mode(log_densities, np.zeros(1), np.eye(1), draws=8000, rng=rng)

    assert (weighted.log_weight[weighted.points[:, 0] <= 0] == -np.inf).all()
    assert moments(weighted)[0][0] == pytest.approx(np.sqrt(2 / np.pi), abs=0.03)


def test_resample__keeps_the_weighted_mean_and_repeats_by_seed():
    rng = np.random.default_rng(3)
    weighted = sample_about_mode(banana(0.3), np.array([0.0, -0.3]), np.eye(2), draws=4000, rng=rng)

    chosen = resample(weighted, 4000, np.random.default_rng(4))
    again = resample(weighted, 4000, np.random.default_rng(4))

    draws = weighted.points[chosen]
    np.testing.assert_array_equal(chosen, again)
    np.testing.assert_allclose(draws.mean(axis=0), moments(weighted)[0], atol=0.01)
    np.testing.assert_array_equal(weighted.log_density[chosen], banana(0.3)(draws))


def test_fit_mixture__finds_two_clusters():
    rng = np.random.default_rng(5)
    centres = np.array([[-6.0, 0.0], [6.0, 2.0]])
    points = centres[rng.integers(0, 2, 4000)] + rng.standard_normal((4000, 2))

    components = fit_mixture(points, np.full(4000, 1 / 4000), np.eye(2))

    means = np.array([component.mean for component in components])
    for centre in centres:
        assert np.linalg.norm(means - centre, axis=1).min() < 1.0
    assert sum(component.weight for component in components) == pytest.approx(0.85)
