"""Priors as plain records."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Normal:
    """A normal prior on one coefficient, on its link scale.

    Parameters
    ----------
    mean, sd
        Location and scale, on the link scale of the coefficient.
    """

    mean: float
    sd: float


@dataclass(frozen=True)
class StudentT:
    """A Student t prior on one coefficient, on its link scale.

    Parameters
    ----------
    mean, sd
        Location and scale, on the link scale of the coefficient.
    df
        Degrees of freedom.
    """

    mean: float
    sd: float
    df: float = 4.0


Prior = Normal | StudentT
"""Families a prior can have."""
