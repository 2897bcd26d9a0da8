"""A surface: numbers summarised per cell, with what they are an estimate of."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from scr.errors import FitError
from scr.habitat.mask import HabitatMask

SUMMARY_COLUMNS = ("mean", "median", "sd", "cv", "q2.5", "q25", "q75", "q97.5")
"""Columns of a summary, in order."""

SUPPORT_COLUMNS = ("p_dot", "extrapolated")
"""Columns of the support of a surface."""

ABOVE = "p_above_"
"""Start of the name of a column with the probability of being above a threshold."""

QUANTILES = (0.025, 0.25, 0.5, 0.75, 0.975)
"""Quantiles of a summary: the median, the quartiles and a 95 % interval."""

_CELLS_AT_ONCE = 2048
_SORT: dict[str, Literal["quicksort", "stable"]] = {"f": "quicksort", "u": "stable"}


@dataclass(frozen=True, eq=False)
class Surface:
    """Estimates for each cell of a mask.

    Parameters
    ----------
    mask
        The cells.
    summary
        One row per cell, with those of ``SUMMARY_COLUMNS`` that there are, in ``unit``, and
        ``p_above_<threshold>`` where one was asked for. For a maximum likelihood fit mean and
        median are the plug-in value.
    estimand
        What is estimated: ``"expected density"``, ``"realised density"``, ``"activity centre of
        <name>"``, ``"detectability"`` or ``"change of expected density, <first> to <last>"``.
    unit
        Unit of all columns but cv and ``p_above_<threshold>``.
    session
        Label of the session, or None where the surface holds for all.
    method
        How it was estimated, in words.
    n_draws
        Draws summarised; 0 where there are none.
    support
        How well the survey supports the estimate of each cell, or None: ``p_dot``, the probability
        that an animal living there was detected, and ``extrapolated``, as ``support_of`` gives
        them. It shows where the stations stood and is not for the public.
    """

    mask: HabitatMask
    summary: pd.DataFrame
    estimand: str
    unit: str
    session: str | None
    method: str
    n_draws: int
    support: pd.DataFrame | None = None

    @property
    def table(self) -> pd.DataFrame:
        """Summary and support of each cell."""
        return self.summary if self.support is None else self.summary.join(self.support)

    @property
    def headline(self) -> str:
        """The column to show: the median, or the mean where only means add up."""
        alike = ("expected density", "detectability", "change of")
        return "median" if self.estimand.startswith(alike) else "mean"


def summarise_draws(draws: NDArray[np.float64]) -> pd.DataFrame:
    """Mean, median, sd, coefficient of variation and quantiles over draws.

    Parameters
    ----------
    draws
        Numbers, or whole numbers not below 0, which are sorted faster; shape (n_draws, n_cells).

    Returns
    -------
    DataFrame
        Columns ``SUMMARY_COLUMNS``, one row per cell. The sd divides by n_draws - 1 and is 0 for
        a single draw; cv is NaN where the mean is 0.

    Examples
    --------
    >>> summarise_draws(np.array([[1.0], [2.0], [3.0]]))[["mean", "median", "sd"]].iloc[0].tolist()
    [2.0, 2.0, 1.0]
    """
    kind = np.min_scalar_type(draws.max(initial=0)) if draws.dtype.kind in "iu" else draws.dtype
    blocks = [
        _summarise_block(draws[:, start : start + _CELLS_AT_ONCE].T.astype(kind, order="C"))
        for start in range(0, draws.shape[1], _CELLS_AT_ONCE)
    ]
    return pd.DataFrame(np.concatenate(blocks), columns=list(SUMMARY_COLUMNS))


def _summarise_block(values: NDArray[Any]) -> NDArray[np.float64]:
    n_draws = values.shape[1]
    mean = values.mean(axis=1)
    sd = values.std(axis=1, ddof=1) if n_draws > 1 else np.zeros(len(values))
    low, first, median, third, high = _sorted_quantiles(
        np.sort(values, axis=1, kind=_SORT[values.dtype.kind])
    )
    return np.column_stack([mean, median, sd, _cv(mean, sd), low, first, third, high])


def _sorted_quantiles(ordered: NDArray[Any]) -> list[NDArray[np.float64]]:
    position = np.array(QUANTILES) * (ordered.shape[1] - 1)
    below = np.floor(position).astype(np.int64)
    above = np.minimum(below + 1, ordered.shape[1] - 1)
    return [
        ordered[:, b] + (p - b) * (ordered[:, a] - ordered[:, b])
        for p, b, a in zip(position, below, above, strict=True)
    ]


def share_above(draws: NDArray[Any], threshold: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the draws that are above a threshold, in each cell.

    Parameters
    ----------
    draws
        Shape (n_draws, n_cells).
    threshold
        One for all cells, or shape (n_cells,).

    Examples
    --------
    >>> share_above(np.array([[1.0, 5.0], [3.0, 5.0]]), 2.0)
    array([0.5, 1. ])
    """
    return np.asarray((draws > threshold).mean(axis=0))


def above_column(threshold: float) -> str:
    """Name of the column with the probability of being above a threshold.

    Parameters
    ----------
    threshold
        In the unit of the surface, at least 0.

    Raises
    ------
    FitError
        If it is below 0 or no number.

    Examples
    --------
    >>> above_column(2.0), above_column(0.5)
    ('p_above_2', 'p_above_0.5')
    """
    if not 0 <= threshold < np.inf:
        msg = (
            f"threshold is {threshold}, but a density is at least 0. "
            "Give it in animals per 100 km2, 0 or more."
        )
        raise FitError(msg)
    return f"{ABOVE}{threshold:g}"


def log_normal_above(
    value: NDArray[np.float64], log_se: NDArray[np.float64], threshold: float
) -> NDArray[np.float64]:
    """Probability that a log-normal number is above a threshold.

    Parameters
    ----------
    value, log_se
        As for ``summarise_log_normal``.
    threshold
        At least 0.

    Examples
    --------
    >>> log_normal_above(np.array([2.0]), np.array([0.1]), 2.0)
    array([0.5])
    """
    with np.errstate(divide="ignore"):
        excess = np.log(value) - np.log(threshold)
        return np.asarray(norm.cdf(excess / log_se))


def summarise_log_normal(value: NDArray[np.float64], log_se: NDArray[np.float64]) -> pd.DataFrame:
    """The same columns for plug-in values with standard errors of their logarithm.

    Parameters
    ----------
    value
        Plug-in values, more than 0, shape (n_cells,).
    log_se
        Standard error of log value, shape (n_cells,).

    Returns
    -------
    DataFrame
        Columns ``SUMMARY_COLUMNS``: mean and median are the plug-in value, sd is value x log_se
        (the delta method), quantiles are value x exp(log_se x normal quantile).

    Examples
    --------
    >>> table = summarise_log_normal(np.array([2.0]), np.array([0.1]))
    >>> round(float(table["q97.5"].iloc[0]), 4)
    2.433
    """
    value, log_se = np.asarray(value, dtype=np.float64), np.asarray(log_se, dtype=np.float64)
    low, first, _, third, high = (value * np.exp(log_se * norm.ppf(q)) for q in QUANTILES)
    columns = [value, value, value * log_se, log_se, low, first, third, high]
    return pd.DataFrame(np.column_stack(columns), columns=list(SUMMARY_COLUMNS))


def _cv(mean: NDArray[np.float64], sd: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.divide(sd, mean, out=np.full(len(mean), np.nan), where=mean > 0))
