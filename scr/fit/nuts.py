"""The posterior by the No-U-Turn sampler."""

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Literal

import pandas as pd

from scr.errors import ConvergenceWarning, FitError, MaskWarning
from scr.fit.chains import ChainPlan, Chains, nutpie_chains
from scr.fit.checks import Check, warn_of
from scr.fit.diagnostics import chain_checks, chain_diagnostics, check_complete
from scr.fit.estimable import require_captures
from scr.fit.laplace import posterior_mode
from scr.fit.log_posterior import LogPosterior
from scr.fit.mask_check import mask_checks
from scr.fit.result import Fit, coefficient_table
from scr.fit.whitened import Whitened, whiten
from scr.habitat.mask import HabitatMask
from scr.likelihood.problem import build_problem
from scr.model.spec import ModelSpec
from scr.survey.survey import Survey


def fit_nuts(
    survey: Survey,
    mask: HabitatMask,
    spec: ModelSpec,
    *,
    draws: int = 1000,
    tune: int = 300,
    chains: int = 4,
    sampler: Literal["nutpie", "pymc"] = "nutpie",
    cores: int | None = None,
    seed: int = 1,
    starting: Mapping[str, float] | None = None,
    check_mask: bool = True,
    progress: bool = True,
) -> Fit:
    """Draw from the posterior by the No-U-Turn sampler.

    Chains start about the mode and are scaled by the curvature there, so that a short warm-up is
    enough. Interrupting it (Ctrl-C) keeps the draws made so far.

    Parameters
    ----------
    survey, mask, spec
        Data and model. Coefficients without a prior of their own have the default one.
    draws, tune
        Draws of each chain that are kept, and of the warm-up before them.
    chains, cores
        Chains, and how many run at a time; as many as there are cores if left out. With nutpie
        the draws do not depend on it.
    sampler
        ``"nutpie"``, or ``"pymc"`` for PyMC's own, which is slower.
    seed
        Seed of all random numbers.
    starting
        Values from which the mode is sought, by coefficient name.
    check_mask
        Whether to refit the mode with a wider and a finer mask.
    progress
        Whether to show progress.

    Returns
    -------
    Fit
        ``coefficients`` has R-hat and effective draws.

    Raises
    ------
    FitError
        If the survey has too few detections, or it was interrupted before the first draw.
    FormulaError, MaskError
        If model, mask and survey do not fit each other.

    Warns
    -----
    ConvergenceWarning
        If R-hat is above 1.01, fewer than 400 draws are effective, trajectories diverged or
        sampling was interrupted.
    MaskWarning
        If a wider or finer mask moves density by a tenth of its standard deviation or more.

    References
    ----------
    Hoffman & Gelman (2014) JMLR 15:1593-1623.
    """
    if sampler not in {"nutpie", "pymc"}:
        msg = f"sampler={sampler!r} is not known. Use 'nutpie' or 'pymc'."
        raise FitError(msg)
    require_captures(survey, with_priors=True)
    problem = build_problem(survey, mask, spec)
    design = problem.design
    target = LogPosterior(problem)
    mode = posterior_mode(target, starting)
    whitened = whiten(target, mode.point, mode.vcov)
    available = cores or os.cpu_count() or 1
    plan = ChainPlan(draws, tune, chains, min(chains, available), seed, progress)
    result = _sampler(sampler)(whitened, plan)
    flat = result.theta.reshape(-1, design.n_coefficients)
    diagnostics = chain_diagnostics(result.theta, design.coefficient_names)
    checks = _checks(result, diagnostics, n_asked=draws * chains)
    of_mask: tuple[Check, ...] = ()
    if check_mask and mode.converged:
        of_mask = mask_checks(target, mode.point, mode.vcov, draws=flat)
    warn_of(checks, ConvergenceWarning)
    warn_of(of_mask, MaskWarning)
    return Fit(
        survey=survey,
        mask=mask,
        spec=spec,
        problem=problem,
        engine="nuts",
        draws=flat,
        coefficients=coefficient_table(design.coefficient_names, flat, diagnostics),
        log_likelihood=target.log_likelihood(mode.point)[0],
        prior=target.prior,
        seed=seed,
        n_chains=len(result.theta),
        sample_stats=result.stats.assign_attrs(sampler=sampler, tune=tune),
        checks=(*checks, *of_mask),
    )


def _sampler(name: str) -> Callable[[Whitened, ChainPlan], Chains]:
    """PyMC is imported only where it samples: nutpie takes the likelihood without it."""
    if name == "nutpie":
        return nutpie_chains
    chains: Callable[[Whitened, ChainPlan], Chains]
    chains = import_module("scr.fit.pymc_chains").pymc_chains
    return chains


def _checks(result: Chains, diagnostics: pd.DataFrame, *, n_asked: int) -> tuple[Check, ...]:
    n_draws = result.theta.shape[0] * result.theta.shape[1]
    divergences = int(result.stats["diverging"].sum())
    return (
        check_complete(n_draws, n_asked),
        *chain_checks(diagnostics, divergences=divergences, n_draws=n_draws),
    )
