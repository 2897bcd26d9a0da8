"""After the fit: whether the mask was wide enough and its cells small enough."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize

from scr.fit.checks import Check
from scr.fit.derived import density_by_session
from scr.fit.log_posterior import LogPosterior
from scr.habitat.build import finer_mask, wider_mask
from scr.habitat.mask import HabitatMask
from scr.likelihood.problem import Problem, build_problem, with_sums_of
from scr.model.advice import name_the_limit
from scr.model.coordinates import doubt_of_reach
from scr.model.design import Design
from scr.model.mask_bias import LARGEST_MOVE
from scr.survey.parts import joined_parts
from scr.survey.survey import Survey
from scr.survey.traps import Traps
from scr.units import per_100_km2

_BUFFER_FACTOR = 1.5
_GRADIENT_TOLERANCE = 1e-3
_MOST_DRAWS = 200


def mask_checks(
    target: LogPosterior,
    mode: NDArray[np.float64],
    vcov: NDArray[np.float64],
    *,
    draws: NDArray[np.float64],
) -> tuple[Check, Check]:
    """Refit with the buffer larger by half, and with cells of half the side.

    Standard deviations of pooled sessions and smooths are held, and lengths: where they are hardly
    known the mode moves along them for little reason, and with it the effects.

    Parameters
    ----------
    target
        What was fitted.
    mode, vcov
        Its mode in its coordinates, shape (n_coefficients,), and inverse of minus the Hessian.
    draws
        Coefficients drawn, to tell how uncertain density is, shape (n_draws, n_coefficients).

    Returns
    -------
    tuple
        Checks ``mask_wider`` and ``mask_finer``. Their value is the move of mean density over the
        cells of the mask, in standard deviations.
    """
    design = target.problem.design
    step = max(1, len(draws) // _MOST_DRAWS)
    if design.spec.number == "conditional":
        of = target.problem.session_of
        each = [_derived(target.problem, theta, of) for theta in draws[::step]]
        # The numbers of animals, too, make density uncertain: by one over the root of n.
        before = _derived(target.problem, target.coefficients(mode), of)
        spread = float(np.hypot(np.std(each, ddof=1), before / np.sqrt(target.problem.n_animals)))
    else:
        spread = float(mean_density(design, draws[::step], design).std(ddof=1))
        before = float(mean_density(design, target.coefficients(mode), design))
    wider = wider_mask(design.mask, all_traps(design.survey), factor=_BUFFER_FACTOR)
    finer = finer_mask(design.mask)
    checks = []
    for name, other in (("mask_wider", wider), ("mask_finer", finer)):
        if other is None:
            message = (
                "The mask was not widened: it is bounded, has no lattice or fills its habitat."
            )
            checks.append(Check(name, np.nan, LARGEST_MOVE, passed=True, message=message))
            continue
        kept = design.density if design.density.smooths or design.density.scales else None
        changed = build_problem(design.survey, other, design.spec, like=kept)
        changed = with_sums_of(changed, target.problem)
        again = target.on(changed)
        point = again.coefficients(climb(again, mode, vcov))
        after = (
            _derived(changed, point, target.problem.session_of)
            if design.spec.number == "conditional"
            else float(mean_density(changed.design, point, design))
        )
        checks.append(_judge(name, before, after, spread=spread, mask=design.mask))
    return checks[0], checks[1]


def _derived(problem: Problem, theta: NDArray[np.float64], session_of: NDArray[np.int64]) -> float:
    """Mean of the density derived for each session, animals per km2."""
    return float(density_by_session(problem, theta, session_of=session_of).mean())


def reach_checks(design: Design) -> tuple[Check, ...]:
    """Whether the columns of density vary within reach of the stations; no check where they do.

    Parameters
    ----------
    design
        The model and its data.
    """
    doubt = doubt_of_reach(design)
    if doubt is None:
        return ()
    return (Check("within_reach", float(doubt[0]), 0.0, passed=False, message=doubt[1]),)


def mean_density(design: Design, theta: NDArray[np.float64], over: Design) -> NDArray[np.float64]:
    """Expected density over the cells of all sessions of a design, weighted by area.

    Parameters
    ----------
    design
        The model that gives density.
    theta
        Coefficients, shape (n_coefficients,) or (n_draws, n_coefficients).
    over
        The design whose cells are averaged over.

    Returns
    -------
    NDArray
        Animals per km2, shape () or (n_draws,).
    """
    total = np.zeros(theta.shape[:-1])
    area = 0.0
    for session, cells in enumerate(over.cells):
        log_density = (
            design.log_density(theta, session)
            if design is over
            else design.predict_log_density(theta, over.mask, session)[..., cells]
        )
        total = total + np.exp(log_density) @ over.mask.cell_area[cells]
        area += float(over.mask.cell_area[cells].sum())
    return np.asarray(total / area)


def all_traps(survey: Survey) -> Traps:
    """The traps of all sessions in one record.

    Parameters
    ----------
    survey
        The data.
    """
    every = [session.traps for session in survey.sessions]
    names = [session.name for session in survey.sessions]
    return Traps(
        names=np.concatenate([traps.names for traps in every]),
        xy=np.concatenate([traps.xy for traps in every]),
        crs=survey.crs,
        session=np.repeat(np.array(names, dtype=object), [len(traps) for traps in every]),
        covariates=pd.concat([traps.covariates for traps in every], ignore_index=True),
        source=every[0].source,
        parts=joined_parts([traps.parts for traps in every]),
    )


def climb(
    target: LogPosterior, start: NDArray[np.float64], vcov: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The mode that a search from nearby comes to, in coordinates, shape (n_coefficients,).

    Standard deviations of pooled sessions and smooths stay, and lengths.

    Parameters
    ----------
    target
        What is climbed.
    start, vcov
        Where to begin, and the scale of steps there.
    """
    free = np.arange(len(start)) if target.pooled is None else target.pooled.others
    factor = np.zeros((len(start), len(free)))
    factor[free] = np.linalg.cholesky(vcov[np.ix_(free, free)])

    def minus(u: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient = target(start + factor @ u)
        return -value, -(factor.T @ gradient)

    origin = np.zeros(len(free))
    options = {"gtol": _GRADIENT_TOLERANCE}
    result = optimize.minimize(minus, origin, jac=True, method="BFGS", options=options)
    return np.asarray(start + factor @ result.x)


def _judge(name: str, before: float, after: float, *, spread: float, mask: HabitatMask) -> Check:
    move = abs(after - before) / spread
    change, remedy = {
        "mask_wider": ("the buffer larger by half", "Widen the buffer of the mask"),
        "mask_finer": ("cells of half the side", "Use smaller mask cells"),
    }[name]
    message = (
        f"With {change}, density moves from {per_100_km2(before):.3g} to "
        f"{per_100_km2(after):.3g} animals per 100 km2, {move:.2f} of its standard deviation"
    )
    passed = move < LARGEST_MOVE
    if not passed:
        message += (
            f"; it should be less than {LARGEST_MOVE}. {remedy} and fit again, until it no longer "
            "matters."
        )
    if not passed and name == "mask_wider":
        message += f" If no animal can live beyond its edge, {name_the_limit(mask)} instead."
    return Check(name, move, LARGEST_MOVE, passed, message if not passed else message + ".")
