"""How an engine sums over matchings of left and right animals, and what draws it makes of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from arviz_stats.base.array import array_stats
from numpy.typing import NDArray

from scr.fit.checks import Check
from scr.fit.log_posterior import LogPosterior
from scr.fit.mode import Mode
from scr.fit.pointwise import log_likelihoods, terms_of_many
from scr.likelihood.matching.whole import width_needed
from scr.likelihood.partners import pairs_of
from scr.likelihood.problem import Problem, with_widest

EXACT_AT_MODE = 12
"""Open animals at the mode up to which a fit sums over matchings exactly."""

WIDEST = 18
"""Open animals up to which it then does so elsewhere."""

N_SAMPLES = 16
"""Weighted matchings by which the sum is estimated for each draw where it is not exact."""

K_HAT_LIMIT = 0.7

_STATS: Any = array_stats

type FindModes = Callable[[LogPosterior, Mapping[str, float] | None], tuple[Mode, ...]]


def with_sum(
    target: LogPosterior, find_modes: FindModes, starting: Mapping[str, float] | None
) -> LogPosterior:
    """The target with exact sums over matchings where they are narrow at its mode, else by Bethe.

    The Bethe approximation is smooth in the coefficients and quick to work out. One rule for all
    of a fit keeps its target smooth.

    Parameters
    ----------
    target
        What is to be fitted; one without sides is given back.
    find_modes
        How its modes are found.
    starting
        Starting values.
    """
    if target.problem.packed.sides is None:
        return target
    rough = target.on(with_widest(target.problem, 0))
    mode = find_modes(rough, starting)[0]
    if widest_at(rough.inside, mode.point) > EXACT_AT_MODE:
        return rough
    return target.on(with_widest(target.problem, WIDEST))


def widest_at(problem: Problem, theta: NDArray[np.float64]) -> int:
    """Open animals that exact sums take at some coefficients; 0 where there are no sides.

    Parameters
    ----------
    problem
        Model and data.
    theta
        Coefficients, shape (n_coefficients,).
    """
    return max((width_needed(pairs.log_weight) for pairs in pairs_of(problem, theta)), default=0)


def is_approximated(problem: Problem) -> bool:
    """Whether the fit's own target has Bethe approximations in it.

    Parameters
    ----------
    problem
        Model and data.
    """
    return problem.packed.sides is not None and problem.packed.sides.widest == 0


def for_draws(target: LogPosterior) -> LogPosterior:
    """The target whose values at many points have unbiased estimates of approximated sums.

    Importance weights stay proper with them (a pseudo-marginal target).

    Parameters
    ----------
    target
        From ``with_sum``.

    References
    ----------
    Andrieu & Roberts (2009) Ann. Stat. 37:697-725.
    """
    if not is_approximated(target.problem):
        return target
    return target.on(with_widest(target.problem, 0, n_samples=N_SAMPLES))


def reweighted(
    target: LogPosterior, theta: NDArray[np.float64], seed: int
) -> tuple[NDArray[np.int64], Check]:
    """Rows of the draws of each chain once sums by Bethe are replaced by unbiased estimates.

    Rows are drawn by systematic resampling within each chain, in order, so that what follows each
    other in a chain still does.

    Parameters
    ----------
    target
        What the chains were drawn from.
    theta
        Draws of the coefficients, shape (n_chains, n_draws, n_coefficients).
    seed
        Of the resampling.

    Returns
    -------
    tuple
        Rows, shape (n_chains, n_draws), and the check ``matchings``.
    """
    n_chains, n_draws, _ = theta.shape
    us = target.of(theta.reshape(n_chains * n_draws, -1))
    estimated = for_draws(target)
    ratio = _values(estimated, us) - _values(target, us)
    smooth, k_hat = _STATS.psislw(-(ratio - ratio.max()))
    weight = np.exp(smooth - smooth.max()).reshape(n_chains, n_draws)
    rng = np.random.default_rng([seed, 19])
    ends = np.cumsum(weight, axis=1)
    places = (rng.uniform(size=(n_chains, 1)) + np.arange(n_draws)) / n_draws
    rows = np.array(
        [
            np.minimum(np.searchsorted(end, place * end[-1], side="right"), n_draws - 1)
            for end, place in zip(ends, places, strict=True)
        ]
    )
    share = (weight / weight.sum()).ravel()
    effective = 1.0 / float((share**2).sum())
    return rows, _check_weights(float(k_hat), effective, share.size)


def _values(target: LogPosterior, us: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = target.inside
    return log_likelihoods(inside, terms_of_many(inside, us, n_threads=target.n_threads))


def _check_weights(k_hat: float, effective: float, n: int) -> Check:
    passed = k_hat <= K_HAT_LIMIT
    message = (
        "Sums over matchings of left and right animals were approximated (Bethe), and the draws "
        f"reweighted by unbiased estimates: Pareto k is {k_hat:.2f}, with {effective:.0f} "
        f"effective of {n} draws"
    )
    if not passed:
        message += (
            f"; above {K_HAT_LIMIT} the approximation is too far from the sum. Compare with "
            'flank="left"'
        )
    return Check("matchings", k_hat, K_HAT_LIMIT, passed, message + ".")


def check_sum(problem: Problem) -> tuple[Check, ...]:
    """What a fit by maximum likelihood, whose draws have no weights, says of its sums.

    Parameters
    ----------
    problem
        Model and data.
    """
    if not is_approximated(problem):
        return ()
    told = (
        "Sums over matchings of left and right animals are too wide to be exact and were "
        "approximated (Bethe), which moves log density by about 0.01. fit_laplace and fit_nuts "
        "reweight for it."
    )
    return (Check("matchings", 0.0, K_HAT_LIMIT, passed=True, message=told),)


def kept_sum(problem: Problem) -> dict[str, int]:
    """Attribute by which a saved fit is rebuilt with the sums that it was made with.

    Parameters
    ----------
    problem
        Model and data.
    """
    sides = problem.packed.sides
    return {} if sides is None else {"widest_matching": sides.widest}


def chains_reweighted(
    target: LogPosterior, chains: Any, seed: int
) -> tuple[Any, tuple[Check, ...]]:
    """Chains with draws reweighted where sums were approximated, and the check of that.

    Parameters
    ----------
    target
        What they were drawn from.
    chains
        A record with ``theta``, shape (n_chains, n_draws, n_coefficients), and ``stats``.
    seed
        Of the resampling.
    """
    if not is_approximated(target.problem):
        return chains, ()
    rows, check = reweighted(target, chains.theta, seed)
    theta = np.stack([draws[row] for draws, row in zip(chains.theta, rows, strict=True)])
    return replace(chains, theta=theta), (check,)
