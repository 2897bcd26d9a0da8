"""What is said of several modes, and of the searches that found them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scr.fit.checks import Check
from scr.fit.labellings import class_means, parameters_by_class
from scr.fit.latent_labels import differ
from scr.fit.latent_starts import latent_starts
from scr.fit.log_posterior import LogPosterior
from scr.fit.mode import Mode
from scr.fit.modes import ModeMasses
from scr.model.design import Design

LARGEST_ERROR = 0.03
"""Largest standard error of the probability of a mode for which its draws are well shared out."""

NEAR_MAXIMUM = 3.0
"""Log units within which another maximum of the likelihood is as good as the highest."""


def check_modes(
    target: LogPosterior, draws: NDArray[np.float64], masses: ModeMasses | None
) -> tuple[Check, ...]:
    """How many modes there are and what probability each has; nothing where there is one.

    Parameters
    ----------
    target
        The log posterior.
    draws
        Draws of equal weight, shape (n_draws, n_coefficients).
    masses
        Probability of each mode; None where there is one.
    """
    if masses is None or len(masses.peaks) == 1:
        return ()
    design, n_modes = target.problem.design, len(masses.peaks)
    passed = masses.error <= LARGEST_ERROR
    listed = " and ".join(f"{mass:.2f}" for mass in masses.mass)
    if _is_grouped(design):
        told = [_groups_in_words(design, target.coefficients(peak.mean)) for peak in masses.peaks]
        left_open = f"how the latent groups differ ({'; or '.join(told)})"
    else:
        left_open = f"which class is which ({_in_words(design, draws)})"
    message = (
        f"The posterior has {n_modes} modes, with probabilities {listed} (standard error "
        f"{masses.error:.2g}): the data leave open {left_open}. {_known(design)}All modes were "
        "visited, and the draws are shared out by these probabilities"
    )
    if not passed:
        message += (
            f", but they are poorly estimated: the standard error should be at most "
            f"{LARGEST_ERROR:g}. {_sentence(_remedy(design))}"
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
    thetas = [target.coefficients(mode.point) for mode in modes[:2]]
    if _is_grouped(design):
        why, left_open = "latent groups can differ in several ways", "how latent groups differ"
        first, second = (_groups_in_words(design, theta) for theta in thetas)
    else:
        why, left_open = "classes can change their labels", "which class is which"
        first, second = (_in_words(design, theta[None]) for theta in thetas)
    message = (
        f"The likelihood has {len(modes)} maxima, as {why}; the second "
        f"lies {below:.2g} log units below the highest"
    )
    if not passed:
        message += (
            f", less than {NEAR_MAXIMUM:g}: the data leave open {left_open} ({first}; at "
            f"the second maximum {second}). {_known(design)}Estimates, standard errors and AIC "
            "are those of the highest alone. Use fit_laplace or fit_nuts, which weigh both, "
            f"{_remedy(design)}"
        )
    return (Check("modes", below, NEAR_MAXIMUM, passed, message + "."),)


def check_starts(target: LogPosterior, modes: Sequence[Mode]) -> tuple[Check, ...]:
    """How often searches for latent groups ended at the highest mode; nothing without groups.

    Parameters
    ----------
    target
        What was searched.
    modes
        The modes, the highest first.
    """
    design = target.problem.design
    if not _is_grouped(design):
        return ()
    n_starts = len(latent_starts(design, np.zeros(design.n_coefficients)))
    ended = modes[0].n_searches
    message = (
        f"Latent groups were searched for from {n_starts} starting points, of which {ended} led "
        f"to the highest point found. Groups are numbered by {_order(design)} there, the lowest "
        "first: " + _groups_in_words(design, target.coefficients(modes[0].point)) + "."
    )
    return (Check("starts", float(ended), 1.0, passed=True, message=message, is_note=True),)


def _is_grouped(design: Design) -> bool:
    return design.classes.n_groups > 1


def _order(design: Design) -> str:
    return parameters_by_class(design, of="group")[0]


def _groups_in_words(design: Design, theta: NDArray[np.float64]) -> str:
    """Ratios of detection parameters to those of the first group, and shares of the others."""
    if not differ(design, theta):
        return "groups that are alike"
    parts = []
    for name in parameters_by_class(design, of="group"):
        means = class_means(design, theta, name, of="group")
        ratios = ", ".join(f"{np.exp(mean - means[0]):.2g}" for mean in means[1:])
        of = f"odds of {name}" if name == "g0" else name
        parts.append(f"{of} {ratios} times that of group 1")
    classes = design.classes
    share = np.exp(design.log_share(theta)).mean(axis=0)
    by_group = np.bincount(classes.group, weights=share) / share.sum()
    parts.append("shares " + " and ".join(f"{part:.2f}" for part in by_group))
    return ", ".join(parts)


def _remedy(design: Design) -> str:
    if _is_grouped(design):
        return "or leave latent groups out of the formulas"
    return "find out the sex of more animals, or leave sex out of the formulas"


def _sentence(text: str) -> str:
    text = text.removeprefix("or ")
    return text[0].upper() + text[1:]


def _in_words(design: Design, draws: NDArray[np.float64]) -> str:
    parameters, sexes = parameters_by_class(design), design.classes.sexes
    if not parameters:
        return "they differ in their share alone"
    largest = class_means(design, draws, parameters[0]).argmax(axis=1)
    shares = [float((largest == number).mean()) for number in range(len(sexes))]
    if len(draws) == 1:
        return f"{parameters[0]} is largest for {sexes[largest[0]]}"
    return f"{parameters[0]} is largest for " + ", ".join(
        f"{label} with probability {share:.2f}" for label, share in zip(sexes, shares, strict=True)
    )


def _known(design: Design) -> str:
    if not design.classes.has_sexes:
        return ""
    every, known = set(), set()
    for session in design.survey.sessions:
        captures = session.captures
        names = captures.individuals
        every |= set(names)
        if "sex" in captures.covariates.columns:
            has_sex = captures.covariates["sex"].notna().to_numpy()
            known |= {name for name, has in zip(names, has_sex, strict=True) if has}
    return f"Sex is known for {len(known)} of {len(every)} animals. "
