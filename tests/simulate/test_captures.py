"""Captures against closed forms and expectations."""

import math

import numpy as np
import pytest
from scipy.special import exp1

from scr.habitat.mask import HabitatMask
from scr.model.detection import detection_function
from scr.simulate.captures import DetectionParameters, simulate_captures
from scr.simulate.population import Population, simulate_population

EFFORT = np.array([[1.0, 0.0, 0.5, 2.0], [0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
N_ANIMALS = 20_000


def tally(hazard, effort, detector, seed):
    """Detections per (trap, occasion), and how many animals had each count there."""
    records = simulate_captures(
        np.broadcast_to(hazard, (N_ANIMALS, len(effort))),
        effort,
        detector=detector,
        rng=np.random.default_rng(seed),
    )
    total, present = np.zeros(effort.shape), np.zeros(effort.shape)
    np.add.at(total, (records.trap, records.occasion), records.count)
    np.add.at(present, (records.trap, records.occasion), 1)
    return records, total, present


def assert_frequencies(observed, probability):
    """Numbers out of N_ANIMALS within four standard errors of a binomial, exact at 0."""
    error = np.sqrt(N_ANIMALS * probability * (1 - probability))
    assert np.all(np.abs(observed - N_ANIMALS * probability) <= 4 * error)


def test_simulate_captures__proximity_is_one_minus_exp_of_hazard_and_effort():
    hazard = np.array([0.3, 0.8, 5.0])
    records, total, present = tally(hazard, EFFORT, "proximity", 1)
    assert np.array_equal(total, present)
    assert_frequencies(present, 1 - np.exp(-hazard[:, None] * EFFORT))
    assert records.count.max() == 1


def test_simulate_captures__proximity_occasions_are_independent():
    effort = np.ones((1, 2))
    records, _, _ = tally(np.array([0.7]), effort, "proximity", 2)
    n_caught = np.bincount(records.animal, minlength=N_ANIMALS)
    p = 1 - math.exp(-0.7)
    assert_frequencies((n_caught == 2).sum(), p * p)
    assert_frequencies((n_caught == 0).sum(), (1 - p) ** 2)


def test_simulate_captures__counts_are_poisson_of_hazard_and_effort():
    hazard = np.array([0.3, 0.8, 5.0])
    records, total, present = tally(hazard, EFFORT, "count", 3)
    mean = N_ANIMALS * hazard[:, None] * EFFORT
    assert np.all(np.abs(total - mean) <= 4 * np.sqrt(mean))
    assert_frequencies(present, 1 - np.exp(-hazard[:, None] * EFFORT))
    two = records.count[(records.trap == 1) & (records.occasion == 1)] == 2
    assert_frequencies(two.sum(), 0.8**2 / 2 * math.exp(-0.8))


def test_simulate_captures__binomial_counts_have_effort_as_size():
    effort = np.array([[3.0, 0.0, 5.0], [0.0, 1.0, 0.0]])
    hazard = np.array([0.4, 1.1])
    records, total, present = tally(hazard, effort, "binomial_count", 4)
    p = 1 - np.exp(-hazard[:, None])
    mean, variance = N_ANIMALS * effort * p, N_ANIMALS * effort * p * (1 - p)
    assert np.all(np.abs(total - mean) <= 4 * np.sqrt(variance))
    assert_frequencies(present, 1 - (1 - p) ** effort)
    assert np.all(records.count <= effort[records.trap, records.occasion])
    two = records.count[(records.trap == 0) & (records.occasion == 0)] == 2
    q = 1 - math.exp(-0.4)
    assert_frequencies(two.sum(), 3 * q**2 * (1 - q))


def test_simulate_captures__multi_catches_once_an_occasion_at_competing_traps():
    hazard = np.array([0.3, 0.8, 5.0])
    records, _, present = tally(hazard, EFFORT, "multi", 6)
    risk = hazard[:, None] * EFFORT
    total = risk.sum(axis=0)
    assert_frequencies(present, risk / total * (1 - np.exp(-total)))
    assert len(np.unique(np.stack([records.animal, records.occasion]), axis=1).T) == len(
        records.animal
    )


def test_simulate_captures__no_animals_give_no_records():
    for detector in ("proximity", "count", "binomial_count"):
        records = simulate_captures(
            np.zeros((0, 3)), EFFORT, detector=detector, rng=np.random.default_rng(5)
        )
        assert len(records.animal) == 0


def test_simulate_captures__undetectable_animals_are_never_caught():
    for detector in ("proximity", "count", "binomial_count"):
        records = simulate_captures(
            np.zeros((10, 3)), EFFORT, detector=detector, rng=np.random.default_rng(6)
        )
        assert len(records.animal) == 0


def test_simulate_captures__records_are_unique_and_sorted():
    records, _, _ = tally(np.array([0.3, 0.8, 5.0]), EFFORT, "count", 7)
    keys = np.stack([records.animal, records.occasion, records.trap], axis=1)
    assert np.array_equal(keys, np.unique(keys, axis=0))


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("half_normal", lambda d, g, s, z: -math.log(1 - g * math.exp(-(d**2) / (2 * s**2)))),
        ("exponential", lambda d, g, s, z: -math.log(1 - g * math.exp(-d / s))),
        (
            "hazard_rate",
            lambda d, g, s, z: -math.log(1 - g * (1 - (math.exp(-((d / s) ** -z)) if d else 0.0))),
        ),
        ("hazard_half_normal", lambda d, g, s, z: g * math.exp(-(d**2) / (2 * s**2))),
        ("hazard_exponential", lambda d, g, s, z: g * math.exp(-d / s)),
    ],
)
def test_hazard__follows_the_family_with_parameters_by_class_and_trap(name, formula):
    intensity = np.array([[0.1, 0.2], [0.3, 0.4]])
    sigma = np.array([[1000.0, 1500.0], [2000.0, 2500.0]])
    z = np.array([[2.0, 2.5], [3.0, 3.5]])
    detection = DetectionParameters(detection_function(name), intensity, sigma, z)
    population = Population(
        xy=np.array([[0.0, 0.0], [300.0, 400.0]]),
        cell=np.array([0, 1]),
        class_=np.array([1, 0]),
    )
    distance = [[0.0, 1000.0], [500.0, math.hypot(300, 600)]]
    hazard = detection.hazard(population, np.array(distance))

    expected = [
        [formula(distance[i][k], intensity[u, k], sigma[u, k], z[u, k]) for k in range(2)]
        for i, u in enumerate((1, 0))
    ]
    assert hazard == pytest.approx(np.array(expected), rel=1e-12)


@pytest.mark.parametrize("detector", ["proximity", "count"])
def test_simulate_captures__one_trap_catches_density_times_closed_form_area(detector):
    # On an open plane esa = 2 pi sigma^2 Ein(h), h = lambda0 * effort,
    # Ein(h) = E1(h) + ln h + gamma; the expected number of events is D * 2 pi sigma^2 * h.
    sigma, lambda0, density = 1000.0, 0.05, 40.0
    effort = np.full((1, 30), 1.0)
    axis = np.arange(-6750.0, 7000.0, 500.0)
    x, y = np.meshgrid(axis, axis)
    mask = HabitatMask(
        xy=np.column_stack([x.ravel(), y.ravel()]), cell_area=0.25, crs="local", spacing=500.0
    )
    one = np.ones((1, 1))
    detection = DetectionParameters(
        detection_function("hazard_half_normal"), lambda0 * one, sigma * one, one
    )
    rng = np.random.default_rng(8)
    n_caught, n_events, n_repeats = 0, 0, 40
    for _ in range(n_repeats):
        population = simulate_population(
            mask, np.full((1, len(mask)), np.log(density)), share=np.ones(1), rng=rng
        )
        hazard = detection.hazard(population, np.hypot(*population.xy.T)[:, None])
        records = simulate_captures(hazard, effort, detector=detector, rng=rng)
        n_caught += len(np.unique(records.animal))
        n_events += records.count.sum()

    h = lambda0 * 30
    area = 2 * np.pi * (exp1(h) + np.log(h) + np.euler_gamma)
    expected = n_repeats * density * area
    assert n_caught == pytest.approx(expected, abs=4 * np.sqrt(expected))
    if detector == "count":
        events = n_repeats * density * 2 * np.pi * h
        spread = np.sqrt(events * (1 + h))  # Poisson mixed over centres: variance < mean (1 + h)
        assert n_events == pytest.approx(events, abs=4 * spread)
