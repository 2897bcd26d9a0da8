"""The posterior by importance sampling about its mode."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from scr.errors import ConvergenceWarning, MaskWarning
from scr.fit.checks import Check, warn_of
from scr.fit.checks_of_modes import check_modes, check_starts
from scr.fit.estimable import require_captures
from scr.fit.importance import WeightedDraws, resample, sample_about_modes
from scr.fit.log_posterior import LogPosterior
from scr.fit.mask_check import mask_checks, reach_checks
from scr.fit.mle import mode_checks
from scr.fit.modes import peaks_of, posterior_modes, weigh_modes
from scr.fit.node_check import node_checks
from scr.fit.others_check import others_checks
from scr.fit.pointwise import AnimalTerms, joined
from scr.fit.pooled_start import with_pooled
from scr.fit.progress import progress_line
from scr.fit.result import Fit, coefficient_table
from scr.fit.scale_check import scale_checks
from scr.fit.sums_over_matchings import for_draws, kept_sum, with_sum
from scr.habitat.mask import HabitatMask
from scr.likelihood.problem import build_problem
from scr.model.spec import ModelSpec
from scr.survey.survey import Survey

K_HAT_LIMIT = 0.7
"""Pareto k above which the draws do not stand for the posterior."""


def fit_laplace(
    survey: Survey,
    mask: HabitatMask,
    spec: ModelSpec,
    *,
    draws: int = 4000,
    seed: int = 1,
    starting: Mapping[str, float] | None = None,
    check_mask: bool = True,
    progress: bool = False,
    cores: int | None = None,
) -> Fit:
    """Draw from the posterior by importance sampling about its mode.

    With up to about fifteen coefficients this is the posterior up to Monte Carlo error, for about
    as many evaluations as draws. Where sessions are pooled, ``(1 | session)``, or density has
    smooths, draws are of the effects apart from the standard deviation (``scr.fit.pooled``). Where
    classes can change their labels, as with few known sexes, the modes of all labellings are found,
    drawn from and weighed; the check ``modes`` says so.

    Parameters
    ----------
    survey, mask, spec
        Data and model. Coefficients without a prior of their own have the default one.
    draws
        Draws of the proposal, and of equal weight in the result.
    seed
        Seed of all random numbers.
    starting
        Starting values that replace the ones found from the data, by coefficient name.
    check_mask
        Whether to refit with a wider and a finer mask, and with twice the nodes where animals have
        an effect of their own.
    progress
        Whether to show a line on standard error.
    cores
        Threads, all cores if left out. The draws do not depend on it.

    Returns
    -------
    Fit
        ``sample_stats`` holds the weights of the proposal's draws, their effective number and the
        Pareto k.

    Raises
    ------
    FitError
        If the survey has too few detections, or the likelihood is not finite to begin with.
    FormulaError, MaskError
        If model, mask and survey do not fit each other.

    Warns
    -----
    ConvergenceWarning
        If the Pareto k stays above 0.7, or no mode was found.
    MaskWarning
        If a wider or finer mask moves density by a tenth of its standard deviation or more.

    References
    ----------
    Tierney & Kadane (1986) JASA 81:82-86; Vehtari et al. (2024) JMLR 25(72).
    """
    require_captures(survey, with_priors=True)
    problem = build_problem(survey, mask, spec)
    target, starting = with_pooled(LogPosterior(problem, n_threads=cores), starting)
    rng = np.random.default_rng(seed)
    batches: list[AnimalTerms] = []

    def log_density(points: NDArray[np.float64]) -> NDArray[np.float64]:
        densities, terms = for_draws(target).many(points)
        batches.append(terms)
        return densities

    with progress_line("Laplace importance sampling", shown=progress) as say:
        target = with_sum(target, posterior_modes, starting)
        problem = target.problem
        modes = posterior_modes(target, starting)
        mode, peaks = modes[0], peaks_of(modes, pooled=target.pooled)
        target = target.labelled(modes)
        n_gradients = sum(each.n_evaluations for each in modes)
        say(f"mode found after {n_gradients} evaluations, drawing")
        weighted = sample_about_modes(log_density, peaks, draws=draws, rng=rng)
        chosen = resample(weighted, draws, rng)
        equal = target.coefficients(weighted.points[chosen])
        checks = (
            *mode_checks(mode, problem.design.coefficient_names),
            _check_tail(weighted),
            *check_starts(target, modes),
            *check_modes(target, equal, weigh_modes(peaks, weighted)),
            *others_checks(problem.design),
            *scale_checks(problem.design, equal, target.prior),
        )
        of_mask = reach_checks(problem.design)
        if check_mask and mode.converged:
            say("trying a wider and a finer mask")
            of_mask += mask_checks(target, mode.point, mode.vcov, draws=equal)
            checks += node_checks(target, mode.point, mode.vcov)
    warn_of(checks, ConvergenceWarning)
    warn_of(of_mask, MaskWarning)
    return Fit(
        survey=survey,
        mask=mask,
        spec=spec,
        problem=problem,
        engine="laplace",
        draws=equal,
        coefficients=coefficient_table(
            problem.design.coefficient_names,
            equal,
            effective_draws(
                replace(weighted, points=target.coefficients(weighted.points)),
                problem.design.coefficient_names,
            ),
        ),
        log_likelihood=target.log_likelihood(mode.point)[0],
        prior=target.prior,
        seed=seed,
        sample_stats=_sample_stats(
            weighted, weighted.log_density[chosen], n_gradients
        ).assign_attrs(kept_sum(problem)),
        checks=(*checks, *of_mask),
        terms=joined(batches).take(chosen),
    )


def effective_draws(weighted: WeightedDraws, names: tuple[str, ...]) -> pd.DataFrame:
    """Effective draws for the mean of each coefficient, as ``ess_bulk``.

    Parameters
    ----------
    weighted
        Weighted draws.
    names
        Names of the coefficients.

    Returns
    -------
    DataFrame
        Variance of the coefficient over the squared Monte Carlo error of its mean.

    References
    ----------
    Owen (2013) Monte Carlo theory, methods and examples, equation 9.13.
    """
    weight = np.exp(weighted.log_weight)
    away = weighted.points - weight @ weighted.points
    effective = (weight @ away**2) / ((weight**2) @ away**2)
    return pd.DataFrame({"ess_bulk": effective}, index=pd.Index(names, name="coefficient"))


def _check_tail(weighted: WeightedDraws) -> Check:
    k_hat, effective = weighted.k_hat, weighted.effective
    passed = k_hat <= K_HAT_LIMIT
    message = f"Pareto k is {k_hat:.2f} with {effective:.0f} effective draws"
    if not passed:
        message += (
            f" after {weighted.n_rounds} rounds; above {K_HAT_LIMIT} importance sampling does not "
            "reach the tails of this posterior. Use fit_nuts"
        )
    return Check("k_hat", k_hat, K_HAT_LIMIT, passed, message + ".")


def _sample_stats(
    weighted: WeightedDraws, log_density: NDArray[np.float64], n_gradients: int
) -> xr.Dataset:
    return xr.Dataset(
        {
            "lp": (["chain", "draw"], log_density[None, :]),
            "proposal_log_weight": ("proposal", weighted.log_weight),
            "k_hat": weighted.k_hat,
            "effective_draws": weighted.effective,
        },
        {"chain": [0], "draw": np.arange(len(log_density))},
        {
            "n_rounds": weighted.n_rounds,
            "n_gradients": n_gradients,
            "n_values": len(weighted.points),
        },
    )
