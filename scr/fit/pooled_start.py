"""Where to begin with effects that share a distribution, and the coordinates of these."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from scr.errors import FitError
from scr.fit.log_posterior import LogPosterior, starting_points
from scr.fit.mode import find_mode
from scr.fit.pooled import LEAST_CURVATURE, PooledCoordinates, of_sd, sd_of
from scr.fit.starting import STEP
from scr.model.joint_prior import JointPrior

_MOST_ROUNDS = 5
_STEADY = 0.1
"""Change of s of standard deviations and of log lengths below which they are found."""

_FARTHEST = 5.0


def with_pooled(
    target: LogPosterior, starting: Mapping[str, float] | None = None
) -> tuple[LogPosterior, Mapping[str, float] | None]:
    """The log posterior in coordinates that suit pooled sessions and smooths; else as it is.

    The highest point of all coefficients together is of no use: with effects of 0 the density
    grows without bound as their standard deviation goes to 0. So the mode of the others is found
    for given standard deviations and lengths, and these where their own posterior is highest, the
    others integrated out by a normal approximation about that mode, in turn.

    Parameters
    ----------
    target
        The log posterior.
    starting
        Starting values that replace the ones found from the data, by coefficient name.

    Returns
    -------
    tuple
        The log posterior, and the starting values that are still to be used.

    Raises
    ------
    FitError
        If the survey is of both flanks.

    References
    ----------
    Tierney & Kadane (1986) JASA 81:82-86.
    """
    pools, prior = target.problem.design.pools, target.prior_inside
    if not pools or not isinstance(prior, JointPrior):
        return target, starting
    if target.problem.packed.sides is not None:
        msg = (
            f"The model has {target.problem.design.spec.random_terms[0]}, and the survey has "
            "photographs of both flanks. The two cannot be fitted together yet: leave the term "
            "out, or keep the records of one flank."
        )
        raise FitError(msg)
    x = starting_points(target, starting)[0]
    for pool in pools:
        x[pool.sd] = max(x[pool.sd], np.exp(-_FARTHEST))
    n_spread = sum(len(pool.spread) for pool in pools)
    m = len(x) - n_spread
    found = PooledCoordinates(pools, np.eye(m), np.zeros(m), np.zeros(n_spread))
    found = replace(found, initial=_initial(found, x))
    for _ in range(_MOST_ROUNDS):
        found = _about_mode(target, found, x)
        initial = _highest(found, prior)
        moved = np.abs(initial - found.initial).max()
        found = replace(found, initial=initial)
        x = found.opened(found.start).x
        if moved < _STEADY:
            break
    return replace(target, pooled=found), None


def _initial(found: PooledCoordinates, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The s of standard deviations and log lengths of a point."""
    initial = x.copy()
    initial[found.sds] = of_sd(x[found.sds])
    return initial[found.spread]


def _about_mode(
    target: LogPosterior, before: PooledCoordinates, start: NDArray[np.float64]
) -> PooledCoordinates:
    """Curvature and pull of all but the pooling, at the mode for given spreads."""
    others = before.others
    point = start.copy()
    point[before.spread] = before.initial
    point[before.sds] = sd_of(point[before.sds])

    def of_others(part: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        point[others] = part
        value, gradient = target(point)
        return value, gradient[others]

    mode = find_mode(of_others, start[others], basis=STEP * np.eye(len(others)))
    precision = np.linalg.inv(mode.vcov)
    pooling = before.precision(before.start)
    values, vectors = np.linalg.eigh(precision - np.diag(pooling))
    curvature = (vectors * np.maximum(values, LEAST_CURVATURE)) @ vectors.T
    pull = curvature @ mode.point + pooling * mode.point + of_others(mode.point)[1]
    return replace(before, curvature=curvature, pull=pull)


def _highest(found: PooledCoordinates, prior: JointPrior) -> NDArray[np.float64]:
    """Spreads at which their posterior is highest, by a normal approximation."""
    sds = np.isin(found.spread, found.sds)
    records = [prior.records[at] for at in found.spread]
    effects = np.concatenate([np.arange(p.effects.start, p.effects.stop) for p in found.pools])

    def minus(initial: NDArray[np.float64]) -> float:
        w = replace(found, initial=initial).start
        opened = found.opened(w)
        value = 0.5 * opened.ahead @ opened.ahead + opened.log_jacobian
        value -= found.log_sd_of_effects(w)[effects].sum()
        # Records are of standard deviations and not of their s, and of the logs of lengths.
        of_records = np.where(sds, sd_of(initial), initial)
        value += sum(
            float(record.log_density(each))
            for record, each in zip(records, of_records, strict=True)
        )
        return -float(value)

    bounds = [
        (-_FARTHEST, _FARTHEST)
        if is_sd
        else (record.mean - _FARTHEST * record.sd, record.mean + _FARTHEST * record.sd)
        for is_sd, record in zip(sds, records, strict=True)
    ]
    return np.asarray(optimize.minimize(minus, found.initial, bounds=bounds).x)
