"""The posterior by the No-U-Turn sampler."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from typing import Literal

from scr.errors import ConvergenceWarning, FitError, MaskWarning
from scr.fit.chains import ChainPlan, Chains, nutpie_chains
from scr.fit.chains_by_mode import ChainsOfModes, chains_of_modes, of_one_mode
from scr.fit.checks import Check, warn_of
from scr.fit.checks_of_modes import check_modes, check_starts
from scr.fit.diagnostics import chain_checks, check_complete
from scr.fit.estimable import require_captures
from scr.fit.log_posterior import LogPosterior
from scr.fit.mask_check import mask_checks, reach_checks
from scr.fit.modes import posterior_modes
from scr.fit.node_check import node_checks
from scr.fit.others_check import others_checks
from scr.fit.pooled_start import with_pooled
from scr.fit.result import Fit, coefficient_table
from scr.fit.scale_check import scale_checks
from scr.fit.sums_over_matchings import chains_reweighted, kept_sum, with_sum
from scr.fit.whitened import Whitened
from scr.habitat.mask import HabitatMask
from scr.likelihood.problem import build_problem
from scr.model.spec import ModelSpec
from scr.survey.survey import Survey

_ACCEPTANCE_OF_SMOOTHS = 0.98
"""Shorter steps where the density of effects of basis functions bends, so that none diverges."""


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
    keep: Callable[[Fit], object] | None = None,
) -> Fit:
    """Draw from the posterior by the No-U-Turn sampler.

    Chains start about the mode and are scaled by the curvature there, so that a short warm-up is
    enough. Effects of pooled sessions, ``(1 | session)``, and of smooths are sampled apart from
    their standard deviation (``scr.fit.pooled``). Interrupting it (Ctrl-C) keeps the draws made so
    far. Where classes can change their labels, as with few known sexes, chains run in the modes of
    all labellings, and of the draws of each mode as many are kept as its mass says, found by
    importance sampling; R-hat is then the largest of those within a mode, and the check ``modes``
    says what was found.

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
        Whether to refit the mode with a wider and a finer mask, and with twice the nodes where
        animals have an effect of their own.
    progress
        Whether to show progress.
    keep
        Called with a fit of the chains that are finished, each time there are more of them, such
        as ``lambda fit: fit.save("so_far.nc")``: what a long run has made is then not lost with
        the machine. With nutpie, and where the posterior has one mode.

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
    if sampler == "pymc" and spec.random_terms:
        msg = (
            f"sampler='pymc' does not take models with {spec.random_terms[0]}. Leave sampler "
            "out, or sample build_pymc_model(survey, mask, spec) with pm.sample."
        )
        raise FitError(msg)
    if sampler == "pymc" and spec.distance is not None:
        msg = "sampler='pymc' does not take a formula of distance. Leave sampler out."
        raise FitError(msg)
    require_captures(survey, with_priors=True)
    problem = build_problem(survey, mask, spec)
    design = problem.design
    target, starting = with_pooled(LogPosterior(problem), starting)
    target = with_sum(target, posterior_modes, starting)
    problem = target.problem
    modes = posterior_modes(target, starting)
    mode = modes[0]
    target = target.labelled(modes)
    available = cores or os.cpu_count() or 1

    def fit_of(run: ChainsOfModes, after: tuple[Check, ...] = ()) -> Fit:
        flat = run.chains.theta.reshape(-1, design.n_coefficients)
        of_modes = (*check_starts(target, modes), *check_modes(target, flat, run.masses))
        checks = (*_checks(run), *of_modes, *scale_checks(design, flat, target.prior))
        return Fit(
            survey=survey,
            mask=mask,
            spec=spec,
            problem=problem,
            engine="nuts",
            draws=flat,
            coefficients=coefficient_table(design.coefficient_names, flat, run.diagnostics),
            log_likelihood=target.log_likelihood(mode.point)[0],
            prior=target.prior,
            seed=seed,
            n_chains=len(run.chains.theta),
            sample_stats=run.chains.stats.assign_attrs(
                sampler=sampler, tune=tune, **kept_sum(problem)
            ),
            checks=(*checks, *after),
        )

    def tell(finished: Chains) -> None:
        if keep is not None:
            names = design.coefficient_names
            keep(fit_of(of_one_mode(_given(target, finished), names, n_planned=draws * chains)))

    plan = ChainPlan(
        draws, tune, chains, min(chains, available), seed, progress, None if keep is None else tell,
        _ACCEPTANCE_OF_SMOOTHS if design.density.smooths else ChainPlan.acceptance,
    )  # fmt: skip
    run = chains_of_modes(target, modes, _labelled(target, _sampler(sampler)), plan)
    chains_now, of_sums = chains_reweighted(target, run.chains, seed)
    run = replace(run, chains=chains_now)
    of_mask = reach_checks(design)
    of_nodes: tuple[Check, ...] = (*of_sums, *others_checks(design))
    if check_mask and mode.converged:
        flat = run.chains.theta.reshape(-1, design.n_coefficients)
        of_mask += mask_checks(target, mode.point, mode.vcov, draws=flat)
        of_nodes += node_checks(target, mode.point, mode.vcov)
    fit = fit_of(run, (*of_nodes, *of_mask))
    warn_of(fit.checks[: len(fit.checks) - len(of_mask)], ConvergenceWarning)
    warn_of(of_mask, MaskWarning)
    return fit


def _sampler(name: str) -> Callable[[Whitened, ChainPlan], Chains]:
    """PyMC is imported only where it samples: nutpie takes the likelihood without it."""
    if name == "nutpie":
        return nutpie_chains
    chains: Callable[[Whitened, ChainPlan], Chains]
    chains = import_module("scr.fit.pymc_chains").pymc_chains
    return chains


def _labelled(
    target: LogPosterior, sampler: Callable[[Whitened, ChainPlan], Chains]
) -> Callable[[Whitened, ChainPlan], Chains]:
    """The sampler, whose draws get their labels where classes are latent."""
    return lambda whitened, plan: _given(target, sampler(whitened, plan))


def _given(target: LogPosterior, chains: Chains) -> Chains:
    labels = target.labels
    return chains if labels is None else replace(chains, theta=labels.given(chains.theta))


def _checks(run: ChainsOfModes) -> tuple[Check, ...]:
    return (
        check_complete(run.n_made, run.n_planned),
        *chain_checks(run.diagnostics, divergences=run.n_divergent, n_draws=run.n_made),
    )
