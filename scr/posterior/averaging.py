r"""Estimates averaged over models of the same data.

Of models with a posterior the average is the mixture of their posteriors, each with its weight, so
that means add up: the mean is :math:`\sum_k w_k \mathrm{E}_k`, and quantiles are those of the
mixture. Of maximum likelihood fits it is the weighted mean of the estimates, with the unconditional
standard error

.. math:: \mathrm{se}^2 = \sum_k w_k \{\mathrm{se}_k^2 + (\hat\theta_k - \bar\theta)^2\}

References
----------
Yao et al. (2018) Bayesian Analysis 13:917-1007, the mixture; Burnham & Anderson (2004) Sociol.
Methods Res. 33:261-304, equation 4 with their later form of the variance; Burnham & Anderson
(2002), section 4.3, the average.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.posterior.surface import QUANTILES, SUMMARY_COLUMNS, summarise_log_normal

_CELLS_AT_ONCE = 1024


def summarise_mixture(parts: Sequence[NDArray[Any]], weights: Sequence[float]) -> pd.DataFrame:
    """Mean, median, sd, coefficient of variation and quantiles over draws of several models.

    Parameters
    ----------
    parts
        Draws of each model, shape (n_draws, n_cells); the number of draws may differ.
    weights
        Weight of each model, summing to one.

    Returns
    -------
    DataFrame
        Columns ``SUMMARY_COLUMNS``, one row per cell; of one model those of ``summarise_draws``
        but for the divisor of the sd.

    Examples
    --------
    >>> parts = [np.array([[1.0], [3.0]]), np.array([[6.0]])]
    >>> summarise_mixture(parts, [0.5, 0.5])[["mean", "sd"]].iloc[0].round(4).tolist()
    [4.0, 2.1213]
    """
    each = [np.full(len(p), w / len(p)) for p, w in zip(parts, weights, strict=True)]
    weight = np.concatenate(each)
    n_cells = parts[0].shape[1]
    blocks = [
        _summarise_block(
            np.concatenate([part[:, start : start + _CELLS_AT_ONCE] for part in parts]), weight
        )
        for start in range(0, n_cells, _CELLS_AT_ONCE)
    ]
    return pd.DataFrame(np.concatenate(blocks), columns=list(SUMMARY_COLUMNS))


def _summarise_block(draws: NDArray[Any], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    values = np.ascontiguousarray(draws.T, dtype=np.float64)  # (n_cells, n_draws)
    mean = values @ weight
    sd = np.sqrt(((values - mean[:, None]) ** 2) @ weight)
    order = np.argsort(values, axis=1)
    low, first, median, third, high = _quantiles(
        np.take_along_axis(values, order, axis=1), weight[order]
    ).T
    cv = np.divide(sd, mean, out=np.full(len(mean), np.nan), where=mean > 0)
    return np.column_stack([mean, median, sd, cv, low, first, third, high])


def _quantiles(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of sorted rows, linear between draws; of equal weights those of NumPy.

    A draw stands at the share of the weight that lies below it, of all but that of the last.
    """
    if values.shape[1] == 1:
        return np.repeat(values, len(QUANTILES), axis=1)
    below = np.cumsum(weights, axis=1) - weights
    place = below / below[:, -1:]
    rows = [np.interp(QUANTILES, at, row) for at, row in zip(place, values, strict=True)]
    return np.array(rows)


def averaged_estimate(
    values: Sequence[NDArray[np.float64]],
    errors: Sequence[NDArray[np.float64]],
    weights: Sequence[float],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted mean of estimates, and its unconditional standard error.

    Parameters
    ----------
    values, errors
        Estimates and their standard errors under each model, each of shape (n_values,).
    weights
        Weight of each model, summing to one.

    Examples
    --------
    >>> value, error = averaged_estimate(
    ...     [np.array([1.0]), np.array([3.0])], [np.array([1.0]), np.array([1.0])], [0.5, 0.5]
    ... )
    >>> value, error.round(4)
    (array([2.]), array([1.4142]))
    """
    weight = np.asarray(weights)[:, None]
    value, error = np.stack(values), np.stack(errors)
    mean = (weight * value).sum(axis=0)
    variance = (weight * (error**2 + (value - mean) ** 2)).sum(axis=0)
    return mean, np.sqrt(variance)


def summarise_averaged(
    values: Sequence[NDArray[np.float64]],
    errors: Sequence[NDArray[np.float64]],
    weights: Sequence[float],
) -> pd.DataFrame:
    """The same in the columns of a summary, with log-normal quantiles.

    Parameters
    ----------
    values, errors, weights
        As for ``averaged_estimate``; estimates are above 0.
    """
    mean, error = averaged_estimate(values, errors, weights)
    log_se = np.divide(error, mean, out=np.zeros_like(mean), where=mean > 0)
    return summarise_log_normal(np.maximum(mean, np.finfo(np.float64).tiny), log_se)
