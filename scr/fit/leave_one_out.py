r"""Leaving one animal out: what the model says of its history without having seen it.

.. math:: \mathrm{elpd}_i = \log \int \frac{L_i(\theta)}{\Lambda(\theta)}
    p(\theta \mid y_{-i}, n)\,d\theta

The history of animal i is unknown and n, the number of animals detected, is known: what is left
out of the likelihood is :math:`\log L_i - \log \Lambda`, and log Poisson(n; Lambda) stays.

References
----------
Vehtari, Gelman & Gabry (2017) Stat. Comput. 27:1413-1432; Vehtari et al. (2024) JMLR 25:72.
"""

from typing import Any

import numpy as np
import pandas as pd
from arviz_stats.base.array import array_stats
from numpy.typing import NDArray
from scipy.optimize import minimize

from scr.errors import FitError
from scr.fit.result import Fit

K_DOUBTFUL = 0.7
"""Pareto k above which what is said of one animal cannot be relied on."""

_STATS: Any = array_stats
_SURE = 1e-4
_PRECISION = 1e-12


def leave_one_out(fit: Fit) -> pd.DataFrame:
    """Log density of each animal's history, given all others and the number of animals.

    Parameters
    ----------
    fit
        A fit by ``fit_laplace`` or ``fit_nuts``.

    Returns
    -------
    DataFrame
        Index ``session/individual``; columns ``elpd`` (log predictive density by Pareto-smoothed
        importance sampling), ``pareto_k`` (above 0.7 it cannot be relied on) and ``p_loo`` (what
        having seen the animal adds to it). Private: one row for each animal.

    Raises
    ------
    FitError
        If the fit is by maximum likelihood, which has no posterior, or of both flanks.
    """
    if fit.engine == "mle":
        msg = (
            "Leaving animals out averages over a posterior, and a fit by fit_mle has none. "
            "Fit by fit_laplace or fit_nuts."
        )
        raise FitError(msg)
    if any(session.sides is not None for session in fit.survey.sessions):
        msg = (
            "Where a left and a right animal may be one, leaving out one of them is not defined. "
            "Compare models of both flanks by fit_mle and weights='aic', or read the survey with "
            'flank="left" or "right".'
        )
        raise FitError(msg)
    history = fit.idata["log_likelihood"]["history"]
    values = history.transpose("chain", "draw", "individual").to_numpy()
    flat = values.reshape(-1, values.shape[-1]).T  # (n_animals, n_draws)
    effective = float(fit.coefficients["ess_bulk"].mean()) / flat.shape[1]
    found = [_STATS.loo(of_one[None, :], r_eff=min(1.0, effective)) for of_one in flat]
    columns = np.array(found, dtype=np.float64).reshape(-1, 3)
    index = pd.Index(_animals(fit), name="individual")
    return pd.DataFrame(columns, index=index, columns=["elpd", "pareto_k", "p_loo"])


def _animals(fit: Fit) -> list[str]:
    """Names of the animals in the order of the likelihood, which may have them by groups."""
    names = [session.name for session in fit.survey.sessions]
    parts = zip(fit.problem.session_of, fit.problem.design.survey.sessions, strict=True)
    return [f"{names[s]}/{animal}" for s, part in parts for animal in part.captures.individuals]


def stacking_weights(elpd: NDArray[np.float64]) -> NDArray[np.float64]:
    r"""Weights by which the models together predict best, summing to one.

    .. math:: \max_w \sum_i \log \sum_k w_k e^{\mathrm{elpd}_{ik}}

    Parameters
    ----------
    elpd
        Log predictive density of each animal under each model, shape (n_animals, n_models).

    References
    ----------
    Yao, Vehtari, Simpson & Gelman (2018) Bayesian Analysis 13:917-1007.

    Examples
    --------
    >>> stacking_weights(np.log([[0.8, 0.2], [0.8, 0.2], [0.2, 0.8]])).round(3)
    array([0.778, 0.222])
    """
    n_models = elpd.shape[1]
    density = np.exp(elpd - elpd.max(axis=1, keepdims=True))

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        mixed = density @ weights
        return -float(np.log(mixed).mean()), -(density / mixed[:, None]).mean(axis=0)

    weights = np.full(n_models, 1.0 / n_models)
    if n_models > 1 and len(elpd):
        result = minimize(
            loss,
            weights,
            jac=True,
            method="SLSQP",
            bounds=[(0.0, 1.0)] * n_models,
            constraints={
                "type": "eq",
                "fun": lambda w: w.sum() - 1.0,
                "jac": np.ones_like,
            },
            options={"ftol": _PRECISION, "maxiter": 1000},
        )
        weights = np.where(result.x > _SURE, result.x, 0.0)
    return np.asarray(weights / weights.sum())
