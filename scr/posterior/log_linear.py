"""The yearly rate of a series of numbers, and the power to tell it from none."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

_STEPS = 100
_FASTEST = 50.0
"""Largest log rate between the two sessions nearest in time."""

_NONE = 1e-10
"""Log rate a year that is no change but for rounding."""


def log_rate(numbers: NDArray[np.float64], years: NDArray[np.float64]) -> NDArray[np.float64]:
    r"""Slope b of the log-linear model :math:`\log E[N_t] = a + bt`, by Poisson likelihood.

    The slope is where the mean time of an animal agrees with the model's,

    .. math:: \sum_t t\,N_t \big/ \sum_t N_t = \sum_t t\,e^{bt} \big/ \sum_t e^{bt},

    so that numbers that are exactly log-linear give their slope, two sessions give
    :math:`\log(N_2/N_1)/(t_2 - t_1)`, and a session without animals may occur.

    Parameters
    ----------
    numbers
        Not below 0, sessions along the first axis, shape (n_sessions, ...).
    years
        When they were, at least two of them different, shape (n_sessions,).

    Returns
    -------
    NDArray
        Shape (...), per year. Infinite where all animals were in the first or the last year; 0
        where there are none at all.

    References
    ----------
    ter Braak, van Strien, Meijer & Verstrael (1994) in Bird Numbers 1992, 663-673, the log-linear
    Poisson model of counts in monitoring.

    Examples
    --------
    >>> slope = log_rate(np.array([20.0, 10.0, 5.0]), np.array([0.0, 1.0, 2.0]))
    >>> round(float(np.exp(slope)), 9)
    0.5
    """
    numbers = np.asarray(numbers, dtype=np.float64)
    time = np.asarray(years, dtype=np.float64) - np.mean(years)
    total = numbers.sum(axis=0)
    there = np.where(total > 0, total, 1.0)
    mean_time = np.tensordot(time, numbers, axes=1) / there
    most = _FASTEST / np.diff(np.unique(time)).min()
    low, high = np.full(total.shape, -most), np.full(total.shape, most)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        later = _mean_time(middle, time) < mean_time
        low, high = np.where(later, middle, low), np.where(later, high, middle)
    slope = (low + high) / 2
    slope = np.where(np.abs(slope) < _NONE, 0.0, slope)
    edge = 1e-12 * (time.max() - time.min())
    slope = np.where(mean_time <= time.min() + edge, -np.inf, slope)
    slope = np.where(mean_time >= time.max() - edge, np.inf, slope)
    return np.asarray(np.where(total > 0, slope, 0.0))


def _mean_time(slope: NDArray[np.float64], time: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean time of an animal where numbers change by a rate."""
    power = np.multiply.outer(time, slope)
    weight = np.exp(power - power.max(axis=0))
    return np.asarray(np.tensordot(time, weight, axes=1) / weight.sum(axis=0))


def spread_of(numbers: NDArray[np.float64], years: NDArray[np.float64]) -> float:
    r"""What surveys tell of a rate: :math:`\sum_t w_t (t - \bar t)^2`, where :math:`w_t = N_t/N_1`.

    Parameters
    ----------
    numbers
        Numbers of animals, the first above 0, shape (n_sessions,).
    years
        When they were, shape (n_sessions,).
    """
    weight = np.asarray(numbers, dtype=np.float64) / numbers[0]
    middle = np.average(years, weights=weight)
    return float(weight @ (years - middle) ** 2)


def power_of_trend(
    rate: float, years: NDArray[np.float64], *, rse: float, alpha: float = 0.05
) -> float:
    r"""Probability that surveys show a yearly rate that there is.

    Log N is estimated with standard error s in the first survey. Information is proportional to
    the number of animals, so that with :math:`w_t = (1 + r)^{t - t_1}` that of the slope is
    :math:`s / \sqrt{\sum_t w_t (t - \bar t)^2}`, and

    .. math::
        z = |\log(1 + r)| \sqrt{\textstyle\sum_t w_t (t - \bar t)^2} / s, \qquad
        \text{power} = \Phi(z - z_{\alpha/2}) + \Phi(-z - z_{\alpha/2}).

    The errors of the surveys are taken as independent.

    Parameters
    ----------
    rate
        Yearly change r: -0.1 is a loss of 10 % a year; above -1 and not 0.
    years
        When the surveys are, in order, shape (n_surveys,).
    rse
        Relative standard error of N in the first survey.
    alpha
        Level of the two-sided test.

    References
    ----------
    Gerrodette (1987) Ecology 68:1364-1372, where the coefficient of variation goes with the root
    of abundance.

    Examples
    --------
    >>> round(power_of_trend(-0.5, np.array([0.0, 1.0]), rse=0.15), 3)
    0.761
    """
    if not np.isfinite(rse):
        return float(alpha)
    spread = spread_of((1.0 + rate) ** (years - years[0]), years)
    return power_of_test(abs(np.log1p(rate)) * np.sqrt(spread) / rse, alpha=alpha)


def power_of_test(z: float, *, alpha: float = 0.05) -> float:
    """Probability that a two-sided test shows an effect of z standard errors.

    Parameters
    ----------
    z
        The effect as a number of its standard errors.
    alpha
        Level of the test.

    Examples
    --------
    >>> round(power_of_test(2.8), 2)
    0.8
    """
    critical = norm.isf(alpha / 2)
    return float(norm.cdf(z - critical) + norm.cdf(-z - critical))
