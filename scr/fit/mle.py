"""Maximum likelihood."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from scr.errors import ConvergenceWarning, MaskWarning
from scr.fit.checks import Check, warn_of
from scr.fit.checks_of_modes import check_other_maxima, check_starts
from scr.fit.estimable import require_captures, require_no_pool
from scr.fit.likelihood_draws import likelihood_draws
from scr.fit.log_posterior import LogPosterior
from scr.fit.mask_check import mask_checks, reach_checks
from scr.fit.mode import CONVERGED_GAIN, Mode
from scr.fit.modes import modes_of
from scr.fit.node_check import node_checks
from scr.fit.others_check import others_checks
from scr.fit.plug_in import Z_95
from scr.fit.progress import progress_line
from scr.fit.result import Fit
from scr.fit.sums_over_matchings import check_sum, kept_sum, with_sum
from scr.habitat.mask import HabitatMask
from scr.likelihood.problem import build_problem
from scr.model.spec import ModelSpec
from scr.survey.survey import Survey

_N_NORMAL = 200


def fit_mle(
    survey: Survey,
    mask: HabitatMask,
    spec: ModelSpec,
    *,
    seed: int = 1,
    starting: Mapping[str, float] | None = None,
    check_mask: bool = True,
    progress: bool = False,
) -> Fit:
    """Fit a model by maximum likelihood, with exact gradients.

    Parameters
    ----------
    survey, mask, spec
        Data and model. Priors of the model are not used.
    seed
        Seed of the draws from the likelihood, from which intervals of realised N and of sums of
        zones follow; they are made at their first use. The estimate does not depend on it.
    starting
        Starting values that replace the ones found from the data, by coefficient name.
    check_mask
        Whether to refit with a wider and a finer mask, and with twice the nodes where animals have
        an effect of their own.
    progress
        Whether to show a line on standard error.

    Returns
    -------
    Fit
        With ``point`` and ``vcov``; ``aic`` counts every coefficient.

    Raises
    ------
    FitError
        If the survey has too few detections, the likelihood is not finite to begin with, or a
        formula pools sessions, ``(1 | session)``, or has a smooth or ``scale_of()``.
    FormulaError, MaskError
        If model, mask and survey do not fit each other.

    Warns
    -----
    ConvergenceWarning
        If no maximum was reached, or coefficients lie at a boundary.
    MaskWarning
        If a wider or finer mask moves density by a tenth of its standard error or more.

    References
    ----------
    Borchers & Efford (2008) Biometrics 64:377-385.
    """
    require_no_pool(spec)
    require_captures(survey, with_priors=False)
    target = LogPosterior(build_problem(survey, mask, spec), has_prior=False)
    names = target.problem.design.coefficient_names
    with progress_line("Maximum likelihood", shown=progress):
        target = with_sum(target, modes_of, starting)
        modes = modes_of(target, starting)
        mode = modes[0]
        target = target.labelled(modes)
        root = np.linalg.cholesky(mode.vcov)
        of_modes = (*check_starts(target, modes), *check_other_maxima(target, modes))
        checks = (*mode_checks(mode, names), *of_modes, *check_sum(target.problem))
        checks += others_checks(target.problem.design)
        of_mask = reach_checks(target.problem.design)
        if check_mask and mode.converged:
            normal = np.random.default_rng(seed).standard_normal((_N_NORMAL, len(mode.point)))
            near = target.coefficients(mode.point + normal @ root.T)
            of_mask += mask_checks(target, mode.point, mode.vcov, draws=near)
            checks += node_checks(target, mode.point, mode.vcov)
    point = target.coefficients(mode.point)
    vcov_root = target.coordinates.to_coefficients @ root
    warn_of(checks, ConvergenceWarning)
    warn_of(of_mask, MaskWarning)
    return Fit(
        survey=survey,
        mask=mask,
        spec=spec,
        problem=target.problem,
        engine="mle",
        draws=partial(likelihood_draws, target, modes, seed),
        coefficients=_table(names, point, vcov_root),
        log_likelihood=mode.value,
        point=point,
        vcov_root=vcov_root,
        seed=seed,
        sample_stats=xr.Dataset(
            attrs={
                "n_evaluations": sum(each.n_evaluations for each in modes),
                **kept_sum(target.problem),
            }
        ),
        checks=(*checks, *of_mask),
    )


def mode_checks(mode: Mode, names: tuple[str, ...]) -> tuple[Check, Check]:
    """Whether the search ended at a maximum, inside the range of all coefficients.

    Parameters
    ----------
    mode
        Where the search ended.
    names
        Names of the coefficients.

    Returns
    -------
    tuple
        Checks ``convergence`` and ``boundary``. The value of the second is the number of
        coefficients along which the function is flat.
    """
    climbed = mode.gain < CONVERGED_GAIN
    message = f"The search ended within {mode.gain:.2g} log units of the maximum"
    if not climbed:
        message += (
            f" after {mode.n_evaluations} evaluations; less than {CONVERGED_GAIN:g} is needed. "
            "Give other starting values (starting=), or a simpler formula"
        )
    flat = [name for name, weight in zip(names, mode.flat, strict=True) if weight > 0.1]
    told = "All coefficients are estimable."
    if flat:
        told = (
            f"The data cannot identify {', '.join(flat)}: {len(flat)} of {len(names)} coefficients "
            "lie at a boundary or cannot be told apart, and their standard errors mean nothing. "
            "Simplify their formulas, or use priors (fit_laplace, fit_nuts)."
        )
    return (
        Check("convergence", mode.gain, CONVERGED_GAIN, climbed, message + "."),
        Check("boundary", float(len(flat)), 0.0, not flat, told),
    )


def _table(
    names: tuple[str, ...], point: NDArray[np.float64], vcov_root: NDArray[np.float64]
) -> pd.DataFrame:
    se = np.linalg.norm(vcov_root, axis=1)
    return pd.DataFrame(
        {"estimate": point, "se": se, "lower": point - Z_95 * se, "upper": point + Z_95 * se},
        index=pd.Index(names, name="coefficient"),
    )
