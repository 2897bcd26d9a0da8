"""The plain likelihood against closed forms and against sums over whole histories."""

from dataclasses import dataclass, replace
from math import factorial

import numpy as np
import pytest
from scipy.special import comb, exp1
from scipy.stats import binom, poisson

from scr.likelihood import reference
from scr.likelihood.data import Animals, Detections, Exposures, LikelihoodData
from scr.model.arrays import ModelArrays
from scr.model.detection import detection_function

FAMILIES = [
    "half_normal",
    "exponential",
    "hazard_rate",
    "hazard_half_normal",
    "hazard_exponential",
    "hazard_variable_power",
]
RECORDS = ["binary", "poisson", "binomial"]


def exposures_of(rows):
    """Exposures from rows (class, point, effort, intensity, shape), all of pattern 0."""
    columns = np.array(rows, dtype=float).reshape(-1, 5).T
    class_, point, effort, intensity, shape = columns
    return Exposures(
        pattern=np.zeros(len(effort), dtype=np.int64),
        class_=class_.astype(np.int64),
        point=point.astype(np.int64),
        effort=effort,
        intensity=intensity.astype(np.int64),
        shape=shape.astype(np.int64),
        group=np.full(len(effort), -1),
    )


def detections_of(rows):
    """Detections from rows (animal, class, point, count, effort, intensity, shape)."""
    columns = np.array(sorted(rows), dtype=float).reshape(-1, 7).T
    animal, class_, point, count, effort, intensity, shape = columns
    return Detections(
        animal=animal.astype(np.int64),
        class_=class_.astype(np.int64),
        point=point.astype(np.int64),
        count=count,
        effort=effort,
        intensity=intensity.astype(np.int64),
        shape=shape.astype(np.int64),
        occasion_group=np.zeros(len(count), dtype=np.int64),
    )


def animals_of(allowed, constant):
    n = len(allowed)
    return Animals(
        pattern=np.zeros(n, dtype=np.int64),
        allowed=np.asarray(allowed, dtype=bool),
        group=np.zeros(n, dtype=np.int64),
        individual=np.arange(n),
        constant=np.asarray(constant, dtype=float),
    )


@dataclass
class TinySession:
    """A survey small enough to sum over every history record by record."""

    trap_xy: np.ndarray  # (n_traps, 2)
    cell_xy: np.ndarray  # (n_cells, 2)
    area: np.ndarray  # (n_cells,)
    effort: np.ndarray  # (n_traps, n_occasions)
    counts: np.ndarray  # (n_animals, n_traps, n_occasions)
    allowed: np.ndarray  # (n_animals, n_classes)


def tiny_session(records, n_classes, *, n_animals, seed):
    rng = np.random.default_rng(seed)
    effort = np.array([[1.0, 2.0, 0.0, 3.0], [0.0, 2.0, 4.0, 1.0], [3.0, 1.0, 1.0, 2.0]])
    if records != "binomial":
        effort = effort * np.array([0.7, 1.0, 1.3, 2.1])
    counts = rng.poisson(0.6, (n_animals, *effort.shape))
    counts[:, 0, 0] = 1  # every animal is detected
    counts[:, effort == 0] = 0
    if records == "binary":
        counts = np.minimum(counts, 1)
    elif records == "binomial":
        counts = np.minimum(counts, effort.astype(int))
    allowed = np.eye(n_classes, dtype=bool)[rng.integers(0, n_classes, n_animals)]
    allowed[: n_animals // 2] = True  # class unknown
    return TinySession(
        trap_xy=np.array([[0.0, 0.0], [800.0, 200.0], [300.0, 900.0]]),
        cell_xy=rng.uniform(-1500, 2000, (6, 2)),
        area=rng.uniform(0.5, 1.5, 6),
        effort=effort,
        counts=counts,
        allowed=allowed,
    )


def likelihood_data(tiny, records, *, first_intensity=0):
    """One exposure per class, trap and occasion; lambda0 by class and occasion, sigma by class."""
    n_classes = tiny.allowed.shape[1]
    n_occasions = tiny.effort.shape[1]

    def intensity(class_, occasion):
        return first_intensity + class_ * n_occasions + occasion

    exposures = exposures_of(
        [
            (u, k, tiny.effort[k, o], intensity(u, o), u)
            for u in range(n_classes)
            for k, o in np.argwhere(tiny.effort > 0)
        ]
    )
    detections = detections_of(
        [
            (
                i,
                u,
                k,
                tiny.counts[i, k, o],
                tiny.effort[k, o] if records == "binary" else 1.0,
                intensity(u, o),
                u,
            )
            for i, k, o in np.argwhere(tiny.counts > 0)
            for u in np.flatnonzero(tiny.allowed[i])
        ]
    )
    constant = np.zeros(len(tiny.counts))
    if records == "poisson":
        for i, k, o in np.argwhere(tiny.counts > 0):
            y = tiny.counts[i, k, o]
            constant[i] += y * np.log(tiny.effort[k, o]) - np.log(float(factorial(y)))
    return LikelihoodData(
        point_xy=tiny.trap_xy,
        cell_xy=tiny.cell_xy,
        cell_area=tiny.area,
        grid=None,
        spacing=None,
        exposures=exposures,
        detections=detections,
        animals=animals_of(tiny.allowed, constant),
        records=records,
        n_classes=n_classes,
    )


def hazard(family, distance, intensity, sigma, z):
    """Hazard per day, written out again."""
    if family.endswith("half_normal"):
        k = np.exp(-(distance**2) / (2 * sigma**2))
    elif family.endswith("exponential"):
        k = np.exp(-distance / sigma)
    elif family.endswith("variable_power"):
        k = np.exp(-((distance / sigma) ** z))
    else:
        k = 1 - np.exp(-((distance / sigma) ** -z))
    if family.startswith("hazard_") and family != "hazard_rate":
        return intensity * k
    return -np.log(1 - intensity * k)


def brute_force(tiny, records, family, *, intensity, sigma, z, density, share):
    """Log-likelihood of one session, by a product over every trap and occasion."""
    n_animals, n_traps, n_occasions = tiny.counts.shape
    n_cells, n_classes = len(tiny.area), len(share)
    detected, animal = 0.0, np.zeros(n_animals)
    for u in range(n_classes):
        for m in range(n_cells):
            never, history = 1.0, np.ones(n_animals)
            for k in range(n_traps):
                distance = np.sqrt(((tiny.cell_xy[m] - tiny.trap_xy[k]) ** 2).sum())
                for o in range(n_occasions):
                    effort, y = tiny.effort[k, o], tiny.counts[:, k, o]
                    h = hazard(family, distance, intensity[u, o], sigma[u], z[u])
                    if records == "binary":
                        law, coefficient = binom(1, 1 - np.exp(-h * effort)), 1
                    elif records == "poisson":
                        law, coefficient = poisson(h * effort), 1
                    else:
                        law, coefficient = binom(effort, 1 - np.exp(-h)), comb(effort, y)
                    never *= law.pmf(0)
                    history *= law.pmf(y) / coefficient
            animals_here = share[u] * density[u, m] * tiny.area[m]
            detected += animals_here * (1 - never)
            animal += animals_here * history * tiny.allowed[:, u]
    return -detected + np.log(animal).sum() - np.log(float(factorial(n_animals)))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("records", RECORDS)
@pytest.mark.parametrize("n_classes", [1, 2])
def test_log_likelihood__equals_product_over_whole_histories(family, records, n_classes):
    rng = np.random.default_rng(11)
    tinies = [
        tiny_session(records, n_classes, n_animals=n, seed=seed) for n, seed in [(4, 1), (0, 2)]
    ]
    intensity = rng.uniform(0.05, 0.4, (2, n_classes, 4))  # by session, class, occasion
    sigma, z = rng.uniform(500, 1200, n_classes), rng.uniform(2, 4, n_classes)
    density = rng.uniform(0.5, 3, (2, n_classes, 6))
    share = rng.dirichlet(np.ones(n_classes), 2)
    arrays = ModelArrays(
        log_density=tuple(np.log(density)),
        intensity=intensity.reshape(-1),
        sigma=sigma,
        z=z,
        log_share=np.log(share),
    )
    sessions = [
        likelihood_data(tiny, records, first_intensity=s * 4 * n_classes)
        for s, tiny in enumerate(tinies)
    ]

    value = reference.log_likelihood(sessions, arrays, detection_function(family))

    expected = sum(
        brute_force(
            tiny,
            records,
            family,
            intensity=intensity[s],
            sigma=sigma,
            z=z,
            density=density[s],
            share=share[s],
        )
        for s, tiny in enumerate(tinies)
    )
    assert value == pytest.approx(expected, rel=1e-12)


def one_trap_on_a_plane(cell_xy, cell_area, effort):
    return LikelihoodData(
        point_xy=np.zeros((1, 2)),
        cell_xy=cell_xy,
        cell_area=cell_area,
        grid=None,
        spacing=None,
        exposures=exposures_of([(0, 0, effort, 0, 0)]),
        detections=detections_of([]),
        animals=animals_of(np.zeros((0, 1)), []),
        records="binary",
    )


def arrays_of(n_cells, *, intensity, sigma, z=1.0, log_density=0.0):
    return ModelArrays(
        log_density=(np.full((1, n_cells), log_density),),
        intensity=np.array([intensity]),
        sigma=np.array([sigma]),
        z=np.array([z]),
        log_share=np.zeros((1, 1)),
    )


@pytest.mark.parametrize(("lambda0", "effort"), [(0.05, 30.0), (0.002, 10.0), (0.5, 100.0)])
def test_p_dot__one_trap_on_an_open_plane_matches_closed_form(lambda0, effort):
    # a = 2 pi sigma^2 Ein(h), h = lambda0 * effort, Ein(h) = E1(h) + ln h + gamma.
    sigma, step = 1000.0, 200.0
    axis = np.arange(-10 * sigma + step / 2, 10 * sigma, step)
    x, y = np.meshgrid(axis, axis)
    cell_xy = np.stack([x.ravel(), y.ravel()], axis=1)
    area = np.full(len(cell_xy), (step / 1000) ** 2)
    data = one_trap_on_a_plane(cell_xy, area, effort)

    p_dot = reference.p_dot(
        data,
        arrays_of(len(area), intensity=lambda0, sigma=sigma),
        detection_function("hazard_half_normal"),
    )

    h = lambda0 * effort
    expected = 2 * np.pi * (sigma / 1000) ** 2 * (exp1(h) + np.log(h) + np.euler_gamma)
    assert float(p_dot[0] @ area) == pytest.approx(expected, rel=1e-9)


def test_expected_detected__is_density_times_effective_area():
    axis = np.arange(-3000.0, 3001.0, 500.0)
    cell_xy = np.stack([grid.ravel() for grid in np.meshgrid(axis, axis)], axis=1)
    area = np.full(len(cell_xy), 0.25)
    data = one_trap_on_a_plane(cell_xy, area, 20.0)
    arrays = arrays_of(len(area), intensity=0.1, sigma=700.0, log_density=np.log(0.03))
    family = detection_function("hazard_half_normal")

    expected_detected = reference.expected_detected(data, arrays, family, session=0)

    effective_area = float(reference.p_dot(data, arrays, family)[0] @ area)
    assert expected_detected == pytest.approx(0.03 * effective_area, rel=1e-13)


@pytest.mark.parametrize("family", FAMILIES)
def test_log_hazard__agrees_with_the_detection_function(family):
    distance = np.array([0.0, 1.0, 500.0, 900.0, 2500.0])

    log_h = reference.log_hazard(
        distance, detection_function(family), intensity=0.3, sigma=600.0, z=2.5
    )

    with np.errstate(divide="ignore"):
        expected = hazard(family, distance, 0.3, 600.0, 2.5)
    assert np.exp(log_h) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("family", FAMILIES)
def test_log_hazard__stays_finite_and_falls_far_from_the_trap(family):
    distance = np.array([5e4, 1e5, 1e6, 2e6])

    log_h = reference.log_hazard(
        distance, detection_function(family), intensity=0.3, sigma=600.0, z=2.5
    )

    # With k small, log h is log g0 + log k: -d^2 / 2 s^2, -d / s, -z log(d / s).
    far = {
        "half_normal": -(distance**2) / (2 * 600.0**2),
        "exponential": -distance / 600.0,
        "variable_power": -((distance / 600.0) ** 2.5),
        "rate": -2.5 * np.log(distance / 600.0),
    }[family.removeprefix("hazard_")]
    assert np.isfinite(log_h).all()
    assert log_h == pytest.approx(np.log(0.3) + far, rel=1e-5)


def test_log_expm1__matches_exact_values_over_the_whole_range():
    x = np.array([1e-12, 1e-3, 1.0, 39.0, 41.0, 500.0])
    # log(e^x - 1) = x + log(1 - e^-x)
    expected = x + np.log(-np.expm1(-x))
    assert reference.log_expm1(np.log(x)) == pytest.approx(expected, rel=1e-13)
    assert reference.log_expm1(np.array([-1e4])) == pytest.approx([-1e4], rel=1e-15)


def test_history_log_probability__forbids_classes_the_animal_cannot_have():
    tiny = tiny_session("binary", 2, n_animals=4, seed=3)
    tiny = replace(tiny, allowed=np.array([[True, False]] * 4))
    data = likelihood_data(tiny, "binary")
    arrays = ModelArrays(
        log_density=(np.zeros((1, 6)),),
        intensity=np.full(8, 0.2),
        sigma=np.array([700.0, 900.0]),
        z=np.ones(2),
        log_share=np.log([[0.4, 0.6]]),
    )

    log_pr = reference.history_log_probability(
        data, arrays, detection_function("hazard_half_normal"), animal=2
    )

    assert np.isfinite(log_pr[0]).all()
    assert (log_pr[1] == -np.inf).all()


def test_history_log_probability__of_all_possible_histories_sums_to_one():
    # Two traps, one occasion each, binary: four histories, the empty one being 1 - p_dot.
    cell_xy = np.array([[0.0, 0.0], [400.0, 900.0], [2000.0, -300.0]])
    histories = [(1, 0), (0, 1), (1, 1)]
    data = LikelihoodData(
        point_xy=np.array([[0.0, 0.0], [700.0, 0.0]]),
        cell_xy=cell_xy,
        cell_area=np.ones(3),
        grid=None,
        spacing=None,
        exposures=exposures_of([(0, 0, 5.0, 0, 0), (0, 1, 3.5, 0, 0)]),
        detections=detections_of(
            [
                (i, 0, k, 1, (5.0, 3.5)[k], 0, 0)
                for i, history in enumerate(histories)
                for k in (0, 1)
                if history[k]
            ]
        ),
        animals=animals_of(np.ones((3, 1)), np.zeros(3)),
        records="binary",
    )
    arrays = arrays_of(3, intensity=0.15, sigma=800.0)
    family = detection_function("half_normal")

    total = 1 - reference.p_dot(data, arrays, family)
    for animal in range(3):
        total = total + np.exp(
            reference.history_log_probability(data, arrays, family, animal=animal)
        )

    assert total == pytest.approx(np.ones((1, 3)), rel=1e-13)
