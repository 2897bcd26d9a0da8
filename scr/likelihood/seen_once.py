r"""Probability that an animal is detected exactly once, and the likelihood of those seen twice.

With total hazard :math:`H = \sum_{ks} h_{ks} T_{ks}` an animal is never detected with probability
:math:`e^{-H}`, and once with probability :math:`e^{-H} R`, where

===============================  ====================================
proximity detectors              :math:`R = \sum_{ks} (e^{hT} - 1)`
Poisson counts                   :math:`R = H`
binomial counts                  :math:`R = \sum_{ks} T (e^h - 1)`
traps that hold animals          :math:`R = \sum_s (e^{H_s} - 1)`
===============================  ====================================

A mistaken identity makes an animal that was never there, most often one detected once. The animals
detected at least twice are a thinned Poisson process too, with

.. math:: \Lambda_2 = \sum_u \psi_u \, a \sum_m D_m (1 - e^{-H} (1 + R)), \qquad
    \log L_2 = -\Lambda_2 + \sum_{i: y_i \ge 2} \log L_i - \log n_2!
"""

import numpy as np
from numpy.typing import NDArray

from scr.errors import FitError
from scr.likelihood.centres import detectability
from scr.likelihood.kernel.number import number_terms
from scr.likelihood.problem import Problem
from scr.model.arrays import ModelArrays
from scr.model.within_session import responses_in
from scr.survey.detectors import DETECTORS

type Floats = NDArray[np.float64]


def require_seen_once(problem: Problem) -> None:
    """Raise where the probability of one detection cannot be told.

    Parameters
    ----------
    problem
        Model and data.

    Raises
    ------
    FitError
        If detection answers to captures, animals were removed, or searches are exclusive.
    """
    survey, spec = problem.design.survey, problem.design.spec
    why = ""
    if responses_in(spec.detection_variables):
        why = "detection answers to earlier captures"
    elif any(session.captures.removed.any() for session in survey.sessions):
        why = "animals were removed at a capture, and could not be detected again"
    elif DETECTORS[survey.detector].searched and DETECTORS[survey.detector].is_binary:
        why = "an animal is found once an occasion at most, wherever areas or lines are searched"
    elif any(s.fixes is not None and s.fixes.telemetry != "independent" for s in survey.sessions):
        why = "animals with transmitters are known whether or not they are seen twice"
    elif any(session.sides is not None for session in survey.sessions):
        why = "animals known from one side may be the same, and be seen twice without being known"
    if why:
        msg = f"The likelihood of animals seen at least twice is not worked out here: {why}."
        raise FitError(msg)


def seen_none_and_once(problem: Problem, theta: Floats) -> tuple[tuple[Floats, Floats], ...]:
    """Probabilities that an animal is never detected, and exactly once.

    Parameters
    ----------
    problem
        Model and data, of which ``require_seen_once`` holds.
    theta
        Coefficients, shape (n_coefficients,).

    Returns
    -------
    tuple
        For each session both, each of shape (n_classes, n_cells).
    """
    if DETECTORS[problem.design.survey.detector].searched:
        hazards = [-np.log1p(-p_dot) for p_dot in detectability(problem, theta)]
        return tuple((np.exp(-hazard), hazard * np.exp(-hazard)) for hazard in hazards)
    arrays = problem.design.arrays(theta)
    return tuple(_of_session(problem, arrays, index) for index in range(len(problem.sessions)))


def _of_session(problem: Problem, arrays: ModelArrays, index: int) -> tuple[Floats, Floats]:
    design, data = problem.design, problem.sessions[index]
    session = design.survey.sessions[index]
    effort, kinds = session.usage.effort, session.kinds(design.survey.detector)
    intensity, shape = (of.of_session[index][..., 0] for of in (design.intensity, design.shape))
    n_classes, n_occasions = intensity.shape[0], intensity.shape[2]
    none, once = np.empty((2, n_classes, data.n_cells))
    for class_ in range(n_classes):
        total, gains = np.zeros(data.n_cells), []
        for occasion in range(n_occasions):
            days = effort if n_occasions == 1 else effort[:, [occasion]]
            levels = (intensity[class_, :, occasion], shape[class_, :, occasion])
            hazard = _hazard(problem, arrays, index, levels=levels)
            for kind, where in kinds.items():
                here = where if n_occasions == 1 else where[:, [occasion]]
                parts = _parts(DETECTORS[kind].records, hazard, np.where(here, days, 0.0))
                total += parts[0]
                gains.extend(parts[1])
        none[class_] = np.exp(-total)
        once[class_] = sum(
            (times * (np.exp(log_gain - total) - none[class_]) for times, log_gain in gains),
            np.zeros(data.n_cells),
        )
    return none, once


def _hazard(
    problem: Problem,
    arrays: ModelArrays,
    index: int,
    *,
    levels: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> Floats:
    """Hazard per day of each trap or part, shape (n_traps, n_cells)."""
    data, family = problem.sessions[index], problem.design.spec.family
    intensity, shape = levels
    points = data.point_xy[: len(intensity)]
    if data.distance is not None:
        distance = data.distance[: len(intensity)]
    else:
        away = points[:, None, :] - data.cell_xy
        distance = np.hypot(away[..., 0], away[..., 1])
    with np.errstate(divide="ignore"):
        hazard: Floats = family.hazard(
            distance,
            arrays.intensity[intensity][:, None],
            arrays.sigma[shape][:, None],
            arrays.z[shape][:, None],
        )
    return hazard


type _Gains = list[tuple[float | Floats, Floats]]


def _parts(records: str, hazard: Floats, effort: Floats) -> tuple[Floats, _Gains]:
    r"""Total hazard of each cell, and x of each :math:`e^x - 1` in R with how often it occurs."""
    total = effort.sum(axis=1) @ hazard
    gains: _Gains = []
    if records == "poisson":
        return total, [(1.0, np.log1p(total))]
    if records == "multi":
        days_of, times_of = np.unique(effort, axis=1, return_counts=True)
        gains = [(float(n), days @ hazard) for days, n in zip(days_of.T, times_of, strict=True)]
        return total, gains
    for trap, days in enumerate(effort):
        if records == "binomial":
            gains.append((float(days.sum()), hazard[trap]))
            continue
        values, times = np.unique(days[days > 0], return_counts=True)
        gains += [(float(n), hazard[trap] * t) for t, n in zip(values, times, strict=True)]
    return total, gains


def expected_twice(problem: Problem, theta: Floats) -> tuple[Floats, Floats, Floats]:
    """Animals expected to be detected, to be detected at least twice, and to live there.

    Parameters
    ----------
    problem, theta
        As for ``seen_none_and_once``.

    Returns
    -------
    tuple
        Lambda, Lambda2 and N of each session, shape (n_sessions,).
    """
    arrays = problem.design.arrays(theta)
    rows = []
    for index, (none, once) in enumerate(seen_none_and_once(problem, theta)):
        data = problem.sessions[index]
        share = np.exp(arrays.log_share[index])[:, None]
        living = share * np.exp(arrays.log_density[index]) * data.cell_area
        detected = float((living * (1 - none)).sum())
        rows.append((detected, detected - float((living * once).sum()), float(living.sum())))
    expected, twice, total = np.array(rows).T
    return expected, twice, total


def beyond_ordinary(problem: Problem, theta: Floats) -> float:
    r"""What the log-likelihood of animals seen twice has beyond the ordinary one of these animals.

    :math:`\Lambda - \Lambda_2` where the number of animals is Poisson: with it the ordinary
    log-likelihood of a survey without its singletons is that of animals seen at least twice.

    Parameters
    ----------
    problem
        The model with the animals detected at least twice.
    theta
        Coefficients, shape (n_coefficients,).
    """
    number = problem.packed.number
    n = np.array([float(data.n_animals) for data in problem.sessions])
    expected, twice, living = expected_twice(problem, theta)
    wanted, ordinary = (number_terms(number, n, e, living)[0] for e in (twice, expected))
    return float((wanted - ordinary).sum())
