"""What trend such surveys can show: power for losses of several sizes, as made and gone on with."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.posterior.log_linear import log_rate, power_of_trend, spread_of
from scr.posterior.trend import TrendDraws

YEARLY_CHANGES = (-0.05, -0.1, -0.2, -0.3, -0.5)
"""Yearly changes for which power is told: losses of 5 to 50 % a year."""

FURTHER_SURVEYS = (0, 1, 2, 4, 7)
"""Surveys to come, at the mean interval of those made."""

_WIDTH_95 = 2 * 1.959964


def trend_power(drawn: TrendDraws) -> pd.DataFrame:
    r"""Probability that surveys like those made show a yearly change, at 95 %.

    The standard error s of log N in one survey follows from that of the yearly rate,
    :math:`s^2 = \mathrm{se}_b^2 \sum_t w_t (t - \bar t)^2` with :math:`w_t = N_t/N_1`; see
    ``power_of_trend``. What is uncertain in all surveys alike is not part of it.

    Parameters
    ----------
    drawn
        Joint draws, from ``trend_draws``, of sessions whose years are known.

    Returns
    -------
    DataFrame
        Rows: region, yearly_change (-0.1 is a loss of 10 % a year), surveys (in all). Columns:
        years (from the first to the last), power. Empty where years are not known.
    """
    years = drawn.timeline.years
    columns = ["region", "yearly_change", "surveys", "years", "power"]
    if years is None:
        return pd.DataFrame(columns=columns)
    rows = []
    step = float(years[-1] - years[0]) / (len(years) - 1)
    for index, region in enumerate(drawn.regions):
        rse = error_of_one(drawn.expected[:, index], years)
        for change in YEARLY_CHANGES:
            for further in FURTHER_SURVEYS:
                when = np.concatenate([years, years[-1] + step * np.arange(1, further + 1)])
                power = power_of_trend(change, when, rse=rse)
                rows.append((region, change, len(when), float(when[-1] - when[0]), power))
    return pd.DataFrame(rows, columns=columns)


def error_of_one(expected: NDArray[np.float64], years: NDArray[np.float64]) -> float:
    """Relative standard error of N in the first survey, as far as it blurs the yearly rate.

    Parameters
    ----------
    expected
        Expected N, shape (n_sessions, n_draws).
    years
        When the sessions were, shape (n_sessions,).
    """
    low, high = np.quantile(log_rate(expected, years), [0.025, 0.975])
    spread = spread_of(np.median(expected, axis=-1), years)
    return float((high - low) / _WIDTH_95 * np.sqrt(spread))
