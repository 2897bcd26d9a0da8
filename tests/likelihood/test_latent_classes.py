"""Latent groups and effects of animals against the plain likelihood and sums written out."""

from itertools import product
from math import factorial

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad_vec
from scipy.stats import norm, poisson

from scr.habitat.mask import HabitatMask
from scr.likelihood import reference
from scr.likelihood.problem import build_problem, value_and_gradient
from scr.model.spec import ModelSpec
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Session, Survey
from scr.survey.traps import Traps
from scr.survey.usage import Usage

MODELS = {
    "h2": {"lambda0": "~ lure + h2"},
    "h2 in both": {"lambda0": "~ h2", "sigma": "~ h2", "pmix": "~ year"},
    "h2 in sigma": {"sigma": "~ h2"},
    "h3": {"lambda0": "~ h3", "sigma": "~ h3", "pmix": "~ year"},
    "h2 beside sex": {"lambda0": "~ sex + h2", "sigma": "~ sex * h2"},
    "individual": {"lambda0": "~ lure + individual", "nodes": 5},
    "individual, h2 and sex": {"lambda0": "~ sex + h2 + individual", "nodes": 3},
    "learnt": {"lambda0": "~ h2 + bk"},
}
CENTRES = {"density": -0.5, "lambda0": -2.0, "sigma": 7.3}


def make_survey(detector, *, seed=3):
    rng = np.random.default_rng(seed)
    return Survey(
        [make_session(rng, name, detector, n) for name, n in (("a", 4), ("b", 3))],
        detector,
        covariates=pd.DataFrame({"year": [-0.5, 0.5]}),
    )


def make_session(rng, name, detector, n_animals):
    n_traps, n_occasions = 5, 3
    effort = rng.choice([0.5, 1.0, 2.0], (n_traps, n_occasions))
    effort[4, 0] = 0.0
    counts = rng.poisson(0.4, (n_animals, n_traps, n_occasions)) * (effort > 0)
    counts[:, 0, 0] = 1
    if detector == "multi":  # the first trap of an occasion alone
        counts = (counts > 0) & (np.cumsum(counts > 0, axis=1) == 1)
    counts = np.minimum(counts, 1) if detector != "count" else counts
    individual, trap, occasion = np.nonzero(counts)
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
            individuals=[f"{name}{i}" for i in range(n_animals)],
            individual=individual,
            occasion=occasion,
            trap=trap,
            count=counts[individual, trap, occasion].astype(np.int64),
            covariates=pd.DataFrame({"sex": ["F", "M", None, "F"][:n_animals]}, dtype=object),
        ),
    )


def make_mask():
    rng = np.random.default_rng(4)
    places = np.concatenate([rng.uniform(0, 4000, (25, 2)), rng.uniform(-3000, 7000, (20, 2))])
    return HabitatMask(xy=places, cell_area=rng.uniform(0.4, 1.6, 45), crs="local")


def problem_of(model, detector):
    return build_problem(make_survey(detector), make_mask(), ModelSpec(**model))


def coefficients(design, seed):
    rng = np.random.default_rng(seed)
    names = design.coefficient_names
    centre = [CENTRES.get(n.split(".")[0], 0.0) if n.endswith("Intercept") else 0.0 for n in names]
    return np.array(centre) + rng.normal(0, 0.5, len(names))


def slope(function, theta, direction):
    step = np.eye(len(theta))[direction] * 1e-3
    wide = (function(theta + step) - function(theta - step)) / 2e-3
    narrow = (function(theta + step / 2) - function(theta - step / 2)) / 1e-3
    return (4 * narrow - wide) / 3


@pytest.mark.parametrize(
    ("model", "detector"), list(product(MODELS, ["proximity", "count", "multi"]))
)
def test_value_and_gradient__equal_the_plain_likelihood(model, detector):
    problem = problem_of(MODELS[model], detector)
    design = problem.design

    def plain(theta):
        return reference.log_likelihood(problem.sessions, design.arrays(theta), design.spec.family)

    for seed in (1, 2):
        theta = coefficients(design, seed)
        value, gradient = value_and_gradient(problem, theta)
        assert value == pytest.approx(plain(theta), rel=1e-10)
        slopes = [slope(plain, theta, j) for j in range(len(theta))]
        assert gradient == pytest.approx(slopes, rel=1e-7, abs=1e-7 * np.abs(slopes).max())


def history_and_detection(survey, mask, index, lambda0, sigma):
    """Pr(counts | cell) of each animal, and of any detection, written out; constant lambda0."""
    session = survey.sessions[index]
    captures, effort = session.captures, session.usage.effort
    counts = np.zeros((captures.n_individuals, *effort.shape))
    counts[captures.individual, captures.trap, captures.occasion] = captures.count
    away = mask.xy[:, None] - session.traps.xy
    h = lambda0 * np.exp(-(away**2).sum(axis=2) / (2 * sigma**2))
    mean = h[:, None, :, None] * effort  # (n_cells, 1, n_traps, n_occasions)
    every = poisson.pmf(counts, mean).prod(axis=(2, 3)).T  # (n_animals, n_cells)
    return every, 1 - np.exp(-(h[:, :, None] * effort).sum(axis=(1, 2)))


def log_likelihood_of(survey, mask, density, mixed):
    """Poisson process of animals whose histories have the probabilities that ``mixed`` gives."""
    total = 0.0
    for index, session in enumerate(survey.sessions):
        history, detected = mixed(index)
        animals = density[index] * mask.cell_area
        n = session.captures.n_individuals
        total += np.log(history @ animals).sum() - animals @ detected - np.log(factorial(n))
    return total


def test_log_likelihood__of_three_groups_is_the_sum_over_them_written_out():
    survey, mask = make_survey("count"), make_mask()
    problem = build_problem(survey, mask, ModelSpec(**MODELS["h3"]))
    theta = coefficients(problem.design, 5)
    b = dict(zip(problem.design.coefficient_names, theta, strict=True))

    def mixed(index):
        year = [-0.5, 0.5][index]
        ratio = [1.0] + [
            np.exp(b[f"pmix.h3[{g}]"] + b[f"pmix.h3[{g}]:year"] * year) for g in (2, 3)
        ]
        parts = []
        for g in (1, 2, 3):
            lambda0 = b["lambda0.Intercept"] + (b[f"lambda0.h3[T.{g}]"] if g > 1 else 0.0)
            sigma = b["sigma.Intercept"] + (b[f"sigma.h3[T.{g}]"] if g > 1 else 0.0)
            own = history_and_detection(survey, mask, index, np.exp(lambda0), np.exp(sigma))
            parts.append([ratio[g - 1] / sum(ratio) * part for part in own])
        return [sum(part) for part in zip(*parts, strict=True)]

    density = [np.exp(b["density.Intercept"])] * 2
    expected = log_likelihood_of(survey, mask, density, mixed)
    assert value_and_gradient(problem, theta)[0] == pytest.approx(expected, rel=1e-10)


def test_log_likelihood__of_a_normal_effect_comes_to_the_integral_as_nodes_are_added():
    # The integral over the effect by adaptive quadrature of another library.
    survey, mask = make_survey("count"), make_mask()
    theta = np.array([-0.5, -2.0, 0.6, 7.3])

    def mixed(index):
        def at(x):
            lambda0 = np.exp(theta[1] + theta[2] * x)
            history, detected = history_and_detection(survey, mask, index, lambda0, np.exp(7.3))
            return norm.pdf(x) * np.concatenate([history, detected[None]])

        whole, _ = quad_vec(at, -9, 9, epsrel=1e-12, epsabs=1e-14)
        return whole[:-1], whole[-1]

    expected = log_likelihood_of(survey, mask, [np.exp(theta[0])] * 2, mixed)
    away = []
    for nodes in (5, 11, 21, 41):
        problem = build_problem(survey, mask, ModelSpec(lambda0="~ individual", nodes=nodes))
        assert problem.design.coefficient_names[2] == "lambda0.individual"
        away.append(abs(value_and_gradient(problem, theta)[0] - expected))
    assert away[0] < 0.2
    assert away[1] < 2e-3
    assert away[2] < 1e-5
    assert away[3] < 1e-8


@pytest.mark.parametrize("number", ["binomial", "conditional"])
@pytest.mark.parametrize("model", ["h2 in both", "individual", "h2 beside sex"])
def test_value_and_gradient__equal_the_plain_likelihood_of_any_law_of_n(model, number):
    problem = problem_of({**MODELS[model], "number": number}, "count")
    design = problem.design
    theta = coefficients(design, 3)
    if number == "binomial":
        theta[0] = 1.5  # as many animals as were detected, at least

    def plain(theta):
        return reference.log_likelihood(
            problem.sessions, design.arrays(theta), design.spec.family, number=number
        )

    value, gradient = value_and_gradient(problem, theta)
    assert value == pytest.approx(plain(theta), rel=1e-10)
    slopes = [slope(plain, theta, j) for j in range(len(theta))]
    assert gradient == pytest.approx(slopes, rel=1e-7, abs=1e-7 * np.abs(slopes).max())
