"""The estimate from animals seen at least twice, beside the ordinary one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scr.errors import FitError
from scr.fit.influence import estimates_of
from scr.fit.mode_of import mode_of
from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.fit.without import with_animals
from scr.likelihood.seen_once import beyond_ordinary, require_seen_once
from scr.survey.captures import CaptureHistory
from scr.survey.survey import Survey

type Floats = NDArray[np.float64]

LEAST_SEEN_TWICE = 5
"""Animals seen at least twice below which the estimate is not made."""

_N_DRAWS, _MOST_DRAWS = 2000, 1000


@dataclass(frozen=True)
class SeenTwice:
    """The estimate from animals seen at least twice beside the ordinary one.

    Parameters
    ----------
    n_animals, n_once
        Animals detected, those of each session, and of them those detected once.
    density, density_twice
        Mean density of the cells within reach of the stations, animals per km2: estimate and 95 %
        limits, from all animals and from those seen at least twice.
    sigma, sigma_twice
        Sigma, the geometric mean over classes, stations and sessions, metres, likewise.
    z
        Difference of the two log densities over its standard error; near a standard normal where
        every animal is one animal. Above 0 there are more animals seen once than the others tell.
    """

    n_animals: int
    n_once: int
    density: tuple[float, float, float]
    density_twice: tuple[float, float, float]
    sigma: tuple[float, float, float]
    sigma_twice: tuple[float, float, float]
    z: float

    @property
    def share_once(self) -> float:
        """Share of the animals that were detected once."""
        return self.n_once / max(self.n_animals, 1)


def seen_once(survey: Survey) -> tuple[NDArray[np.bool_], ...]:
    """Which animals of each session were detected once.

    Parameters
    ----------
    survey
        The data.
    """
    return tuple(_detections(s.captures) == 1 for s in survey.sessions)


def _detections(captures: CaptureHistory) -> NDArray[np.float64]:
    return np.bincount(captures.individual, captures.count, captures.n_individuals)


def seen_twice(fit: Fit) -> SeenTwice:
    r"""Estimate again from animals seen at least twice, and hold it beside the ordinary estimate.

    A photograph given to the wrong animal makes an animal that does not exist, a ghost, and most
    ghosts are seen once. Left out alone, animals seen once would bias density; here they are left
    out of the model as well: what is expected is the number of animals seen at least twice.
    Where both estimates agree, ghosts matter little. The estimate is the posterior mode (the
    maximum of the likelihood where the fit has no priors), and its limits are those of a normal
    distribution about it.

    Parameters
    ----------
    fit
        A fitted model.

    Raises
    ------
    FitError
        If fewer than 5 animals were seen twice, the number of animals is conditional, detection
        answers to captures, or no maximum is found.

    References
    ----------
    Petersma, Thomas, Harris, Bradley & Papastamatiou (2024) Biometrics, for leaving singletons out
    of spatial capture-recapture; Hausman (1978) Econometrica 46:1251-1271, for the difference of
    two estimates of which one is efficient.
    """
    if fit.spec.number == "conditional":
        msg = (
            "The estimate from animals seen at least twice is worked out where density is part of "
            "the likelihood. Use number='poisson', which estimates detection alike."
        )
        raise FitError(msg)
    require_seen_once(fit.problem)
    once = seen_once(fit.survey)
    n, n_once = fit.survey.n_individuals, sum(int(flags.sum()) for flags in once)
    if n - n_once < LEAST_SEEN_TWICE:
        msg = (
            f"{n - n_once} animals were detected at least twice, and {LEAST_SEEN_TWICE} are needed "
            "for an estimate from them alone."
        )
        raise FitError(msg)
    survey = with_animals(fit.survey, tuple(~flags for flags in once))
    target, mode = mode_of(fit, survey, beyond=beyond_ordinary)
    rng = np.random.default_rng(1)
    root = np.linalg.cholesky(mode.vcov)
    normal = rng.standard_normal((_N_DRAWS, len(mode.point)))
    drawn = target.coefficients(mode.point + normal @ root.T)
    point = target.coefficients(mode.point)
    design = fit.problem.design
    twice = _limits(estimates_of(design, drawn), estimates_of(design, point[None])[0])
    own = estimates_of(design, thinned(fit.draws, _MOST_DRAWS))
    middle = np.median(own, axis=0)
    if fit.point is not None:
        middle = estimates_of(design, fit.point[None])[0]
    ordinary = _limits(own, middle)
    extra = max(twice[1][1] ** 2 - ordinary[1][1] ** 2, (0.1 * twice[1][1]) ** 2)
    return SeenTwice(
        n_animals=n,
        n_once=n_once,
        density=_told(ordinary[1]),
        density_twice=_told(twice[1]),
        sigma=_told(ordinary[0]),
        sigma_twice=_told(twice[0]),
        z=float((ordinary[1][0] - twice[1][0]) / np.sqrt(extra)),
    )


type _Limits = tuple[float, float, float, float]
"""Estimate, standard deviation and 95 % limits of a logarithm."""


def _limits(drawn: Floats, point: Floats) -> tuple[_Limits, _Limits]:
    """Of log sigma, and of log density."""
    lower, upper = np.quantile(drawn, [0.025, 0.975], axis=0)
    sd = drawn.std(axis=0, ddof=1)
    sigma, density = (
        (float(point[k]), float(sd[k]), float(lower[k]), float(upper[k])) for k in (0, 1)
    )
    return sigma, density


def _told(limits: _Limits) -> tuple[float, float, float]:
    estimate, _, lower, upper = np.exp(limits)
    return float(estimate), float(lower), float(upper)
