"""How much the estimates rest on one animal, or on one record: what they would be without it."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.errors import ScrError, ScrWarning
from scr.fit.laplace import fit_laplace
from scr.fit.mle import fit_mle
from scr.fit.result import Fit
from scr.fit.without import Record, split_into_records, without
from scr.likelihood.problem import Problem, animal_terms, build_problem
from scr.model.design import Design
from scr.model.reach import within_reach
from scr.survey.survey import Survey
from scr.survey.troubles import Trouble
from scr.units import per_100_km2

LEAST_MOVE = 1.0
"""An animal or a record is told of where log sigma or log density moves by so many of its sd."""

LEAST_CHANGE = 1.15
"""And by this factor."""

_MOST_TOLD = 3
_LEAST_ANIMALS = 3
_SCREENED_FROM = 0.5
_STEP = 0.05
_SMALL = 0.02
_REFIT_DRAWS = 1000
_SUMMARY_DRAWS = 200


@dataclass(frozen=True)
class Influence:
    """What the estimates would be without an animal, or without one of its records.

    Parameters
    ----------
    individual
        Name of the animal.
    record
        The record left out, or None where all of the animal were.
    sigma, sigma_without
        Sigma, the geometric mean over classes, stations and sessions, metres.
    density, density_without
        Mean density of the cells within reach of the stations, animals per km2.
    move
        The larger of the two moves, in posterior standard deviations (standard errors).
    """

    individual: str
    record: Record | None
    sigma: float
    sigma_without: float
    density: float
    density_without: float
    move: float


@dataclass(frozen=True, eq=False)
class _Estimate:
    """Log sigma and log density, and their standard deviations."""

    value: NDArray[np.float64]
    sd: NDArray[np.float64]


def influence(fit: Fit) -> tuple[Influence, ...]:
    r"""Animals and records without which sigma or density would be another.

    All animals are screened by one Newton step from the estimate: with posterior covariance
    :math:`V`, and gradient :math:`g_i` and Hessian :math:`H_i` of the animal's
    :math:`\log L_i`, the coefficients move by :math:`-(V^{-1} + H_i)^{-1} g_i`. The model is
    then fitted again without each of those that seem to matter, and the numbers told are those of
    that fit. So too, for each such animal, the record of it that matters most.

    Parameters
    ----------
    fit
        A fitted model.

    Returns
    -------
    tuple of Influence
        At most three animals, the one that matters most first, each followed by its record if
        that matters alone. Those that move log sigma or log density by less than one of its
        standard deviations, or by less than 15 %, are not told. None of a survey of both flanks,
        where an animal may be two, and none where effects share a distribution: then it is not
        worked out.
        Private: it names animals.

    References
    ----------
    Cook (1977) Technometrics 19:15-18, case deletion; Pregibon (1981) Ann. Stat. 9:705-724, one
    step of it.
    """
    names = sorted({str(n) for s in fit.survey.sessions for n in s.captures.individuals})
    has_sides = any(session.sides is not None for session in fit.survey.sessions)
    if has_sides or fit.spec.random_terms or len(names) < _LEAST_ANIMALS:
        return ()
    whole = _estimate_of(fit)
    owners = [str(n) for s in fit.survey.sessions for n in s.captures.individuals]
    weights = [[-1.0 * (owner == name) for owner in owners] for name in names]
    moved = _screen(fit, fit.problem, weights, whole)
    found: list[tuple[Influence, ...]] = []
    for place in np.argsort(-moved)[:_MOST_TOLD]:
        if moved[place] < _SCREENED_FROM:
            break
        name = names[place]
        told = _refitted(fit, without(fit.survey, name), name, None, whole)
        if told is not None:
            found.append((told, *_of_record(fit, name, whole)))
    found.sort(key=lambda group: -group[0].move)
    # What one animal does to the others' numbers hides theirs: tell of those that do as much.
    return tuple(one for group in found if 2 * group[0].move > found[0][0].move for one in group)


def influence_troubles(found: Sequence[Influence]) -> tuple[Trouble, ...]:
    """Warnings of animals and records on which the estimates rest.

    Parameters
    ----------
    found
        From ``influence``.
    """
    troubles = []
    for one in found:
        what = f"animal {one.individual!r}"
        if one.record is not None:
            what = f"the record of {one.record.in_words} of {what}"
        text = (
            f"Without {what} sigma would be {one.sigma_without / 1000:.3g} km in place of "
            f"{one.sigma / 1000:.3g}, and density near the stations "
            f"{per_100_km2(one.density_without):.3g} animals per 100 km2 in place of "
            f"{per_100_km2(one.density):.3g}."
        )
        remedy = "Check who was photographed, where and how often; report both numbers."
        public = (
            "Sigma or density would be another without one animal or record: by a factor of "
            f"{_factor(one.sigma_without / one.sigma):.2g} (sigma) and "
            f"{_factor(one.density_without / one.density):.2g} (density)."
        )
        troubles.append(Trouble("warning", "rests on one animal", "", (), text, remedy, public))
    return tuple(troubles)


def _factor(ratio: float) -> float:
    return max(ratio, 1 / ratio)


def _of_record(fit: Fit, name: str, whole: _Estimate) -> tuple[Influence, ...]:
    """The record of an animal that matters most, if it matters."""
    wider, records, weights = split_into_records(fit.survey, name)
    if not records:
        return ()
    moved = _screen(fit, build_problem(wider, fit.mask, fit.spec), weights, whole)
    place = int(np.argmax(moved))
    if moved[place] < _SCREENED_FROM:
        return ()
    record = records[place]
    told = _refitted(fit, without(fit.survey, name, record), name, record, whole)
    return () if told is None else (told,)


def _screen(
    fit: Fit, problem: Problem, weights: Sequence[Sequence[float]], whole: _Estimate
) -> NDArray[np.float64]:
    """Largest move of log sigma or log density, in sd, when log L_i of animals is added or taken.

    Parameters
    ----------
    fit
        The fit.
    problem
        Its problem, perhaps with more animals.
    weights
        For each case how often log L_i of each animal of the problem is added.
    whole
        The estimate.
    """
    centre, factor = _centre(fit)
    n = len(centre)
    combined = np.asarray(weights, dtype=np.float64)

    def terms(u: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(combined @ animal_terms(problem, centre + factor @ u)[0])

    axes = _STEP * np.eye(n)
    here = terms(np.zeros(n))
    up, down = ([terms(sign * axis) for axis in axes] for sign in (1, -1))
    gradient = np.array([(a - b) / (2 * _STEP) for a, b in zip(up, down, strict=True)])
    hessian = np.zeros((n, n, len(combined)))
    for i in range(n):
        hessian[i, i] = (up[i] - 2 * here + down[i]) / _STEP**2
        for j in range(i):
            both = terms(axes[i] + axes[j]) - up[i] - up[j] + here
            hessian[i, j] = hessian[j, i] = both / _STEP**2
    design = fit.problem.design
    start = estimates_of(design, centre[None])[0]
    moves = []
    for case in range(len(combined)):
        step = _newton(gradient[:, case], hessian[:, :, case])
        after = estimates_of(design, (centre + factor @ step)[None])[0]
        moves.append(float(np.abs((after - start) / whole.sd).max()))
    return np.asarray(np.nan_to_num(np.array(moves), nan=np.inf))


def _newton(gradient: NDArray[np.float64], hessian: NDArray[np.float64]) -> NDArray[np.float64]:
    """Top of -u'u / 2 + g'u + u'Hu / 2, curvatures that are gone replaced by a small one."""
    values, vectors = np.linalg.eigh(np.eye(len(gradient)) - hessian)
    return np.asarray(vectors @ ((vectors.T @ gradient) / np.maximum(values, _SMALL)))


def _centre(fit: Fit) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The estimate, and a factor of its covariance matrix."""
    if fit.point is not None and fit.vcov is not None:
        return fit.point, np.linalg.cholesky(fit.vcov)
    covariance = np.atleast_2d(np.cov(fit.draws.T))
    values, vectors = np.linalg.eigh(covariance)
    return fit.draws.mean(axis=0), vectors * np.sqrt(np.maximum(values, 1e-12))


def _refitted(
    fit: Fit, survey: Survey, name: str, record: Record | None, whole: _Estimate
) -> Influence | None:
    """The numbers of a fit to other data; None where it cannot be made, or nothing much moves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ScrWarning)
        try:
            if fit.engine == "mle":
                other = fit_mle(survey, fit.mask, fit.spec, check_mask=False)
            else:
                other = fit_laplace(
                    survey, fit.mask, fit.spec, draws=_REFIT_DRAWS, check_mask=False, seed=1
                )
        except (ScrError, np.linalg.LinAlgError):
            return None
    change = _estimate_of(other).value - whole.value
    move = float(np.abs(change / whole.sd).max())
    if move < LEAST_MOVE or np.abs(change).max() < np.log(LEAST_CHANGE):
        return None
    (sigma, density), (sigma_without, density_without) = (
        np.exp(whole.value),
        np.exp(whole.value + change),
    )
    return Influence(
        name, record, float(sigma), float(sigma_without), float(density),
        float(density_without), move,
    )  # fmt: skip


def _estimate_of(fit: Fit) -> _Estimate:
    step = max(1, len(fit.draws) // _SUMMARY_DRAWS)
    drawn = estimates_of(fit.problem.design, fit.draws[::step])
    value = (
        np.median(drawn, axis=0)
        if fit.point is None
        else estimates_of(fit.problem.design, fit.point[None])[0]
    )
    return _Estimate(np.asarray(value), drawn.std(axis=0, ddof=1))


def estimates_of(design: Design, thetas: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log sigma, and log of mean density within reach of the stations, shape (n_thetas, 2).

    Parameters
    ----------
    design
        The model with its data.
    thetas
        Coefficients, shape (n_thetas, n_coefficients).
    """
    near = within_reach(design)
    area = np.concatenate([design.mask.cell_area[rows] for rows in design.cells])[near]
    log_density = design.of_density(thetas) @ design.density_columns[near].T
    top = log_density.max(axis=1)
    mean = top + np.log(np.exp(log_density - top[:, None]) @ area / area.sum())
    log_sigma = [np.log(design.arrays(theta).sigma).mean() for theta in thetas]
    return np.stack([np.array(log_sigma), mean], axis=1)
