"""The mode of a fitted model for other captures, found from the estimate of the fit."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from scr.errors import FitError
from scr.fit.log_posterior import LogPosterior
from scr.fit.mode import Mode, find_mode
from scr.fit.result import Fit
from scr.fit.starting import STEP
from scr.likelihood.problem import Problem, build_problem
from scr.survey.survey import Survey

type Floats = NDArray[np.float64]

_DIFFERENCE_STEP = 1e-4
_MOST_GAIN = 1e-3


def mode_of(
    fit: Fit, survey: Survey, *, beyond: Callable[[Problem, Floats], float] | None = None
) -> tuple[LogPosterior, Mode]:
    """Mode of the posterior, or of the likelihood where the fit has no priors.

    Parameters
    ----------
    fit
        A fitted model, from whose estimate the search starts.
    survey
        Captures in place of those of the fit.
    beyond
        What is added to the log-likelihood, a function of the problem and the coefficients; its
        slopes are central differences.

    Returns
    -------
    tuple
        The log posterior, by whose ``coefficients`` the mode is read, and the mode.

    Raises
    ------
    FitError
        If no maximum is found.
    """
    problem = build_problem(survey, fit.mask, fit.spec)
    target = LogPosterior(problem, has_prior=fit.prior is not None)

    def more(u: Floats) -> float:
        return 0.0 if beyond is None else beyond(problem, target.coefficients(u))

    def log_density(u: Floats) -> tuple[float, Floats]:
        value, gradient = target(u)
        if beyond is None or not np.isfinite(value):
            return value, gradient
        steps = _DIFFERENCE_STEP * np.eye(len(u))
        slopes = [(more(u + step) - more(u - step)) / (2 * _DIFFERENCE_STEP) for step in steps]
        return value + more(u), gradient + np.array(slopes)

    start = target.of(fit.point if fit.point is not None else np.median(fit.draws, axis=0))
    if not np.isfinite(log_density(start)[0]):
        msg = "The likelihood of other captures is not finite at the estimate of the fit."
        raise FitError(msg)
    mode = find_mode(log_density, start, basis=STEP * np.eye(len(start)))
    if mode.flat.any() or not np.isfinite(mode.value) or mode.gain > _MOST_GAIN:
        msg = (
            "No maximum was found of the likelihood of other captures: they are too few for this "
            "model. Use simpler formulas."
        )
        raise FitError(msg)
    return target, mode
