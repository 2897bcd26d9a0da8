"""Modes that the labels of latent classes make, and how much of the posterior each holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from scr.fit.checks import Check
from scr.fit.importance import Component, WeightedDraws, at_peak, nearest_peak, shares_of
from scr.fit.labellings import class_means, parameters_by_class, relabellings
from scr.fit.log_posterior import LogPosterior, starting_point
from scr.fit.mode import Mode, find_modes
from scr.fit.starting import STEP
from scr.model.design import Design

LARGEST_ERROR = 0.03
"""Largest standard error of the probability of a mode for which its draws are well shared out."""

NEAR_MAXIMUM = 3.0
"""Log units within which another maximum of the likelihood is as good as the highest."""

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

    Parameters
    ----------
    target
        The log posterior.
    starting
        Starting values that replace the ones found from the data, by coefficient name.
    """
    start = starting_point(target, starting)
    design = target.inside.design
    return find_modes(
        target,
        start,
        basis=STEP * np.eye(len(start)),
        relabelled=lambda u: relabellings(design, u),
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


def peaks_of(modes: Sequence[Mode]) -> tuple[Component, ...]:
    """A proposal about each mode, by their masses were they normal, none with too few draws.

    Parameters
    ----------
    modes
        The modes.
    """
    log_mass = np.array([mode.log_mass for mode in modes])
    share = shares_of(np.exp(log_mass - logsumexp(log_mass)))
    return tuple(
        at_peak(mode.point, mode.vcov, weight=float(part))
        for mode, part in zip(modes, share, strict=True)
    )


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


def check_modes(
    design: Design, draws: NDArray[np.float64], masses: ModeMasses | None
) -> tuple[Check, ...]:
    """How many modes there are and what probability each has; nothing where there is one.

    Parameters
    ----------
    design
        The model and its data.
    draws
        Draws of equal weight, shape (n_draws, n_coefficients).
    masses
        Probability of each mode; None where there is one.
    """
    if masses is None or len(masses.peaks) == 1:
        return ()
    n_modes = len(masses.peaks)
    passed = masses.error <= LARGEST_ERROR
    listed = " and ".join(f"{mass:.2f}" for mass in masses.mass)
    message = (
        f"The posterior has {n_modes} modes, with probabilities {listed} (standard error "
        f"{masses.error:.2g}): the data leave open which class is which "
        f"({_in_words(design, draws)}). {_known(design)} All modes were visited, and the draws "
        "are shared out by these probabilities"
    )
    if not passed:
        message += (
            f", but they are poorly estimated: the standard error should be at most "
            f"{LARGEST_ERROR:g}. Find out the sex of more animals, or leave sex out of the formulas"
        )
    return (Check("modes", masses.error, LARGEST_ERROR, passed, message + ".", is_note=True),)


def check_other_maxima(target: LogPosterior, modes: Sequence[Mode]) -> tuple[Check, ...]:
    """Whether another maximum of the likelihood is nearly as high; nothing where there is one.

    Parameters
    ----------
    target
        The log-likelihood.
    modes
        The maxima, the highest first.
    """
    if len(modes) == 1:
        return ()
    below = modes[0].value - modes[1].value
    passed = below > NEAR_MAXIMUM
    design = target.problem.design
    first, second = (_in_words(design, target.coefficients(mode.point[None])) for mode in modes[:2])
    message = (
        f"The likelihood has {len(modes)} maxima, as classes can change their labels; the second "
        f"lies {below:.2g} log units below the highest"
    )
    if not passed:
        message += (
            f", less than {NEAR_MAXIMUM:g}: the data leave open which class is which ({first}; at "
            f"the second maximum {second}). {_known(design)} Estimates, standard errors and AIC "
            "are those of the highest alone. Use fit_laplace or fit_nuts, which weigh both, find "
            "out the sex of more animals, or leave sex out of the formulas"
        )
    return (Check("modes", below, NEAR_MAXIMUM, passed, message + "."),)


def _in_words(design: Design, draws: NDArray[np.float64]) -> str:
    parameters = parameters_by_class(design)
    if not parameters:
        return "they differ in their share alone"
    largest = class_means(design, draws, parameters[0]).argmax(axis=1)
    shares = [float((largest == number).mean()) for number in range(len(design.classes))]
    if len(draws) == 1:
        return f"{parameters[0]} is largest for {design.classes[largest[0]]}"
    return f"{parameters[0]} is largest for " + ", ".join(
        f"{label} with probability {share:.2f}"
        for label, share in zip(design.classes, shares, strict=True)
    )


def _known(design: Design) -> str:
    every, known = set(), set()
    for session in design.survey.sessions:
        captures = session.captures
        names = captures.individuals
        every |= set(names)
        if "sex" in captures.covariates.columns:
            has_sex = captures.covariates["sex"].notna().to_numpy()
            known |= {name for name, has in zip(names, has_sex, strict=True) if has}
    return f"Sex is known for {len(known)} of {len(every)} animals."
