"""Whether a model fits: the survey held against surveys that the model itself would bring."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scr.errors import FitError
from scr.fit.result import Fit
from scr.fit.thinned import thinned
from scr.model.within_session import to_any_animal
from scr.posterior.check_statistics import STATISTICS, Statistic
from scr.posterior.replicates import Found, bench_of, count_data, count_replicate
from scr.survey.detectors import DETECTORS

type Floats = NDArray[np.float64]

SUSPECT = 0.01
"""A p-value up to this is told as a sign of misfit: there are a dozen of them."""

_LEAST_PER_COLUMN = 3


@dataclass(frozen=True, eq=False)
class FitCheck:
    """One statistic of the survey beside that of replicates.

    Parameters
    ----------
    statistic
        What was counted.
    p_value
        Probability of a statistic as far out, allowing for the estimation of the coefficients, so
        that it is uniform where the model is true; two-sided where both sides tell.
    posterior_p
        Share of draws in which the replicate's statistic is at least the survey's: the ordinary
        posterior predictive p-value, which keeps too near a half.
    observed, replicated
        The statistic of the survey and of a replicate at each draw, shape (n_draws,).
    adjusted_observed, adjusted
        The same less what the coefficients explain of it.
    """

    statistic: Statistic
    p_value: float
    posterior_p: float
    observed: Floats
    replicated: Floats
    adjusted_observed: Floats
    adjusted: Floats

    @property
    def is_suspect(self) -> bool:
        """Whether the p-value is at most 0.01."""
        return self.p_value <= SUSPECT


@dataclass(frozen=True, eq=False)
class FitChecks:
    """How well a model fits its survey. Private where it is more than a verdict.

    Parameters
    ----------
    checks
        One for each statistic that could be told.
    refused
        Why others could not be, by name of the statistic.
    n_draws
        Draws, each with one replicate.
    c_hat
        Variance of the animals at each trap over that which the model has, by Fletcher's
        estimator; 1 where it is less, NaN where it cannot be told.
    """

    checks: tuple[FitCheck, ...]
    refused: dict[str, str]
    n_draws: int
    c_hat: float

    @property
    def suspects(self) -> tuple[FitCheck, ...]:
        """Those whose p-value is at most 0.01."""
        return tuple(check for check in self.checks if check.is_suspect)

    def of(self, name: str) -> FitCheck:
        """The check of one statistic.

        Parameters
        ----------
        name
            As in ``table``.
        """
        found = {check.statistic.name: check for check in self.checks}
        if name not in found:
            why = self.refused.get(name, f"there are {', '.join(found)}")
            msg = f"No check {name!r} was made: {why}."
            raise FitError(msg)
        return found[name]

    @property
    def table(self) -> pd.DataFrame:
        """One row for each check.

        Returns
        -------
        DataFrame
            Columns check, observed and expected (medians over draws of the statistic of the
            survey and of replicates), p_value, posterior_p, sides (1 or 2), meaning.
        """
        return pd.DataFrame(
            {
                "check": [check.statistic.name for check in self.checks],
                "observed": [float(np.median(check.observed)) for check in self.checks],
                "expected": [float(np.median(check.replicated)) for check in self.checks],
                "p_value": [check.p_value for check in self.checks],
                "posterior_p": [check.posterior_p for check in self.checks],
                "sides": [1 + check.statistic.two_sided for check in self.checks],
                "meaning": [check.statistic.in_words for check in self.checks],
            }
        )

    def widened(self, table: pd.DataFrame) -> pd.DataFrame:
        r"""Intervals widened for overdispersion: a rule of thumb, and not a posterior.

        .. math:: \text{limit}' = \text{median} \, (\text{limit} / \text{median})^{\sqrt{\hat c}}

        Parameters
        ----------
        table
            With columns median, lower and upper, above 0, as ``abundance`` gives it. Realised
            numbers stay, as overdispersion does not unsee animals that were detected.

        Returns
        -------
        DataFrame
            The same with wider limits where ``c_hat`` is above 1, and a column c_hat.

        Raises
        ------
        FitError
            If ``c_hat`` could not be told.
        """
        if np.isnan(self.c_hat):
            why = self.refused["overdispersion"]
            msg = f"Overdispersion could not be told: {why}. The intervals stay as they are."
            raise FitError(msg)
        wider = table.assign(c_hat=self.c_hat)
        changed = np.ones(len(table), dtype=np.bool_)
        if "estimand" in table:
            changed = (table["estimand"] == "expected N").to_numpy()
        for limit in ("lower", "upper"):
            ratio = (table[limit] / table["median"]) ** np.sqrt(self.c_hat)
            wider[limit] = np.where(changed, table["median"] * ratio, table[limit])
        wider.loc[~changed, "c_hat"] = 1.0
        return wider


def check_fit(fit: Fit, *, draws: int = 200, seed: int = 1) -> FitChecks:
    r"""Hold a survey against surveys that the fitted model would bring.

    For each of a number of draws of the coefficients a replicate of the survey is simulated with
    as many animals detected in each session. Centres are drawn anew for the data and for the
    replicate, each from its own captures, and the same statistics T are counted in both.

    Coefficients were chosen to fit these captures, so that T is nearer to its mean than in a
    replicate. What they explain is taken off both: with S the score of the captures given the
    numbers of animals, and b the slope of T on S over replicates, :math:`T - b'S` is compared.
    Its p-value is uniform in large samples where the model is true.

    Parameters
    ----------
    fit
        A model fitted by any engine. Nothing is fitted again.
    draws
        Draws of the coefficients, each with a replicate; p-values are multiples of 1 over this.
    seed
        Seed of all random numbers.

    Returns
    -------
    FitChecks
        ``table`` has a row for each check; ``refused`` says why others were not made.

    Raises
    ------
    FitError
        If the checks mean nothing for this model, or draws are too few for its coefficients.

    References
    ----------
    Gelman, Meng & Stern (1996) Stat. Sinica 6:733-807, for discrepancies; Robins, van der Vaart &
    Ventura (2000) JASA 95:1143-1156, for the slope on the score; Royle, Chandler, Sollmann &
    Gardner (2014) Spatial Capture-Recapture, section 8.4, for Freeman-Tukey.
    """
    _require_replicates(fit)
    n_columns = 1 + len(fit.coefficient_names)
    if draws < _LEAST_PER_COLUMN * n_columns + 20:
        msg = (
            f"draws={draws} are too few for {n_columns - 1} coefficients: give at least "
            f"{_LEAST_PER_COLUMN * n_columns + 20}."
        )
        raise FitError(msg)
    rng = np.random.default_rng(seed)
    thetas, bench = thinned(fit.draws, draws), bench_of(fit)
    data = [count_data(bench, theta, rng) for theta in thetas]
    replicates = [count_replicate(bench, theta, rng) for theta in thetas]
    return _compared(fit, thetas, data, replicates)


def _compared(
    fit: Fit, thetas: Floats, data: Sequence[Found], replicates: Sequence[Found]
) -> FitChecks:
    observed, replicated = (
        np.array([found.statistics for found in group]) for group in (data, replicates)
    )
    own, other = (np.array([found.score for found in group]) for group in (data, replicates))
    checks, refused, c_hat = [], {}, float("nan")
    for column, statistic in enumerate(STATISTICS):
        known = np.isfinite(observed[:, column]) & np.isfinite(replicated[:, column])
        if not known.all():
            refused[statistic.name] = _why_not(fit, statistic)
            continue
        pair = (observed[:, column], replicated[:, column])
        if statistic.name == "overdispersion":
            c_hat = max(1.0, float(pair[0].mean() / pair[1].mean()))
        checks.append(_check(statistic, pair, (own, other), thetas))
    return FitChecks(tuple(checks), refused, len(thetas), c_hat)


def _check(
    statistic: Statistic,
    values: tuple[Floats, Floats],
    scores: tuple[Floats, Floats],
    thetas: Floats,
) -> FitCheck:
    observed, replicated = values
    left, right = adjusted(values, scores, thetas)
    above = [((right > value).mean() + 0.5 * (right == value).mean()) for value in left]
    upper = float(np.mean(above))
    n = len(observed)
    upper = (upper * n + 0.5) / (n + 1)
    p_value = 2 * min(upper, 1 - upper) if statistic.two_sided else upper
    return FitCheck(
        statistic=statistic,
        p_value=p_value,
        posterior_p=float((replicated >= observed).mean()),
        observed=observed,
        replicated=replicated,
        adjusted_observed=left,
        adjusted=right,
    )


def adjusted(
    values: tuple[Floats, Floats], scores: tuple[Floats, Floats], thetas: Floats
) -> tuple[Floats, Floats]:
    """Statistics of data and replicates less what the coefficients explain of them.

    Parameters
    ----------
    values
        Statistics of the data and of replicates at each draw, shape (n_draws,) each.
    scores
        Scores of the data and of replicates, shape (n_draws, n_coefficients) each.
    thetas
        The draws, shape (n_draws, n_coefficients).

    Returns
    -------
    tuple
        Of the data, and of replicates, each predicted from the others; shape (n_draws,).
    """
    observed, replicated = values
    own, other = scores
    scale = np.where(other.std(axis=0) > 0, other.std(axis=0), 1.0)
    columns = [np.ones((len(thetas), 1)), other / scale]
    ahead = [np.ones((len(thetas), 1)), own / scale]
    away = thetas - thetas.mean(axis=0)
    spread = away.std(axis=0)
    if len(thetas) >= _LEAST_PER_COLUMN * (1 + 2 * thetas.shape[1]) + 20:
        drift = away / np.where(spread > 0, spread, 1.0)  # the mean of T follows the coefficients
        columns.append(drift)
        ahead.append(drift)
    design, of_data = np.hstack(columns), np.hstack(ahead)
    inverse = np.linalg.pinv(design, rcond=1e-9)
    slopes = inverse @ replicated
    leverage = np.minimum(np.einsum("ij,ji->i", design, inverse), 0.99)
    residual = (replicated - design @ slopes) / (1.0 - leverage)
    return observed - of_data @ slopes, residual


def _require_replicates(fit: Fit) -> None:
    """Raise where the model does not say how captures come about, so that none can be simulated."""
    named = fit.spec.detection_variables
    removed = sum(int(s.captures.removed.sum()) for s in fit.survey.sessions)
    kinds = {s.fixes.telemetry for s in fit.survey.sessions if s.fixes is not None}
    why = ""
    if of_others := to_any_animal(named):
        why = (
            f"detection answers to the captures of other animals ({', '.join(of_others)}), "
            "and replicates draw each animal by itself. Check a model with b or bk"
        )
    elif removed:
        why = (
            f"{removed} animals were removed at a capture, and no model says which animals of a "
            "replicate would be"
        )
    elif kinds - {"independent"}:
        why = (
            "animals detected carry transmitters, whose fixes say where they live and are not "
            "simulated with the captures"
        )
    elif any(s.sides is not None for s in fit.survey.sessions):
        why = (
            "some animals are known from one side, and which left and right ones are the same is "
            "not simulated again"
        )
    elif fit.problem.n_animals == 0:
        why = "no animal was detected"
    if why:
        msg = f"The fit cannot be checked against replicates: {why}."
        raise FitError(msg)


def _why_not(fit: Fit, statistic: Statistic) -> str:
    if statistic.needs_centres and DETECTORS[fit.survey.detector].searched:
        return "finds have places and not traps, so that no counts at traps are expected"
    if all(session.usage.effort.shape[1] == 1 for session in fit.survey.sessions):
        return "all is one occasion, so that there is no before and after"
    return "it could not be worked out for all draws"
