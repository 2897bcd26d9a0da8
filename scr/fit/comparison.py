"""Models of the same data side by side, and what each counts for in an average of them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.fit.result import Fit

_LEAST_DRAWS = 100

Weighting = Literal["stacking", "aic", "aicc"]
"""By what models are weighed."""

WEIGHT_COLUMNS: dict[Weighting, str] = {
    "stacking": "weight_stacking",
    "aic": "weight_aic",
    "aicc": "weight_aicc",
}
"""Column of the table that holds the weights of each kind."""


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Models of the same data. ``density_surface`` and ``abundance`` take it in place of a fit.

    Parameters
    ----------
    fits
        The fits by name, the one that weighs most first.
    table
        One row a model in the same order, as ``compare`` describes it.
    weighted_by
        ``"stacking"``, ``"aic"`` or ``"aicc"``: by what models are averaged.
    left_out
        For each model by name, what ``leave_one_out`` gives: one row for each animal, with its
        Pareto k. Private. Empty after maximum likelihood.
    notes
        What to know before choosing by the table.
    failures
        Models that could not be fitted, by name, and why.
    saved
        Content of the files of the fits, where ``fit_all`` kept them.
    """

    fits: Mapping[str, Fit]
    table: pd.DataFrame
    weighted_by: Weighting
    left_out: Mapping[str, pd.DataFrame]
    notes: tuple[str, ...]
    failures: Mapping[str, str]
    saved: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def weights(self) -> "pd.Series[float]":
        """Weight of each model by name, summing to one."""
        return self.table[WEIGHT_COLUMNS[self.weighted_by]].rename("weight")

    @property
    def pareto_k(self) -> pd.DataFrame:
        """Pareto k of each animal under each model, one row an animal. Private."""
        return pd.DataFrame({name: table["pareto_k"] for name, table in self.left_out.items()})

    @property
    def averaged(self) -> tuple[tuple[float, Fit], ...]:
        """Weights and fits of the models that count in an average."""
        pairs = zip(self.weights, self.fits.values(), strict=True)
        return tuple((float(weight), fit) for weight, fit in pairs if weight > 0)

    @property
    def best(self) -> Fit:
        """The fit that weighs most."""
        return next(iter(self.fits.values()))

    def drawn_from(self, fit: Fit, draws: NDArray[np.float64]) -> "Comparison":
        """The same with draws of a fit in place of those of the model that it is a fit of.

        The table is left as it is. A fit of none of the models changes nothing.

        Parameters
        ----------
        fit
            A fit with a posterior, to the data of all.
        draws
            Some of its draws, shape (n_draws, n_coefficients).
        """
        one = replace(fit, draws=draws, n_chains=1, terms=None)
        same = {name: other.spec == fit.spec for name, other in self.fits.items()}
        fits = {name: one if same[name] else other for name, other in self.fits.items()}
        return replace(self, fits=fits, saved={})

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{note}</p>" for note in self._said)
        return f"{self.table.to_html(float_format='{:.2f}'.format)}{notes}"

    def __repr__(self) -> str:
        table = self.table.to_string(float_format=lambda number: f"{number:.2f}")
        return "\n".join([table, *self._said])

    @property
    def _said(self) -> list[str]:
        failed = [f"{name!r} was not fitted: {why}" for name, why in self.failures.items()]
        return [f"Averaged by {WEIGHT_COLUMNS[self.weighted_by]}.", *self.notes, *failed]


def members_of(fit: Fit | Comparison) -> tuple[tuple[float, Fit], ...]:
    """Weights and fits that an estimate is made of: one fit, or all that count in an average.

    Parameters
    ----------
    fit
        A fit, or models compared.
    """
    return fit.averaged if isinstance(fit, Comparison) else ((1.0, fit),)


def draws_of_each(members: Sequence[tuple[float, Fit]], max_draws: int) -> list[int]:
    """Draws to take of each model, so that all together are about as many as of one fit.

    The Monte Carlo error of a weighted mean is least, for the same number of draws, where each
    model has draws in the proportion of its weight.

    Parameters
    ----------
    members
        From ``members_of``.
    max_draws
        Draws wanted.
    """
    least = min(_LEAST_DRAWS, max_draws)
    return [max(least, math.ceil(max_draws * weight)) for weight, _ in members]


def criterion_weights(criterion: NDArray[np.float64]) -> NDArray[np.float64]:
    r"""Akaike weights, :math:`w_k \propto e^{-\Delta_k / 2}`; 0 where the criterion is missing.

    Parameters
    ----------
    criterion
        AIC or AICc of each model; NaN where there is none.

    References
    ----------
    Burnham & Anderson (2002) Model selection and multimodel inference, section 2.9.

    Examples
    --------
    >>> criterion_weights(np.array([100.0, 102.0])).round(3)
    array([0.731, 0.269])
    """
    if not np.isfinite(criterion).any():
        return np.full(len(criterion), np.nan)
    relative = np.exp(-(criterion - np.nanmin(criterion)) / 2)
    relative = np.where(np.isfinite(relative), relative, 0.0)
    return np.asarray(relative / relative.sum())
