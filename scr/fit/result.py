"""The result of a fit, the same for every engine."""

import os
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from scr.fit.checks import Check
from scr.fit.drawing import WhenNeeded, drawn_of
from scr.fit.inference_data import inference_data
from scr.fit.likelihood_ratio import LikelihoodRatio, likelihood_ratio
from scr.fit.natural_scale import fit_shown
from scr.fit.pointwise import AnimalTerms
from scr.fit.profile import profile_intervals
from scr.fit.writing import write_fit
from scr.habitat.mask import HabitatMask
from scr.likelihood.problem import Problem
from scr.model.joint_prior import JointPrior
from scr.model.labels import Labels
from scr.model.priors import Prior
from scr.model.spec import ModelSpec
from scr.survey.survey import Survey

Engine = Literal["mle", "laplace", "nuts"]
"""How a model was fitted."""


@dataclass(frozen=True, eq=False, repr=False)
class Fit:
    """What a fit found, with all it was made from. Private: it holds the places of the traps.

    Parameters
    ----------
    survey, mask, spec
        Data and model.
    problem
        Design and likelihood of these.
    engine
        ``"mle"``, ``"laplace"`` or ``"nuts"``.
    draws
        Coefficients on their link scales, all of equal weight, one chain after the other, shape
        (n_draws, n_coefficients). From the posterior; for maximum likelihood from the likelihood
        with flat priors, made at first use.
    n_chains
        Chains that the draws come from.
    coefficients
        One row per coefficient, index its name: ``estimate`` (median, or maximum likelihood),
        ``se`` (standard deviation), ``lower`` and ``upper`` (95 %), effective draws ``ess_bulk``
        where it was drawn from a posterior, and for NUTS ``rhat`` and ``ess_tail``.
    log_likelihood
        At ``point`` for maximum likelihood, else at the posterior mode. Without multinomial
        coefficients, with -log n!.
    point
        Maximum likelihood estimate, shape (n_coefficients,); None for the other engines.
    vcov_root
        R with R R' the covariance matrix of the estimate, shape (n_coefficients, n_coefficients);
        None for the other engines. Its columns are directions of one standard deviation.
    prior
        Prior of the coefficients; None for maximum likelihood.
    seed
        Seed of all random numbers.
    sample_stats
        What the engine says of each draw, and of the sample as a whole.
    checks
        Checks of convergence and mask, passed or not.
    terms
        Parts of the log-likelihood at each draw, where sampling had them at hand.
    made_from
        SHA-256 of the files that the data were read from, by what they are, such as
        ``"survey.traps"``; empty where they were not read by the command line.
    labels
        What covariates are called in reports and figures; by their names where they have none.
    """

    survey: Survey
    mask: HabitatMask
    spec: ModelSpec
    problem: Problem
    engine: Engine
    coefficients: pd.DataFrame
    log_likelihood: float
    draws: WhenNeeded = WhenNeeded()  # noqa: RUF009 (a descriptor keeps nothing itself)
    point: NDArray[np.float64] | None = None
    vcov_root: NDArray[np.float64] | None = None
    prior: JointPrior | None = None
    seed: int | None = None
    n_chains: int = 1
    sample_stats: xr.Dataset = field(default_factory=xr.Dataset)
    checks: tuple[Check, ...] = ()
    terms: AnimalTerms | None = None
    made_from: dict[str, str] = field(default_factory=dict)
    labels: Labels = field(default_factory=dict)

    @property
    def coefficient_names(self) -> tuple[str, ...]:
        """Names of the coefficients, ``<parameter>.<term>``."""
        return self.problem.design.coefficient_names

    @property
    def vcov(self) -> NDArray[np.float64] | None:
        """Covariance matrix of the estimate; None for the other engines.

        With covariates far from zero its entries cancel each other; work with ``vcov_root``.
        """
        return None if self.vcov_root is None else self.vcov_root @ self.vcov_root.T

    @property
    def priors(self) -> dict[str, Prior]:
        """Prior of each coefficient by itself, by name; empty for maximum likelihood.

        They are not independent: ``prior`` has them together. A coefficient whose prior is a sum
        of which a part is not normal is left out.
        """
        return {} if self.prior is None else self.prior.marginals()

    @property
    def aic(self) -> float | None:
        """Akaike's criterion, -2 log L + 2 p; None where coefficients have priors."""
        if self.engine != "mle":
            return None
        return -2 * self.log_likelihood + 2 * len(self.coefficient_names)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader should know: notes of the survey, checks that did not pass, two modes."""
        return (*self.survey.notes, *(check.message for check in self.checks if check.is_told))

    @property
    def every_check(self) -> tuple[Check, ...]:
        """``checks``, and those of the draws of a maximum likelihood fit, which it makes."""
        return (*self.checks, *drawn_of(self).checks)

    @cached_property
    def idata(self) -> xr.DataTree:
        """The DataTree that ArviZ reads; pointwise log-likelihoods may take a pass over the draws.

        Groups posterior, sample_stats, log_likelihood (not for maximum likelihood), observed_data
        and constant_data.
        """
        return inference_data(
            self.problem,
            self.draws,
            n_chains=self.n_chains,
            sample_stats=self.sample_stats,
            engine=self.engine,
            terms=self.terms,
        )

    @property
    def k_hat(self) -> float:
        """Pareto k of importance sampling; NaN for the other engines."""
        return float(self.sample_stats["k_hat"]) if "k_hat" in self.sample_stats else float("nan")

    def profile(self, *names: str, level: float = 0.95) -> pd.DataFrame:
        """Confidence limits from the profile likelihood, which need not lie evenly about it.

        Parameters
        ----------
        names
            Names of coefficients, such as ``"lambda0.Intercept"``; all if left out.
        level
            Confidence, above 0 and below 1.

        Returns
        -------
        DataFrame
            Index the coefficient; columns ``estimate``, ``lower`` and ``upper``, on the scale of
            the link; infinite where the data set no limit.

        Raises
        ------
        FitError
            If the fit is not by maximum likelihood, or a name is no coefficient.

        References
        ----------
        Venzon & Moolgavkar (1988) Appl. Stat. 37:87-94.
        """
        return profile_intervals(self, names, level=level)

    def likelihood_ratio(self, other: "Fit") -> LikelihoodRatio:
        """Test of two nested models of the same data by the ratio of their likelihoods.

        Parameters
        ----------
        other
            A fit by ``fit_mle`` of a model that is this one with some coefficients at 0, or of
            which this is one.

        Returns
        -------
        LikelihoodRatio
            ``statistic``, ``df``, ``p_value`` and ``notes``, which say where the chi-square
            distribution does not hold.

        Raises
        ------
        FitError
            If a fit is not by maximum likelihood, data differ, or models are not nested.
        """
        return likelihood_ratio(self, other)

    def labelled(self, labels: Labels | None) -> "Fit":
        """The same fit with other labels, and with all that it has worked out.

        Parameters
        ----------
        labels
            In place of ``labels``; those that there are if None.
        """
        if labels is None:
            return self
        named = copy(self)
        object.__setattr__(named, "labels", dict(labels))
        return named

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything to one netCDF file, for ``load_fit`` and for ArviZ. It is private.

        Parameters
        ----------
        path
            The file; one that is there is replaced.

        Raises
        ------
        FitError
            If its folder does not exist.
        """
        write_fit(self, path)

    def __repr__(self) -> str:
        return str(fit_shown(self))

    def _repr_html_(self) -> str:
        return fit_shown(self).html()


def coefficient_table(
    names: tuple[str, ...], draws: NDArray[np.float64], diagnostics: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Median, standard deviation and 95 % interval of each coefficient.

    Parameters
    ----------
    names
        Names of the coefficients.
    draws
        Equal weights, shape (n_draws, n_coefficients).
    diagnostics
        Further columns, one row per coefficient.
    """
    lower, median, upper = np.quantile(draws, [0.025, 0.5, 0.975], axis=0)
    table = pd.DataFrame(
        {"estimate": median, "se": draws.std(axis=0, ddof=1), "lower": lower, "upper": upper},
        index=pd.Index(names, name="coefficient"),
    )
    return table if diagnostics is None else table.join(diagnostics)
