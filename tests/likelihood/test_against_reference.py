"""The compiled likelihood against the plain one, and both against sums from the survey itself."""

from itertools import product
from math import factorial

import numpy as np
import pandas as pd
import pytest
from scipy.special import comb, expit
from scipy.stats import binom, poisson

from scr.fit.log_posterior import LogPosterior
from scr.habitat.mask import HabitatMask
from scr.likelihood import reference
from scr.likelihood.centres import centre_probability, detectability, draw_centres
from scr.likelihood.problem import animal_terms, build_problem, value_and_gradient
from scr.model.detection import detection_function
from scr.model.spec import ModelSpec
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage

FAMILIES = [
    "half_normal",
    "exponential",
    "hazard_rate",
    "hazard_half_normal",
    "hazard_exponential",
    "hazard_variable_power",
]
DETECTORS = ["proximity", "count", "binomial_count"]
CLASSES = ["none", "unused", "sex"]  # no class, kept by classes="sex", used by formulas
LAYOUTS = {"one session": [5], "two sessions": [4, 3], "one without captures": [3, 0, 4]}


def make_session(rng, name, detector, n_animals, *, sexes):
    """Traps with a covariate, uneven effort with idle traps, captures at random."""
    n_traps, n_occasions = int(rng.integers(4, 7)), int(rng.integers(2, 5))
    effort = rng.integers(0, 4, (n_traps, n_occasions)).astype(float)
    effort[0, 0] = 2.0
    effort[-1] = 0.0  # a trap that never worked
    if detector == "proximity":
        effort[:-1] *= rng.choice([0.75, 1.0], (n_traps - 1, 1))
    counts = rng.poisson(0.4, (n_animals, n_traps, n_occasions))
    counts[:, 0, 0] = 1
    counts[:, effort == 0] = 0
    if detector != "count":
        counts = np.minimum(counts, 1 if detector == "proximity" else effort.astype(int))
    individual, trap, occasion = np.nonzero(counts)
    covariates = pd.DataFrame({"sex": (sexes * n_animals)[:n_animals]}, dtype=object)
    return Session(
        name=name,
        traps=Traps(
            names=[f"T{k}" for k in range(n_traps)],
            xy=rng.uniform(0, 4000, (n_traps, 2)),
            crs="local",
            session=[name] * n_traps,
            covariates=pd.DataFrame({"lure": rng.normal(size=n_traps)}),
        ),
        usage=Usage(effort),
        captures=CaptureHistory(
            individuals=[f"{name}-{i}" for i in range(n_animals)],
            individual=individual,
            occasion=occasion,
            trap=trap,
            count=counts[individual, trap, occasion],
            covariates=covariates if n_animals else pd.DataFrame(),
        ),
    )


def make_survey(detector, layout, *, seed):
    rng = np.random.default_rng(seed)
    sexes = ["F", "M", None]
    sessions = [
        make_session(rng, f"s{number}", detector, n_animals, sexes=sexes)
        for number, n_animals in enumerate(LAYOUTS[layout])
    ]
    return Survey(
        sessions, detector, covariates=pd.DataFrame({"year": np.arange(len(sessions)) - 0.5})
    )


def make_mask(survey, *, seed):
    """A mask of irregular cells of its own for each session; one cell lies under a trap."""
    rng = np.random.default_rng(seed)
    xy, label = [], []
    for number, session in enumerate(survey.sessions):
        n_cells = 25 + 4 * number
        cells = rng.uniform(-3000, 7000, (n_cells, 2))
        cells[3] = session.traps.xy[1]
        xy.append(cells)
        label += [session.name] * n_cells
    return HabitatMask(
        xy=np.concatenate(xy),
        cell_area=rng.uniform(0.4, 1.6, len(label)),
        crs="local",
        session=label,
        covariates=pd.DataFrame({"elev": rng.normal(size=len(label))}),
    )


def make_spec(family, classes, layout):
    intensity = detection_function(family).intensity_name
    sex = " + sex" if classes == "sex" else ""
    formulas = {
        "density": "~ elev" if layout == "one session" else "~ elev + year",
        intensity: "~ lure" + sex,
        "sigma": "~ 1" + sex,
        "share": "~ 1" if layout == "one session" else "~ year",
    }
    if detection_function(family).has_z:
        formulas["z"] = "~ 1"
    return ModelSpec(detection=family, classes="sex" if classes == "unused" else None, **formulas)


CENTRES = {"density": -0.5, "lambda0": -2.0, "g0": -2.0, "sigma": 7.3, "z": 1.0, "share": -0.3}


def draw_coefficients(design, *, seed):
    rng = np.random.default_rng(seed)
    return np.array(
        [
            (CENTRES[name.split(".")[0]] if name.endswith("Intercept") else 0.0)
            + rng.normal(0, 0.3)
            for name in design.coefficient_names
        ]
    )


def slope(function, theta, direction):
    """Derivative by central differences, extrapolated from two steps (Richardson)."""
    differences = []
    for step in (1e-3, 5e-4):
        ahead, behind = theta.copy(), theta.copy()
        ahead[direction] += step
        behind[direction] -= step
        differences.append((function(ahead) - function(behind)) / (2 * step))
    return (4 * differences[1] - differences[0]) / 3


def plain_value(problem, theta):
    design = problem.design
    return reference.log_likelihood(problem.sessions, design.arrays(theta), design.spec.family)


def make_problem(family, detector, classes, layout):
    survey = make_survey(detector, layout, seed=5)
    return build_problem(survey, make_mask(survey, seed=6), make_spec(family, classes, layout))


CASES = list(product(FAMILIES, DETECTORS, CLASSES, LAYOUTS))


@pytest.mark.parametrize(("family", "detector", "classes", "layout"), CASES)
def test_value_and_gradient__equal_the_plain_likelihood(family, detector, classes, layout):
    problem = make_problem(family, detector, classes, layout)
    theta = draw_coefficients(problem.design, seed=7)

    value, gradient = value_and_gradient(problem, theta)

    assert value == pytest.approx(plain_value(problem, theta), rel=1e-10)
    expected = [slope(lambda t: plain_value(problem, t), theta, j) for j in range(len(theta))]
    assert gradient == pytest.approx(expected, rel=1e-7, abs=1e-7 * np.abs(expected).max())


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("detector", DETECTORS)
def test_value_and_gradient__hold_over_random_coefficients(family, detector):
    problem = make_problem(family, detector, "sex", "one without captures")
    thetas = np.array([draw_coefficients(problem.design, seed=seed) for seed in range(20, 26)])
    sigma = problem.design.blocks["sigma"].start
    thetas[0, sigma] = 4.5  # so short that most cells are out of reach of any trap
    thetas[1, sigma] = 10.0  # so long that all cells are alike

    found = [value_and_gradient(problem, theta)[0] for theta in thetas]

    expected = [plain_value(problem, theta) for theta in thetas]
    assert found == pytest.approx(expected, rel=1e-10)
    target = LogPosterior(problem, has_prior=False)
    assert target.many(target.of(thetas))[0] == pytest.approx(expected, rel=1e-10)
    for theta in thetas[:2]:
        gradient = value_and_gradient(problem, theta)[1]
        slopes = [slope(lambda t: plain_value(problem, t), theta, j) for j in range(len(theta))]
        assert gradient == pytest.approx(slopes, rel=1e-7, abs=1e-7 * np.abs(slopes).max())


def make_wide_problem(family, detector):
    """A square lattice far wider than sigma, shared by sessions, with sexes."""
    survey = make_survey(detector, "one without captures", seed=15)
    axis = np.arange(-14_750.0, 18_751.0, 500.0)
    xy = np.stack([grid.ravel() for grid in np.meshgrid(axis, axis)], axis=1)
    xy = xy[np.hypot(xy[:, 0] - 2000, xy[:, 1] - 2000) < 16_000]  # rows of unequal length
    mask = HabitatMask(
        xy=xy,
        cell_area=np.full(len(xy), 0.25),
        crs="local",
        spacing=500.0,
        covariates=pd.DataFrame({"elev": np.sin(xy[:, 0] / 5000)}),
    )
    return build_problem(survey, mask, make_spec(family, "sex", "one without captures"))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("detector", DETECTORS)
def test_value_and_gradient__lose_nothing_on_a_wide_mask(family, detector):
    problem = make_wide_problem(family, detector)
    theta = draw_coefficients(problem.design, seed=16)
    theta[problem.design.blocks["density"].start] = -3.0

    def plain(coefficients):
        return plain_value(problem, coefficients)

    value, gradient = value_and_gradient(problem, theta)
    assert value == pytest.approx(plain(theta), rel=1e-10)
    chosen = [0, *(problem.design.blocks[name].start for name in ("sigma", "share"))]
    expected = [slope(plain, theta, j) for j in chosen]
    assert gradient[chosen] == pytest.approx(expected, rel=1e-7, abs=1e-7 * np.abs(gradient).max())

    for sigma in (5.5, 8.5):  # metres, on the log scale
        theta[problem.design.blocks["sigma"].start] = sigma
        assert value_and_gradient(problem, theta)[0] == pytest.approx(plain(theta), rel=1e-10)


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("detector", DETECTORS)
def test_animal_terms__equal_the_plain_terms(detector, classes):
    problem = make_problem("hazard_half_normal", detector, classes, "one without captures")
    design, family = problem.design, problem.design.spec.family
    theta = draw_coefficients(design, seed=8)
    arrays = design.arrays(theta)

    log_terms, expected_detected = animal_terms(problem, theta)
    p_dots = detectability(problem, theta)

    for s, data in enumerate(problem.sessions):
        assert expected_detected[s] == pytest.approx(
            reference.expected_detected(data, arrays, family, session=s), rel=1e-10
        )
        assert p_dots[s] == pytest.approx(reference.p_dot(data, arrays, family), rel=1e-9, abs=1e-9)
    plain = [
        reference.log_animal_terms(data, arrays, family, session=s) + data.animals.constant
        for s, data in enumerate(problem.sessions)
    ]
    assert log_terms == pytest.approx(np.concatenate(plain), rel=1e-10)


@pytest.mark.parametrize("detector", DETECTORS)
def test_centre_probability__is_the_plain_posterior_of_centre_and_class(detector):
    problem = make_problem("half_normal", detector, "sex", "one without captures")
    design, family = problem.design, problem.design.spec.family
    theta = draw_coefficients(design, seed=10)
    arrays = design.arrays(theta)
    first = 0
    for s, data in enumerate(problem.sessions):
        prior = np.exp(arrays.log_share[s])[:, None] * np.exp(arrays.log_density[s])
        for i in range(data.n_animals):
            log_pr = reference.history_log_probability(data, arrays, family, animal=i)
            joint = prior * data.cell_area * np.exp(log_pr)
            found = centre_probability(problem, theta, first + i)
            assert found == pytest.approx(joint / joint.sum(), rel=1e-8, abs=1e-9)
        first += data.n_animals


@pytest.mark.parametrize("sessions", ["one session", "one without captures"])
def test_draw_centres__draws_each_centre_and_class_as_often_as_its_probability(sessions):
    problem = make_problem("hazard_half_normal", "count", "sex", sessions)
    theta = draw_coefficients(problem.design, seed=11)
    uniform = (np.arange(4000) + 0.5) / 4000  # evenly spread, so that shares are nearly exact
    n_animals = sum(data.n_animals for data in problem.sessions)

    drawn = [draw_centres(problem, theta, np.full(n_animals, u)) for u in uniform]

    for animal in range(n_animals):
        expected = centre_probability(problem, theta, animal)
        share = np.zeros_like(expected)
        for cells, classes in drawn:
            share[classes[animal], cells[animal]] += 1 / len(uniform)
        assert share == pytest.approx(expected, abs=3 / len(uniform))


def survey_sum(survey, mask, coefficients):
    """Log-likelihood from whole histories and named coefficients of make_spec with sexes."""
    b = coefficients
    total = 0.0
    for session, year in zip(survey.sessions, survey.covariates["year"], strict=True):
        cells = np.flatnonzero(mask.session == session.name)
        effort, captures = session.usage.effort, session.captures
        counts = np.zeros((captures.n_individuals, *effort.shape), dtype=int)
        counts[captures.individual, captures.trap, captures.occasion] = captures.count
        density = np.exp(
            b["density.Intercept"]
            + b["density.elev"] * mask.covariates["elev"].to_numpy()[cells]
            + b["density.year"] * year
        )
        males = expit(b["share.Intercept"] + b["share.year"] * year)
        sexes = captures.covariates.get("sex", pd.Series(dtype=object))
        detected, animal = 0.0, np.zeros(captures.n_individuals)
        for male, share in ((0, 1 - males), (1, males)):
            lambda0 = np.exp(
                b["lambda0.Intercept"]
                + b["lambda0.lure"] * session.traps.covariates["lure"].to_numpy()
                + b["lambda0.sex[T.M]"] * male
            )
            sigma = np.exp(b["sigma.Intercept"] + b["sigma.sex[T.M]"] * male)
            possible = np.array([pd.isna(sex) or (sex == "M") == male for sex in sexes])
            for cell, density_here in zip(cells, density, strict=True):
                distance2 = ((session.traps.xy - mask.xy[cell]) ** 2).sum(axis=1)
                h = (lambda0 * np.exp(-distance2 / (2 * sigma**2)))[:, None]
                if survey.detector == "count":
                    law, coefficient = poisson(h * effort), 1.0
                elif survey.detector == "proximity":
                    law, coefficient = binom(1, 1 - np.exp(-h * effort)), 1.0
                else:
                    law, coefficient = binom(effort, 1 - np.exp(-h)), comb(effort, counts)
                animals = share * density_here * mask.cell_area[cell]
                detected += animals * (1 - law.pmf(0).prod())
                animal += animals * (law.pmf(counts) / coefficient).prod(axis=(1, 2)) * possible
        total += np.log(animal).sum() - detected - np.log(float(factorial(len(animal))))
    return total


@pytest.mark.parametrize("detector", DETECTORS)
def test_value_and_gradient__equals_a_sum_from_the_survey_itself(detector):
    problem = make_problem("hazard_half_normal", detector, "sex", "one without captures")
    design = problem.design
    theta = draw_coefficients(design, seed=9)

    value, _ = value_and_gradient(problem, theta)

    coefficients = dict(zip(design.coefficient_names, theta, strict=True))
    assert value == pytest.approx(survey_sum(design.survey, design.mask, coefficients), rel=1e-10)
