"""Importance sampling of a posterior about its mode, Pareto-smoothed, refitted where needed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from arviz_stats.base.array import array_stats
from numpy.typing import NDArray
from scipy import stats
from scipy.special import logsumexp

Densities = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Log densities, shape (n,), at points of shape (n, n_dimensions)."""

K_GOOD = 0.5
"""Pareto k above which the proposal is refitted."""

_STATS: Any = array_stats
_DF_AT_MODE = 5.0
_DF_REFITTED = 3.0
_INFLATION = 1.5
_N_COMPONENTS = 3
_N_UPDATES = 8
_MOST_ROUNDS = 5
_PILOT = 1000
"""Draws of a round that tell whether its proposal will do."""

_DEFENSIVE_WEIGHT = 0.15
_DEFENSIVE_INFLATION = 2.0
_SHRINKAGE = 0.1
_LEAST_SHARE = 0.2
"""Least share of the draws of a mode, before shares are made to sum to one."""


@dataclass(frozen=True, eq=False)
class Component:
    """One multivariate t of a proposal.

    Parameters
    ----------
    weight
        Its share of the draws.
    mean, scale
        Location, shape (n,), and scale matrix, shape (n, n).
    df
        Degrees of freedom.
    """

    weight: float
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    df: float

    def draw(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draws, shape (n, n_dimensions).

        Parameters
        ----------
        n
            How many.
        rng
            Random numbers.
        """
        t = stats.multivariate_t(self.mean, self.scale, df=self.df)
        return np.asarray(t.rvs(size=n, random_state=rng)).reshape(n, len(self.mean))

    def log_density(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log density, shape (n,).

        Parameters
        ----------
        points
            Shape (n, n_dimensions).
        """
        t = stats.multivariate_t(self.mean, self.scale, df=self.df)
        return np.asarray(t.logpdf(points)).reshape(len(points))


@dataclass(frozen=True, eq=False)
class WeightedDraws:
    """Draws of all rounds with their weights.

    Parameters
    ----------
    points
        Shape (n, n_dimensions).
    log_weight
        Smoothed, summing to one on the natural scale, shape (n,).
    log_density
        Log density of the target at each, shape (n,).
    k_hat
        Shape of the tail of the weights; below 0.7 means can be trusted.
    n_rounds
        1, or more where the proposal was refitted.
    """

    points: NDArray[np.float64]
    log_weight: NDArray[np.float64]
    log_density: NDArray[np.float64]
    k_hat: float
    n_rounds: int

    @property
    def effective(self) -> float:
        """Effective number of draws, 1 / sum of squared weights."""
        return float(np.exp(-logsumexp(2 * self.log_weight)))


def at_peak(
    mode: NDArray[np.float64], vcov: NDArray[np.float64], *, weight: float = 1.0
) -> Component:
    """The t that the first round draws from about a mode.

    Parameters
    ----------
    mode, vcov
        Mode, shape (n,), and inverse of minus the Hessian there, shape (n, n).
    weight
        Its share of the draws.
    """
    return Component(weight, mode, vcov, _DF_AT_MODE)


def sample_about_modes(
    log_densities: Densities,
    peaks: Sequence[Component],
    *,
    draws: int,
    rng: np.random.Generator,
) -> WeightedDraws:
    """Weighted draws of a density from multivariate t proposals.

    The first proposal is a t about each mode. While the weights have a Pareto k above 0.5, up to
    four more rounds draw from a mixture of t's fitted to the weighted draws so far, mode by mode,
    with a wide component at each mode kept. A round draws a thousand to begin with, and all of
    its draws only where those have a k of at most 0.5 or where it is the last. Weights compare the
    target with the mixture of all proposals used, each by its share of the draws, so that every
    evaluation counts.

    Parameters
    ----------
    log_densities
        The target; it may be -inf.
    peaks
        The first proposal, one component for each mode, from ``at_peak``.
    draws
        Draws of the last round.
    rng
        Random numbers.

    References
    ----------
    Vehtari, Simpson, Gelman, Yao & Gabry (2024) JMLR 25(72), Pareto smoothing; Cappe, Douc,
    Guillin, Marin & Robert (2008) Stat. Comput. 18:447-459, refitting a mixture of t's; Veach &
    Guibas (1995) SIGGRAPH 419-428, weights over all proposals; Hesterberg (1995) Technometrics
    37:185-194, the wide component.
    """
    proposals = [list(peaks)]
    counts = [0]
    points, targets = np.empty((0, len(peaks[0].mean))), np.empty(0)
    while True:
        is_last = len(proposals) == _MOST_ROUNDS
        for n in _batches(draws, whole=is_last):
            fresh = _draw_mixture(proposals[-1], n, rng)
            points = np.concatenate([points, fresh])
            targets = np.concatenate([targets, log_densities(fresh)])
            counts[-1] += n
            result = _weigh(points, targets, proposals, shares=np.array(counts) / len(points))
            if result.k_hat > K_GOOD and not is_last:
                proposals.append(_refitted(peaks, points, np.exp(result.log_weight)))
                counts.append(0)
                break
        else:
            return result


def nearest_peak(peaks: Sequence[Component], points: NDArray[np.float64]) -> NDArray[np.int64]:
    """The mode that each point belongs to.

    Parameters
    ----------
    peaks
        A component for each mode.
    points
        Shape (n, n_dimensions).
    """
    if len(peaks) == 1:
        return np.zeros(len(points), dtype=np.int64)
    return np.argmax([peak.log_density(points) for peak in peaks], axis=0)


def shares_of(mass: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares of the draws of each mode: by their masses, none with too few to be known by.

    Parameters
    ----------
    mass
        Probability of each mode, shape (n_modes,).

    Examples
    --------
    >>> shares_of(np.array([0.99, 0.01])).round(2)
    array([0.83, 0.17])
    """
    share = np.maximum(mass, _LEAST_SHARE)
    return np.asarray(share / share.sum())


def _refitted(
    peaks: Sequence[Component], points: NDArray[np.float64], weight: NDArray[np.float64]
) -> list[Component]:
    """A wide component at each mode and a mixture fitted to the draws that belong to it."""
    nearest = nearest_peak(peaks, points)
    mass = np.bincount(nearest, weights=weight, minlength=len(peaks))
    proposal = []
    for i, (peak, part) in enumerate(zip(peaks, shares_of(mass), strict=True)):
        scale = _DEFENSIVE_INFLATION * peak.scale
        parts = [Component(_DEFENSIVE_WEIGHT, peak.mean, scale, _DF_REFITTED)]
        own = nearest == i
        if (weight[own] > 0).sum() > len(peak.mean):
            parts += fit_mixture(points[own], weight[own] / mass[i], peak.scale)
        proposal += [replace(each, weight=float(part) * each.weight) for each in parts]
    return proposal


def _batches(draws: int, *, whole: bool) -> tuple[int, ...]:
    """A pilot and the rest of the draws of a round, or all at once."""
    return (draws,) if whole or draws <= _PILOT else (_PILOT, draws - _PILOT)


def resample(weighted: WeightedDraws, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows of draws of equal weight, in random order, by systematic resampling.

    Parameters
    ----------
    weighted
        Weighted draws.
    n
        How many.
    rng
        Random numbers.

    Returns
    -------
    NDArray
        Rows of ``weighted``, some of them several times, shape (n,).
    """
    ends = np.cumsum(np.exp(weighted.log_weight))
    places = (rng.uniform() + np.arange(n)) / n * ends[-1]
    return rng.permutation(np.searchsorted(ends, places, side="right"))


def fit_mixture(
    points: NDArray[np.float64], weight: NDArray[np.float64], vcov: NDArray[np.float64]
) -> list[Component]:
    """Mixture of multivariate t's fitted to weighted draws.

    Starts from draws cut into equal parts along the direction in which they spread most, compared
    with ``vcov``, and takes a few steps of the algorithm of Cappe et al. (2008), section 4. Scales
    are then widened by half, as draws know too little of tails that they have not yet reached.

    Parameters
    ----------
    points
        Shape (n, n_dimensions).
    weight
        Summing to one, shape (n,).
    vcov
        Scale against which spread is measured, shape (n_dimensions, n_dimensions).

    Returns
    -------
    list
        Components whose weights, with that of the wide component, sum to one.
    """
    share = 1 - _DEFENSIVE_WEIGHT
    factor = np.linalg.cholesky(vcov)
    white = np.linalg.solve(factor, points.T).T
    centre = weight @ white
    spread = np.cov(white.T, aweights=weight, ddof=0).reshape(vcov.shape)
    along = (white - centre) @ np.linalg.eigh(spread)[1][:, -1]
    order = np.argsort(along)
    part = np.empty(len(points), dtype=np.int64)
    part[order] = np.minimum(np.cumsum(weight[order]) * _N_COMPONENTS, _N_COMPONENTS - 1)
    belongs = (part[:, None] == np.arange(_N_COMPONENTS)).astype(np.float64)
    components = [_fit_component(white, weight * b, spread) for b in belongs.T if weight @ b > 0]
    for _ in range(_N_UPDATES):
        logs = np.array([np.log(c.weight) + c.log_density(white) for c in components])
        belongs = np.exp(logs - logsumexp(logs, axis=0)).T
        nearness = np.array([_nearness(c, white) for c in components]).T
        components = [
            _fit_component(white, weight * b, spread, nearness=u)
            for b, u in zip(belongs.T, nearness.T, strict=True)
            if weight @ b > 1e-3
        ]
    total = sum(c.weight for c in components)
    return [
        Component(
            share * c.weight / total,
            factor @ c.mean,
            _INFLATION * factor @ c.scale @ factor.T,
            _DF_REFITTED,
        )
        for c in components
    ]


def _nearness(component: Component, points: NDArray[np.float64]) -> NDArray[np.float64]:
    away = points - component.mean
    squared = (away * np.linalg.solve(component.scale, away.T).T).sum(axis=1)
    return np.asarray((component.df + points.shape[1]) / (component.df + squared))


def _fit_component(
    points: NDArray[np.float64],
    weight: NDArray[np.float64],
    spread: NDArray[np.float64],
    *,
    nearness: NDArray[np.float64] | None = None,
) -> Component:
    total = float(weight.sum())
    near = weight if nearness is None else weight * nearness
    mean = near @ points / near.sum()
    away = points - mean
    scale = (near[:, None] * away).T @ away / total
    # Towards the spread of all draws and that at the mode, for components with few draws.
    steady = (spread + np.eye(len(mean))) / 2
    return Component(total, mean, (1 - _SHRINKAGE) * scale + _SHRINKAGE * steady, _DF_REFITTED)


def _draw_mixture(
    components: Sequence[Component], n: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    shares = np.array([component.weight for component in components])
    counts = rng.multinomial(n, shares / shares.sum())
    parts = [c.draw(int(count), rng) for c, count in zip(components, counts, strict=True) if count]
    return np.concatenate(parts)


def _weigh(
    points: NDArray[np.float64],
    targets: NDArray[np.float64],
    proposals: Sequence[Sequence[Component]],
    *,
    shares: NDArray[np.float64],
) -> WeightedDraws:
    logs = [
        logsumexp([np.log(share * c.weight) + c.log_density(points) for c in proposal], axis=0)
        for share, proposal in zip(shares, proposals, strict=True)
    ]
    raw = targets - logsumexp(logs, axis=0)
    raw = np.where(np.isfinite(raw), raw, -np.inf)
    possible = np.isfinite(raw)
    smoothed = np.full(len(raw), -np.inf)
    k_hat = np.inf
    if possible.sum() > 10 * points.shape[1]:
        smooth, k = _STATS.psislw(-(raw[possible] - raw[possible].max()))
        smoothed[possible] = smooth - logsumexp(smooth)
        k_hat = float(k)
    else:
        smoothed[possible] = raw[possible] - logsumexp(raw[possible])
    return WeightedDraws(points, smoothed, targets, k_hat, len(proposals))
