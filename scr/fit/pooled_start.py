"""Where to begin with pooled sessions, and the coordinates of their effects."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from scr.errors import FitError
from scr.fit.log_posterior import LogPosterior, starting_points
from scr.fit.mode import find_mode
from scr.fit.pooled import LEAST_CURVATURE, PooledCoordinates
from scr.fit.starting import STEP
from scr.model.joint_prior import JointPrior

_MOST_ROUNDS = 5
_STEADY = 0.1
"""Change of log standard deviations below which they are found."""

_FARTHEST = 5.0


def with_pooled(
    target: LogPosterior, starting: Mapping[str, float] | None = None
) -> tuple[LogPosterior, Mapping[str, float] | None]:
    """The log posterior in coordinates that suit pooled sessions; as it is where none are.

    The highest point of all coefficients together is of no use: with effects of 0 the density
    grows without bound as their standard deviation goes to 0. So the mode of the others is found
    for given standard deviations, and these where their own posterior is highest, the others
    integrated out by a normal approximation about that mode, in turn.

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
            "The model pools sessions, (1 | session), and the survey has photographs of both "
            "flanks. The two cannot be fitted together yet: write session in place of "
            "(1 | session), or keep the records of one flank."
        )
        raise FitError(msg)
    x = starting_points(target, starting)[0]
    sds = [pool.sd for pool in pools]
    log_sd = np.log(np.maximum(x[sds], np.exp(-_FARTHEST)))
    m = len(x) - len(pools)
    found = PooledCoordinates(pools, np.eye(m), np.zeros(m), log_sd)
    for _ in range(_MOST_ROUNDS):
        found = _about_mode(target, found, x)
        log_sd = _highest(found, prior)
        moved = np.abs(log_sd - found.log_sd).max()
        found = replace(found, log_sd=log_sd)
        x = found.opened(found.start).x
        if moved < _STEADY:
            break
    return replace(target, pooled=found), None


def _about_mode(
    target: LogPosterior, before: PooledCoordinates, start: NDArray[np.float64]
) -> PooledCoordinates:
    """Curvature and pull of all but the pooling, at the mode for given standard deviations."""
    others = before.others
    point = start.copy()
    point[before.sds] = np.exp(before.log_sd)

    def of_others(part: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        point[others] = part
        value, gradient = target(point)
        return value, gradient[others]

    mode = find_mode(of_others, start[others], basis=STEP * np.eye(len(others)))
    precision = np.linalg.inv(mode.vcov)
    pooling = before.precision(before.log_sd)
    values, vectors = np.linalg.eigh(precision - np.diag(pooling))
    curvature = (vectors * np.maximum(values, LEAST_CURVATURE)) @ vectors.T
    pull = curvature @ mode.point + pooling * mode.point + of_others(mode.point)[1]
    return replace(before, curvature=curvature, pull=pull)


def _highest(found: PooledCoordinates, prior: JointPrior) -> NDArray[np.float64]:
    """Log standard deviations at which their posterior is highest, by a normal approximation."""
    sizes = np.array([pool.effects.stop - pool.effects.start for pool in found.pools])
    records = [prior.records[pool.sd] for pool in found.pools]

    def minus(log_sd: NDArray[np.float64]) -> float:
        opened = found.opened(replace(found, log_sd=log_sd).start)
        value = 0.5 * opened.ahead @ opened.ahead + opened.log_jacobian - sizes @ log_sd
        value += sum(
            float(record.log_density(np.exp(each)))
            for record, each in zip(records, log_sd, strict=True)
        )
        return -float(value)

    bounds = [(-_FARTHEST, _FARTHEST)] * len(sizes)
    return np.asarray(optimize.minimize(minus, found.log_sd, bounds=bounds).x)
