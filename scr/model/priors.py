"""Priors: plain records."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, log_ndtr, stdtr

from scr.errors import FormulaError


def _check(label: str, mean: float, scales: Sequence[float]) -> None:
    if not (np.isfinite([mean, *scales]).all() and min(scales) > 0):
        msg = (
            f"{label} is not a prior: it needs a finite mean and sd (and df) above 0, on the link "
            "scale of the coefficient."
        )
        raise FormulaError(msg)


@dataclass(frozen=True)
class Normal:
    """A normal prior on one coefficient, on its link scale.

    Parameters
    ----------
    mean, sd
        Location and scale, on the link scale of the coefficient.

    Raises
    ------
    FormulaError
        If the scale is not above 0.
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        _check(repr(self), self.mean, [self.sd])

    def log_density(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log density, normalised.

        Parameters
        ----------
        value
            The coefficient, any shape.

        Examples
        --------
        >>> float(Normal(0.0, 1.0).log_density(np.array(0.0)))
        -0.9189...
        """
        u = (value - self.mean) / self.sd
        return np.asarray(-0.5 * u * u - np.log(self.sd) - 0.5 * np.log(2 * np.pi))

    def slope(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Derivative of the log density.

        Parameters
        ----------
        value
            The coefficient, any shape.
        """
        return -(value - self.mean) / self.sd**2


@dataclass(frozen=True)
class StudentT:
    """A Student t prior on one coefficient, on its link scale.

    Parameters
    ----------
    mean, sd
        Location and scale, on the link scale of the coefficient. ``sd`` is the scale of the t,
        smaller than its standard deviation.
    df
        Degrees of freedom.

    Raises
    ------
    FormulaError
        If the scale or the degrees of freedom are not above 0.
    """

    mean: float
    sd: float
    df: float = 4.0

    def __post_init__(self) -> None:
        _check(repr(self), self.mean, [self.sd, self.df])

    def log_density(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log density, normalised.

        Parameters
        ----------
        value
            The coefficient, any shape.
        """
        u = (value - self.mean) / self.sd
        constant = gammaln((self.df + 1) / 2) - gammaln(self.df / 2)
        constant -= 0.5 * np.log(self.df * np.pi) + np.log(self.sd)
        return np.asarray(constant - (self.df + 1) / 2 * np.log1p(u * u / self.df))

    def slope(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Derivative of the log density.

        Parameters
        ----------
        value
            The coefficient, any shape.
        """
        u = (value - self.mean) / self.sd
        return -(self.df + 1) * u / (self.df + u * u) / self.sd


Prior = Normal | StudentT
"""Families a prior can have."""


def together(records: Sequence[Prior]) -> Prior:
    """Priors of one family as one record of arrays, to be worked out at once.

    Parameters
    ----------
    records
        At least one.
    """
    result = copy(records[0])
    for field in fields(result):
        values = np.array([getattr(record, field.name) for record in records])
        object.__setattr__(result, field.name, values)
    return result


def log_share_above_zero(prior: Prior) -> float:
    """Log of the probability of values above 0, by which the part above 0 is normalised.

    Parameters
    ----------
    prior
        The record.

    Examples
    --------
    >>> log_share_above_zero(Normal(0.0, 2.0))
    -0.6931...
    """
    at = prior.mean / prior.sd
    return float(log_ndtr(at) if isinstance(prior, Normal) else np.log(stdtr(prior.df, at)))


def shown_scale(prior: Prior) -> float:
    """The scale of a prior to two digits, as it is shown.

    That of a slope follows from the spread of its covariate near the stations.

    Parameters
    ----------
    prior
        The record.

    Examples
    --------
    >>> shown_scale(Normal(0.0, 0.8746))
    0.87
    """
    return float(f"{prior.sd:.2g}")
