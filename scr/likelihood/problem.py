"""A model with its data, ready to be evaluated for any coefficients."""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

from scr.errors import ConvergenceWarning, FormulaError
from scr.habitat.mask import HabitatMask
from scr.likelihood.coefficients import evaluate_coefficients, make_parameters
from scr.likelihood.collapse import likelihood_data
from scr.likelihood.columns import Columns, columns_of
from scr.likelihood.data import LikelihoodData
from scr.likelihood.kernel.arrays import Packed, Parameters
from scr.likelihood.kernel.evaluate import Evaluation, find_sides
from scr.likelihood.kernel.packing import pack
from scr.likelihood.kernel.sides import weigh_pairs
from scr.likelihood.matching.whole import width_needed
from scr.likelihood.telemetry import only_fixed
from scr.model.design import Design, build_design
from scr.model.formula import Terms
from scr.model.individuals import by_individuals
from scr.model.number import Number
from scr.model.spec import ModelSpec
from scr.survey.survey import Survey

_WIDEST = 20
"""Open animals up to which ``log_likelihood`` sums over matchings exactly."""

_N_SAMPLES = 4000
"""Weighted matchings by which it estimates other sums."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Design, likelihood data of each session, and the same packed for the compiled likelihood.

    Parameters
    ----------
    design
        The model with its data.
    sessions
        The waist, one record a session.
    packed
        All sessions in one flat record.
    columns
        Design matrices for the compiled likelihood.
    constant
        Terms without parameters: those of Poisson counts, and -log n! of each session but where
        the number is conditional.
    session_of
        Session of the survey of each session here: with covariates of individuals, these are
        groups of animals alike in them.
    only_fixed
        Animals with fixes of a transmitter alone, packed; None where there are none.
    """

    design: Design
    sessions: tuple[LikelihoodData, ...]
    packed: Packed
    columns: Columns
    constant: float
    session_of: NDArray[np.int64]
    only_fixed: Packed | None = None

    @property
    def n_animals(self) -> int:
        """Animals detected, in all sessions."""
        return self.packed.n_animals


def build_problem(
    survey: Survey, mask: HabitatMask, spec: ModelSpec, *, like: Terms | None = None
) -> Problem:
    """Bring data and model together.

    Parameters
    ----------
    survey, mask
        The data.
    spec
        The model.
    like
        As of ``build_design``.

    Raises
    ------
    FormulaError
        If a formula does not fit the data.
    MaskError
        If mask and survey do not fit each other.
    """
    groups = by_individuals(survey, mask, spec)
    design = build_design(groups.survey, mask, spec, like=like)
    sessions = likelihood_data(design)
    constant = sum(float(data.animals.constant.sum()) for data in sessions)
    constant -= sum(log_factorials(sessions, spec.number))
    packed = pack(sessions, spec.family, number=spec.number)
    others = only_fixed(design, sessions)
    return Problem(
        design,
        sessions,
        packed,
        columns_of(design),
        constant,
        groups.session,
        pack(others, spec.family) if others else None,
    )


def log_factorials(sessions: Sequence[LikelihoodData], number: Number) -> list[float]:
    """Log n! of each session, 0 where the number of animals is conditional.

    Where animals are known from one side, it is log n! of the complete, the left and the right.

    Parameters
    ----------
    sessions
        One record a session.
    number
        What is said of the number of animals.
    """
    counted = 0.0 if number == "conditional" else 1.0
    by_side = [np.bincount(data.animals.side) for data in sessions]
    return [counted * float(gammaln(number_of + 1).sum()) for number_of in by_side]


def with_design(problem: Problem, design: Design) -> Problem:
    """The same data under a design with other columns.

    Parameters
    ----------
    problem
        Model and data.
    design
        Its design with columns of other coordinates.
    """
    return replace(problem, design=design, columns=columns_of(design))


def with_widest(problem: Problem, widest: int, *, n_samples: int = 0) -> Problem:
    """The same model, with matchings of left and right animals summed exactly up to some width.

    Parameters
    ----------
    problem
        Model and data; one without sides is given back.
    widest
        Open animals up to which a piece of the graph of pairs is summed exactly; 0 for the Bethe
        approximation everywhere.
    n_samples
        Weighted matchings by which other sums are estimated where no gradient is wanted; 0 for
        the Bethe approximation there too.
    """
    if problem.packed.sides is None:
        return problem
    sides = replace(problem.packed.sides, widest=widest, n_samples=n_samples)
    return replace(problem, packed=replace(problem.packed, sides=sides))


def with_sums_of(problem: Problem, other: Problem) -> Problem:
    """A problem whose sums over matchings are worked out as those of another.

    Parameters
    ----------
    problem
        Model and data, perhaps on another mask.
    other
        The one whose rule is taken.
    """
    sides = other.packed.sides
    return problem if sides is None else with_widest(problem, sides.widest)


def value_and_gradient(
    problem: Problem, theta: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Log-likelihood and its gradient to the coefficients.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).

    Returns
    -------
    tuple
        -inf with a gradient of zeros where the likelihood is not finite.
    """
    found, gradient = _evaluate(problem, theta, with_gradient=True)
    value = float(found.log_animal.sum()) + float(found.number.sum()) + problem.constant
    if problem.only_fixed is not None:
        others, to_others = _only_fixed(problem, theta, with_gradient=True)
        value, gradient = value + others, gradient + to_others
    if not (math.isfinite(value) and np.isfinite(gradient).all()):
        return -math.inf, np.zeros_like(theta)
    return value, gradient


def animal_terms(
    problem: Problem, theta: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log L_i of each animal and Lambda of each session.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).

    Returns
    -------
    tuple
        Shapes (n_animals of all sessions,) and (n_sessions,). Where the number is Poisson, the
        log-likelihood is the sum of the first less the sum of the second less log n! of each
        session, and what ``only_fixed_term`` says of others.
    """
    return every_term(problem, theta)[:2]


def every_term(
    problem: Problem, theta: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Log L_i of each animal, Lambda of each session, and the term of its number of animals.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).

    Returns
    -------
    tuple
        Shapes (n_animals of all sessions,), (n_sessions,) and (n_sessions,). The log-likelihood is
        the sum of the first and of the last, less ``log_factorials``.
    """
    found, _ = _evaluate(problem, theta, with_gradient=False)
    constants = [data.animals.constant for data in problem.sessions]
    return found.log_animal + np.concatenate(constants), found.expected, found.number


def only_fixed_term(problem: Problem, theta: NDArray[np.float64]) -> float:
    """Log-likelihood of animals that have fixes of a transmitter alone; 0 where there are none.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).
    """
    if problem.only_fixed is None:
        return 0.0
    return _only_fixed(problem, theta, with_gradient=False)[0]


def log_likelihood(
    survey: Survey, mask: HabitatMask, spec: ModelSpec, *, coefficients: Mapping[str, float]
) -> float:
    r"""Log-likelihood of a model for given coefficients.

    With Poisson N

    .. math:: \log L = -\Lambda + \sum_i \log \sum_u \psi_u a \sum_m D_m \Pr(y_i | m, u) - \log n!

    Parameters
    ----------
    survey, mask, spec
        Data and model.
    coefficients
        Value of each coefficient that ``spec.coefficient_names(survey, mask)`` lists, on its link
        scale (of pooled sessions their effects, and their standard deviation, which does not
        enter): log D per km2, log lambda0 per day (logit g0), log sigma in metres, log z, logit
        share of the second class.

    Returns
    -------
    float
        Without multinomial or binomial coefficients of the data, with -log n! (with log C(N, n)
        where the number of animals is binomial; without any term of n where it is conditional).
        Where left and right animals may be one, the sum over all ways is exact while at most 20 of
        them are open at a time, and else estimated without bias.

    Raises
    ------
    FormulaError
        If a coefficient is missing or unknown.

    Warns
    -----
    ConvergenceWarning
        If a sum over matchings is too wide to be exact.

    References
    ----------
    Borchers & Efford (2008) Biometrics 64:377-385, equation 4.
    """
    problem = build_problem(survey, mask, spec)
    names = problem.design.coefficient_names
    if set(coefficients) != set(names):
        missing = ", ".join(name for name in names if name not in coefficients) or "none"
        unknown = ", ".join(name for name in coefficients if name not in names) or "none"
        msg = (
            f"The coefficients do not fit the model: missing {missing}; unknown {unknown}. "
            f"Give a value for each of {', '.join(names)}."
        )
        raise FormulaError(msg)
    theta = np.array([float(coefficients[name]) for name in names])
    if problem.packed.sides is None:
        return value_and_gradient(problem, theta)[0]
    return _with_wide_sums(with_widest(problem, _WIDEST, n_samples=_N_SAMPLES), theta)


def _with_wide_sums(problem: Problem, theta: NDArray[np.float64]) -> float:
    """The log-likelihood with sums as exact as can be, and a warning where one is estimated."""
    sides = find_sides(problem.packed, parameters_of(problem, theta))[2]
    widest = max(width_needed(weigh_pairs(*session)[0]) for session in sides)
    if widest > _WIDEST:
        msg = (
            f"Left and right animals are near so many others that the sum over all ways in which "
            f"they can be one takes {widest} open animals at a time; it is exact up to {_WIDEST}. "
            f"It was estimated from {_N_SAMPLES:,} weighted matchings. Use a smaller sigma, or "
            "read the error of it from calls with coefficients that differ by 1e-9."
        )
        warnings.warn(msg, ConvergenceWarning, stacklevel=3)
    log_animal, _, number = every_term(problem, theta)
    counts = sum(log_factorials(problem.sessions, problem.packed.number))
    return float(log_animal.sum() + number.sum() - counts)


def parameters_of(problem: Problem, theta: NDArray[np.float64]) -> Parameters:
    """Parameters as the compiled likelihood takes them.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).
    """
    return make_parameters(problem.packed, problem.columns, _as_numbers(theta))


def _evaluate(
    problem: Problem, theta: NDArray[np.float64], *, with_gradient: bool
) -> tuple[Evaluation, NDArray[np.float64]]:
    with np.errstate(over="ignore", invalid="ignore"):  # far from the data it is not finite
        return evaluate_coefficients(
            problem.packed, problem.columns, _as_numbers(theta), with_gradient=with_gradient
        )


def _only_fixed(
    problem: Problem, theta: NDArray[np.float64], *, with_gradient: bool
) -> tuple[float, NDArray[np.float64]]:
    """Log of the mean over the mask of their histories, and its gradient to the coefficients."""
    packed, columns, theta = problem.only_fixed, problem.columns, _as_numbers(theta)
    if packed is None:
        return 0.0, np.zeros_like(theta)
    with np.errstate(over="ignore", invalid="ignore"):
        found, gradient = evaluate_coefficients(packed, columns, theta, with_gradient=with_gradient)
    value = float(found.log_animal.sum())
    block = problem.design.blocks.get("density", slice(0, 0))
    offsets, beta = problem.design.cell_offsets, columns.of_density(theta)
    number = np.bincount(packed.animals.session, minlength=len(problem.sessions))
    for s, data in enumerate(problem.sessions):
        cells = slice(offsets[s], offsets[s + 1])
        log_animals = beta @ columns.density[:, cells] + np.log(data.cell_area)
        total = logsumexp(log_animals)
        value -= float(number[s] * total)
        to_columns = number[s] * (columns.density[:, cells] @ np.exp(log_animals - total))
        gradient[block] -= columns.to_density(theta, to_columns)
    return value, gradient


def _as_numbers(theta: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.ascontiguousarray(theta, dtype=np.float64)
