"""A survey and its replicates, counted alike: centres drawn, statistics, and the score."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scr.errors import FormulaError
from scr.fit.result import Fit
from scr.likelihood.centres import draw_many_centres
from scr.likelihood.collapse import likelihood_data
from scr.likelihood.finding_centres import Centres
from scr.likelihood.kernel.packing import pack
from scr.likelihood.problem import Problem, value_and_gradient
from scr.model.arrays import ModelArrays
from scr.model.design import Design
from scr.posterior.check_statistics import Counted, counts_of, statistics_of
from scr.posterior.expected_counts import (
    expected_animals,
    expected_counts,
    far_weight,
    mean_over_centres,
    sigmas_away,
)
from scr.simulate.as_many import survey_of_as_many
from scr.survey.detectors import DETECTORS
from scr.survey.survey import Session, Survey

type Floats = NDArray[np.float64]

CENTRE_DRAWS = 8
"""Draws of each centre over which discrepancies are averaged, for data and replicate alike."""

_MOST_TRIES = 20


@dataclass(frozen=True, eq=False)
class Found:
    """What is told of a survey at one draw of the coefficients.

    Parameters
    ----------
    statistics
        As ``statistics_of``.
    score
        Gradient of log Pr(captures | numbers of animals), shape (n_coefficients,).
    """

    statistics: Floats
    score: Floats


@dataclass(frozen=True, eq=False)
class Bench:
    """What counting data and replicates shares.

    Parameters
    ----------
    problem
        Model and data, without what replicates do not have: fixes, and the number of animals.
    animals_at
        For each session animals expected at each trap, up to a factor, at the estimate.
    at_points
        Whether detectors stand at points, so that counts at each can be expected.
    """

    problem: Problem
    animals_at: tuple[Floats, ...]
    at_points: bool


def bench_of(fit: Fit) -> Bench:
    """The data of a fit, ready to be counted.

    Parameters
    ----------
    fit
        A fitted model.
    """
    design = fit.problem.design
    sessions = tuple(replace(session, fixes=None) for session in design.survey.sessions)
    problem = _problem(fit.problem, replace(design, survey=_with(design.survey, sessions)))
    centre = fit.point if fit.point is not None else fit.draws.mean(axis=0)
    at_points = not DETECTORS[fit.survey.detector].searched
    arrays = design.arrays(centre)
    animals_at = tuple(
        expected_animals(design, arrays, index) if at_points else np.zeros(len(session.traps))
        for index, session in enumerate(sessions)
    )
    return Bench(problem, animals_at, at_points)


def _with(survey: Survey, sessions: tuple[Session, ...]) -> Survey:
    return replace(survey, sessions=sessions)


def _problem(problem: Problem, design: Design) -> Problem:
    """The problem of other captures, given the numbers of animals."""
    sessions = likelihood_data(design)
    packed = pack(sessions, design.spec.family, number="conditional")
    return replace(
        problem, design=design, sessions=sessions, packed=packed, constant=0.0, only_fixed=None
    )


def count_data(bench: Bench, theta: Floats, rng: np.random.Generator) -> Found:
    """The data at one draw of the coefficients.

    Parameters
    ----------
    bench
        From ``bench_of``.
    theta
        Coefficients, shape (n_coefficients,).
    rng
        Source of random numbers.
    """
    return _count(bench, bench.problem, theta, rng)


def count_replicate(bench: Bench, theta: Floats, rng: np.random.Generator) -> Found:
    """Captures simulated by one draw of the coefficients, counted as the data are.

    Parameters
    ----------
    bench, theta, rng
        As for ``count_data``.
    """
    design = bench.problem.design
    for _ in range(_MOST_TRIES):
        survey = survey_of_as_many(design, theta, rng)
        try:
            problem = _problem(bench.problem, replace(design, survey=survey))
        except FormulaError:  # captures from which no response can be learnt: not like the data
            continue
        return _count(bench, problem, theta, rng)
    problem = _problem(bench.problem, replace(design, survey=survey))
    return _count(bench, problem, theta, rng)


def _count(bench: Bench, problem: Problem, theta: Floats, rng: np.random.Generator) -> Found:
    design = problem.design
    arrays = design.arrays(theta)
    uniforms = _uniforms(problem.n_animals, rng)
    cells, classes, found, p_dots = draw_many_centres(problem, theta, uniforms)
    sizes = [data.n_animals for data in problem.sessions]
    ends = np.cumsum(sizes)[:-1]
    counted = []
    for index, (cell, class_) in enumerate(
        zip(np.split(cells, ends, axis=1), np.split(classes, ends, axis=1), strict=True)
    ):
        at = {"cells": cell, "classes": class_}
        p_dot = p_dots[index][class_, cell]
        session = design.survey.sessions[index]
        if not bench.at_points or session.captures.n_individuals == 0:
            nothing = Counted(session, None, p_dot, np.zeros((0, 0)), 0.0, np.zeros(0))
            counted.append(nothing)
            continue
        expected = expected_counts(design, arrays, index, **at)
        mean, far = _means(design, arrays, index, found, expected=expected, at=at)
        of_traps = bench.animals_at[index]
        counted.append(Counted(session, expected, p_dot, mean, far, of_traps))
    score = value_and_gradient(problem, theta)[1]
    return Found(statistics_of(counted), score)


def _uniforms(n_animals: int, rng: np.random.Generator) -> Floats:
    """Uniform numbers of each animal, one in each of equal parts of 0 to 1 in an order of its own.

    Each draw of all centres is as good as any other, and their mean is nearer to what it stands
    for than that of independent draws.
    """
    part = rng.permuted(np.tile(np.arange(CENTRE_DRAWS)[:, None], n_animals), axis=0)
    return np.asarray((part + rng.random(part.shape)) / CENTRE_DRAWS)


def _means(
    design: Design,
    arrays: ModelArrays,
    index: int,
    found: Centres,
    *,
    expected: Floats,
    at: dict[str, NDArray[np.int64]],
) -> tuple[Floats, float]:
    """``mean_expected`` and ``far`` of a session: over all places where they can be, or draws."""
    counts = counts_of(design.survey.sessions[index])
    means = mean_over_centres(design, arrays, index, found=found)
    if means is not None:
        mean, weight, both = means
        return mean, float((counts * weight).sum()) - both
    weight = far_weight(sigmas_away(design, arrays, index, **at))
    return expected.mean(axis=0), float(((counts - expected) * weight).sum()) / len(expected)
