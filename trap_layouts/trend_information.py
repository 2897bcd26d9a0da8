r"""What surveys in several years can be expected to tell of a change of density.

All years are fitted together: the model of one year, with the effect b of time on log density as
one coefficient more. Detection is shared. In the coordinates of the model let e be the level of
log density, :math:`\tau_t` the time since the first survey and :math:`w_t` density as a share of
that of the first. Animals of different years are different, and their histories have the same
distribution in all years with the same stations, so that a survey of year t tells

.. math:: J_t^\top \, w_t I_t \, J_t, \qquad J_t = [\,1 \mid \tau_t e\,],

with :math:`I_t` the expected information of one survey at the density of the first year. The sum
over years has an inverse, of which the last entry is the variance of b.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from scr.errors import LayoutError
from scr.posterior.log_linear import power_of_test
from trap_layouts.assumptions import Assumptions
from trap_layouts.caught import N_ANIMALS
from trap_layouts.information import (
    Information,
    expected_information,
    inverse,
    jackknife_error,
)
from trap_layouts.layout import Layout
from trap_layouts.monitoring import Monitoring, check_trend

_LEVEL = 0.95


@dataclass(frozen=True)
class PowerOverYears:
    """What surveys in several years can be expected to tell of a change.

    Parameters
    ----------
    monitoring
        Years and change.
    se
        Standard error of the log of the change from the first year to the last.
    power
        Probability that the 95 % interval of the change is without 0.
    power_error
        Its Monte Carlo standard error.
    """

    monitoring: Monitoring
    se: float
    power: float
    power_error: float

    @property
    def lower(self) -> float:
        """Lower end of the 95 % interval that is to be expected of the relative change."""
        return self._limit(-1.0)

    @property
    def upper(self) -> float:
        """Upper end of that interval."""
        return self._limit(1.0)

    def _limit(self, sign: float) -> float:
        z = sign * norm.isf((1 - _LEVEL) / 2)
        with np.errstate(over="ignore"):
            return float(np.expm1(np.log1p(self.monitoring.change) + z * self.se))

    def in_words(self) -> str:
        """The change, its interval and the power, for a line of text."""
        plan = self.monitoring
        surveys = f"{len(plan.years)} surveys from {plan.years[0]} to {plan.years[-1]}"
        if not np.isfinite(self.se):
            return f"{surveys}: a change cannot be estimated"
        upper = f"{100 * self.upper:+,.0f}" if self.upper < 10 else "more than +1,000"
        return (
            f"{surveys}: a change of {100 * plan.change:+.0f} % ({100 * plan.yearly:+.1f} % a "
            f"year) is noticed with a probability of {100 * self.power:.0f} % "
            f"(± {100 * self.power_error:.1f}); expected 95 % interval "
            f"{100 * self.lower:+.0f} to {upper} %"
        )


def power_over_years(
    layouts: Sequence[Layout],
    assumptions: Assumptions,
    monitoring: Monitoring,
    *,
    n_animals: int = N_ANIMALS,
    seed: int = 1,
) -> PowerOverYears:
    """Power to detect a change of density by surveys in several years that are fitted together.

    Parameters
    ----------
    layouts
        Layouts that stand in turn, the first in the first year; one stands in every year.
    assumptions
        One set of coefficients (the first is used), with the density of the first year.
    monitoring
        Years and change.
    n_animals, seed
        As in ``expected_information``.

    Raises
    ------
    LayoutError
        If the model has no trend of density (``check_trend``), or as ``expected_information``.

    References
    ----------
    Gerrodette (1987) Ecology 68:1364-1372, for power of trends; Borchers & Efford (2008)
    Biometrics 64:377-385, for the likelihood.
    """
    told = [
        expected_information(layout, assumptions, n_animals=n_animals, seed=seed)
        for layout in layouts
    ]
    return power_from(told, assumptions, monitoring)


def power_from(
    told: Sequence[Information], assumptions: Assumptions, monitoring: Monitoring
) -> PowerOverYears:
    """Power from the information of one survey of each layout.

    Parameters
    ----------
    told
        Of layouts that stand in turn, at the density of the first year, under one model.
    assumptions
        Of the first year.
    monitoring
        Years and change.

    Raises
    ------
    LayoutError
        If the model has no trend of density.
    """
    check_trend(assumptions)
    level = told[0].level
    if level is None:
        msg = "The model has no level of density, which could change between years."
        raise LayoutError(msg)
    into = [np.linalg.solve(one.to_coefficients, told[0].to_coefficients) for one in told]
    weight = np.exp(monitoring.log_rate * monitoring.since_first)
    time = monitoring.since_first / monitoring.since_first[-1]

    def variance(matrices: Sequence[NDArray[np.float64]]) -> float:
        n = len(matrices[0])
        total = np.zeros((n + 1, n + 1))
        for year, (w, tau) in enumerate(zip(weight, time, strict=True)):
            turn = year % len(matrices)
            slope = np.zeros((n, 1))
            slope[level] = tau
            jacobian = into[turn] @ np.hstack([np.eye(n), slope])
            total += w * jacobian.T @ matrices[turn] @ jacobian
        return float(inverse(total)[-1, -1])

    def power(se: float) -> float:
        return power_of_test(abs(np.log1p(monitoring.change)) / se)

    se = float(np.sqrt(variance([one.matrix for one in told])))
    if not np.isfinite(se):
        return PowerOverYears(monitoring, float("inf"), 0.05, float("nan"))
    without = zip(*(one.without_groups() for one in told), strict=True)
    values = [power(float(np.sqrt(variance(list(matrices))))) for matrices in without]
    return PowerOverYears(monitoring, se, power(se), jackknife_error(np.array(values)))
