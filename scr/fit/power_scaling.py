"""How much the posterior leans on the prior: what it would be were the prior a little stronger."""

import numpy as np
import pandas as pd
import xarray as xr
from arviz_stats.psense import psense
from numpy.typing import NDArray

from scr.errors import FitError
from scr.fit.influence import estimates_of
from scr.fit.pointwise import distinct_terms, log_likelihoods
from scr.fit.result import Fit
from scr.fit.thinned import thinned

SENSITIVE = 0.05
"""Sensitivity above which a power of the prior or of the likelihood matters."""

_MOST_DRAWS = 2000
_NEAR = "density near the stations"


def power_scaling(fit: Fit) -> pd.DataFrame:
    r"""Sensitivity of each coefficient to powers of the prior and of the likelihood.

    The draws are weighed by :math:`\pi(\theta)^{\alpha - 1}` for powers near 1, and likewise by
    the likelihood; the sensitivity is the distance of the two distributions per doubling of the
    power. Where the prior's is above 0.05 the result leans on it: together with the likelihood's
    they may disagree, alone the data say little.

    Parameters
    ----------
    fit
        A fit with priors.

    Returns
    -------
    DataFrame
        One row per coefficient, and one of mean density within reach of the stations: columns
        coefficient, prior and likelihood (sensitivities), verdict.

    Raises
    ------
    FitError
        If the fit has no priors.

    References
    ----------
    Kallioinen, Paananen, Buerkner & Vehtari (2024) Stat. Comput. 34:57.
    """
    if fit.prior is None:
        msg = (
            "A maximum likelihood fit has no priors to lean on. Use fit_laplace or fit_nuts for "
            "sensitivity to the prior."
        )
        raise FitError(msg)
    draws = thinned(fit.draws, _MOST_DRAWS)
    names = list(fit.coefficient_names)
    values = [draws[:, j] for j in range(draws.shape[1])]
    if "density" in fit.problem.design.blocks:
        names.append(_NEAR)
        values.append(estimates_of(fit.problem.design, draws)[:, 1])
    terms = distinct_terms(fit.problem, draws)
    tree = xr.DataTree.from_dict(
        {
            "/posterior": _by_name(names, values),
            "/log_likelihood": _by_name(["all"], [log_likelihoods(fit.problem, terms)]),
            "/log_prior": _by_name(["all"], [fit.prior.log_density(draws)]),
        }
    )
    prior, likelihood = (
        np.array([float(found[name]) for name in names])
        for found in (
            psense(tree, group=group)  # type: ignore[no-untyped-call]
            for group in ("prior", "likelihood")
        )
    )
    return pd.DataFrame(
        {
            "coefficient": names,
            "prior": prior,
            "likelihood": likelihood,
            "verdict": [_verdict(p, q) for p, q in zip(prior, likelihood, strict=True)],
        }
    )


def _by_name(names: list[str], values: list[NDArray[np.float64]]) -> xr.Dataset:
    return xr.Dataset(
        {
            name: (["chain", "draw"], value[None, :])
            for name, value in zip(names, values, strict=True)
        }
    )


def _verdict(prior: float, likelihood: float) -> str:
    if not prior > SENSITIVE:
        return "the prior matters little"
    if likelihood > SENSITIVE:
        return "leans on the prior, which may disagree with the data"
    return "leans on the prior, as the data say little"
