"""Modes of models with classes, and how much of the posterior each holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from scr.fit.importance import Component, WeightedDraws, at_peak, nearest_peak, shares_of
from scr.fit.latent_labels import LatentLabels, by_intensity
from scr.fit.log_posterior import LogPosterior, starting_points
from scr.fit.mode import Mode, find_modes
from scr.fit.pooled import PooledCoordinates
from scr.fit.pooled_proposal import at_pooled_peak
from scr.fit.starting import STEP

_LEAST_MASS = 1e-3


@dataclass(frozen=True, eq=False)
class ModeMasses:
    """Probability of each mode.

    Parameters
    ----------
    peaks
        A t about each mode, by which points are told to belong to it; ``weight`` is the share of
        the proposal.
    mass
        Probability of each, shape (n_modes,).
    error
        Standard error of the probability of the one that is known worst.
    """

    peaks: tuple[Component, ...]
    mass: NDArray[np.float64]
    error: float


def modes_of(target: LogPosterior, starting: Mapping[str, float] | None = None) -> tuple[Mode, ...]:
    """Modes of the posterior or likelihood, searched for from each labelling; the highest first.

    Latent groups are numbered at the highest at which they differ by the order of lambda0 (g0;
    sigma or z where lambda0 is the same in all), and at others as they lie nearest to that.

    Parameters
    ----------
    target
        The log posterior.
    starting
        Starting values that replace the ones found from the data, by coefficient name.
    """
    starts = starting_points(target, starting)
    design, exchanges = target.inside.design, target.exchanges
    modes = find_modes(
        target,
        starts,
        basis=STEP * np.eye(design.n_coefficients),
        relabelled=target.relabelled,
        images=lambda u: list(exchanges @ u),
    )
    if len(exchanges) == 1:
        return modes
    ordered = [_exchanged(target, mode, by_intensity(target.problem.design)) for mode in modes]
    labels = target.labelled(ordered).labels
    return tuple(_exchanged(target, mode, labels) for mode in ordered)


def _exchanged(target: LogPosterior, mode: Mode, labels: LatentLabels | None) -> Mode:
    """A mode with the labels that it should have."""
    if labels is None:
        return mode
    matrix = target.exchanges[labels.exchange(target.coefficients(mode.point))]
    return replace(
        mode,
        point=matrix @ mode.point,
        vcov=matrix @ mode.vcov @ matrix.T,
        flat=np.minimum(np.abs(matrix) @ mode.flat, 1.0),
    )


def posterior_modes(
    target: LogPosterior, starting: Mapping[str, float] | None = None
) -> tuple[Mode, ...]:
    """Modes of the posterior, the highest first, without those of negligible mass.

    Parameters
    ----------
    target, starting
        As for ``modes_of``.
    """
    modes = modes_of(target, starting)
    total = logsumexp([mode.log_mass for mode in modes])
    return tuple(mode for mode in modes if mode.log_mass - total > np.log(_LEAST_MASS))


def peaks_of(
    modes: Sequence[Mode], *, pooled: PooledCoordinates | None = None
) -> tuple[Component, ...]:
    """A proposal about each mode, by their masses were they normal, none with too few draws.

    Parameters
    ----------
    modes
        The modes.
    pooled
        Coordinates of pooled sessions, where there are any.
    """
    log_mass = np.array([mode.log_mass for mode in modes])
    share = shares_of(np.exp(log_mass - logsumexp(log_mass)))
    peaks = [
        at_peak(mode.point, mode.vcov, weight=float(part))
        for mode, part in zip(modes, share, strict=True)
    ]
    if pooled is None:
        return tuple(peaks)
    return tuple(at_pooled_peak(peak, pooled.spread) for peak in peaks)


def weigh_modes(peaks: Sequence[Component], weighted: WeightedDraws) -> ModeMasses:
    """Probability of each mode from weighted draws.

    Parameters
    ----------
    peaks
        From ``peaks_of``.
    weighted
        Draws whose proposal has all of them.
    """
    weight = np.exp(weighted.log_weight)
    belongs = nearest_peak(peaks, weighted.points)[:, None] == np.arange(len(peaks))
    mass = weight @ belongs
    error = np.sqrt(weight**2 @ (belongs - mass) ** 2).max()
    return ModeMasses(tuple(peaks), mass, float(error))
