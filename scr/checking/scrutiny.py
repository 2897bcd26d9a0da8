"""Does a model fit, may animals be mistaken, do priors matter: all that is asked of a fit."""

from dataclasses import dataclass

import pandas as pd

from scr.errors import ScrError
from scr.fit.merging import Merging, mergings
from scr.fit.power_scaling import power_scaling
from scr.fit.result import Fit
from scr.fit.seen_twice import SeenTwice, seen_once, seen_twice
from scr.posterior.fit_checks import SUSPECT, FitChecks, check_fit
from scr.posterior.prior_predictive import prior_predictive


@dataclass(frozen=True, eq=False)
class Scrutiny:
    """What checks of a fit found. Private: see ``verdict`` for what may be shared.

    Parameters
    ----------
    checks
        The survey held against replicates; None where it cannot be.
    n_once, n_animals
        Animals detected once, and all, those of each session.
    twice
        The estimate from animals seen at least twice; None where it cannot be made.
    mergings
        Pairs that look most like one animal.
    expected
        From ``prior_predictive``; None without priors.
    leaning
        From ``power_scaling``; None without priors.
    refused
        Why parts were not made, a sentence each.
    """

    checks: FitChecks | None
    n_once: int
    n_animals: int
    twice: SeenTwice | None
    mergings: tuple[Merging, ...]
    expected: pd.DataFrame | None
    leaning: pd.DataFrame | None
    refused: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """Whether the model fits, in a sentence without a number of the data."""
        if self.checks is None:
            return "The fit could not be checked against simulated surveys."
        n = len(self.checks.checks)
        begin = (
            f"The survey was held against {self.checks.n_draws} surveys simulated by the model, in "
            f"{n} respects."
        )
        found = self.checks.suspects
        if not found:
            return f"{begin} None gave a sign of misfit (all p-values above {SUSPECT:g})."
        listed = ", ".join(check.statistic.name for check in found)
        return (
            f"{begin} Signs of misfit (p-value at most {SUSPECT:g}): {listed}. Intervals may be "
            "too narrow, or estimates biased, where the model is wrong in what matters for them."
        )


def scrutinise(fit: Fit, *, seed: int = 1) -> Scrutiny:
    """Ask of a fit all that can be asked after it.

    Parameters
    ----------
    fit
        A fitted model; refitted only where captures are left out or merged.
    seed
        Seed of all random numbers.
    """
    refused: list[str] = []
    checks = twice = expected = leaning = None
    try:
        checks = check_fit(fit, seed=seed, draws=_draws(fit))
    except ScrError as error:
        refused.append(str(error))
    try:
        twice = seen_twice(fit)
    except ScrError as error:
        refused.append(str(error))
    if fit.prior is not None:
        try:
            expected, leaning = prior_predictive(fit, seed=seed), power_scaling(fit)
        except ScrError as error:
            refused.append(str(error))
    refused += [] if checks is None else _why(checks)
    return Scrutiny(
        checks=checks,
        n_once=sum(int(flags.sum()) for flags in seen_once(fit.survey)),
        n_animals=fit.survey.n_individuals,
        twice=twice,
        mergings=mergings(fit),
        expected=expected,
        leaning=leaning,
        refused=tuple(refused),
    )


def _draws(fit: Fit) -> int:
    """More draws where there are many coefficients."""
    return max(200, 5 * len(fit.coefficient_names) + 50)


def _why(checks: FitChecks) -> list[str]:
    """One sentence for each reason, with the checks that it kept from being made."""
    reasons: dict[str, list[str]] = {}
    for name, why in checks.refused.items():
        reasons.setdefault(why, []).append(name)
    return [f"Not checked ({', '.join(names)}): {why}." for why, names in reasons.items()]
